package api

import (
	"bytes"
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"mime/multipart"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humagin"

	"github.com/perene/perene/internal/blobs"
	"github.com/perene/perene/internal/filetype"
	"github.com/perene/perene/internal/token"
	"github.com/perene/perene/models"
)

// Media is a file.
type Media struct {
	ID        models.MediaID    `json:"id"`
	State     models.MediaState `json:"state" enum:"pending,stored,failed,refused"`
	Kind      string            `json:"kind" example:"image"`
	MimeType  string            `json:"mime_type"`
	Filename  string            `json:"filename"`
	Size      *int64            `json:"size,omitempty" doc:"Bytes."`
	SHA256    string            `json:"sha256,omitempty" doc:"Hex."`
	Error     *string           `json:"error,omitempty"`
	URL       string            `json:"url,omitempty" doc:"Where the file is, once it is stored." example:"/v1/media/42/content"`
	CreatedAt time.Time         `json:"created_at"`
}

type mediaIDIn struct {
	ID models.MediaID `path:"id" minimum:"1"`
}

type downloadIn struct {
	ID       models.MediaID `path:"id" minimum:"1"`
	Download bool           `query:"download" doc:"Always as an attachment."`
	Range    string         `header:"Range" doc:"Part of the file: bytes=0-1023."`
}

func (a *app) mediaOperations() {
	op := func(id, method, path, summary string) operation {
		return operation{id: id, method: method, path: "/v1/media" + path, tag: "media", summary: summary}
	}
	o := op("upload-media", http.MethodPost, "", "Upload a file")
	o.status, o.files, o.maxBody = http.StatusCreated, true, a.Limits.MediaBytes+64<<10
	o.doc = "The type is found by looking at the bytes; what a form says is not believed."
	o.body = &huma.RequestBody{Required: true, Content: map[string]*huma.MediaType{"multipart/form-data": {
		Schema: &huma.Schema{Type: huma.TypeObject, Required: []string{"file"}, Properties: map[string]*huma.Schema{
			"file":  {Type: huma.TypeString, Format: "binary", Description: "The file, with its name."},
			"voice": {Type: huma.TypeString, Enum: []any{"true", "false"}, Description: "Audio recorded as a voice note; comes before the file."},
		}},
	}}}
	o.custom = func(op *huma.Operation) {
		op.Errors = append(op.Errors, http.StatusRequestEntityTooLarge, http.StatusUnsupportedMediaType)
	}
	handle(a, o, a.uploadMedia)
	handle(a, op("read-media", http.MethodGet, "/{id}", "Read about a file"), a.readMedia)
	o = op("fetch-media-again", http.MethodPost, "/{id}/fetch-again", "Ask for a lost file once more")
	o.doc = "A file that failed or was refused is fetched from its provider again. The message changes when it comes."
	handle(a, o, a.fetchMediaAgain)
	o = op("download-media", http.MethodGet, "/{id}/content", "Download a file")
	o.doc = "Images, audio, video and PDF are shown in place, everything else is an attachment. Takes Range."
	o.custom = func(op *huma.Operation) {
		op.Responses = map[string]*huma.Response{
			"200": {Description: "The file.", Content: map[string]*huma.MediaType{"*/*": {Schema: &huma.Schema{Type: huma.TypeString, Format: "binary"}}}},
			"206": {Description: "Part of the file.", Content: map[string]*huma.MediaType{"*/*": {Schema: &huma.Schema{Type: huma.TypeString, Format: "binary"}}}},
		}
		op.Errors = append(op.Errors, http.StatusGone)
	}
	handle(a, o, a.downloadMedia)
}

// uploadIn gives the handler the request, so that a file is never held in memory as a whole.
type uploadIn struct {
	request *http.Request
}

// Resolve implements huma.Resolver.
func (u *uploadIn) Resolve(ctx huma.Context) []error {
	u.request = humagin.Unwrap(ctx).Request
	return nil
}

func mediaOf(m *models.Media) Media {
	out := Media{ID: m.ID, State: m.State, Kind: m.Kind, MimeType: m.MimeType, Filename: m.Filename, Size: m.Size, SHA256: hex.EncodeToString(m.SHA256),
		Error: m.Error, CreatedAt: m.CreatedAt.UTC()}
	if m.State == models.MediaStored {
		out.URL = "/v1/media/" + m.ID.String() + "/content"
	}
	return out
}

