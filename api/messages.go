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

// Message is one entry of a conversation.
type Message struct {
	ID                models.MessageID      `json:"id"`
	ConversationID    models.ConversationID `json:"conversation_id"`
	Direction         models.Direction      `json:"direction" enum:"in,out,note,system"`
	Origin            models.Origin         `json:"origin" enum:"contact,agent,bot,broadcast,api,phone,system"`
	Arrival           *models.Arrival       `json:"arrival,omitempty" enum:"live,late,history,echo,group,refused,standby" doc:"What it was when it came; absent for what we wrote. Only live and late ones count as unread."`
	Kind              models.ContentKind    `json:"kind"`
	Content           models.Content        `json:"content"`
	Status            models.Status         `json:"status" enum:"received,queued,held,unconfirmed,retrying,accepted,sent,delivered,read,played,failed,cancelled"`
	Actions           []string              `json:"actions" enum:"cancel,resend,retry_now,cancel_retry" doc:"What may be done with it now."`
	Author            *PersonRef            `json:"author,omitempty"`
	FlowRunID         *models.FlowRunID     `json:"flow_run_id,omitempty"`
	Media             *Media                `json:"media,omitempty"`
	Mentions          *Mentions             `json:"mentions,omitempty" doc:"Whom a note names."`
	ClientRef         *string               `json:"client_ref,omitempty"`
	ProviderMessageID *string               `json:"provider_message_id,omitempty"`
	ProviderAt        *time.Time            `json:"provider_at,omitempty" doc:"The provider's time, to the second."`
	AcceptedAt        *time.Time            `json:"accepted_at,omitempty"`
	SentAt            *time.Time            `json:"sent_at,omitempty"`
	DeliveredAt       *time.Time            `json:"delivered_at,omitempty"`
	ReadAt            *time.Time            `json:"read_at,omitempty"`
	PlayedAt          *time.Time            `json:"played_at,omitempty"`
	FailedAt          *time.Time            `json:"failed_at,omitempty"`
	Error             *MessageError         `json:"error,omitempty"`
	Attempts          int                   `json:"attempts"`
	Retries           int                   `json:"retries" doc:"Later tries made so far."`
	RetryAt           *time.Time            `json:"retry_at,omitempty" doc:"When the next later try is due."`
	Pricing           json.RawMessage       `json:"pricing,omitempty" doc:"What the provider says it costs."`
	TemporalURL       string                `json:"temporal_url,omitempty" doc:"The later tries in Temporal Web, while they go on."`
	CreatedAt         time.Time             `json:"created_at" doc:"Its instant in the timeline. For history: when it was written."`
}

// MessageError is why a message did not arrive.
type MessageError struct {
	Code   *int   `json:"code,omitempty" doc:"The provider's error code."`
	Detail string `json:"detail" doc:"A sentence that is safe to show."`
}

type listMessagesIn struct {
	ID models.ConversationID `path:"id" minimum:"1"`
	Paging
}

type messageIDIn struct {
	ID models.MessageID `path:"id" minimum:"1"`
}

type sendMessageIn struct {
	ID   models.ConversationID `path:"id" minimum:"1"`
	Body struct {
		Content   models.Content `json:"content" doc:"What to say. A file is uploaded first and named by content.media.media_id."`
		ClientRef string         `json:"client_ref,omitempty" maxLength:"100" doc:"The client's own id: the same one gives the same message, for ever."`
		Assign    bool           `json:"assign,omitempty" doc:"For tokens: it counts as the answer of the token's user, who gets the conversation. What a person sends always does."`
		Delay     int            `json:"delay_seconds,omitempty" minimum:"0" maximum:"10" doc:"It leaves after so many seconds, and can be cancelled until then."`
	}
}

func (a *app) messageOperations() {
	op := func(id, method, path, summary string) operation {
		return operation{id: id, method: method, path: path, tag: "conversations", summary: summary}
	}
	handle(a, op("list-messages", http.MethodGet, "/v1/conversations/{id}/messages", "List a conversation's messages, newest first"), a.listMessages)
	handle(a, op("search-messages", http.MethodGet, "/v1/conversations/{id}/messages/search", "Search in a conversation's messages, newest first"), a.searchMessages)
	o := op("send-message", http.MethodPost, "/v1/conversations/{id}/messages", "Send a message")
	o.status, o.idempotent = http.StatusCreated, true
	o.doc = "It is queued and leaves in order. While the 24-hour window is closed, a template opens the way; text written after the template is held " +
		"and leaves with the contact's reply; without a template it is refused with the code window_closed."
	handle(a, o, a.sendMessage)
	handle(a, op("read-message", http.MethodGet, "/v1/messages/{id}", "Read a message"), a.readMessage)
	o = op("cancel-message", http.MethodPost, "/v1/messages/{id}/cancel", "Take back a message that has not left")
	handle(a, o, a.cancelMessage)
	o = op("resend-message", http.MethodPost, "/v1/messages/{id}/resend", "Send again a message of which nobody knows whether it left")
	o.doc = "For messages with the status unconfirmed, once the time in which the provider may still confirm them is over: the same message leaves as a new attempt."
	o.idempotent = true
	handle(a, o, a.resendMessage)
	handle(a, op("retry-message-now", http.MethodPost, "/v1/messages/{id}/retry-now", "Make the next later try now"), a.retryMessageNow)
	handle(a, op("cancel-message-retry", http.MethodPost, "/v1/messages/{id}/cancel-retry", "Give up the later tries"), a.cancelMessageRetry)
}

