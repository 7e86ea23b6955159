package api

import (
	"context"
	"net/http"
	"time"

	"github.com/perene/perene/flow"
	"github.com/perene/perene/models"
	"github.com/perene/perene/store"
)

// Conversation is one contact on one connection, for ever.
type Conversation struct {
	ID                models.ConversationID `json:"id"`
	Number            int64                 `json:"number" doc:"Per account; what people and addresses use."`
	Contact           ConversationContact   `json:"contact"`
	Connection        ConnectionRef         `json:"connection"`
	InCharge          models.InCharge       `json:"in_charge" enum:"idle,flow,ticket" doc:"Who answers: nobody, a flow, or people."`
	FlowRun           *FlowRunRef           `json:"flow_run,omitempty" doc:"The run in charge, or the one that waits behind the ticket."`
	Ticket            *TicketRef            `json:"ticket,omitempty" doc:"The open ticket."`
	LastTicket        *LastTicketRef        `json:"last_ticket,omitempty" doc:"The latest ticket, where none is open."`
	Labels            []LabelRef            `json:"labels" doc:"Of the contact."`
	Lists             []models.View         `json:"lists" enum:"all,open,mine,attended,snoozed" doc:"Your views in which it is."`
	Followed          bool                  `json:"followed" doc:"You follow it."`
	WindowState       models.WindowState    `json:"window_state" enum:"none,open,expiring,expired"`
	WindowExpiresAt   *time.Time            `json:"window_expires_at,omitempty" doc:"Until when free-form sending is allowed."`
	WindowOpen        bool                  `json:"window_open" doc:"Free-form sending is allowed now."`
	Sessions          []SessionRef          `json:"sessions,omitempty" doc:"Sessions of templates and of the contact's messages, open or ended within a day, the longest first. None lets anybody write freely."`
	MayHold           bool                  `json:"may_hold" doc:"The window is closed, a template was sent and waits for an answer: text is kept and leaves with the reply."`
	HeldCount         int                   `json:"held_count" doc:"Messages that wait for the contact's reply."`
	RetryingCount     int                   `json:"retrying_count"`
	UnreadCount       int                   `json:"unread_count"`
	Scheduled         int                   `json:"scheduled,omitempty" doc:"How many messages, templates and flows are scheduled or held in it."`
	MarkedUnread      bool                  `json:"marked_unread" doc:"An agent marked it as unread."`
	FirstUnansweredAt *time.Time            `json:"first_unanswered_at,omitempty"`
	LastMessage       *LastMessage          `json:"last_message,omitempty"`
	LastMessageAt     *time.Time            `json:"last_message_at,omitempty"`
	Priority          models.Priority       `json:"priority" enum:"none,low,medium,high,urgent"`
	ChatbotDisabled   bool                  `json:"chatbot_disabled"`
	Hit               *SearchHit            `json:"hit,omitempty" doc:"Where a search found it in its messages."`
	CreatedAt         time.Time             `json:"created_at"`
	UpdatedAt         time.Time             `json:"updated_at"`
}

// SessionRef is one session of 24 hours.
type SessionRef struct {
	Category models.SessionCategory `json:"category" enum:"marketing,utility,authentication,service" doc:"Of the template that opened it; service: a message of the contact did."`
	OpenedAt time.Time              `json:"opened_at"`
	EndsAt   time.Time              `json:"ends_at"`
}

// LastMessage is a conversation's last line, for lists.
type LastMessage struct {
	ID        models.MessageID   `json:"id"`
	Direction models.Direction   `json:"direction" enum:"in,out,note,system"`
	Origin    models.Origin      `json:"origin" enum:"contact,agent,bot,broadcast,api,phone,system"`
	Kind      models.ContentKind `json:"kind"`
	Status    models.Status      `json:"status" enum:"received,queued,held,unconfirmed,retrying,accepted,sent,delivered,read,played,failed,cancelled"`
	Preview   string             `json:"preview" doc:"One line, in the reader's language. Empty where system_note says it."`
	// SystemNote is a system line, which the console says in the reader's language.
	SystemNote *models.ContentSystemNote `json:"system_note,omitempty"`
}

