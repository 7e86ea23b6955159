package graph

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"time"
)

// Inbound is what a person does in a chat with a business.
type Inbound struct {
	Number   string         `json:"number"`             // phone_number_id
	Person   string         `json:"person,omitempty"`   // person id, phone number or user id
	Type     string         `json:"type"`               // text, image, interactive, button, …
	Content  any            `json:"content"`            // the object (or array) named like the type
	Context  map[string]any `json:"context,omitempty"`  // quote: from and id; or forwarded
	Referral map[string]any `json:"referral,omitempty"` // the ad or post the person came from
	Errors   any            `json:"errors,omitempty"`   // of type unsupported
	ID       string         `json:"id,omitempty"`       // default a fresh wamid
	At       time.Time      `json:"at,omitzero"`        // default now
}

// ErrBlocked means that the business blocked the person: nothing arrives.
var ErrBlocked = errors.New("the business blocked this person")

// Inbound takes a person's message and sends it to the business as a webhook. It returns the wamid.
func (s *Server) Inbound(in Inbound) (string, error) {
	s.mu.Lock()
	n := s.numbers[in.Number]
	if n == nil {
		s.mu.Unlock()
		return "", fmt.Errorf("no business number %q: register it first", in.Number)
	}
	p := s.findPerson(n, in.Person)
	if p == nil {
		s.mu.Unlock()
		return "", fmt.Errorf("no such person: give a person id, a phone number or a user id")
	}
	now := s.Now()
	if in.At.IsZero() {
		in.At = now
	}
	if in.ID == "" {
		in.ID = s.ids.next(inbound, p.peer(), in.At)
	}
	pr := n.pair(p.ID)
	if in.At.After(pr.LastInbound) {
		pr.LastInbound = in.At
	}
	if in.Referral != nil {
		pr.ReferralAt = in.At
	}
	c := s.contact(n, p)
	m := map[string]any{"id": in.ID, "timestamp": unix(in.At), "type": in.Type, "from_user_id": c.UserID, in.Type: in.Content}
	if c.WaID != "" {
		m["from"] = c.WaID
	}
	for key, v := range map[string]any{"context": nonNil(in.Context), "referral": nonNil(in.Referral), "errors": in.Errors} {
		if v != nil {
			m[key] = v
		}
	}
	if in.Type == "system" {
		delete(m, "from_user_id")
	}
	raw, err := json.Marshal(m)
	if err != nil {
		s.mu.Unlock()
		return "", fmt.Errorf("encode message: %w", err)
	}
	v := &value{Product: "whatsapp", Metadata: n.metadata(), Contacts: []contact{c}, Messages: []json.RawMessage{raw}}
	if in.Type == "system" {
		v.Contacts = nil
	}
	blocked := n.Blocked[p.ID]
	dests := s.destinations(n.waba, n, "messages")
	s.changed()
	s.mu.Unlock()
	sum := sha256.Sum256(raw)
	e := Entry{At: now, Kind: "inbound", Number: n.ID, Person: p.ID, Type: in.Type, Wamid: in.ID, BodySHA: hex.EncodeToString(sum[:]), Outcome: "queued"}
	if blocked {
		e.Outcome = "blocked"
		s.ledger.add(e)
		return in.ID, ErrBlocked
	}
	s.counts.inbound.Add(1)
	s.ledger.add(e)
	s.hooks.send(dests, update{
		waba: n.waba.ID, number: n.ID, field: "messages", value: v, label: "message:" + in.ID,
		ack: &ackRef{Number: n.ID, Person: p.ID, Wamid: in.ID},
	})
	return in.ID, nil
}

// InboundID returns the id that a person's next message will have, so that a handset knows it before
// the business can answer.
func (s *Server) InboundID(number, person string) (string, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	n := s.numbers[number]
	if n == nil {
		return "", fmt.Errorf("no business number %q", number)
	}
	p := s.findPerson(n, person)
	if p == nil {
		return "", errors.New("no such person")
	}
	return s.ids.next(inbound, p.peer(), s.Now()), nil
}

func nonNil(m map[string]any) any {
	if m == nil {
		return nil
	}
	return m
}

// findPerson finds somebody by person id, user id or phone number; the caller holds s.mu.
func (s *Server) findPerson(n *Number, who string) *Person {
	if p := s.people[who]; p != nil {
		return p
	}
	if p := s.byUserID[n.waba.BusinessID+"|"+who]; p != nil {
		return p
	}
	if d, ok := digits(who); ok {
		return s.personByPhone(d)
	}
	return nil
}

// Event sends a signed webhook of any field to the apps subscribed to an account.
func (s *Server) Event(waba, number, field string, raw json.RawMessage) error {
	s.mu.Lock()
	w, n := s.wabas[waba], s.numbers[number]
	if n != nil {
		w = n.waba
	}
	if w == nil {
		s.mu.Unlock()
		return errors.New("no such waba or number: register it first")
	}
	dests := s.destinations(w, n, field)
	s.mu.Unlock()
	if field == "" || !json.Valid(raw) {
		return errors.New("an event needs a field and a JSON value")
	}
	s.hooks.send(dests, update{waba: w.ID, number: number, field: field, raw: raw, label: field})
	return nil
}

// event is Event for a value made here.
func (s *Server) event(w *WABA, field string, v any) {
	raw, err := json.Marshal(v)
	if err == nil {
		err = s.Event(w.ID, "", field, raw)
	}
	if err != nil {
		s.log.Error("A simulated event was not sent.", "field", field, "error", err)
	}
}

