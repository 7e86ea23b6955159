package api

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/perene/perene/channels"
	"github.com/perene/perene/contract"
	"github.com/perene/perene/models"
	"github.com/perene/perene/store"
)

// ScheduledMessage is something that happens by itself at an instant: messages, a template, a flow, or a ticket's closing.
type ScheduledMessage struct {
	ID           models.ScheduledSendID `json:"id" doc:"Of the schedule; for a closing that of the closure, which is changed at its ticket."`
	Kind         models.ScheduledKind   `json:"kind"`
	State        models.ScheduledState  `json:"state" doc:"Held: the contact wrote first, and a person decides. Skipped: the last occurrence was not sent, reason says why."`
	Conversation ConversationNamed      `json:"conversation"`
	Contact      ContactRef             `json:"contact"`
	TicketID     *models.TicketID       `json:"ticket_id,omitempty" doc:"Of a closing."`
	Contents     []models.Content       `json:"contents" doc:"What is sent, in order; of a closing its text."`
	Flow         *FlowNamed             `json:"flow,omitempty"`
	DueAt        time.Time              `json:"due_at" doc:"The instant of the next occurrence, or of the last one where none is left."`
	Timezone     string                 `json:"timezone,omitempty" doc:"The IANA zone in which it was chosen."`
	Recurrence   string                 `json:"recurrence,omitempty" doc:"An RRULE (RFC 5545); absent: once."`
	Next         []time.Time            `json:"next,omitempty" doc:"The occurrences after the next one, at most five."`
	HoldOnReply  bool                   `json:"hold_on_reply" doc:"A message of the contact before its instant holds it back; a closing is taken back."`
	Open         bool                   `json:"open" doc:"It opens a ticket where none is open; without queue and agent for nobody."`
	Queue        *QueueNamed            `json:"queue,omitempty"`
	Agent        *PersonRef             `json:"agent,omitempty"`
	Author       ActorRef               `json:"author"`
	WindowOpen   *bool                  `json:"window_open,omitempty" doc:"Whether free text could be sent at due_at, as things stand now. Absent for what needs no window."`
	Occurrence   int                    `json:"occurrence" doc:"How many are over."`
	LastAt       *time.Time             `json:"last_at,omitempty"`
	Reason       *string                `json:"reason,omitempty" doc:"The key of why the last occurrence was not sent."`
	CreatedAt    time.Time              `json:"created_at"`
	HeldAt       *time.Time             `json:"held_at,omitempty"`
	EndedAt      *time.Time             `json:"ended_at,omitempty"`
	TemporalURL  string                 `json:"temporal_url,omitempty" doc:"Its workflow in Temporal Web."`
}

// ConversationNamed names a conversation.
type ConversationNamed struct {
	ID     models.ConversationID `json:"id"`
	Number int64                 `json:"number"`
}

// FlowNamed names a flow.
type FlowNamed struct {
	ID   models.FlowID `json:"id"`
	Name string        `json:"name"`
}

// QueueNamed names a queue.
type QueueNamed struct {
	ID   models.QueueID `json:"id"`
	Name string         `json:"name"`
}

type listScheduledIn struct {
	Paging
	ConversationID models.ConversationID `query:"conversation_id" minimum:"1"`
	ContactID      models.ContactID      `query:"contact_id" minimum:"1"`
	AuthorID       models.UserID         `query:"author_id" minimum:"1"`
	Kind           models.ScheduledKind  `query:"kind"`
	State          string                `query:"state" enum:"pending,waiting,held,sent,skipped,cancelled" doc:"Pending: waiting or held."`
	From           time.Time             `query:"from" doc:"Due at this instant or after it."`
	To             time.Time             `query:"to" doc:"Due before this instant."`
}

type scheduledIDIn struct {
	ID models.ScheduledSendID `path:"id" minimum:"1"`
}

// ScheduledWhen is when something is scheduled for.
type ScheduledWhen struct {
	DueAt      time.Time `json:"due_at" doc:"In the future, at most a year ahead."`
	Timezone   string    `json:"timezone,omitempty" maxLength:"64" doc:"The IANA zone in which it was chosen; the account's if absent." example:"America/Sao_Paulo"`
	Recurrence string    `json:"recurrence,omitempty" maxLength:"500" doc:"An RRULE (RFC 5545) that ends, daily at most; its hour is that of due_at in the zone." example:"FREQ=WEEKLY;BYDAY=MO;COUNT=10"`
}

