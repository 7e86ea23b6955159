package activities

import (
	"context"
	"time"

	"go.temporal.io/sdk/activity"

	"github.com/perene/perene/contract"
	"github.com/perene/perene/internal/blobs"
)

// How long things are kept after they happened (sign-ins and links: after they ran out).
const (
	keepEvents          = 7 * 24 * time.Hour // whoever was away for longer reads everything anew
	keepParked          = 8 * 24 * time.Hour // Meta redelivers for 7 days
	keepIdempotencyKeys = 24 * time.Hour
	keepLoginFailures   = 24 * time.Hour
	keepSignIns         = 30 * 24 * time.Hour // they tell known networks from foreign ones
	keepLoginLinks      = 24 * time.Hour
	keepUploads         = 24 * time.Hour
	keepBulkJobs        = 30 * 24 * time.Hour
	keepNotifications   = 30 * 24 * time.Hour
	keepWebhookEvents   = 30 * 24 * time.Hour // with the log of their deliveries
	keepUnusedMedia     = 7 * 24 * time.Hour  // uploaded, and in no message, contact or flow
	keepPendingMedia    = 8 * 24 * time.Hour  // a file is asked for during 7 days
)

// pruneBatch is how many rows one transaction removes.
const pruneBatch = 2000

// PruneStore is what housekeeping needs of Postgres. Each function removes at most limit rows from before an instant and
// tells how many.
type PruneStore interface {
	PruneEvents(ctx context.Context, before time.Time, limit int) (int64, error)
	PruneParked(ctx context.Context, before time.Time, limit int) (int64, error)
	PruneIdempotencyKeys(ctx context.Context, before time.Time, limit int) (int64, error)
	PruneLoginFailures(ctx context.Context, before time.Time, limit int) (int64, error)
	PruneSignIns(ctx context.Context, before time.Time, limit int) (int64, error)
	PruneLoginLinks(ctx context.Context, before time.Time, limit int) (int64, error)
	PruneUploads(ctx context.Context, before time.Time, limit int) (int64, error)
	PruneBulkJobs(ctx context.Context, before time.Time, limit int) (int64, error)
	PruneNotifications(ctx context.Context, before time.Time, limit int) (int64, error)
	PruneWebhookEvents(ctx context.Context, before time.Time, limit int) (int64, error)
	PruneMedia(ctx context.Context, before time.Time, limit int) (int64, error)
	PruneUnusedMedia(ctx context.Context, before time.Time, limit int, remove func(ctx context.Context, key string) error) (int64, error)
}

// House keeps the installation tidy.
type House struct {
	store PruneStore
	files blobs.Store
	now   func() time.Time
}

// NewHouse makes a House.
func NewHouse(s PruneStore, files blobs.Store, now func() time.Time) *House {
	return &House{store: s, files: files, now: now}
}

// unused removes files that nothing uses, and what the store of files has of them.
func (h *House) unused(ctx context.Context, before time.Time, limit int) (int64, error) {
	return h.store.PruneUnusedMedia(ctx, before, limit, h.files.Delete)
}

// Prune removes what nobody needs any more, batch after batch, and gives the counts. It may be repeated at any point.
func (h *House) Prune(ctx context.Context, _ contract.PruneInput) (contract.PruneResult, error) {
	var out contract.PruneResult
	now := h.now()
	for _, one := range []struct {
		prune func(context.Context, time.Time, int) (int64, error)
		keep  time.Duration
		count *int64
	}{
		{h.store.PruneEvents, keepEvents, &out.Events},
		{h.store.PruneParked, keepParked, &out.ParkedStatuses},
		{h.store.PruneIdempotencyKeys, keepIdempotencyKeys, &out.IdempotencyKeys},
		{h.store.PruneLoginFailures, keepLoginFailures, &out.LoginFailures},
		{h.store.PruneSignIns, keepSignIns, &out.SignIns},
		{h.store.PruneLoginLinks, keepLoginLinks, &out.LoginLinks},
		{h.store.PruneUploads, keepUploads, &out.Uploads},
		{h.store.PruneBulkJobs, keepBulkJobs, &out.BulkJobs},
		{h.store.PruneNotifications, keepNotifications, &out.Notifications},
		{h.store.PruneWebhookEvents, keepWebhookEvents, &out.WebhookEvents},
		{h.store.PruneMedia, keepPendingMedia, &out.Media},
		{h.unused, keepUnusedMedia, &out.UnusedMedia},
	} {
		for {
			n, err := one.prune(ctx, now.Add(-one.keep), pruneBatch)
			if err != nil {
				return out, asActivityError(err)
			}
			*one.count += n
			activity.RecordHeartbeat(ctx, out)
			if n < pruneBatch {
				break
			}
		}
	}
	return out, nil
}