// FlowRunRef names a flow run.
type FlowRunRef struct {
	ID       models.FlowRunID `json:"id"`
	FlowID   models.FlowID    `json:"flow_id"`
	FlowName string           `json:"flow_name"`
	WaitKind flow.WaitKind    `json:"wait_kind,omitempty"`
}

// ConversationContact is whom a conversation is with.
type ConversationContact struct {
	ContactRef
	DefaultAgent *PersonRef `json:"default_agent,omitempty" doc:"Gets the contact's tickets, and sees the conversation."`
}

// TicketRef is an open ticket, as a list shows it.
type TicketRef struct {
	ID           models.TicketID     `json:"id"`
	Protocol     string              `json:"protocol"`
	State        models.TicketState  `json:"state" enum:"waiting,open"`
	Origin       models.TicketOrigin `json:"origin" enum:"active,receptive" doc:"Who began: we, or the contact."`
	Queue        *QueueRef           `json:"queue,omitempty"`
	Agent        *PersonRef          `json:"agent,omitempty"`
	OpenedAt     time.Time           `json:"opened_at"`
	AcceptedAt   *time.Time          `json:"accepted_at,omitempty"`
	FirstReplyAt *time.Time          `json:"first_reply_at,omitempty" doc:"When an agent first wrote in it."`
	OpenedBy     ActorRef            `json:"opened_by"`
	Snoozed      *Snooze             `json:"snoozed,omitempty"`
	LeaseUntil   *time.Time          `json:"lease_until,omitempty" doc:"The assignment lapses then, unless the agent does something."`
	Closing      *ClosingRef         `json:"closing,omitempty" doc:"The ticket closes by itself."`
	WriteLocked  bool                `json:"write_locked" doc:"Only its agent may write in it, and you are another."`
}

// ClosingRef is a scheduled closure (rules 151 to 153).
type ClosingRef struct {
	DueAt         time.Time `json:"due_at"`
	CancelOnReply bool      `json:"cancel_on_reply" doc:"An answer of the contact cancels it."`
	By            ActorRef  `json:"by"`
}

// Snooze is why and how long a ticket is put off.
type Snooze struct {
	At         time.Time  `json:"at"`
	Until      *time.Time `json:"until,omitempty"`
	UntilReply bool       `json:"until_reply" doc:"A message of the contact wakes it."`
	Reason     string     `json:"reason,omitempty"`
}

// LastTicketRef is a closed ticket, as a list shows it.
type LastTicketRef struct {
	ID       models.TicketID   `json:"id"`
	Protocol string            `json:"protocol"`
	ClosedAt time.Time         `json:"closed_at"`
	ClosedBy *ActorRef         `json:"closed_by,omitempty"`
	Reason   *ClosingReasonRef `json:"reason,omitempty"`
}

// ClosingReasonRef names a closing reason.
type ClosingReasonRef struct {
	ID   models.ClosingReasonID `json:"id"`
	Name string                 `json:"name"`
}

// ActorRef names who or what did something.
type ActorRef struct {
	Kind models.ActorKind `json:"kind" enum:"user,api,flow,contact,rule,system"`
	ID   *int64           `json:"id,omitempty" doc:"Of a row of its kind."`
	Name string           `json:"name,omitempty"`
}

// QueueRef names a queue.
type QueueRef struct {
	ID    models.QueueID `json:"id"`
	Name  string         `json:"name"`
	Color string         `json:"color"`
}

type listConversationsIn struct {
	Paging
	ConversationFilters
	Order models.ListOrder `query:"order" enum:"recent,oldest,opened_recent,opened_oldest" default:"recent" doc:"By newest message, or by protocol."`
}

