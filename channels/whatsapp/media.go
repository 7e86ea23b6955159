package whatsapp

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"mime/multipart"
	"net/http"
	"net/textproto"
	"net/url"
	"strings"

	"github.com/perene/perene/channels"
	"github.com/perene/perene/channels/meta"
)

// UploadMedia implements channels.Adapter. The file streams through: only the
// form's frame is held in memory. The id lives 30 days.
func (a *Adapter) UploadMedia(ctx context.Context, cred channels.Credentials, up channels.Upload) (string, error) {
	if limit, ok := capabilities.Media[up.Kind]; ok && up.Size > max(limit.MaxBytes, limit.AnimatedMaxBytes) {
		return "", &channels.SendError{Outcome: channels.OutcomeNotSent, Op: "upload media", Code: codeInvalid, Cause: channels.ErrMediaTooLarge,
			Details: fmt.Sprintf("make the file smaller than %d bytes; it has %d", limit.MaxBytes, up.Size)}
	}
	var frame bytes.Buffer
	form := multipart.NewWriter(&frame)
	_ = form.WriteField("messaging_product", "whatsapp")
	_ = form.WriteField("type", up.MimeType)
	part := textproto.MIMEHeader{}
	part.Set("Content-Disposition", fmt.Sprintf(`form-data; name="file"; filename="%s"`, quotable(up.Filename)))
	part.Set("Content-Type", headerValue(up.MimeType))
	_, _ = form.CreatePart(part)
	head := bytes.Clone(frame.Bytes())
	frame.Reset()
	_ = form.Close()
	size := int64(len(head)+frame.Len()) + up.Size
	answer, err := a.client.Do(ctx, cred, meta.Call{Op: "upload media", Method: http.MethodPost,
		Path: url.PathEscape(cred.ProviderRef) + "/media", Type: form.FormDataContentType(), Size: size,
		Stream: io.MultiReader(bytes.NewReader(head), up.Body, &frame), Private: func() []string { return []string{up.Filename} }})
	if err != nil {
		return "", err
	}
	var uploaded struct {
		ID string `json:"id"`
	}
	if err := meta.DecodeAnswer("upload media", answer, &uploaded); err != nil {
		return "", err
	}
	if uploaded.ID == "" {
		return "", &channels.SendError{Outcome: channels.OutcomeUnknown, Op: "upload media", Code: channels.CodeNone,
			HTTPStatus: answer.Status, Details: "the answer names no file"}
	}
	return uploaded.ID, nil
}

// quotable makes a file name fit for a quoted header parameter.
func quotable(name string) string {
	name = strings.Map(func(r rune) rune {
		if r < ' ' || r == '"' || r == '\\' || r == 0x7f {
			return '_'
		}
		return r
	}, name)
	if name == "" {
		return "file"
	}
	return name
}

// headerValue drops what cannot stand in a header line.
func headerValue(s string) string {
	return strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7f {
			return -1
		}
		return r
	}, s)
}

// mediaInfo is Meta's description of a file.
type mediaInfo struct {
	URL      string   `json:"url"`
	MimeType string   `json:"mime_type"`
	SHA256   string   `json:"sha256"`
	Size     meta.Int `json:"file_size"`
}

