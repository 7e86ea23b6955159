package models

import (
	"encoding/json"
	"time"

	"github.com/google/uuid"
)

// Direction says which way a message goes.
type Direction string

// The directions of a message.
const (
	DirectionIn     Direction = "in"
	DirectionOut    Direction = "out"
	DirectionNote   Direction = "note"   // internal note: never leaves (rule 121)
	DirectionSystem Direction = "system" // a line in the timeline, for agents only
)

// Origin says who made a message.
type Origin string

// The origins of a message.
const (
	OriginContact   Origin = "contact"
	OriginAgent     Origin = "agent"
	OriginBot       Origin = "bot"
	OriginBroadcast Origin = "broadcast"
	OriginAPI       Origin = "api"
	OriginPhone     Origin = "phone" // typed in the WhatsApp Business app: echo mode (rule 132)
	OriginSystem    Origin = "system"
)

// MessageState is where an outbound message is on its way to the provider. What the provider says afterwards is in the
// set-once times; Status derives what is shown.
type MessageState string

// The states of a message.
const (
	MessageReceived  MessageState = "received"  // inbound, notes and system lines
	MessageQueued    MessageState = "queued"    // in send_queue
	MessageHeld      MessageState = "held"      // waits for the contact to open the window (rule 100)
	MessageAccepted  MessageState = "accepted"  // the provider took it
	MessageUnknown   MessageState = "unknown"   // the answer was lost: waiting for a status that carries the attempt
	MessageRetry     MessageState = "retry"     // a DeliveryRetry workflow has the next try
	MessageFailed    MessageState = "failed"    // given up; error_code says why
	MessageCancelled MessageState = "cancelled" // taken back before it left
)

// Status is what is shown for a message.
type Status string

// The statuses, in the order they can replace each other.
const (
	StatusReceived    Status = "received"
	StatusQueued      Status = "queued"
	StatusHeld        Status = "held"
	StatusUnconfirmed Status = "unconfirmed" // "não confirmada": nobody knows whether it left
	StatusRetrying    Status = "retrying"
	StatusAccepted    Status = "accepted"
	StatusSent        Status = "sent"
	StatusDelivered   Status = "delivered"
	StatusRead        Status = "read"
	StatusPlayed      Status = "played"
	StatusFailed      Status = "failed"
	StatusCancelled   Status = "cancelled"
)

// Message is one entry of a conversation's timeline.
type Message struct {
	ID                MessageID       `json:"id"`
	AccountID         AccountID       `json:"account_id"`
	ConversationID    ConversationID  `json:"conversation_id"`
	ConnectionID      ConnectionID    `json:"connection_id"`
	ContactID         ContactID       `json:"contact_id"`
	Direction         Direction       `json:"direction"`
	Origin            Origin          `json:"origin"`
	Kind              string          `json:"kind"`
	Content           Content         `json:"content" gorm:"serializer:json"`
	Seq               *int64          `json:"-"` // inbound number within the conversation
	State             MessageState    `json:"state"`
	ProviderMessageID *string         `json:"provider_message_id,omitempty"`
	ProviderAt        *time.Time      `json:"provider_at,omitempty"`
	ReplyToProviderID *string         `json:"reply_to_provider_id,omitempty"`
	SenderID          *ContactID      `json:"sender_id,omitempty"` // who wrote it in a group; nil elsewhere
	AuthorID          *UserID         `json:"author_id,omitempty"`
	FlowRunID         *FlowRunID      `json:"flow_run_id,omitempty"`
	FlowKey           *string         `json:"-"` // the engine's key of the effect that made it
	MediaID           *MediaID        `json:"media_id,omitempty"`
	ClientRef         *string         `json:"client_ref,omitempty"`
	AttemptID         *uuid.UUID      `json:"-"`
	Attempts          int             `json:"attempts"`
	AcceptedAt        *time.Time      `json:"accepted_at,omitempty"`
	SentAt            *time.Time      `json:"sent_at,omitempty"`
	DeliveredAt       *time.Time      `json:"delivered_at,omitempty"`
	ReadAt            *time.Time      `json:"read_at,omitempty"`
	PlayedAt          *time.Time      `json:"played_at,omitempty"`
	FailedAt          *time.Time      `json:"failed_at,omitempty"`
	ErrorCode         *int            `json:"error_code,omitempty"`
	ErrorDetail       *string         `json:"error_detail,omitempty"`
	RetryAt           *time.Time      `json:"retry_at,omitempty"`
	Retries           int             `json:"retries"`
	Pricing           json.RawMessage `json:"pricing,omitempty" gorm:"type:jsonb"`
	Raw               json.RawMessage `json:"-" gorm:"type:jsonb"`
	// Arrival is what the message was when it came; nil for what we wrote ourselves.
	Arrival *Arrival `json:"arrival,omitempty"`
	// CreatedAt is the message's instant in the timeline: when we stored it, or for history when it was written.
	CreatedAt time.Time `json:"created_at"`
	// StoredAt is when a message of the history was stored; nil for all others, which were stored at CreatedAt.
	StoredAt *time.Time `json:"-"`
	// Trace is the mark of what stored it (ADR 46), where a step reads it; nil: not traced.
	Trace []byte `json:"-"`
}

// Status derives what is shown from the state and the set-once times. It depends on the set of facts known, never on the
// order in which they came: delivered after failed shows delivered, because the person has it.
func (m *Message) Status() Status {
	switch {
	case m.Direction != DirectionOut:
		return StatusReceived
	case m.PlayedAt != nil:
		return StatusPlayed
	case m.ReadAt != nil:
		return StatusRead
	case m.DeliveredAt != nil:
		return StatusDelivered
	case m.State == MessageCancelled:
		return StatusCancelled
	case m.State == MessageRetry:
		return StatusRetrying
	case m.State == MessageHeld:
		return StatusHeld
	case m.FailedAt != nil || m.State == MessageFailed:
		return StatusFailed
	case m.SentAt != nil:
		return StatusSent
	case m.AcceptedAt != nil:
		return StatusAccepted
	case m.State == MessageUnknown:
		return StatusUnconfirmed
	default:
		return StatusQueued
	}
}
