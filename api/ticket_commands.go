package api

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"time"

	"github.com/perene/perene/contract"
	"github.com/perene/perene/models"
)

// TicketCommand is what was asked of a ticket, and how far it is.
type TicketCommand struct {
	ID    models.TicketCommandID    `json:"id"`
	State models.TicketCommandState `json:"state" enum:"waiting,done" doc:"Waiting: it is kept, and done as soon as a worker answers."`
}

// TicketAnswer is the answer to a command that was not refused.
type TicketAnswer struct {
	Command      TicketCommand `json:"command"`
	Conversation *Conversation `json:"conversation,omitempty" doc:"As it stands now. Absent while the command waits, and where you no longer see it."`
}

type ticketCommandOut struct {
	Status int
	Body   TicketAnswer
}

// CommandRef makes a command safe to repeat.
type CommandRef struct {
	ClientRef string `json:"client_ref,omitempty" maxLength:"100" doc:"The client's own id: the same one is the same command, for ever."`
}

type plainTicketIn struct {
	ID   models.TicketID `path:"id" minimum:"1"`
	Body *CommandRef     `required:"false"`
}

// ref is the client's own id, if there is one.
func (in *plainTicketIn) ref() string {
	if in.Body == nil {
		return ""
	}
	return in.Body.ClientRef
}

type assignTicketIn struct {
	ID   models.TicketID `path:"id" minimum:"1"`
	Body struct {
		CommandRef
		UserID models.UserID `json:"user_id" minimum:"0" doc:"0: you give up your own ticket, and it waits in its queue again."`
	}
}

type transferTicketIn struct {
	ID   models.TicketID `path:"id" minimum:"1"`
	Body struct {
		CommandRef
		QueueID models.QueueID `json:"queue_id,omitempty" minimum:"1" doc:"Give this or user_id."`
		UserID  models.UserID  `json:"user_id,omitempty" minimum:"1"`
		Note    string         `json:"note,omitempty" maxLength:"4096" doc:"Becomes an internal note in the conversation."`
	}
}

type sendTicketToFlowIn struct {
	ID   models.TicketID `path:"id" minimum:"1"`
	Body struct {
		CommandRef
		FlowID models.FlowID `json:"flow_id" minimum:"1"`
	}
}

type snoozeTicketIn struct {
	ID   models.TicketID `path:"id" minimum:"1"`
	Body struct {
		CommandRef
		Until      *time.Time `json:"until,omitempty" doc:"In the future, at most a year ahead."`
		UntilReply bool       `json:"until_reply,omitempty" doc:"A message of the contact ends it. Without until it always does."`
		Reason     string     `json:"reason,omitempty" maxLength:"500"`
	}
}

type prioritizeTicketIn struct {
	ID   models.TicketID `path:"id" minimum:"1"`
	Body struct {
		CommandRef
		Priority models.Priority `json:"priority" enum:"none,low,medium,high,urgent"`
	}
}

type closeTicketIn struct {
	ID   models.TicketID `path:"id" minimum:"1"`
	Body *ClosingBody    `required:"false"`
}

// ClosingBody is with what a ticket closes.
type ClosingBody struct {
	CommandRef
	ReasonID models.ClosingReasonID `json:"reason_id,omitempty" minimum:"1"`
	Text     string                 `json:"text,omitempty" maxLength:"4096" doc:"Sent to the contact before the ticket closes. Refused while the window is closed."`
	Silent   bool                   `json:"silent,omitempty" doc:"Without a text no automatic farewell is sent either."`
	SurveyID models.SurveyID        `json:"survey_id,omitempty" minimum:"1" doc:"Sent after the text. Where the account demands a survey and none is given, the queue's or the connection's is sent."`
	Values   map[string]any         `json:"values,omitempty" doc:"Custom fields by key. They are stored with the ticket and on the contact."`
	Clear    []string               `json:"clear,omitempty" maxItems:"100" doc:"Keys of optional fields whose stored value is deleted."`
}

type scheduleClosingIn struct {
	ID   models.TicketID `path:"id" minimum:"1"`
	Body struct {
		ClosingBody
		DueAt         time.Time `json:"due_at" doc:"In the future, at most a year ahead."`
		CancelOnReply bool      `json:"cancel_on_reply,omitempty" doc:"An answer of the contact cancels it."`
		Replace       bool      `json:"replace,omitempty" doc:"Instead of the one that waits already. Without it the command is refused there."`
	}
}

