package flow

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// world makes a player for a drawn document; flows 1 and 2 are sub-flows that exist, 3 does not.
func drawWorld(t *rapid.T, tb testing.TB) (*player, []byte, []byte) {
	doc, err := json.Marshal(drawDoc(t, "1"))
	if err != nil {
		t.Fatal(err)
	}
	sub, err := json.Marshal(drawDoc(t, "2"))
	if err != nil {
		t.Fatal(err)
	}
	w := goldenWorld{
		Contact: Contact{ID: "9", Name: "Maria Souza", DefaultAgent: "5"}, Closed: rapid.IntRange(0, 5).Draw(t, "closed") == 0,
		Templates: []Template{{Name: "bom", Language: "pt_BR", Status: TemplateApproved, Body: []string{"1"}, Buttons: []TemplateButton{{Kind: "quick_reply", Title: "Ok"}}},
			{Name: "pausado", Language: "pt_BR", Status: TemplatePaused}},
		Queues: []Queue{{ID: "3", Name: "Vendas", BotOrder: 2}, {ID: "4", Name: "Suporte", BotOrder: 1}, {ID: "5", Name: "Fora"}},
	}
	if rapid.IntRange(0, 3).Draw(t, "channel") == 0 {
		w.Channel = "text"
	}
	p := w.player(tb, doc, []json.RawMessage{doc, sub})
	p.desk = false // one step for one event
	return p, doc, sub
}

// ledger checks, over a whole run, the semantics of nodes 5.8.
type ledger struct {
	t        *rapid.T
	keys     map[string]bool
	left     map[int64]bool // visits that were left
	entered  int64
	answered map[int64]bool
	kept     map[int64]bool
	handed   map[int64]bool
	taken    map[int64]bool // every sequence number the run was given and did not refuse as a repeat
	sends    int64
	ended    bool
}

func newLedger(t *rapid.T) *ledger {
	return &ledger{t: t, keys: map[string]bool{}, left: map[int64]bool{}, answered: map[int64]bool{}, kept: map[int64]bool{},
		handed: map[int64]bool{}, taken: map[int64]bool{}}
}

func (l *ledger) note(fx []Effect, s *State) {
	wasEnded := l.ended
	for _, f := range fx {
		if f.Kind == EffectTrace {
			l.trace(f.Trace)
			continue
		}
		if wasEnded {
			l.t.Fatalf("an ended run asked for %s", f.Kind)
		}
		// Semantics 1: effects are keyed by run, visit and item, once each.
		if f.Key == "" || l.keys[f.Key] {
			l.t.Fatalf("key %q of %s is missing or was used before", f.Key, f.Kind)
		}
		l.keys[f.Key] = true
		switch f.Kind {
		case EffectSend:
			l.sends++
			l.fits(&f.Send.Content)
		case EffectEnded:
			l.ended = true
			for _, seq := range f.Ended.Unhandled {
				if l.answered[seq] || l.handed[seq] {
					l.t.Fatalf("message %d is handed back although it was answered or handed back before", seq)
				}
				l.handed[seq] = true
			}
		}
	}
	// Semantics 7: what counts as the bot's reply is exactly what left.
	if s.Sends != l.sends {
		l.t.Fatalf("state counts %d messages, %d left", s.Sends, l.sends)
	}
	if s.Ended() != l.ended {
		l.t.Fatalf("ended is %v, the effects say %v", s.Ended(), l.ended)
	}
	// Semantics 5: the automation icon is an open wait on the contact.
	if s.AwaitsContact() != (s.Wait != nil && s.Wait.For == WaitReply) {
		l.t.Fatal("the automation icon does not follow the wait")
	}
	if s.Visits < l.entered {
		l.t.Fatal("visits went backwards")
	}
	l.entered = s.Visits
	l.accounted(s)
	named(l.t, s)
}

// fits checks that a message is one WhatsApp takes (its limits are in WhatsAppCloud), whatever the variables held.
func (l *ledger) fits(c *Content) {
	caps := WhatsAppCloud()
	ok := true
	switch c.Kind {
	case ContentText:
		ok = strings.TrimSpace(c.Text) != "" && runes(c.Text) <= caps.Text
	case ContentButtons:
		ok = strings.TrimSpace(c.Text) != "" && len(c.Buttons) >= 1 && fitsButtons(*c, caps.Buttons)
		for _, b := range c.Buttons {
			ok = ok && strings.TrimSpace(b.Title) != "" && b.ID != ""
		}
	case ContentList:
		rows, ids := 0, map[string]bool{}
		for _, s := range c.List.Sections {
			rows += len(s.Rows)
			for _, row := range s.Rows {
				ok = ok && strings.TrimSpace(row.Title) != "" && runes(row.Title) <= 24 && runes(row.Description) <= 72 && !ids[row.ID] && len(row.ID) <= 200
				ids[row.ID] = true
			}
		}
		ok = ok && strings.TrimSpace(c.Text) != "" && rows >= 1 && rows <= 10 && c.List.Button != "" && runes(c.List.Button) <= 20
	case ContentTemplate:
		for _, p := range c.Template.Body {
			ok = ok && p.Text != "" && !strings.ContainsAny(p.Text, "\n\t")
		}
	case ContentCTAURL:
		ok = strings.TrimSpace(c.Text) != "" && strings.TrimSpace(c.CTA.Title) != ""
	case ContentLocationRequest:
		ok = strings.TrimSpace(c.Text) != ""
	case ContentContacts:
		ok = len(c.Contacts) > 0
		for _, card := range c.Contacts {
			ok = ok && strings.TrimSpace(card.Name) != ""
		}
	case ContentImage:
		ok = c.Media.ID != "" || c.Media.URL != ""
	}
	if !ok {
		l.t.Fatalf("the channel refuses %+v", c)
	}
}

