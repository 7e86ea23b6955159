package whatsapp

import (
	"encoding/json"
	"strings"

	"github.com/perene/perene/channels"
	"github.com/perene/perene/channels/meta"
	"github.com/perene/perene/models"
)

// idMax is how long a provider's message id may be, in bytes: it stands in a
// unique index.
const idMax = 512

// inMessage is an element of messages[], of message_echoes[] and of a history
// thread.
type inMessage struct {
	ID           meta.String `json:"id"`
	From         meta.String `json:"from"`
	FromUserID   meta.String `json:"from_user_id"`
	FromParentID meta.String `json:"from_parent_user_id"`
	To           meta.String `json:"to"`
	ToUserID     meta.String `json:"to_user_id"`
	ToParentID   meta.String `json:"to_parent_user_id"`
	Timestamp    meta.Time   `json:"timestamp"`
	GroupID      meta.String `json:"group_id"`
	History      struct {
		Status meta.String `json:"status"`
	} `json:"history_context"`
	System *inSystem `json:"system"`
	inContent
}

// inSystem is a system message.
type inSystem struct {
	Body             meta.String `json:"body"`
	Type             meta.String `json:"type"`
	WaID             meta.String `json:"wa_id"`
	NewWaID          meta.String `json:"new_wa_id"`
	UserID           meta.String `json:"user_id"`
	ParentID         meta.String `json:"parent_user_id"`
	PreviousUserID   meta.String `json:"previous_user_id"`
	PreviousParentID meta.String `json:"previous_parent_user_id"`
}

// changes reports whether a system message says that a person has a new number or user id. The older word says so only where
// it also names the new number.
func (s *inSystem) changes() bool {
	switch s.Type {
	case "user_changed_number", "user_changed_user_id":
		return true
	case "customer_changed_number":
		return s.WaID != "" || s.NewWaID != ""
	}
	return false
}

func (p *parser) message(s *scope, raw json.RawMessage) {
	m, ok := p.readMessage(s, raw)
	if !ok {
		return
	}
	switch {
	case m.Type == "system" && m.System != nil && m.System.changes():
		p.identityChange(s, raw, m)
		return
	case s.imported && s.isUs(m.From):
		// A file of ours that a chunk of history announced. It need not say to whom it went: the announcement did.
		p.addMessage(s, raw, m, channels.ElementEcho, s.person(m.To, m.ToUserID, m.ToParentID), true)
		return
	case m.Type == "request_welcome":
		// Somebody opened the chat and said nothing; Meta ended it in 2026.
		e := s.element(channels.ElementUnknown, raw)
		e.At = m.Timestamp.Time
		p.add(e)
		return
	}
	person := s.person(m.From, m.FromUserID, m.FromParentID)
	if person.IsZero() {
		p.refuse(s, raw, models.QuarantineNobody, "the message names no sender")
		return
	}
	p.addMessage(s, raw, m, channels.ElementMessage, person, false)
}

func (p *parser) echo(s *scope, raw json.RawMessage) {
	m, ok := p.readMessage(s, raw)
	if !ok {
		return
	}
	person := s.person(m.To, m.ToUserID, m.ToParentID)
	if person.IsZero() && m.GroupID == "" {
		p.refuse(s, raw, models.QuarantineNobody, "the echo names no receiver")
		return
	}
	p.addMessage(s, raw, m, channels.ElementEcho, person, true)
}

func (p *parser) readMessage(s *scope, raw json.RawMessage) (*inMessage, bool) {
	var m inMessage
	if !p.decode(s, raw, &m) {
		return nil, false
	}
	switch {
	case m.ID == "":
		p.refuse(s, raw, models.QuarantineNoID, "the message has no id")
	case len(m.ID) > idMax:
		p.refuse(s, raw, models.QuarantineNoID, "the message's id is too long")
	default:
		return &m, true
	}
	return nil, false
}

func (p *parser) addMessage(s *scope, raw json.RawMessage, m *inMessage, kind channels.ElementKind, person channels.Person, fromMe bool) {
	e := s.element(kind, raw)
	e.At = m.Timestamp.Time
	e.Message = &channels.InboundMessage{ProviderID: string(m.ID), Person: person, FromMe: fromMe,
		GroupID: string(m.GroupID), Reached: reached(string(m.History.Status))}
	if m.Type == "system" && m.System != nil {
		e.Message.Content = models.Content{Kind: models.ContentKindSystemNote, Text: string(m.System.Body),
			SystemNote: &models.ContentSystemNote{Code: models.NoteChannel, Params: map[string]string{"type": string(m.System.Type)}}}
	} else {
		e.Message.Content = m.content(0)
	}
	p.add(e)
}

// identityChange reads "this person has a new number" and "a new user id". The
// old number stands in from, which is missing when the phone is hidden.
func (p *parser) identityChange(s *scope, raw json.RawMessage, m *inMessage) {
	change := &channels.IdentityChange{ProviderID: string(m.ID), Reason: string(m.System.Type),
		Previous: channels.Person{UserID: opaque(m.System.PreviousUserID), ParentUserID: opaque(m.System.PreviousParentID)},
		Current:  channels.Person{UserID: opaque(m.System.UserID), ParentUserID: opaque(m.System.ParentID)},
	}
	place(&change.Previous, string(m.From))
	place(&change.Current, string(m.System.WaID))
	place(&change.Current, string(m.System.NewWaID))
	if change.Previous.IsZero() || change.Current.IsZero() {
		p.refuse(s, raw, models.QuarantineNobody, "the change of identity names no old or no new identity")
		return
	}
	e := s.element(channels.ElementIdentityChange, raw)
	e.At, e.IdentityChange = m.Timestamp.Time, change
	p.add(e)
}

// reached says how far a message of the history had come.
func reached(status string) models.Reached {
	switch r := models.Reached(strings.ToLower(status)); r {
	case models.ReachedPending, models.ReachedSent, models.ReachedDelivered, models.ReachedRead, models.ReachedPlayed:
		return r
	case "error":
		return models.ReachedFailed
	}
	return ""
}
