package flow

import (
	"errors"
	"fmt"
	"slices"
)

// Mistakes of a caller. Nothing has happened when one of these comes back.
var (
	ErrStarted    = errors.New("flow: the run has started already")
	ErrNotStarted = errors.New("flow: the run has not started")
	ErrEvent      = errors.New("flow: the event lacks what its kind needs")
	ErrInput      = errors.New("flow: a required input is missing")
)

// Step takes one event. It never changes state or what hangs on it; the new state and the effects are the whole result.
// An error means that the caller made a mistake; everything else, limits and broken graphs included, is part of the
// state. An event that no longer concerns the run (a repeat, a late timer, a result nobody waits for) changes nothing
// but the step number and leaves a trace.
func Step(g *Graph, state State, event Event, env *Env) (State, []Effect, error) {
	if err := event.check(); err != nil {
		return state, nil, err
	}
	r := newRun(g, state, &event, env)
	if event.Kind == EventStart {
		if len(state.Frames) > 0 || state.End != nil {
			return state, nil, ErrStarted
		}
		if missing := g.missing(event.Start.Inputs); missing != "" {
			return state, nil, fmt.Errorf("%w: %q", ErrInput, missing)
		}
		r.s.Step++
		r.start(event.Start)
		return r.done(state)
	}
	if len(state.Frames) == 0 {
		return state, nil, ErrNotStarted
	}
	r.s.Frames = slices.Clone(state.Frames)
	r.s.Step++
	if state.End != nil {
		r.note("after_end")
		return r.done(state)
	}
	if !r.enterFrame() {
		r.s.Frames = r.s.Frames[:1]
		r.g = r.root
		if m := event.Inbound; m != nil && m.Seq > r.s.Seq {
			r.s.Seq = m.Seq
			r.keep(tidy(*m))
		}
		r.end(OutcomeFailed, ReasonFlowGone, nil)
		return r.done(state)
	}
	r.handle(&event)
	return r.done(state)
}

func newRun(g *Graph, state State, event *Event, env *Env) *run {
	if env == nil {
		env = &Env{}
	}
	return &run{
		g: g, root: g, env: env, ev: event, lim: env.Limits.Filled(), now: event.Now.UTC().Round(0), zone: env.Account.Zone,
		s: state, contact: event.Contact, meter: event.Meter,
	}
}

// Park makes a run wait for an operator instead of letting it take an event: what a caller does with a run that it cannot
// step, because a step takes too long or the version cannot be read. Of the event the instant counts and, for a run that
// has not begun, what it starts with. A nil graph is that of a version nobody can read. A run that waits for an operator
// for the same reason already is left as it is, until it has waited for as long as it may.
func Park(g *Graph, state State, event Event, env *Env, reason Reason) (State, []Effect) {
	if g == nil {
		g = &Graph{}
	}
	r := newRun(g, state, &event, env)
	r.s.Step++
	if state.End != nil {
		return r.s, nil
	}
	if w := state.Wait; w != nil && w.For == WaitOperator && w.Reason == reason {
		if w.Until != nil && !r.now.Before(*w.Until) {
			r.s.Frames = slices.Clone(state.Frames)
			r.end(OutcomeStuck, reason, nil)
		}
		return r.s, r.fx
	}
	if st := event.Start; len(state.Frames) == 0 && st != nil {
		r.begin(st)
		r.frame().Node = g.doc.Start
	} else {
		r.s.Frames = slices.Clone(state.Frames)
	}
	r.enterFrame()
	r.cancelCall()
	r.stop(reason)
	return r.s, r.fx
}

func (e *Event) check() error {
	missing := false
	switch e.Kind {
	case EventStart:
		missing = e.Start == nil || e.Start.Run == ""
	case EventInbound:
		missing = e.Inbound == nil
	case EventCallResult:
		missing = e.Call == nil
	case EventSendResult:
		missing = e.Send == nil
	case EventMoveTo:
		missing = e.MoveTo == nil
	case EventSetVariable:
		missing = e.Set == nil
	case EventTicketOpened:
		missing = e.Opened == nil
	case EventTimer, EventTicketClosed, EventStop:
	default:
		return fmt.Errorf("%w: unknown kind %q", ErrEvent, e.Kind)
	}
	if missing {
		return fmt.Errorf("%w: kind %q", ErrEvent, e.Kind)
	}
	if e.Now.IsZero() {
		return fmt.Errorf("%w: now is zero", ErrEvent)
	}
	return nil
}