type createScheduledIn struct {
	Body struct {
		CommandRef
		ScheduledWhen
		ConversationID models.ConversationID `json:"conversation_id,omitempty" minimum:"1" doc:"Give this, contact_ids or phone."`
		ContactIDs     []models.ContactID    `json:"contact_ids,omitempty" maxItems:"100" doc:"One is scheduled for each, all or none."`
		Phone          string                `json:"phone,omitempty" maxLength:"40" doc:"Of somebody who may be new."`
		Name           string                `json:"name,omitempty" maxLength:"200" doc:"With phone: what a contact without a name is called."`
		ConnectionID   models.ConnectionID   `json:"connection_id,omitempty" minimum:"1" doc:"With contact_ids and phone. The user's default connection if absent, else the account's."`
		Contents       []models.Content      `json:"contents,omitempty" maxItems:"10" doc:"Messages, sent in order, or one template. Give these or flow_id."`
		FlowID         models.FlowID         `json:"flow_id,omitempty" minimum:"1"`
		HoldOnReply    bool                  `json:"hold_on_reply,omitempty" doc:"A message of the contact before its instant holds it back, and a person decides."`
		Open           bool                  `json:"open,omitempty" doc:"Open a ticket then, where none is open."`
		QueueID        models.QueueID        `json:"queue_id,omitempty" minimum:"1" doc:"With open."`
		AgentID        models.UserID         `json:"agent_id,omitempty" minimum:"1" doc:"With open."`
	}
}

type updateScheduledIn struct {
	ID   models.ScheduledSendID `path:"id" minimum:"1"`
	Body struct {
		DueAt       *time.Time       `json:"due_at,omitempty" doc:"In the future. A held one waits again. Of a recurrence it begins again there."`
		Timezone    *string          `json:"timezone,omitempty" maxLength:"64"`
		Recurrence  *string          `json:"recurrence,omitempty" maxLength:"500" doc:"Empty: once."`
		Contents    []models.Content `json:"contents,omitempty" maxItems:"10" doc:"They become the words of who changes them."`
		FlowID      *models.FlowID   `json:"flow_id,omitempty" minimum:"1"`
		HoldOnReply *bool            `json:"hold_on_reply,omitempty"`
		Open        *bool            `json:"open,omitempty" doc:"With it queue_id and agent_id are as given."`
		QueueID     models.QueueID   `json:"queue_id,omitempty" minimum:"1" doc:"With open."`
		AgentID     models.UserID    `json:"agent_id,omitempty" minimum:"1" doc:"With open."`
	}
}

type cancelAllScheduledIn struct {
	Body struct {
		ConversationID models.ConversationID `json:"conversation_id,omitempty" minimum:"1" doc:"Give this or contact_id."`
		ContactID      models.ContactID      `json:"contact_id,omitempty" minimum:"1"`
		Kind           models.ScheduledKind  `json:"kind,omitempty" doc:"Only this kind. A closing is taken back at its ticket."`
	}
}

// CancelledScheduled says how many were cancelled.
type CancelledScheduled struct {
	Cancelled int `json:"cancelled"`
}

type previewScheduledIn struct {
	Body ScheduledWhen
}

// ScheduledPreview is when something would happen.
type ScheduledPreview struct {
	Next []time.Time `json:"next" doc:"The first occurrences, at most ten."`
}

// CreatedScheduled are the schedules that were made, one for each person.
type CreatedScheduled struct {
	Data []ScheduledMessage `json:"data"`
}