func (a *app) readMedia(ctx context.Context, in *mediaIDIn) (*one[Media], error) {
	p := who(ctx)
	m, err := a.Store.Media(ctx, p.account(), p.viewer, in.ID)
	if err != nil {
		return nil, err
	}
	return &one[Media]{Body: mediaOf(m)}, nil
}

func (a *app) fetchMediaAgain(ctx context.Context, in *mediaIDIn) (*one[Media], error) {
	p := who(ctx)
	m, wake, err := a.Store.AskForMedia(ctx, p.account(), p.viewer, in.ID)
	if err != nil {
		return nil, err
	}
	a.Waker.Wake(p.account(), wake)
	return &one[Media]{Body: mediaOf(m)}, nil
}

// uploadsAtOnce is how many uploads of one account a process takes at once: a bucket needs a part of each in memory.
const uploadsAtOnce = 8

// uploads count what each account uploads at the moment. Safe for concurrent use.
type uploads struct {
	mu   sync.Mutex
	each map[models.AccountID]int
}

// begin takes a place, which done gives back. Not ok means that the account has none left.
func (u *uploads) begin(account models.AccountID) (done func(), ok bool) {
	u.mu.Lock()
	defer u.mu.Unlock()
	if u.each[account] >= uploadsAtOnce {
		return nil, false
	}
	if u.each == nil {
		u.each = map[models.AccountID]int{}
	}
	u.each[account]++
	return func() {
		u.mu.Lock()
		defer u.mu.Unlock()
		if u.each[account]--; u.each[account] == 0 {
			delete(u.each, account)
		}
	}, true
}

func (a *app) uploadMedia(ctx context.Context, in *uploadIn) (*one[Media], error) {
	p := who(ctx)
	done, ok := a.uploads.begin(p.account())
	if !ok {
		return nil, models.Errorf(models.CodeTooMany, "the account uploads %d files at the moment: try again when one is done", uploadsAtOnce)
	}
	defer done()
	parts, err := in.request.MultipartReader()
	if err != nil {
		return nil, newProblem(codeUnsupportedMedia, "Send the file as multipart/form-data.")
	}
	voice := false
	for {
		part, err := parts.NextPart()
		if errors.Is(err, io.EOF) {
			return nil, models.Invalid("body.file", "the form has no part named file")
		}
		if err != nil {
			return nil, uploadError(err)
		}
		switch part.FormName() {
		case "voice":
			value, err := io.ReadAll(io.LimitReader(part, 8))
			if err != nil {
				return nil, uploadError(err)
			}
			voice = string(value) == "true"
		case "file":
			m, err := a.storeUpload(ctx, p, part, voice)
			if err != nil {
				return nil, uploadError(err)
			}
			return &one[Media]{Body: mediaOf(m)}, nil
		}
	}
}

// uploadError says what is wrong with a form.
func uploadError(err error) error {
	var large *http.MaxBytesError
	var coded *models.Error
	switch {
	case errors.As(err, &large):
		return models.Errorf(models.CodeTooLarge, "the file is too large")
	case errors.As(err, &coded):
		return err
	case errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, multipart.ErrMessageTooLarge):
		return models.Invalid("body", "the form ended early")
	}
	if strings.HasPrefix(err.Error(), "multipart:") || strings.HasPrefix(err.Error(), "mime:") {
		return models.Invalid("body", "this is no multipart form")
	}
	return err
}

// storeUpload writes a file to the store of files, then notes it. What a crash leaves in between nobody refers to.
func (a *app) storeUpload(ctx context.Context, p *principal, part *multipart.Part, voice bool) (*models.Media, error) {
	head := make([]byte, filetype.HeadBytes)
	n, err := io.ReadFull(part, head)
	if err != nil && !errors.Is(err, io.EOF) && !errors.Is(err, io.ErrUnexpectedEOF) {
		return nil, err
	}
	if n == 0 {
		return nil, models.Invalid("body.file", "the file is empty")
	}
	head = head[:n]
	kind, mimeType := kindOf(head, part.FileName(), voice)
	random, err := token.New(a.Random, "")
	if err != nil {
		return nil, err
	}
	key := fmt.Sprintf("%d/%s/%s", p.account(), a.Now().UTC().Format("2006/01"), random)
	file, err := a.writeBlob(ctx, key, mimeType, io.MultiReader(bytes.NewReader(head), part))
	if err != nil {
		return nil, err
	}
	return a.Store.CreateStoredMedia(ctx, p.account(), models.Media{UploaderID: &p.User.ID, Kind: kind, MimeType: mimeType, Filename: models.CleanFilename(part.FileName()), Size: &file.Size, SHA256: file.SHA256(), BlobKey: &key})
}

