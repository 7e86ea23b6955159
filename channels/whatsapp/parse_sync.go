package whatsapp

import (
	"encoding/json"
	"time"

	"github.com/perene/perene/channels"
	"github.com/perene/perene/channels/meta"
	"github.com/perene/perene/internal/phone"
	"github.com/perene/perene/models"
)

// preference reads a person's "stop" or "resume" of marketing messages.
func (p *parser) preference(s *scope, raw json.RawMessage) {
	var in struct {
		WaID      meta.String `json:"wa_id"`
		UserID    meta.String `json:"user_id"`
		ParentID  meta.String `json:"parent_user_id"`
		Category  meta.String `json:"category"`
		Value     meta.String `json:"value"`
		Timestamp meta.Time   `json:"timestamp"`
	}
	if !p.decode(s, raw, &in) {
		return
	}
	person := s.person(in.WaID, in.UserID, in.ParentID)
	if person.IsZero() {
		p.refuse(s, raw, models.QuarantineNobody, "the preference names nobody")
		return
	}
	e := s.element(channels.ElementPreference, raw)
	e.At = in.Timestamp.Time
	e.Preference = &channels.Preference{Person: person, Marketing: in.Category == "marketing_messages", Stopped: in.Value == "stop"}
	p.add(e)
}

// appContact reads a change of the phone app's address book.
func (p *parser) appContact(s *scope, raw json.RawMessage) {
	var in struct {
		Type    meta.String `json:"type"`
		Action  meta.String `json:"action"`
		Contact struct {
			Phone     meta.String `json:"phone_number"`
			UserID    meta.String `json:"user_id"`
			FullName  meta.String `json:"full_name"`
			FirstName meta.String `json:"first_name"`
		} `json:"contact"`
		Metadata struct {
			Timestamp meta.Time `json:"timestamp"`
		} `json:"metadata"`
	}
	if !p.decode(s, raw, &in) {
		return
	}
	var person channels.Person
	person.UserID = opaque(in.Contact.UserID)
	place(&person, string(in.Contact.Phone))
	e := s.element(channels.ElementAppContact, raw)
	e.At, e.Imported = in.Metadata.Timestamp.Time, true
	if in.Type != "contact" || person.IsZero() {
		e.Kind = channels.ElementUnknown
		p.add(e)
		return
	}
	e.AppContact = &channels.AppContact{Action: string(in.Action), Phone: person.Phone, UserID: person.UserID,
		FullName: string(in.Contact.FullName), FirstName: string(in.Contact.FirstName)}
	p.add(e)
}

// inHistory is a chunk of the phone app's history.
type inHistory struct {
	Metadata struct {
		Phase    meta.Int `json:"phase"`
		Chunk    meta.Int `json:"chunk_order"`
		Progress meta.Int `json:"progress"`
	} `json:"metadata"`
	Threads []struct {
		ID      meta.String `json:"id"`
		Context struct {
			WaID     meta.String `json:"wa_id"`
			UserID   meta.String `json:"user_id"`
			Username meta.String `json:"username"`
		} `json:"context"`
		Messages []json.RawMessage `json:"messages"`
	} `json:"threads"`
	Errors []inError `json:"errors"`
}

// history reads a chunk: first its progress, then its messages thread by
// thread, all marked as imported.
func (p *parser) history(s *scope, raw json.RawMessage) {
	var in inHistory
	if !p.decode(s, raw, &in) {
		return
	}
	progress := &channels.History{Phase: int(in.Metadata.Phase), Chunk: int(in.Metadata.Chunk), Progress: int(in.Metadata.Progress)}
	if errors := readErrors(in.Errors); len(errors) > 0 {
		progress.Error = &errors[0]
	}
	// The element keeps the progress alone: each message keeps its own bytes.
	e := s.element(channels.ElementHistory, mustJSON(progress))
	e.History = progress
	p.add(e)
	for _, thread := range in.Threads {
		var person channels.Person
		person.UserID, person.Username = opaque(thread.Context.UserID), string(thread.Context.Username)
		place(&person, string(thread.Context.WaID))
		place(&person, string(thread.ID))
		p.each(s, thread.Messages, func(s *scope, raw json.RawMessage) { p.imported(s, raw, person) })
	}
}

func (p *parser) imported(s *scope, raw json.RawMessage, person channels.Person) {
	m, ok := p.readMessage(s, raw)
	if !ok {
		return
	}
	if person.IsZero() {
		p.refuse(s, raw, models.QuarantineNobody, "the thread names nobody")
		return
	}
	if s.weWrote(m, person) {
		p.addMessage(s, raw, m, channels.ElementEcho, person, true)
		return
	}
	p.addMessage(s, raw, m, channels.ElementMessage, person, false)
}

// weWrote reports whether an imported message is ours. Who wrote it counts more than to whom it went, and both are compared
// in every writing of a number.
func (s *scope) weWrote(m *inMessage, person channels.Person) bool {
	from, to := party(m.From, m.FromUserID), party(m.To, m.ToUserID)
	switch {
	case same(from, person):
		return false
	case s.isUs(m.From):
		return true
	case same(to, person):
		return true
	case s.isUs(m.To):
		return false
	}
	return !to.IsZero()
}

// party is one side of a message, without its name.
func party(id, userID meta.String) channels.Person {
	p := channels.Person{UserID: opaque(userID)}
	place(&p, string(id))
	return p
}

// isUs reports whether an id is our number, in any writing, or the provider's id of it.
func (s *scope) isUs(id meta.String) bool {
	return id != "" && (string(id) == s.phoneNumberID || phone.Same(string(id), s.displayPhone))
}

// newest is the newest time of what is not imported.
func (p *parser) newest() time.Time {
	var newest time.Time
	for i := range p.elements {
		if e := &p.elements[i]; !e.Imported && e.At.After(newest) {
			newest = e.At
		}
	}
	return newest
}
