package flow

import "time"

// Env is what a step may look up besides the event: pure data and pure look-ups, read by the caller before the step.
// The zero value works: no sub-flows, no templates, a channel that only takes text, times in UTC.
type Env struct {
	Account Account
	// Channel is what the conversation's connection can do.
	Channel Capabilities
	// Flow finds a published flow by id. An empty version means the one that is published now; otherwise exactly that
	// version, which is what a run that is inside it needs.
	Flow func(id, version string) (*Graph, bool)
	// Template finds a template of the connection by name and language.
	Template func(name, language string) (Template, bool)
	// Misfits list what a provider would refuse of a template's values, by the template's whole definition. Nil means that the
	// definitions are not known.
	Misfits func(t *TemplateSend) []Misfit
	// Hours finds opening hours: of a queue, a connection, or the account (owner "account", id empty). Where a queue
	// has none the engine asks for the connection's, then for the account's, then it is always open (Z6).
	Hours func(owner HoursOwner, id string) (*Calendar, bool)
	// Queues are the account's queues; menus made of them follow their order (rules 030, 181).
	Queues []Queue
	// Connections are the account's connections, so that a flow may name one; those not known are taken by their ids alone.
	Connections []Connection
	// Agent tells whether a user id is of somebody of the account who works. Nil means that this is not known: then every
	// agent is taken.
	Agent func(id string) bool
	// Fields are the account's custom fields of contacts. A value that none of them takes is refused, and agents see why.
	// Nil means that the fields are not known: then every key and every value is taken.
	Fields []Field
	Limits Limits
}

// Account is what a flow sees of the tenant.
type Account struct {
	Name string `json:"name,omitempty"`
	// Zone is the account's time zone; nil means UTC. It is handed in because reading it is input.
	Zone *time.Location `json:"-"`
	// Locale is the language of built-in texts and formats: "pt-BR" (the default) or "en".
	Locale string `json:"locale,omitempty"`
	// MenuStyle is the account's [Tipo Chatbot] of rule 045: menus that do not choose follow it.
	MenuStyle MenuStyle `json:"menu_style,omitempty"`
}

// MenuStyle says how a menu is shown and answered (rule 045).
type MenuStyle string

// The styles of menus. The zero value follows the account, then "list".
const (
	// MenuText shows numbered text; the contact types the number.
	MenuText MenuStyle = "text"
	// MenuList shows buttons, or a list where there are too many; the contact taps.
	MenuList MenuStyle = "list"
)

// Connection is a connection that a flow may name.
type Connection struct {
	ID   string `json:"id"`
	Name string `json:"name"`
}

// Queue is a queue as a menu shows it (rules 030, 181).
type Queue struct {
	ID   string `json:"id"`
	Name string `json:"name"`
	// BotOrder is [Ordenação do BOT]: the place in menus; 0 leaves the queue out.
	BotOrder int `json:"bot_order"`
	// Archived queues are the linter's alone: no run knows them.
	Archived bool `json:"archived,omitempty"`
}

// TemplateStatus is the state of a template in one word.
type TemplateStatus string

// What a template can be. Anything else, an unknown template included, counts as missing.
const (
	TemplateApproved TemplateStatus = "approved"
	TemplatePaused   TemplateStatus = "paused"
	TemplateRejected TemplateStatus = "rejected"
	TemplatePending  TemplateStatus = "pending"
	TemplateMissing  TemplateStatus = "missing"
)

// Template is what a flow needs to know of a template.
type Template struct {
	Name     string         `json:"name"`
	Language string         `json:"language"`
	Status   TemplateStatus `json:"status"`
	Category string         `json:"category,omitempty"`
	// Named says that the parameters have names; otherwise they are numbered from 1.
	Named bool `json:"named,omitempty"`
	// Body are the names of the body's parameters in order ("1", "2" … in a positional template).
	Body []string `json:"body,omitempty"`
	// Header is the kind of the header: "", "text", "image", "video", "document" or "location"; HeaderParam says that a
	// text header has a parameter.
	Header      string `json:"header,omitempty"`
	HeaderParam bool   `json:"header_param,omitempty"`
	// Buttons are the template's buttons in order.
	Buttons []TemplateButton `json:"buttons,omitempty"`
	// Beyond are its parts that no flow can fill, such as "carousel": a message with it would be refused.
	Beyond []string `json:"beyond,omitempty"`
	// Text is the body as approved, for lines that people read.
	Text string `json:"text,omitempty"`
}

// Misfit is a value of a template that its provider would refuse.
type Misfit struct {
	// Field is where the value stands, such as "template.body[0].text". Why is a sentence in English.
	Field, Why string
}

// TemplateButton is one button of a template.
type TemplateButton struct {
	// Kind is "quick_reply", "url", "phone" or "copy_code".
	Kind  string `json:"kind"`
	Title string `json:"title"`
	// Dynamic says that the button takes a parameter.
	Dynamic bool `json:"dynamic,omitempty"`
}

// Limits bound a run, so that no graph can loop for ever or grow without end. Zero values take the defaults.
type Limits struct {
	// StepVisits is the number of nodes entered in one step; 200.
	StepVisits int
	// Visits is the number of nodes entered in a run; 20,000.
	Visits int64
	// Sends is the number of messages of a run; 2,000.
	Sends int64
	// StepSends is the number of messages of one step; 50.
	StepSends int
	// StepWork is what one step may do, see [Meter]: each variable read, condition, turn of a loop and filter counts for
	// one, and each KiB they work on or write for one more; a regular expression counts for its size times the text's;
	// 20,000.
	StepWork int
	// Inbox is the number of messages kept for the next wait; 200.
	Inbox int
	// Stack is the depth of sub-flows; 10.
	Stack int
	// Trail is the number of visits kept in the state; 10.
	Trail int
	// Text is the longest rendered text in bytes; 16 KiB.
	Text int
	// Value is the largest single variable as JSON, in bytes; 64 KiB. Vars is the same for all of a frame; 256 KiB.
	Value int
	Vars  int
	// CallBody is the longest answer of an outside call, in bytes; 256 KiB. The caller cuts.
	CallBody int
}

// DefaultLimits are the limits of an Env that sets none.
var DefaultLimits = Limits{
	StepVisits: 200, Visits: 20_000, Sends: 2_000, StepSends: 50, StepWork: 20_000, Inbox: 200, Stack: 10, Trail: 10,
	Text: 16 << 10, Value: 64 << 10, Vars: 256 << 10, CallBody: 256 << 10,
}

// Filled returns the limits with defaults where a value is zero.
func (l Limits) Filled() Limits {
	d := DefaultLimits
	pick(&l.StepVisits, d.StepVisits)
	pick(&l.Visits, d.Visits)
	pick(&l.Sends, d.Sends)
	pick(&l.StepSends, d.StepSends)
	pick(&l.StepWork, d.StepWork)
	pick(&l.Inbox, d.Inbox)
	pick(&l.Stack, d.Stack)
	pick(&l.Trail, d.Trail)
	pick(&l.Text, d.Text)
	pick(&l.Value, d.Value)
	pick(&l.Vars, d.Vars)
	pick(&l.CallBody, d.CallBody)
	return l
}

func pick[T int | int64](v *T, d T) {
	if *v == 0 {
		*v = d
	}
}
