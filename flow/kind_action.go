package flow

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// actionSettings do things to the contact and the desk: labels, fields, notes, priority, and opening a ticket in one of
// six ways (rule 175). Opening a ticket ends the run, or suspends it until the ticket has closed.
type actionSettings struct {
	plain
	// Actions are done in order; opening a ticket comes last.
	Actions []Action `json:"actions" required:"true" len:"30" doc:"Done in order"`
}

// Action is one thing to do.
type Action struct {
	// Do says what.
	Do string `json:"do" required:"true" enum:"add_label,remove_label,set_field,clear_field,note,priority,open_ticket" doc:"What to do"`
	// Label is the label to add or remove (rule 175).
	Label Text `json:"label,omitzero" len:"60" doc:"The label"`
	// Field and Value are for set_field and clear_field (rules 185, 202).
	Field string `json:"field,omitempty" doc:"The contact's field"`
	Value Text   `json:"value,omitzero" len:"4096" doc:"Its value"`
	// Text is the note's; Due says when it is due, Agent whom it is for (rule 188).
	Text Text `json:"text,omitzero" len:"4096" doc:"The note's text"`
	Due  Text `json:"due,omitzero" doc:"When the note is due"`
	// Priority is the conversation's priority.
	Priority string `json:"priority,omitempty" enum:"low,normal,high,urgent" doc:"The priority"`
	// Mode is how the ticket is opened (rule 175).
	Mode OpenMode `json:"mode,omitempty" enum:"unassigned,queue,agent,random,sequential,last_agent" doc:"How the ticket is opened"`
	// Queue is the department; in random and sequential it narrows the agents. It may be a variable ({{ fila.id }}).
	Queue Text `json:"queue,omitzero" doc:"The queue"`
	// Agent is the agent of mode agent, and of a note.
	Agent Text `json:"agent,omitzero" doc:"The agent"`
	// FallbackQueue is where last_agent goes when nobody has served the contact.
	FallbackQueue Text `json:"fallback_queue,omitzero" doc:"Queue when there is no last agent"`
	// OnlineOnly leaves out agents who are away.
	OnlineOnly bool `json:"online_only,omitempty" doc:"Only agents who are online"`
	// IgnoreDefaultAgent opens the ticket without regard to the contact's default agent (rule 142).
	IgnoreDefaultAgent bool `json:"ignore_default_agent,omitempty" doc:"Do not prefer the default agent"`
	// Announce is what the contact reads when the ticket is open. It may name {{ ticket.protocol }} and {{ ticket.position }}.
	Announce Text `json:"announce,omitzero" len:"4096" doc:"What the contact reads when the ticket is open, such as {{ ticket.protocol }} and {{ ticket.position }}"`
	// Suspend keeps the run waiting until the ticket has closed, then goes on by "closed"; otherwise the run ends.
	Suspend bool `json:"suspend,omitempty" doc:"Go on after the ticket has closed"`
}

func actionKind() *Kind {
	return &Kind{
		Name: "action", Family: FamilyService,
		Label: label("Ação", "Action"),
		Doc: label("Etiqueta, preenche campo, anota, prioriza e abre a conversa para atendimento.",
			"Labels, fills a field, notes, sets the priority, and opens the conversation for service."),
		make: func() behaviour { return &actionSettings{} },
	}
}

func (s *actionSettings) opens() *Action {
	for i := range s.Actions {
		if s.Actions[i].Do == "open_ticket" {
			return &s.Actions[i]
		}
	}
	return nil
}

func (s *actionSettings) check(c *compiler) {
	for i, a := range s.Actions {
		at := fmt.Sprintf("%s/actions/%d", c.at, i)
		need := func(missing bool, name string) {
			if missing {
				c.problem("setting_missing", pointer(at, name), name)
			}
		}
		switch a.Do {
		case "add_label", "remove_label":
			need(a.Label.Empty(), "label")
		case "set_field":
			need(a.Field == "", "field")
			need(a.Value.Empty(), "value")
		case "clear_field":
			need(a.Field == "", "field")
		case "note":
			need(a.Text.Empty(), "text")
		case "priority":
			need(a.Priority == "", "priority")
		case "open_ticket":
			need(a.Mode == "", "mode")
			need(a.Mode == OpenQueue && a.Queue.Empty(), "queue")
			need(a.Mode == OpenAgent && a.Agent.Empty(), "agent")
			if i != len(s.Actions)-1 {
				c.problem("open_ticket_not_last", at)
			}
		}
	}
}

