package terminal

import (
	"encoding/json"
	"fmt"
	"strconv"
	"strings"

	"github.com/perene/perene/flow"
)

// Happening is what came of one thing that happened, as people read it.
type Happening struct {
	Messages []string       // what the contact got
	Calls    []string       // what other systems were asked
	Fields   map[string]any // the contact's fields that changed; nil values are cleared
	Labels   []string       // +added, -removed
	Notes    []string
	Priority string
	Ticket   string
	Lines    []string // what agents read
	End      string

	// What a simulator draws: the messages whole, the calls with their answers, and the way that was travelled.
	Sent  []Sent
	Asked []Asked
	Way   []Passed
}

func (h *Happening) field(f *flow.SetField) {
	if h.Fields == nil {
		h.Fields = map[string]any{}
	}
	h.Fields[f.Field] = f.Value
}

// traceLine is a node with the output it was left by, or what else was noted about it.
func traceLine(t *flow.Trace) string {
	line := t.Node
	if t.Flow != "" {
		line += "@" + t.Flow
	}
	switch {
	case t.Output != "":
		line += " → " + t.Output
	case t.Note != "":
		line += " (" + t.Note + ")"
	}
	return line
}

// merge adds what came later.
func (h *Happening) merge(later Happening) {
	h.Messages = append(h.Messages, later.Messages...)
	h.Calls = append(h.Calls, later.Calls...)
	for k, v := range later.Fields {
		h.field(&flow.SetField{Field: k, Value: v})
	}
	h.Labels = append(h.Labels, later.Labels...)
	h.Notes = append(h.Notes, later.Notes...)
	h.Lines = append(h.Lines, later.Lines...)
	h.Sent = append(h.Sent, later.Sent...)
	h.Asked = append(h.Asked, later.Asked...)
	h.Way = append(h.Way, later.Way...)
	for _, set := range []struct {
		to   *string
		from string
	}{{&h.Priority, later.Priority}, {&h.Ticket, later.Ticket}, {&h.End, later.End}} {
		if set.from != "" {
			*set.to = set.from
		}
	}
}

// Show writes a message as text: what the contact reads, buttons in brackets.
func Show(c *flow.Content) string {
	var lines []string
	add := func(s string) {
		if strings.TrimSpace(s) != "" {
			lines = append(lines, strings.TrimRight(s, "\n"))
		}
	}
	switch c.Kind {
	case flow.ContentTemplate:
		params := make([]string, 0, len(c.Template.Body))
		for _, p := range c.Template.Body {
			params = append(params, p.Text)
		}
		add("(template " + c.Template.Name + " " + c.Template.Language + ": " + strings.Join(params, "; ") + ")")
	case flow.ContentLocation:
		l := c.Location
		add(strings.TrimRight(fmt.Sprintf("(location %s %s %s", coordinates(l), l.Name, l.Address), " ") + ")")
	case flow.ContentContacts:
		for _, card := range c.Contacts {
			add(strings.TrimRight("(contact "+card.Name+" "+strings.Join(append(card.Phones, card.Emails...), " "), " ") + ")")
		}
	case flow.ContentImage, flow.ContentVideo, flow.ContentAudio, flow.ContentVoice, flow.ContentDocument, flow.ContentSticker:
		add("(" + string(c.Kind) + " " + file(c.Media) + ")")
	}
	if c.HeaderMedia != nil {
		add("(" + string(c.HeaderMedia.Kind) + " " + file(c.HeaderMedia.Media) + ")")
	}
	add(c.Header)
	add(c.Text)
	add(c.Footer)
	if len(c.Buttons) > 0 {
		titles := make([]string, len(c.Buttons))
		for i, b := range c.Buttons {
			titles[i] = "[" + b.Title + "]"
		}
		add(strings.Join(titles, " "))
	}
	if c.List != nil {
		add("[" + c.List.Button + " ▾]")
		for _, s := range c.List.Sections {
			add(s.Title)
			for _, r := range s.Rows {
				row := "- " + r.Title
				if r.Description != "" {
					row += ": " + r.Description
				}
				add(row)
			}
		}
	}
	if c.CTA != nil {
		add("[" + c.CTA.Title + " → " + c.CTA.URL + "]")
	}
	addShop(c, add)
	if c.Kind == flow.ContentLocationRequest {
		add("[📍]")
	}
	return strings.Join(lines, "\n")
}

// addShop writes the cards of a carousel and the items of a catalogue.
func addShop(c *flow.Content, add func(string)) {
	for _, card := range c.Cards {
		add(strings.TrimRight("- ("+string(card.Header.Kind)+" "+file(card.Header.Media)+") "+card.Text, " ") + " [" + card.CTA.Title + " → " + card.CTA.URL + "]")
	}
	if c.Product != nil {
		add("[🛍 " + c.Product.ID + "]")
	}
	if c.Products != nil {
		for _, s := range c.Products.Sections {
			add(strings.TrimLeft(s.Title+" [🛍 "+strings.Join(s.IDs, "] [🛍 ")+"]", " "))
		}
	}
	if c.Catalog != nil {
		add(strings.TrimRight("[🛍 ▾ "+c.Catalog.Thumbnail, " ") + "]")
	}
}

func coordinates(l *flow.Location) string {
	return strconv.FormatFloat(l.Latitude, 'f', -1, 64) + "," + strconv.FormatFloat(l.Longitude, 'f', -1, 64)
}

func file(m *flow.Media) string {
	for _, s := range []string{m.Filename, m.URL, m.ID} {
		if s != "" {
			return s
		}
	}
	return "?"
}

func showTicket(t *flow.OpenTicket) string {
	out := []string{string(t.Mode)}
	for _, part := range []struct{ name, value string }{{"queue", t.Queue}, {"agent", t.Agent}, {"fallback_queue", t.FallbackQueue}, {"priority", t.Priority}} {
		if part.value != "" {
			out = append(out, part.name+"="+part.value)
		}
	}
	if t.DefaultAgent {
		out = append(out, "default_agent")
	}
	if t.Suspended {
		out = append(out, "suspended")
	}
	return strings.Join(out, " ")
}

// showCall writes a call with its secrets as references.
func showCall(c *flow.Call) string {
	body := c.Body.Redacted()
	if c.Kind == "webhook" { // its body holds the time and ids; the event says what it is about
		var told struct {
			Event string `json:"event"`
		}
		_ = json.Unmarshal([]byte(body), &told) // the engine's own writing
		return strings.TrimRight("webhook "+told.Event+" "+c.URL.Redacted(), " ")
	}
	out := c.Method + " " + c.URL.Redacted()
	if body != "" {
		out += "\n" + body
	}
	return out
}

// Wait says what the run stands still for: "reply at menu until 2026-11-20T12:00", in the account's zone; empty when it
// does not.
func (p *Player) Wait() string {
	w := p.state.Wait
	if w == nil {
		return ""
	}
	out := string(w.For) + " at " + w.Node
	if w.Reason != "" {
		out += " (" + string(w.Reason) + ")"
	}
	if w.Until != nil && w.For != flow.WaitCall {
		out += " until " + p.local(*w.Until)
	}
	return out
}

// Vars are the variables of the innermost flow.
func (p *Player) Vars() map[string]any {
	if n := len(p.state.Frames); n > 0 {
		return p.state.Frames[n-1].Vars
	}
	return nil
}
