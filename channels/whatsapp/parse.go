package whatsapp

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/perene/perene/channels"
	"github.com/perene/perene/channels/meta"
	"github.com/perene/perene/models"
)

// elementsMax is how many elements a delivery may have. Meta batches up to
// 1,000 updates; a chunk of history holds more.
const elementsMax = 20000

// Parse implements channels.Adapter.
func (a *Adapter) Parse(body []byte) (delivery channels.Delivery) {
	// A defect here must not make Meta redeliver one body for seven days: it
	// goes to quarantine like any other body nobody can read.
	defer func() {
		if recover() != nil {
			delivery = unreadable(body, models.QuarantineParserBroke, "the parser broke")
		}
	}()
	return parse(body)
}

// ParseElement implements channels.ElementReader: it puts the message back into a delivery of its own.
func (a *Adapter) ParseElement(raw []byte, providerRef string) channels.Delivery {
	if !json.Valid(raw) {
		return a.Parse(raw)
	}
	var alone outDelivery
	alone.Object = accountObject
	alone.Entry[0].Changes[0].Field = "messages"
	value := &alone.Entry[0].Changes[0].Value
	value.Product, value.Metadata.PhoneNumberID, value.Messages[0] = "whatsapp", providerRef, raw
	return a.Parse(mustJSON(alone))
}

// accountObject is what every delivery of WhatsApp is about.
const accountObject = "whatsapp_business_account"

// outDelivery is a delivery of one message, as Meta writes it.
type outDelivery struct {
	Object string `json:"object"`
	Entry  [1]struct {
		Changes [1]struct {
			Field string `json:"field"`
			Value struct {
				Product  string `json:"messaging_product"`
				Metadata struct {
					PhoneNumberID string `json:"phone_number_id"`
				} `json:"metadata"`
				Messages [1]json.RawMessage `json:"messages"`
			} `json:"value"`
		} `json:"changes"`
	} `json:"entry"`
}

func unreadable(body []byte, code models.QuarantineCode, reason string) channels.Delivery {
	return channels.Delivery{Elements: []channels.Element{{Kind: channels.ElementUnparseable,
		Raw: slices.Clone(body), Unparseable: &channels.Unparseable{Code: code, Reason: reason}}}}
}

// byteOrderMark may stand before a body that a proxy wrote again.
var byteOrderMark = []byte("\xef\xbb\xbf")

func parse(body []byte) channels.Delivery {
	var envelope struct {
		Object string            `json:"object"`
		Entry  []json.RawMessage `json:"entry"`
	}
	if err := json.Unmarshal(meta.Scrub(bytes.TrimPrefix(body, byteOrderMark)), &envelope); err != nil {
		code, reason := jsonReason(err)
		return unreadable(body, code, reason)
	}
	if envelope.Object != "" && envelope.Object != accountObject {
		return unreadable(body, models.QuarantineWrongObject, "the object is not "+accountObject)
	}
	p := &parser{}
	for _, entry := range envelope.Entry {
		p.entry(entry)
	}
	if len(p.elements) > elementsMax {
		return unreadable(body, models.QuarantineTooMany, fmt.Sprintf("more than %d elements", elementsMax))
	}
	return channels.Delivery{Elements: p.elements, NewestAt: p.newest()}
}

// jsonReason says what is wrong with a JSON text without repeating it.
func jsonReason(err error) (models.QuarantineCode, string) {
	var syntax *json.SyntaxError
	var kind *json.UnmarshalTypeError
	switch {
	case errors.As(err, &syntax):
		return models.QuarantineNotJSON, fmt.Sprintf("not JSON from byte %d on", syntax.Offset)
	case errors.As(err, &kind) && kind.Field == "":
		return models.QuarantineWrongType, "wrong type: " + kind.Value
	case errors.As(err, &kind):
		return models.QuarantineWrongType, fmt.Sprintf("field %q has the wrong type: %s", strings.TrimPrefix(kind.Field, "inContent."), kind.Value)
	}
	return models.QuarantineNotJSON, "not JSON"
}

// parser gathers the elements of one delivery.
type parser struct{ elements []channels.Element }

// scope is what the elements of a change have in common.
type scope struct {
	field         string
	phoneNumberID string
	displayPhone  string
	businessID    string
	at            meta.Time
	imported      bool
	standby       bool
	contacts      []inContact
}

// full reports whether there are too many elements already.
func (p *parser) full() bool { return len(p.elements) > elementsMax }

// element starts an element with what its scope says.
func (s *scope) element(kind channels.ElementKind, raw json.RawMessage) channels.Element {
	return channels.Element{Kind: kind, Field: s.field, ProviderRef: s.phoneNumberID, PortfolioRef: s.businessID,
		At: s.at.Time, Imported: s.imported, Standby: s.standby, Raw: raw}
}

