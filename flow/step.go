package flow

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"
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
	if env == nil {
		env = &Env{}
	}
	r := &run{
		g: g, root: g, env: env, ev: &event, lim: env.Limits.Filled(), now: event.Now.UTC().Round(0), zone: env.Account.Zone,
		s: state, contact: event.Contact,
	}
	if event.Kind == EventStart {
		if len(state.Frames) > 0 || state.End != nil {
			return state, nil, ErrStarted
		}
		if missing := g.missing(event.Start.Inputs); missing != "" {
			return state, nil, fmt.Errorf("%w: %q", ErrInput, missing)
		}
		r.s.Step++
		r.start(event.Start)
		return r.done()
	}
	if len(state.Frames) == 0 {
		return state, nil, ErrNotStarted
	}
	r.s.Frames = slices.Clone(state.Frames)
	r.s.Step++
	if state.End != nil {
		r.note("after_end")
		return r.done()
	}
	if !r.enterFrame() {
		r.s.Frames = r.s.Frames[:1]
		r.g = r.root
		if m := event.Inbound; m != nil && m.Seq > r.s.Seq {
			r.s.Seq = m.Seq
			r.keep(tidy(*m))
		}
		r.end(OutcomeFailed, ReasonFlowGone, false)
		return r.done()
	}
	r.handle(&event)
	return r.done()
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
	case EventTicketClosed:
		if w := r.s.Wait; w == nil || w.For != WaitTicket {
			r.note("late_ticket")
			return
		}
		r.resume(input{kind: inTicket})
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
		r.end(OutcomeStopped, reason, false)
	}
}

