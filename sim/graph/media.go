package graph

import (
	"context"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"mime/multipart"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"time"
)

// Media describes a stored file.
type Media struct {
	ID       string    `json:"id"`
	Number   string    `json:"number,omitempty"` // uploaded by this number; empty: sent by a person
	MIME     string    `json:"mime_type"`
	SHA256   string    `json:"sha256"` // hex
	Size     int64     `json:"file_size"`
	Filename string    `json:"filename,omitempty"`
	Expires  time.Time `json:"expires"`
}

type mediaStore struct {
	dir  string
	temp bool
	key  [32]byte
	mu   sync.Mutex
	all  map[string]Media
}

// mediaLimits are the supported MIME types and the longest file of each in bytes.
var mediaLimits = []struct {
	mimes string
	max   int64
}{
	{"image/jpeg image/png", 5 << 20},
	{"image/webp", 500 << 10},
	{"audio/aac audio/amr audio/mpeg audio/mp4 audio/ogg audio/opus", 16 << 20},
	{"video/mp4 video/3gpp video/3gp", 16 << 20},
	{"text/plain application/pdf application/msword application/vnd.ms-excel application/vnd.ms-powerpoint" +
		" application/vnd.openxmlformats-officedocument.wordprocessingml.document" +
		" application/vnd.openxmlformats-officedocument.spreadsheetml.sheet" +
		" application/vnd.openxmlformats-officedocument.presentationml.presentation", 100 << 20},
}

func mediaLimit(mimeType string) int64 {
	base, _, err := mime.ParseMediaType(mimeType)
	if err != nil {
		return 0
	}
	for _, l := range mediaLimits {
		if strings.Contains(" "+l.mimes+" ", " "+base+" ") {
			return l.max
		}
	}
	return 0
}

func openMedia(dataDir string) (*mediaStore, error) {
	m := &mediaStore{all: map[string]Media{}}
	_, _ = rand.Read(m.key[:])
	if dataDir == "" {
		dir, err := os.MkdirTemp("", "graph-media-")
		if err != nil {
			return nil, fmt.Errorf("create media folder: %w", err)
		}
		m.dir, m.temp = dir, true
		return m, nil
	}
	m.dir = filepath.Join(dataDir, "media")
	if err := os.MkdirAll(m.dir, 0o700); err != nil {
		return nil, fmt.Errorf("create media folder: %w", err)
	}
	files, err := filepath.Glob(filepath.Join(m.dir, "*.json"))
	if err != nil {
		return nil, fmt.Errorf("list media: %w", err)
	}
	for _, f := range files {
		b, err := os.ReadFile(f)
		var md Media
		if err == nil && json.Unmarshal(b, &md) == nil && md.ID != "" {
			m.all[md.ID] = md
		}
	}
	return m, nil
}

func (m *mediaStore) close() error {
	if !m.temp {
		return nil
	}
	return os.RemoveAll(m.dir)
}

func (m *mediaStore) path(id string) string { return filepath.Join(m.dir, id+".bin") }

// put stores a file of at most limit bytes.
func (m *mediaStore) put(r io.Reader, limit int64, md Media) (Media, error) {
	md.ID = numericID(16)
	f, err := os.OpenFile(m.path(md.ID), os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return md, fmt.Errorf("store media: %w", err)
	}
	h := sha256.New()
	md.Size, err = io.Copy(io.MultiWriter(f, h), io.LimitReader(r, limit+1))
	if e := f.Close(); err == nil {
		err = e
	}
	if err == nil && md.Size > limit {
		err = errTooLarge
	}
	if err == nil && md.Size == 0 {
		err = errEmpty
	}
	md.SHA256 = hex.EncodeToString(h.Sum(nil))
	if err == nil {
		var b []byte
		if b, err = json.Marshal(md); err == nil {
			err = writeFile(filepath.Join(m.dir, md.ID+".json"), b)
		}
	}
	if err != nil {
		_ = os.Remove(m.path(md.ID))
		return md, err
	}
	m.mu.Lock()
	m.all[md.ID] = md
	m.mu.Unlock()
	return md, nil
}

