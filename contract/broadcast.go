package contract

import (
	"time"

	"github.com/perene/perene/models"
)

// WorkflowBroadcast is the workflow type of a broadcast.
const WorkflowBroadcast = "Broadcast"

// BroadcastID is the workflow id of a broadcast: broadcast/17.
func BroadcastID(id models.BroadcastID) string { return "broadcast/" + id.String() }

// BroadcastStart starts a Broadcast workflow: one from sending until the last recipient has a message or it was cancelled.
type BroadcastStart struct {
	AccountID    models.AccountID    `json:"account_id"`
	BroadcastID  models.BroadcastID  `json:"broadcast_id"`
	ConnectionID models.ConnectionID `json:"connection_id"`
}

// Doorbell makes the doorbell of a broadcast.
func (s BroadcastStart) Doorbell() Doorbell {
	return doorbell(s.AccountID, WorkflowBroadcast, BroadcastID(s.BroadcastID), s)
}

// BroadcastInput starts a Broadcast.
type BroadcastInput struct {
	BroadcastStart
	// ContinueAfter is after how many steps the history is continued as new. Zero means the usual number. Tests force it.
	// Nothing is carried: the row says everything.
	ContinueAfter int `json:"continue_after,omitempty"`
}

// ActivityStepBroadcast does what is due of a broadcast: choosing recipients, handing messages to the queue, the canary's verdict,
// the end. It may be repeated at any point: each recipient is one transaction, which makes one message.
const ActivityStepBroadcast = "StepBroadcast"

// BroadcastStepInput names a broadcast.
type BroadcastStepInput struct {
	Broadcast BroadcastStart `json:"broadcast"`
}

// BroadcastView says how a broadcast stands. The state query and every step answer with it.
type BroadcastView struct {
	State  models.BroadcastState  `json:"state"`
	Reason models.BroadcastReason `json:"reason,omitempty"` // why it is paused
	// NextAt is when the next step is due; zero: somebody has to act first, or it is over.
	NextAt  time.Time `json:"next_at"`
	Total   int       `json:"total,omitempty"`
	Sent    int       `json:"sent,omitempty"`
	LeftOut int       `json:"left_out,omitempty"`
}
