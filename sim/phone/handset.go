package phone

import (
	"encoding/json"
	"slices"
	"time"

	"github.com/perene/perene/sim/graph"
)

// Has tells whether a person's phone is on the page.
func (s *Server) Has(person string) bool {
	_, ok := s.has.Load(person)
	return ok
}

// Message takes what a business sent: delivered at once, or when the phone is back.
func (s *Server) Message(out graph.Outgoing) {
	rc := out.Receipt
	s.mu.Lock()
	p := s.find(rc.Person)
	if p == nil {
		s.mu.Unlock()
		return
	}
	c := p.chat(rc.Number)
	if out.Type == "reaction" {
		s.theirReaction(p, rc.Number, c, out.Content)
		s.mu.Unlock()
		return
	}
	m := &Message{ID: rc.ID, At: rc.At, Seq: out.Seq, Type: out.Type, Content: out.Content, Template: out.Template, Quote: out.Context, Receipt: &rc}
	if out.Quiet {
		m.Receipt = nil
	}
	for _, id := range out.Media {
		m.Media = append(m.Media, s.describeFile(id))
	}
	m.Delivered = p.Online
	c.TypingUntil = time.Time{}
	s.add(c, m)
	online := p.Online
	if online {
		s.tellMessage(p, rc.Number, m)
		s.tellTyping(p, rc.Number, c)
	}
	s.mu.Unlock()
	if online && !out.Quiet {
		s.graph.Report(rc, "delivered", 0)
	}
}

func (s *Server) describeFile(id string) File {
	if id == "" {
		return File{}
	}
	md, f, err := s.graph.OpenMedia(id)
	if err != nil {
		return File{}
	}
	_ = f.Close()
	return File{ID: md.ID, MIME: md.MIME, Name: md.Filename, Size: md.Size}
}

func (s *Server) theirReaction(p *Phone, number string, c *Chat, content json.RawMessage) {
	var r struct {
		MessageID string `json:"message_id"`
		Emoji     string `json:"emoji"`
	}
	if json.Unmarshal(content, &r) != nil {
		return
	}
	if m := c.message(r.MessageID); m != nil {
		m.React.Theirs = r.Emoji
		s.changed()
		s.tellMessage(p, number, m)
	}
}

// Typing shows that the business is writing.
func (s *Server) Typing(number, person string, until time.Time) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if p := s.find(person); p != nil {
		c := p.chat(number)
		c.TypingUntil = until
		if p.Online {
			s.tellTyping(p, number, c)
		}
	}
}

// BusinessRead marks my messages up to one as read by the business.
func (s *Server) BusinessRead(number, person, wamid string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	p := s.find(person)
	if p == nil {
		return
	}
	c := p.chat(number)
	reached := false
	for _, m := range slices.Backward(c.Messages) {
		reached = reached || m.ID == wamid
		if reached && m.Mine && m.Status != "read" && m.Status != "queued" {
			m.Status = "read"
			s.tellMessage(p, number, m)
		}
	}
	s.changed()
}

// Acked gives a message of mine its second tick.
func (s *Server) Acked(number, person, wamid string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	p := s.find(person)
	if p == nil {
		return
	}
	if m := p.chat(number).message(wamid); m != nil && m.Status == "sent" {
		m.Status = "delivered"
		s.changed()
		s.tellMessage(p, number, m)
	}
}

// setOnline switches the network of a phone. Back on, it delivers what waited, both ways, in order.
func (s *Server) setOnline(id string, online bool) {
	s.mu.Lock()
	p := s.find(id)
	if p == nil || p.Online == online {
		s.mu.Unlock()
		return
	}
	p.Online = online
	var reports []graph.Receipt
	var sends []graph.Inbound
	if online {
		for number, c := range p.Chats {
			for _, m := range c.Messages {
				switch {
				case m.Waiting != nil:
					sends = append(sends, *m.Waiting)
					m.Waiting, m.Status = nil, "sent"
				case !m.Mine && !m.Delivered:
					m.Delivered = true
					if m.Receipt != nil {
						reports = append(reports, *m.Receipt)
					}
				default:
					continue
				}
				s.tellMessage(p, number, m)
			}
			s.tellTyping(p, number, c)
		}
	}
	s.changed()
	s.tellPhone(p)
	s.mu.Unlock()
	for _, rc := range reports {
		s.graph.Report(rc, "delivered", 0)
	}
	for _, in := range sends {
		s.push(in)
	}
}

// push hands a message to the platform.
func (s *Server) push(in graph.Inbound) {
	if _, err := s.graph.Inbound(in); err != nil && !isBlocked(err) {
		s.log.Error("A simulated customer's message was not sent.", "error", err)
	}
}

// open tells that a chat is being looked at: delivered messages become read.
func (s *Server) open(id, number string, force bool) {
	s.mu.Lock()
	p := s.find(id)
	if p == nil || !p.Online || (!p.AutoRead && !force) {
		s.mu.Unlock()
		return
	}
	var reports []graph.Receipt
	for _, m := range p.chat(number).Messages {
		if m.Mine || m.Read || !m.Delivered {
			continue
		}
		m.Read = true
		if m.Receipt != nil {
			reports = append(reports, *m.Receipt)
		}
		s.tellMessage(p, number, m)
	}
	if len(reports) > 0 {
		s.changed()
	}
	s.mu.Unlock()
	for _, rc := range reports {
		s.graph.Report(rc, "read", 0)
	}
}

// played tells that a voice message was listened to.
func (s *Server) played(id, number, message string) {
	s.mu.Lock()
	var rc *graph.Receipt
	if p := s.find(id); p != nil {
		if m := p.chat(number).message(message); m != nil && !m.Mine && !m.Played {
			m.Played, rc = true, m.Receipt
			s.changed()
			s.tellMessage(p, number, m)
		}
	}
	s.mu.Unlock()
	if rc != nil {
		s.graph.Report(*rc, "played", 0)
	}
}
