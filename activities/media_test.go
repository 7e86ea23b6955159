package activities

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"time"

	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/testsuite"

	"github.com/perene/perene/channels"
	"github.com/perene/perene/contract"
	"github.com/perene/perene/internal/blobs"
	"github.com/perene/perene/models"
	"github.com/perene/perene/store"
	"github.com/perene/perene/store/storetest"
)

// fileAdapter is a provider's store of files.
type fileAdapter struct {
	*stubAdapter
	mu      sync.Mutex
	fetch   func(n int, ref channels.MediaRef, limit int64) (*channels.MediaStream, error)
	fetches int
	uploads []string
}

func (a *fileAdapter) FetchMedia(_ context.Context, _ channels.Credentials, ref channels.MediaRef, limit int64) (*channels.MediaStream, error) {
	a.fetches++
	return a.fetch(a.fetches, ref, limit)
}

func (a *fileAdapter) UploadMedia(_ context.Context, _ channels.Credentials, up channels.Upload) (string, error) {
	body, err := io.ReadAll(up.Body)
	if err != nil || int64(len(body)) != up.Size {
		return "", fmt.Errorf("read %d of %d bytes: %w", len(body), up.Size, err)
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	a.uploads = append(a.uploads, fmt.Sprintf("%s %s %s", up.Kind, up.MimeType, body))
	return fmt.Sprintf("meta-%d", len(a.uploads)), nil
}

type mediaWorld struct {
	*storetest.Fixture
	t       *testing.T
	adapter *fileAdapter
	media   *Media
	clock   time.Time
	env     *testsuite.TestActivityEnvironment
}

func newMediaWorld(t *testing.T) *mediaWorld {
	t.Helper()
	w := &mediaWorld{t: t, clock: time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC), adapter: &fileAdapter{stubAdapter: newStub(models.Pace{})}}
	w.adapter.caps.Media = map[models.ContentKind]models.MediaLimit{models.ContentKindImage: {MaxBytes: 1000}}
	now := func() time.Time { return w.clock }
	w.Fixture = storetest.NewFixture(t, storetest.New(t, store.Options{Now: now}), "media")
	w.media = NewMedia(w.Store, &blobs.Memory{}, map[string]channels.Adapter{models.ChannelWhatsAppCloud: w.adapter}, openKey{}, slog.New(slog.DiscardHandler), now)
	wake, err := w.Receive(t.Context(), w.Connection, contract.InboundDelivery{Elements: []contract.InboundElement{{Kind: "message", Raw: []byte(`{}`), Message: &models.InboundMessage{
		ProviderID: "wamid.1", Person: storetest.Person("5581988880001", ""), At: w.clock, Arrival: models.ArrivalLive,
		Content: models.Content{Kind: models.ContentKindImage, Media: &models.ContentMedia{ProviderMediaID: "777", URL: "https://lookaside.example/777", MimeType: "image/jpeg"}},
		Media:   &models.InboundMedia{ProviderMediaID: "777", Kind: "image", MimeType: "image/jpeg"}}}}}, nil)
	if err != nil || wake.Stored != 1 {
		t.Fatal(wake, err)
	}
	var suite testsuite.WorkflowTestSuite
	w.env = suite.NewTestActivityEnvironment()
	w.env.RegisterActivity(w.media.FetchMedia)
	return w
}

// run fetches the file as a worker does.
func (w *mediaWorld) run() (contract.FetchMediaResult, error) {
	w.t.Helper()
	id := models.MediaID(w.Count(w.t, `SELECT id FROM media`))
	v, err := w.env.ExecuteActivity(w.media.FetchMedia, contract.FetchMediaInput{Media: contract.MediaFetchStart{AccountID: w.Account, MediaID: id, ConnectionID: w.Connection.ID}})
	var out contract.FetchMediaResult
	if err == nil {
		err = v.Get(&out)
	}
	return out, err
}

func body(text, sum string) *channels.MediaStream {
	return &channels.MediaStream{Body: io.NopCloser(strings.NewReader(text)), MimeType: "image/png", Size: int64(len(text)), SHA256: sum}
}

