package flow

import (
	"strconv"
	"time"
)

// freeWindow is how long after a contact's message free-form messages are allowed (rule 088).
const freeWindow = 24 * time.Hour

// windows looks for free-form messages that are sent when the contact may have been silent for 24 hours, with no way to go
// when the window is closed. It follows the longest silence along every path.
func (l *linter) windows() {
	if !l.windowed() {
		return
	}
	silent := map[*node]time.Duration{}
	seen := map[*node]int{}
	var todo []*node
	reach := func(n *node, d time.Duration) {
		if n == nil {
			return
		}
		d = min(d, freeWindow)
		if old, ok := silent[n]; ok && d <= old {
			return
		}
		if seen[n]++; seen[n] > 4 { // a circle that only ever adds to the silence
			d = freeWindow
		}
		silent[n] = d
		todo = append(todo, n)
	}
	for _, id := range l.roots() {
		reach(l.g.nodes[id], l.silenceAt(id))
	}
	for len(todo) > 0 {
		n := todo[0]
		todo = todo[1:]
		for _, m := range l.moves(n) {
			reach(m.to, l.silenceAfter(n, m.out, silent[n]))
		}
	}
	for _, n := range l.ordered() {
		if silent[n] >= freeWindow && freeForm(n) && l.g.target(n, OutWindowClosed) == "" {
			l.on(n, "window_risk", place(n), l.g.NodeName(n.id))
		}
	}
}

// silenceAt is how long the contact may have been silent when a run begins at a node: a scheduled flow comes unasked.
func (l *linter) silenceAt(id string) time.Duration {
	if l.g.doc.Category == CategoryScheduled && id == l.g.doc.Start {
		return freeWindow
	}
	for _, t := range l.g.triggers {
		if t.spec.Kind == "scheduled" && (t.spec.Node == id || (t.spec.Node == "" && id == l.g.doc.Start)) {
			return freeWindow
		}
	}
	return 0
}

// freeForm reports whether a node sends something that is no template.
func freeForm(n *node) bool {
	head, _ := messages(n)
	_, template := n.settings.(*templateSettings)
	return head > 0 && !template
}

// silenceAfter is how long the contact may have been silent when a node is left by an output.
func (l *linter) silenceAfter(n *node, out string, before time.Duration) time.Duration {
	if out == OutWindowClosed {
		return freeWindow
	}
	if freeForm(n) && before >= freeWindow {
		before = 0 // it was sent, so the window was open
	}
	switch s := n.settings.(type) {
	case *questionSettings:
		return l.silenceAsked(&s.Asking, out, before)
	case *menuSettings:
		return l.silenceAsked(&s.Asking, out, before)
	case *contentSettings:
		if l.pauses(n) {
			return l.silenceAsked(&s.Asking, out, before)
		}
	case *templateSettings:
		if len(s.Replies) > 0 && out != OutMissing && out != OutPaused && out != OutRejected && out != OutFailed {
			return l.silenceAsked(&s.Asking, out, before)
		}
	case *waitSettings:
		return l.silenceWaited(s, out, before)
	}
	return before
}

func (l *linter) silenceAsked(a *Asking, out string, before time.Duration) time.Duration {
	if out == OutTimeout {
		return before + l.timeoutOf(a)
	}
	return 0
}

func (l *linter) timeoutOf(a *Asking) time.Duration {
	switch {
	case a.Timeout > 0:
		return a.Timeout.Std()
	case l.g.doc.Settings.ReplyTimeout > 0:
		return l.g.doc.Settings.ReplyTimeout.Std()
	}
	return defaultReplyTimeout.Std()
}

func (l *linter) silenceWaited(s *waitSettings, out string, before time.Duration) time.Duration {
	switch {
	case s.Mode == "reply":
		return l.silenceAsked(&s.Asking, out, before)
	case out == OutCancelled && s.CancelOnReply:
		return 0
	case s.Mode == "duration":
		return before + s.Duration.Std()
	case s.Mode == "clock" && len(s.Weekdays) == 0:
		return before + freeWindow - time.Minute // tomorrow at the latest
	}
	return freeWindow // a date, a weekday, the next opening: days, perhaps
}

// reminders looks for nudges that can never be said.
func (l *linter) reminders(a *Asking, at string) {
	for i := range a.Reminders {
		after := a.Reminders[i].After.Std()
		if after >= l.timeoutOf(a) || (l.windowed() && after >= freeWindow) {
			l.problem("reminder_never", pointer(pointer(at+"/reminders", strconv.Itoa(i)), "after"), a.Reminders[i].After.String())
		}
	}
}
