package main

import (
	"crypto/sha256"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/perene/perene/bench/rig"
)

func testCampaign(p plan) *campaign {
	return &campaign{plan: p, seed: 7, out: &strings.Builder{}, ledger: &ledger{}, quietly: true}
}

func (c *campaign) found() (kinds []string) {
	for _, v := range c.violations {
		kinds = append(kinds, v.invariant)
	}
	return kinds
}

// TestStoredThenIsChecked: a message that was acknowledged before a copy was taken and is not in it is found (P19), and so is
// one that is in it twice; what was acknowledged later or never may be missing.
func TestStoredThenIsChecked(t *testing.T) {
	then := time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC)
	message := func(id string, acked time.Time) *sent { return &sent{Message: rig.Message{ID: id}, acked: acked} }
	for name, c := range map[string]struct {
		ids            []string
		acked, missing int
		want           []string
	}{
		"all there":     {[]string{"before", "never", "later"}, 1, 0, nil},
		"lost":          {[]string{"later"}, 1, 1, []string{"I1"}},
		"stored twice":  {[]string{"before", "later", "later"}, 1, 0, []string{"I1"}},
		"came too late": {[]string{"before"}, 1, 0, nil},
	} {
		t.Run(name, func(t *testing.T) {
			camp := testCampaign(plan{})
			camp.sent = []*sent{message("before", then.Add(-time.Millisecond)), message("later", then.Add(time.Millisecond)), message("never", time.Time{})}
			acked, missing := camp.checkStoredThen(c.ids, then, "a copy")
			if d := cmp.Diff(c.want, camp.found()); d != "" || acked != c.acked || missing != c.missing {
				t.Errorf("%d acknowledged, %d missing (-want +got):\n%s", acked, missing, d)
			}
		})
	}
}

// TestTheConsoleIsCompared: whatever a console misses, takes for something else or invents is found (ADR 47).
func TestTheConsoleIsCompared(t *testing.T) {
	shown := map[int64]string{1: "received", 2: "read"}
	for name, c := range map[string]struct {
		known map[int64]string
		want  int
	}{
		"the same":      {map[int64]string{1: "received", 2: "read"}, 0},
		"one missing":   {map[int64]string{1: "received"}, 1},
		"an old status": {map[int64]string{1: "received", 2: "sent"}, 1},
		"one invented":  {map[int64]string{1: "received", 2: "read", 3: "sent"}, 1},
	} {
		if found := notKnown(c.known, shown, []int64{2, 1}); len(found) != c.want {
			t.Errorf("%s: %q", name, found)
		}
	}
}

// TestTheConsoleFollowsTheStream: a place that the server does not know any more, or never heard, makes it read everything
// anew and forget what it knew; a stream that goes on where it stopped does not.
func TestTheConsoleFollowsTheStream(t *testing.T) {
	for name, c := range map[string]struct {
		frames []frame
		stale  bool
		place  string
	}{
		"it begins":           {[]frame{{Type: "ready", Seq: "7.0"}}, true, "7.0"},
		"it goes on":          {[]frame{{Type: "ready", Seq: "5.9"}, {Type: "event", Seq: "5.10", Kind: "message.created", EntityID: 4}}, false, "5.10"},
		"its place is gone":   {[]frame{{Type: "reset", Seq: "4.0"}}, true, "4.0"},
		"it was not heard":    {[]frame{{Type: "ready", Seq: "6.0"}}, true, "6.0"},
		"an event comes late": {[]frame{{Type: "event", Seq: "5.3", Kind: "message.updated", EntityID: 4}}, false, "5.9"},
	} {
		t.Run(name, func(t *testing.T) {
			l := &listener{place: "5.9", known: map[int64]string{1: "received"}, changed: map[int64]bool{}, told: map[int64]bool{}}
			for _, f := range c.frames {
				l.take(f)
			}
			if l.stale != c.stale || l.place != c.place || (len(l.known) == 0) != c.stale {
				t.Errorf("stale %t at %s, knows %v", l.stale, l.place, l.known)
			}
		})
	}
}

