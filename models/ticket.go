package models

import (
	"encoding/json"
	"slices"
	"time"
)

// TicketState is how far a ticket is (rule 245).
type TicketState string

// The states of a ticket.
const (
	TicketWaiting TicketState = "waiting" // Aguardando: nobody has it
	TicketOpen    TicketState = "open"    // Em atendimento: it has an agent
	TicketClosed  TicketState = "closed"  // Fechado
)

// TicketOrigin says who began the service (rule 162).
type TicketOrigin string

// The origins of a ticket.
const (
	OriginActive    TicketOrigin = "active"    // Ativa: we wrote first
	OriginReceptive TicketOrigin = "receptive" // Receptiva: the contact wrote first
)

// ActorKind says what kind of actor changed a ticket.
type ActorKind string

// The kinds of actor. The id beside the kind names a row of the kind's table; a rule and the system have none.
const (
	ActorUser    ActorKind = "user"    // a person, in the console
	ActorAPI     ActorKind = "api"     // a program with the token of a user
	ActorFlow    ActorKind = "flow"    // a flow run
	ActorContact ActorKind = "contact" // the person who writes to us
	ActorRule    ActorKind = "rule"    // a setting of the account, a queue or a connection
	ActorSystem  ActorKind = "system"
)

// Actor is who or what changes a ticket.
type Actor struct {
	Kind ActorKind
	ID   int64 // of the user, run or contact; 0: none
	// Rule names the setting that decided, where no person did.
	Rule TicketRule
}

// TicketRule names what decided about a ticket where no person did.
type TicketRule string

// The rules that decide.
const (
	RuleInitialQueue TicketRule = "initial_queue" // the connection's queue for what comes in (rule 028)
	RuleDefaultAgent TicketRule = "default_agent" // the contact's agent (rule 142)
	RuleAnswered     TicketRule = "answered"      // the agent answered (rule 136)
	RuleLease        TicketRule = "lease"         // the assignment lapsed
	RuleSnooze       TicketRule = "snooze"        // the time of a snooze is over, or the contact wrote
	RuleBroadcast    TicketRule = "broadcast"     // an answer to a broadcast opens a ticket in its queue
	RuleScheduled    TicketRule = "scheduled"     // the instant of a scheduled closure has come (rule 151)
)

// Ticket (Atendimento) is one episode of human service in a conversation.
type Ticket struct {
	ID             TicketID       `json:"id"`
	AccountID      AccountID      `json:"account_id"`
	ConversationID ConversationID `json:"conversation_id"`
	ContactID      ContactID      `json:"contact_id"`
	Protocol       string         `json:"protocol"` // YYYYMMDD + number of the day; rule 074
	State          TicketState    `json:"state"`
	Origin         TicketOrigin   `json:"origin"`
	OpeningMode    string         `json:"opening_mode"`
	QueueID        *QueueID       `json:"queue_id,omitempty"`
	AgentID        *UserID        `json:"agent_id,omitempty"`
	FlowRunID      *FlowRunID     `json:"flow_run_id,omitempty"` // the run that opened it, or that it suspends
	OpenedByKind   ActorKind      `json:"opened_by_kind"`
	OpenedByID     *int64         `json:"opened_by_id,omitempty"`
	OpenedAt       time.Time      `json:"opened_at"`
	AcceptedAt     *time.Time     `json:"accepted_at,omitempty"`    // an agent took it, or answered
	FirstReplyAt   *time.Time     `json:"first_reply_at,omitempty"` // the first message of an agent
	SnoozedAt      *time.Time     `json:"snoozed_at,omitempty"`
	SnoozedUntil   *time.Time     `json:"snoozed_until,omitempty"` // none: until the contact writes
	SnoozeReason   *string        `json:"snooze_reason,omitempty"`
	// SnoozeUntilReply says that a message of the contact wakes it before its time.
	SnoozeUntilReply bool             `json:"snooze_until_reply,omitempty"`
	LeaseUntil       *time.Time       `json:"lease_until,omitempty"` // the assignment lapses then
	ClosedAt         *time.Time       `json:"closed_at,omitempty"`
	ClosedByKind     *ActorKind       `json:"closed_by_kind,omitempty"`
	ClosedByID       *int64           `json:"closed_by_id,omitempty"`
	ClosingReasonID  *ClosingReasonID `json:"closing_reason_id,omitempty"`
	ClosingValues    json.RawMessage  `json:"closing_values,omitempty"` // custom fields as given at closing, by key
}

