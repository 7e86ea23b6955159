package flow

import (
	"bytes"
	"encoding/json"
	"fmt"
	"time"
)

// State is everything that survives between two steps of one run. It is plain data: it marshals to compact JSON and
// back without change. Step never changes a State it was given; it returns a new one.
//
// A State holds answers, so it lives in the database and never in a workflow history.
type State struct {
	// Run is the id of the run, as given by the start event.
	Run string `json:"run"`
	// Step counts the events the run has taken; the caller uses it to make a step idempotent.
	Step int64 `json:"step"`
	// Visits counts the nodes entered so far; the latest visit has this number.
	Visits int64 `json:"visits"`
	// Seq is the highest sequence number of an inbound message taken; one at or below it is a repeat and is ignored.
	Seq int64 `json:"seq,omitempty"`
	// Paused is for how long people were in charge. That time does not count towards the run's expiry.
	Paused Duration `json:"paused,omitempty"`
	// MoveTo is the node to which the run was moved while people are in charge. It goes there when they hand back.
	MoveTo string `json:"move_to,omitempty"`
	// Sends counts the messages the run has asked to send.
	Sends int64 `json:"sends,omitempty"`
	// Frames is the stack of flows: the one that was started first, the sub-flow it is in last. Empty before the start.
	Frames []Frame `json:"frames,omitempty"`
	// Started is when the run began.
	Started time.Time `json:"started,omitzero"`
	// Trigger says what started the run.
	Trigger *Started `json:"trigger,omitempty"`
	// Language is the language of the texts, a BCP 47 tag ("pt-BR").
	Language string `json:"lang,omitempty"`
	// Inbox holds messages that came while nothing waited for a reply, oldest first; the next wait takes them.
	Inbox []Inbound `json:"inbox,omitempty"`
	// Files are the ids of files that the contact sent to this run, oldest first: those of its files that variables may name.
	Files []string `json:"files,omitempty"`
	// Trail is the end of the run's way, oldest first, at most Limits.Trail entries: ids only.
	Trail []Visit `json:"trail,omitempty"`
	// Ticket is the latest ticket that the run has opened.
	Ticket *TicketOpened `json:"ticket,omitempty"`
	// Wait is what the run stands still for; nil when it has ended.
	Wait *Wait `json:"wait,omitempty"`
	// End is how the run ended; nil while it lives.
	End *End `json:"end,omitempty"`
}

// UnmarshalJSON reads a state. Numbers that no float64 holds keep every digit.
func (s *State) UnmarshalJSON(b []byte) error {
	type plainState State
	if !longNumber(b) {
		return json.Unmarshal(b, (*plainState)(s))
	}
	dec := json.NewDecoder(bytes.NewReader(b))
	dec.UseNumber()
	if err := dec.Decode((*plainState)(s)); err != nil {
		return err
	}
	for i := range s.Frames {
		f := &s.Frames[i]
		f.Vars, f.Answers = counted(f.Vars), counted(f.Answers)
		for id, l := range f.Loops {
			l.Items, _ = normalize(l.Items).([]any)
			f.Loops[id] = l
		}
		for j := range f.Options {
			f.Options[j].Value = normalize(f.Options[j].Value)
		}
	}
	return nil
}

// counted are values with their numbers as the engine has them.
func counted(m map[string]any) map[string]any {
	if m == nil {
		return nil
	}
	out, _ := normalize(m).(map[string]any)
	return out
}

// longNumber reports whether more than fifteen digits stand together somewhere in a JSON text.
func longNumber(b []byte) bool {
	n := 0
	for _, c := range b {
		switch {
		case digitByte(c):
			if n++; n > 15 {
				return true
			}
		case c != '.':
			n = 0
		}
	}
	return false
}

// Frame is one flow on the stack: the root flow or a sub-flow that was called.
type Frame struct {
	// Flow and Version say which immutable graph this frame runs.
	Flow    string `json:"flow"`
	Version string `json:"version,omitempty"`
	// Node is where the frame is; in a frame that has called a sub-flow, the calling node.
	Node string `json:"node,omitempty"`
	// Visit is the number of the visit to Node.
	Visit int64 `json:"visit,omitempty"`
	// Item is the kind's own position within the visit (the item of a content node, the reminder of a question).
	Item int `json:"item,omitempty"`
	// Attempt counts wrong answers in this visit.
	Attempt int `json:"attempt,omitempty"`
	// Reminded counts the reminders sent in this wait.
	Reminded int `json:"reminded,omitempty"`
	// Free counts the replies of this visit that cost no attempt; Page is the page of options that is shown, from 0.
	Free int `json:"free,omitempty"`
	Page int `json:"page,omitempty"`
	// Effects counts the keyed effects of this visit, so that the next one gets the next key.
	Effects int `json:"effects,omitempty"`
	// Vars are the flow's variables: nil, bool, float64, string, []any or map[string]any, as JSON has them.
	Vars map[string]any `json:"vars,omitempty"`
	// Answers are the answers given so far, by the id of the node that asked; Last is the node of the latest one.
	Answers map[string]any `json:"answers,omitempty"`
	Last    string         `json:"last,omitempty"`
	// Visits counts how often the run entered the nodes whose visits the flow reads, in this call of the flow.
	Visits map[string]int `json:"visits,omitempty"`
	// Loops are the lists being walked, by the loop node's id.
	Loops map[string]Loop `json:"loops,omitempty"`
	// Options are the choices offered at Node when they were not fixed in the graph, in the order shown.
	Options []Option `json:"options,omitempty"`
}

