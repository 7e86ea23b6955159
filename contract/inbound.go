package contract

import (
	"context"
	"encoding/json"
	"time"

	"github.com/google/uuid"

	"github.com/perene/perene/models"
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
	Code   models.QuarantineCode

	Message    *models.InboundMessage
	Status     *models.StatusUpdate
	Identity   *models.IdentityChange
	Preference *models.MarketingPreference
	Template   *models.TemplateChange
	Number     *models.NumberChange
	Named      *models.NamedPerson
}

// Wake says what has to be rung after COMMIT: doorbells for workflows, connections whose queue got something, and, for
// counters, what was stored.
type Wake struct {
	Doorbells   []Doorbell
	Connections []models.ConnectionID
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

// TracedStatus is a status of a message that is traced, for the span that tells of it.
type TracedStatus struct {
	Trace     []byte // the message's mark
	AttemptID uuid.UUID
	MessageID models.MessageID
	Status    string // sent, delivered, read, played, failed
	Code      int    // the provider's error code of a failed one; 0 when none
}

// StartQuestion is what is known when an idle conversation gets a message that may start a flow.
type StartQuestion struct {
	AccountID      models.AccountID
	Connection     *models.Connection
	Message        *models.InboundMessage
	Now            time.Time
	FirstContact   bool       // the first message of the contact on this connection
	LastInboundAt  *time.Time // of the message before
	LastFlowAt     *time.Time // when a flow last started by itself in this conversation (rule 027)
	PublishedFlows []models.PublishedFlow
}

// StartAnswer is the flow a message starts.
type StartAnswer struct {
	Flow    models.PublishedFlow
	Trigger json.RawMessage // how it started, for the engine: trigger id, node, keyword
}

// FlowChooser decides which published flow an inbound message starts; nil means none. It must be quick and pure: it runs
// under the conversation's lock.
type FlowChooser func(ctx context.Context, q StartQuestion) (*StartAnswer, error)

// DeliveryChooser makes the FlowChooser of one delivery before its transaction begins, so that what costs most of choosing,
// the regular expressions of keyword triggers, costs no lock.
type DeliveryChooser func(ctx context.Context, conn *models.Connection, d *InboundDelivery) FlowChooser