// ConversationFilters narrow lists and counts alike.
type ConversationFilters struct {
	View         models.View         `query:"view" enum:"all,open,mine,attended,snoozed" default:"all"`
	Query        string              `query:"q" maxLength:"100" doc:"The conversation's number, an open ticket's protocol, part of the contact's name, phone or e-mail, or words of its messages. Conversations that were found in their messages come last and say where."`
	Number       int64               `query:"number" minimum:"1" doc:"Exactly this conversation, by the number that people use."`
	InCharge     string              `query:"in_charge" enum:"idle,flow,ticket"`
	Window       string              `query:"window" enum:"none,open,expiring,expired"`
	ConnectionID models.ConnectionID `query:"connection_id" minimum:"1"`
	ContactID    models.ContactID    `query:"contact_id" minimum:"1"`
	LabelID      models.LabelID      `query:"label_id" minimum:"1" doc:"A label of the contact."`
	QueueID      models.QueueID      `query:"queue_id" minimum:"1" doc:"Open tickets of one queue."`
	AgentID      models.UserID       `query:"agent_id" minimum:"1" doc:"Open tickets of one agent."`
	FlowID       models.FlowID       `query:"flow_id" minimum:"1" doc:"With a run under way of one flow."`
	Unread       bool                `query:"unread" doc:"Only with unread messages."`
	ViewID       models.SavedViewID  `query:"view_id" minimum:"1" doc:"Only what a saved view lets through."`
	Filter       string              `query:"filter" maxLength:"8192" doc:"Only what this filter lets through: the JSON of a saved view's filter."`
}

type conversationIDIn struct {
	ID models.ConversationID `path:"id" minimum:"1"`
}

type markReadIn struct {
	ID   models.ConversationID `path:"id" minimum:"1"`
	Body struct {
		UpTo models.MessageID `json:"up_to" minimum:"1" doc:"The newest message that was seen; newer ones stay unread."`
	}
}

func (a *app) conversationOperations() {
	op := func(id, method, path, summary string) operation {
		return operation{id: id, method: method, path: "/v1/conversations" + path, tag: "conversations", summary: summary}
	}
	o := op("list-conversations", http.MethodGet, "", "List or search conversations")
	o.doc = "A user sees those of no queue and no agent, those of the own queues, the own ones and those of contacts whose default agent they are."
	handle(a, o, a.listConversations)
	o = op("count-conversations", http.MethodGet, "/counts", "Count conversations in each view")
	o.doc = "Exactly as many as list-conversations lists with the same filter; view is ignored. Of q the conversations count that it names, and not those that have it in a message."
	handle(a, o, a.countConversations)
	handle(a, op("read-conversation", http.MethodGet, "/{id}", "Read a conversation"), a.readConversation)
	handle(a, op("mark-conversation-read", http.MethodPost, "/{id}/read", "Mark messages as read"), a.markConversationRead)
}

func connectionRef(v *store.ConversationView) ConnectionRef {
	return ConnectionRef{ID: v.ConnectionID, Name: v.ConnectionName, Channel: v.ConnectionChannel, State: v.ConnectionState}
}

func (a *app) conversationOf(v *store.ConversationView, locale string) Conversation {
	c := &v.Conversation
	out := Conversation{
		ID: c.ID, Number: c.Number,
		Contact: ConversationContact{ContactRef{ID: c.ContactID, Name: v.ContactName, Phone: v.ContactPhone, Blocked: v.ContactBlocked},
			personRef(v.DefaultAgentID, v.DefaultAgentName)},
		Labels: []LabelRef{}, Lists: v.Lists, Followed: v.Followed, MarkedUnread: c.MarkedUnread, Scheduled: c.ScheduledCount,
		Connection: connectionRef(v), InCharge: c.InCharge, WindowState: c.WindowState, WindowExpiresAt: c.WindowExpiresAt,
		WindowOpen: v.ContactIsGroup || models.ChannelOf(v.ConnectionChannel).Window.OpenAt(c.WindowExpiresAt, models.OriginAgent, a.Now()), MayHold: v.MayHold, HeldCount: c.HeldCount, RetryingCount: c.RetryingCount, UnreadCount: c.UnreadCount,
		FirstUnansweredAt: c.FirstUnansweredAt, LastMessageAt: c.LastMessageAt, Priority: c.Priority, ChatbotDisabled: c.ChatbotDisabled,
		CreatedAt: c.CreatedAt, UpdatedAt: c.UpdatedAt,
	}
	if v.RunFlowID != nil && c.FlowRunID != nil {
		out.FlowRun = &FlowRunRef{ID: *c.FlowRunID, FlowID: *v.RunFlowID, FlowName: deref(v.RunFlowName), WaitKind: flow.WaitKind(deref(v.RunWaitKind))}
	}
	if t := v.Ticket; t != nil {
		out.Ticket = ticketRef(t)
	}
	if t := v.LastTicket; t != nil {
		out.LastTicket = lastTicketRef(t)
	}
	for _, s := range v.Sessions {
		out.Sessions = append(out.Sessions, SessionRef(s))
	}
	for _, l := range v.Labels {
		out.Labels = append(out.Labels, LabelRef{ID: l.ID, Name: l.Name, Color: l.Color})
	}
	if m := v.Last; m != nil {
		out.LastMessage = &LastMessage{ID: m.ID, Direction: m.Direction, Origin: m.Origin, Kind: m.Kind, Status: m.Status(), Preview: previewOf(m, locale), SystemNote: m.Content.SystemNote}
	}
	return out
}