func (s *actionSettings) outputs() []Output {
	switch a := s.opens(); {
	case a == nil:
		return []Output{{Name: OutOK}}
	case a.Suspend:
		return []Output{{Name: OutClosed}, {Name: OutFailed, Quiet: true}}
	}
	return []Output{{Name: OutFailed, Quiet: true}}
}

func (s *actionSettings) enter(r *run) next {
	for i := range s.Actions {
		a := &s.Actions[i]
		switch a.Do {
		case "add_label":
			r.addLabel(r.text(a.Label))
		case "remove_label":
			r.removeLabel(r.text(a.Label))
		case "set_field":
			r.setField(a.Field, r.value(a.Value))
		case "clear_field":
			r.setField(a.Field, nil)
		case "note":
			r.effect(Effect{Kind: EffectNote, Note: a.note(r)})
		case "priority":
			r.effect(Effect{Kind: EffectPriority, Priority: a.Priority})
		case "open_ticket":
			return a.open(r)
		}
	}
	return leave(OutOK)
}

// open opens the ticket, or says honestly that it does not: a ticket that is open already is left as it is, and an agent or a
// queue that is not there leads to "failed".
func (a *Action) open(r *run) next {
	reason := ReasonTicketOpened
	switch t := a.ticket(r); {
	case r.ev.Conversation.TicketOpen:
		reason = ReasonTicketWasOpen
		r.note(string(reason))
	case !r.knowsDesk(t):
		r.note(string(ReasonTicketRefused))
		r.alert(ReasonTicketRefused)
		return leave(OutFailed)
	default:
		r.effect(Effect{Kind: EffectOpenTicket, OpenTicket: t})
	}
	if a.Suspend || (reason == ReasonTicketOpened && !a.Announce.Empty()) {
		return stay(Wait{For: WaitTicket})
	}
	return finish(OutcomeTicket, reason)
}

// knowsDesk tells whether the queue and the agent of a ticket are there.
func (r *run) knowsDesk(t *OpenTicket) bool {
	if t.Agent != "" && r.env.Agent != nil && !r.env.Agent(t.Agent) {
		return false
	}
	return t.Queue == "" || r.env.Queues == nil || slices.ContainsFunc(r.env.Queues, func(q Queue) bool {
		return q.ID == t.Queue || strings.EqualFold(q.Name, t.Queue)
	})
}

func (a *Action) note(r *run) *Note {
	n := &Note{Text: r.text(a.Text), Agent: r.text(a.Agent)}
	if t, ok := toInstant(r.value(a.Due), r.zone); ok && !a.Due.Empty() {
		t = t.UTC().Truncate(time.Second)
		n.Due = &t
	}
	return n
}

// ticket is the ticket to open. The default agent takes precedence only where a department was named and neither an agent
// nor "last agent" was (rules 142 and 144 a–c); whether he belongs to the department (144 b) the desk knows.
func (a *Action) ticket(r *run) *OpenTicket {
	t := &OpenTicket{Mode: a.Mode, Queue: r.text(a.Queue), OnlineOnly: a.OnlineOnly, Priority: a.Priority, Suspended: a.Suspend}
	switch a.Mode {
	case OpenAgent:
		t.Agent = r.text(a.Agent)
	case OpenLastAgent:
		t.Agent, t.FallbackQueue = r.ev.Conversation.LastAgent, r.text(a.FallbackQueue)
		if r.env.Agent != nil && !r.env.Agent(t.Agent) {
			t.Agent = "" // who has left gets nothing; the fallback does
		}
	case OpenUnassigned:
		t.Queue = ""
	}
	withQueue := slices.Contains([]OpenMode{OpenQueue, OpenRandom, OpenSequential}, a.Mode)
	t.DefaultAgent = withQueue && t.Queue != "" && !a.IgnoreDefaultAgent && r.contact.DefaultAgent != ""
	return t
}

func (s *actionSettings) resume(*run, input) next { return leave(OutClosed) }