// TestWorkflowsAreCompared: a row without its workflow is found, and a workflow without its row (I8).
func TestWorkflowsAreCompared(t *testing.T) {
	ids := func(list ...string) map[string]int {
		out := map[string]int{}
		for _, id := range list {
			out[id]++
		}
		return out
	}
	for name, c := range map[string]struct {
		rows, open map[string]int
		want       int
	}{
		"the same":           {ids("window/1", "flow-run/2"), ids("flow-run/2", "window/1"), 0},
		"no workflow":        {ids("window/1", "flow-run/2"), ids("window/1"), 1},
		"no row":             {ids("window/1"), ids("window/1", "flow-run/2"), 1},
		"open several times": {ids("window/1"), ids("window/1", "window/1"), 1},
	} {
		if found := unmatched(c.rows, c.open); len(found) != c.want {
			t.Errorf("%s: %q", name, found)
		}
	}
}

// TestRepliesAreTimed: replies that waited too long beside a campaign are found (R14), and too few of them prove nothing.
func TestRepliesAreTimed(t *testing.T) {
	replies := func(n, slow int) (list []time.Duration) {
		for range n - slow {
			list = append(list, 40*time.Millisecond)
		}
		for range slow {
			list = append(list, 2*time.Second)
		}
		return list
	}
	for name, c := range map[string]struct {
		agents []time.Duration
		want   []string
	}{
		"soon":             {replies(100, 0), nil},
		"four of 100 late": {replies(100, 4), nil},
		"six of 100 late":  {replies(100, 6), []string{"R14"}},
		"too few":          {replies(20, 0), []string{"P5"}},
	} {
		camp := testCampaign(plan{})
		camp.checkReplies(c.agents, nil)
		if d := cmp.Diff(c.want, camp.found()); d != "" {
			t.Errorf("%s (-want +got):\n%s", name, d)
		}
	}
}

// TestSecondsThatAreTooFullAreCounted is R15.
func TestSecondsThatAreTooFullAreCounted(t *testing.T) {
	var sends []rig.Entry
	for i := range 10 {
		sends = append(sends, rig.Entry{Kind: "request", Path: "messages", Number: "1", Outcome: "accepted", At: time.Unix(100, 0).Add(time.Duration(i) * 250 * time.Millisecond)})
	}
	sends = append(sends, rig.Entry{Kind: "request", Path: "messages", Number: "2", Outcome: "accepted", At: time.Unix(100, 0)},
		rig.Entry{Kind: "request", Path: "messages", Number: "1", Outcome: "refused", At: time.Unix(100, 0)})
	for most, want := range map[int]int{4: 0, 3: 2} {
		if seconds, busiest := tooFast(sends, "1", most); seconds != want || busiest != 4 {
			t.Errorf("at most %d: %d seconds, the busiest with %d", most, seconds, busiest)
		}
	}
}

// TestOrderIsChecked: a reply that is missing, doubled, early or for nobody is found (I3), and so is a template.
func TestOrderIsChecked(t *testing.T) {
	said := func(texts ...string) (list []stored) {
		for i, text := range texts {
			list = append(list, stored{id: int64(i), conversation: 1, direction: "in", text: text})
		}
		return list
	}
	reply := func(to string) stored {
		return stored{conversation: 1, direction: "out", kind: "text", text: "Anotado: " + to + ". O que mais?"}
	}
	told := func(to string) stored {
		return stored{conversation: 1, direction: "out", kind: "template", text: "Aviso sobre " + to + ", de quem atende você."}
	}
	for name, c := range map[string]struct {
		flow     func() map[string]any
		messages []stored
		want     []string
	}{
		"all answered":           {nil, append(said("a", "b", "c"), reply("-"), reply("b"), reply("c")), nil},
		"one passed over":        {nil, append(said("a", "b", "c"), reply("-"), reply("c")), []string{"I3"}},
		"one answered twice":     {nil, append(said("a", "b"), reply("-"), reply("b"), reply("b")), []string{"I3"}},
		"in the wrong order":     {nil, append(said("a", "b", "c"), reply("-"), reply("c"), reply("b")), []string{"I3"}},
		"the last has no reply":  {nil, append(said("a", "b"), reply("-")), []string{"I3"}},
		"with templates":         {mixedFlow, append(said("a", "b"), reply("-"), told("b"), reply("b")), nil},
		"a template is missing":  {mixedFlow, append(said("a", "b"), reply("-"), reply("b")), []string{"I3"}},
		"a template was doubled": {mixedFlow, append(said("a", "b"), reply("-"), told("b"), told("b"), reply("b")), []string{"I3"}},
	} {
		t.Run(name, func(t *testing.T) {
			camp := testCampaign(plan{flow: c.flow})
			camp.checkOrder(&truth{messages: c.messages})
			if d := cmp.Diff(c.want, camp.found()); d != "" {
				t.Errorf("(-want +got):\n%s", d)
			}
		})
	}
}

