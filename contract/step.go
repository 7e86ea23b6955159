package contract

import (
	"encoding/json"
	"time"

	"github.com/perene/perene/models"
)

// StepResult is what a step tells the FlowRun workflow: ids, instants and codes only. It is stored with the run, so that
// the same step asked for twice gives the same answer.
type StepResult struct {
	Step      int64     `json:"step"`
	Node      string    `json:"node,omitempty"`
	NodeName  string    `json:"node_name,omitempty"` // as the designer named it; the flow's text, not the customer's
	Wait      string    `json:"wait,omitempty"`      // reply, timer, call, delivery, ticket, operator
	Since     time.Time `json:"since,omitzero"`
	Until     time.Time `json:"until,omitzero"`   // zero means: no end by itself
	Call      string    `json:"call,omitempty"`   // the call to make when Wait is call
	Calls     []string  `json:"calls,omitempty"`  // calls to make besides, without waiting for them
	Reason    string    `json:"reason,omitempty"` // why it waits for an operator, or why it ended
	Outcome   string    `json:"outcome,omitempty"`
	Ended     bool      `json:"ended,omitempty"`
	More      bool      `json:"more,omitempty"` // there is more to take up at once
	Path      []string  `json:"path,omitempty"` // what this step did: "menu → vendas"
	TookSeq   int64     `json:"took_seq,omitempty"`
	Sent      int       `json:"sent,omitempty"`
	Transfer  bool      `json:"transfer,omitempty"`
	NextRunID int64     `json:"next_run_id,omitempty"`
}

// StepSnapshot is what a step reads under the conversation's lock.
type StepSnapshot struct {
	Run          models.FlowRun
	Conversation models.Conversation
	Contact      models.Contact
	Labels       []string
	LastTicket   *models.Ticket
	Connection   string // its name
	Inbound      []models.Message
	More         bool // there are more inbound messages than one step takes
	Mail         []RunMail
	Now          time.Time
}

// Held tells that people are in charge, or another run: this one says nothing.
func (s *StepSnapshot) Held() bool {
	c := &s.Conversation
	return c.InCharge == models.InChargeTicket || c.FlowRunID == nil || *c.FlowRunID != s.Run.ID
}

// RunMail is an entry of a run's mailbox.
type RunMail struct {
	ID   int64
	Kind string // call_result, send_result, ticket_closed, move_to, set_variable, stop
	Data json.RawMessage
	// Trace is the mark of what put it there (ADR 46); nil: not traced.
	Trace []byte
}

// StepDecision is what the engine decided, to be stored in the same transaction.
type StepDecision struct {
	State      json.RawMessage // the engine's state after the step
	Result     StepResult
	HandledSeq int64 // inbound up to here was taken up
	Refused    map[int64]string
	Left       map[int64]bool // mail that stays in the mailbox
	Sends      []StepSend
	Calls      []StepCall
	Lines      []StepLine
	Fields     []StepField
	AddLabels  []string
	DropLabels []string
	Notes      []StepNote
	Internal   []StepInternalNote
	Priority   string
	Ticket     *TicketOpening
	// Closing records the service as a closed ticket when the run ends.
	Closing *StepClosing
	// Opened goes on with the decision when Ticket is open, in the same transaction; nil where nothing depends on it.
	Opened     func(OpenedTicket) error
	Transfer   *StepTransfer
	MarkRead   bool
	Typing     bool
	CancelCall []string
	Trace      []byte // mark of the step's span, for what it sends and calls (ADR 46); nil: not traced
}

// StepSend is one message to queue.
type StepSend struct {
	Key     string
	Content models.Content
	Delay   time.Duration // after the one before it
}

// StepCall is one call to the outside to note; an activity makes it.
type StepCall struct {
	ID      string
	Node    string
	Request json.RawMessage
}

// StepLine is one line for agents: its code, and what fills the console's words.
type StepLine struct {
	Code   models.NoteCode
	Values map[string]string
	Alert  bool
}

// StepField sets a field of the contact; a nil value clears it.
type StepField struct {
	Field  string
	Custom bool
	Value  any
}

// StepNote is a note on the contact (rule 188).
type StepNote struct {
	Text    string
	Due     *time.Time
	AgentID *models.UserID
}

// StepInternalNote is a note in the conversation that agents alone read. It may name a user and a queue.
type StepInternalNote struct {
	Key     string
	Text    string
	UserID  *models.UserID
	QueueID *models.QueueID
}

// StepClosing is how a run closes the service. Reason is an id or a name; one that the account does not have counts as none.
type StepClosing struct {
	Reason string
	Flow   bool // the closing flow starts afterwards (rule 156)
}

// TicketOpening says how a ticket is opened (rules 074, 175); the desk hands it out.
type TicketOpening struct {
	Mode      string
	QueueID   *models.QueueID
	AgentID   *models.UserID
	FlowRunID *models.FlowRunID // the run that opens it; nil: somebody else does
	Suspended bool              // that run waits until the ticket closes
	// OnlineOnly leaves out agents who are away; DefaultAgent lets the contact's default agent take precedence (rules 142-144).
	OnlineOnly   bool
	DefaultAgent bool
	// Recorded is closed in the same transaction: it waits for nobody, so that nobody is told.
	Recorded bool
	// Actor is who opens it. The zero one is the run.
	Actor models.Actor
	// Origin is empty for a ticket that the contact began.
	Origin models.TicketOrigin
}

// OpenedTicket is what a run learns of the ticket that it has opened.
type OpenedTicket struct {
	Protocol string
	// Queue and Agent are names, empty where the ticket has none.
	Queue, Agent string
	// Position is its place among the waiting tickets of its queue, from 1. It is 0 where an agent has it.
	Position int
}

// StepTransfer hands the contact to another flow.
type StepTransfer struct {
	Flow    models.PublishedFlow
	Trigger json.RawMessage
}

// FlowEnv is what the engine may look up besides a step's event: read once and kept for a few seconds by the caller.
type FlowEnv struct {
	Account    models.Account
	Connection models.Connection
	Queues     []models.Queue
	Agents     []models.UserID // who may get a ticket
	Fields     []models.CustomField
	Templates  []models.Template
	Published  []models.PublishedFlow
}
