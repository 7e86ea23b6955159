package flow

import (
	"maps"
	"slices"
	"time"
)

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
			r.end(OutcomeFailed, r.over, nil)
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
			r.end(n.outcome, n.reason, n.closing)
			return
		case doStuck:
			r.stop(n.reason)
			return
		case doStay:
			r.wait(n.wait)
			if r.s.Wait.For != WaitReply || len(r.s.Inbox) == 0 || r.s.Wait.Quiet {
				return
			}
			if n = r.takeKept(); n.do == doStay && n.wait.For == "" {
				return
			}
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

// visit makes a node the one where the run is.
func (r *run) visit(id string) {
	f := r.frame()
	r.visits++
	r.s.Visits++
	f.Node, f.Visit = id, r.s.Visits
	f.Item, f.Attempt, f.Reminded, f.Effects, f.Free, f.Page, f.Options = 0, 0, 0, 0, 0, 0, nil
	r.s.Wait = nil
	if r.g.counted[id] {
		f.Visits = maps.Clone(f.Visits)
		if f.Visits == nil {
			f.Visits = map[string]int{}
		}
		f.Visits[id]++
	}
}

// enter begins a visit to a node.
func (r *run) enter(id string) next {
	n := r.g.nodes[id]
	if n == nil {
		return stuck(ReasonNodeGone)
	}
	r.visit(id)
	switch {
	case r.visits > r.lim.StepVisits:
		r.over = ReasonStepLimit
		return next{}
	case r.s.Visits > r.lim.Visits:
		r.over = ReasonVisitLimit
		return next{}
	}
	r.passLoops(n)
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
		end := r.s.Started.Add(d + r.s.Paused.Std())
		if w.Until == nil || end.Before(*w.Until) {
			w.Until = &end
		}
	}
	r.s.Wait = &w
}

// takeKept gives the node that has just begun to wait the messages that are meant for it. What was written before the
// question, during a call for instance, does not answer it; a command among it counts.
func (r *run) takeKept() next {
	for len(r.s.Inbox) > 0 && !r.s.Inbox[0].Meant {
		m := r.s.Inbox[0]
		r.s.Inbox = slices.Clone(r.s.Inbox[1:])
		if to := r.command(&m); to != "" {
			r.trace(Trace{Note: "command", Seq: m.Seq})
			r.markRead(&m)
			r.empty("said_before")
			r.popTo(1)
			r.leaveLoops(to)
			return next{do: doGoto, node: to}
		}
		r.trace(Trace{Note: "said_before", Seq: m.Seq})
	}
	if len(r.s.Inbox) == 0 {
		r.s.Inbox = nil
		return next{do: doStay}
	}
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
	r.alert(reason)
	r.wait(Wait{For: WaitOperator, Reason: reason, Until: r.until(d)})
}

const defaultStuckFor = Duration(24 * time.Hour)

// end makes the run over.
func (r *run) end(o Outcome, reason Reason, closing *Closing) {
	if o == OutcomeFailed {
		r.alert(reason)
	}
	r.trail(string(o))
	r.s.Wait = nil
	r.s.End = &End{Outcome: o, Reason: reason, Node: r.frame().Node, At: r.now}
	r.effect(Effect{Kind: EffectEnded, Ended: &Ended{Outcome: o, Reason: reason, Closing: closing}})
}
