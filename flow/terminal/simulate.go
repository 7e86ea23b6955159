package terminal

import (
	"encoding/json"
	"errors"
	"time"

	"github.com/perene/perene/flow"
)

// Sent is a message as it left, and the node that sent it.
type Sent struct {
	At      time.Time
	Node    string
	Content flow.Content
}

// Asked is a call to another system, with its secrets as references, and what it was answered.
type Asked struct {
	Node string
	Text string
	// Waits is set where the run stands still until an answer comes.
	Waits bool
	// Answer is nil while there is none. Pinned is set where it was the node's pinned answer.
	Answer *Answer
	Pinned bool

	id string
}

// Passed is a node that the run went through, with the output it was left by. Flow is set for a node of another flow.
type Passed struct {
	Flow   string
	Node   string
	Output string
}

// way notes a line of the engine's trace. Lines that no node left are no part of the way.
func (h *Happening) way(t *flow.Trace, elsewhere string) {
	if t.Node == "" || t.Output == "" {
		return
	}
	of := t.Flow
	if of == "" {
		of = elsewhere
	}
	h.Way = append(h.Way, Passed{Flow: of, Node: t.Node, Output: t.Output})
}

// answered notes the answer of the latest call that waits for one.
func (h *Happening) answered(id string, a Answer, pinned bool) {
	for i := range h.Asked {
		if h.Asked[i].id == id {
			h.Asked[i].Answer, h.Asked[i].Pinned = &a, pinned
		}
	}
}

// elsewhere is the id of the present flow where it is another one than the flow that is played.
func (p *Player) elsewhere() string {
	if p.graph == nil || p.graph == p.flows[0] {
		return ""
	}
	return p.graph.ID()
}

// mostPinned bounds the pinned answers of one happening, so that a loop of calls ends.
const mostPinned = 50

// pinned answers the call that the run waits for, where its node has a pinned answer.
func (p *Player) pinned(seen *Happening) error {
	if !p.waitsForCall() || p.elsewhere() != "" || len(p.state.Frames) > 1 {
		return nil
	}
	a, ok := p.pins[p.state.Wait.Node]
	if !ok || len(seen.Asked) > mostPinned {
		return nil
	}
	res, err := a.result()
	if err != nil {
		return err
	}
	res.ID = p.state.Wait.Call
	seen.answered(res.ID, a, true)
	return p.happen(flow.Event{Kind: flow.EventCallResult, Call: &res}, seen)
}

// Refusal is a short word for why a step of a conversation cannot happen.
type Refusal string

// Why a step cannot happen.
const (
	RefusedNoRun   Refusal = "no_run"
	RefusedNoCall  Refusal = "no_call"
	RefusedPast    Refusal = "past"
	RefusedTicket  Refusal = "no_ticket"
	RefusedInput   Refusal = "input_missing"
	RefusedInvalid Refusal = "invalid"
)

// Refusals are all of them.
var Refusals = []Refusal{RefusedNoRun, RefusedNoCall, RefusedPast, RefusedTicket, RefusedInput, RefusedInvalid}

var (
	errNoCall   = errors.New("the flow does not wait for an answer of another system")
	errNoTicket = errors.New("no ticket is open")
	errPast     = errors.New("time goes forward")
)

func refusalOf(err error) Refusal {
	for of, word := range map[error]Refusal{
		errNoRun: RefusedNoRun, errNoCall: RefusedNoCall, errPast: RefusedPast, errNoTicket: RefusedTicket, flow.ErrInput: RefusedInput,
	} {
		if errors.Is(err, of) {
			return word
		}
	}
	return RefusedInvalid
}

// ErrTooLong says that a conversation sends more than a simulation shows.
var ErrTooLong = errors.New("the conversation is too long to be simulated")

// mostShown bounds the messages of a simulation, as bytes of text.
const mostShown = 1 << 20