func (r *run) start(st *Start) {
	r.s.Run = st.Run
	r.s.Started = r.now
	by := st.By
	r.s.Trigger = &by
	r.s.Language = r.contact.Language
	if r.s.Language == "" {
		r.s.Language = r.g.doc.Language
	}
	r.s.Frames = []Frame{{Flow: r.g.doc.ID, Version: r.g.doc.Version, Vars: r.g.initial(st.Inputs)}}
	r.owned = 1
	if in := st.Inbound; in != nil {
		r.s.Seq = in.Seq
		if by.Text == "" {
			by.Text = clean(in.Text)
		}
		if by.Referral == nil {
			by.Referral = in.Referral
		}
		if r.g.doc.Settings.FirstMessage == "answer" {
			r.s.Inbox = []Inbound{tidy(*in)}
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

// tidy drops from a message what no database takes.
func tidy(m Inbound) Inbound {
	m.Text, m.Payload = clean(m.Text), clean(m.Payload)
	m.At = m.At.UTC().Round(0)
	return m
}

// inbound takes one message of the contact.
func (r *run) inbound(m Inbound) {
	if m.Seq <= r.s.Seq {
		r.trace(Trace{Note: "repeat", Seq: m.Seq})
		return
	}
	// A deadline that had passed when the message was received goes first, as it would have if its timer had been on time.
	if end := r.s.Wait.ends(); end != nil && !m.At.Before(*end) && !r.now.Before(*end) {
		r.alarm()
	}
	r.s.Seq = m.Seq
	m = tidy(m)
	if r.s.End != nil {
		r.keep(m)
		return
	}
	w := r.s.Wait
	if w.For == WaitTicket { // the ticket answers it
		r.trace(Trace{Note: "for_ticket", Seq: m.Seq})
		return
	}
	if r.staleTap(&m) {
		r.trace(Trace{Note: "stale_tap", Seq: m.Seq})
		return
	}
	if to := r.command(m); to != "" && w.For != WaitOperator {
		r.trace(Trace{Note: "command", Seq: m.Seq})
		r.markRead(&m)
		r.cancelCall()
		r.popTo(1)
		r.advance(next{do: doGoto, node: to})
		return
	}
	switch {
	case w.For == WaitReply && r.burst() > 0:
		r.keep(m)
		r.quiet()
	case w.For == WaitReply:
		r.take(m, false)
	case w.Interruptible:
		r.keep(m)
		r.resume(input{kind: inInterrupt, msg: m})
	case r.interrupts(w):
		r.keep(m)
		r.cancelCall()
		r.popTo(1)
		r.advance(next{do: doGoto, node: r.g.doc.Settings.InterruptTo})
	default:
		r.keep(m)
	}
}

// staleTap reports whether a message is a tap on a question of this run that is not the one being asked: the second of
// two taps, or a button further up in the conversation. It is no answer to anything and costs no attempt.
func (r *run) staleTap(m *Inbound) bool {
	if m.Kind != InboundTap || r.s.Wait.For == WaitOperator { // what comes while the run is stuck is for people to read
		return false
	}
	tap, ok := parsePayload(m.Payload)
	return ok && tap.run == r.s.Run && (tap.node != r.frame().Node || r.s.Wait.For != WaitReply)
}

// command is the node that a message leads to because it is one of the flow's commands.
func (r *run) command(m Inbound) string {
	if len(r.root.commands) == 0 || (m.Kind != InboundText && m.Kind != InboundTap) || len(m.Text) > 100 {
		return ""
	}
	return r.root.commands[fold(m.Text)]
}

func (r *run) interrupts(w *Wait) bool {
	set := &r.root.doc.Settings
	return set.Inbound == "interrupt" && r.root.nodes[set.InterruptTo] != nil && (w.For == WaitTimer || w.For == WaitCall || w.For == WaitDelivery)
}

// keep puts a message into the inbox for the next wait.
func (r *run) keep(m Inbound) {
	r.trace(Trace{Note: "kept", Seq: m.Seq})
	r.s.Inbox = append(slices.Clip(r.s.Inbox), m)
	if r.s.End == nil && len(r.s.Inbox) > r.lim.Inbox {
		r.cancelCall()
		r.end(OutcomeFailed, ReasonInboxLimit, false)
	}
}

func (r *run) markRead(m *Inbound) {
	if r.g.doc.Settings.MarkRead && r.env.Channel.Read && m.ID != "" {
		r.effect(Effect{Kind: EffectMarkRead, MarkRead: &MarkRead{Message: m.ID}})
	}
}

// take gives a message to the node that waits for a reply.
func (r *run) take(m Inbound, kept bool) {
	r.trace(Trace{Note: "answer", Seq: m.Seq})
	r.markRead(&m)
	r.resume(input{kind: inReply, msg: m, kept: kept})
}

// burst is how long the present wait collects messages before it reads them as one.
func (r *run) burst() time.Duration {
	if b, ok := r.behaviour().(interface{ debounce(r *run) Duration }); ok {
		return b.debounce(r).Std()
	}
	return 0
}

// burstFactor bounds a burst: after so many times the pause it is read although the contact is still writing.
const burstFactor = 10

// quiet restarts the pause after which a burst counts as complete.
func (r *run) quiet() {
	w := *r.s.Wait
	if w.Quiet {
		// The burst's own end was fixed when it began.
	} else {
		w.Quiet, w.Deadline = true, w.Until
		w.Since = r.now
	}
	end := r.now.Add(r.burst())
	if last := w.Since.Add(burstFactor * r.burst()); end.After(last) {
		end = last
	}
	w.Until = &end
	r.s.Wait = &w
}

// merge makes one answer of a burst: texts in lines, the last tap, file or place.
func merge(ms []Inbound) Inbound {
	out := ms[len(ms)-1]
	if len(ms) == 1 {
		return out
	}
	text := ""
	for i, m := range ms {
		if m.Text != "" {
			if text != "" {
				text += "\n"
			}
			text += m.Text
		}
		if i < len(ms)-1 && m.Kind != InboundText && out.Kind == InboundText {
			out.Kind, out.Media, out.Location, out.Contacts, out.Payload = m.Kind, m.Media, m.Location, m.Contacts, m.Payload
		}
	}
	if out.Kind != InboundTap {
		out.Text = text
	}
	return out
}

// alarm handles an instant that has come.
func (r *run) alarm() {
	w := r.s.Wait
	switch {
	case r.expired():
		r.cancelCall()
		r.end(OutcomeExpired, ReasonExpired, false)
	case w.For == WaitOperator:
		r.end(OutcomeStuck, w.Reason, false)
	case w.Quiet && len(r.s.Inbox) > 0:
		burst := r.s.Inbox
		r.s.Inbox = nil
		for _, m := range burst[:len(burst)-1] {
			r.trace(Trace{Note: "answer", Seq: m.Seq})
			r.markRead(&m)
		}
		r.take(merge(burst), false)
	default:
		if w.For == WaitCall || w.For == WaitDelivery {
			r.cancelCall()
		}
		r.resume(input{kind: inAlarm})
	}
}

func (r *run) expired() bool {
	d := r.root.doc.Settings.ExpireAfter.Std()
	return d > 0 && !r.now.Before(r.s.Started.Add(d))
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
	r.cancelCall()
	r.popTo(1)
	r.trail("moved")
	r.advance(next{do: doGoto, node: id})
}

// popTo leaves sub-flows until n frames are left.
func (r *run) popTo(n int) {
	for i := len(r.s.Frames) - 1; i >= n; i-- {
		r.owned &^= uint64(1) << (uint(i) & 63)
	}
	r.s.Frames = r.s.Frames[:n]
	r.enterFrame()
}

// trail notes how the current visit ended.
func (r *run) trail(out string) {
	f := r.frame()
	if n := len(r.s.Trail); f.Visit == 0 || (n > 0 && r.s.Trail[n-1].N == f.Visit) { // left already: the run was stuck there
		return
	}
	v := Visit{N: f.Visit, Node: f.Node, Output: out}
	if len(r.s.Frames) > 1 {
		v.Flow = f.Flow
	}
	old := r.s.Trail
	if drop := len(old) + 1 - r.lim.Trail; drop > 0 {
		old = old[drop:]
	}
	r.s.Trail = append(slices.Clip(old), v)
	r.trace(Trace{Output: out})
}

// advance carries out a kind's verdict and whatever follows from it, until the run waits or is over.
func (r *run) advance(n next) {
	for {
		if r.over != "" {
			r.end(OutcomeFailed, r.over, false)
			return
		}
		switch n.do {
		case doLeave:
			n = r.leave(n)
		case doGoto:
			n = r.enter(n.node)
		case doPush:
			n = r.push(n)
		case doEnd:
			if len(r.s.Frames) > 1 && n.reason == ReasonEndNode {
				n = r.pop(n)
				continue
			}
			r.end(n.outcome, n.reason, n.closes)
			return
		case doStuck:
			r.stop(n.reason)
			return
		case doStay:
			r.wait(n.wait)
			if r.s.Wait.For != WaitReply || len(r.s.Inbox) == 0 || r.s.Wait.Quiet {
				return
			}
			n = r.takeKept()
		}
	}
}

func (r *run) leave(n next) next {
	cur := r.current()
	if cur == nil {
		return stuck(ReasonNodeGone)
	}
	out, to := n.out, r.g.target(cur, n.out)
	if to == "" && n.alt != "" {
		out, to = n.alt, r.g.target(cur, n.alt)
	}
	r.trail(out)
	switch {
	case to == "" && out == OutWindowClosed:
		return stuck(ReasonWindowClosed)
	case to == "":
		return stuck(ReasonNoEdge)
	}
	return next{do: doGoto, node: to}
}

// enter begins a visit to a node.
func (r *run) enter(id string) next {
	f := r.frame()
	n := r.g.nodes[id]
	if n == nil {
		return stuck(ReasonNodeGone)
	}
	r.visits++
	r.s.Visits++
	f.Node, f.Visit = id, r.s.Visits
	f.Item, f.Attempt, f.Reminded, f.Effects, f.Options = 0, 0, 0, 0, nil
	r.s.Wait = nil
	switch {
	case r.visits > r.lim.StepVisits:
		r.over = ReasonStepLimit
		return next{}
	case r.s.Visits > r.lim.Visits:
		r.over = ReasonVisitLimit
		return next{}
	}
	return n.in(r.s.Language).enter(r)
}

// push enters a sub-flow.
func (r *run) push(n next) next {
	if len(r.s.Frames) >= r.lim.Stack {
		r.over = ReasonStackLimit
		return next{}
	}
	r.s.Frames = append(r.s.Frames, n.frame)
	r.owned |= uint64(1) << (uint(len(r.s.Frames)-1) & 63)
	r.g = n.graph
	return next{do: doGoto, node: n.node}
}

// pop comes back from a sub-flow to the node that called it.
func (r *run) pop(n next) next {
	r.trail(string(n.outcome))
	outputs := map[string]any{}
	for name, v := range r.g.vars {
		if v.Output {
			outputs[name] = r.frame().Vars[name]
		}
	}
	r.popTo(len(r.s.Frames) - 1)
	b, ok := r.behaviour().(*subflowSettings)
	if !ok {
		return stuck(ReasonNodeGone)
	}
	return b.returned(r, n.outcome, outputs)
}

// wait makes the run stand still.
func (r *run) wait(w Wait) {
	f := r.frame()
	w.Node, w.Visit, w.Since = f.Node, f.Visit, r.now
	if d := r.root.doc.Settings.ExpireAfter.Std(); d > 0 && w.For != WaitTicket {
		end := r.s.Started.Add(d)
		if w.Until == nil || end.Before(*w.Until) {
			w.Until = &end
		}
	}
	r.s.Wait = &w
}

// takeKept gives the node that has just begun to wait the messages kept for it.
func (r *run) takeKept() next {
	n := 1
	if r.burst() > 0 {
		n = len(r.s.Inbox)
	}
	ms := r.s.Inbox[:n]
	r.s.Inbox = slices.Clone(r.s.Inbox[n:])
	if len(r.s.Inbox) == 0 {
		r.s.Inbox = nil
	}
	for i := range ms {
		r.trace(Trace{Note: "answer", Seq: ms[i].Seq})
		r.markRead(&ms[i])
	}
	b := r.behaviour()
	if b == nil {
		return stuck(ReasonNodeGone)
	}
	return b.resume(r, input{kind: inReply, msg: merge(ms), kept: true})
}

// stop makes the run wait for an operator: the contact stays in the flow, receives nothing more from the bot, and agents
// see a red line (rule 131, an output without an edge).
func (r *run) stop(reason Reason) {
	d := r.root.doc.Settings.StuckFor
	if d == 0 {
		d = defaultStuckFor
	}
	r.line(reason, stopText(reason, r.env.Account.Locale, r.g.NodeName(r.frame().Node)), true)
	r.wait(Wait{For: WaitOperator, Reason: reason, Until: r.until(d)})
}

const defaultStuckFor = Duration(24 * time.Hour)

// end makes the run over.
func (r *run) end(o Outcome, reason Reason, closeTicket bool) {
	if o == OutcomeFailed {
		r.line(reason, stopText(reason, r.env.Account.Locale, r.g.NodeName(r.frame().Node)), true)
	}
	r.trail(string(o))
	r.s.Wait = nil
	r.s.End = &End{Outcome: o, Reason: reason, Node: r.frame().Node, At: r.now}
	r.effect(Effect{Kind: EffectEnded, Ended: &Ended{Outcome: o, Reason: reason, CloseTicket: closeTicket}})
}

// done closes the step: sizes are checked, and messages nobody answered are handed back when the run is over.
func (r *run) done() (State, []Effect, error) {
	if r.s.End == nil && r.owned != 0 && sizeOf(r.frame().Vars) > r.lim.Vars {
		r.cancelCall()
		r.end(OutcomeFailed, ReasonStateLimit, false)
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

// copyVars is a copy of variables that may be changed.
func copyVars(m map[string]any) map[string]any {
	if m == nil {
		return map[string]any{}
	}
	return maps.Clone(m)
}
