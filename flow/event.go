package flow

import "time"

// EventKind names what can happen to a run.
type EventKind string

// What can happen to a run.
const (
	// EventStart begins a run; the state given must be the zero State.
	EventStart EventKind = "start"
	// EventInbound brings one message of the contact.
	EventInbound EventKind = "inbound"
	// EventTimer says that an instant the run waited for has come. Early and outdated timers are ignored.
	EventTimer EventKind = "timer"
	// EventCallResult brings the result of an outside call.
	EventCallResult EventKind = "call_result"
	// EventSendResult brings what became of a message the run sent.
	EventSendResult EventKind = "send_result"
	// EventTicketClosed says that people are no longer in charge: the ticket that the run opened has closed, or the one by
	// which people took over from it. The run goes on where it stands. Its deadlines move by the time that Held says (Z34).
	EventTicketClosed EventKind = "ticket_closed"
	// EventTicketOpened brings the number and the place of the ticket that the step before asked for. The caller gives it in the
	// transaction that opens the ticket.
	EventTicketOpened EventKind = "ticket_opened"
	// EventMoveTo moves the run to a node of its root flow, wherever it is.
	EventMoveTo EventKind = "move_to"
	// EventSetVariable sets a variable of the innermost flow.
	EventSetVariable EventKind = "set_variable"
	// EventStop ends the run from outside.
	EventStop EventKind = "stop"
)

// Event is one thing that happened, with the facts as they are at that moment. Exactly the part that belongs to Kind
// is set. Where several events are due, the caller gives inbound messages first, in order of their sequence.
type Event struct {
	Kind EventKind `json:"kind"`
	// Now is the instant of the step. The engine knows no other clock.
	Now time.Time `json:"now"`
	// Seed makes random choices of this step unguessable; the caller records it. Empty is allowed and stays deterministic.
	Seed string `json:"seed,omitempty"`
	// Meter counts the work of this step and lets the caller stop it; nil does neither.
	Meter *Meter `json:"-"`
	// Contact and Conversation are snapshots read under the conversation's lock.
	Contact      Contact      `json:"contact"`
	Conversation Conversation `json:"conversation"`

	Start   *Start       `json:"start,omitempty"`
	Inbound *Inbound     `json:"inbound,omitempty"`
	Call    *CallResult  `json:"call,omitempty"`
	Send    *SendResult  `json:"send,omitempty"`
	MoveTo  *MoveTo      `json:"move_to,omitempty"`
	Set     *SetVariable `json:"set,omitempty"`
	Stop    *Stop        `json:"stop,omitempty"`
	Held    *Held        `json:"held,omitempty"`
	// Opened is the ticket of EventTicketOpened.
	Opened *TicketOpened `json:"opened,omitempty"`
}

// Held is for how long people were in charge of a run's conversation.
type Held struct {
	Since time.Time `json:"since"`
	Until time.Time `json:"until"`
}

// Contact is a person as the texts and conditions of a flow see them.
type Contact struct {
	ID        string `json:"id,omitempty"`
	Name      string `json:"name,omitempty"`
	FirstName string `json:"first_name,omitempty"`
	// Phone is E.164 with "+", and may be empty: a person can be known by another identity alone.
	Phone      string `json:"phone,omitempty"`
	Email      string `json:"email,omitempty"`
	BirthDate  string `json:"birth_date,omitempty"` // YYYY-MM-DD
	CPF        string `json:"cpf,omitempty"`        // digits
	RG         string `json:"rg,omitempty"`
	ClientCode string `json:"client_code,omitempty"`
	// Language is a BCP 47 tag; empty means the account's.
	Language string `json:"language,omitempty"`
	// Fields are the custom fields by key (rule 202), as JSON values; an image field holds its media id.
	Fields map[string]any `json:"fields,omitempty"`
	// Labels are the names of the labels the contact has.
	Labels []string `json:"labels,omitempty"`
	// DefaultAgent is the id of the contact's default agent (rule 142).
	DefaultAgent string `json:"default_agent,omitempty"`
}

