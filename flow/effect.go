package flow

import "time"

// EffectKind names what a step can ask of its caller.
type EffectKind string

// What a step can ask of its caller.
const (
	EffectSend        EffectKind = "send"
	EffectTyping      EffectKind = "typing"
	EffectMarkRead    EffectKind = "mark_read"
	EffectSetField    EffectKind = "set_field"
	EffectAddLabel    EffectKind = "add_label"
	EffectRemoveLabel EffectKind = "remove_label"
	EffectNote        EffectKind = "note"
	// EffectInternalNote writes a note into the conversation, which agents alone read.
	EffectInternalNote EffectKind = "internal_note"
	EffectPriority     EffectKind = "priority"
	EffectOpenTicket   EffectKind = "open_ticket"
	EffectSystemLine   EffectKind = "system_line"
	EffectCall         EffectKind = "call"
	EffectCancelCall   EffectKind = "cancel_call"
	EffectTransfer     EffectKind = "transfer"
	EffectTrace        EffectKind = "trace"
	EffectEnded        EffectKind = "ended"
)

// Effect is one thing for the caller to do, in the order given, in the transaction that stores the new state.
// Exactly the part that belongs to Kind is set.
type Effect struct {
	Kind EffectKind `json:"kind"`
	// Key is run/visit/item: unique for ever. Trace effects have none.
	Key string `json:"key,omitempty"`
	// Node is the node that asked.
	Node string `json:"node,omitempty"`

	Send       *Send         `json:"send,omitempty"`
	Typing     *Typing       `json:"typing,omitempty"`
	MarkRead   *MarkRead     `json:"mark_read,omitempty"`
	Field      *SetField     `json:"field,omitempty"`
	Label      string        `json:"label,omitempty"`
	Note       *Note         `json:"note,omitempty"`
	Internal   *InternalNote `json:"internal_note,omitempty"`
	Priority   string        `json:"priority,omitempty"`
	OpenTicket *OpenTicket   `json:"open_ticket,omitempty"`
	Line       *SystemLine   `json:"line,omitempty"`
	Call       *Call         `json:"call,omitempty"`
	// CancelCall is the id of a call whose result is no longer waited for.
	CancelCall string    `json:"cancel_call,omitempty"`
	Transfer   *Transfer `json:"transfer,omitempty"`
	Trace      *Trace    `json:"trace,omitempty"`
	Ended      *Ended    `json:"ended,omitempty"`
}

// Send asks for one message.
type Send struct {
	Content Content `json:"content"`
	// Delay is how long the message is held back after the one before it, so that a burst reads like a person.
	Delay Duration `json:"delay,omitempty"`
}

// Typing asks to show "typing" for a while before the next message, where the channel can.
type Typing struct {
	For Duration `json:"for"`
}

// MarkRead asks to mark a message of the contact as read.
type MarkRead struct {
	Message string `json:"message"`
}

// SetField stores a value on the contact: a system field ("name", "email", "phone", "birth_date", "cpf", "rg",
// "client_code", "language") or a custom field by key. A nil value clears it.
type SetField struct {
	Field  string `json:"field"`
	Custom bool   `json:"custom,omitempty"`
	Value  any    `json:"value"`
}

// Note asks for a note on the contact (rule 188).
type Note struct {
	Text string     `json:"text"`
	Due  *time.Time `json:"due,omitempty"`
	// Agent is the id of the user the note is for.
	Agent string `json:"agent,omitempty"`
}

// InternalNote asks for a note in the conversation. Agent is the id of a user, Queue a queue's id or name; both are told.
type InternalNote struct {
	Text  string `json:"text"`
	Agent string `json:"agent,omitempty"`
	Queue string `json:"queue,omitempty"`
}

// OpenMode is one of the six ways an action node opens a ticket (rule 175).
type OpenMode string

// The six opening modes of rule 175.
const (
	OpenUnassigned OpenMode = "unassigned"
	OpenQueue      OpenMode = "queue"
	OpenAgent      OpenMode = "agent"
	OpenRandom     OpenMode = "random"
	OpenSequential OpenMode = "sequential"
	OpenLastAgent  OpenMode = "last_agent"
)