func (a *app) ticketCommandOperations() {
	op := func(id, path, summary string) operation {
		return operation{id: id, method: http.MethodPost, path: "/v1/tickets/{id}" + path, tag: "tickets", summary: summary,
			doc: "200 when it is done, and 409 with a key and args when it is refused. 202 when no worker answers within five seconds: the command is kept and done later."}
	}
	handle(a, op("accept-ticket", "/accept", "Take a ticket that has no agent"), a.acceptTicket)
	handle(a, op("assign-ticket", "/assign", "Give a ticket to an agent"), a.assignTicket)
	handle(a, op("transfer-ticket", "/transfer", "Transfer a ticket to a queue or to an agent"), a.transferTicket)
	handle(a, op("send-ticket-to-flow", "/flow", "Close a ticket and start a flow"), a.sendTicketToFlow)
	handle(a, op("hand-back-ticket", "/hand-back", "Give a conversation back to the flow that waits behind its ticket"), a.handBackTicket)
	handle(a, op("snooze-ticket", "/snooze", "Put a ticket off"), a.snoozeTicket)
	handle(a, op("wake-ticket", "/wake", "End a snooze"), a.wakeTicket)
	handle(a, op("prioritize-ticket", "/priority", "Set a ticket's priority"), a.prioritizeTicket)
	o := op("schedule-ticket-closing", "/closing", "Close a ticket at an instant")
	o.doc += " The text is sent at that instant, and not at all where the window is closed then. Reason and fields are checked now."
	handle(a, o, a.scheduleClosing)
	handle(a, op("cancel-ticket-closing", "/closing/cancel", "Take back the scheduled closure of a ticket"), a.cancelClosing)
	handle(a, op("reopen-ticket", "/reopen", "Open a closed ticket again"), a.reopenTicket)
	handle(a, op("close-ticket", "/close", "Close a ticket"), a.closeTicket)
}

func (a *app) acceptTicket(ctx context.Context, in *plainTicketIn) (*ticketCommandOut, error) {
	return a.commandTicket(ctx, in.ID, models.TicketAccept, in.ref(), nil)
}

func (a *app) handBackTicket(ctx context.Context, in *plainTicketIn) (*ticketCommandOut, error) {
	return a.commandTicket(ctx, in.ID, models.TicketHandBack, in.ref(), nil)
}

func (a *app) wakeTicket(ctx context.Context, in *plainTicketIn) (*ticketCommandOut, error) {
	return a.commandTicket(ctx, in.ID, models.TicketWake, in.ref(), nil)
}

func (a *app) reopenTicket(ctx context.Context, in *plainTicketIn) (*ticketCommandOut, error) {
	return a.commandTicket(ctx, in.ID, models.TicketReopen, in.ref(), nil)
}

func (a *app) assignTicket(ctx context.Context, in *assignTicketIn) (*ticketCommandOut, error) {
	if in.Body.UserID != 0 {
		if err := a.mustHaveUser(ctx, who(ctx), "body.user_id", in.Body.UserID); err != nil {
			return nil, err
		}
	}
	return a.commandTicket(ctx, in.ID, models.TicketAssign, in.Body.ClientRef, models.TicketToUser{UserID: in.Body.UserID})
}

func (a *app) transferTicket(ctx context.Context, in *transferTicketIn) (*ticketCommandOut, error) {
	p, b := who(ctx), &in.Body
	if (b.QueueID == 0) == (b.UserID == 0) {
		return nil, models.Invalid("body", "say to whom by one of queue_id and user_id")
	}
	if b.QueueID != 0 {
		if err := a.mustHaveQueue(ctx, p, b.QueueID); err != nil {
			return nil, err
		}
		return a.commandTicket(ctx, in.ID, models.TicketTransferToQueue, b.ClientRef, models.TicketToQueue{QueueID: b.QueueID, Note: b.Note})
	}
	if err := a.mustHaveUser(ctx, p, "body.user_id", b.UserID); err != nil {
		return nil, err
	}
	return a.commandTicket(ctx, in.ID, models.TicketTransferToUser, b.ClientRef, models.TicketToUser{UserID: b.UserID, Note: b.Note})
}

func (a *app) sendTicketToFlow(ctx context.Context, in *sendTicketToFlowIn) (*ticketCommandOut, error) {
	if err := a.mustStart(ctx, who(ctx), in.Body.FlowID); err != nil {
		return nil, err
	}
	return a.commandTicket(ctx, in.ID, models.TicketSendToFlow, in.Body.ClientRef, models.TicketToFlow{FlowID: in.Body.FlowID})
}

func (a *app) snoozeTicket(ctx context.Context, in *snoozeTicketIn) (*ticketCommandOut, error) {
	b := &in.Body
	if b.Until == nil && !b.UntilReply {
		return nil, models.Invalid("body", "say until when by until, until_reply or both")
	}
	return a.commandTicket(ctx, in.ID, models.TicketSnooze, b.ClientRef, models.TicketSnoozing{Until: b.Until, UntilReply: b.UntilReply, Reason: b.Reason})
}