// TestArrivalsAreChecked: what may arrive twice, and when (I5).
func TestArrivalsAreChecked(t *testing.T) {
	begun := time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC)
	arrival := func(after time.Duration) rig.Entry {
		return rig.Entry{Kind: "request", Path: "messages", Outcome: "accepted", Opaque: "1.attempt", At: begun.Add(after)}
	}
	for name, c := range map[string]struct {
		message  stored
		statuses bool
		arrivals []rig.Entry
		want     []string
	}{
		"once":                            {stored{id: 1, kind: "text"}, true, []rig.Entry{arrival(0)}, nil},
		"twice without a reason":          {stored{id: 1, kind: "text"}, true, []rig.Entry{arrival(0), arrival(time.Minute)}, []string{"I5"}},
		"again after the wait":            {stored{id: 1, kind: "text", unknowns: 1}, true, []rig.Entry{arrival(0), arrival(21 * time.Second)}, nil},
		"again too soon":                  {stored{id: 1, kind: "text", unknowns: 1}, true, []rig.Entry{arrival(0), arrival(5 * time.Second)}, []string{"I5"}},
		"a third time":                    {stored{id: 1, kind: "text", unknowns: 2}, true, []rig.Entry{arrival(0), arrival(time.Minute), arrival(2 * time.Minute)}, []string{"I5"}},
		"a template, unknown or not":      {stored{id: 1, kind: "template", unknowns: 1}, false, []rig.Entry{arrival(0), arrival(time.Hour)}, []string{"I5"}},
		"what was refused did not arrive": {stored{id: 1, kind: "template"}, true, []rig.Entry{{Kind: "request", Path: "messages", Outcome: "error", Opaque: "1.a", At: begun}, arrival(time.Hour)}, nil},
	} {
		t.Run(name, func(t *testing.T) {
			camp := testCampaign(plan{statuses: c.statuses, unknown: "20s"})
			tr := &truth{messages: []stored{c.message}, sim: c.arrivals, byID: map[int64]*stored{1: &c.message}}
			camp.checkArrivals(tr)
			if d := cmp.Diff(c.want, camp.found()); d != "" {
				t.Errorf("(-want +got):\n%s", d)
			}
		})
	}
}

// TestUnconfirmedSends: statuses have to settle what arrived, and texts are sent again; a template that never left stays
// unconfirmed, because nobody can know that it did not (I4).
func TestUnconfirmedSends(t *testing.T) {
	arrival := rig.Entry{Kind: "request", Path: "messages", Outcome: "answer_lost", Opaque: "1.attempt", At: time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC)}
	for name, c := range map[string]struct {
		kind     string
		arrivals []rig.Entry
		want     []string
	}{
		"a template that never left": {"template", nil, nil},
		"a template that arrived":    {"template", []rig.Entry{arrival}, []string{"I4"}},
		"a text that never left":     {"text", nil, []string{"I4"}},
		"a text that arrived":        {"text", []rig.Entry{arrival}, []string{"I4"}},
	} {
		t.Run(name, func(t *testing.T) {
			camp := testCampaign(plan{statuses: true, unknown: "20s", lostOK: true, unconfirmed: .001})
			m := stored{id: 1, direction: "out", kind: c.kind, state: "unknown", unknowns: 1}
			camp.checkSends(&truth{messages: []stored{m}, sim: c.arrivals, byID: map[int64]*stored{1: &m}})
			if d := cmp.Diff(c.want, camp.found()); d != "" {
				t.Errorf("(-want +got):\n%s", d)
			}
		})
	}
}

