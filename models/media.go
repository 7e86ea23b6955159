package models

import (
	"encoding/json"
	"time"
)

// MediaState says whether a file is in our store.
type MediaState string

// The states of a file.
const (
	MediaPending MediaState = "pending" // to be fetched from the provider
	MediaStored  MediaState = "stored"
	MediaFailed  MediaState = "failed"  // gone at the provider, or all tries used
	MediaRefused MediaState = "refused" // over the size limit
)

// Media is a file of a message or of a flow.
type Media struct {
	ID              MediaID       `json:"id"`
	AccountID       AccountID     `json:"account_id"`
	ConnectionID    *ConnectionID `json:"connection_id,omitempty"`
	MessageID       *MessageID    `json:"message_id,omitempty"`
	ProviderMediaID *string       `json:"-"`
	State           MediaState    `json:"state"`
	Kind            string        `json:"kind"`
	MimeType        string        `json:"mime_type"`
	Filename        string        `json:"filename"`
	Size            *int64        `json:"size,omitempty"` // bytes
	SHA256          []byte        `json:"-" gorm:"column:sha256"`
	BlobKey         *string       `json:"-"`
	Error           *string       `json:"error,omitempty"`
	CreatedAt       time.Time     `json:"created_at"`
	StoredAt        *time.Time    `json:"stored_at,omitempty"`
	UploaderID      *UserID       `json:"-"` // nil: it came from a provider, or before uploaders were noted
}

// TableName tells GORM the table: media has no plural.
func (Media) TableName() string { return "media" }

// TemplateApproved is the status of a template that can be sent.
const TemplateApproved = "APPROVED"

// Template is a message approved by Meta, as last synced.
type Template struct {
	ID                 TemplateID      `json:"id"`
	AccountID          AccountID       `json:"account_id"`
	ConnectionID       ConnectionID    `json:"connection_id"`
	ProviderTemplateID string          `json:"provider_template_id"`
	Name               string          `json:"name"`
	Language           string          `json:"language"`
	Category           string          `json:"category"`
	Status             string          `json:"status"` // APPROVED, PAUSED, REJECTED … as Meta writes it
	ParameterFormat    string          `json:"parameter_format"`
	Components         json.RawMessage `json:"components" gorm:"type:jsonb"`
	Quality            string          `json:"quality"`
	RejectedReason     *string         `json:"rejected_reason,omitempty"`
	DeletedAt          *time.Time      `json:"deleted_at,omitempty"`
	SyncedAt           time.Time       `json:"synced_at"`
}

// Key is what a provider tells a connection's templates apart by.
func (t *Template) Key() string { return t.Name + "\n" + t.Language }