// SystemFields are the contact's own fields that a flow may set (rule 185); any other name is a custom field.
var SystemFields = []string{"name", "email", "phone", "birth_date", "cpf", "rg", "client_code", "language"}

// Set changes a system field. It returns false where the name is none, and then changes nothing.
func (c *Contact) Set(field, text string) bool {
	switch field {
	case "name":
		c.Name, c.FirstName = text, firstWord(text)
	case "email":
		c.Email = text
	case "phone":
		c.Phone = text
	case "birth_date":
		c.BirthDate = text
	case "cpf":
		c.CPF = text
	case "rg":
		c.RG = text
	case "client_code":
		c.ClientCode = text
	case "language":
		c.Language = text
	default:
		return false
	}
	return true
}

// SetCustom changes a custom field in the contact's own map; a nil value clears it.
func (c *Contact) SetCustom(key string, v any) {
	if c.Fields == nil {
		c.Fields = map[string]any{}
	}
	if v == nil {
		delete(c.Fields, key)
		return
	}
	c.Fields[key] = v
}

// Conversation is one contact on one connection.
type Conversation struct {
	ID             string `json:"id,omitempty"`
	Number         string `json:"number,omitempty"`
	ConnectionID   string `json:"connection_id,omitempty"`
	ConnectionName string `json:"connection_name,omitempty"`
	Provider       string `json:"provider,omitempty"`
	// WindowUntil is until when free-form sending is allowed, the safety margin already taken off; nil means never
	// opened. It matters only where Capabilities.Window is set.
	WindowUntil *time.Time `json:"window_until,omitempty"`
	// Protocol is the number of the latest ticket, Queue and Agent who had it (the sixth opening mode of rule 175).
	Protocol  string `json:"protocol,omitempty"`
	Queue     string `json:"queue,omitempty"`
	LastAgent string `json:"last_agent,omitempty"`
	Priority  string `json:"priority,omitempty"`
	// TicketOpen says that people are in charge already.
	TicketOpen bool `json:"ticket_open,omitempty"`
}

// Start begins a run.
type Start struct {
	// Run is the id of the run; effect keys begin with it.
	Run string `json:"run"`
	// By says what started the run.
	By Started `json:"by"`
	// Inputs are the first values of variables, from the API or the flow that transferred the contact.
	Inputs map[string]any `json:"inputs,omitempty"`
	// Files are the ids of the files that the contact sent to the run that transferred the contact.
	Files []string `json:"files,omitempty"`
	// Node is where to begin; empty means the trigger's node or the flow's start.
	Node string `json:"node,omitempty"`
	// Inbound is the message that triggered the run. It counts as read; Inbox may hold it for the first wait, see
	// Settings.FirstMessage.
	Inbound *Inbound `json:"inbound,omitempty"`
}

// Started says what started a run. The state keeps it; texts and conditions see it as "trigger".
type Started struct {
	// Kind is the trigger's kind, or StartFlow.
	Kind StartKind `json:"kind,omitempty"`
	// Trigger is the id of the trigger in the graph.
	Trigger string `json:"trigger,omitempty"`
	Keyword string `json:"keyword,omitempty"`
	Payload string `json:"payload,omitempty"`
	// Text is the message that started the run.
	Text string `json:"text,omitempty"`
	// By is the id of the user who started the run by hand.
	By       string    `json:"by,omitempty"`
	Referral *Referral `json:"referral,omitempty"`
	// Form are the answers of the form that the message brought, by their names.
	Form map[string]any `json:"form,omitempty"`
	// Product is the catalogue's item that the message asks about.
	Product *Product `json:"product,omitempty"`
}

// Product is an item of a catalogue.
type Product struct {
	CatalogID string `json:"catalog_id,omitempty"`
	ID        string `json:"id"`
}

// Referral is the advertisement or post that brought the contact.
type Referral struct {
	SourceType string `json:"source_type,omitempty"`
	SourceID   string `json:"source_id,omitempty"`
	SourceURL  string `json:"source_url,omitempty"`
	Headline   string `json:"headline,omitempty"`
	Body       string `json:"body,omitempty"`
	ClickID    string `json:"click_id,omitempty"`
}

