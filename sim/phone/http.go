package phone

import (
	"embed"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"mime"
	"net/http"
	"path/filepath"
	"slices"
	"strings"

	"github.com/perene/perene/sim/graph"
)

//go:embed page
var page embed.FS

// Handler serves the page at /, its files at /page/, and its calls at /phone/.
func (s *Server) Handler() http.Handler {
	mux := http.NewServeMux()
	files, err := fs.Sub(page, "page")
	if err != nil {
		panic(err) // the folder is part of the program
	}
	static := http.FileServerFS(files)
	mux.HandleFunc("GET /{$}", func(w http.ResponseWriter, r *http.Request) {
		http.ServeFileFS(w, r, files, "index.html")
	})
	mux.Handle("GET /page/", http.StripPrefix("/page", static))
	mux.HandleFunc("GET /phone/live", s.serveLive)
	mux.HandleFunc("GET /phone/media/{id}", s.serveMedia)
	on := func(pattern string, f func(*http.Request) (any, error)) {
		mux.HandleFunc(pattern, func(w http.ResponseWriter, r *http.Request) { answer(w, r, f) })
	}
	on("POST /phone/phones", s.addPhone)
	on("PATCH /phone/phones/{phone}", s.changePhone)
	on("DELETE /phone/phones/{phone}", s.removePhone)
	on("POST /phone/phones/{phone}/files", s.addFile)
	on("POST /phone/phones/{phone}/identity", s.changeIdentity)
	on("POST /phone/phones/{phone}/chats/{number}/messages", s.write)
	on("POST /phone/phones/{phone}/chats/{number}/open", s.openChat)
	on("POST /phone/phones/{phone}/chats/{number}/played", s.playedMessage)
	on("POST /phone/phones/{phone}/chats/{number}/clear", s.clearChat)
	on("POST /phone/phones/{phone}/chats/{number}/marketing", s.marketing)
	guarded := http.NewCrossOriginProtection().Handler(mux)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("Content-Security-Policy", "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob: data:; media-src 'self' blob:; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'")
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Cache-Control", "no-cache")
		guarded.ServeHTTP(w, r)
	})
}

type notFound struct{ what string }

func (e *notFound) Error() string { return "no such " + e.what }

func answer(w http.ResponseWriter, r *http.Request, f func(*http.Request) (any, error)) {
	v, err := f(r)
	status := http.StatusOK
	var missing *notFound
	switch {
	case errors.As(err, &missing):
		status, v = http.StatusNotFound, map[string]string{"error": err.Error()}
	case err != nil:
		status, v = http.StatusBadRequest, map[string]string{"error": err.Error()}
	case v == nil:
		v = map[string]bool{"ok": true}
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(v)
}

func read(r *http.Request, v any) error {
	b, err := io.ReadAll(io.LimitReader(r.Body, 1<<20))
	if err != nil {
		return fmt.Errorf("read request: %w", err)
	}
	if len(b) == 0 {
		return nil
	}
	if err := json.Unmarshal(b, v); err != nil {
		return fmt.Errorf("read request: %w", err)
	}
	return nil
}

func (s *Server) addPhone(r *http.Request) (any, error) {
	var in struct {
		Name      string `json:"name"`
		Phone     string `json:"phone"`
		Username  string `json:"username"`
		HidePhone bool   `json:"hide_phone"`
	}
	if err := read(r, &in); err != nil {
		return nil, err
	}
	if strings.TrimSpace(in.Name) == "" || strings.TrimSpace(in.Phone) == "" {
		return nil, errors.New("a phone needs a name and a number with country code")
	}
	if in.HidePhone && in.Username == "" {
		return nil, errors.New("only people with a username can hide their number")
	}
	p, err := s.graph.AddPerson(graph.Person{Name: strings.TrimSpace(in.Name), Phone: in.Phone, Username: in.Username, HidePhone: in.HidePhone})
	if err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.gone, p.ID)
	ph := &Phone{ID: p.ID, Name: p.Name, Phone: p.Phone, UserID: p.UserID, Username: p.Username, HidePhone: p.HidePhone, Online: true, AutoRead: true, Chats: map[string]*Chat{}}
	s.phones = append(s.phones, ph)
	s.has.Store(p.ID, true)
	s.changed()
	s.tellPhone(ph)
	return ph.view(), nil
}

func (s *Server) changePhone(r *http.Request) (any, error) {
	var in struct {
		Online   *bool `json:"online"`
		AutoRead *bool `json:"auto_read"`
	}
	if err := read(r, &in); err != nil {
		return nil, err
	}
	id := r.PathValue("phone")
	s.mu.Lock()
	p := s.find(id)
	if p == nil {
		s.mu.Unlock()
		return nil, &notFound{"phone"}
	}
	if in.AutoRead != nil {
		p.AutoRead = *in.AutoRead
		s.changed()
		s.tellPhone(p)
	}
	s.mu.Unlock()
	if in.Online != nil {
		s.setOnline(id, *in.Online)
	}
	return nil, nil
}