// TestCapIsChecked: later tries come after their steps, end, and stop when the person writes (R16).
func TestCapIsChecked(t *testing.T) {
	begun := time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC)
	tries := func(seconds ...int64) (list []try) { // all refused at once but the last
		at := begun
		for i, s := range seconds {
			at = at.Add(time.Duration(s) * time.Second)
			one := try{at: at, refused: at}
			if i == len(seconds)-1 {
				one.refused = time.Time{}
			}
			list = append(list, one)
		}
		return list
	}
	s := capSteps
	for name, c := range map[string]struct {
		tries   []try
		written time.Duration // after the first try; 0: never
		want    string
	}{
		"after each step":        {tries(0, s[0]+1, s[1], s[2]+3, s[3]), 0, ""},
		"at once":                {tries(0, 0), 0, "not 8s"},
		"the second is too soon": {tries(0, s[0], s[0]), 0, "not 16s"},
		"too often":              {tries(0, s[0], s[1], s[2], s[3], s[3]), 0, "are the most"},
		"though they wrote":      {tries(0, s[0]+10), 5 * time.Second, "had written"},
		"they wrote before":      {tries(0, s[0]), -time.Minute, ""},
		"it was taken":           {append(tries(0), tries(s[0])...), 0, "it was taken"},
	} {
		t.Run(name, func(t *testing.T) {
			got := strings.Join(capViolations(c.tries, []time.Time{begun.Add(c.written)}), "; ")
			if c.written == 0 {
				got = strings.Join(capViolations(c.tries, nil), "; ")
			}
			if (c.want == "") != (got == "") || !strings.Contains(got, c.want) {
				t.Errorf("found %q, want %q", got, c.want)
			}
		})
	}
}

// TestCountingIsSensitiveToOrder: what the flood's replies have to be depends on each message and on their order.
func TestCountingIsSensitiveToOrder(t *testing.T) {
	texts := []string{"m1 segredo7z", "m2 segredo7z", "m3 segredo7z", "fim"}
	whole := counted(texts)
	if len(whole) != 1 || !strings.HasPrefix(whole[0], "Contei 4, soma ") {
		t.Fatalf("got %q", whole)
	}
	texts[0], texts[1] = texts[1], texts[0]
	if cmp.Equal(whole, counted(texts)) {
		t.Error("two messages changed places and the sum is the same")
	}
	var many []string
	for i := range countedAtMost + 3 {
		many = append(many, fmt.Sprintf("m%d", i))
	}
	if replies := counted(append(many, "fim")); len(replies) != 2 || !strings.HasPrefix(replies[1], "Contei 4,") {
		t.Errorf("a run takes %d and the next one goes on; got %q", countedAtMost, replies)
	}
}

// TestQuarantineIsCompared: what is no JSON has to be there as that, and nothing because of a defect (R22).
func TestQuarantineIsCompared(t *testing.T) {
	a, b := sha256.Sum256([]byte("a")), sha256.Sum256([]byte("b"))
	type kept = map[[sha256.Size]byte]string
	for name, c := range map[string]struct {
		kept kept
		want string
	}{
		"as it has to be":     {kept{a: "not_json", b: "wrong_type"}, ""},
		"one is missing":      {kept{b: "wrong_type"}, "1 bodies that are no JSON are not"},
		"for another reason":  {kept{a: "too_deep"}, "1 bodies that are no JSON are not"},
		"one too many":        {kept{a: "not_json", b: "not_json"}, "1 bodies are in quarantine as no JSON, and are some"},
		"a defect of a table": {kept{a: "not_json", b: "database_refused"}, "which is a defect"},
	} {
		t.Run(name, func(t *testing.T) {
			got := strings.Join(quarantineViolations(map[[sha256.Size]byte]bool{a: true}, c.kept), "; ")
			if (c.want == "") != (got == "") || !strings.Contains(got, c.want) {
				t.Errorf("found %q, want %q", got, c.want)
			}
		})
	}
}

// TestPlansAreWhole: each plan can be carried out and made smaller.
func TestPlansAreWhole(t *testing.T) {
	for name, p := range plans {
		small := p.scaled(options{scale: .1})
		switch {
		case p.what == "":
			t.Errorf("%s does not say what it does", name)
		case p.perSecond == 0 && p.instead == nil:
			t.Errorf("%s does nothing", name)
		case p.messages > 0 && small.messages != p.messages/10:
			t.Errorf("a tenth of %s has %d messages", name, small.messages)
		case p.outageFor > 0 && small.outageFor != p.outageFor/10:
			t.Errorf("a tenth of %s has an outage of %s", name, small.outageFor)
		case p.connections > p.people:
			t.Errorf("%s has more numbers than people", name)
		}
		if p.flow != nil && p.flow()["start"] == "" {
			t.Errorf("the flow of %s has no start", name)
		}
	}
	for _, s := range sabotages {
		if plans[s.plan].what == "" {
			t.Errorf("%s has no plan", s.tag)
		}
	}
}