func TestFetchMedia(t *testing.T) {
	t.Parallel()
	w := newMediaWorld(t)
	sum := sha256.Sum256([]byte("picture"))
	w.adapter.fetch = func(_ int, m channels.MediaRef, limit int64) (*channels.MediaStream, error) {
		if m.ProviderMediaID != "777" || m.Path != "https://lookaside.example/777" || limit != 1000 {
			t.Errorf("asked for %+v, at most %d bytes", m, limit)
		}
		return body("picture", base64.StdEncoding.EncodeToString(sum[:])), nil
	}
	out, err := w.run()
	if err != nil || out.State != models.MediaStored || out.Size != 7 {
		t.Fatal(out, err)
	}
	var key, mime string
	var kept []byte
	if err := w.Pool().QueryRow(t.Context(), `SELECT blob_key, mime_type, sha256 FROM media`).Scan(&key, &mime, &kept); err != nil {
		t.Fatal(err)
	}
	got, err := readAll(t, w.media.files, key)
	if err != nil || string(got) != "picture" || mime != "text/plain; charset=utf-8" || !bytes.Equal(kept, sum[:]) {
		t.Errorf("%q, %s, %x, %v", got, mime, kept, err)
	}
	if again, err := w.run(); err != nil || again != out || w.adapter.fetches != 1 {
		t.Errorf("a second time: %+v, %v, fetched %d times", again, err, w.adapter.fetches)
	}
	if n := w.Count(t, `SELECT count(*) FROM events WHERE kind = 'message.updated'`); n != 1 {
		t.Errorf("the console was told %d times", n)
	}
}

func TestFetchMediaFailures(t *testing.T) {
	t.Parallel()
	w := newMediaWorld(t)
	gone := &channels.SendError{Op: "fetch media", Outcome: channels.OutcomeRejected, Code: 100, HTTPStatus: 404}
	answers := []struct {
		err  error
		body *channels.MediaStream
	}{
		{err: &channels.SendError{Op: "fetch media", Outcome: channels.OutcomeNotSent, Code: channels.CodeNone}},
		{err: &channels.SendError{Op: "fetch media", Outcome: channels.OutcomeRejected, Code: 190, HTTPStatus: 401}},
		{err: gone},
		{body: body("broken on the way", base64.StdEncoding.EncodeToString(make([]byte, 32)))},
	}
	w.adapter.fetch = func(n int, _ channels.MediaRef, _ int64) (*channels.MediaStream, error) {
		a := answers[n-1]
		return a.body, a.err
	}
	for i := range answers {
		_, err := w.run()
		var failed *temporal.ApplicationError
		if !errors.As(err, &failed) || failed.NonRetryable() {
			t.Errorf("answer %d: %v", i, err)
		}
	}
	if n := w.Count(t, `SELECT count(*) FROM media WHERE state = 'pending'`); n != 1 {
		t.Error("a failure that may pass ended the file")
	}
}

// A refusal is believed after hours, and shown after seconds: each kind of it, and a file that comes at last counts.
func TestAFileThatIsRefusedIsToldAndAskedForAgain(t *testing.T) {
	t.Parallel()
	for name, gone := range map[string]*channels.SendError{
		"a stale link":      {Op: "fetch media", Outcome: channels.OutcomeRejected, Code: channels.CodeNone, HTTPStatus: 404},
		"a moved link":      {Op: "fetch media", Outcome: channels.OutcomeRejected, Code: channels.CodeNone, HTTPStatus: 302},
		"an unknown id":     {Op: "fetch media", Outcome: channels.OutcomeRejected, Code: 100, HTTPStatus: 400},
		"a failed download": {Op: "fetch media", Outcome: channels.OutcomeRejected, Code: 131052, HTTPStatus: 400},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newMediaWorld(t)
			var attempt int32
			w.media.attempt = func(context.Context) int32 { attempt++; return attempt }
			there := false
			w.adapter.fetch = func(int, channels.MediaRef, int64) (*channels.MediaStream, error) {
				if there {
					return body("picture", ""), nil
				}
				return nil, gone
			}
			state := func(want models.MediaState) {
				t.Helper()
				if n := w.Count(t, `SELECT count(*) FROM media WHERE state = $1`, want); n != 1 {
					t.Errorf("after try %d the file is not %s", attempt, want)
				}
			}
			for attempt < mediaTriesMax-1 {
				var failed *temporal.ApplicationError
				if _, err := w.run(); !errors.As(err, &failed) || failed.NonRetryable() {
					t.Fatalf("try %d is the last: %v", attempt, err)
				}
				if attempt < mediaTries {
					state(models.MediaPending)
				} else {
					state(models.MediaFailed)
				}
			}
			if n := w.Count(t, `SELECT count(*) FROM events WHERE kind = 'message.updated'`); n != 1 {
				t.Errorf("the console was told %d times, want once", n)
			}
			if name == "a stale link" {
				there = true
				if out, err := w.run(); err != nil || out.State != models.MediaStored {
					t.Errorf("a file that comes at last: %+v, %v", out, err)
				}
				state(models.MediaStored)
				return
			}
			if out, err := w.run(); err != nil || out.State != models.MediaFailed {
				t.Errorf("the last try ends with %+v, %v", out, err)
			}
			state(models.MediaFailed)
			w.askAgain()
			state(models.MediaPending)
			there = true
			if out, err := w.run(); err != nil || out.State != models.MediaStored {
				t.Errorf("a file that a person asked for again: %+v, %v", out, err)
			}
		})
	}
}