var (
	errTooLarge = errors.New("the file is larger than this type may be")
	errEmpty    = errors.New("the file is empty")
)

func (m *mediaStore) get(id string, now time.Time) (Media, bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	md, ok := m.all[id]
	return md, ok && now.Before(md.Expires)
}

// usable tells whether a number may send a media id: its own uploads, and what people sent.
func (m *mediaStore) usable(id, number string, now time.Time) bool {
	md, ok := m.get(id, now)
	return ok && (md.Number == "" || md.Number == number)
}

func (m *mediaStore) remove(id string) bool {
	m.mu.Lock()
	_, ok := m.all[id]
	delete(m.all, id)
	m.mu.Unlock()
	if ok {
		_ = os.Remove(m.path(id))
		_ = os.Remove(filepath.Join(m.dir, id+".json"))
	}
	return ok
}

// PutMedia stores a file a person sends; it lives for 7 days.
func (s *Server) PutMedia(r io.Reader, mimeType, filename string) (Media, error) {
	return s.media.put(r, 100<<20, Media{MIME: mimeType, Filename: filename, Expires: s.Now().Add(7 * 24 * time.Hour)})
}

// OpenMedia opens a stored file, whatever its age.
func (s *Server) OpenMedia(id string) (Media, *os.File, error) {
	s.media.mu.Lock()
	md, ok := s.media.all[id]
	s.media.mu.Unlock()
	if !ok {
		return md, nil, os.ErrNotExist
	}
	f, err := os.Open(s.media.path(id))
	return md, f, err
}

// InboundMedia returns the object that describes a person's file in a webhook.
func (s *Server) InboundMedia(md Media) map[string]any {
	sum, _ := hex.DecodeString(md.SHA256)
	return map[string]any{"id": md.ID, "mime_type": md.MIME, "sha256": base64.StdEncoding.EncodeToString(sum), "url": s.mediaURL(s.cfg.PublicURL, md.ID)}
}

// mediaURL is a download address that lives for five minutes.
func (s *Server) mediaURL(base, id string) string {
	exp := strconv.FormatInt(s.Now().Add(5*time.Minute).Unix(), 10)
	return strings.TrimRight(base, "/") + "/lookaside/whatsapp_business/attachments/?mid=" + id + "&ext=" + exp + "&hash=" + s.media.hash(id, exp)
}

func (m *mediaStore) hash(id, exp string) string {
	mac := hmac.New(sha256.New, m.key[:])
	mac.Write([]byte(id + "|" + exp))
	return base64.RawURLEncoding.EncodeToString(mac.Sum(nil)[:18])
}

func (s *Server) baseURL(r *http.Request) string {
	if s.cfg.PublicURL != "" {
		return s.cfg.PublicURL
	}
	return "http://" + r.Host
}

// download serves a file to whoever has the address and a token.
func (s *Server) download(w http.ResponseWriter, r *http.Request) {
	q := r.URL.Query()
	id, exp := q.Get("mid"), q.Get("ext")
	s.mu.Lock()
	_, refusal := s.authorise(r)
	s.mu.Unlock()
	if refusal != nil {
		s.refuse(w, refusal)
		return
	}
	e := Entry{At: s.Now(), Kind: "request", Method: r.Method, Path: "download", Type: "media"}
	if f := s.faults.take(s, &e); f != nil && s.breaks(w, r, e, f) {
		return
	}
	until, err := strconv.ParseInt(exp, 10, 64)
	if err != nil || !hmac.Equal([]byte(q.Get("hash")), []byte(s.media.hash(id, exp))) || s.Now().Unix() > until {
		http.Error(w, "URL signature expired", http.StatusNotFound)
		return
	}
	md, ok := s.media.get(id, s.Now())
	if !ok {
		http.Error(w, "Not found", http.StatusNotFound)
		return
	}
	f, err := os.Open(s.media.path(id))
	if err != nil {
		http.Error(w, "Not found", http.StatusNotFound)
		return
	}
	defer func() { _ = f.Close() }()
	s.pause(r, s.latency(nil))
	w.Header().Set("Content-Type", md.MIME)
	w.Header().Set("X-Content-Type-Options", "nosniff")
	http.ServeContent(w, r, "", time.Time{}, f)
}

