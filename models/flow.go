package models

import (
	"encoding/json"
	"time"
)

// Flow is a drawn graph with its draft.
type Flow struct {
	ID                 FlowID          `json:"id"`
	AccountID          AccountID       `json:"account_id"`
	Name               string          `json:"name"`
	Category           string          `json:"category"` // initial, closing, manual, scheduled
	Draft              json.RawMessage `json:"draft" gorm:"type:jsonb"`
	DraftRevision      int64           `json:"draft_revision"` // grows with each saved draft; the ETag
	PublishedVersionID *FlowVersionID  `json:"published_version_id,omitempty"`
	ArchivedAt         *time.Time      `json:"archived_at,omitempty"`
	CreatedAt          time.Time       `json:"created_at"`
	UpdatedAt          time.Time       `json:"updated_at"`
}

// FlowVersion is an immutable published graph.
type FlowVersion struct {
	ID          FlowVersionID   `json:"id"`
	AccountID   AccountID       `json:"account_id"`
	FlowID      FlowID          `json:"flow_id"`
	Number      int             `json:"number"`
	Graph       json.RawMessage `json:"graph" gorm:"type:jsonb"`
	Note        string          `json:"note"`
	PublishedBy *UserID         `json:"published_by,omitempty"`
	CreatedAt   time.Time       `json:"created_at"`
}

// FlowRunStatus says whether a run goes on.
type FlowRunStatus string

// The statuses of a flow run: it waits for something named, waits for a call to the outside, or has ended with a reason.
const (
	FlowRunWaiting FlowRunStatus = "waiting"
	FlowRunCalling FlowRunStatus = "calling"
	FlowRunEnded   FlowRunStatus = "ended"
)

// FlowRun is one contact's way through one flow version.
type FlowRun struct {
	ID             FlowRunID       `json:"id"`
	AccountID      AccountID       `json:"account_id"`
	FlowID         FlowID          `json:"flow_id"`
	FlowVersionID  FlowVersionID   `json:"flow_version_id"`
	ConversationID ConversationID  `json:"conversation_id"`
	ContactID      ContactID       `json:"contact_id"`
	ConnectionID   ConnectionID    `json:"connection_id"`
	Trigger        json.RawMessage `json:"trigger" gorm:"type:jsonb"`
	Status         FlowRunStatus   `json:"status"`
	Step           int64           `json:"step"`
	State          json.RawMessage `json:"-" gorm:"type:json"`
	Result         json.RawMessage `json:"-" gorm:"type:json"` // what a step returned besides what the other columns hold
	Node           string          `json:"node"`
	WaitKind       string          `json:"wait_kind"`
	WaitSince      *time.Time      `json:"wait_since,omitempty"`
	WaitUntil      *time.Time      `json:"wait_until,omitempty"`
	Outcome        string          `json:"outcome"`
	EndReason      string          `json:"end_reason"`
	StartedAt      time.Time       `json:"started_at"`
	EndedAt        *time.Time      `json:"ended_at,omitempty"`
}

// The entities that may have custom fields.
const (
	FieldOfContact      = "contact"
	FieldOfConversation = "conversation"
	FieldOfTicket       = "ticket"
)

// OnClosing says whether closing a ticket asks for a field (rule 157).
type OnClosing string

// The answers to whether closing asks for a field.
const (
	OnClosingNo       OnClosing = "no"
	OnClosingOptional OnClosing = "optional"
	OnClosingRequired OnClosing = "required" // closing without a value is refused
)

// CustomField is a field that an account added (rules 201, 202).
type CustomField struct {
	ID        CustomFieldID `json:"id"`
	AccountID AccountID     `json:"account_id"`
	Entity    string        `json:"entity"`
	Key       string        `json:"key"`
	Name      string        `json:"name"`
	Kind      string        `json:"kind"`
	Options   []string      `json:"options" gorm:"serializer:json"` // what a list takes; empty: any text
	// Required refuses to clear the field.
	Required bool `json:"required"`
	// MaxLength is the longest text in characters; 0 means the longest there is for any field.
	MaxLength  int        `json:"max_length,omitempty"`
	OnClosing  OnClosing  `json:"on_closing"`
	Position   int        `json:"position"`
	ArchivedAt *time.Time `json:"archived_at,omitempty"`
	CreatedAt  time.Time  `json:"created_at"`
}

// PublishedFlow names a flow that could start.
type PublishedFlow struct {
	FlowID    FlowID
	VersionID FlowVersionID
	Number    int
	Name      string
}
