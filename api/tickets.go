package api

import (
	"context"
	"encoding/json"
	"net/http"
	"time"

	"github.com/perene/perene/contract"
	"github.com/perene/perene/models"
	"github.com/perene/perene/store"
)

// Ticket is one episode of human service, open or closed.
type Ticket struct {
	ID             models.TicketID       `json:"id"`
	Protocol       string                `json:"protocol"`
	State          models.TicketState    `json:"state" enum:"waiting,open,closed"`
	Origin         models.TicketOrigin   `json:"origin" enum:"active,receptive" doc:"Who began: we, or the contact."`
	ConversationID models.ConversationID `json:"conversation_id"`
	Queue          *QueueRef             `json:"queue,omitempty"`
	Agent          *PersonRef            `json:"agent,omitempty"`
	OpenedAt       time.Time             `json:"opened_at"`
	OpenedBy       ActorRef              `json:"opened_by"`
	AcceptedAt     *time.Time            `json:"accepted_at,omitempty"`
	FirstReplyAt   *time.Time            `json:"first_reply_at,omitempty" doc:"When an agent first wrote in it."`
	Snoozed        *Snooze               `json:"snoozed,omitempty"`
	LeaseUntil     *time.Time            `json:"lease_until,omitempty" doc:"The assignment lapses then, unless the agent does something."`
	ClosedAt       *time.Time            `json:"closed_at,omitempty"`
	ClosedBy       *ActorRef             `json:"closed_by,omitempty"`
	Reason         *ClosingReasonRef     `json:"reason,omitempty" doc:"Why it was closed."`
	ClosingValues  map[string]any        `json:"closing_values,omitempty" doc:"Custom fields as they were given at closing, by key."`
}

// TicketDetail is a ticket with its history.
type TicketDetail struct {
	Ticket
	Contact     ContactRef    `json:"contact"`
	Events      []TicketEvent `json:"events" doc:"The end of its history, oldest first."`
	TemporalURL string        `json:"temporal_url,omitempty" doc:"Its workflow in Temporal Web."`
}

// TicketEvent is an entry of a ticket's history. Queue and agent are those after it.
type TicketEvent struct {
	Kind      models.TicketEventKind `json:"kind" enum:"opened,queued,assigned,accepted,unassigned,first_reply,transferred,snoozed,woken,lapsed,priority,closing_scheduled,closing_cancelled,handed_back,sent_to_flow,closed,reopened"`
	Actor     ActorRef               `json:"actor"`
	Rule      models.TicketRule      `json:"rule,omitempty" enum:"initial_queue,default_agent,answered,lease,snooze,scheduled" doc:"What decided, where no person did."`
	Queue     *QueueRef              `json:"queue,omitempty"`
	Agent     *PersonRef             `json:"agent,omitempty"`
	FromQueue *QueueRef              `json:"from_queue,omitempty"`
	FromAgent *PersonRef             `json:"from_agent,omitempty"`
	Data      map[string]any         `json:"data,omitempty" doc:"What belongs to the kind, such as the end of a snooze."`
	At        time.Time              `json:"at"`
}

type ticketIDIn struct {
	ID models.TicketID `path:"id" minimum:"1"`
}

type listTicketsIn struct {
	ID models.ConversationID `path:"id" minimum:"1"`
	Paging
}

type openTicketIn struct {
	ID   models.ConversationID `path:"id" minimum:"1"`
	Body *openTicketBody       `required:"false"`
}

type openTicketBody struct {
	QueueID   models.QueueID `json:"queue_id,omitempty" minimum:"1"`
	AgentID   models.UserID  `json:"agent_id,omitempty" minimum:"1" doc:"You, where neither queue nor agent is given."`
	ClientRef string         `json:"client_ref,omitempty" maxLength:"100" doc:"The client's own id: the same one opens at most one ticket, for 24 hours."`
}

type openTicketOut struct {
	Status int
	Body   Conversation
}