// Loop is the position in a list that a loop node walks.
type Loop struct {
	Items []any `json:"items"`
	Next  int   `json:"next"`
}

// WaitKind names what a run can wait for.
type WaitKind string

// What a run can wait for.
const (
	// WaitReply waits for an inbound message of the contact.
	WaitReply WaitKind = "reply"
	// WaitTimer waits for the instant Until.
	WaitTimer WaitKind = "timer"
	// WaitCall waits for the result of the outside call named in Call.
	WaitCall WaitKind = "call"
	// WaitDelivery waits for the result of sending the message named in Call (its effect key).
	WaitDelivery WaitKind = "delivery"
	// WaitTicket waits for the ticket that the run opened to close.
	WaitTicket WaitKind = "ticket"
	// WaitOperator waits for a person to move or stop a run that cannot go on (rule 131, an output without an edge).
	WaitOperator WaitKind = "operator"
)

// WaitKinds are all of them.
var WaitKinds = []WaitKind{WaitReply, WaitTimer, WaitCall, WaitDelivery, WaitTicket, WaitOperator}

// Wait is what a run stands still for. It holds ids and instants only, so it may be shown anywhere.
type Wait struct {
	For WaitKind `json:"for"`
	// Node and Visit say where the run stands.
	Node  string `json:"node"`
	Visit int64  `json:"visit"`
	// Since is when the wait began, Until when it ends by itself; no Until means it does not.
	Since time.Time  `json:"since"`
	Until *time.Time `json:"until,omitempty"`
	// Call is the id of the outside call or the key of the message waited for.
	Call string `json:"call,omitempty"`
	// Reason says why an operator is needed.
	Reason Reason `json:"reason,omitempty"`
	// Quiet is set while a burst of messages is being collected: Until is then when the burst counts as complete.
	Quiet bool `json:"quiet,omitempty"`
	// Deadline is the wait's own end while Until is an earlier alarm (a reminder, a burst).
	Deadline *time.Time `json:"deadline,omitempty"`
	// Interruptible is set when a reply ends a wait that is not for one.
	Interruptible bool `json:"interruptible,omitempty"`
}

// ends is when the wait is over for a message that comes late: the end of a burst, else the deadline, not a reminder
// before it.
func (w *Wait) ends() *time.Time {
	switch {
	case w == nil:
		return nil
	case w.Deadline != nil && !w.Quiet:
		return w.Deadline
	}
	return w.Until
}

// Outcome says in one word how a run ended. An end node may name any other.
type Outcome string

// Outcomes the engine gives by itself.
const (
	// OutcomeCompleted is an end node without a name of its own.
	OutcomeCompleted Outcome = "completed"
	// OutcomeTicket is a run that ended because it opened a ticket (rule 175).
	OutcomeTicket Outcome = "ticket_opened"
	// OutcomeClosed is the kind close's: the service is over.
	OutcomeClosed Outcome = "closed"
	// OutcomeTransferred is a run that handed the contact to another flow.
	OutcomeTransferred Outcome = "transferred"
	// OutcomeStopped is a run stopped from outside (an agent, an operator, the API).
	OutcomeStopped Outcome = "stopped"
	// OutcomeFailed is a run that a limit or a broken graph ended.
	OutcomeFailed Outcome = "failed"
	// OutcomeStuck is a run that waited for an operator for as long as its flow allows.
	OutcomeStuck Outcome = "stuck"
	// OutcomeExpired is a run that reached its flow's expiry.
	OutcomeExpired Outcome = "expired"
)

// Outcomes are all of those the engine gives by itself.
var Outcomes = []Outcome{OutcomeCompleted, OutcomeTicket, OutcomeClosed, OutcomeTransferred, OutcomeStopped, OutcomeFailed, OutcomeStuck, OutcomeExpired}

// Reason is a small code that says why a run ended or needs an operator.
type Reason string

