package models

import "time"

// ScheduledKind says what happens at an instant.
type ScheduledKind string

// The kinds of what is scheduled.
const (
	ScheduledMessage  ScheduledKind = "message"
	ScheduledTemplate ScheduledKind = "template"
	ScheduledFlow     ScheduledKind = "flow"
	ScheduledClosing  ScheduledKind = "closing" // a ScheduledClosure; lists have them too
)

// ScheduledKinds are all of them.
var ScheduledKinds = []ScheduledKind{ScheduledMessage, ScheduledTemplate, ScheduledFlow, ScheduledClosing}

// ScheduledState says how a scheduled send stands.
type ScheduledState string

// The states of a scheduled send. Waiting and held ones are not over.
const (
	ScheduledWaiting   ScheduledState = "waiting"
	ScheduledHeld      ScheduledState = "held"      // the contact wrote first: a person decides
	ScheduledSent      ScheduledState = "sent"      // the last occurrence was sent, or its flow started
	ScheduledSkipped   ScheduledState = "skipped"   // the last occurrence was not sent, and Reason says why
	ScheduledCancelled ScheduledState = "cancelled" // a person cancelled it
)

// ScheduledStates are all of them.
var ScheduledStates = []ScheduledState{ScheduledWaiting, ScheduledHeld, ScheduledSent, ScheduledSkipped, ScheduledCancelled}

// Over reports whether nothing more will come of it.
func (s ScheduledState) Over() bool { return s != ScheduledWaiting && s != ScheduledHeld }

// The limits of what is scheduled.
const (
	// ScheduledAhead is how far in the future the instant may be.
	ScheduledAhead = 366 * 24 * time.Hour
	// ScheduledContents is how many messages one schedule may send.
	ScheduledContents = 10
	// ScheduledAtOnce is how many may wait in one conversation.
	ScheduledAtOnce = 100
)

// ScheduledSend sends messages or a template, or starts a flow, at an instant, once or again and again (rules 167 to 174).
type ScheduledSend struct {
	ID             ScheduledSendID `json:"id"`
	AccountID      AccountID       `json:"account_id"`
	ConversationID ConversationID  `json:"conversation_id"`
	Kind           ScheduledKind   `json:"kind"`
	Contents       []Content       `json:"contents"`
	FlowID         *FlowID         `json:"flow_id,omitempty"`
	// DueAt is the instant of the next occurrence, or of the last one where none is left. Timezone is the IANA zone in which it was chosen (Z29).
	DueAt    time.Time `json:"due_at"`
	Timezone string    `json:"timezone"`
	// Recurrence is an RRULE that ends, counted from FirstAt; empty: once.
	Recurrence string    `json:"recurrence,omitempty"`
	FirstAt    time.Time `json:"first_at"`
	// HoldOnReply holds it back when the contact writes before.
	HoldOnReply bool `json:"hold_on_reply"`
	// Opens opens a ticket where none is open, for the queue or the agent; neither: for nobody (rule 167).
	Opens   bool      `json:"opens"`
	QueueID *QueueID  `json:"queue_id,omitempty"`
	AgentID *UserID   `json:"agent_id,omitempty"`
	ByKind  ActorKind `json:"by_kind"` // user or api
	ByID    UserID    `json:"by_id"`

	State ScheduledState `json:"state"`
	// Occurrence is how many are over. LastAt is when the last one was, and Reason the key of why it was not sent.
	Occurrence int        `json:"occurrence"`
	LastAt     *time.Time `json:"last_at,omitempty"`
	Reason     *string    `json:"reason,omitempty"`
	CreatedAt  time.Time  `json:"created_at"`
	UpdatedAt  time.Time  `json:"updated_at"`
	HeldAt     *time.Time `json:"held_at,omitempty"`
	EndedAt    *time.Time `json:"ended_at,omitempty"`
}

// By is who scheduled it.
func (c *ScheduledSend) By() Actor {
	return Actor{Kind: c.ByKind, ID: int64(c.ByID), Rule: RuleScheduled}
}

// Named is the name of the template that it sends; empty for others.
func (c *ScheduledSend) Named() string {
	if c.Kind == ScheduledTemplate && len(c.Contents) > 0 && c.Contents[0].Template != nil {
		return c.Contents[0].Template.Name
	}
	return ""
}

// Origin is that of its messages.
func (c *ScheduledSend) Origin() Origin {
	if c.ByKind == ActorAPI {
		return OriginAPI
	}
	return OriginAgent
}

// The keys of refusals of what is scheduled.
const (
	KeyScheduledPast        = "scheduled.past"
	KeyScheduledOver        = "scheduled.over"          // state
	KeyScheduledUnreachable = "scheduled.unreachable"   // contact_id
	KeyScheduledTooMany     = "scheduled.too_many"      // most
	KeyScheduledHasTicket   = "conversation.has_ticket" // a flow does not start while people are in charge
	KeyScheduledBotOff      = "scheduled.chatbot_off"
	KeyScheduledRecurrence  = "scheduled.recurrence"
)