// uploadMedia is POST /{number}/media.
func (s *Server) uploadMedia(r *http.Request, n *Number) (any, *apiError) {
	mr, err := r.MultipartReader()
	if err != nil {
		return nil, errRequired("file")
	}
	fields := map[string]string{}
	var md Media
	for {
		part, err := mr.NextPart()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, newError(131053, "The upload broke off.")
		}
		if part.FormName() != "file" {
			b, _ := io.ReadAll(io.LimitReader(part, 1024))
			fields[part.FormName()] = string(b)
			continue
		}
		if md.ID != "" {
			continue
		}
		var refusal *apiError
		if md, refusal = s.storePart(part, fields["type"], n); refusal != nil {
			return nil, refusal
		}
	}
	switch {
	case fields["messaging_product"] != "whatsapp":
		s.media.remove(md.ID)
		return nil, errRequired("messaging_product")
	case md.ID == "":
		return nil, errRequired("file")
	}
	return map[string]string{"id": md.ID}, nil
}

func (s *Server) storePart(part *multipart.Part, declared string, n *Number) (Media, *apiError) {
	kind := part.Header.Get("Content-Type")
	if kind == "" || kind == "application/octet-stream" {
		kind = declared
	}
	limit := mediaLimit(kind)
	if limit == 0 {
		return Media{}, &apiError{HTTP: 400, Code: 100, Title: "Param file must be a file with one of the following types: audio/aac, audio/mp4, audio/mpeg, audio/amr, audio/ogg, audio/opus, application/vnd.ms-powerpoint, application/msword, application/vnd.openxmlformats-officedocument.wordprocessingml.document, application/vnd.openxmlformats-officedocument.presentationml.presentation, application/vnd.openxmlformats-officedocument.spreadsheetml.sheet, application/pdf, text/plain, application/vnd.ms-excel, image/jpeg, image/png, image/webp, video/mp4, video/3gpp. Received file of type '" + kind + "'."}
	}
	md, err := s.media.put(part, limit, Media{Number: n.ID, MIME: kind, Filename: part.FileName(), Expires: s.Now().Add(30 * 24 * time.Hour)})
	if err != nil {
		return md, newError(131053, err.Error())
	}
	return md, nil
}

func (s *Server) mediaInfo(r *http.Request, md Media) map[string]any {
	return map[string]any{
		"messaging_product": "whatsapp", "id": md.ID, "mime_type": md.MIME, "sha256": md.SHA256,
		"file_size": md.Size, "url": s.mediaURL(s.baseURL(r), md.ID),
	}
}

func hasLink(refs []mediaRef) bool {
	for _, ref := range refs {
		if ref.link != "" {
			return true
		}
	}
	return false
}

// fetchThenRun fetches media sent by link, as Meta does after accepting, and then lets the message go on.
func (s *Server) fetchThenRun(a *acceptance, wait time.Duration) {
	for i, ref := range a.links {
		if ref.link == "" {
			continue
		}
		id, err := s.fetch(ref)
		if err != nil {
			s.after(wait, func() { s.Report(a.out.Receipt, "failed", 131053) })
			return
		}
		a.out.Media[i] = id
	}
	a.links = nil
	s.follow(context.Background(), a, wait)
}

func (s *Server) fetch(ref mediaRef) (string, error) {
	ctx, cancel := context.WithTimeout(s.hooks.ctx, 20*time.Second)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, ref.link, nil)
	if err != nil {
		return "", err
	}
	req.Header.Set("User-Agent", "facebookexternalhit/1.1")
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return "", err
	}
	defer func() { _ = res.Body.Close() }()
	kind := res.Header.Get("Content-Type")
	limit := mediaLimit(kind)
	if res.StatusCode != http.StatusOK || limit == 0 {
		return "", errors.New("the link does not lead to a supported file")
	}
	md, err := s.media.put(res.Body, limit, Media{MIME: kind, Expires: s.Now().Add(30 * 24 * time.Hour)})
	return md.ID, err
}