func (a *app) scheduledOperations() {
	op := func(id, method, path, summary string) operation {
		return operation{id: id, method: method, path: "/v1/scheduled-messages" + path, tag: "scheduled-messages", summary: summary}
	}
	o := op("list-scheduled-messages", http.MethodGet, "", "List what is scheduled, the next one first")
	o.doc = "Messages, templates, flows, and closings of tickets, in conversations that you see. You hear scheduled.updated when something changes."
	handle(a, o, a.listScheduled)
	o = op("create-scheduled-message", http.MethodPost, "", "Schedule messages, a template or a flow")
	o.status, o.idempotent = http.StatusCreated, true
	o.doc = "It is sent once at its instant, or late once when nothing ran then. A blocked contact gets nothing, and free text needs an open window at that " +
		"instant: what cannot be sent is skipped, and a line in the conversation says why."
	handle(a, o, a.createScheduled)
	handle(a, op("preview-scheduled-message", http.MethodPost, "/preview", "Say when something would be sent"), a.previewScheduled)
	handle(a, op("cancel-scheduled-messages", http.MethodPost, "/cancel", "Cancel everything that is scheduled for a contact"), a.cancelAllScheduled)
	handle(a, op("read-scheduled-message", http.MethodGet, "/{id}", "Read what is scheduled"), a.readScheduled)
	handle(a, op("update-scheduled-message", http.MethodPatch, "/{id}", "Change what is scheduled"), a.updateScheduled)
	handle(a, op("cancel-scheduled-message", http.MethodPost, "/{id}/cancel", "Cancel what is scheduled"), a.cancelScheduled)
	o = op("send-scheduled-message", http.MethodPost, "/{id}/send", "Send now what is scheduled")
	o.doc = "Also what is held. What cannot be sent is refused and stays as it is. A recurrence goes on afterwards."
	handle(a, o, a.sendScheduled)
}

func (a *app) scheduledOf(r *store.ScheduledItem) ScheduledMessage {
	author := int64(r.ByID)
	out := ScheduledMessage{
		ID: r.ID, Kind: r.Kind, State: r.State, Conversation: ConversationNamed{ID: r.ConversationID, Number: r.ConversationNumber},
		Contact:  ContactRef{ID: r.ContactID, Name: r.ContactName, Phone: r.ContactPhone, Blocked: r.ContactBlocked},
		TicketID: r.TicketID, Contents: r.Contents, DueAt: r.DueAt, Timezone: r.Timezone, Recurrence: r.Recurrence, HoldOnReply: r.HoldOnReply,
		Open: r.Opens, Agent: personRef(r.AgentID, r.AgentName), Author: ActorRef{Kind: r.ByKind, ID: &author, Name: r.ByName},
		Occurrence: r.Occurrence, LastAt: r.LastAt, Reason: r.Reason, CreatedAt: r.CreatedAt, HeldAt: r.HeldAt, EndedAt: r.EndedAt,
	}
	if out.Contents == nil {
		out.Contents = []models.Content{}
	}
	if r.FlowID != nil {
		out.Flow = &FlowNamed{ID: *r.FlowID, Name: deref(r.FlowName)}
	}
	if r.QueueID != nil {
		out.Queue = &QueueNamed{ID: *r.QueueID, Name: deref(r.QueueName)}
	}
	pending := !r.State.Over()
	if r.Recurrence != "" && pending {
		if next, err := store.NextScheduled(r.Recurrence, r.FirstAt, r.Timezone, r.DueAt, scheduledShown); err == nil {
			out.Next = next
		}
	}
	if pending && r.Kind == models.ScheduledMessage && !r.ContactIsGroup {
		if adapter := a.Channels[r.ConnectionChannel]; adapter != nil {
			out.WindowOpen = ptr(adapter.Capabilities().Window().OpenAt(r.WindowExpiresAt, r.Origin(), r.DueAt))
		}
	}
	if r.Kind != models.ScheduledClosing && pending {
		out.TemporalURL = a.workflowURL(contract.ScheduledSendID(r.ID))
	}
	return out
}

const (
	scheduledShown   = 5
	scheduledPreview = 10
)

func (a *app) listScheduled(ctx context.Context, in *listScheduledIn) (*page[ScheduledMessage], error) {
	p := who(ctx)
	f := store.ScheduledFilter{ConversationID: in.ConversationID, ContactID: in.ContactID, AuthorID: in.AuthorID, Kind: in.Kind, Limit: in.Limit + 1}
	switch in.State {
	case "":
	case "pending":
		f.States = []models.ScheduledState{models.ScheduledWaiting, models.ScheduledHeld}
	default:
		f.States = []models.ScheduledState{models.ScheduledState(in.State)}
	}
	if !in.From.IsZero() {
		f.From = &in.From
	}
	if !in.To.IsZero() {
		f.To = &in.To
	}
	if in.Cursor != "" {
		place, err := in.scheduledPlace()
		if err != nil {
			return nil, err
		}
		f.After = place
	}
	rows, err := a.Store.ScheduledItems(ctx, p.account(), p.viewer, f)
	return pageOf(ctx, &in.Paging, rows, err, func(r store.ScheduledItem) ScheduledMessage { return a.scheduledOf(&r) }, func(r store.ScheduledItem) string {
		return r.DueAt.UTC().Format(time.RFC3339Nano) + " " + strconv.FormatBool(r.Kind == models.ScheduledClosing) + " " + r.ID.String()
	})
}