// askAgain asks for the lost file as an agent does. While it waits it cannot be asked for again.
func (w *mediaWorld) askAgain() {
	w.t.Helper()
	ctx, id := w.t.Context(), models.MediaID(w.Count(w.t, `SELECT id FROM media`))
	m, wake, err := w.AskForMedia(ctx, w.Account, store.Viewer{Everything: true}, id)
	if err != nil || m.State != models.MediaPending || len(wake.Doorbells) != 1 {
		w.t.Fatalf("asked for %+v, rings %+v, %v", m, wake, err)
	}
	if got := wake.Doorbells[0]; got.WorkflowType != contract.WorkflowMediaFetch || got.WorkflowID == contract.MediaFetchID(id) {
		w.t.Errorf("the doorbell is %+v", got)
	}
	if _, _, err := w.AskForMedia(ctx, w.Account, store.Viewer{Everything: true}, id); models.CodeOf(err) != models.CodeConflict {
		w.t.Errorf("asked twice: %v", err)
	}
}

// A connection that is gone leaves no file waiting.
func TestAFileOfAGoneConnectionIsLost(t *testing.T) {
	t.Parallel()
	w := newMediaWorld(t)
	id := models.MediaID(w.Count(t, `SELECT id FROM media`))
	v, err := w.env.ExecuteActivity(w.media.FetchMedia, contract.FetchMediaInput{Media: contract.MediaFetchStart{AccountID: w.Account, MediaID: id, ConnectionID: 999}})
	var out contract.FetchMediaResult
	if err != nil || v.Get(&out) != nil || out.State != models.MediaFailed {
		t.Errorf("%+v, %v", out, err)
	}
}

func TestFetchMediaRefusesWhatIsTooLarge(t *testing.T) {
	t.Parallel()
	w := newMediaWorld(t)
	w.Exec(t, `UPDATE connections SET settings = '{"media_max_bytes": 4}'`)
	w.adapter.fetch = func(_ int, _ channels.MediaRef, limit int64) (*channels.MediaStream, error) {
		s := body("picture", "")
		s.Body = io.NopCloser(io.MultiReader(io.LimitReader(strings.NewReader("picture"), limit), failing{channels.ErrMediaTooLarge}))
		return s, nil
	}
	out, err := w.run()
	if err != nil || out.State != models.MediaRefused {
		t.Fatal(out, err)
	}
	if _, err := readAll(t, w.media.files, fmt.Sprintf("%d/in/%d", w.Account, w.Count(t, `SELECT id FROM media`))); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("half a file was left behind: %v, want none", err)
	}
}

func readAll(t *testing.T, files blobs.Store, key string) ([]byte, error) {
	t.Helper()
	file, err := files.Open(t.Context(), key)
	if err != nil {
		return nil, err
	}
	return io.ReadAll(file)
}

type failing struct{ err error }

func (f failing) Read([]byte) (int, error) { return 0, f.err }