func (s *Server) removePhone(r *http.Request) (any, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	p := s.find(r.PathValue("phone"))
	if p == nil {
		return nil, &notFound{"phone"}
	}
	s.phones = slices.DeleteFunc(s.phones, func(o *Phone) bool { return o == p })
	s.gone[p.ID] = true
	s.has.Delete(p.ID)
	s.changed()
	s.live.broadcast(map[string]any{"event": "removed", "phone_id": p.ID})
	return nil, nil
}

// changeIdentity gives the person a new number, or only a new user id when no number is given.
func (s *Server) changeIdentity(r *http.Request) (any, error) {
	var in struct {
		Phone string `json:"phone"`
	}
	if err := read(r, &in); err != nil {
		return nil, err
	}
	if err := s.graph.ChangeIdentity(r.PathValue("phone"), in.Phone); err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.refresh()
	if p := s.find(r.PathValue("phone")); p != nil {
		s.tellPhone(p)
	}
	s.changed()
	return nil, nil
}

// addFile stores a file to be sent: the body is the file, its name and type are in the query.
func (s *Server) addFile(r *http.Request) (any, error) {
	kind, name := r.URL.Query().Get("type"), filepath.Base(r.URL.Query().Get("name"))
	if _, _, err := mime.ParseMediaType(kind); err != nil {
		kind = "application/octet-stream"
	}
	var body io.Reader = http.MaxBytesReader(nil, r.Body, 100<<20)
	if strings.HasPrefix(kind, "audio/webm") {
		// A browser records Opus in WebM; a phone sends Opus in Ogg. The sound itself is not touched.
		ogg, err := webmToOgg(body)
		if err != nil {
			return nil, err
		}
		body, kind = ogg, "audio/ogg; codecs=opus"
	}
	md, err := s.graph.PutMedia(body, kind, name)
	if err != nil {
		return nil, err
	}
	return File{ID: md.ID, MIME: md.MIME, Name: name, Size: md.Size}, nil
}

// serveMedia shows a file in the page; only pictures, sound and video are shown, the rest is downloaded.
func (s *Server) serveMedia(w http.ResponseWriter, r *http.Request) {
	md, f, err := s.graph.OpenMedia(r.PathValue("id"))
	if err != nil {
		http.NotFound(w, r)
		return
	}
	defer func() { _ = f.Close() }()
	base, _, _ := mime.ParseMediaType(md.MIME)
	shown := base != "image/svg+xml" && (strings.HasPrefix(base, "image/") || strings.HasPrefix(base, "audio/") || strings.HasPrefix(base, "video/"))
	if !shown {
		name := md.Filename
		if name == "" {
			name = "arquivo"
		}
		w.Header().Set("Content-Disposition", mime.FormatMediaType("attachment", map[string]string{"filename": name}))
	}
	w.Header().Set("Content-Security-Policy", "sandbox; default-src 'none'")
	w.Header().Set("Content-Type", md.MIME)
	info, err := f.Stat()
	if err != nil {
		http.NotFound(w, r)
		return
	}
	http.ServeContent(w, r, "", info.ModTime(), f)
}

// draft is what the page sends when the person writes.
type draft struct {
	Type    string         `json:"type"`
	Content map[string]any `json:"content"`
	Cards   []any          `json:"contacts"` // of type contacts
	File    *File          `json:"file"`     // of media types
	Quote   string         `json:"quote"`    // wamid
	Answers string         `json:"answers"`  // wamid of the message whose button or row was tapped
	Chosen  string         `json:"chosen"`
}

var fileTypes = map[string]bool{"image": true, "video": true, "audio": true, "document": true, "sticker": true}

