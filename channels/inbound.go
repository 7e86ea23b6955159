package channels

import (
	"encoding/json"
	"time"

	"github.com/perene/perene/models"
)

// Delivery is one webhook request, taken apart: its elements in the order in
// which the provider wrote them.
type Delivery struct {
	Elements []Element
	// NewestAt is the newest provider timestamp of all elements; zero if none
	// carries one. A delivery whose newest timestamp is older than the
	// provider's redelivery span is a replay.
	NewestAt time.Time
}

// ElementKind says which part of an Element is set.
type ElementKind string

// The kinds of elements.
const (
	ElementMessage        ElementKind = "message"         // Message: a person wrote
	ElementEcho           ElementKind = "echo"            // Message: we wrote, from the phone app
	ElementStatus         ElementKind = "status"          // Status
	ElementIdentityChange ElementKind = "identity_change" // IdentityChange
	ElementPreference     ElementKind = "preference"      // Preference
	ElementTemplate       ElementKind = "template"        // Template
	ElementNumber         ElementKind = "number"          // Number
	ElementAccount        ElementKind = "account"         // Account
	ElementError          ElementKind = "error"           // Error: not tied to a message
	ElementAppContact     ElementKind = "app_contact"     // AppContact: the phone app's address book
	ElementHistory        ElementKind = "history"         // History: progress or refusal of an import
	ElementCall           ElementKind = "call"            // Call
	ElementUnknown        ElementKind = "unknown"         // none: a field or status we do not know; Raw keeps it
	ElementUnparseable    ElementKind = "unparseable"     // Unparseable: goes to quarantine
)

// ElementKinds are all of them.
var ElementKinds = []ElementKind{ElementMessage, ElementEcho, ElementStatus, ElementIdentityChange, ElementPreference, ElementTemplate,
	ElementNumber, ElementAccount, ElementError, ElementAppContact, ElementHistory, ElementCall, ElementUnknown, ElementUnparseable}

// Element is one thing a webhook says.
type Element struct {
	Kind ElementKind `json:"kind"`
	// Field is the webhook field it came in: "messages", "account_update".
	Field string `json:"field,omitempty"`
	// ProviderRef and PortfolioRef are the provider's names for our side, as a
	// connection has them: its number, page or bot, and the business that owns
	// it. The intake checks that they belong to the connection by which the
	// element came. Either may be empty.
	ProviderRef  string `json:"provider_ref,omitempty"`
	PortfolioRef string `json:"portfolio_ref,omitempty"`
	// At is the provider's time, to the second; zero if the element has none.
	At time.Time `json:"at,omitzero"`
	// Imported marks history from before the connection existed: bots, windows
	// and service levels leave it alone.
	Imported bool `json:"imported,omitempty"`
	// Standby marks a message another handler of the number answers.
	Standby bool `json:"standby,omitempty"`
	// Raw is the element as it came. It is valid JSON that Postgres accepts as
	// jsonb, except for unparseable elements, where it is just bytes.
	Raw json.RawMessage `json:"-"`

	Message        *InboundMessage `json:"message,omitempty"`
	Status         *Status         `json:"status,omitempty"`
	IdentityChange *IdentityChange `json:"identity_change,omitempty"`
	Preference     *Preference     `json:"preference,omitempty"`
	Template       *TemplateEvent  `json:"template,omitempty"`
	Number         *NumberEvent    `json:"number,omitempty"`
	Account        *AccountEvent   `json:"account,omitempty"`
	Error          *ProviderError  `json:"error,omitempty"`
	AppContact     *AppContact     `json:"app_contact,omitempty"`
	History        *History        `json:"history,omitempty"`
	Call           *Call           `json:"call,omitempty"`
	Unparseable    *Unparseable    `json:"unparseable,omitempty"`
}