// scheduledPlace reads the cursor of a list of what is scheduled.
func (p *Paging) scheduledPlace() (*store.ScheduledPlace, error) {
	place, err := decodeCursor(p.Cursor)
	if err != nil {
		return nil, err
	}
	parts := strings.Split(place, " ")
	if len(parts) != 3 {
		return nil, errCursor
	}
	due, errDue := time.Parse(time.RFC3339Nano, parts[0])
	closing, errClosing := strconv.ParseBool(parts[1])
	id, errID := strconv.ParseInt(parts[2], 10, 64)
	if errDue != nil || errClosing != nil || errID != nil || due.Year() > 9999 {
		return nil, errCursor
	}
	return &store.ScheduledPlace{DueAt: due, Closing: closing, ID: models.ScheduledSendID(id)}, nil
}

func (a *app) scheduledNow(ctx context.Context, id models.ScheduledSendID) (*one[ScheduledMessage], error) {
	p := who(ctx)
	r, err := a.Store.ScheduledItem(ctx, p.account(), p.viewer, id)
	if err != nil {
		return nil, err
	}
	return &one[ScheduledMessage]{Body: a.scheduledOf(r)}, nil
}

func (a *app) readScheduled(ctx context.Context, in *scheduledIDIn) (*one[ScheduledMessage], error) {
	return a.scheduledNow(ctx, in.ID)
}

// zoneOf checks a time zone, and takes the account's where none is given.
func (p *principal) zoneOf(name string) (string, error) {
	if name == "" {
		name = p.Account.Timezone
	}
	if _, err := time.LoadLocation(name); err != nil || name == "Local" {
		return "", models.Invalid("body.timezone", "no such time zone")
	}
	return name, nil
}

func (a *app) previewScheduled(ctx context.Context, in *previewScheduledIn) (*one[ScheduledPreview], error) {
	p, b := who(ctx), &in.Body
	zone, err := p.zoneOf(b.Timezone)
	if err != nil {
		return nil, err
	}
	out := &one[ScheduledPreview]{Body: ScheduledPreview{Next: []time.Time{b.DueAt}}}
	if b.Recurrence == "" {
		return out, nil
	}
	next, err := store.NextScheduled(b.Recurrence, b.DueAt, zone, b.DueAt, scheduledPreview-1)
	out.Body.Next = append(out.Body.Next, next...)
	return out, err
}

func (a *app) createScheduled(ctx context.Context, in *createScheduledIn) (*one[CreatedScheduled], error) {
	p, b := who(ctx), &in.Body
	zone, err := p.zoneOf(b.Timezone)
	if err != nil {
		return nil, err
	}
	plan := store.Scheduling{ClientRef: b.ClientRef, Send: models.ScheduledSend{DueAt: b.DueAt, Timezone: zone, Recurrence: strings.TrimSpace(b.Recurrence),
		HoldOnReply: b.HoldOnReply, Opens: b.Open, ByKind: p.actor().Kind, ByID: p.User.ID}}
	connection, channel, err := a.scheduledFor(ctx, p, in, &plan)
	if err != nil {
		return nil, err
	}
	send := &plan.Send
	if send.Kind, err = a.scheduledContents(ctx, p, connection, channel, b.Contents, b.FlowID); err != nil {
		return nil, err
	}
	send.Contents = b.Contents
	if b.FlowID != 0 {
		send.FlowID = &b.FlowID
	}
	if send.QueueID, send.AgentID, err = a.scheduledPlaceOf(ctx, p, b.Open && b.FlowID == 0, b.QueueID, b.AgentID); err != nil {
		return nil, err
	}
	if b.Open && b.FlowID != 0 {
		return nil, models.Invalid("body.open", "a flow decides about tickets itself: leave open out")
	}
	ids, wake, err := a.Store.ScheduleSends(ctx, p.account(), p.viewer, plan)
	if err != nil {
		return nil, err
	}
	a.Waker.Wake(p.account(), wake)
	rows, err := a.Store.ScheduledItemsOf(ctx, p.account(), begun(p), ids)
	if err != nil {
		return nil, err
	}
	out := &one[CreatedScheduled]{Body: CreatedScheduled{Data: make([]ScheduledMessage, len(rows))}}
	for i := range rows {
		out.Body.Data[i] = a.scheduledOf(&rows[i])
	}
	return out, nil
}

