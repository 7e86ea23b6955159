package flow

import (
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

var update = flag.Bool("update", false, "write the golden files anew")

// golden is a file of testdata/kinds: a flow, what surrounds it, and conversations with what came of them.
type golden struct {
	Doc   json.RawMessage   `json:"doc"`
	Flows []json.RawMessage `json:"flows,omitempty"`
	World goldenWorld       `json:"world,omitzero"`
	Cases []goldenCase      `json:"cases"`
}

type goldenWorld struct {
	Now       time.Time           `json:"now,omitzero"`
	Zone      string              `json:"zone,omitempty"`
	Channel   string              `json:"channel,omitempty"` // whatsapp (default) or text
	Account   Account             `json:"account,omitzero"`
	Contact   Contact             `json:"contact,omitzero"`
	Closed    bool                `json:"window_closed,omitempty"`
	LastAgent string              `json:"last_agent,omitempty"`
	Queues    []Queue             `json:"queues,omitempty"`
	Templates []Template          `json:"templates,omitempty"`
	Misfits   map[string]string   `json:"misfits,omitempty"` // template → the field that its provider would refuse
	Hours     map[string]Calendar `json:"hours,omitempty"`
	Limits    Limits              `json:"limits,omitzero"`
}

type goldenCase struct {
	Name  string       `json:"name"`
	World *goldenWorld `json:"world,omitempty"`
	Steps []goldenStep `json:"steps"`
}

// goldenStep is one thing that happens; the rest of it is what came of it.
type goldenStep struct {
	Start  *Start       `json:"start,omitempty"`
	Say    string       `json:"say,omitempty"`
	Tap    string       `json:"tap,omitempty"`
	Send   *Inbound     `json:"inbound,omitempty"`
	After  string       `json:"after,omitempty"` // time passes, then the timer fires
	Pass   string       `json:"pass,omitempty"`  // time passes, nothing else
	Call   *CallResult  `json:"call,omitempty"`
	Sent   SendOutcome  `json:"sent,omitempty"`
	Ticket bool         `json:"ticket_closed,omitempty"`
	MoveTo string       `json:"move_to,omitempty"`
	Set    *SetVariable `json:"set,omitempty"`
	Stop   bool         `json:"stop,omitempty"`

	Effects []Effect       `json:"effects,omitempty"`
	Trace   []string       `json:"trace,omitempty"`
	Wait    *Wait          `json:"wait,omitempty"`
	End     *End           `json:"end,omitempty"`
	Vars    map[string]any `json:"vars,omitempty"`
	Inbox   int            `json:"inbox,omitempty"`
}

// player plays a conversation against the engine.
type player struct {
	t       testing.TB
	g       *Graph
	env     *Env
	now     time.Time
	contact Contact
	conv    Conversation
	state   State
	seq     int64
	sent    map[string]string // option → payload, of every message so far
	last    string            // the payload offered last
	desk    bool              // tickets get their numbers at once
}

func (w goldenWorld) player(t testing.TB, doc json.RawMessage, flows []json.RawMessage) *player {
	t.Helper()
	g, err := Load(doc)
	if err != nil {
		t.Fatal(err)
	}
	p := &player{t: t, g: g, now: w.Now, contact: w.Contact, sent: map[string]string{}, desk: true}
	if p.now.IsZero() {
		p.now = time.Date(2026, 11, 20, 13, 0, 0, 0, time.UTC) // a Friday, 10:00 in São Paulo
	}
	p.env = &Env{Account: w.Account, Channel: WhatsAppCloud(), Queues: w.Queues, Limits: w.Limits}
	if w.Channel == "text" {
		p.env.Channel = Capabilities{}
	}
	zone := w.Zone
	if zone == "" {
		zone = "America/Sao_Paulo"
	}
	if p.env.Account.Zone, err = time.LoadLocation(zone); err != nil {
		t.Fatal(err)
	}
	subs := map[string]*Graph{}
	for _, d := range flows {
		sub, err := Load(d)
		if err != nil {
			t.Fatal(err)
		}
		subs[sub.ID()] = sub
	}
	p.env.Flow = func(id, version string) (*Graph, bool) { g, ok := subs[id]; return g, ok }
	p.env.Template = func(name, language string) (Template, bool) {
		for _, t := range w.Templates {
			if t.Name == name && t.Language == language {
				return t, true
			}
		}
		return Template{}, false
	}
	p.env.Misfits = func(t *TemplateSend) []Misfit {
		if field, bad := w.Misfits[t.Name]; bad {
			return []Misfit{{Field: field}}
		}
		return nil
	}
	p.env.Hours = func(o HoursOwner, id string) (*Calendar, bool) {
		c, ok := w.Hours[strings.TrimSuffix(string(o)+":"+id, ":")]
		return &c, ok
	}
	until := p.now.Add(24 * time.Hour)
	p.conv = Conversation{ID: "7", Number: "1007", ConnectionID: "1", ConnectionName: "Suporte WhatsApp 01", WindowUntil: &until, LastAgent: w.LastAgent}
	if w.Closed {
		p.conv.WindowUntil = nil
	}
	return p
}

// step gives the engine one event and checks what every step must keep: the state given is unchanged, the new one
// survives marshalling, and the run waits for something or has ended.
func (p *player) step(e Event) []Effect {
	p.t.Helper()
	e.Now, e.Contact, e.Conversation = p.now, p.contact, p.conv
	before, _ := json.Marshal(p.state)
	next, fx, err := Step(p.g, p.state, e, p.env)
	if err != nil {
		p.t.Fatalf("step %s: %v", e.Kind, err)
	}
	if after, _ := json.Marshal(p.state); !bytes.Equal(before, after) {
		p.t.Fatalf("step changed the state it was given:\n%s\n%s", before, after)
	}
	raw, err := json.Marshal(next)
	if err != nil {
		p.t.Fatal(err)
	}
	var again State
	if err := json.Unmarshal(raw, &again); err != nil {
		p.t.Fatal(err)
	}
	if raw2, _ := json.Marshal(again); !bytes.Equal(raw, raw2) {
		p.t.Fatalf("state does not survive marshalling:\n%s\n%s", raw, raw2)
	}
	if (again.Wait == nil) == (again.End == nil) {
		p.t.Fatalf("run neither waits nor has ended, or both: %s", raw)
	}
	p.state = again
	opens := false
	for _, f := range fx {
		p.apply(f)
		opens = opens || f.OpenTicket != nil
	}
	if opens && p.desk && p.state.End == nil {
		t := TicketOpened{Protocol: "2026112000001", Queue: "Vendas", Position: 3}
		fx = append(fx, p.step(Event{Kind: EventTicketOpened, Opened: &t})...)
	}
	return fx
}

// apply does to the contact what the caller would.
func (p *player) apply(f Effect) {
	switch f.Kind {
	case EffectSetField:
		if f.Field.Custom {
			p.contact.Fields = maps.Clone(p.contact.Fields)
			p.contact.SetCustom(f.Field.Field, f.Field.Value)
		} else {
			text, _ := f.Field.Value.(string)
			p.contact.Set(f.Field.Field, text)
		}
	case EffectAddLabel:
		p.contact.Labels = append(p.contact.Labels, f.Label)
	case EffectSend:
		c := f.Send.Content
		choices := c.Buttons
		if c.List != nil {
			for _, s := range c.List.Sections {
				choices = append(choices, s.Rows...)
			}
		}
		for _, ch := range choices {
			p.sent[ch.ID[strings.LastIndex(ch.ID, "~")+1:]] = ch.ID
			p.last = ch.ID
		}
		if t := c.Template; t != nil {
			for _, b := range t.Buttons {
				p.sent[b.Text[strings.LastIndex(b.Text, "~")+1:]] = b.Text
			}
		}
	}
}

func (p *player) inbound(m Inbound) []Effect {
	p.t.Helper()
	p.seq++
	if m.Seq == 0 {
		m.Seq = p.seq
	}
	if m.ID == "" {
		m.ID = fmt.Sprintf("m%d", m.Seq)
	}
	if m.At.IsZero() {
		m.At = p.now
	}
	until := p.now.Add(24 * time.Hour)
	p.conv.WindowUntil = &until
	return p.step(Event{Kind: EventInbound, Inbound: &m})
}

func (p *player) say(text string) []Effect {
	p.t.Helper()
	return p.inbound(Inbound{Kind: InboundText, Text: text})
}

func (p *player) start() []Effect {
	p.t.Helper()
	return p.step(Event{Kind: EventStart, Start: &Start{Run: "42", By: Started{Kind: "manual"}}})
}

func (p *player) play(s *goldenStep) []Effect {
	p.t.Helper()
	pass := func(d string) {
		v, err := ParseDuration(d)
		if err != nil {
			p.t.Fatal(err)
		}
		p.now = p.now.Add(v.Std())
	}
	switch {
	case s.Start != nil:
		if s.Start.Run == "" {
			s.Start.Run = "42"
		}
		return p.step(Event{Kind: EventStart, Start: s.Start})
	case s.Say != "":
		return p.say(s.Say)
	case s.Tap != "":
		payload, ok := p.sent[s.Tap]
		if !ok {
			payload = s.Tap
		}
		return p.inbound(Inbound{Kind: InboundTap, Payload: payload, Text: s.Tap})
	case s.Send != nil:
		return p.inbound(*s.Send)
	case s.Pass != "":
		pass(s.Pass)
		return nil
	case s.After != "":
		pass(s.After)
		return p.step(Event{Kind: EventTimer})
	case s.Call != nil:
		res := *s.Call
		if res.ID == "" && p.state.Wait != nil {
			res.ID = p.state.Wait.Call
		}
		return p.step(Event{Kind: EventCallResult, Call: &res})
	case s.Sent != "":
		key := "42/1/0"
		if p.state.Wait != nil && p.state.Wait.Call != "" {
			key = p.state.Wait.Call
		}
		return p.step(Event{Kind: EventSendResult, Send: &SendResult{Key: key, Outcome: s.Sent}})
	case s.Ticket:
		return p.step(Event{Kind: EventTicketClosed})
	case s.MoveTo != "":
		return p.step(Event{Kind: EventMoveTo, MoveTo: &MoveTo{Node: s.MoveTo}})
	case s.Set != nil:
		return p.step(Event{Kind: EventSetVariable, Set: s.Set})
	case s.Stop:
		return p.step(Event{Kind: EventStop})
	}
	p.t.Fatal("a step does nothing")
	return nil
}

func short(t *Trace) string {
	s := fmt.Sprintf("%d %s", t.Visit, t.Node)
	if t.Flow != "" {
		s += "@" + t.Flow
	}
	if t.Output != "" {
		s += " → " + t.Output
	}
	if t.Note != "" {
		s += " " + t.Note
	}
	if t.Seq != 0 {
		s += fmt.Sprintf(" #%d", t.Seq)
	}
	return s
}

func TestKindsGolden(t *testing.T) {
	files, err := filepath.Glob("testdata/kinds/*.json")
	if err != nil || len(files) == 0 {
		t.Fatal("no golden files", err)
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".json"), func(t *testing.T) {
			raw, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			var want, got golden
			dec := json.NewDecoder(bytes.NewReader(raw))
			dec.DisallowUnknownFields()
			if err := dec.Decode(&want); err != nil {
				t.Fatal(err)
			}
			if err := json.Unmarshal(raw, &got); err != nil {
				t.Fatal(err)
			}
			for i := range got.Cases {
				c := &got.Cases[i]
				t.Run(c.Name, func(t *testing.T) {
					w := got.World
					if c.World != nil {
						w = *c.World
					}
					p := w.player(t, got.Doc, got.Flows)
					for j := range c.Steps {
						p.record(&c.Steps[j])
					}
				})
			}
			out, err := json.MarshalIndent(got, "", "  ")
			if err != nil {
				t.Fatal(err)
			}
			if *update {
				if err := os.WriteFile(file, append(out, '\n'), 0o644); err != nil {
					t.Fatal(err)
				}
				return
			}
			if d := cmp.Diff(strings.Split(strings.TrimSpace(string(raw)), "\n"), strings.Split(string(out), "\n")); d != "" {
				t.Errorf("%s differs (-file +engine); run with -update and read the change:\n%s", file, d)
			}
		})
	}
}

func (p *player) record(s *goldenStep) {
	p.t.Helper()
	fx := p.play(s)
	s.Effects, s.Trace = nil, nil
	for _, f := range fx {
		if f.Trace != nil {
			s.Trace = append(s.Trace, short(f.Trace))
			continue
		}
		s.Effects = append(s.Effects, f)
	}
	s.Wait, s.End, s.Vars, s.Inbox = p.state.Wait, p.state.End, nil, len(p.state.Inbox)
	if n := len(p.state.Frames); n > 0 {
		s.Vars = p.state.Frames[n-1].Vars
	}
}
