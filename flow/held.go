package flow

import "time"

// handedBack lets a run go on from which people took over, or that waited for its ticket. Where an operator moved it meanwhile it
// goes on there.
func (r *run) handedBack(h *Held) {
	if h != nil {
		r.pause(h.Until.Sub(h.Since))
	}
	to := r.s.MoveTo
	r.s.MoveTo = ""
	switch w := r.s.Wait; {
	case to != "" && r.root.nodes[to] != nil:
		r.moveTo(to)
	case w == nil || w.For != WaitTicket:
		r.note("handed_back")
	default:
		r.resume(input{kind: inTicket})
	}
}

// pause moves the run's deadlines by the time for which people were in charge (Z34).
func (r *run) pause(d time.Duration) {
	if d <= 0 {
		return
	}
	r.s.Paused += Duration(d)
	if r.s.Wait == nil {
		return
	}
	w := *r.s.Wait
	w.Since = w.Since.Add(d)
	w.Until, w.Deadline = later(w.Until, d), later(w.Deadline, d)
	r.s.Wait = &w
}

func later(t *time.Time, d time.Duration) *time.Time {
	if t == nil {
		return nil
	}
	moved := t.Add(d)
	return &moved
}
