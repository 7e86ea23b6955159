package flow

import (
	"encoding/json"
	"fmt"
	"reflect"
	"slices"
	"sort"
	"strings"
	"time"
)

// Candidate is one published flow that may start.
type Candidate struct {
	Graph *Graph
	// Priority orders flows whose triggers are equally particular: lower first; then the order given.
	Priority int
	// LastStarted is when this flow last started by itself for the contact; zero means never. The repeat guard of
	// rules 027 and 182 counts from it.
	LastStarted time.Time
}

// Facts are what triggers look at besides the message.
type Facts struct {
	Now time.Time
	// FirstContact is set on the first message this contact ever sent on the connection.
	FirstContact bool
	// LastInbound is when the contact wrote before this message; zero means never. "First of the day" compares it with
	// Now in the account's zone.
	LastInbound time.Time
	// TicketOpen is set while a ticket is open: then no message starts a flow (rule 159).
	TicketOpen bool
	// ConnectionID is the connection the message came by.
	ConnectionID string
	// RepeatGuard is the connection's [Chatbot inicial timeout]; 0 is none (rules 027, 182; minutes by Z18).
	RepeatGuard Duration
	// Hits are the regular expressions that match the message, from FindPatterns; without them they are looked for now.
	Hits *Hits
}

// Match is the flow that a message starts.
type Match struct {
	Graph *Graph
	// Node is where the run begins.
	Node string
	By   Started
}

// StartKind names what can start a run.
type StartKind string

// What can start a run. All but the last are kinds of triggers.
const (
	StartInbound   StartKind = "inbound"
	StartKeyword   StartKind = "keyword"
	StartButton    StartKind = "button"
	StartManual    StartKind = "manual"    // a user
	StartAPI       StartKind = "api"       // a program
	StartClosing   StartKind = "closing"   // the end of a ticket
	StartScheduled StartKind = "scheduled" // a schedule
	StartFlow      StartKind = "flow"      // another flow that handed the contact over
)

// StartKinds are all of them.
var StartKinds = append(slices.Clone(TriggerKinds), StartFlow)

// TriggerKinds are the kinds of triggers. FindTrigger matches the first three. The caller starts the others and names the
// trigger in Start.By.
var TriggerKinds = []StartKind{StartInbound, StartKeyword, StartButton, StartManual, StartAPI, StartClosing, StartScheduled}

// trigger is a compiled trigger.
type trigger struct {
	spec    TriggerSpec
	inbound InboundTrigger
	keyword KeywordTrigger
	button  ButtonTrigger
	words   []string // folded keywords
	res     []*pattern
}

// Reach are the settings every message trigger has: where and when it counts.
type Reach struct {
	// Connections narrow the trigger; empty means all.
	Connections []Ref `json:"connections,omitempty" len:"200" doc:"Only on these connections"`
	// Hours narrow it to opening hours: "any", "inside" or "outside" of the hours of the queue named or the connection.
	Hours string `json:"hours,omitempty" enum:"any,inside,outside" default:"any" doc:"Inside or outside opening hours"`
	Queue Ref    `json:"queue,omitempty" doc:"Queue whose hours count"`
}

// InboundTrigger starts the flow on a message.
type InboundTrigger struct {
	Reach
	// On says on which messages: any, the first of the contact ever, or the first of the day.
	On string `json:"on,omitempty" enum:"any,first_contact,first_of_day" default:"any" doc:"On which messages"`
	// Guard is the shortest time between two starts for one contact; the connection's by default (rules 027, 182).
	Guard *Duration `json:"guard,omitempty" doc:"Shortest time between two starts"`
}

// KeywordTrigger starts the flow on words in a message, accents and case folded.
type KeywordTrigger struct {
	Reach
	// Words are the keywords, or regular expressions (RE2, case-insensitive) with match "regex".
	Words []string `json:"words" required:"true" len:"100" doc:"The keywords"`
	// Match says how a keyword is found.
	Match string `json:"match,omitempty" enum:"equals,contains,starts,regex" default:"equals" doc:"How a keyword is found"`
}

// ButtonTrigger starts the flow on a tap, however long ago the button was sent.
type ButtonTrigger struct {
	Reach
	// Payloads are the payloads; one that ends in "*" stands for all that begin so.
	Payloads []string `json:"payloads" required:"true" len:"100" doc:"Payloads; a final * stands for the rest"`
}

func (c *compiler) compileTriggers() {
	seen := map[string]bool{}
	for i, spec := range c.doc.Triggers {
		at := fmt.Sprintf("/triggers/%d", i)
		if !idPattern.MatchString(spec.ID) || seen[spec.ID] {
			c.problem("trigger_id", at+"/id", spec.ID)
			continue
		}
		seen[spec.ID] = true
		if spec.Node != "" && c.g.nodes[spec.Node] == nil {
			c.noNode(at+"/node", spec.Node)
		}
		t := &trigger{spec: spec}
		if c.compileTrigger(t, at+"/settings") {
			c.g.triggers = append(c.g.triggers, t)
		}
	}
}