// write sends a person's message, or keeps it until the phone is online.
func (s *Server) write(r *http.Request) (any, error) {
	var d draft
	if err := read(r, &d); err != nil {
		return nil, err
	}
	in, err := s.compose(r.PathValue("number"), r.PathValue("phone"), &d)
	if err != nil {
		return nil, err
	}
	if in.ID, err = s.graph.InboundID(in.Number, in.Person); err != nil {
		return nil, err
	}
	shown, err := json.Marshal(in.Content)
	if err != nil {
		return nil, fmt.Errorf("encode message: %w", err)
	}
	s.mu.Lock()
	p := s.find(in.Person)
	if p == nil {
		s.mu.Unlock()
		return nil, &notFound{"phone"}
	}
	c := p.chat(in.Number)
	online := p.Online
	if d.Type == "reaction" {
		id, _ := d.Content["message_id"].(string)
		emoji, _ := d.Content["emoji"].(string)
		if m := c.message(id); m != nil {
			m.React.Mine = emoji
			s.changed()
			s.tellMessage(p, in.Number, m)
		}
	}
	m := &Message{ID: in.ID, Mine: true, At: s.graph.Now(), Type: d.Type, Content: shown, Quote: d.Quote, Status: "sent"}
	if d.File != nil {
		m.Media = []File{*d.File}
	}
	if !online {
		m.Status, m.Waiting = "queued", in
	}
	if answered := c.message(d.Answers); answered != nil {
		answered.Chosen = d.Chosen
		s.tellMessage(p, in.Number, answered)
	}
	if d.Type != "reaction" || !online {
		if d.Type != "reaction" {
			m.Quote = firstOf(d.Quote, d.Answers)
		}
		s.add(c, m)
		s.tellMessage(p, in.Number, m)
	}
	key := m.Key
	s.mu.Unlock()
	if online {
		s.push(*in)
	}
	return map[string]string{"id": in.ID, "key": key}, nil
}

func firstOf(a, b string) string {
	if a != "" {
		return a
	}
	return b
}

// compose makes the platform's message from what the page sent.
func (s *Server) compose(number, person string, d *draft) (*graph.Inbound, error) {
	in := &graph.Inbound{Number: number, Person: person, Type: d.Type, Content: d.Content}
	display := ""
	for _, b := range s.graph.Businesses() {
		if b.Number == number {
			display = onlyDigits(b.Display)
		}
	}
	if display == "" {
		return nil, &notFound{"business"}
	}
	if about := firstOf(d.Quote, d.Answers); about != "" && d.Type != "reaction" {
		in.Context = map[string]any{"from": s.author(number, person, about, display), "id": about}
	}
	switch {
	case fileTypes[d.Type]:
		if d.File == nil {
			return nil, errors.New("a media message needs a file")
		}
		md, f, err := s.graph.OpenMedia(d.File.ID)
		if err != nil {
			return nil, &notFound{"file"}
		}
		_ = f.Close()
		content := s.graph.InboundMedia(md)
		maps.Copy(content, d.Content)
		in.Content = content
	case d.Type == "contacts":
		in.Content = d.Cards
	case d.Type == "text":
		if t, _ := d.Content["body"].(string); strings.TrimSpace(t) == "" {
			return nil, errors.New("the text is empty")
		}
	case d.Type == "reaction":
		if d.Content["emoji"] == "" {
			delete(d.Content, "emoji") // a taken back reaction has no emoji
		}
	case d.Content == nil:
		return nil, errors.New("the message has no content")
	}
	return in, nil
}

// author returns the number of whoever wrote a message of a chat.
func (s *Server) author(number, person, id, display string) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	p := s.find(person)
	if p == nil {
		return display
	}
	if m := p.chat(number).message(id); m != nil && m.Mine {
		if p.HidePhone {
			return p.UserID
		}
		return p.Phone
	}
	return display
}

func onlyDigits(s string) string {
	return strings.Map(func(r rune) rune {
		if r < '0' || r > '9' {
			return -1
		}
		return r
	}, s)
}

func (s *Server) openChat(r *http.Request) (any, error) {
	s.open(r.PathValue("phone"), r.PathValue("number"), r.URL.Query().Get("force") == "1")
	return nil, nil
}

func (s *Server) playedMessage(r *http.Request) (any, error) {
	var in struct {
		ID string `json:"id"`
	}
	if err := read(r, &in); err != nil {
		return nil, err
	}
	s.played(r.PathValue("phone"), r.PathValue("number"), in.ID)
	return nil, nil
}

func (s *Server) clearChat(r *http.Request) (any, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	p := s.find(r.PathValue("phone"))
	if p == nil {
		return nil, &notFound{"phone"}
	}
	number := r.PathValue("number")
	p.chat(number).Messages = nil
	s.changed()
	s.live.broadcast(map[string]any{"event": "cleared", "phone_id": p.ID, "number": number})
	return nil, nil
}

// marketing stops or resumes a business's marketing messages to this phone.
func (s *Server) marketing(r *http.Request) (any, error) {
	var in struct {
		Stop bool `json:"stop"`
	}
	if err := read(r, &in); err != nil {
		return nil, err
	}
	id, number := r.PathValue("phone"), r.PathValue("number")
	if err := s.graph.SetPreference(number, id, in.Stop); err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if p := s.find(id); p != nil {
		p.chat(number).OptedOut = in.Stop
		s.changed()
		s.live.broadcast(map[string]any{"event": "chat", "phone_id": id, "number": number, "opted_out": in.Stop})
	}
	return nil, nil
}

func isBlocked(err error) bool { return errors.Is(err, graph.ErrBlocked) }