func (l *ledger) trace(tr *Trace) {
	if tr.Output != "" {
		if l.left[tr.Visit] {
			l.t.Fatalf("visit %d was left twice, now by %s", tr.Visit, tr.Output)
		}
		l.left[tr.Visit] = true
	}
	switch tr.Note {
	case "answer", "command", "for_ticket", "stale_tap", "double_tap", "older_tap", "said_before":
		if l.answered[tr.Seq] {
			l.t.Fatalf("message %d was answered twice", tr.Seq)
		}
		l.answered[tr.Seq], l.taken[tr.Seq] = true, true
	case "kept":
		if l.kept[tr.Seq] {
			l.t.Fatalf("message %d was kept twice", tr.Seq)
		}
		l.kept[tr.Seq], l.taken[tr.Seq] = true, true
	}
}

// accounted checks semantics 2: every message is answered, kept for the next wait, or handed back; never two of them.
func (l *ledger) accounted(s *State) {
	inbox := map[int64]bool{}
	for _, m := range s.Inbox {
		inbox[m.Seq] = true
	}
	for seq := range l.taken {
		places := 0
		for _, in := range []bool{l.answered[seq], inbox[seq], l.handed[seq]} {
			if in {
				places++
			}
		}
		if places != 1 {
			l.t.Fatalf("message %d is in %d places: answered %v, inbox %v, handed back %v", seq, places, l.answered[seq], inbox[seq], l.handed[seq])
		}
	}
}

// named checks that a run waits for something named, or has ended with a reason.
func named(t *rapid.T, s *State) {
	if e := s.End; e != nil {
		if e.Outcome == "" || e.Reason == "" || e.At.IsZero() {
			t.Fatalf("the run ended without a reason: %+v", e)
		}
		return
	}
	w := s.Wait
	ok := w != nil && w.Node != "" && w.Visit > 0 && !w.Since.IsZero()
	if ok {
		switch w.For {
		case WaitReply, WaitTimer:
			ok = w.Until != nil
		case WaitCall, WaitDelivery:
			ok = w.Until != nil && w.Call != ""
		case WaitOperator:
			ok = w.Until != nil && w.Reason != ""
		case WaitTicket:
		default:
			ok = false
		}
	}
	if !ok {
		t.Fatalf("the run waits for nothing that can be named: %+v", w)
	}
}

// TestSemantics runs random conversations over random graphs; player.step checks besides that a state given is not
// changed and that the new one survives marshalling.
func TestSemantics(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		p, _, _ := drawWorld(rt, t)
		l := newLedger(rt)
		l.note(p.step(Event{Kind: EventStart, Start: p.begin(rt)}), &p.state)
		if p.seq == 1 {
			// The first message counts only where it is an answer; as a trigger it is answered by the start.
			l.noteFirst(p)
		}
		for _, h := range drawHappenings(rt) {
			p.now = p.now.Add(h.Wait)
			before, ended := p.state.Step, p.state.Ended()
			fx := p.step(h.event(p))
			if ended {
				l.afterEnd(fx)
				continue
			}
			l.note(fx, &p.state)
			if p.state.Step != before+1 {
				rt.Fatalf("step went from %d to %d", before, p.state.Step)
			}
			if sends := countSends(fx); sends > DefaultLimits.StepSends {
				rt.Fatalf("%d messages in one step", sends)
			}
			if len(p.state.Trail) > DefaultLimits.Trail {
				rt.Fatalf("the trail has %d entries", len(p.state.Trail))
			}
		}
	})
}

func (p *player) begin(t *rapid.T) *Start {
	s := &Start{Run: "42", By: Started{Kind: "inbound"}}
	if rapid.Bool().Draw(t, "message") {
		p.seq = 1
		s.Inbound = &Inbound{Seq: 1, ID: "m1", Kind: InboundText, Text: "oi", At: p.now}
	}
	return s
}