// writeBlob stores a file unless it is larger than the limit.
func (a *app) writeBlob(ctx context.Context, key, mimeType string, from io.Reader) (*blobs.Measured, error) {
	file := blobs.Measure(from, func(whole *blobs.Measured) error {
		if whole.Size > a.Limits.MediaBytes {
			return &http.MaxBytesError{Limit: a.Limits.MediaBytes}
		}
		return nil
	})
	if err := a.Files.Put(ctx, key, mimeType, file); err != nil {
		return nil, fmt.Errorf("store a file: %w", err)
	}
	return file, nil
}

// kindOf finds what a file is by its bytes. The name counts only where the bytes leave open which of Office's types it is.
func kindOf(head []byte, name string, voice bool) (kind, mimeType string) {
	mimeType = filetype.Of(head, name)
	base := filetype.Canonical(mimeType)
	switch {
	case base == "image/jpeg", base == "image/png", base == "image/webp", base == "image/gif":
		return string(models.ContentKindImage), base
	case voice && base == "audio/ogg":
		return string(models.ContentKindVoice), "audio/ogg; codecs=opus"
	case strings.HasPrefix(base, "audio/"):
		return string(models.ContentKindAudio), base
	case strings.HasPrefix(base, "video/"):
		return string(models.ContentKindVideo), base
	}
	return string(models.ContentKindDocument), mimeType
}

// inline lists the types that a browser may show in place: none of them can run a script in our origin.
func inline(mimeType string) bool {
	switch filetype.Base(mimeType) {
	case "image/jpeg", "image/png", "image/webp", "image/gif", "application/pdf", "video/mp4", "video/3gpp", "video/webm", "video/quicktime",
		"audio/ogg", "audio/mpeg", "audio/mp4", "audio/aac", "audio/amr", "audio/wav", "audio/webm":
		return true
	}
	return false
}

// disposition writes Content-Disposition with a name in ASCII and, for those who read it, in full (RFC 6266).
func disposition(kind, name string) string {
	name = models.CleanFilename(name) // files that came before names were cleaned
	if name == "" {
		return kind
	}
	ascii := strings.Map(func(r rune) rune {
		if r < ' ' || r > '~' || r == '"' || r == '\\' || r == '%' {
			return '_'
		}
		return r
	}, name)
	return kind + `; filename="` + ascii + `"; filename*=UTF-8''` + strings.ReplaceAll(url.QueryEscape(name), "+", "%20")
}

func (a *app) downloadMedia(ctx context.Context, in *downloadIn) (*huma.StreamResponse, error) {
	p := who(ctx)
	m, err := a.Store.Media(ctx, p.account(), p.viewer, in.ID)
	if err != nil {
		return nil, err
	}
	switch {
	case m.State == models.MediaPending:
		return nil, &models.Error{Code: models.CodeConflict, Key: "media.pending", Message: "the file is still being fetched: try again in a moment"}
	case m.State != models.MediaStored || m.BlobKey == nil:
		return nil, &models.Error{Code: models.CodeGone, Key: "media.gone", Message: "the file could not be fetched from the provider"}
	}
	file, err := a.Files.Open(ctx, *m.BlobKey)
	if err != nil {
		return nil, fmt.Errorf("open a stored file: %w", err)
	}
	return &huma.StreamResponse{Body: func(hc huma.Context) {
		defer func() { _ = file.Close() }()
		c := humagin.Unwrap(hc)
		h := c.Writer.Header()
		kind, mimeType := "attachment", "application/octet-stream"
		if inline(m.MimeType) {
			mimeType = m.MimeType
			if !in.Download {
				kind = "inline"
			}
		}
		h.Set("Content-Type", mimeType)
		h.Set("Content-Disposition", disposition(kind, m.Filename))
		h.Set("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'; sandbox")
		if mimeType == "application/pdf" && kind == "inline" {
			h.Set("Content-Security-Policy", "default-src 'none'; object-src 'self'; style-src 'unsafe-inline'; frame-ancestors 'none'") // viewers refuse a sandbox
		}
		// A file never changes, but who may see it does: it is kept by the browser and asked for each time.
		h.Set("Cache-Control", "private, no-cache")
		if len(m.SHA256) > 0 {
			h.Set("ETag", `"`+hex.EncodeToString(m.SHA256)+`"`)
		}
		http.ServeContent(c.Writer, c.Request, "", time.Time{}, file)
	}}, nil
}
