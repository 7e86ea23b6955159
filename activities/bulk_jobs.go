package activities

import (
	"context"

	"go.temporal.io/sdk/activity"

	"github.com/perene/perene/contract"
	"github.com/perene/perene/models"
)

// bulkBatch is how many rows one activity does.
const bulkBatch = 100

// BulkStore is what bulk jobs need of Postgres.
type BulkStore interface {
	BulkRowsNext(ctx context.Context, job contract.BulkJobStart, limit int) ([]int, error)
	RunBulkRow(ctx context.Context, job contract.BulkJobStart, place int) (contract.Wake, error)
	RefuseBulkRow(ctx context.Context, job contract.BulkJobStart, place int) error
	EndBulkBatch(ctx context.Context, job contract.BulkJobStart) (contract.BulkJobView, error)
}

// Bulk does one act for many conversations. Safe for concurrent use.
type Bulk struct {
	store BulkStore
	waker Waker
}

// NewBulk makes a Bulk.
func NewBulk(s BulkStore, w Waker) *Bulk { return &Bulk{store: s, waker: w} }

// RunBulkBatch does the next rows of a job, or undoes them. It may be repeated at any point: each row is one transaction, which
// leaves a row alone that has its answer. A row whose error nobody knows is refused, so that it holds up no other.
func (b *Bulk) RunBulkBatch(ctx context.Context, in contract.BulkBatchInput) (contract.BulkJobView, error) {
	places, err := b.store.BulkRowsNext(ctx, in.Job, bulkBatch)
	if err != nil {
		return contract.BulkJobView{}, asActivityError(err)
	}
	for _, place := range places {
		wake, err := b.store.RunBulkRow(ctx, in.Job, place)
		switch {
		case err == nil:
			b.waker.Wake(wake)
		case models.CodeOf(err) == models.CodeUnavailable || ctx.Err() != nil:
			return contract.BulkJobView{}, asActivityError(err)
		default:
			activity.GetLogger(ctx).Error("a row of a bulk job cannot be done", "job_id", int64(in.Job.JobID), "place", place, "error", err)
			if err := b.store.RefuseBulkRow(ctx, in.Job, place); err != nil {
				return contract.BulkJobView{}, asActivityError(err)
			}
		}
		activity.RecordHeartbeat(ctx, place)
	}
	view, err := b.store.EndBulkBatch(ctx, in.Job)
	return view, asActivityError(err)
}