func (a *app) messageOf(v *store.MessageView) Message {
	m := &v.Message
	out := Message{
		ID: m.ID, ConversationID: m.ConversationID, Direction: m.Direction, Origin: m.Origin, Kind: models.ContentKind(m.Kind), Content: m.Content,
		Status: m.Status(), Actions: actionsOf(m), Author: personRef(m.AuthorID, v.AuthorName), FlowRunID: m.FlowRunID, ClientRef: m.ClientRef,
		ProviderMessageID: m.ProviderMessageID, ProviderAt: m.ProviderAt, AcceptedAt: m.AcceptedAt, SentAt: m.SentAt, DeliveredAt: m.DeliveredAt,
		ReadAt: m.ReadAt, PlayedAt: m.PlayedAt, FailedAt: m.FailedAt, Attempts: m.Attempts, Retries: m.Retries, RetryAt: m.RetryAt, Pricing: m.Pricing,
		Arrival: m.Arrival, CreatedAt: m.CreatedAt,
	}
	if v.TargetID != nil {
		if ref := refOf(&out.Content); ref != nil && ref.MessageID == 0 {
			ref.MessageID = *v.TargetID
		}
	}
	// The provider's links live for minutes and need its token: they are no use to anybody here.
	if out.Content.Media != nil {
		media := *out.Content.Media
		if media.ProviderMediaID != "" || m.Direction == models.DirectionIn {
			media.URL = ""
		}
		media.ProviderMediaID = ""
		out.Content.Media = &media
	}
	if m.ErrorCode != nil || m.ErrorDetail != nil {
		out.Error = &MessageError{Code: m.ErrorCode, Detail: deref(m.ErrorDetail)}
	}
	if v.File != nil {
		out.Media = ptr(mediaOf(v.File))
	}
	out.Mentions = mentionsOf(v.Mentions)
	if m.State == models.MessageRetry {
		out.TemporalURL = a.workflowURL(contract.DeliveryRetryID(m.ID))
	}
	return out
}

// refOf is the reference by which content quotes, reacts to, edits or deletes another message; nil without one.
func refOf(c *models.Content) *models.MessageRef {
	switch {
	case c.Kind == models.ContentKindReaction && c.Reaction != nil:
		return &c.Reaction.Target
	case c.Kind == models.ContentKindEdit && c.Edit != nil:
		return &c.Edit.Target
	case c.Kind == models.ContentKindDeleted:
		return c.Deleted
	}
	return c.ReplyTo
}

// actionsOf says what may be done with a message now.
func actionsOf(m *models.Message) []string {
	switch m.Status() {
	case models.StatusQueued, models.StatusHeld:
		return []string{"cancel"}
	case models.StatusUnconfirmed:
		return []string{"resend"}
	case models.StatusRetrying:
		return []string{"retry_now", "cancel_retry"}
	}
	return []string{}
}

func (a *app) listMessages(ctx context.Context, in *listMessagesIn) (*page[Message], error) {
	p := who(ctx)
	before, err := in.id()
	if err != nil {
		return nil, err
	}
	rows, err := a.Store.Messages(ctx, p.account(), p.viewer, in.ID, models.MessageID(before), in.Limit+1)
	return pageOf(ctx, &in.Paging, rows, err, func(m store.MessageView) Message { return a.messageOf(&m) }, func(m store.MessageView) string { return idCursor(m.ID) })
}

func (a *app) messageNow(ctx context.Context, id models.MessageID) (*one[Message], error) {
	p := who(ctx)
	m, err := a.Store.Message(ctx, p.account(), p.viewer, id)
	if err != nil {
		return nil, err
	}
	return &one[Message]{Body: a.messageOf(m)}, nil
}

func (a *app) readMessage(ctx context.Context, in *messageIDIn) (*one[Message], error) {
	return a.messageNow(ctx, in.ID)
}

