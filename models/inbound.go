package models

import (
	"encoding/json"
	"time"
)

// InboundMessage is a message of a contact, or an echo of one the business typed on its phone.
type InboundMessage struct {
	ProviderID string
	Person     PersonHint // whom we talk with; of a group's message the group
	// Sender is who wrote a group's message; nil in a conversation with one person.
	Sender  *PersonHint
	Content Content
	At      time.Time // the provider's time, in seconds
	FromMe  bool      // the business wrote it, on its phone or by another application
	Arrival Arrival   // as the provider says; whether it is late or refused is decided under the conversation's lock
	ReplyTo string    // the provider's id of the quoted message
	Media   *InboundMedia
}

// InboundMedia is a file the provider keeps for us to fetch.
type InboundMedia struct {
	ProviderMediaID string // empty where the file is found by the link in the message's content alone
	Kind            string
	MimeType        string
	Filename        string
	Size            int64 // bytes; 0 when unknown
}

// StatusUpdate is what a provider says about a message we sent.
type StatusUpdate struct {
	ProviderID string          `json:"provider_id"` // the provider's message id
	AttemptID  string          `json:"attempt_id"`  // what we sent as callback data: "<message id>.<attempt uuid>"; empty when not echoed
	Status     string          `json:"status"`      // sent, delivered, read, played, failed
	At         time.Time       `json:"at"`
	ErrorCode  int             `json:"error_code"` // of a failed status; 0 when none
	ErrorText  string          `json:"error_text"`
	Pricing    json.RawMessage `json:"pricing"` // as Meta wrote it; nil when absent
}

// IdentityChange says that a person's phone number or user id is another one now.
type IdentityChange struct {
	ProviderID string
	Previous   PersonHint
	Current    PersonHint
	At         time.Time
}

// MarketingPreference says that a person stopped or resumed marketing messages (131050).
type MarketingPreference struct {
	Person  PersonHint
	Stopped bool
	At      time.Time
}

// TemplateChange is news about a template. Empty fields did not change.
type TemplateChange struct {
	ProviderTemplateID string
	Name, Language     string
	Status             string
	Category           string
	Quality            string
	Reason             string
}

// NumberChange is news about our number; Data is merged into the connection's health.
type NumberChange struct {
	Data json.RawMessage
}
