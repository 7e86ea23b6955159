package models

import (
	"context"
	"encoding/json"
	"time"
)

// InboundDelivery is one webhook request of one connection, taken apart: its elements in the provider's order.
type InboundDelivery struct {
	Elements []InboundElement
	// Replay is set when it comes out of quarantine: what cannot be stored is an error and not quarantined again.
	Replay bool
}

// InboundElement is one thing a delivery says. Exactly one part is set; an element with none and a Reason goes to
// quarantine.
type InboundElement struct {
	// Kind names the element for people: message, echo, status, identity_change …
	Kind string
	// Raw is the element as it came. Kept for unsupported messages and for quarantine.
	Raw []byte
	// At is the provider's time; zero where it gave none. Of two pieces of news about one thing the newer counts.
	At time.Time
	// Reason says why nobody can take it in, with Code in one word; it holds no words of customers.
	Reason string
	Code   QuarantineCode

	Message    *InboundMessage
	Status     *StatusUpdate
	Identity   *IdentityChange
	Preference *MarketingPreference
	Template   *TemplateChange
	Number     *NumberChange
}

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
	ProviderMediaID string
	Kind            string
	MimeType        string
	Filename        string
	Size            int64 // bytes; 0 when unknown
}

// StatusUpdate is what a provider says about a message we sent.
type StatusUpdate struct {
	ProviderID string // the provider's message id
	AttemptID  string // what we sent as callback data: "<message id>.<attempt uuid>"; empty when not echoed
	Status     string // sent, delivered, read, played, failed
	At         time.Time
	ErrorCode  int // of a failed status; 0 when none
	ErrorText  string
	Pricing    json.RawMessage // as Meta wrote it; nil when absent
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

// Wake says what has to be rung after COMMIT: doorbells for workflows, connections whose queue got something, and, for
// counters, what was stored.
type Wake struct {
	Doorbells   []Doorbell
	Connections []ConnectionID
	Receipts    []ReadReceipt // signs to the person, as far as the connection gives them; best effort
	Stored      int           // new messages
	Repeated    int           // messages that were there already
	Quarantined int
	Statuses    []TracedStatus // of messages that are traced; empty while nothing is
}

// Add takes over what another part of the same change wakes.
func (w *Wake) Add(o Wake) {
	w.Doorbells = append(w.Doorbells, o.Doorbells...)
	w.Connections = append(w.Connections, o.Connections...)
	w.Receipts = append(w.Receipts, o.Receipts...)
	w.Statuses = append(w.Statuses, o.Statuses...)
	w.Stored += o.Stored
	w.Repeated += o.Repeated
	w.Quarantined += o.Quarantined
}

// StartQuestion is what is known when an idle conversation gets a message that may start a flow.
type StartQuestion struct {
	AccountID      AccountID
	Connection     *Connection
	Message        *InboundMessage
	Now            time.Time
	FirstContact   bool       // the first message of the contact on this connection
	LastInboundAt  *time.Time // of the message before
	LastFlowAt     *time.Time // when a flow last started by itself in this conversation (rule 027)
	PublishedFlows []PublishedFlow
}

// PublishedFlow names a flow that could start.
type PublishedFlow struct {
	FlowID    FlowID
	VersionID FlowVersionID
	Number    int
	Name      string
}

// StartAnswer is the flow a message starts.
type StartAnswer struct {
	Flow    PublishedFlow
	Trigger json.RawMessage // how it started, for the engine: trigger id, node, keyword
}

// FlowChooser decides which published flow an inbound message starts; nil means none. It must be quick and pure: it runs
// under the conversation's lock.
type FlowChooser func(ctx context.Context, q StartQuestion) (*StartAnswer, error)

// DeliveryChooser makes the FlowChooser of one delivery before its transaction begins, so that what costs most of choosing,
// the regular expressions of keyword triggers, costs no lock.
type DeliveryChooser func(ctx context.Context, conn *Connection, d *InboundDelivery) FlowChooser
