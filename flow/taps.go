package flow

import (
	"strconv"
	"time"
)

// twice is how soon after a tap the same tap is the second of a double one.
const twice = 30 * time.Second

// oldTap handles a tap on a question of this run that is not the one being asked now: a button further up in the
// conversation, or the second of two taps. Another option of an older question is chosen now. The option that was chosen
// then is not done again: at once it is a double tap, later the question that is open is asked once more.
func (r *run) oldTap(m *Inbound) bool {
	w := r.s.Wait
	if m.Kind != InboundTap || w.For == WaitOperator { // what comes while the run is stuck is for people to read
		return false
	}
	tap, ok := parsePayload(m.Payload)
	f := r.frame()
	if !ok || tap.run != r.s.Run || (w.For == WaitReply && tap.node == f.Node && tap.is(f.Visit)) {
		return false
	}
	if w.For == WaitCall || w.For == WaitDelivery { // what is on its way is not left
		r.trace(Trace{Note: "stale_tap", Seq: m.Seq})
		return true
	}
	done := r.alreadyDone(tap, m)
	switch {
	case done && m.At.Sub(w.Since) < twice:
		r.trace(Trace{Note: "double_tap", Seq: m.Seq})
		return true
	case w.For == WaitReply && tap.node == f.Node: // an older copy of this question
		return false
	case !done && r.follow(tap, m):
		return true
	}
	r.trace(Trace{Note: "stale_tap", Seq: m.Seq})
	r.askAgain(m)
	return true
}

func (t *tap) is(visit int64) bool { return t.visit == strconv.FormatInt(visit, 10) }

// alreadyDone reports whether the visit that a tap belongs to was left by the option that it names.
func (r *run) alreadyDone(t tap, m *Inbound) bool {
	i := r.visited(t)
	if i < 0 {
		return false
	}
	if out := r.s.Trail[i].Output; out != OutOK && out != OutOther {
		return out == t.option
	}
	v := r.frame().Answers[t.node] // a choice that has no output of its own
	if b, ok := v.(bool); ok {
		return (t.option == "yes") == b
	}
	return sameTitle(m.Text, format(v, r.zone))
}

// visited is the place of a tap's visit in the trail, -1 where that is forgotten.
func (r *run) visited(t tap) int {
	for i := range r.s.Trail {
		if v := &r.s.Trail[i]; t.is(v.N) && v.Node == t.node {
			return i
		}
	}
	return -1
}

// tappable is a kind whose fixed options can be chosen long after they were shown.
type tappable interface {
	// tapped is the option's answer and the output it leads to; ok is false where the node has no such option any more.
	tapped(r *run, option string) (ans answer, out next, ok bool)
	// asking is where the answer is stored.
	asking() *Asking
}

// follow chooses an option of an older question, as if it were asked now. It reports false where that is not possible: the
// node is gone, its options were made of a list, or it belongs to a sub-flow that is over.
func (r *run) follow(t tap, m *Inbound) bool {
	depth := len(r.s.Frames)
	if i := r.visited(t); i >= 0 {
		switch flow := r.s.Trail[i].Flow; {
		case flow == "":
			depth = 1
		case flow != r.frame().Flow || depth == 1:
			return false
		}
	} else if r.g.nodes[t.node] == nil {
		depth = 1
	}
	g := r.g
	if depth == 1 {
		g = r.root
	}
	n := g.nodes[t.node]
	if n == nil {
		return false
	}
	b, ok := n.in(r.s.Language).(tappable)
	if !ok {
		return false
	}
	if _, _, ok := b.tapped(r, t.option); !ok {
		return false
	}
	r.trace(Trace{Note: "older_tap", Seq: m.Seq})
	r.markRead(m)
	r.trail("left")
	r.empty("said_before")
	if depth < len(r.s.Frames) {
		r.popTo(depth)
	}
	r.leaveLoops(t.node)
	r.visit(t.node)
	ans, out, _ := b.tapped(r, t.option)
	b.asking().accept(r, ans)
	r.advance(out)
	return true
}

// askAgain sends the question that is open once more; it costs no attempt. Again and again it does not.
func (r *run) askAgain(m *Inbound) {
	f := r.frame()
	b, ok := r.behaviour().(interface{ ask(r *run) next })
	if !ok || r.s.Wait.For != WaitReply || f.Free >= mostGreetings {
		return
	}
	f.Free++
	r.markRead(m)
	r.advance(b.ask(r))
}

// byID finds a fixed option.
func (r *run) byID(options []ChoiceOption, id string) (Option, bool) {
	for i := range options {
		if options[i].ID == id {
			return r.fixed(options[i : i+1])[0], true
		}
	}
	return Option{}, false
}

func (s *menuSettings) tapped(r *run, option string) (answer, next, bool) {
	o, ok := r.byID(s.Options, option)
	return answer{value: o.value(), option: o.ID}, leave(o.ID), ok
}

func (s *questionSettings) tapped(r *run, option string) (answer, next, bool) {
	switch {
	case s.Type == AnswerYesNo && len(s.Options) == 0 && (option == "yes" || option == "no"):
		return answer{value: option == "yes", option: option}, s.out(option == "yes"), true
	case s.Dynamic != nil, s.Type != AnswerYesNo && s.Type != AnswerChoice:
		return answer{}, next{}, false
	}
	o, ok := r.byID(s.Options, option)
	return answer{value: o.value(), option: o.ID}, s.out(o.value()), ok
}

func (s *contentSettings) tapped(r *run, option string) (answer, next, bool) {
	last := s.last()
	if last.Dynamic != nil {
		return answer{}, next{}, false
	}
	o, ok := r.byID(last.Options, option)
	return answer{value: o.value(), option: o.ID}, leave(o.ID), ok
}

func (s *templateSettings) tapped(r *run, option string) (answer, next, bool) {
	for i := range s.Replies {
		if s.Replies[i].ID == option {
			title := r.text(s.Replies[i].Title)
			if title == "" {
				title = option
			}
			return answer{value: title, option: option}, leave(option), true
		}
	}
	return answer{}, next{}, false
}

func (a *Asking) asking() *Asking { return a }