func (p *parser) add(e channels.Element) {
	if p.full() {
		return
	}
	p.elements = append(p.elements, e)
}

func (p *parser) refuse(s *scope, raw json.RawMessage, code models.QuarantineCode, reason string) {
	e := s.element(channels.ElementUnparseable, raw)
	e.Unparseable = &channels.Unparseable{Code: code, Reason: reason}
	p.add(e)
}

func (p *parser) refuseJSON(s *scope, raw json.RawMessage, err error) {
	code, reason := jsonReason(err)
	p.refuse(s, raw, code, reason)
}

// decode reads raw into v, or refuses it.
func (p *parser) decode(s *scope, raw json.RawMessage, v any) bool {
	if meta.Depth(raw) > meta.DepthMax {
		p.refuse(s, raw, models.QuarantineTooDeep, fmt.Sprintf("nested deeper than %d", meta.DepthMax))
		return false
	}
	if err := json.Unmarshal(raw, v); err != nil {
		p.refuseJSON(s, raw, err)
		return false
	}
	return true
}

func (p *parser) entry(raw json.RawMessage) {
	var entry struct {
		ID      meta.String       `json:"id"`
		Time    meta.Time         `json:"time"`
		Changes []json.RawMessage `json:"changes"`
	}
	s := &scope{}
	if err := json.Unmarshal(raw, &entry); err != nil {
		p.refuseJSON(s, raw, err)
		return
	}
	if len(entry.Changes) == 0 {
		s.businessID, s.at = string(entry.ID), entry.Time
		p.unknown(s, raw)
		return
	}
	for _, change := range entry.Changes {
		p.change(&scope{businessID: string(entry.ID), at: entry.Time}, change)
	}
}

func (p *parser) unknown(s *scope, raw json.RawMessage) {
	if meta.Depth(raw) > meta.DepthMax {
		p.refuse(s, raw, models.QuarantineTooDeep, fmt.Sprintf("nested deeper than %d", meta.DepthMax))
		return
	}
	p.add(s.element(channels.ElementUnknown, raw))
}

// inValue are the parts of a value that hold lists of elements.
type inValue struct {
	Metadata struct {
		DisplayPhone  meta.String `json:"display_phone_number"`
		PhoneNumberID meta.String `json:"phone_number_id"`
	} `json:"metadata"`
	Contacts    []json.RawMessage `json:"contacts"`
	Messages    []json.RawMessage `json:"messages"`
	Echoes      []json.RawMessage `json:"message_echoes"`
	Statuses    []json.RawMessage `json:"statuses"`
	Errors      []json.RawMessage `json:"errors"`
	StateSync   []json.RawMessage `json:"state_sync"`
	History     []json.RawMessage `json:"history"`
	Preferences []json.RawMessage `json:"user_preferences"`
	Calls       []json.RawMessage `json:"calls"`
}

func (p *parser) change(s *scope, raw json.RawMessage) {
	var change struct {
		Field meta.String     `json:"field"`
		Value json.RawMessage `json:"value"`
	}
	if err := json.Unmarshal(raw, &change); err != nil {
		p.refuseJSON(s, raw, err)
		return
	}
	s.field = string(change.Field)
	if p.event(s, change.Value) {
		return
	}
	var v inValue
	if len(change.Value) == 0 || change.Value[0] != '{' {
		p.refuse(s, raw, models.QuarantineNoValue, "the change's value is no object")
		return
	}
	if err := json.Unmarshal(change.Value, &v); err != nil {
		p.refuseJSON(s, change.Value, err)
		return
	}
	s.phoneNumberID, s.displayPhone = string(v.Metadata.PhoneNumberID), string(v.Metadata.DisplayPhone)
	s.imported = s.field == "history"
	s.standby = s.field == "standby"
	for _, c := range v.Contacts {
		// A contact nobody can read costs the name, not the message.
		var contact inContact
		if json.Unmarshal(c, &contact) == nil {
			s.contacts = append(s.contacts, contact)
		}
	}
	before := len(p.elements)
	p.each(s, v.Messages, p.message)
	p.each(s, v.Echoes, p.echo)
	p.each(s, v.Statuses, p.status)
	p.each(s, v.Errors, p.problem)
	p.each(s, v.StateSync, p.appContact)
	p.each(s, v.History, p.history)
	p.each(s, v.Preferences, p.preference)
	p.each(s, v.Calls, p.call)
	if len(p.elements) == before {
		p.unknown(s, change.Value)
	}
}

func (p *parser) each(s *scope, list []json.RawMessage, read func(*scope, json.RawMessage)) {
	for _, raw := range list {
		if p.full() {
			return
		}
		read(s, raw)
	}
}
