package contract

import (
	"time"

	"github.com/perene/perene/models"
)

// WorkflowFlowRun is the workflow type of a flow run.
const WorkflowFlowRun = "FlowRun"

// FlowRunID is the workflow id of a flow run, as people type it: flow-run/42.
func FlowRunID(id models.FlowRunID) string { return "flow-run/" + id.String() }

// FlowRunStart starts a FlowRun workflow.
type FlowRunStart struct {
	AccountID      models.AccountID      `json:"account_id"`
	RunID          models.FlowRunID      `json:"run_id"`
	ConversationID models.ConversationID `json:"conversation_id"`
	ConnectionID   models.ConnectionID   `json:"connection_id"`
	FlowID         models.FlowID         `json:"flow_id"`
	VersionID      models.FlowVersionID  `json:"version_id"`
	Version        int                   `json:"version"` // the number people know: 7 of "v7"
}

// Doorbell makes the doorbell of a flow run.
func (s FlowRunStart) Doorbell() Doorbell {
	return doorbell(s.AccountID, WorkflowFlowRun, FlowRunID(s.RunID), s)
}

// FlowRunInput starts a FlowRun.
type FlowRunInput struct {
	FlowRunStart
	// ContinueAfter is after how many steps the history is continued as new; 0 means the usual number. Tests force it.
	ContinueAfter int             `json:"continue_after,omitempty"`
	Carried       *FlowRunCarried `json:"carried,omitempty"`
}

// FlowRunCarried is everything of a FlowRun that survives continue-as-new.
type FlowRunCarried struct {
	Step     int64     `json:"step"`
	Node     string    `json:"node,omitempty"`
	NodeName string    `json:"node_name,omitempty"`
	Wait     string    `json:"wait,omitempty"`
	Since    time.Time `json:"since,omitzero"`
	Until    time.Time `json:"until,omitzero"` // absolute; zero means no timer
	Reason   string    `json:"reason,omitempty"`
	CallID   string    `json:"call_id,omitempty"`
	Rung     bool      `json:"rung,omitempty"` // a ring that came before the hand-over
}

// FlowRunResult is how a run ended.
type FlowRunResult struct {
	Outcome string `json:"outcome"`
	Reason  string `json:"reason"`
	Steps   int64  `json:"steps"`
	NextRun int64  `json:"next_run_id,omitempty"`
}

// Commands of FlowRun (updates: they need an answer and may be refused).
const (
	UpdateMoveTo      = "move_to"
	UpdateSetVariable = "set_variable"
	UpdateStop        = "stop"
)

// CommandInput names an operator's command in the run's mailbox (move_to, set_variable, stop). Its value stays in Postgres.
type CommandInput struct {
	EventID int64 `json:"event_id"`
}

// CommandResult says where the run stands after a command.
type CommandResult struct {
	Step  int64  `json:"step"`
	Node  string `json:"node,omitempty"`
	Wait  string `json:"wait,omitempty"`
	Ended bool   `json:"ended,omitempty"`
}

// The activities of FlowRun.
const (
	ActivityStepFlow = "StepFlow"
	ActivityCallHTTP = "CallHTTP"
)

// StepFlowInput asks for one step of a run. Asking twice for the same step gives the same answer.
type StepFlowInput struct {
	Run  FlowRunInput `json:"run"`
	Step int64        `json:"step"`
}

// CallHTTPInput names a call to the outside that a run asked for. What is sent and what came back stay in Postgres.
type CallHTTPInput struct {
	Run    FlowRunInput `json:"run"`
	CallID string       `json:"call_id"`
}

// CallHTTPResult is a call's outcome in codes.
type CallHTTPResult struct {
	Status   int    `json:"status,omitempty"`
	Error    string `json:"error,omitempty"`
	Attempts int    `json:"attempts,omitempty"`
}