// enterFrame finds the graph of the innermost frame.
func (r *run) enterFrame() bool {
	if len(r.s.Frames) == 1 {
		r.g = r.root
		return true
	}
	f := r.frame()
	if r.env.Flow == nil {
		return false
	}
	g, ok := r.env.Flow(f.Flow, f.Version)
	if !ok || g == nil {
		return false
	}
	r.g = g
	return true
}

func (r *run) handle(e *Event) {
	switch e.Kind {
	case EventInbound:
		r.inbound(*e.Inbound)
	case EventTimer:
		w := r.s.Wait
		if w == nil || w.Until == nil || r.now.Before(*w.Until) {
			r.note("early_timer")
			return
		}
		r.alarm()
	case EventCallResult:
		if w := r.s.Wait; w == nil || w.For != WaitCall || w.Call != e.Call.ID {
			r.note("late_result")
			return
		}
		r.resume(input{kind: inCall, call: e.Call})
	case EventSendResult:
		r.sendResult(e.Send)
	case EventTicketOpened:
		r.opened(e.Opened)
	case EventTicketClosed:
		r.handedBack(e.Held)
	case EventMoveTo:
		r.moveTo(e.MoveTo.Node)
	case EventSetVariable:
		if variablePattern.MatchString(e.Set.Name) && !reserved[e.Set.Name] {
			r.set(e.Set.Name, e.Set.Value)
			return
		}
		r.note("variable_name")
	case EventStop:
		r.cancelCall()
		reason := ReasonStopped
		if e.Stop != nil && e.Stop.Reason != "" {
			reason = e.Stop.Reason
		}
		r.end(OutcomeStopped, reason, nil)
	}
}

// begin makes the state of a run that has not entered a node yet.
func (r *run) begin(st *Start) (by *Started) {
	r.s.Run = st.Run
	r.s.Started = r.now
	r.s.Files = slices.Clone(st.Files)
	started := st.By
	r.s.Trigger = &started
	r.s.Language = r.contact.Language
	if r.s.Language == "" {
		r.s.Language = r.g.doc.Language
	}
	r.s.Frames = []Frame{{Flow: r.g.doc.ID, Version: r.g.doc.Version, Vars: r.g.initial(st.Inputs)}}
	r.owned = 1
	return &started
}

func (r *run) start(st *Start) {
	by := r.begin(st)
	if in := st.Inbound; in != nil {
		r.s.Seq = in.Seq
		r.received(in.Media)
		if by.Text == "" {
			by.Text = clean(in.Text)
		}
		if by.Referral == nil {
			by.Referral = in.Referral
		}
		by.Form, by.Product = in.Form, in.Product
		if r.g.doc.Settings.FirstMessage == "answer" {
			first := tidy(*in)
			first.Meant = true
			r.s.Inbox = []Inbound{first}
		} else {
			r.markRead(in)
		}
	}
	at := st.Node
	if at == "" {
		at = r.g.doc.Start
		for _, t := range r.g.triggers {
			if t.spec.ID == by.Trigger && t.spec.Node != "" {
				at = t.spec.Node
			}
		}
	}
	r.advance(next{do: doGoto, node: at})
}

// missing names a required input that is not given; "" when none is missing.
func (g *Graph) missing(inputs map[string]any) string {
	for _, v := range g.doc.Variables {
		if v.Input && v.Required && v.Default == nil && isEmpty(normalize(inputs[v.Name])) {
			return v.Name
		}
	}
	return ""
}

// initial are the variables at the start of a flow: defaults, then the inputs it declares.
func (g *Graph) initial(inputs map[string]any) map[string]any {
	var vars map[string]any
	put := func(name string, v any) {
		if v = normalize(v); v == nil {
			return
		}
		if vars == nil {
			vars = map[string]any{}
		}
		vars[name] = v
	}
	for name, v := range g.vars {
		put(name, v.Default)
		if in, ok := inputs[name]; ok && v.Input {
			put(name, convert(normalize(in), v.Type, nil))
		}
	}
	return vars
}

