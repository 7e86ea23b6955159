package contract

import (
	"time"

	"github.com/perene/perene/models"
)

// WorkflowFlowRelease is the workflow type of what a flow's publications leave to do.
const WorkflowFlowRelease = "FlowRelease"

// FlowReleaseID is the workflow id of a flow's release: release/5.
func FlowReleaseID(id models.FlowID) string { return "release/" + id.String() }

// FlowReleaseStart starts a FlowRelease workflow: one while a flow has runs to move or something to publish later.
type FlowReleaseStart struct {
	AccountID models.AccountID `json:"account_id"`
	FlowID    models.FlowID    `json:"flow_id"`
}

// Doorbell makes the doorbell of a flow's release.
func (s FlowReleaseStart) Doorbell() Doorbell {
	return doorbell(s.AccountID, WorkflowFlowRelease, FlowReleaseID(s.FlowID), s)
}

// FlowReleaseInput starts a FlowRelease.
type FlowReleaseInput struct {
	FlowReleaseStart
	// ContinueAfter is after how many turns the history is continued as new. Zero means the usual number. Tests force it.
	ContinueAfter int                 `json:"continue_after,omitempty"`
	Carried       *FlowReleaseCarried `json:"carried,omitempty"`
}

// FlowReleaseCarried is everything of a FlowRelease that survives continue-as-new.
type FlowReleaseCarried struct {
	View FlowReleaseView `json:"view"`
}

// FlowReleaseView says what a flow's release has left to do. The state query and every turn answer with it.
type FlowReleaseView struct {
	// More is set while runs are left to be moved. Moved and Kept count those of the moves under way.
	More  bool `json:"more,omitempty"`
	Moved int  `json:"moved,omitempty"`
	Kept  int  `json:"kept,omitempty"`
	// NextAt is when something is due; zero is nothing.
	NextAt time.Time `json:"next_at,omitzero"`
}

// Over reports whether nothing is left to do.
func (v FlowReleaseView) Over() bool { return !v.More && v.NextAt.IsZero() }

// ActivityFlowReleaseTurn does what is due for a flow: the next batch of runs to be moved. It is one transaction and safe to
// repeat.
const ActivityFlowReleaseTurn = "FlowReleaseTurn"
