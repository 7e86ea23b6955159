package activities

import (
	"context"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"strings"
	"time"

	"go.temporal.io/sdk/activity"
	"go.temporal.io/sdk/temporal"
	"golang.org/x/sync/singleflight"

	"github.com/perene/perene/channels"
	"github.com/perene/perene/contract"
	"github.com/perene/perene/internal/blobs"
	"github.com/perene/perene/models"
)

// MediaStore is what files need of Postgres.
type MediaStore interface {
	ConnectionForSending(ctx context.Context, account models.AccountID, id models.ConnectionID) (*models.Connection, error)
	MediaToFetch(ctx context.Context, account models.AccountID, id models.MediaID) (*models.Media, models.ContentMedia, error)
	MediaFile(ctx context.Context, account models.AccountID, id models.MediaID) (*models.Media, error)
	MediaStored(ctx context.Context, account models.AccountID, m models.Media) error
	MediaLost(ctx context.Context, account models.AccountID, id models.MediaID, state models.MediaState, why string) error
	UploadedMedia(ctx context.Context, account models.AccountID, connection models.ConnectionID, id models.MediaID) (providerID string, found bool, err error)
	KeepUpload(ctx context.Context, account models.AccountID, connection models.ConnectionID, id models.MediaID, providerID string, expires time.Time) error
	ForgetUpload(ctx context.Context, account models.AccountID, connection models.ConnectionID, id models.MediaID) error
}

// Media fetches files that people sent and gives files of ours to providers. Safe for concurrent use.
type Media struct {
	store    MediaStore
	files    blobs.Store
	adapters map[string]channels.Adapter
	opener   Opener
	log      *slog.Logger
	now      func() time.Time
	uploads  singleflight.Group
}

// NewMedia makes a Media over a store of files.
func NewMedia(s MediaStore, files blobs.Store, adapters map[string]channels.Adapter, o Opener, log *slog.Logger, now func() time.Time) *Media {
	return &Media{store: s, files: files, adapters: adapters, opener: o, log: log, now: now}
}

const (
	// uploadLives is how long a provider's id of an uploaded file is used again: Meta keeps it for 30 days.
	uploadLives = 29 * 24 * time.Hour
	// mediaTries is how often a provider may say that a file is not there before we believe it.
	mediaTries = 4
	// mediaMax bounds a file of a kind for which the channel states no limit, in bytes.
	mediaMax = 100 << 20
)

// FetchMedia fetches one file of an inbound message into the store of files, with its SHA-256. A file over the limit is
// refused, one that is gone fails; both show on the message, and neither is an error.
func (m *Media) FetchMedia(ctx context.Context, in contract.FetchMediaInput) (contract.FetchMediaResult, error) {
	account, id := in.Media.AccountID, in.Media.MediaID
	row, said, err := m.store.MediaToFetch(ctx, account, id)
	if err != nil {
		return contract.FetchMediaResult{}, asActivityError(err)
	}
	if row.State != models.MediaPending {
		return contract.FetchMediaResult{State: row.State, Size: deref64(row.Size)}, nil
	}
	conn, err := m.store.ConnectionForSending(ctx, account, in.Media.ConnectionID)
	if err != nil {
		return contract.FetchMediaResult{}, asActivityError(err)
	}
	a, cred, err := channels.Open(m.adapters, m.opener, conn)
	if err != nil {
		return contract.FetchMediaResult{}, asActivityError(err)
	}
	err = m.fetch(ctx, a, cred, row, said, limitOf(conn, a.Capabilities(), models.ContentKind(row.Kind)))
	if err == nil {
		return contract.FetchMediaResult{State: models.MediaStored, Size: deref64(row.Size)}, nil
	}
	state, why, final := lost(ctx, err)
	if !final {
		return contract.FetchMediaResult{}, asActivityError(err)
	}
	if err := m.store.MediaLost(ctx, account, id, state, why); err != nil {
		return contract.FetchMediaResult{}, asActivityError(err)
	}
	m.log.Warn("a file did not come", "account_id", account, "media_id", id, "state", state, "reason", why)
	return contract.FetchMediaResult{State: state}, nil
}

// lost tells whether an error means that the file will never come.
func lost(ctx context.Context, err error) (state models.MediaState, why string, final bool) {
	if errors.Is(err, channels.ErrMediaTooLarge) {
		return models.MediaRefused, "the file is larger than allowed", true
	}
	var e *channels.SendError
	if !errors.As(err, &e) || e.Outcome != channels.OutcomeRejected || e.Transient || e.HTTPStatus == 401 || e.HTTPStatus == 403 || e.HTTPStatus == 429 || e.HTTPStatus >= 500 {
		return "", "", false
	}
	return models.MediaFailed, "the provider no longer has the file", activity.GetInfo(ctx).Attempt >= mediaTries
}

// limitOf is how large an inbound file may be, in bytes.
func limitOf(conn *models.Connection, caps *models.Capabilities, kind models.ContentKind) int64 {
	if conn.Settings.MediaMaxBytes > 0 {
		return conn.Settings.MediaMaxBytes
	}
	// What people may send is not bound by what we may send: only the largest of the channel's limits counts.
	limit := caps.Media[kind].MaxBytes
	for _, l := range caps.Media {
		limit = max(limit, l.MaxBytes)
	}
	if limit == 0 {
		return mediaMax
	}
	return limit
}

// fetch streams the file into the store of files and records it.
func (m *Media) fetch(ctx context.Context, a channels.Adapter, cred channels.Credentials, row *models.Media, said models.ContentMedia, limit int64) error {
	in, err := a.FetchMedia(ctx, cred, channels.MediaRef{ProviderMediaID: said.ProviderMediaID, Path: said.URL, Kind: models.ContentKind(row.Kind),
		MimeType: said.MimeType, SHA256: said.SHA256}, limit)
	if err != nil {
		return err
	}
	defer func() { _ = in.Body.Close() }()
	if in.MimeType != "" {
		row.MimeType = in.MimeType
	}
	key := fmt.Sprintf("%d/in/%d", row.AccountID, row.ID)
	file := blobs.Measure(&beatingReader{ctx: ctx, r: in.Body, now: m.now, last: m.now()}, func(whole *blobs.Measured) error {
		if !sameSum(in.SHA256, whole.SHA256()) {
			return temporal.NewApplicationError("the file's SHA-256 is not the one the provider gave", "corrupt")
		}
		return nil
	})
	if err := m.files.Put(ctx, key, "application/octet-stream", file); err != nil {
		return err // as it is: Temporal and the provider's own errors are told apart by it
	}
	row.Size, row.SHA256, row.BlobKey = &file.Size, file.SHA256(), &key
	return m.store.MediaStored(ctx, row.AccountID, *row)
}

// beatingReader tells Temporal that a long download lives.
type beatingReader struct {
	ctx  context.Context
	r    io.Reader
	now  func() time.Time
	last time.Time
}

func (b *beatingReader) Read(p []byte) (int, error) {
	if now := b.now(); now.Sub(b.last) > 5*time.Second {
		b.last = now
		activity.RecordHeartbeat(b.ctx)
	}
	return b.r.Read(p)
}

// sameSum compares a SHA-256 as providers write it, base64 or hex; none says nothing.
func sameSum(said string, sum []byte) bool {
	return said == "" || said == base64.StdEncoding.EncodeToString(sum) || strings.EqualFold(said, hex.EncodeToString(sum))
}

func deref64(n *int64) int64 {
	if n == nil {
		return 0
	}
	return *n
}