// scheduledFor reads for whom something is scheduled: exactly one of a conversation, contacts and a phone. It gives the connection.
func (a *app) scheduledFor(ctx context.Context, p *principal, in *createScheduledIn, plan *store.Scheduling) (models.ConnectionID, string, error) {
	b := &in.Body
	given := 0
	for _, is := range []bool{b.ConversationID != 0, len(b.ContactIDs) > 0, b.Phone != ""} {
		if is {
			given++
		}
	}
	if given != 1 {
		return 0, "", models.Invalid("body", "say for whom by one of conversation_id, contact_ids and phone")
	}
	if b.ConversationID != 0 {
		v, err := a.Store.Conversation(ctx, p.account(), p.viewer, b.ConversationID)
		if err != nil {
			return 0, "", err
		}
		if b.ConnectionID != 0 && b.ConnectionID != v.ConnectionID {
			return 0, "", models.Invalid("body.connection_id", "the conversation is on another connection: leave this out")
		}
		plan.In = []models.ConversationID{b.ConversationID}
		return v.ConnectionID, v.ConnectionChannel, nil
	}
	conn, err := a.Store.SendingConnection(ctx, p.account(), p.User.ID, b.ConnectionID)
	if err != nil {
		if models.CodeOf(err) == models.CodeNotFound {
			return 0, "", models.Invalid("body.connection_id", "no such connection")
		}
		return 0, "", err
	}
	plan.Connection = conn.ID
	if b.Phone != "" {
		to, err := a.personAt(ctx, p, b.Phone, channels.Person{Name: b.Name})
		if err != nil {
			return 0, "", err
		}
		plan.To = []store.FirstMessage{{Person: channels.Hint(a.Channels[conn.Channel], conn, to)}}
	}
	slices.Sort(b.ContactIDs) // in the order in which their conversations are locked
	for _, id := range slices.Compact(b.ContactIDs) {
		plan.To = append(plan.To, store.FirstMessage{ContactID: id})
	}
	return conn.ID, conn.Channel, nil
}

// scheduledContents completes and checks what is to be sent, and says what it is.
func (a *app) scheduledContents(ctx context.Context, p *principal, connection models.ConnectionID, channel string, contents []models.Content, flow models.FlowID) (models.ScheduledKind, error) {
	if (len(contents) > 0) == (flow != 0) {
		return "", models.Invalid("body", "say what by one of contents and flow_id")
	}
	if flow != 0 {
		return models.ScheduledFlow, a.mustStart(ctx, p, flow)
	}
	kind := models.ScheduledMessage
	for i := range contents {
		switch contents[i].Kind {
		case models.ContentKindReaction, models.ContentKindEdit, models.ContentKindDeleted:
			return "", models.Invalid("body.contents", "reactions, edits and deletions are made at once")
		case models.ContentKindTemplate:
			if kind = models.ScheduledTemplate; len(contents) > 1 {
				return "", models.Invalid("body.contents", "a template is scheduled alone")
			}
		}
		if _, err := a.sendable(ctx, p, connection, channel, &contents[i]); err != nil {
			return "", inContents(err, i)
		}
	}
	return kind, nil
}

// inContents names the fields of one of several contents.
func inContents(err error, i int) error {
	var was *models.Error
	if !errors.As(err, &was) {
		return err
	}
	e := *was
	e.Fields = slices.Clone(e.Fields)
	for j := range e.Fields {
		e.Fields[j].Path = strings.Replace(e.Fields[j].Path, "body.content.", "body.contents["+strconv.Itoa(i)+"].", 1)
	}
	return &e
}