// Person is how the provider names somebody. Every field may be empty; the
// matching order is UserID, then Phone.
type Person struct {
	// Phone is digits without "+", as the provider writes them: Brazilian
	// numbers come with and without the ninth digit.
	Phone string `json:"phone,omitempty"`
	// UserID is opaque and scoped to the business. It changes
	// when the person changes the phone number.
	UserID       string `json:"user_id,omitempty"`
	ParentUserID string `json:"parent_user_id,omitempty"`
	Username     string `json:"username,omitempty"`
	Name         string `json:"name,omitempty"`
	// KeyHash is the hash of the person's identity key, if the check is on.
	KeyHash string `json:"key_hash,omitempty"`
	// GroupID names a group instead of a person.
	GroupID string `json:"group_id,omitempty"`
}

// IsZero reports whether nobody is named.
func (p Person) IsZero() bool { return p.Phone == "" && p.UserID == "" && p.GroupID == "" }

// InboundMessage is a message of a person, or an echo of one we wrote on the
// phone app.
type InboundMessage struct {
	ProviderID string `json:"provider_id"`
	// Person is the writer, or for an echo the receiver. In a group it is the writer only. It may be empty for an imported
	// message of ours that completes an earlier one with the same id.
	Person Person `json:"person"`
	// FromMe marks echoes and imported messages that we wrote.
	FromMe  bool           `json:"from_me,omitempty"`
	GroupID string         `json:"group_id,omitempty"`
	Content models.Content `json:"content"`
	// Reached is how far an imported message had come; empty when the provider does not say.
	Reached models.Reached `json:"reached,omitempty"`
}

// StatusState is what a status reports.
type StatusState string

// The states a status can report. Any order and any number of repeats occurs.
const (
	StatusSent      StatusState = "sent"
	StatusDelivered StatusState = "delivered"
	StatusRead      StatusState = "read"
	StatusPlayed    StatusState = "played"
	StatusFailed    StatusState = "failed"
)

// Status reports what became of a message we sent.
type Status struct {
	ProviderID string      `json:"provider_id"`
	State      StatusState `json:"state"`
	// AttemptID is the Outbound.AttemptID of the send, if the provider echoes
	// it. It finds the message when the send's answer was lost.
	AttemptID   string        `json:"attempt_id,omitempty"`
	Recipient   Person        `json:"recipient,omitzero"`
	GroupID     string        `json:"group_id,omitempty"`
	Participant Person        `json:"participant,omitzero"`
	Pricing     *Pricing      `json:"pricing,omitempty"`
	Window      *PricedWindow `json:"window,omitempty"`
	// Errors is why it failed; the first counts.
	Errors []ProviderError `json:"errors,omitempty"`
}

// Pricing is what the provider says a message costs, in its own words.
type Pricing struct {
	Billable bool   `json:"billable"`
	Model    string `json:"model,omitempty"`
	Type     string `json:"type,omitempty"`
	Category string `json:"category,omitempty"`
}

// PricedWindow is the provider's conversation, sent for free entry points.
type PricedWindow struct {
	ID        string    `json:"id,omitempty"`
	ExpiresAt time.Time `json:"expires_at,omitzero"`
	Origin    string    `json:"origin,omitempty"`
}

// ProviderError is an error a provider reports in a webhook. Details is made
// safe: no phone numbers, addresses or tokens.
type ProviderError struct {
	Code    int    `json:"code"`
	Title   string `json:"title,omitempty"`
	Details string `json:"details,omitempty"`
}

// Failure gives the error to a policy table.
func (e ProviderError) Failure() Failure { return Failure{Code: e.Code, Outcome: OutcomeRejected} }

// IdentityChange says that a person has a new phone number or user id. The
// identity named by Previous is to be re-keyed to Current.
type IdentityChange struct {
	// ProviderID is the id of the system message that said so.
	ProviderID string `json:"provider_id"`
	// Reason is "user_changed_number" or "user_changed_user_id".
	Reason   string `json:"reason"`
	Previous Person `json:"previous"`
	Current  Person `json:"current"`
}

// Preference is a person's wish about a kind of messages.
type Preference struct {
	Person Person `json:"person"`
	// Marketing says that it is about marketing. Wishes about anything else are kept and change nothing.
	Marketing bool `json:"marketing,omitempty"`
	// Stopped says that the person wants no more of them.
	Stopped bool `json:"stopped,omitempty"`
}