func TestUploadsAreMadeOnceAndKeptForAMonth(t *testing.T) {
	t.Parallel()
	w := newMediaWorld(t)
	if err := w.media.files.Put(t.Context(), "k", "image/png", strings.NewReader("flyer")); err != nil {
		t.Fatal(err)
	}
	key, size := "k", int64(5)
	file, err := w.CreateStoredMedia(t.Context(), w.Account, models.Media{Kind: "image", MimeType: "image/png", Filename: "f.png", Size: &size, BlobKey: &key})
	if err != nil {
		t.Fatal(err)
	}
	conn, cred := w.Connection, channels.Credentials{}
	resolve := func(c models.Content) *models.Content {
		out, err := w.media.Resolve(t.Context(), conn, w.adapter, cred, &c)
		if err != nil {
			t.Fatal(err)
		}
		return out
	}
	image := models.Content{Kind: models.ContentKindImage, Media: &models.ContentMedia{MediaID: file.ID}}
	var group sync.WaitGroup
	for range 8 { // a broadcast needs the same file many times at once
		group.Go(func() {
			if out := resolve(image); out.Media.ProviderMediaID != "meta-1" {
				t.Errorf("got %q", out.Media.ProviderMediaID)
			}
		})
	}
	group.Wait()
	if image.Media.ProviderMediaID != "" {
		t.Error("the stored content was changed")
	}
	template := models.Content{Kind: models.ContentKindTemplate, Template: &models.ContentTemplate{
		Header: &models.TemplateParam{Kind: models.TemplateParamImage, Media: &models.ContentMedia{MediaID: file.ID}},
		Cards:  []models.TemplateCard{{Header: &models.TemplateParam{Kind: models.TemplateParamImage, Media: &models.ContentMedia{MediaID: file.ID}}}}}}
	if out := resolve(template); out.Template.Header.Media.ProviderMediaID != "meta-1" || out.Template.Cards[0].Header.Media.ProviderMediaID != "meta-1" {
		t.Errorf("%+v", out.Template)
	}
	if plain := (&models.Content{Kind: models.ContentKindText, Text: "x"}); func() bool { out, _ := w.media.Resolve(t.Context(), conn, w.adapter, cred, plain); return out != plain }() {
		t.Error("text was copied")
	}
	w.clock = w.clock.Add(30 * 24 * time.Hour)
	if out := resolve(image); out.Media.ProviderMediaID != "meta-2" {
		t.Errorf("an id that expired is used: %q", out.Media.ProviderMediaID)
	}
	if err := w.media.Forget(t.Context(), conn, &image); err != nil {
		t.Fatal(err)
	}
	if out := resolve(image); out.Media.ProviderMediaID != "meta-3" || w.adapter.uploads[2] != "image image/png flyer" {
		t.Errorf("%q, %v", out.Media.ProviderMediaID, w.adapter.uploads)
	}
	missing := models.Content{Kind: models.ContentKindImage, Media: &models.ContentMedia{MediaID: 999}}
	_, err = w.media.Resolve(t.Context(), conn, w.adapter, cred, &missing)
	if e := channels.AsSendError(err); e.Outcome != channels.OutcomeRejected || e.Code != 100 {
		t.Errorf("a file that does not exist: %v", err)
	}
}

// S13: a file that came in has the type of its bytes, whatever the provider says of it.
func TestAFetchedFileIsWhatItsBytesAre(t *testing.T) {
	t.Parallel()
	for content, want := range map[string]string{
		"\x89PNG\r\n\x1a\n0000000000": "image/png", "<html><script>alert(1)</script>": "text/html; charset=utf-8", "": "text/plain",
		"GIF89a" + strings.Repeat("0", 900): "image/gif", "\x00\x01\x02\xff": "application/octet-stream",
	} {
		w := newMediaWorld(t)
		w.adapter.fetch = func(int, channels.MediaRef, int64) (*channels.MediaStream, error) { return body(content, ""), nil }
		if out, err := w.run(); err != nil || out.State != models.MediaStored || out.Size != int64(len(content)) {
			t.Fatalf("%.8q: %+v, %v", content, out, err)
		}
		var mime, key string
		if err := w.Pool().QueryRow(t.Context(), `SELECT mime_type, blob_key FROM media`).Scan(&mime, &key); err != nil {
			t.Fatal(err)
		}
		if kept, err := readAll(t, w.media.files, key); err != nil || string(kept) != content || mime != want {
			t.Errorf("%.8q came as %s with %d bytes (%v), want %s", content, mime, len(kept), err, want)
		}
	}
}
