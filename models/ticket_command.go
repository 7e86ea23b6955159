package models

import (
	"encoding/json"
	"time"
)

// TicketCommandKind says what is asked of a ticket. The Ticket workflow has an update of each name.
type TicketCommandKind string

// What can be asked of a ticket. The comment names the type of the command's Data; none means that it has no data.
const (
	TicketAccept          TicketCommandKind = "accept"
	TicketAssign          TicketCommandKind = "assign"            // TicketToUser
	TicketTransferToQueue TicketCommandKind = "transfer_to_queue" // TicketToQueue
	TicketTransferToUser  TicketCommandKind = "transfer_to_user"  // TicketToUser
	TicketSendToFlow      TicketCommandKind = "send_to_flow"      // TicketToFlow
	TicketHandBack        TicketCommandKind = "hand_back"
	TicketSnooze          TicketCommandKind = "snooze" // TicketSnoozing
	TicketWake            TicketCommandKind = "wake"
	TicketPrioritize      TicketCommandKind = "prioritize"       // TicketPriority
	TicketScheduleClosing TicketCommandKind = "schedule_closing" // TicketScheduling
	TicketCancelClosing   TicketCommandKind = "cancel_closing"
	TicketReopen          TicketCommandKind = "reopen"
	TicketClose           TicketCommandKind = "close" // TicketClosing
)

// TicketCommandState says how far a command is.
type TicketCommandState string

// The states of a command. Its answer, done or refused, never changes.
const (
	TicketCommandWaiting TicketCommandState = "waiting"
	TicketCommandDone    TicketCommandState = "done"
	TicketCommandRefused TicketCommandState = "refused"
)

// TicketCommand is an entry of a ticket's mailbox: what a person or a program asks of it, and the answer.
type TicketCommand struct {
	ID        TicketCommandID    `json:"id"`
	AccountID AccountID          `json:"account_id"`
	TicketID  TicketID           `json:"ticket_id"`
	Kind      TicketCommandKind  `json:"kind"`
	ActorKind ActorKind          `json:"actor_kind"` // user or api
	ActorID   UserID             `json:"actor_id"`
	Data      json.RawMessage    `json:"data,omitempty"`
	ClientRef *string            `json:"client_ref,omitempty"` // the same one is the same command, for ever
	State     TicketCommandState `json:"state"`
	// Code is the key of the refusal, and Args fill its sentence.
	Code       *string           `json:"code,omitempty"`
	Args       map[string]string `json:"args,omitempty"`
	CreatedAt  time.Time         `json:"created_at"`
	AnsweredAt *time.Time        `json:"answered_at,omitempty"`
}

// Actor is who asks.
func (c *TicketCommand) Actor() Actor { return Actor{Kind: c.ActorKind, ID: int64(c.ActorID)} }

// TicketToUser gives a ticket to an agent. Its queue goes (rule 138).
type TicketToUser struct {
	UserID UserID `json:"user_id"`        // 0: its own agent gives it up, and it waits in its queue again
	Note   string `json:"note,omitempty"` // a note in the conversation, for who takes over
}

// TicketToQueue gives a ticket to a queue. Its agent goes.
type TicketToQueue struct {
	QueueID QueueID `json:"queue_id"`
	Note    string  `json:"note,omitempty"`
}

// TicketToFlow closes a ticket and starts a flow (rule 148).
type TicketToFlow struct {
	FlowID FlowID `json:"flow_id"`
}

// TicketSnoozing hides a ticket until an instant, until the contact writes, or until the first of both.
type TicketSnoozing struct {
	Until      *time.Time `json:"until,omitempty"`
	UntilReply bool       `json:"until_reply,omitempty"`
	Reason     string     `json:"reason,omitempty"`
}

// TicketPriority sets the conversation's priority.
type TicketPriority struct {
	Priority Priority `json:"priority"`
}

// TicketClosing closes a ticket (rules 150, 154, 157, 158).
type TicketClosing struct {
	ReasonID ClosingReasonID `json:"reason_id,omitempty"`
	Text     string          `json:"text,omitempty"` // sent before the ticket closes
	// Silent keeps the automatic farewell from being sent where there is no text (Z8).
	Silent bool `json:"silent,omitempty"`
	// SurveyID is sent after the text.
	SurveyID SurveyID `json:"survey_id,omitempty"`
	// Values are custom fields of the contact and the ticket, by key. They are stored on the contact and kept with the ticket.
	Values map[string]any `json:"values,omitempty"`
	// Clear are the keys of optional fields whose stored value is deleted.
	Clear []string `json:"clear,omitempty"`
}

// TicketScheduling closes a ticket at an instant (rules 151 to 154). What the closing needs is collected now (Z26).
type TicketScheduling struct {
	TicketClosing
	DueAt         time.Time `json:"due_at"`
	CancelOnReply bool      `json:"cancel_on_reply,omitempty"` // an answer of the contact cancels it
	Replace       bool      `json:"replace,omitempty"`         // instead of the one that waits already (Z30)
}