func (a *app) ticketOperations() {
	op := func(id, method, path, summary string) operation {
		return operation{id: id, method: method, path: "/v1" + path, tag: "tickets", summary: summary}
	}
	o := op("open-ticket", http.MethodPost, "/conversations/{id}/ticket", "Open a ticket in a conversation")
	o.status, o.idempotent = http.StatusCreated, true
	o.doc = "People take over from a flow that runs there. A ticket that is open already stays as it is, and the answer is 200."
	handle(a, o, a.openTicket)
	handle(a, op("list-conversation-tickets", http.MethodGet, "/conversations/{id}/tickets", "List a conversation's tickets, newest first"), a.listTickets)
	handle(a, op("read-ticket", http.MethodGet, "/tickets/{id}", "Read a ticket with its history"), a.readTicket)
	a.ticketCommandOperations()
}

func ticketOf(d *store.TicketDetails) Ticket {
	b, ref := d.Ticket, ticketRef(d.Ticket)
	t := Ticket{
		ID: ref.ID, Protocol: ref.Protocol, State: ref.State, Origin: ref.Origin, ConversationID: d.ConversationID, Queue: ref.Queue, Agent: ref.Agent,
		OpenedAt: ref.OpenedAt, OpenedBy: ref.OpenedBy, AcceptedAt: ref.AcceptedAt, FirstReplyAt: ref.FirstReplyAt, Snoozed: ref.Snoozed,
		LeaseUntil: ref.LeaseUntil, ClosedAt: b.ClosedAt, ClosingValues: valuesOf(d.ClosingValues),
	}
	if b.State == models.TicketClosed {
		last := lastTicketRef(b)
		t.ClosedBy, t.Reason = last.ClosedBy, last.Reason
	}
	return t
}

// valuesOf reads an object of the database. Nil: it is empty.
func valuesOf(raw json.RawMessage) map[string]any {
	var values map[string]any
	if json.Unmarshal(raw, &values) != nil || len(values) == 0 {
		return nil
	}
	return values
}

func namedQueue(q *models.Queue) *QueueRef {
	if q == nil {
		return nil
	}
	return &QueueRef{ID: q.ID, Name: q.Name, Color: q.Color}
}

func namedAgent(u *models.User) *PersonRef {
	if u == nil {
		return nil
	}
	return &PersonRef{ID: u.ID, Name: u.Name}
}

func (a *app) readTicket(ctx context.Context, in *ticketIDIn) (*one[TicketDetail], error) {
	p := who(ctx)
	t, err := a.Store.Ticket(ctx, p.account(), p.viewer, in.ID)
	if err != nil {
		return nil, err
	}
	events, err := a.Store.TicketEvents(ctx, p.account(), in.ID)
	if err != nil {
		return nil, err
	}
	d := TicketDetail{Ticket: ticketOf(t), Contact: ContactRef{ID: t.ContactID, Name: t.ContactName, Phone: t.ContactPhone, Blocked: t.ContactBlocked},
		Events: make([]TicketEvent, 0, len(events)), TemporalURL: a.workflowURL(contract.TicketID(in.ID))}
	for i := range events {
		d.Events = append(d.Events, ticketEventOf(&events[i]))
	}
	return &one[TicketDetail]{Body: d}, nil
}

func ticketEventOf(e *store.TicketEventView) TicketEvent {
	out := TicketEvent{Kind: e.Kind, Actor: ActorRef{e.ActorKind, e.ActorID, deref(e.ActorName)}, Queue: namedQueue(e.Queue), Agent: namedAgent(e.Agent),
		FromQueue: namedQueue(e.FromQueue), FromAgent: namedAgent(e.FromAgent), Data: valuesOf(e.Data), At: e.At}
	if e.Rule != nil {
		out.Rule = *e.Rule
	}
	return out
}

func (a *app) listTickets(ctx context.Context, in *listTicketsIn) (*page[Ticket], error) {
	p := who(ctx)
	before, err := in.id()
	if err != nil {
		return nil, err
	}
	rows, err := a.Store.Tickets(ctx, p.account(), p.viewer, in.ID, models.TicketID(before), in.Limit+1)
	return pageOf(ctx, &in.Paging, rows, err, func(t store.TicketDetails) Ticket { return ticketOf(&t) },
		func(t store.TicketDetails) string { return idCursor(t.Ticket.ID) })
}

// actor is who asks: a person in the console, or a program with a token.
func (p *principal) actor() models.Actor {
	kind := models.ActorUser
	if p.Token != nil {
		kind = models.ActorAPI
	}
	return models.Actor{Kind: kind, ID: int64(p.User.ID)}
}

