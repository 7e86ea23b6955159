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
	Priority              string         `json:"priority"`
	CreatedAt             time.Time      `json:"created_at"`
	UpdatedAt             time.Time      `json:"updated_at"`
}
