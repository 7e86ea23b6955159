package phone

import (
	"context"
	"encoding/json"
	"net/http"
	"sync"
	"time"

	"github.com/coder/websocket"
)

// hub sends every change to every open page.
type hub struct {
	mu     sync.Mutex
	pages  map[chan []byte]context.CancelFunc
	closed bool
}

func newHub() *hub { return &hub{pages: map[chan []byte]context.CancelFunc{}} }

// broadcast sends to all pages; one that does not keep up is cut off and loads anew.
func (h *hub) broadcast(v any) {
	b, err := json.Marshal(v)
	if err != nil {
		return
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	for ch, cut := range h.pages {
		select {
		case ch <- b:
		default:
			cut()
		}
	}
}

func (h *hub) close() {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.closed = true
	for _, cut := range h.pages {
		cut()
	}
}

type phoneView struct {
	ID        string `json:"id"`
	Name      string `json:"name"`
	Phone     string `json:"phone,omitempty"`
	UserID    string `json:"user_id"`
	Username  string `json:"username,omitempty"`
	HidePhone bool   `json:"hide_phone,omitempty"`
	Online    bool   `json:"online"`
	AutoRead  bool   `json:"auto_read"`
}

func (p *Phone) view() phoneView {
	return phoneView{p.ID, p.Name, p.Phone, p.UserID, p.Username, p.HidePhone, p.Online, p.AutoRead}
}

func (s *Server) tellPhone(p *Phone) {
	s.live.broadcast(map[string]any{"event": "phone", "phone": p.view()})
}

func (s *Server) tellMessage(p *Phone, number string, m *Message) {
	s.live.broadcast(map[string]any{"event": "message", "phone_id": p.ID, "number": number, "message": m})
}

func (s *Server) tellTyping(p *Phone, number string, c *Chat) {
	s.live.broadcast(map[string]any{"event": "typing", "phone_id": p.ID, "number": number, "typing_ms": s.typingFor(c)})
}

func (s *Server) typingFor(c *Chat) int64 {
	return max(0, c.TypingUntil.Sub(s.graph.Now()).Milliseconds())
}

// state is what a page starts from. Messages that have not reached a phone are not shown; the caller holds s.mu.
func (s *Server) state() map[string]any {
	phones := []any{}
	for _, p := range s.phones {
		chats := map[string]any{}
		for number, c := range p.Chats {
			shown := []*Message{}
			for _, m := range c.Messages {
				if m.Mine || m.Delivered {
					shown = append(shown, m)
				}
			}
			chats[number] = map[string]any{"messages": shown, "typing_ms": s.typingFor(c), "opted_out": c.OptedOut}
		}
		phones = append(phones, struct {
			phoneView
			Chats map[string]any `json:"chats"`
		}{p.view(), chats})
	}
	return map[string]any{"event": "state", "phones": phones}
}

// serveLive is the WebSocket of a page: the whole state first, then every change.
func (s *Server) serveLive(w http.ResponseWriter, r *http.Request) {
	conn, err := websocket.Accept(w, r, nil) // refuses pages of other origins
	if err != nil {
		return
	}
	defer func() { _ = conn.CloseNow() }()
	ctx, cancel := context.WithCancel(r.Context())
	defer cancel()
	ctx = conn.CloseRead(ctx)
	ch := make(chan []byte, 1024)
	businesses := s.graph.Businesses()
	// Joining and taking the state happen under the lock of changes: nothing is missed, nothing doubled.
	s.mu.Lock()
	first := s.state()
	first["businesses"] = businesses
	b, err := json.Marshal(first)
	s.live.mu.Lock()
	closed := s.live.closed
	if !closed {
		s.live.pages[ch] = cancel
	}
	s.live.mu.Unlock()
	s.mu.Unlock()
	if err != nil || closed {
		return
	}
	defer func() {
		s.live.mu.Lock()
		delete(s.live.pages, ch)
		s.live.mu.Unlock()
	}()
	for {
		wctx, done := context.WithTimeout(ctx, 10*time.Second)
		err := conn.Write(wctx, websocket.MessageText, b)
		done()
		if err != nil {
			return
		}
		select {
		case b = <-ch:
		case <-ctx.Done():
			return
		}
	}
}