// InboundKind names what a contact can send.
type InboundKind string

// What a contact can send. Reactions, calls and story mentions are no answers and never reach a run (Z17).
const (
	InboundText        InboundKind = "text"
	InboundTap         InboundKind = "tap" // a reply button, a list row or a template's quick reply
	InboundImage       InboundKind = "image"
	InboundVideo       InboundKind = "video"
	InboundAudio       InboundKind = "audio"
	InboundDocument    InboundKind = "document"
	InboundSticker     InboundKind = "sticker"
	InboundLocation    InboundKind = "location"
	InboundContacts    InboundKind = "contacts"
	InboundUnsupported InboundKind = "unsupported"
)

// Inbound is one message of the contact.
type Inbound struct {
	// Seq is the message's place in the conversation: strictly growing, unique.
	Seq int64 `json:"seq"`
	// ID is the message's id.
	ID   string      `json:"id,omitempty"`
	Kind InboundKind `json:"kind"`
	// At is when the message was received. A reply received before a deadline beats it, however late it is handled.
	At time.Time `json:"at"`
	// Text is the body, the caption or the title of what was tapped.
	Text string `json:"text,omitempty"`
	// Payload is the id of the button or row that was tapped.
	Payload  string        `json:"payload,omitempty"`
	Media    *Media        `json:"media,omitempty"`
	Location *Location     `json:"location,omitempty"`
	Contacts []ContactCard `json:"contacts,omitempty"`
	Referral *Referral     `json:"referral,omitempty"`
	// Form are the answers of a form, by their names. Text has them in words.
	Form map[string]any `json:"form,omitempty"`
	// Product is the catalogue's item that the message asks about.
	Product *Product `json:"product,omitempty"`
	// More are the files of an album before Media.
	More []Media `json:"more,omitempty"`
	// Meant is set on a message in the inbox that may answer the next question although it came before it.
	Meant bool `json:"meant,omitempty"`
}

// files are all files of a message.
func (m *Inbound) files() []*Media {
	var out []*Media
	for i := range m.More {
		out = append(out, &m.More[i])
	}
	if m.Media != nil {
		out = append(out, m.Media)
	}
	return out
}

// CallResult is what became of an outside call.
type CallResult struct {
	// ID is the id of the call effect.
	ID string `json:"id"`
	// Status is the HTTP status of the last answer; 0 when there was none.
	Status int `json:"status,omitempty"`
	// Headers are the answer's headers, names in lower case.
	Headers map[string]string `json:"headers,omitempty"`
	// Body is the answer's body, at most Limits.CallBody bytes.
	Body string `json:"body,omitempty"`
	// Error is empty when an answer came: "timeout", "refused" (never sent), "blocked" (address not allowed),
	// "too_large", "secret_missing", "secret_elsewhere" (its host is not one of the secret's) or "failed".
	Error string `json:"error,omitempty"`
	// Attempts is how often the call was tried.
	Attempts int `json:"attempts,omitempty"`
}

// SendOutcome says what became of a message.
type SendOutcome string

// What can become of a message.
const (
	SendAccepted         SendOutcome = "accepted"
	SendWindowClosed     SendOutcome = "window_closed"
	SendTemplateMissing  SendOutcome = "template_missing"
	SendTemplatePaused   SendOutcome = "template_paused"
	SendTemplateRejected SendOutcome = "template_rejected"
	SendFailed           SendOutcome = "failed"
)

// SendResult is what became of a message that the run sent.
type SendResult struct {
	// Key is the key of the send effect.
	Key     string      `json:"key"`
	Outcome SendOutcome `json:"outcome"`
	// Code is the provider's error code, empty on success.
	Code string `json:"code,omitempty"`
}

// MoveTo moves a run to a node of its root flow; sub-flows it was in are left.
type MoveTo struct {
	Node string `json:"node"`
}

// SetVariable sets one variable.
type SetVariable struct {
	Name  string `json:"name"`
	Value any    `json:"value"`
}

// Stop ends a run.
type Stop struct {
	Reason Reason `json:"reason,omitempty"`
}