func (a *app) sendMessage(ctx context.Context, in *sendMessageIn) (*one[Message], error) {
	p := who(ctx)
	v, err := a.Store.Conversation(ctx, p.account(), p.viewer, in.ID)
	if err != nil {
		return nil, err
	}
	content := in.Body.Content
	caps, err := a.sendable(ctx, p, v.ConnectionID, v.ConnectionChannel, &content)
	if err != nil {
		return nil, err
	}
	if !v.ContactIsGroup && !caps.Window().OpenAt(v.WindowExpiresAt, p.origin(), a.Now()) && content.Kind != models.ContentKindTemplate && !v.MayHold {
		return nil, windowClosed()
	}
	out := store.Outbound{ConversationID: in.ID, Origin: p.origin(), Content: content, AuthorID: &p.User.ID, ClientRef: in.Body.ClientRef, HoldIfClosed: true, Assign: in.Body.Assign}
	if in.Body.Delay > 0 {
		out.ReadyAt = a.Now().Add(time.Duration(in.Body.Delay) * time.Second)
	}
	m, wake, err := a.Store.EnqueueOutbound(ctx, p.account(), out)
	if err != nil {
		return nil, err
	}
	a.Waker.Wake(p.account(), wake)
	return a.messageNow(ctx, m.ID)
}

// sendable completes content and checks it against what the channel can do, which comes back.
func (a *app) sendable(ctx context.Context, p *principal, connection models.ConnectionID, channel string, content *models.Content) (*models.Capabilities, error) {
	adapter := a.Channels[channel]
	if adapter == nil {
		return nil, models.Errorf(models.CodeConnectionState, "this program has no channel %s", channel)
	}
	if err := a.complete(ctx, p, connection, content); err != nil {
		return nil, err
	}
	caps := adapter.Capabilities()
	if problems := content.Validate(caps); len(problems) > 0 {
		e := &models.Error{Code: models.CodeInvalid, Key: "message.content", Message: "the content cannot be sent on this channel"}
		for _, problem := range problems {
			e.Fields = append(e.Fields, models.Field{Path: "body.content." + problem.Field, Message: problem.Message})
		}
		return nil, e
	}
	return caps, nil
}

// origin says who writes: a person in the console, or a program with a token.
func (p *principal) origin() models.Origin {
	if p.Token != nil {
		return models.OriginAPI
	}
	return models.OriginAgent
}

func windowClosed() error {
	return &models.Error{Code: models.CodeWindowClosed, Key: "window.closed",
		Message: "the 24-hour window is closed: send a template, or wait for the contact to write"}
}

func (a *app) cancelMessage(ctx context.Context, in *messageIDIn) (*one[Message], error) {
	p := who(ctx)
	if err := a.mustSeeMessage(ctx, p, in.ID); err != nil {
		return nil, err
	}
	if err := a.Store.CancelOutbound(ctx, p.account(), in.ID); err != nil {
		return nil, err
	}
	return a.messageNow(ctx, in.ID)
}

func (a *app) resendMessage(ctx context.Context, in *messageIDIn) (*one[Message], error) {
	p := who(ctx)
	if err := a.mustSeeMessage(ctx, p, in.ID); err != nil {
		return nil, err
	}
	wake, err := a.Store.ResendUnconfirmed(ctx, p.account(), in.ID)
	if err != nil {
		return nil, err
	}
	a.Waker.Wake(p.account(), wake)
	a.audit(ctx, p, "message.resent", "message/"+in.ID.String(), nil)
	return a.messageNow(ctx, in.ID)
}

func (a *app) retryMessageNow(ctx context.Context, in *messageIDIn) (*one[Message], error) {
	return a.commandRetry(ctx, in.ID, "message.retried_now", a.Workflows.RetryNow)
}

func (a *app) cancelMessageRetry(ctx context.Context, in *messageIDIn) (*one[Message], error) {
	return a.commandRetry(ctx, in.ID, "message.retry_cancelled", a.Workflows.CancelRetry)
}

func (a *app) commandRetry(ctx context.Context, id models.MessageID, action string, command func(context.Context, models.MessageID) error) (*one[Message], error) {
	p := who(ctx)
	m, err := a.Store.Message(ctx, p.account(), p.viewer, id)
	if err != nil {
		return nil, err
	}
	if m.State != models.MessageRetry {
		return nil, &models.Error{Code: models.CodeConflict, Key: "message.not_retrying", Message: "the message does not wait for a later try"}
	}
	turn, cancel := context.WithTimeout(ctx, commandWait)
	defer cancel()
	if err := command(turn, id); err != nil {
		return nil, err
	}
	a.audit(ctx, p, action, "message/"+id.String(), nil)
	return a.messageNow(ctx, id)
}

func (a *app) mustSeeMessage(ctx context.Context, p *principal, id models.MessageID) error {
	_, err := a.Store.Message(ctx, p.account(), p.viewer, id)
	return err
}
