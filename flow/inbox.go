package flow

import (
	"maps"
	"slices"
	"time"
)

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
	r.received(m.Media)
	if r.s.End != nil {
		r.keep(m)
		return
	}
	w := r.s.Wait
	if w.For == WaitTicket { // the ticket answers it
		r.trace(Trace{Note: "for_ticket", Seq: m.Seq})
		return
	}
	if r.oldTap(&m) {
		return
	}
	if to := r.command(&m); to != "" && (w.For == WaitReply || w.For == WaitTimer) { // what is on its way is not left
		r.obey(&m, to)
		return
	}
	switch {
	case w.For == WaitReply && r.before(&m):
		r.trace(Trace{Note: "said_before", Seq: m.Seq})
	case w.For == WaitReply && r.burst() > 0 && m.Kind != InboundTap:
		r.keep(m)
		r.quiet()
	case w.For == WaitReply:
		r.empty("answer") // a tap ends a burst: it says more than what was written before it
		r.take(m)
	case w.Interruptible:
		m.Meant = true
		r.keep(m)
		r.resume(input{kind: inInterrupt, msg: m})
	case r.interrupts(w):
		m.Meant = true
		r.keep(m)
		r.cancelCall()
		r.goTo(r.g.doc.Settings.InterruptTo)
	default:
		m.Meant = w.For == WaitDelivery // the contact may have read what is being sent
		r.keep(m)
	}
}

// obey goes where a command leads.
func (r *run) obey(m *Inbound, to string) {
	r.trace(Trace{Note: "command", Seq: m.Seq})
	r.markRead(m)
	r.empty("said_before")
	r.goTo(to)
}

// empty takes all messages out of the inbox and notes what became of them.
func (r *run) empty(note string) {
	for i := range r.s.Inbox {
		r.trace(Trace{Note: note, Seq: r.s.Inbox[i].Seq})
	}
	r.s.Inbox = nil
}

// goTo leaves whatever is going on for a node of the root flow.
func (r *run) goTo(id string) {
	r.popTo(1)
	r.leaveLoops(id)
	r.advance(next{do: doGoto, node: id})
}

// before reports whether a message was written before the question that is being asked: then it does not answer it. A
// question that was asked again, or followed by a reminder, was there before. So was one that leads back to itself: there each
// message is a new answer, and none is lost.
func (r *run) before(m *Inbound) bool {
	f := r.frame()
	if n := r.g.nodes[f.Node]; n != nil && slices.Contains(slices.Collect(maps.Values(n.edges)), f.Node) {
		return false
	}
	return m.Kind != InboundTap && !m.At.IsZero() && m.At.Before(r.s.Wait.Since) && f.Attempt == 0 && f.Reminded == 0 && f.Free == 0 && !r.s.Wait.Quiet && f.Page == 0
}

// command is the node that a message leads to because it is one of the flow's commands.
func (r *run) command(m *Inbound) string {
	if len(r.root.commands) == 0 || (m.Kind != InboundText && m.Kind != InboundTap) || len(m.Text) > 100 {
		return ""
	}
	folded := fold(m.Text)
	if to := r.root.commands[folded]; to != "" {
		return to
	}
	return r.root.commands[bare(folded)]
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
		r.end(OutcomeFailed, ReasonInboxLimit, nil)
	}
}

func (r *run) markRead(m *Inbound) {
	if r.g.doc.Settings.MarkRead && r.env.Channel.Read && m.ID != "" {
		r.effect(Effect{Kind: EffectMarkRead, MarkRead: &MarkRead{Message: m.ID}})
	}
}

// take gives a message to the node that waits for a reply.
func (r *run) take(m Inbound) {
	r.trace(Trace{Note: "answer", Seq: m.Seq})
	r.markRead(&m)
	r.resume(input{kind: inReply, msg: m})
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
	if !w.Quiet { // the first message of a burst: the wait's own end is kept while Until is the burst's
		w.Quiet, w.Since = true, r.now
		if w.Deadline == nil {
			w.Deadline = w.Until
		}
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
	out.More = nil
	for _, m := range ms {
		if m.Media != nil && (out.Media == nil || m.Seq != ms[len(ms)-1].Seq) {
			out.More = append(out.More, *m.Media)
		}
	}
	if out.Media != nil && len(out.More) > 0 { // in the order in which they came: the last one is Media, the others are before it
		files := out.More
		if ms[len(ms)-1].Media != nil {
			files = append(files, *out.Media)
		}
		out.Media, out.More = &files[len(files)-1], files[:len(files)-1]
	}
	if out.Kind != InboundTap {
		out.Text = text
	}
	return out
}
