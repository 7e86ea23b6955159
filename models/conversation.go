package models

import "time"

// InCharge says who answers a conversation. It is decided only under the conversation's row lock.
type InCharge string

// Who can be in charge.
const (
	InChargeIdle   InCharge = "idle"   // nobody: the next inbound message chooses
	InChargeFlow   InCharge = "flow"   // a flow run
	InChargeTicket InCharge = "ticket" // people
)

// WindowState is what the SessionWindow workflow last wrote about the 24-hour session.
type WindowState string

// The states of the session window (rules 077, 088–094).
const (
	WindowNone     WindowState = "none"     // the contact never wrote
	WindowOpen     WindowState = "open"     // more than 30 minutes left
	WindowExpiring WindowState = "expiring" // 30 minutes or less left: "Expirando"
	WindowExpired  WindowState = "expired"  // "Expirado"
)

// ExpiringBefore is when, before its end, a window is shown as expiring (rule 077).
const ExpiringBefore = 30 * time.Minute

// TemplateSession is how long a session lasts that a template of ours opens (Z24, Z31).
const TemplateSession = 24 * time.Hour

// Conversation is one contact, a person or a group, on one connection, for ever.
type Conversation struct {
	ID                    ConversationID `json:"id"`
	AccountID             AccountID      `json:"account_id"`
	Number                int64          `json:"number"` // per account; what people and URLs use
	ConnectionID          ConnectionID   `json:"connection_id"`
	ContactID             ContactID      `json:"contact_id"`
	Address               *string        `json:"-"` // where the channel reaches the contact; only its adapter reads it
	InCharge              InCharge       `json:"in_charge"`
	FlowRunID             *FlowRunID     `json:"flow_run_id,omitempty"`
	TicketID              *TicketID      `json:"ticket_id,omitempty"`
	InboundSeq            int64          `json:"-"`
	HandledSeq            int64          `json:"-"`
	HandledMessageID      MessageID      `json:"-"`
	WindowExpiresAt       *time.Time     `json:"window_expires_at,omitempty"`
	WindowState           WindowState    `json:"window_state"`
	HeldCount             int            `json:"held_count"`
	RetryingCount         int            `json:"retrying_count"`
	UnreadCount           int            `json:"unread_count"`
	FirstUnansweredAt     *time.Time     `json:"first_unanswered_at,omitempty"` // Z4
	LastInboundAt         *time.Time     `json:"last_inbound_at,omitempty"`
	LastInboundProviderID *string        `json:"-"`
	LastFlowStartedAt     *time.Time     `json:"last_flow_started_at,omitempty"` // rule 027
	LastMessageID         *MessageID     `json:"last_message_id,omitempty"`
	LastMessageAt         *time.Time     `json:"last_message_at,omitempty"`
	ChatbotDisabled       bool           `json:"chatbot_disabled"` // rule 149
	Priority              Priority       `json:"priority"`
	// QueueID and AgentID are the open ticket's, and after closing the last one's: they decide who sees the conversation (Z32).
	QueueID *QueueID `json:"queue_id,omitempty"`
	AgentID *UserID  `json:"agent_id,omitempty"`
	// TicketState is the open ticket's; nil: none is open.
	TicketState  *TicketState `json:"ticket_state,omitempty"`
	Snoozed      bool         `json:"snoozed,omitempty"`
	LastTicketID *TicketID    `json:"last_ticket_id,omitempty"` // closed or not
	Protocol     *string      `json:"protocol,omitempty"`       // of the latest ticket
	OpenedAt     *time.Time   `json:"opened_at,omitempty"`      // of the latest ticket; rule 073
	MarkedUnread bool         `json:"marked_unread,omitempty"`  // rule 081
	// ClosingOnReply tells that a closure is scheduled which an answer of the contact cancels (rule 152).
	ClosingOnReply bool `json:"closing_on_reply,omitempty"`
	// SurveyWaits tells that a survey waits for the contact's answer.
	SurveyWaits bool `json:"survey_waits,omitempty"`
	// ScheduledCount is how many scheduled sends wait or are held. SendsOnReply tells that a message of the contact holds one back.
	ScheduledCount int        `json:"scheduled_count,omitempty"`
	SendsOnReply   bool       `json:"sends_on_reply,omitempty"`
	NoFlowUntil    *time.Time `json:"no_flow_until,omitempty"` // Z31
	ServiceUntil   *time.Time `json:"service_until,omitempty"` // end of the session that the contact opened (rule 093)
	// BroadcastID is the latest broadcast in it that has no answer yet.
	BroadcastID *BroadcastID `json:"broadcast_id,omitempty"`
	CreatedAt   time.Time    `json:"created_at"`
	UpdatedAt   time.Time    `json:"updated_at"`
}

// FlowsMayStart tells whether a message may start a flow at t: the bot is on (rule 149), and no session of a template of ours with
// which we began the service is left (Z31).
func (c *Conversation) FlowsMayStart(t time.Time) bool {
	return !c.ChatbotDisabled && (c.NoFlowUntil == nil || !t.Before(*c.NoFlowUntil))
}