// The keys of refusals at the desk. They are the Code of a refused command and the Key of its error.
const (
	KeyTicketTaken            = "ticket.taken"        // agent, agent_id, at
	KeyTicketClosed           = "ticket.closed"       // by, at
	KeyTicketNone             = "ticket.none"         // no ticket is open
	KeyTicketOpenExists       = "ticket.open_exists"  // another ticket of the conversation is open
	KeyTicketNotLatest        = "ticket.not_latest"   // only the latest ticket of a conversation opens again
	KeyTicketWriteLocked      = "ticket.write_locked" // agent
	KeyTicketAgentUnavailable = "ticket.agent_unavailable"
	KeyTicketQueueArchived    = "ticket.queue_archived"
	KeyTicketFieldsMissing    = "ticket.fields_missing" // fields
	KeyTicketReason           = "ticket.reason_unknown"
	KeyTicketSurveyRequired   = "ticket.survey_required"
	KeyTicketSurvey           = "ticket.survey_unknown"
	KeyTicketSurveyOpen       = "ticket.survey_open"
	KeyTicketWindowClosed     = "ticket.window_closed_text"
	KeyTicketClosingPast      = "ticket.closing_past"
	KeyTicketClosingWaits     = "ticket.closing_waits" // by, at
	KeyTicketNoClosing        = "ticket.no_closing"
	KeyTicketSnoozePast       = "ticket.snooze_past"
	KeyTicketNoRun            = "ticket.no_run"
	KeyTicketFlowUnavailable  = "ticket.flow_unavailable"
	KeyTicketCommandUnusable  = "ticket.command_unusable"
)

// TicketRefusal makes the error that a refused command ends with. args fill the console's sentence.
func TicketRefusal(key string, args map[string]string) *Error {
	r, known := ticketRefusals[key]
	if !known {
		r = ticketRefusals[KeyTicketCommandUnusable]
	}
	return &Error{Code: r.code, Key: key, Message: r.message, Args: args}
}

// Refusal is the error that a refused command ended with. It is nil for any other command.
func (c *TicketCommand) Refusal() *Error {
	if c.State != TicketCommandRefused || c.Code == nil {
		return nil
	}
	return TicketRefusal(*c.Code, c.Args)
}

var ticketRefusals = map[string]struct {
	code    Code
	message string
}{
	KeyTicketTaken:            {CodeConflict, "another agent has this ticket"},
	KeyTicketClosed:           {CodeConflict, "this ticket is closed"},
	KeyTicketNone:             {CodeConflict, "no ticket is open in this conversation"},
	KeyTicketOpenExists:       {CodeConflict, "another ticket of this conversation is open"},
	KeyTicketNotLatest:        {CodeConflict, "only the latest ticket of a conversation can be opened again"},
	KeyTicketWriteLocked:      {CodeConflict, "only the agent in charge may write in this conversation"},
	KeyTicketAgentUnavailable: {CodeConflict, "this user cannot get tickets: choose somebody who works in this account"},
	KeyTicketQueueArchived:    {CodeConflict, "this queue is archived or does not exist: choose another one"},
	KeyTicketFieldsMissing:    {CodeInvalid, "closing needs values for some fields"},
	KeyTicketReason:           {CodeInvalid, "this closing reason is archived or does not exist: choose another one"},
	KeyTicketSurveyRequired:   {CodeInvalid, "this account closes tickets with a survey only: choose one"},
	KeyTicketSurvey:           {CodeInvalid, "this survey is archived or does not exist: choose another one"},
	KeyTicketSurveyOpen:       {CodeConflict, "people or a flow serve this conversation: a survey is sent after the service"},
	KeyTicketWindowClosed:     {CodeConflict, "the 24-hour window is closed: close without the text"},
	KeyTicketSnoozePast:       {CodeConflict, "choose an instant in the future, at most a year ahead, or wait for the contact's reply"},
	KeyTicketClosingPast:      {CodeConflict, "choose an instant in the future, at most a year ahead"},
	KeyTicketClosingWaits:     {CodeConflict, "a closure of this ticket is scheduled already: replace it or leave it"},
	KeyTicketNoClosing:        {CodeConflict, "no closure of this ticket is scheduled"},
	KeyTicketNoRun:            {CodeConflict, "no flow waits behind this ticket"},
	KeyTicketFlowUnavailable:  {CodeConflict, "the flow has no published version or is archived: choose another one"},
	KeyTicketCommandUnusable:  {CodeInvalid, "the command cannot be carried out as it was given"},
	"contact.blocked":         {CodeContactBlocked, "the contact is blocked: nothing can be sent or received"},
	"connection.removed":      {CodeConnectionState, "the connection was removed: choose another one"},
	"contact.custom_values":   {CodeInvalid, "the account's custom fields refuse some of the values"},
}