// Reasons the engine gives.
const (
	ReasonEndNode          Reason = "end_node"
	ReasonServiceClosed    Reason = "service_closed" // the kind close
	ReasonTicketOpened     Reason = "ticket_opened"
	ReasonTicketWasOpen    Reason = "ticket_was_open" // people were in charge already
	ReasonTicketRefused    Reason = "ticket_refused"  // of a system line only: the run goes on by "failed"
	ReasonTransferred      Reason = "transferred"
	ReasonContentMissing   Reason = "content_missing"   // of a system line only: a file, a place or a link that was promised is not there
	ReasonTemplateMisfit   Reason = "template_misfit"   // of a system line only: its values do not fit the definition
	ReasonListEmpty        Reason = "list_empty"        // of a system line only: there is nothing to choose from
	ReasonExpressionFailed Reason = "expression_failed" // of a system line only
	ReasonTextFailed       Reason = "text_failed"       // of a system line only
	ReasonStopped          Reason = "stopped"
	ReasonNoEdge           Reason = "no_edge"
	ReasonWindowClosed     Reason = "window_closed"
	ReasonTemplateMissing  Reason = "template_missing"
	ReasonTemplatePaused   Reason = "template_paused"
	ReasonTemplateRejected Reason = "template_rejected"
	ReasonStepLimit        Reason = "step_limit"
	ReasonVisitLimit       Reason = "visit_limit"
	ReasonSendLimit        Reason = "send_limit"
	ReasonInboxLimit       Reason = "inbox_limit"
	ReasonStackLimit       Reason = "stack_limit"
	ReasonStateLimit       Reason = "state_limit"
	ReasonNodeGone         Reason = "node_gone"
	ReasonFlowGone         Reason = "flow_gone"
	ReasonExpired          Reason = "expired"
	ReasonOperatorTimeout  Reason = "operator_timeout"
	// ReasonTooSlow and ReasonUnreadable are those of a caller that cannot take a step, see [Park].
	ReasonTooSlow    Reason = "step_too_slow"
	ReasonUnreadable Reason = "version_unreadable"
)

// Reasons are all of them.
var Reasons = []Reason{
	ReasonEndNode, ReasonServiceClosed, ReasonTicketOpened, ReasonTransferred, ReasonStopped, ReasonNoEdge, ReasonWindowClosed, ReasonTemplateMissing,
	ReasonTemplatePaused, ReasonTemplateRejected, ReasonStepLimit, ReasonVisitLimit, ReasonSendLimit, ReasonInboxLimit, ReasonStackLimit,
	ReasonTicketWasOpen, ReasonTicketRefused, ReasonContentMissing, ReasonTemplateMisfit, ReasonListEmpty, ReasonExpressionFailed, ReasonTextFailed,
	ReasonStateLimit, ReasonNodeGone, ReasonFlowGone, ReasonExpired, ReasonOperatorTimeout,
	ReasonTooSlow, ReasonUnreadable,
}

// End is how a run ended.
type End struct {
	Outcome Outcome   `json:"outcome"`
	Reason  Reason    `json:"reason"`
	Node    string    `json:"node,omitempty"`
	At      time.Time `json:"at"`
}

// Visit is one line of the trail: which node, and by which output it was left. Ids only. In JSON it is an array,
// [3, "menu", "sales"], because a state is written anew with every step and ten visits would be a third of it.
type Visit struct {
	N      int64
	Node   string
	Output string
	// Flow is set when the node belongs to a sub-flow.
	Flow string
}

// MarshalJSON writes a visit as [number, node, output, flow], the last two only where there are any.
func (v Visit) MarshalJSON() ([]byte, error) {
	a := []any{v.N, v.Node}
	switch {
	case v.Flow != "":
		a = append(a, v.Output, v.Flow)
	case v.Output != "":
		a = append(a, v.Output)
	}
	return json.Marshal(a)
}

// UnmarshalJSON reads what MarshalJSON writes, and the object with the keys n, node, out and flow of earlier states.
func (v *Visit) UnmarshalJSON(b []byte) error {
	*v = Visit{}
	if len(b) > 0 && b[0] == '{' {
		var o struct {
			N    int64  `json:"n"`
			Node string `json:"node"`
			Out  string `json:"out"`
			Flow string `json:"flow"`
		}
		err := json.Unmarshal(b, &o)
		*v = Visit{o.N, o.Node, o.Out, o.Flow}
		return err
	}
	a := []any{&v.N, &v.Node, &v.Output, &v.Flow}
	if err := json.Unmarshal(b, &a); err != nil {
		return err
	}
	if len(a) < 2 || len(a) > 4 {
		return fmt.Errorf("a visit has a number, a node, an output and a flow, not %d values", len(a))
	}
	return nil
}

// Ended reports whether the run is over.
func (s *State) Ended() bool { return s.End != nil }

// AwaitsContact reports whether the run waits for the contact: the automation icon of rules 079 and 180.
func (s *State) AwaitsContact() bool { return s.Wait != nil && s.Wait.For == WaitReply }

// Flow returns the id and version of the flow the run was started on; both are empty before the start.
func (s *State) Flow() (id, version string) {
	if len(s.Frames) == 0 {
		return "", ""
	}
	return s.Frames[0].Flow, s.Frames[0].Version
}

// Node returns the id of the node the run is at, in its innermost flow.
func (s *State) Node() string {
	if len(s.Frames) == 0 {
		return ""
	}
	return s.Frames[len(s.Frames)-1].Node
}

// Option is one choice offered at run time: ID names the output and the answer, Title is what the contact reads.
type Option struct {
	ID          string `json:"id"`
	Title       string `json:"title"`
	Description string `json:"desc,omitempty"`
	// Value is what the answer variable gets; the title when it is nil.
	Value any `json:"value,omitempty"`
	// Payload is what comes back when it is tapped.
	Payload string `json:"payload,omitempty"`
}