// Simulation is a conversation with a draft. It is played from its beginning each time: the engine gives the same again.
type Simulation struct {
	World World
	Steps []Step
	// Pins are answers of other systems by the node that asks.
	Pins map[string]Answer
	// Others finds published flows by id or name; nil finds none.
	Others func(id string) (*flow.Graph, bool)
	// Hours are the account's opening hours; nil: those of the world.
	Hours func(owner flow.HoursOwner, id string) (*flow.Calendar, bool)
	// Stop reports that the conversation has taken too long; nil never does.
	Stop func() bool
}

// Played is what came of one step.
type Played struct {
	// At is the conversation's clock after the step.
	At time.Time
	Happening
	// Refused is set where the step could not happen. The steps after it were played all the same.
	Refused Refusal
	Why     string
	// Node is where the run stands after the step, Wait what it waits for.
	Node string
	Wait *flow.Wait
}

// Outcome is a simulation after its last step.
type Outcome struct {
	Steps []Played
	Now   time.Time
	// Running is set while a run goes on, TicketOpen while people are in charge.
	Running    bool
	TicketOpen bool
	// Elsewhere is the flow that the run was handed to, or is inside; empty in the flow that is played.
	Elsewhere string
	End       *flow.End
	View      flow.View
	Contact   flow.Contact
	// Work is what the steps cost, see [flow.Meter].
	Work int
	// Expect is what each step gave, as a test writes it; nil for a step that was refused.
	Expect []*Expectation
}

// Simulate plays a conversation. An error wraps [flow.ErrHalted] or [ErrTooLong], or says what is wrong with the world.
func (s *Simulation) Simulate(g *flow.Graph) (*Outcome, error) {
	p, err := NewPlayer([]*flow.Graph{g}, s.World)
	if err != nil {
		return nil, err
	}
	p.others, p.pins, p.stop, p.meter = s.Others, s.Pins, s.Stop, flow.NewMeter(s.Stop)
	if s.Hours != nil {
		p.env.Hours = s.Hours
	}
	out := &Outcome{Steps: make([]Played, 0, len(s.Steps))}
	shown := 0
	for i := range s.Steps {
		p.back = nil // a simulation goes back by leaving steps out
		h, err := p.perform(&s.Steps[i])
		if errors.Is(err, flow.ErrHalted) {
			return nil, err
		}
		for j := range h.Messages {
			shown += len(h.Messages[j])
		}
		if shown > mostShown {
			return nil, ErrTooLong
		}
		played := Played{At: p.Now(), Happening: h, Node: p.state.Node(), Wait: p.state.Wait}
		var expect *Expectation
		if err != nil {
			played.Refused, played.Why = refusalOf(err), err.Error()
		} else {
			e := p.expectation(&h)
			e.Vars = nil
			expect = &e
		}
		out.Steps, out.Expect = append(out.Steps, played), append(out.Expect, expect)
	}
	out.Now, out.Running, out.TicketOpen, out.End = p.Now(), p.Running(), p.ticket, p.state.End
	out.View, out.Contact, out.Work = p.state.View(), p.contact, p.meter.Spent()
	if out.Elsewhere = p.elsewhere(); out.Elsewhere == "" && len(p.state.Frames) > 1 {
		out.Elsewhere = p.state.Frames[len(p.state.Frames)-1].Flow
	}
	return out, nil
}

// PinsOf reads the pinned answers that a document's designers keep in its "ui", which the engine ignores.
func PinsOf(doc json.RawMessage) map[string]Answer {
	var d struct {
		UI struct {
			Pins map[string]json.RawMessage `json:"pins"`
		} `json:"ui"`
	}
	if json.Unmarshal(doc, &d) != nil {
		return nil
	}
	out := map[string]Answer{}
	for node, raw := range d.UI.Pins {
		var a Answer
		if json.Unmarshal(raw, &a) == nil && (a.Status == 0 || a.Status >= 100 && a.Status <= 599) {
			out[node] = a
		}
	}
	return out
}