func (a *app) scheduledPlaceOf(ctx context.Context, p *principal, open bool, queue models.QueueID, agent models.UserID) (*models.QueueID, *models.UserID, error) {
	if (queue != 0 || agent != 0) && !open {
		return nil, nil, models.Invalid("body.open", "queue_id and agent_id go with open")
	}
	var q *models.QueueID
	var u *models.UserID
	if queue != 0 {
		if err := a.mustHaveQueue(ctx, p, queue); err != nil {
			return nil, nil, err
		}
		q = &queue
	}
	if agent != 0 {
		if err := a.mustHaveUser(ctx, p, "body.agent_id", agent); err != nil {
			return nil, nil, err
		}
		u = &agent
	}
	return q, u, nil
}

func (a *app) updateScheduled(ctx context.Context, in *updateScheduledIn) (*one[ScheduledMessage], error) {
	p, b := who(ctx), &in.Body
	r, err := a.Store.ScheduledItem(ctx, p.account(), p.viewer, in.ID)
	if err != nil {
		return nil, err
	}
	change := store.ScheduledChange{DueAt: b.DueAt, Recurrence: b.Recurrence, HoldOnReply: b.HoldOnReply, Opens: b.Open}
	if b.Timezone != nil {
		zone, err := p.zoneOf(*b.Timezone)
		if err != nil {
			return nil, err
		}
		change.Timezone = &zone
	}
	if len(b.Contents) > 0 || b.FlowID != nil {
		var flow models.FlowID
		if b.FlowID != nil {
			flow = *b.FlowID
		}
		if change.Kind, err = a.scheduledContents(ctx, p, r.ConnectionID, r.ConnectionChannel, b.Contents, flow); err != nil {
			return nil, err
		}
		change.Contents, change.FlowID = b.Contents, b.FlowID
	}
	if change.QueueID, change.AgentID, err = a.scheduledPlaceOf(ctx, p, b.Open != nil && *b.Open, b.QueueID, b.AgentID); err != nil {
		return nil, err
	}
	wake, err := a.Store.ChangeScheduledSend(ctx, p.account(), p.viewer, p.actor(), in.ID, change)
	if err != nil {
		return nil, err
	}
	a.Waker.Wake(p.account(), wake)
	return a.scheduledNow(ctx, in.ID)
}

func (a *app) cancelScheduled(ctx context.Context, in *scheduledIDIn) (*one[ScheduledMessage], error) {
	p := who(ctx)
	wake, err := a.Store.CancelScheduledSend(ctx, p.account(), p.viewer, p.actor(), in.ID)
	if err != nil {
		return nil, err
	}
	a.Waker.Wake(p.account(), wake)
	return a.scheduledNow(ctx, in.ID)
}

func (a *app) sendScheduled(ctx context.Context, in *scheduledIDIn) (*one[ScheduledMessage], error) {
	p := who(ctx)
	wake, err := a.Store.SendScheduledNow(ctx, p.account(), p.viewer, in.ID)
	if err != nil {
		return nil, err
	}
	a.Waker.Wake(p.account(), wake)
	r, err := a.Store.ScheduledItem(ctx, p.account(), begun(p), in.ID) // it may have opened a ticket that goes elsewhere
	if err != nil {
		return nil, err
	}
	return &one[ScheduledMessage]{Body: a.scheduledOf(r)}, nil
}

func (a *app) cancelAllScheduled(ctx context.Context, in *cancelAllScheduledIn) (*one[CancelledScheduled], error) {
	p, b := who(ctx), &in.Body
	switch {
	case (b.ConversationID == 0) == (b.ContactID == 0):
		return nil, models.Invalid("body", "say whose by one of conversation_id and contact_id")
	case b.ConversationID != 0:
		if _, err := a.Store.Conversation(ctx, p.account(), p.viewer, b.ConversationID); err != nil {
			return nil, err
		}
	default:
		if _, err := a.Store.Contact(ctx, p.account(), p.viewer, b.ContactID); err != nil {
			return nil, err
		}
	}
	n, wake, err := a.Store.CancelScheduledSends(ctx, p.account(), p.viewer, p.actor(), store.ScheduledFilter{ConversationID: b.ConversationID, ContactID: b.ContactID, Kind: b.Kind})
	a.Waker.Wake(p.account(), wake)
	if err != nil {
		return nil, err
	}
	if n == 0 {
		changedNothing(ctx)
	}
	return &one[CancelledScheduled]{Body: CancelledScheduled{Cancelled: n}}, nil
}
