package flow

import (
	"fmt"
	"testing"
	"time"
)

func triggerFlow(t *testing.T, id, triggers string) *Graph {
	t.Helper()
	g, err := Load([]byte(fmt.Sprintf(`{"spec_version":1,"id":%q,"name":"F","category":"initial","start":"a","triggers":[%s],
		"nodes":[{"id":"a","kind":"end"},{"id":"b","kind":"end"}]}`, id, triggers)))
	if err != nil {
		t.Fatal(err)
	}
	return g
}

func TestFindTrigger(t *testing.T) {
	zone, err := time.LoadLocation("America/Sao_Paulo")
	if err != nil {
		t.Fatal(err)
	}
	now := time.Date(2026, 11, 20, 13, 0, 0, 0, time.UTC) // Friday, 10:00
	week := Calendar{Week: [7][]Span{5: {{From: 8 * 60, To: 18 * 60}}}}
	env := &Env{Account: Account{Zone: zone}, Hours: func(o HoursOwner, id string) (*Calendar, bool) { return &week, o == HoursConnection }}
	flows := map[string]*Graph{
		"any":     triggerFlow(t, "any", `{"id":"t","kind":"inbound"}`),
		"first":   triggerFlow(t, "first", `{"id":"t","kind":"inbound","settings":{"on":"first_contact"},"node":"b"}`),
		"day":     triggerFlow(t, "day", `{"id":"t","kind":"inbound","settings":{"on":"first_of_day"}}`),
		"conn":    triggerFlow(t, "conn", `{"id":"t","kind":"inbound","settings":{"connections":[2,"3"]}}`),
		"out":     triggerFlow(t, "out", `{"id":"t","kind":"inbound","settings":{"hours":"outside"}}`),
		"in":      triggerFlow(t, "in", `{"id":"t","kind":"inbound","settings":{"hours":"inside"}}`),
		"guarded": triggerFlow(t, "guarded", `{"id":"t","kind":"inbound","settings":{"guard":"30m"}}`),
		"eq":      triggerFlow(t, "eq", `{"id":"k","kind":"keyword","settings":{"words":["promoção","2ª via"]}}`),
		"has":     triggerFlow(t, "has", `{"id":"k","kind":"keyword","settings":{"words":["boleto"],"match":"contains"}}`),
		"starts":  triggerFlow(t, "starts", `{"id":"k","kind":"keyword","settings":{"words":["quero"],"match":"starts"}}`),
		"re":      triggerFlow(t, "re", `{"id":"k","kind":"keyword","settings":{"words":["^ped-\\d+$"],"match":"regex"}}`),
		"tap":     triggerFlow(t, "tap", `{"id":"p","kind":"button","settings":{"payloads":["promo_2026","nps:*"]}}`),
		"manual":  triggerFlow(t, "manual", `{"id":"m","kind":"manual"},{"id":"a","kind":"api"}`),
	}
	says := func(s string) Inbound { return Inbound{Kind: InboundText, Text: s} }
	for _, tc := range []struct {
		name  string
		flows []string
		in    Inbound
		facts Facts
		last  time.Duration // since the flow's last start
		want  string        // flow, or "" for none
		node  string
	}{
		{name: "any message", flows: []string{"any"}, in: says("oi"), want: "any"},
		{name: "nothing while a ticket is open (rule 159)", flows: []string{"any", "eq"}, in: says("promoção"), facts: Facts{TicketOpen: true}},
		{name: "first contact beats any, and has a node of its own", flows: []string{"any", "first"}, in: says("oi"), facts: Facts{FirstContact: true}, want: "first", node: "b"},
		{name: "not the first contact", flows: []string{"any", "first"}, in: says("oi"), want: "any"},
		{name: "first of the day, in the account's zone", flows: []string{"any", "day"}, in: says("oi"), facts: Facts{LastInbound: time.Date(2026, 11, 20, 2, 0, 0, 0, time.UTC)}, want: "day"},
		{name: "not the first of the day", flows: []string{"any", "day"}, in: says("oi"), facts: Facts{LastInbound: time.Date(2026, 11, 20, 4, 0, 0, 0, time.UTC)}, want: "any"},
		{name: "another connection", flows: []string{"conn"}, in: says("oi"), facts: Facts{ConnectionID: "1"}},
		{name: "its connection", flows: []string{"conn"}, in: says("oi"), facts: Facts{ConnectionID: "2"}, want: "conn"},
		{name: "inside the hours", flows: []string{"out", "in"}, in: says("oi"), want: "in"},
		{name: "outside the hours", flows: []string{"in", "out"}, in: says("oi"), facts: Facts{Now: now.Add(12 * time.Hour)}, want: "out"},
		{name: "the repeat guard of the connection (rules 027, 182)", flows: []string{"any"}, in: says("oi"), facts: Facts{RepeatGuard: Duration(time.Hour)}, last: 59 * time.Minute},
		{name: "the guard has passed", flows: []string{"any"}, in: says("oi"), facts: Facts{RepeatGuard: Duration(time.Hour)}, last: time.Hour, want: "any"},
		{name: "the guard of the trigger comes first", flows: []string{"guarded"}, in: says("oi"), facts: Facts{RepeatGuard: Duration(time.Hour)}, last: 31 * time.Minute, want: "guarded"},
		{name: "a keyword passes the guard", flows: []string{"any", "eq"}, in: says("Promocao!"), facts: Facts{RepeatGuard: Duration(time.Hour)}, last: time.Minute, want: "eq"},
		{name: "keyword equals, accents and case folded", flows: []string{"any", "eq"}, in: says(" PROMOÇÃO "), want: "eq"},
		{name: "keyword equals is not contains", flows: []string{"eq"}, in: says("quero a promoção")},
		{name: "keyword contains", flows: []string{"has"}, in: says("Me manda o BOLETO por favor"), want: "has"},
		{name: "keyword starts", flows: []string{"starts"}, in: says("Quero comprar"), want: "starts"},
		{name: "keyword regex", flows: []string{"re"}, in: says("PED-123"), want: "re"},
		{name: "keyword regex does not match", flows: []string{"re"}, in: says("PED-123x")},
		{name: "a keyword in a caption", flows: []string{"has"}, in: Inbound{Kind: InboundImage, Text: "boleto", Media: &Media{ID: "f"}}, want: "has"},
		{name: "a button weeks later beats a keyword", flows: []string{"has", "tap"}, in: Inbound{Kind: InboundTap, Payload: "promo_2026", Text: "boleto"}, want: "tap"},
		{name: "a payload by its beginning", flows: []string{"tap"}, in: Inbound{Kind: InboundTap, Payload: "nps:9", Text: "9"}, want: "tap"},
		{name: "another payload", flows: []string{"tap"}, in: Inbound{Kind: InboundTap, Payload: "x"}},
		{name: "manual and API do not start on messages", flows: []string{"manual"}, in: says("oi")},
	} {
		t.Run(tc.name, func(t *testing.T) {
			f := tc.facts
			if f.Now.IsZero() {
				f.Now = now
			}
			var cs []Candidate
			for i, name := range tc.flows {
				c := Candidate{Graph: flows[name], Priority: i}
				if tc.last > 0 {
					c.LastStarted = now.Add(-tc.last)
				}
				cs = append(cs, c)
			}
			m, ok := FindTrigger(cs, tc.in, f, env)
			if ok != (tc.want != "") {
				t.Fatalf("found %v, want %q", ok, tc.want)
			}
			if !ok {
				return
			}
			if m.Graph.ID() != tc.want {
				t.Errorf("started %q, want %q", m.Graph.ID(), tc.want)
			}
			if tc.node != "" && m.Node != tc.node {
				t.Errorf("begins at %q, want %q", m.Node, tc.node)
			}
			if m.By.Trigger == "" || m.By.Kind == "" {
				t.Errorf("started by %+v", m.By)
			}
		})
	}
	a, b := triggerFlow(t, "a", `{"id":"t","kind":"inbound"}`), triggerFlow(t, "b", `{"id":"t","kind":"inbound"}`)
	if m, _ := FindTrigger([]Candidate{{Graph: a, Priority: 2}, {Graph: b, Priority: 1}}, says("oi"), Facts{Now: now}, nil); m.Graph != b {
		t.Error("the lower priority number does not win")
	}
}

