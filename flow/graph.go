package flow

import "encoding/json"

// SpecVersion is the version of the document that this package writes. Older documents are upgraded when they are read.
const SpecVersion = 1

// Category says where a flow is offered (rule 179).
type Category string

// The categories of flows.
const (
	CategoryInitial   Category = "initial"
	CategoryClosing   Category = "closing"
	CategoryManual    Category = "manual"
	CategoryScheduled Category = "scheduled"
)

// Document is a flow as it is stored, exported and drawn.
type Document struct {
	SpecVersion int    `json:"spec_version" doc:"Version of this specification"`
	ID          string `json:"id,omitempty" doc:"Id of the flow; set when it is stored"`
	// Version is the id of the published version; empty in a draft.
	Version  string   `json:"version,omitempty" doc:"Id of the published version; empty in a draft"`
	Name     string   `json:"name" doc:"Name of the flow"`
	Category Category `json:"category" enum:"initial,closing,manual,scheduled" doc:"Where the flow is offered"`
	// Language is the language the texts are written in, a BCP 47 tag; the default is pt-BR.
	Language  string         `json:"language,omitempty" default:"pt-BR" doc:"Language of the texts, a BCP 47 tag"`
	Settings  FlowSettings   `json:"settings,omitzero" doc:"Settings of the whole flow"`
	Triggers  []TriggerSpec  `json:"triggers,omitempty" doc:"Ways in"`
	Variables []VariableSpec `json:"variables,omitempty" doc:"Variables of the flow"`
	// Start is the node a run begins with unless its trigger names another.
	Start string     `json:"start" doc:"Node a run begins with"`
	Nodes []NodeSpec `json:"nodes" doc:"The nodes"`
	// Locales translate texts: language → node id → JSON pointer inside the node's settings → text.
	Locales map[string]map[string]map[string]string `json:"locales,omitempty" doc:"Translations: language, node id, pointer into its settings, text"`
	// UI is layout; the engine keeps it and ignores it.
	UI json.RawMessage `json:"ui,omitempty" doc:"Layout; the engine ignores it"`
}

// NodeSpec is one node of a document.
type NodeSpec struct {
	// ID is stable for the life of the node: letters, digits, "_" and "-", at most 64.
	ID   string `json:"id" required:"true" doc:"Stable for the life of the node"`
	Kind string `json:"kind" required:"true" doc:"One of the kinds of nodes"`
	Name string `json:"name,omitempty" doc:"What people call it"`
	// Settings are the kind's own, see the kind's settings struct.
	Settings json.RawMessage `json:"settings,omitempty" doc:"The kind's own settings"`
	// Outputs are the edges: output name → node id.
	Outputs map[string]string `json:"outputs,omitempty" doc:"Output → id of the node it leads to"`
}

// TriggerSpec is one way in. A flow may have several.
type TriggerSpec struct {
	ID       string          `json:"id" required:"true" doc:"Its id"`
	Kind     string          `json:"kind" required:"true" doc:"One of the kinds below"`
	Settings json.RawMessage `json:"settings,omitempty" doc:"The kind's own settings"`
	// Node is where this trigger leads; empty means Document.Start.
	Node string `json:"node,omitempty" doc:"Where it leads; the flow's start by default"`
}

// VariableType is the type of a flow variable.
type VariableType string

// The types of variables. A date is text YYYY-MM-DD, a time of day HH:MM, an instant RFC 3339.
const (
	TypeText    VariableType = "text"
	TypeNumber  VariableType = "number"
	TypeBoolean VariableType = "boolean"
	TypeDate    VariableType = "date"
	TypeTime    VariableType = "time"
	TypeInstant VariableType = "instant"
	TypeList    VariableType = "list"
	TypeObject  VariableType = "object"
	TypeMedia   VariableType = "media"
	TypeAny     VariableType = "any"
)

// VariableSpec declares a variable of the flow.
type VariableSpec struct {
	Name string       `json:"name" required:"true" doc:"Its name"`
	Type VariableType `json:"type" enum:"text,number,boolean,date,time,instant,list,object,media,any" default:"any" doc:"Its type"`
	// Default is the value at the start of a run.
	Default any `json:"default,omitempty" doc:"Value at the start of a run"`
	// Input is set on what a caller may hand in (API, manual start, parent flow), Output on what a sub-flow hands back.
	Input  bool `json:"input,omitempty" doc:"May be handed in (API, manual start, parent flow)"`
	Output bool `json:"output,omitempty" doc:"Handed back by a sub-flow"`
	// Required refuses a start without the input.
	Required bool   `json:"required,omitempty" doc:"A start without this input is refused"`
	Label    string `json:"label,omitempty" doc:"What people call it"`
}

// FlowSettings are the settings of a whole flow.
type FlowSettings struct {
	// Defaults are the edges of outputs that have none of their own: output name → node id; "*" stands for every output.
	Defaults map[string]string `json:"defaults,omitempty" doc:"Edges of outputs that have none: output, node id; * is every output"`
	// Inbound says what a message does that comes while the run waits for something else: "keep" (the default) keeps
	// it for the next wait for a reply, "interrupt" goes to InterruptTo at once, with the message still to be read there.
	Inbound     string `json:"inbound,omitempty" enum:"keep,interrupt" default:"keep" doc:"What a message does that comes while the run waits for something else"`
	InterruptTo string `json:"interrupt_to,omitempty" doc:"Where an interrupting message leads"`
	// FirstMessage says whether the message that started the run is only the trigger ("trigger", the default) or is
	// also the answer to the first wait ("answer").
	FirstMessage string `json:"first_message,omitempty" enum:"trigger,answer" default:"trigger" doc:"Whether the message that started the run is the first answer too"`
	// Commands are words that lead to a node at any wait for a reply ("menu", "atendente", "sair").
	Commands []Command `json:"commands,omitempty" doc:"Words that lead to a node while the run waits for a reply or a time"`
	// ExpireAfter ends a run that has lived so long; none by default.
	ExpireAfter Duration `json:"expire_after,omitempty" doc:"Ends a run that has lived so long"`
	// StuckFor is how long a run that cannot go on waits for an operator before it ends; 24 hours by default.
	StuckFor Duration `json:"stuck_for,omitempty" doc:"How long a run that cannot go on waits for an operator; 24h by default"`
	// ReplyTimeout is the time-out of waits for a reply that set none; 24 hours by default.
	ReplyTimeout Duration `json:"reply_timeout,omitempty" doc:"Time-out of waits for a reply that set none; 24h by default"`
	// QuietHours are the hours in which no reminder is said: it waits for their end.
	QuietHours string `json:"quiet_hours,omitempty" doc:"Hours in which reminders wait, such as 22:00-08:00, by the account's clock"`
	// Typing shows "typing" before each message; Pace is the pause between messages of one visit.
	Typing bool     `json:"typing,omitempty" doc:"Show 'typing' before each message"`
	Pace   Duration `json:"pace,omitempty" doc:"Pause between messages of one visit"`
	// MarkRead marks messages of the contact as read when the run takes them.
	MarkRead bool `json:"mark_read,omitempty" doc:"Mark the contact's messages as read when the run takes them"`
}

// Command leads from any wait for a reply to a node when the contact writes one of its words, accents and case folded.
type Command struct {
	Words []string `json:"words" doc:"The words, accents and case folded"`
	Node  string   `json:"node" doc:"Where they lead"`
}
