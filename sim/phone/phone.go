// Package phone lets a person be the customer: a page with several phones, each of which chats with the
// businesses of the simulated platform (sim/graph) as a customer's phone does.
package phone

import (
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"sync"
	"time"

	"github.com/perene/perene/sim/graph"
)

// maxMessages is how many messages of a chat are kept.
const maxMessages = 500

// Config is what the page is started with.
type Config struct {
	Graph   *graph.Server
	DataDir string // chats survive restarts there; empty: they do not
	Logger  *slog.Logger
}

// Server keeps the phones and serves the page.
type Server struct {
	cfg   Config
	graph *graph.Server
	log   *slog.Logger
	has   sync.Map // person id → true; read by the platform under its own lock
	live  *hub

	// The platform is never called while mu is held, because it calls back.
	mu     sync.Mutex
	phones []*Phone
	gone   map[string]bool // people whose phone was removed from the page
	next   int
	dirty  bool
	closed bool
	timer  *time.Timer
}

// Phone is one person's phone.
type Phone struct {
	ID        string           `json:"id"` // the person's id
	Name      string           `json:"name"`
	Phone     string           `json:"phone,omitempty"` // digits
	UserID    string           `json:"user_id"`
	Username  string           `json:"username,omitempty"`
	HidePhone bool             `json:"hide_phone,omitempty"`
	Online    bool             `json:"online"`
	AutoRead  bool             `json:"auto_read"` // open chats are read at once
	Chats     map[string]*Chat `json:"chats"`     // by phone_number_id
}

// Chat is a phone's conversation with one business number.
type Chat struct {
	Messages    []*Message `json:"messages"`
	TypingUntil time.Time  `json:"typing_until,omitzero"`
	OptedOut    bool       `json:"opted_out,omitempty"`
}

// Message is one bubble.
type Message struct {
	Key      string          `json:"key"` // stable on the page
	ID       string          `json:"id,omitempty"`
	Mine     bool            `json:"mine,omitempty"`
	At       time.Time       `json:"at"`
	Seq      uint64          `json:"seq,omitempty"`
	Type     string          `json:"type"`
	Content  json.RawMessage `json:"content,omitempty"`
	Template *graph.Rendered `json:"template,omitempty"`
	Media    []File          `json:"media,omitempty"`
	Quote    string          `json:"quote,omitempty"`  // wamid of the quoted message
	Status   string          `json:"status,omitempty"` // mine: queued, sent, delivered, read
	Chosen   string          `json:"chosen,omitempty"` // the reply that was tapped
	React    Reactions       `json:"reactions"`

	Receipt   *graph.Receipt `json:"receipt,omitempty"`
	Delivered bool           `json:"delivered,omitempty"`
	Read      bool           `json:"read,omitempty"`
	Played    bool           `json:"played,omitempty"`
	Waiting   *graph.Inbound `json:"waiting,omitempty"` // written offline, still to be sent
}

// Reactions are the emoji of both sides on a message.
type Reactions struct {
	Mine   string `json:"mine,omitempty"`
	Theirs string `json:"theirs,omitempty"`
}

// File is a media file of a message.
type File struct {
	ID   string `json:"id"`
	MIME string `json:"mime_type"`
	Name string `json:"filename,omitempty"`
	Size int64  `json:"size,omitempty"`
}

// New starts the phones of everybody the platform knows and connects them to it.
func New(cfg Config) (*Server, error) {
	s := &Server{cfg: cfg, graph: cfg.Graph, log: cfg.Logger, live: newHub(), gone: map[string]bool{}}
	if s.log == nil {
		s.log = slog.New(slog.DiscardHandler)
	}
	if err := s.load(); err != nil {
		return nil, err
	}
	for _, p := range s.graph.People() {
		if s.find(p.ID) == nil && !s.gone[p.ID] {
			s.phones = append(s.phones, &Phone{ID: p.ID, Online: true, AutoRead: true, Chats: map[string]*Chat{}})
		}
	}
	s.refresh()
	s.graph.UseHandset(s)
	return s, nil
}