// TestHoursOverClockChanges: opening hours follow the clock on the wall, also on days of 23 and 25 hours.
func TestHoursOverClockChanges(t *testing.T) {
	zone, err := time.LoadLocation("America/New_York")
	if err != nil {
		t.Fatal(err)
	}
	cal := &Calendar{Zone: zone, Week: [7][]Span{0: {{From: 9 * 60, To: 17 * 60}}}}
	for _, tc := range []struct{ from, want string }{
		{"2026-03-08T05:30:00Z", "2026-03-08T13:00:00Z"}, // clocks go forward: 9:00 is UTC-4
		{"2026-11-01T04:30:00Z", "2026-11-01T14:00:00Z"}, // clocks go back: 9:00 is UTC-5
	} {
		from, err := time.Parse(time.RFC3339, tc.from)
		if err != nil {
			t.Fatal(err)
		}
		got, ok := cal.NextOpen(from, nil)
		if !ok || got.Format(time.RFC3339) != tc.want {
			t.Errorf("from %s it opens at %s, want %s", tc.from, got.Format(time.RFC3339), tc.want)
		}
		if cal.At(got, nil) != Open || cal.At(got.Add(-time.Minute), nil) == Open {
			t.Errorf("%s is not where it opens", got)
		}
	}
	if _, ok := (&Calendar{}).NextOpen(time.Unix(0, 0), nil); ok {
		t.Error("a calendar that never opens has a next opening")
	}
}