func (a *app) openTicket(ctx context.Context, in *openTicketIn) (*openTicketOut, error) {
	p := who(ctx)
	if err := a.mustSee(ctx, p, in.ID); err != nil {
		return nil, err
	}
	b := in.Body
	if b == nil {
		b = &openTicketBody{}
	}
	opening, err := a.openingOf(ctx, p, b.QueueID, b.AgentID)
	if err != nil {
		return nil, err
	}
	status := http.StatusOK
	err = a.onceByRef(ctx, p, "open-ticket", b.ClientRef, func() error {
		id, was, wake, err := a.Store.OpenTicket(ctx, p.account(), in.ID, *opening)
		if err != nil || was {
			return err
		}
		status = http.StatusCreated
		a.Waker.Wake(p.account(), wake)
		a.audit(ctx, p, "ticket.opened", "ticket/"+id.String(), map[string]any{"queue_id": opening.QueueID, "agent_id": opening.AgentID})
		return nil
	})
	if err != nil {
		return nil, err
	}
	c, err := a.conversationBegun(ctx, in.ID)
	if err != nil {
		return nil, err
	}
	return &openTicketOut{Status: status, Body: *c}, nil
}

// begun sees what a person has just begun, also where it went out of sight with the ticket's queue or agent.
func begun(p *principal) store.Viewer { return store.Viewer{User: p.User.ID, Everything: true} }

// conversationBegun is a conversation in which its reader has just begun something.
func (a *app) conversationBegun(ctx context.Context, id models.ConversationID) (*Conversation, error) {
	p := who(ctx)
	v, err := a.Store.Conversation(ctx, p.account(), begun(p), id)
	if err != nil {
		return nil, err
	}
	return ptr(a.conversationOf(v, p.User.Locale)), nil
}

// onceByRef does something once for a client_ref of its user, for as long as an Idempotency-Key is kept. Without a ref it does it.
func (a *app) onceByRef(ctx context.Context, p *principal, operation, ref string, do func() error) error {
	if ref == "" {
		return do()
	}
	key := p.limitKey() + "/ref/" + ref
	before, err := a.Store.BeginIdempotent(ctx, p.account(), key, operation, []byte(operation))
	if err != nil || before != nil {
		return err
	}
	keep := context.WithoutCancel(ctx)
	if err := do(); err != nil {
		if drop := a.Store.DropIdempotent(keep, p.account(), key); drop != nil {
			a.Log.ErrorContext(ctx, "a client_ref is not settled", "operation", operation, "account_id", p.account(), "error", drop)
		}
		return err
	}
	return a.Store.EndIdempotent(keep, p.account(), key, http.StatusOK, []byte("{}"))
}

// openingOf says how a person opens a ticket: for a queue, for an agent, or for oneself.
func (a *app) openingOf(ctx context.Context, p *principal, queue models.QueueID, agent models.UserID) (*contract.TicketOpening, error) {
	t := &contract.TicketOpening{Mode: "agent", Actor: p.actor()}
	if queue != 0 {
		if err := a.mustHaveQueue(ctx, p, queue); err != nil {
			return nil, err
		}
		t.Mode, t.QueueID = "queue", &queue
	}
	if queue == 0 && agent == 0 {
		agent = p.User.ID
	}
	if agent != 0 {
		if err := a.mustHaveUser(ctx, p, "body.agent_id", agent); err != nil {
			return nil, err
		}
		t.AgentID = &agent
	}
	return t, nil
}

// mustHaveQueue refuses a queue that the account does not have.
func (a *app) mustHaveQueue(ctx context.Context, p *principal, id models.QueueID) error {
	_, err := a.Store.Queue(ctx, p.account(), id)
	if err == nil || models.CodeOf(err) != models.CodeNotFound {
		return err
	}
	return models.Invalid("body.queue_id", "no such queue")
}

// mustHaveUser refuses a user that the account does not have.
func (a *app) mustHaveUser(ctx context.Context, p *principal, field string, id models.UserID) error {
	_, err := a.Store.User(ctx, p.account(), id)
	if err == nil || models.CodeOf(err) != models.CodeNotFound {
		return err
	}
	return models.Invalid(field, "no such user")
}