// refresh copies what the platform knows of people; the caller holds s.mu or nobody else has s yet.
func (s *Server) refresh() {
	people := map[string]graph.Person{}
	for _, p := range s.graph.People() {
		people[p.ID] = p
	}
	s.phones = slices.DeleteFunc(s.phones, func(ph *Phone) bool {
		p, ok := people[ph.ID]
		if !ok {
			s.has.Delete(ph.ID)
			return true
		}
		ph.Name, ph.Phone, ph.UserID, ph.Username, ph.HidePhone = p.Name, p.Phone, p.UserID, p.Username, p.HidePhone
		s.has.Store(ph.ID, true)
		return false
	})
}

func (s *Server) file() string { return filepath.Join(s.cfg.DataDir, "phones.json") }

type kept struct {
	Phones []*Phone        `json:"phones"`
	Gone   map[string]bool `json:"gone"`
	Next   int             `json:"next"`
}

func (s *Server) load() error {
	if s.cfg.DataDir == "" {
		return nil
	}
	b, err := os.ReadFile(s.file())
	if errors.Is(err, os.ErrNotExist) {
		return nil
	}
	var k kept
	if err == nil {
		err = json.Unmarshal(b, &k)
	}
	if err != nil {
		return fmt.Errorf("read phones: %w", err)
	}
	s.phones, s.next = k.Phones, k.Next
	if k.Gone != nil {
		s.gone = k.Gone
	}
	for _, p := range s.phones {
		if p.Chats == nil {
			p.Chats = map[string]*Chat{}
		}
	}
	return nil
}

// changed asks for the chats to be saved soon; the caller holds s.mu.
func (s *Server) changed() {
	if s.cfg.DataDir == "" || s.dirty || s.closed {
		return
	}
	s.dirty = true
	s.timer = time.AfterFunc(500*time.Millisecond, func() {
		if err := s.save(); err != nil {
			s.log.Error("The simulated phones were not saved.", "error", err)
		}
	})
}

func (s *Server) save() error {
	if s.cfg.DataDir == "" {
		return nil
	}
	s.mu.Lock()
	s.dirty = false
	b, err := json.Marshal(kept{s.phones, s.gone, s.next})
	s.mu.Unlock()
	if err != nil {
		return fmt.Errorf("encode phones: %w", err)
	}
	tmp := s.file() + ".new"
	if err := os.WriteFile(tmp, b, 0o600); err != nil {
		return fmt.Errorf("write phones: %w", err)
	}
	if err := os.Rename(tmp, s.file()); err != nil {
		return fmt.Errorf("write phones: %w", err)
	}
	return nil
}

// Close saves the chats and ends the live connections.
func (s *Server) Close() error {
	s.mu.Lock()
	s.closed = true
	if s.timer != nil {
		s.timer.Stop()
	}
	s.mu.Unlock()
	s.live.close()
	return s.save()
}

func (s *Server) find(id string) *Phone {
	for _, p := range s.phones {
		if p.ID == id {
			return p
		}
	}
	return nil
}

func (p *Phone) chat(number string) *Chat {
	c := p.Chats[number]
	if c == nil {
		c = &Chat{}
		p.Chats[number] = c
	}
	return c
}

func (c *Chat) message(id string) *Message {
	if id == "" {
		return nil
	}
	for _, v := range slices.Backward(c.Messages) {
		if m := v; m.ID == id || m.Key == id {
			return m
		}
	}
	return nil
}

// add appends a message in the order the platform accepted them; the caller holds s.mu.
func (s *Server) add(c *Chat, m *Message) {
	s.next++
	m.Key = "m" + strconv.Itoa(s.next)
	i := len(c.Messages)
	for m.Seq != 0 && i > 0 && c.Messages[i-1].Seq > m.Seq && !c.Messages[i-1].Mine {
		i--
	}
	c.Messages = slices.Insert(c.Messages, i, m)
	if extra := len(c.Messages) - maxMessages; extra > 0 {
		c.Messages = slices.Delete(c.Messages, 0, extra)
	}
	s.changed()
}
