package api

import (
	"context"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/perene/perene/flow"
	"github.com/perene/perene/models"
	"github.com/perene/perene/store"
)

// Conversation is one contact on one connection, for ever.
type Conversation struct {
	ID                models.ConversationID `json:"id"`
	Number            int64                 `json:"number" doc:"Per account; what people and addresses use."`
	Contact           ContactRef            `json:"contact"`
	Connection        ConnectionRef         `json:"connection"`
	InCharge          models.InCharge       `json:"in_charge" enum:"idle,flow,ticket" doc:"Who answers: nobody, a flow, or people."`
	FlowRun           *FlowRunRef           `json:"flow_run,omitempty" doc:"The run in charge."`
	Ticket            *TicketRef            `json:"ticket,omitempty" doc:"The open ticket."`
	WindowState       models.WindowState    `json:"window_state" enum:"none,open,expiring,expired"`
	WindowExpiresAt   *time.Time            `json:"window_expires_at,omitempty" doc:"Until when free-form sending is allowed."`
	WindowOpen        bool                  `json:"window_open" doc:"Free-form sending is allowed now."`
	MayHold           bool                  `json:"may_hold" doc:"The window is closed, a template was sent and waits for an answer: text is kept and leaves with the reply."`
	HeldCount         int                   `json:"held_count" doc:"Messages that wait for the contact's reply."`
	RetryingCount     int                   `json:"retrying_count"`
	UnreadCount       int                   `json:"unread_count"`
	FirstUnansweredAt *time.Time            `json:"first_unanswered_at,omitempty"`
	LastMessage       *LastMessage          `json:"last_message,omitempty"`
	LastMessageAt     *time.Time            `json:"last_message_at,omitempty"`
	Priority          string                `json:"priority"`
	ChatbotDisabled   bool                  `json:"chatbot_disabled"`
	CreatedAt         time.Time             `json:"created_at"`
	UpdatedAt         time.Time             `json:"updated_at"`
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

// TicketRef names an open ticket.
type TicketRef struct {
	ID       models.TicketID `json:"id"`
	Protocol string          `json:"protocol"`
	State    string          `json:"state" enum:"waiting,open,closed"`
	Queue    *QueueRef       `json:"queue,omitempty"`
	Agent    *PersonRef      `json:"agent,omitempty"`
	OpenedAt time.Time       `json:"opened_at"`
}

// QueueRef names a queue.
type QueueRef struct {
	ID    models.QueueID `json:"id"`
	Name  string         `json:"name"`
	Color string         `json:"color"`
}

type listConversationsIn struct {
	Paging
	Query        string              `query:"q" maxLength:"100" doc:"The conversation's number, or part of the contact's name, phone or e-mail."`
	Number       int64               `query:"number" minimum:"1" doc:"Exactly this conversation, by the number that people use."`
	InCharge     string              `query:"in_charge" enum:"idle,flow,ticket"`
	Window       string              `query:"window" enum:"none,open,expiring,expired"`
	ConnectionID models.ConnectionID `query:"connection_id" minimum:"1"`
	ContactID    models.ContactID    `query:"contact_id" minimum:"1"`
	QueueID      models.QueueID      `query:"queue_id" minimum:"1" doc:"Open tickets of one queue."`
	Unread       bool                `query:"unread" doc:"Only with unread messages."`
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
	o.doc = "The one with the newest message first. A user sees those without a queue, those of the own queues and the own ones."
	handle(a, o, a.listConversations)
	handle(a, op("read-conversation", http.MethodGet, "/{id}", "Read a conversation"), a.readConversation)
	handle(a, op("mark-conversation-read", http.MethodPost, "/{id}/read", "Mark messages as read"), a.markConversationRead)
}

func connectionRef(v *store.ConversationView) ConnectionRef {
	return ConnectionRef{ID: v.ConnectionID, Name: v.ConnectionName, Channel: v.ConnectionChannel, State: v.ConnectionState}
}

func (a *app) conversationOf(v *store.ConversationView, locale string) Conversation {
	c := &v.Conversation
	out := Conversation{
		ID: c.ID, Number: c.Number, Contact: ContactRef{ID: c.ContactID, Name: v.ContactName, Phone: v.ContactPhone, Blocked: v.ContactBlocked},
		Connection: connectionRef(v), InCharge: c.InCharge, WindowState: c.WindowState, WindowExpiresAt: c.WindowExpiresAt,
		WindowOpen: v.ContactIsGroup || models.ChannelOf(v.ConnectionChannel).Window.OpenAt(c.WindowExpiresAt, models.OriginAgent, a.Now()), MayHold: v.MayHold, HeldCount: c.HeldCount, RetryingCount: c.RetryingCount, UnreadCount: c.UnreadCount,
		FirstUnansweredAt: c.FirstUnansweredAt, LastMessageAt: c.LastMessageAt, Priority: string(c.Priority), ChatbotDisabled: c.ChatbotDisabled,
		CreatedAt: c.CreatedAt, UpdatedAt: c.UpdatedAt,
	}
	if v.RunFlowID != nil && c.FlowRunID != nil {
		out.FlowRun = &FlowRunRef{ID: *c.FlowRunID, FlowID: *v.RunFlowID, FlowName: deref(v.RunFlowName), WaitKind: flow.WaitKind(deref(v.RunWaitKind))}
	}
	if v.TicketProtocol != nil && c.TicketID != nil {
		t := &TicketRef{ID: *c.TicketID, Protocol: *v.TicketProtocol, State: deref(v.TicketState), Agent: personRef(v.AgentID, v.AgentName)}
		if v.TicketOpenedAt != nil {
			t.OpenedAt = *v.TicketOpenedAt
		}
		if v.QueueID != nil {
			t.Queue = &QueueRef{ID: *v.QueueID, Name: deref(v.QueueName), Color: deref(v.QueueColor)}
		}
		out.Ticket = t
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

func deref(s *string) string {
	if s == nil {
		return ""
	}
	return *s
}

func (a *app) listConversations(ctx context.Context, in *listConversationsIn) (*page[Conversation], error) {
	p := who(ctx)
	f := store.ConversationFilter{Query: in.Query, Number: in.Number, InCharge: models.InCharge(in.InCharge), Window: models.WindowState(in.Window),
		ConnectionID: in.ConnectionID, ContactID: in.ContactID, QueueID: in.QueueID, Unread: in.Unread, Limit: in.Limit + 1}
	if in.Cursor != "" {
		place, err := parsePlace(in.Cursor)
		if err != nil {
			return nil, err
		}
		f.After = place
	}
	rows, err := a.Store.Conversations(ctx, p.account(), p.viewer, f)
	return pageOf(ctx, &in.Paging, rows, err, func(v store.ConversationView) Conversation { return a.conversationOf(&v, p.User.Locale) }, placeOf)
}

// placeOf writes a conversation's place in the list: the time of its newest message in microseconds, and its id.
func placeOf(v store.ConversationView) string {
	at := ""
	if v.LastMessageAt != nil {
		at = strconv.FormatInt(v.LastMessageAt.UnixMicro(), 10)
	}
	return at + "." + v.ID.String()
}

func parsePlace(cursor string) (*store.ConversationPlace, error) {
	place, err := decodeCursor(cursor)
	if err != nil {
		return nil, err
	}
	at, id, ok := strings.Cut(place, ".")
	n, errID := strconv.ParseInt(id, 10, 64)
	if !ok || errID != nil {
		return nil, errCursor
	}
	out := &store.ConversationPlace{ID: models.ConversationID(n)}
	if at != "" {
		micros, err := strconv.ParseInt(at, 10, 64)
		if err != nil {
			return nil, errCursor
		}
		out.At = time.UnixMicro(micros).UTC()
	}
	return out, nil
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