func (a *app) prioritizeTicket(ctx context.Context, in *prioritizeTicketIn) (*ticketCommandOut, error) {
	return a.commandTicket(ctx, in.ID, models.TicketPrioritize, in.Body.ClientRef, models.TicketPriority{Priority: in.Body.Priority})
}

func (a *app) closeTicket(ctx context.Context, in *closeTicketIn) (*ticketCommandOut, error) {
	b := in.Body
	if b == nil {
		b = &ClosingBody{}
	}
	return a.commandTicket(ctx, in.ID, models.TicketClose, b.ClientRef,
		models.TicketClosing{ReasonID: b.ReasonID, Text: b.Text, Silent: b.Silent, SurveyID: b.SurveyID, Values: b.Values, Clear: b.Clear})
}

func (a *app) scheduleClosing(ctx context.Context, in *scheduleClosingIn) (*ticketCommandOut, error) {
	b := &in.Body
	return a.commandTicket(ctx, in.ID, models.TicketScheduleClosing, b.ClientRef, models.TicketScheduling{
		TicketClosing: models.TicketClosing{ReasonID: b.ReasonID, Text: b.Text, Silent: b.Silent, SurveyID: b.SurveyID, Values: b.Values, Clear: b.Clear},
		DueAt:         b.DueAt, CancelOnReply: b.CancelOnReply, Replace: b.Replace,
	})
}

func (a *app) cancelClosing(ctx context.Context, in *plainTicketIn) (*ticketCommandOut, error) {
	return a.commandTicket(ctx, in.ID, models.TicketCancelClosing, in.ref(), nil)
}

// commandTicket puts a command in the ticket's mailbox, where it is safe, and asks its workflow to take it now (ADR 69). Where no
// worker answers, the command stays and the answer is 202.
func (a *app) commandTicket(ctx context.Context, id models.TicketID, kind models.TicketCommandKind, ref string, data any) (*ticketCommandOut, error) {
	p := who(ctx)
	t, err := a.Store.Ticket(ctx, p.account(), p.viewer, id)
	if err != nil {
		return nil, err
	}
	asked := models.TicketCommand{TicketID: id, Kind: kind, ActorKind: p.actor().Kind, ActorID: p.User.ID}
	if ref != "" {
		asked.ClientRef = &ref
	}
	if data != nil {
		if asked.Data, err = json.Marshal(data); err != nil {
			return nil, fmt.Errorf("write a command: %w", err)
		}
	}
	command, bell, err := a.Store.AddTicketCommand(ctx, p.account(), asked)
	if err != nil {
		return nil, err
	}
	a.audit(ctx, p, "ticket."+string(kind), "ticket/"+id.String(), map[string]any{"command_id": command.ID})
	if command.State == models.TicketCommandWaiting {
		if command, err = a.offer(ctx, p, t.Start(p.account()), command); err != nil {
			return nil, err
		}
	}
	if command.State == models.TicketCommandWaiting {
		a.Waker.Wake(p.account(), contract.Wake{Doorbells: []contract.Doorbell{bell}})
		return &ticketCommandOut{Status: http.StatusAccepted, Body: TicketAnswer{Command: TicketCommand{ID: command.ID, State: command.State}}}, nil
	}
	if err := a.Store.DoorbellsAnswered(ctx, []int64{bell.ID}); err != nil {
		a.Log.WarnContext(ctx, "a ticket's doorbell stays and is rung again", "ticket_id", id, "request_id", requestIDOf(ctx), "error", err)
	}
	if refusal := command.Refusal(); refusal != nil {
		return nil, refusal
	}
	out := &ticketCommandOut{Status: http.StatusOK, Body: TicketAnswer{Command: TicketCommand{ID: command.ID, State: command.State}}}
	c, err := a.conversationNow(ctx, t.ConversationID)
	switch {
	case err == nil:
		out.Body.Conversation = &c.Body
	case models.CodeOf(err) != models.CodeNotFound:
		return nil, err
	}
	return out, nil
}

// offer lets the ticket's workflow take a command, and gives the command as it stands then.
func (a *app) offer(ctx context.Context, p *principal, ticket contract.TicketStart, c *models.TicketCommand) (*models.TicketCommand, error) {
	turn, cancel := context.WithTimeout(ctx, commandWait)
	defer cancel()
	if err := a.Workflows.CommandTicket(turn, ticket, c.Kind, c.ID); err != nil {
		a.Log.WarnContext(ctx, "a ticket's command waits", "ticket_id", ticket.TicketID, "command_id", c.ID, "request_id", requestIDOf(ctx), "error", err)
	}
	return a.Store.TicketCommand(ctx, p.account(), c.ID)
}