// TicketEventKind says what happened to a ticket.
type TicketEventKind string

// What happens to tickets. Each is a logged row, written in the transaction of the change.
const (
	TicketWasOpened      TicketEventKind = "opened"
	TicketWasQueued      TicketEventKind = "queued"
	TicketWasAssigned    TicketEventKind = "assigned" // somebody else gave it to the agent
	TicketWasAccepted    TicketEventKind = "accepted" // the agent took it, or answered
	TicketWasUnassigned  TicketEventKind = "unassigned"
	TicketWasAnswered    TicketEventKind = "first_reply"
	TicketWasTransferred TicketEventKind = "transferred"
	TicketWasSnoozed     TicketEventKind = "snoozed"
	TicketWoke           TicketEventKind = "woken"
	TicketLapsed         TicketEventKind = "lapsed"
	TicketWasPrioritized TicketEventKind = "priority"
	TicketWillClose      TicketEventKind = "closing_scheduled" // at an instant (rule 151)
	TicketWillNotClose   TicketEventKind = "closing_cancelled" // a person or the contact's answer took that back
	TicketWasHandedBack  TicketEventKind = "handed_back"
	TicketWasSentToFlow  TicketEventKind = "sent_to_flow"
	TicketWasClosed      TicketEventKind = "closed"
	TicketWasReopened    TicketEventKind = "reopened"
)

// TicketEvent is one entry of a ticket's history.
type TicketEvent struct {
	ID             int64           `json:"id"`
	AccountID      AccountID       `json:"account_id"`
	TicketID       TicketID        `json:"ticket_id"`
	ConversationID ConversationID  `json:"conversation_id"`
	Kind           TicketEventKind `json:"kind"`
	ActorKind      ActorKind       `json:"actor_kind"`
	ActorID        *int64          `json:"actor_id,omitempty"`
	Rule           *TicketRule     `json:"rule,omitempty"`
	QueueID        *QueueID        `json:"queue_id,omitempty"`
	AgentID        *UserID         `json:"agent_id,omitempty"`
	FromQueueID    *QueueID        `json:"from_queue_id,omitempty"`
	FromAgentID    *UserID         `json:"from_agent_id,omitempty"`
	Data           json.RawMessage `json:"data,omitempty"`
	At             time.Time       `json:"at"`
}

// Priority says how urgent a conversation is.
type Priority string

// The priorities, lowest first.
const (
	PriorityNone   Priority = "none"
	PriorityLow    Priority = "low"
	PriorityMedium Priority = "medium"
	PriorityHigh   Priority = "high"
	PriorityUrgent Priority = "urgent"
)

// Priorities are all of them, lowest first.
var Priorities = []Priority{PriorityNone, PriorityLow, PriorityMedium, PriorityHigh, PriorityUrgent}

// Known tells whether p is one of them.
func (p Priority) Known() bool { return slices.Contains(Priorities, p) }

// ClosingReason is one of the reasons that an account gives for closing a ticket.
type ClosingReason struct {
	ID         ClosingReasonID `json:"id"`
	AccountID  AccountID       `json:"account_id"`
	Name       string          `json:"name"`
	Position   int             `json:"position"`
	ArchivedAt *time.Time      `json:"archived_at,omitempty"`
	CreatedAt  time.Time       `json:"created_at"`
	UpdatedAt  time.Time       `json:"updated_at"`
}