// previewOf is one line of a conversation's last message.
func previewOf(m *store.LastMessage, locale string) string {
	if m.Direction == models.DirectionNote {
		return m.Content.NotePreview(locale)
	}
	return m.Content.Preview(locale)
}

func ticketRef(t *store.TicketBrief) *TicketRef {
	out := &TicketRef{ID: t.ID, Protocol: t.Protocol, State: t.State, Origin: t.Origin, OpenedAt: t.OpenedAt, AcceptedAt: t.AcceptedAt,
		FirstReplyAt: t.FirstReplyAt, OpenedBy: ActorRef{t.OpenedByKind, t.OpenedByID, deref(t.OpenedBy)}, LeaseUntil: t.LeaseUntil,
		WriteLocked: t.WriteLocked}
	if q := t.Queue; q != nil {
		out.Queue = &QueueRef{ID: q.ID, Name: q.Name, Color: q.Color}
	}
	if u := t.Agent; u != nil {
		out.Agent = &PersonRef{ID: u.ID, Name: u.Name}
	}
	if c := t.Closure; c != nil {
		out.Closing = &ClosingRef{DueAt: c.DueAt, CancelOnReply: c.CancelOnReply, By: ActorRef{c.ByKind, &c.ByID, c.By}}
	}
	if t.SnoozedAt != nil {
		out.Snoozed = &Snooze{At: *t.SnoozedAt, Until: t.SnoozedUntil, UntilReply: t.SnoozeUntilReply, Reason: deref(t.SnoozeReason)}
	}
	return out
}

func lastTicketRef(t *store.TicketBrief) *LastTicketRef {
	out := &LastTicketRef{ID: t.ID, Protocol: t.Protocol}
	if t.ClosedAt != nil {
		out.ClosedAt = *t.ClosedAt
	}
	if t.ClosedByKind != nil {
		out.ClosedBy = &ActorRef{*t.ClosedByKind, t.ClosedByID, deref(t.ClosedBy)}
	}
	if r := t.Reason; r != nil {
		out.Reason = &ClosingReasonRef{ID: r.ID, Name: r.Name}
	}
	return out
}

// deref is what a pointer points at, or nothing of it.
func deref[T any](v *T) T {
	var none T
	if v == nil {
		return none
	}
	return *v
}

func (a *app) conversationNow(ctx context.Context, id models.ConversationID) (*one[Conversation], error) {
	p := who(ctx)
	v, err := a.Store.Conversation(ctx, p.account(), p.viewer, id)
	if err != nil {
		return nil, err
	}
	return &one[Conversation]{Body: a.conversationOf(v, p.User.Locale)}, nil
}

func (a *app) readConversation(ctx context.Context, in *conversationIDIn) (*one[Conversation], error) {
	return a.conversationNow(ctx, in.ID)
}

func (a *app) markConversationRead(ctx context.Context, in *markReadIn) (*one[Conversation], error) {
	p := who(ctx)
	wake, err := a.Store.MarkRead(ctx, p.account(), p.viewer, in.ID, in.Body.UpTo)
	if err != nil {
		return nil, err
	}
	a.Waker.Wake(p.account(), wake)
	return a.conversationNow(ctx, in.ID)
}

// mustSee refuses a conversation that the account does not have or the viewer may not see, both alike.
func (a *app) mustSee(ctx context.Context, p *principal, id models.ConversationID) error {
	seen, err := a.Store.VisibleConversation(ctx, p.account(), p.viewer, id)
	if err != nil {
		return err
	}
	if !seen {
		return models.NotFound("conversation")
	}
	return nil
}
