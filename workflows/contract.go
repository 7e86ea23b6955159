// Package workflows holds Perene's processes: what waits, in which order, until when. Every file is one workflow; this one
// is the contract: task queues, workflow ids, names of signals, updates and queries, inputs. Starters and workers know each
// other only through it.
//
// Workflows decide, activities do, the engine thinks. No input, signal, result or summary holds words of customers, names
// or phone numbers: ids, sequence numbers, deadlines and small codes only.
package workflows

import (
	"strconv"
	"time"

	"github.com/perene/perene/models"
)

// TaskQueue is where all workflows and their activities run; senders' activities have their own, so that a slow provider
// never takes the slots of flows.
const (
	TaskQueue       = "perene"
	SenderTaskQueue = "perene-sender"
	MediaTaskQueue  = "perene-media"
)

// Workflow type names, as registered and as written in doorbells.
const (
	TypeFlowRun       = models.WorkflowFlowRun
	TypeSessionWindow = models.WorkflowSessionWindow
	TypeConnection    = models.WorkflowConnection
	TypeDeliveryRetry = models.WorkflowDeliveryRetry
	TypeMediaFetch    = models.WorkflowMediaFetch
	TypeHousekeeping  = models.WorkflowHousekeeping
)

// UpdateRing and SignalRing are the doorbell: a fact without data. The update rides on a speculative workflow task and
// costs nothing until the turn completes; the signal waits durably in Temporal while no worker answers.
const (
	UpdateRing = "ring"
	SignalRing = "rang"
)

// Commands of FlowRun (updates: they need an answer and may be refused).
const (
	UpdateMoveTo      = "move_to"
	UpdateSetVariable = "set_variable"
	UpdateStop        = "stop"
)

// Commands of DeliveryRetry.
const (
	UpdateRetryNow    = "retry_now"
	UpdateCancelRetry = "cancel"
)

// Commands of Connection.
const (
	UpdatePause  = "pause"
	UpdateResume = "resume"
	UpdateSync   = "sync" // templates, number health and quality now
)

// QueryState reads what a workflow waits for; every workflow answers it.
const QueryState = "state"

// FlowRunInput starts a FlowRun.
type FlowRunInput struct {
	models.FlowRunStart
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

// SessionWindowInput starts a SessionWindow: one while a conversation's 24-hour window is open.
type SessionWindowInput = models.SessionWindowStart

// ConnectionInput starts a Connection workflow, which lives as long as the connection.
type ConnectionInput struct {
	models.ConnectionStart
	// ContinueAfter is after how many turns the history is continued as new; 0 means the usual number. Tests force it.
	ContinueAfter int                `json:"continue_after,omitempty"`
	Carried       *ConnectionCarried `json:"carried,omitempty"`
}

// ConnectionCarried is everything of a Connection that survives continue-as-new. Instants are absolute.
type ConnectionCarried struct {
	Rest       models.SenderRest `json:"rest"` // how the connection stands, and when its next message is ready
	Since      time.Time         `json:"since,omitzero"`
	NextSyncAt time.Time         `json:"next_sync_at,omitzero"`
	Rung       bool              `json:"rung,omitempty"`
}

// DeliveryRetryInput starts a DeliveryRetry: later tries of one failed message (131049: 24, 48, 96 h …, Z15).
type DeliveryRetryInput struct {
	models.DeliveryRetryStart
}

// MediaFetchInput starts a MediaFetch: one file of one inbound message.
type MediaFetchInput = models.MediaFetchStart

// HousekeepingInput starts Housekeeping: one an installation.
type HousekeepingInput struct {
	models.HousekeepingStart
	// ContinueAfter is after how many rounds the history is continued as new; 0 means the usual number. Tests force it.
	ContinueAfter int                  `json:"continue_after,omitempty"`
	Carried       *HousekeepingCarried `json:"carried,omitempty"`
}

// HousekeepingCarried is everything of a Housekeeping that survives continue-as-new.
type HousekeepingCarried struct {
	HousekeepingState
	Rung bool `json:"rung,omitempty"`
}

// HousekeepingID is the workflow id of the installation's housekeeping.
const HousekeepingID = "housekeeping"

// FlowRunID is the workflow id of a flow run, as people type it: flow-run/42.
func FlowRunID(id models.FlowRunID) string { return "flow-run/" + itoa(int64(id)) }

// SessionWindowID is the workflow id of a conversation's window: window/981.
func SessionWindowID(id models.ConversationID) string { return "window/" + itoa(int64(id)) }

// ConnectionID is the workflow id of a connection: connection/3.
func ConnectionID(id models.ConnectionID) string { return "connection/" + itoa(int64(id)) }

// DeliveryRetryID is the workflow id of a message's later tries: retry/55102.
func DeliveryRetryID(id models.MessageID) string { return "retry/" + itoa(int64(id)) }

// MediaFetchID is the workflow id of a file that is fetched: media/77.
func MediaFetchID(id models.MediaID) string { return "media/" + itoa(int64(id)) }

func itoa(n int64) string { return strconv.FormatInt(n, 10) }