// alarm handles an instant that has come.
func (r *run) alarm() {
	w := r.s.Wait
	switch {
	case r.expired():
		r.cancelCall()
		r.end(OutcomeExpired, ReasonExpired, nil)
	case w.For == WaitOperator:
		r.end(OutcomeStuck, w.Reason, nil)
	case w.Quiet && len(r.s.Inbox) > 0:
		burst := r.s.Inbox
		r.s.Inbox = nil
		for _, m := range burst[:len(burst)-1] {
			r.trace(Trace{Note: "answer", Seq: m.Seq})
			r.markRead(&m)
		}
		r.take(merge(burst))
	default:
		if w.For == WaitCall || w.For == WaitDelivery {
			r.cancelCall()
		}
		r.resume(input{kind: inAlarm})
	}
}

func (r *run) expired() bool {
	d := r.root.doc.Settings.ExpireAfter.Std()
	return d > 0 && !r.now.Before(r.s.Started.Add(d+r.s.Paused.Std()))
}

func (r *run) cancelCall() {
	if w := r.s.Wait; w != nil && w.For == WaitCall {
		r.effect(Effect{Kind: EffectCancelCall, CancelCall: w.Call})
	}
}

func (r *run) resume(in input) {
	b := r.behaviour()
	if b == nil {
		r.advance(stuck(ReasonNodeGone))
		return
	}
	r.advance(b.resume(r, in))
}

// sendResult handles what became of a message. A template that is gone stops the contact in the flow wherever the run
// is by now (rule 131), unless the node that sent it waits to hear of it.
func (r *run) sendResult(res *SendResult) {
	w := r.s.Wait
	if w != nil && w.For == WaitDelivery && w.Call == res.Key {
		r.resume(input{kind: inSend, send: res})
		return
	}
	if reason, ok := templateReason(res.Outcome); ok && w != nil && w.For != WaitTicket && w.For != WaitOperator {
		r.cancelCall()
		r.advance(stuck(reason))
		return
	}
	r.note("send_" + string(res.Outcome))
}

func templateReason(o SendOutcome) (Reason, bool) {
	switch o {
	case SendTemplateMissing:
		return ReasonTemplateMissing, true
	case SendTemplatePaused:
		return ReasonTemplatePaused, true
	case SendTemplateRejected:
		return ReasonTemplateRejected, true
	}
	return "", false
}

func (r *run) moveTo(id string) {
	if r.root.nodes[id] == nil {
		r.note("node_unknown")
		return
	}
	if r.ev.Conversation.TicketOpen { // it would speak between people and the contact
		r.s.MoveTo = id
		r.note("moves_later")
		return
	}
	r.cancelCall()
	r.popTo(1)
	r.trail("moved")
	r.leaveLoops(id)
	r.advance(next{do: doGoto, node: id})
}

// size is what a frame's values take, about as bytes of JSON.
func (f *Frame) size() int {
	n := sizeOf(f.Vars) + sizeOf(f.Answers)
	for _, l := range f.Loops {
		n += sizeOf(l.Items)
	}
	return n
}

// done closes the step: sizes are checked, and messages nobody answered are handed back when the run is over.
func (r *run) done(before State) (State, []Effect, error) {
	if r.meter != nil && r.meter.halted {
		return before, nil, ErrHalted
	}
	if r.s.End == nil && r.owned != 0 && r.frame().size() > r.lim.Vars {
		r.cancelCall()
		r.end(OutcomeFailed, ReasonStateLimit, nil)
	}
	if r.s.End != nil && len(r.s.Inbox) > 0 {
		for i := range r.fx {
			if e := r.fx[i].Ended; e != nil {
				for _, m := range r.s.Inbox {
					e.Unhandled = append(e.Unhandled, m.Seq)
				}
				r.s.Inbox = nil
			}
		}
	}
	return r.s, r.fx, nil
}