// FetchMedia implements channels.Adapter. A link that came with the webhook
// saves a call; links live five minutes, so a stale one is asked for again.
func (a *Adapter) FetchMedia(ctx context.Context, cred channels.Credentials, media channels.MediaRef, maxBytes int64) (*channels.MediaStream, error) {
	const op = "fetch media"
	info := mediaInfo{URL: media.Path, MimeType: media.MimeType, SHA256: media.SHA256}
	if info.URL != "" && a.trusts(cred, info.URL) {
		res, err := a.client.Open(ctx, cred, op, info.URL)
		if err == nil {
			return stream(res, info, maxBytes)
		}
		if e := channels.AsSendError(err); e.HTTPStatus == 0 || media.ProviderMediaID == "" {
			return nil, err
		}
	}
	if media.ProviderMediaID == "" {
		return nil, &channels.SendError{Outcome: channels.OutcomeNotSent, Op: op, Code: codeInvalid, Details: "the file has neither an id nor a link of Meta's"}
	}
	query := url.Values{"phone_number_id": {cred.ProviderRef}}
	answer, err := a.client.Do(ctx, cred, meta.Call{Op: op, Method: http.MethodGet, Path: url.PathEscape(media.ProviderMediaID), Query: query})
	if err != nil {
		return nil, err
	}
	var fresh mediaInfo
	if err := meta.DecodeAnswer(op, answer, &fresh); err != nil {
		return nil, err
	}
	if maxBytes > 0 && int64(fresh.Size) > maxBytes {
		return nil, &channels.SendError{Outcome: channels.OutcomeRejected, Op: op, Code: channels.CodeNone, Cause: channels.ErrMediaTooLarge,
			Details: fmt.Sprintf("the file has %d bytes; %d are allowed", int64(fresh.Size), maxBytes)}
	}
	if !a.trusts(cred, fresh.URL) {
		return nil, &channels.SendError{Outcome: channels.OutcomeRejected, Op: op, Code: channels.CodeNone, Details: "the file's link leads away from Meta"}
	}
	res, err := a.client.Open(ctx, cred, op, fresh.URL)
	if err != nil {
		return nil, err
	}
	return stream(res, fresh, maxBytes)
}

// mediaHosts are the domains Meta serves files from. The token goes there, so
// the list is closed: a link to any other place is not followed.
var mediaHosts = []string{"fbsbx.com", "facebook.com", "whatsapp.net", "fbcdn.net"}

// trusts reports whether a link may be fetched with the token: Meta's own hosts
// by https, or the host of the connection's Graph address.
func (a *Adapter) trusts(cred channels.Credentials, link string) bool {
	u, err := url.Parse(link)
	if err != nil || u.Host == "" || u.User != nil {
		return false
	}
	if b, err := url.Parse(meta.BaseURL(cred)); err == nil && b.Scheme == u.Scheme && strings.EqualFold(b.Host, u.Host) {
		return true
	}
	if u.Scheme != "https" || u.Port() != "" && u.Port() != "443" {
		return false
	}
	host := strings.ToLower(u.Hostname())
	for _, domain := range mediaHosts {
		if host == domain || strings.HasSuffix(host, "."+domain) {
			return true
		}
	}
	return false
}

func stream(res *http.Response, info mediaInfo, maxBytes int64) (*channels.MediaStream, error) {
	if maxBytes > 0 && res.ContentLength > maxBytes {
		_ = res.Body.Close()
		return nil, &channels.SendError{Outcome: channels.OutcomeRejected, Op: "fetch media", Code: channels.CodeNone, Cause: channels.ErrMediaTooLarge,
			Details: fmt.Sprintf("the file has %d bytes; %d are allowed", res.ContentLength, maxBytes)}
	}
	s := &channels.MediaStream{Body: res.Body, MimeType: info.MimeType, Size: res.ContentLength, SHA256: info.SHA256}
	if s.MimeType == "" {
		s.MimeType = res.Header.Get("Content-Type")
	}
	if maxBytes > 0 {
		s.Body = &limitedBody{body: res.Body, left: maxBytes}
	}
	return s, nil
}

// limitedBody gives ErrMediaTooLarge where io.LimitReader would pretend that
// the file ended.
type limitedBody struct {
	body io.ReadCloser
	left int64
}

func (l *limitedBody) Read(p []byte) (int, error) {
	if l.left < 0 {
		return 0, channels.ErrMediaTooLarge
	}
	if int64(len(p)) > l.left+1 {
		p = p[:l.left+1]
	}
	n, err := l.body.Read(p)
	l.left -= int64(n)
	if l.left < 0 {
		return n - 1, channels.ErrMediaTooLarge
	}
	return n, err
}

func (l *limitedBody) Close() error { return l.body.Close() }

// mustJSON encodes a value of our own types, which cannot fail.
func mustJSON(v any) []byte {
	b, err := json.Marshal(v)
	if err != nil {
		panic("encode a request of ours: " + err.Error())
	}
	return b
}
