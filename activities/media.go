package activities

import (
	"bufio"
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
	"github.com/perene/perene/internal/filetype"
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
	attempt  func(ctx context.Context) int32 // of the running activity, from 1
}

// NewMedia makes a Media over a store of files.
func NewMedia(s MediaStore, files blobs.Store, adapters map[string]channels.Adapter, o Opener, log *slog.Logger, now func() time.Time) *Media {
	return &Media{store: s, files: files, adapters: adapters, opener: o, log: log, now: now,
		attempt: func(ctx context.Context) int32 { return activity.GetInfo(ctx).Attempt }}
}

const (
	// uploadLives is how long a provider's id of an uploaded file is used again: Meta keeps it for 30 days.
	uploadLives = 29 * 24 * time.Hour
	// mediaTries is how often a provider may say that a file is not there before the message says so: within 10 seconds.
	mediaTries = 4
	// mediaTriesMax is how often it may say so before we believe it: the waits grow to hours, about nine in all.
	mediaTriesMax = 15
	// mediaMax bounds a file of a kind for which the channel states no limit, in bytes.
	mediaMax = 100 << 20
)

// FetchMedia fetches one file of an inbound message into the store of files, with its SHA-256. A file over the limit is
// refused. One that the provider does not give is failed, which shows on the message, and is asked for again for hours: a
// look-up that fails now may work later. Neither is an error at its end.
func (m *Media) FetchMedia(ctx context.Context, in contract.FetchMediaInput) (contract.FetchMediaResult, error) {
	account, id := in.Media.AccountID, in.Media.MediaID
	row, said, err := m.store.MediaToFetch(ctx, account, id)
	if err != nil {
		return contract.FetchMediaResult{}, asActivityError(err)
	}
	if row.State != models.MediaPending && row.State != models.MediaFailed {
		return contract.FetchMediaResult{State: row.State, Size: deref64(row.Size)}, nil
	}
	conn, err := m.store.ConnectionForSending(ctx, account, in.Media.ConnectionID)
	if models.CodeOf(err) == models.CodeNotFound && err != nil {
		return m.lost(ctx, row, models.MediaFailed, "the connection is gone")
	}
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
	if errors.Is(err, channels.ErrMediaTooLarge) {
		return m.lost(ctx, row, models.MediaRefused, "the file is larger than allowed")
	}
	why, refused := refusal(err)
	attempt := m.attempt(ctx)
	if !refused || attempt < mediaTries {
		return contract.FetchMediaResult{}, asFetchError(err)
	}
	if row.State == models.MediaPending || attempt >= mediaTriesMax {
		if out, err := m.lost(ctx, row, models.MediaFailed, why); err != nil || attempt >= mediaTriesMax {
			return out, err
		}
	}
	return contract.FetchMediaResult{}, asFetchError(err)
}

// lost records on the message that its file did not come.
func (m *Media) lost(ctx context.Context, row *models.Media, state models.MediaState, why string) (contract.FetchMediaResult, error) {
	if err := m.store.MediaLost(ctx, row.AccountID, row.ID, state, why); err != nil {
		return contract.FetchMediaResult{}, asActivityError(err)
	}
	m.log.Warn("a file did not come", "account_id", row.AccountID, "media_id", row.ID, "state", state, "reason", why)
	return contract.FetchMediaResult{State: state}, nil
}

// refusal tells whether the provider says that it does not give the file, and in which words that is recorded. A refused
// token, a limit and a failure of the provider say nothing about the file.
func refusal(err error) (why string, refused bool) {
	var e *channels.SendError
	if !errors.As(err, &e) || e.Outcome != channels.OutcomeRejected || e.Transient || e.HTTPStatus == 401 || e.HTTPStatus == 403 || e.HTTPStatus == 429 || e.HTTPStatus >= 500 {
		return "", false
	}
	if e.Code == channels.CodeNone {
		return "the provider no longer has the file", true
	}
	return fmt.Sprintf("the provider does not give the file (code %d)", e.Code), true
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

// fetch streams the file into the store of files and records it. Its type is what its bytes are (S13).
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
	body := bufio.NewReaderSize(&beatingReader{ctx: ctx, r: in.Body, now: m.now, last: m.now()}, filetype.HeadBytes)
	head, err := body.Peek(filetype.HeadBytes)
	if err != nil && !errors.Is(err, io.EOF) {
		return err
	}
	row.MimeType = filetype.Agreed(head, row.MimeType, row.Filename)
	key := fmt.Sprintf("%d/in/%d", row.AccountID, row.ID)
	file := blobs.Measure(body, func(whole *blobs.Measured) error {
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