// People returns everybody who is registered (not those that a phone number implied).
func (s *Server) People() []Person {
	s.mu.Lock()
	defer s.mu.Unlock()
	var out []Person
	for _, p := range s.peopleInOrder() {
		if !p.Implicit {
			out = append(out, *p)
		}
	}
	return out
}

// AddPerson registers or changes a person and returns what is kept.
func (s *Server) AddPerson(p Person) (Person, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if d, ok := digits(p.Phone); ok && p.ID == "" {
		if old := s.byWaID[waID(d)]; old != nil && old.Implicit {
			p.ID, p.UserID, p.UserIDs = old.ID, old.UserID, old.UserIDs
		} else if old != nil {
			return p, errors.New("somebody else has this phone number")
		}
	}
	if err := s.addPerson(&p); err != nil {
		return p, err
	}
	s.changed()
	return p, nil
}

// Business is what a customer's phone shows of a business.
type Business struct {
	Number  string `json:"number"` // phone_number_id
	Name    string `json:"name"`
	Display string `json:"display"`
}

// Businesses lists the business numbers.
func (s *Server) Businesses() []Business {
	s.mu.Lock()
	defer s.mu.Unlock()
	var out []Business
	for _, id := range sortedKeys(s.numbers) {
		n := s.numbers[id]
		out = append(out, Business{Number: n.ID, Name: n.Name, Display: n.Display})
	}
	return out
}

// SetPreference records that a person stops or resumes marketing from a business, and tells the business.
func (s *Server) SetPreference(number, person string, stop bool) error {
	s.mu.Lock()
	n := s.numbers[number]
	if n == nil {
		s.mu.Unlock()
		return fmt.Errorf("no business number %q", number)
	}
	p := s.findPerson(n, person)
	if p == nil {
		s.mu.Unlock()
		return errors.New("no such person")
	}
	word, detail := "resume", "User requested to resume marketing messages"
	if stop {
		word, detail = "stop", "User requested to stop marketing messages"
	}
	n.OptOut[p.ID] = stop
	c := s.contact(n, p)
	pref := map[string]any{"user_id": c.UserID, "detail": detail, "category": "marketing_messages", "value": word, "timestamp": s.Now().Unix()}
	if c.WaID != "" {
		pref["wa_id"] = c.WaID
	}
	v := map[string]any{"messaging_product": "whatsapp", "metadata": n.metadata(), "contacts": []contact{c}, "user_preferences": []any{pref}}
	w := n.waba
	s.changed()
	s.mu.Unlock()
	s.event(w, "user_preferences", v)
	return nil
}

// ChangeIdentity gives a person a new phone number (and with it a new user id), or only a new user id
// when phone is empty. Every business the person talked to gets the system message.
func (s *Server) ChangeIdentity(person, phone string) error {
	s.mu.Lock()
	p := s.people[person]
	if p == nil {
		s.mu.Unlock()
		return errors.New("no such person")
	}
	kind, body := "user_changed_user_id", "User ID changed"
	d := ""
	if phone != "" {
		var ok bool
		if d, ok = digits(phone); !ok {
			s.mu.Unlock()
			return errors.New("the new phone number needs 7 to 15 digits with country code")
		}
		if o := s.byWaID[waID(d)]; o != nil && !o.Implicit {
			s.mu.Unlock()
			return errors.New("somebody else has this phone number")
		}
		kind, body = "user_changed_number", "User changed number"
	}
	type notice struct {
		number, before string
		shown          bool
	}
	var notices []notice
	for _, id := range sortedKeys(s.numbers) {
		if n := s.numbers[id]; n.pairs[p.ID] != nil {
			notices = append(notices, notice{id, s.userID(n.waba.BusinessID, p), s.phoneShown(n, p)})
		}
	}
	oldWa := p.WaID
	s.forgetUserIDs(p)
	p.UserIDs = nil
	if d != "" {
		delete(s.byWaID, p.WaID)
		p.Phone, p.WaID = d, waID(d)
		s.byWaID[p.WaID] = p
	}
	p.UserID = country(p.WaID) + "." + numericID(15)
	for _, w := range s.wabas {
		s.userID(w.BusinessID, p)
	}
	s.changed()
	s.mu.Unlock()
	for _, nt := range notices {
		if err := s.identityNotice(nt.number, p.ID, kind, body, oldWa, nt.before, nt.shown); err != nil {
			return err
		}
	}
	return nil
}

func (s *Server) identityNotice(number, person, kind, body, oldWa, before string, shown bool) error {
	s.mu.Lock()
	n, p := s.numbers[number], s.people[person]
	sys := map[string]any{"body": body, "type": kind, "user_id": s.userID(n.waba.BusinessID, p), "previous_user_id": before}
	m := map[string]any{"id": s.ids.next(inbound, p.peer(), s.Now()), "timestamp": unix(s.Now()), "type": "system", "system": sys}
	if kind == "user_changed_number" && shown {
		m["from"], sys["wa_id"] = oldWa, p.WaID
	}
	raw, err := json.Marshal(m)
	dests := s.destinations(n.waba, n, "messages")
	v := &value{Product: "whatsapp", Metadata: n.metadata(), Messages: []json.RawMessage{raw}}
	u := update{waba: n.waba.ID, number: n.ID, field: "messages", value: v, label: "message:" + m["id"].(string)}
	s.mu.Unlock()
	if err != nil {
		return fmt.Errorf("encode system message: %w", err)
	}
	s.hooks.send(dests, u)
	return nil
}