func (c *compiler) compileTrigger(t *trigger, at string) bool {
	var into any
	switch t.spec.Kind {
	case "inbound":
		into = &t.inbound
	case "keyword":
		into = &t.keyword
	case "button":
		into = &t.button
	default:
		if !slices.Contains(TriggerKinds, StartKind(t.spec.Kind)) {
			kinds := make([]string, len(TriggerKinds))
			for i, k := range TriggerKinds {
				kinds[i] = string(k)
			}
			c.unknown("trigger_kind", strings.TrimSuffix(at, "/settings")+"/kind", t.spec.Kind, kinds)
			return false
		}
		return true
	}
	clean := c.shape(reflect.TypeOf(into), orEmpty(t.spec.Settings), at)
	if clean == nil || json.Unmarshal(clean, into) != nil {
		return false
	}
	c.walk(into, at)
	for i, w := range t.keyword.Words {
		to := fmt.Sprintf("%s/words/%d", at, i)
		if t.keyword.Match == "regex" {
			if p := c.pattern(w, "(?i)", to); p != nil {
				t.res = append(t.res, p)
			}
			continue
		}
		if fold(w) == "" {
			c.problem("setting_missing", to, "words")
			continue
		}
		t.words = append(t.words, fold(w))
	}
	return true
}

// StartsOnMessages reports whether the graph has a trigger that messages fit. A flow without one is started by a message only
// as the initial flow of a connection.
func (g *Graph) StartsOnMessages() bool {
	return slices.ContainsFunc(g.triggers, func(t *trigger) bool {
		switch StartKind(t.spec.Kind) {
		case StartInbound, StartKeyword, StartButton:
			return true
		}
		return false
	})
}

// FindTrigger says which flow an inbound message starts; ok is false when none does. A button beats a keyword, a keyword
// beats "first contact", that beats "first of the day", and that beats "any message"; among equals the lower priority
// wins. Rule 159: while a ticket is open no message starts a flow.
func FindTrigger(candidates []Candidate, in Inbound, facts Facts, env *Env) (Match, bool) {
	if facts.TicketOpen {
		return Match{}, false
	}
	if env == nil {
		env = &Env{}
	}
	type found struct {
		rank, priority, order int
		m                     Match
	}
	var all []found
	said := hear(&in, env, facts.Hits)
	for i, cand := range candidates {
		if cand.Graph == nil {
			continue
		}
		for _, t := range cand.Graph.triggers {
			rank, by, ok := t.match(said, &cand, &in, &facts, env)
			if !ok {
				continue
			}
			node := t.spec.Node
			if node == "" {
				node = cand.Graph.doc.Start
			}
			by.Kind, by.Trigger, by.Text, by.Referral = StartKind(t.spec.Kind), t.spec.ID, clean(in.Text), in.Referral
			all = append(all, found{rank, cand.Priority, i, Match{Graph: cand.Graph, Node: node, By: by}})
		}
	}
	if len(all) == 0 {
		return Match{}, false
	}
	sort.SliceStable(all, func(i, j int) bool {
		a, b := all[i], all[j]
		if a.rank != b.rank {
			return a.rank < b.rank
		}
		if a.priority != b.priority {
			return a.priority < b.priority
		}
		return a.order < b.order
	})
	return all[0].m, true
}

// The ranks of triggers, the most particular first.
const (
	rankButton = iota
	rankKeyword
	rankFirstContact
	rankFirstOfDay
	rankAny
)

func (t *trigger) match(said *heard, cand *Candidate, in *Inbound, facts *Facts, env *Env) (rank int, by Started, ok bool) {
	switch t.spec.Kind {
	case "button":
		return rankButton, Started{Payload: in.Payload}, in.Payload != "" && t.button.taps(in.Payload) && t.button.reaches(facts, env)
	case "keyword":
		word, found := t.finds(said)
		return rankKeyword, Started{Keyword: word}, found && t.keyword.reaches(facts, env)
	case "inbound":
		rank, ok = t.inbound.fits(facts, env)
		return rank, Started{}, ok && t.inbound.reaches(facts, env) && !t.inbound.guarded(cand, facts)
	}
	return 0, Started{}, false
}

func (b *ButtonTrigger) taps(payload string) bool {
	for _, p := range b.Payloads {
		if head, open := strings.CutSuffix(p, "*"); (open && strings.HasPrefix(payload, head)) || p == payload {
			return true
		}
	}
	return false
}

func (i *InboundTrigger) fits(facts *Facts, env *Env) (rank int, ok bool) {
	switch i.On {
	case "first_contact":
		return rankFirstContact, facts.FirstContact
	case "first_of_day":
		zone := orUTC(env.Account.Zone)
		day := func(t time.Time) string { return t.In(zone).Format(time.DateOnly) }
		return rankFirstOfDay, facts.LastInbound.IsZero() || day(facts.LastInbound) != day(facts.Now)
	}
	return rankAny, true
}

// guarded reports whether the flow started too recently for this contact (rules 027, 182).
func (i *InboundTrigger) guarded(cand *Candidate, facts *Facts) bool {
	guard := facts.RepeatGuard
	if i.Guard != nil {
		guard = *i.Guard
	}
	return guard > 0 && !cand.LastStarted.IsZero() && facts.Now.Before(cand.LastStarted.Add(guard.Std()))
}

func (a *Reach) reaches(facts *Facts, env *Env) bool {
	if len(a.Connections) > 0 && !slices.ContainsFunc(a.Connections, func(c Ref) bool { return env.connectionID(string(c)) == facts.ConnectionID }) {
		return false
	}
	if a.Hours == "" || a.Hours == "any" {
		return true
	}
	owner := HoursConnection
	if a.Queue != "" {
		owner = HoursQueue
	}
	open := env.hours(owner, string(a.Queue), facts.ConnectionID).At(facts.Now, env.Account.Zone) == Open
	return open == (a.Hours == "inside")
}
