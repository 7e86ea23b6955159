package flow

import (
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
		r.take(m)
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
	if out.Kind != InboundTap {
		out.Text = text
	}
	return out
}
