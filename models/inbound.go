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
	// Reached is how far a message of ours from the history had come; empty when the provider does not say.
	Reached Reached
	Media   *InboundMedia
}

// Reached is how far a message of the history had come before it was imported.
type Reached string

// The ways of a message of the history, as far as they go.
const (
	ReachedPending   Reached = "pending" // it had not left the phone
	ReachedSent      Reached = "sent"
	ReachedDelivered Reached = "delivered"
	ReachedRead      Reached = "read"
	ReachedPlayed    Reached = "played"
	ReachedFailed    Reached = "failed"
)

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
	ErrorCode  int             `json:"error_code"` // of a failed status; NoProviderCode when none (0 is a code of Meta's)
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

// NamedPerson is somebody in the address book of the phone that has our number.
type NamedPerson struct {
	Person PersonHint
	Name   string
}

// TemplateChange is news about a template. Empty fields did not change.
type TemplateChange struct {
	ProviderTemplateID string
	Name, Language     string
	Status             string
	Category           string
	Quality            string
	Reason             string
	Texts              map[string]string // the words of its components that it has now, by the component's type
	Notice             *Notice           // what admins read of it; nil: nothing
}

// NumberChange is news about our number or the business account behind it.
type NumberChange struct {
	Data   json.RawMessage // facts that are merged into the connection's health; nil for none
	Notice *Notice         // what admins read of it
	// Number tells that it is about the number of the delivery, or about the one that Phone or Ref names. Else it is about the
	// business account, and concerns all its numbers.
	Number bool
	Phone  string    // the number as the provider shows it; empty where it names none
	Ref    string    // the provider's id of the number; empty where it names none
	Hold   HoldScope // what must not be sent until the provider allows it again; empty for nothing
}

// NoticeLevel says what news about our side asks of an admin.
type NoticeLevel string

// The levels of news.
const (
	NoticeGood    NoticeLevel = "good"    // something that was wrong is right again
	NoticeInfo    NoticeLevel = "info"    // to know
	NoticeWarning NoticeLevel = "warning" // to look at
	NoticeAlert   NoticeLevel = "alert"   // something does not work any more, or soon will not
)

// Notice is news about our side as admins read it: the latest of its subject. It holds the provider's words about our number,
// account and templates, and never a customer's.
type Notice struct {
	Subject string            `json:"-"` // what it is about: newer news of the same subject takes its place
	Kind    string            `json:"kind"`
	Level   NoticeLevel       `json:"level"`
	At      time.Time         `json:"at"`
	Words   map[string]string `json:"words,omitempty"` // the provider's, by what they say
	Count   int               `json:"count,omitempty"` // how often it came, about
}