// OpenTicket asks for a ticket. The desk decides who gets it; the default agent of rules 142–144 applies only when
// DefaultAgent is set, and the engine clears it where rule 144 does.
type OpenTicket struct {
	Mode OpenMode `json:"mode"`
	// Queue is the queue of mode "queue"; in "random" and "sequential" it narrows the agents to the queue's.
	Queue string `json:"queue,omitempty"`
	// Agent is the agent of mode "agent", and in "last_agent" the one who served last when the snapshot knows.
	Agent string `json:"agent,omitempty"`
	// FallbackQueue is where "last_agent" goes when nobody has served the contact yet.
	FallbackQueue string `json:"fallback_queue,omitempty"`
	// OnlineOnly leaves out agents who are away in "random" and "sequential".
	OnlineOnly bool `json:"online_only,omitempty"`
	// DefaultAgent lets the contact's default agent take precedence if he belongs to the queue (rules 142, 144).
	DefaultAgent bool   `json:"default_agent,omitempty"`
	Priority     string `json:"priority,omitempty"`
	// Suspended is set when the run goes on waiting and continues after the ticket has closed.
	Suspended bool `json:"suspended,omitempty"`
}

// SystemLine asks for a line that agents alone see.
type SystemLine struct {
	Code LineCode `json:"code"`
	// Values fill the line's words, which the console has in each language.
	Values map[string]string `json:"values,omitempty"`
	// Alert shows the line in red.
	Alert bool `json:"alert,omitempty"`
}

// Call asks for a call to the outside: an HTTP request or a webhook. The caller resolves secrets, refuses private
// addresses, keeps to the timeout and the retry policy, and comes back with a call_result event.
type Call struct {
	// ID is run/visit/item.
	ID      string     `json:"id"`
	Kind    string     `json:"kind"` // http or webhook
	Method  string     `json:"method"`
	URL     SecretText `json:"url"`
	Headers []Header   `json:"headers,omitempty"`
	Body    SecretText `json:"body,omitempty"`
	// Timeout is for one attempt. Until is when the run stops waiting for all of them.
	Timeout Duration  `json:"timeout"`
	Until   time.Time `json:"until"`
	Retry   Retry     `json:"retry"`
	// IdempotencyKey goes out in a header of that name with every attempt, so that a repeat can be recognised.
	IdempotencyKey string `json:"idempotency_key,omitempty"`
	// FollowRedirects lets redirects within the address's origin be followed; without it the run gets them.
	FollowRedirects bool `json:"follow_redirects,omitempty"`
	// FireAndForget is set when the run does not wait for the result.
	FireAndForget bool `json:"fire_and_forget,omitempty"`
}

// Header is one HTTP header.
type Header struct {
	Name  string     `json:"name"`
	Value SecretText `json:"value"`
}

// Retry says how a call is repeated.
type Retry struct {
	// Attempts is the largest number of tries, the first included.
	Attempts int `json:"attempts"`
	// First is the pause before the second try; each further pause is twice as long, up to Max.
	First Duration `json:"first,omitempty"`
	Max   Duration `json:"max,omitempty"`
	// Statuses are the HTTP statuses worth another try. Connections that were never made always are.
	Statuses []int `json:"statuses,omitempty"`
}

// Transfer hands the contact to another flow; this run ends.
type Transfer struct {
	Flow   string         `json:"flow"`
	Node   string         `json:"node,omitempty"`
	Inputs map[string]any `json:"inputs,omitempty"`
	// Files are the ids of the files that the contact sent to this run. The next run may send them too.
	Files []string `json:"files,omitempty"`
}

// Trace is one line about what the step did: ids and codes only, fit for any log.
type Trace struct {
	Visit  int64  `json:"visit"`
	Flow   string `json:"flow,omitempty"`
	Node   string `json:"node"`
	Kind   string `json:"kind,omitempty"`
	Output string `json:"output,omitempty"`
	// Seq is the inbound message that was taken as the answer; Note a code such as "kept", "repeat" or "late_timer".
	Seq  int64  `json:"seq,omitempty"`
	Note string `json:"note,omitempty"`
}

// Ended says that the run is over. Unhandled are the sequence numbers of messages nobody answered, oldest first: the
// caller hands them to whoever takes the conversation over.
type Ended struct {
	Outcome   Outcome `json:"outcome"`
	Reason    Reason  `json:"reason"`
	Unhandled []int64 `json:"unhandled,omitempty"`
	// Closing asks to record the service as a closed ticket; nil: nothing is closed.
	Closing *Closing `json:"closing,omitempty"`
}

// Closing is how a run closes the service.
type Closing struct {
	// Reason is a closing reason of the account, by id or name; empty for none.
	Reason string `json:"reason,omitempty"`
	// Flow starts the closing flow afterwards (rule 156).
	Flow bool `json:"flow,omitempty"`
}