// Level says what news about our side asks of an admin.
type Level = models.NoticeLevel

// TemplateEvent is news about a template.
type TemplateEvent struct {
	// Change is status, category, category_warning, quality, components, or notice: news that changes no state.
	Change string `json:"change"`
	// Event is the provider's word for what happened, where it is not a state.
	Event      string `json:"event,omitempty"`
	Level      Level  `json:"level,omitempty"`
	TemplateID string `json:"template_id,omitempty"`
	Name       string `json:"name,omitempty"`
	Language   string `json:"language,omitempty"`
	// Value is the new status, category or quality; Previous the old one.
	Value    string `json:"value,omitempty"`
	Previous string `json:"previous,omitempty"`
	Category string `json:"category,omitempty"`
	// Reason, Title and Details are the provider's explanation.
	Reason  string `json:"reason,omitempty"`
	Title   string `json:"title,omitempty"`
	Details string `json:"details,omitempty"`
	// EffectiveAt is when an announced change comes.
	EffectiveAt time.Time `json:"effective_at,omitzero"`
	// Texts are the words that the template has now, by the type of their component: HEADER, BODY, FOOTER.
	Texts map[string]string `json:"texts,omitempty"`
}

// NumberEvent is news about our number or the limits of the business.
type NumberEvent struct {
	// Change is quality, limit, name, username or security.
	Change string `json:"change"`
	Level  Level  `json:"level,omitempty"`
	// DisplayPhone names the number where the provider gives no id.
	DisplayPhone string `json:"display_phone,omitempty"`
	Event        string `json:"event,omitempty"`
	// Limit is the messaging limit: "TIER_10K".
	Limit         string `json:"limit,omitempty"`
	PreviousLimit string `json:"previous_limit,omitempty"`
	MaxNumbers    int    `json:"max_numbers,omitempty"`
	// Name is the requested display name or username, Decision what became of it.
	Name     string `json:"name,omitempty"`
	Decision string `json:"decision,omitempty"`
	// Granted says that the number has the name from now on.
	Granted bool   `json:"granted,omitempty"`
	Reason  string `json:"reason,omitempty"`
}

// AccountEvent is news about the business account.
type AccountEvent struct {
	// Change is update, review or alert.
	Change string `json:"change"`
	Level  Level  `json:"level,omitempty"`
	// Hold is what must not be sent until the provider allows it again; empty for nothing.
	Hold models.HoldScope `json:"hold,omitempty"`
	// DisplayPhone names the number that it is about, where it is about one.
	DisplayPhone string `json:"display_phone,omitempty"`
	// Until is when it ends, if the provider says so.
	Until    time.Time `json:"until,omitzero"`
	Event    string    `json:"event,omitempty"`
	Severity string    `json:"severity,omitempty"`
	State    string    `json:"state,omitempty"`
	// ProviderRef is the provider's name for the number that it is about; empty for the whole account.
	ProviderRef string `json:"provider_ref,omitempty"`
	Reason      string `json:"reason,omitempty"`
	Details     string `json:"details,omitempty"`
}

// AppContact is an entry of the phone app's address book.
type AppContact struct {
	// Action is "add" or "remove".
	Action    string `json:"action"`
	Phone     string `json:"phone"`
	UserID    string `json:"user_id,omitempty"`
	FullName  string `json:"full_name,omitempty"`
	FirstName string `json:"first_name,omitempty"`
}

// History is how far an import has come. Its messages are elements of their own.
type History struct {
	Phase    int `json:"phase"`
	Chunk    int `json:"chunk"`
	Progress int `json:"progress"` // percent
	// Error is set when the owner refused to share the history.
	Error *ProviderError `json:"error,omitempty"`
}

// Call is a step of a call.
type Call struct {
	Person Person             `json:"person"`
	Call   models.ContentCall `json:"call"`
}

// Unparseable is an element nobody can read. Its bytes are in Element.Raw.
type Unparseable struct {
	// Code says what is wrong in one word, Reason in a sentence that does not repeat the content.
	Code   models.QuarantineCode `json:"code"`
	Reason string                `json:"reason"`
}