func (l *ledger) noteFirst(p *player) {
	for _, m := range p.state.Inbox {
		l.taken[m.Seq] = true
	}
}

func (l *ledger) afterEnd(fx []Effect) {
	for _, f := range fx {
		if f.Kind != EffectTrace {
			l.t.Fatalf("an ended run asked for %s", f.Kind)
		}
	}
}

func countSends(fx []Effect) int {
	n := 0
	for _, f := range fx {
		if f.Kind == EffectSend {
			n++
		}
	}
	return n
}

// TestSecretsStayReferences: whatever runs, neither a state nor an effect holds more of a secret than its name, and a
// contact who types a reference gets no secret into a request.
func TestSecretsStayReferences(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		p, _, _ := drawWorld(rt, t)
		all := p.step(Event{Kind: EventStart, Start: &Start{Run: "42"}})
		for _, h := range drawHappenings(rt) {
			p.now = p.now.Add(h.Wait)
			all = append(all, p.step(h.event(p))...)
		}
		for _, f := range all {
			if f.Call == nil {
				continue
			}
			for i, part := range append(f.Call.URL, f.Call.Body...) {
				if part.Secret != "" {
					rt.Fatalf("part %d of the address or body is a secret that the designer did not put there", i)
				}
			}
		}
		if raw, _ := json.Marshal(p.state); bytes.Contains(raw, []byte(`\u0000`)) {
			rt.Fatal("a NUL reached the state")
		}
	})
}

// TestDeterminism: the same inputs give the same outputs, on a machine in another time zone and after marshalling too.
func TestDeterminism(t *testing.T) {
	local := time.Local
	t.Cleanup(func() { time.Local = local })
	rapid.Check(t, func(rt *rapid.T) {
		p, doc, sub := drawWorld(rt, t)
		hs := drawHappenings(rt)
		q := *p
		q.g, _ = Load(doc)
		q.sent = map[string]string{}
		subs := map[string]*Graph{}
		for _, raw := range [][]byte{doc, sub} {
			g, err := Load(raw)
			if err != nil {
				rt.Fatal(err)
			}
			subs[g.ID()] = g
		}
		env := *p.env
		env.Flow = func(id, _ string) (*Graph, bool) { g, ok := subs[id]; return g, ok }
		q.env = &env
		run := func(p *player, zone *time.Location) string {
			time.Local = zone
			var b strings.Builder
			say := func(fx []Effect) {
				raw, err := json.Marshal(fx)
				if err != nil {
					rt.Fatal(err)
				}
				state, err := json.Marshal(p.state)
				if err != nil {
					rt.Fatal(err)
				}
				fmt.Fprintf(&b, "%s\n%s\n", raw, state)
			}
			say(p.step(Event{Kind: EventStart, Seed: "s", Start: &Start{Run: "42"}}))
			for _, h := range hs {
				p.now = p.now.Add(h.Wait)
				e := h.event(p)
				e.Seed = "s"
				say(p.step(e))
			}
			return b.String()
		}
		a := run(p, time.UTC)
		b := run(&q, time.FixedZone("far", 13*3600))
		if a != b {
			rt.Fatalf("two runs differ:\n%s\n%s", a, b)
		}
	})
}

// TestUpgradeKeepsBehaviour writes a document the way version 0 did and lets both run.
func TestUpgradeKeepsBehaviour(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		p, doc, _ := drawWorld(rt, t)
		var tree obj
		if err := json.Unmarshal(doc, &tree); err != nil {
			rt.Fatal(err)
		}
		byID := obj{}
		for _, n := range tree["nodes"].([]any) {
			n := n.(obj)
			n["type"] = n["kind"]
			id := n["id"].(string)
			delete(n, "kind")
			delete(n, "id")
			if out, ok := n["outputs"].(obj); ok && out["ok"] != nil {
				n["next"] = out["ok"]
				delete(out, "ok")
			}
			byID[id] = n
		}
		tree["nodes"] = byID
		delete(tree, "spec_version")
		old, err := json.Marshal(tree)
		if err != nil {
			rt.Fatal(err)
		}
		q := *p
		if q.g, err = Load(old); err != nil {
			rt.Fatal(err)
		}
		q.sent = map[string]string{}
		hs := drawHappenings(rt)
		run := func(p *player) string {
			all := [][]Effect{p.step(Event{Kind: EventStart, Start: &Start{Run: "42"}})}
			for _, h := range hs {
				p.now = p.now.Add(h.Wait)
				all = append(all, p.step(h.event(p)))
			}
			raw, err := json.Marshal(all)
			if err != nil {
				rt.Fatal(err)
			}
			return string(raw)
		}
		if a, b := run(p), run(&q); a != b {
			rt.Fatalf("version 0 behaves otherwise:\n%s\n%s", a, b)
		}
	})
}
