package flow

// TicketOpened is the ticket that a run has opened, as its texts and conditions see it under "ticket".
type TicketOpened struct {
	// Protocol is the number that people quote (rule 074).
	Protocol string `json:"protocol"`
	// Queue and Agent are the names of the queue and the agent that got it, empty where it got none.
	Queue string `json:"queue,omitempty"`
	Agent string `json:"agent,omitempty"`
	// Position is the ticket's place among those of its queue that wait, from 1. It is 0 where an agent has the ticket.
	Position int `json:"position,omitempty"`
}

// ticketKeys are what a text may read of a ticket.
var ticketKeys = []string{"protocol", "queue", "agent"}

// lookupTicket finds what a path names of the run's latest ticket.
func (r *run) lookupTicket(path []string) any {
	t := r.s.Ticket
	if t == nil {
		return nil
	}
	m := map[string]any{"protocol": t.Protocol, "queue": t.Queue, "agent": t.Agent}
	if t.Position > 0 {
		m["position"] = float64(t.Position)
	}
	return dig(m, path)
}

// opened goes on after the ticket that the run asked for has its number. The contact reads the action's text, and a run that
// does not wait for the ticket to close ends.
func (r *run) opened(t *TicketOpened) {
	known := *t
	r.s.Ticket = &known
	b, ok := r.behaviour().(*actionSettings)
	if w := r.s.Wait; !ok || w == nil || w.For != WaitTicket {
		r.note("late_result")
		return
	}
	a := b.opens()
	if a == nil {
		r.note("late_result")
		return
	}
	if !r.say(r.text(a.Announce)) {
		r.note("window_closed")
	}
	if !a.Suspend {
		r.advance(finish(OutcomeTicket, ReasonTicketOpened))
		return
	}
	r.advance(stay(*r.s.Wait))
}
