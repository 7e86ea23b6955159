package contract

import "time"

// WorkflowHousekeeping is the workflow type of the installation's housekeeping.
const WorkflowHousekeeping = "Housekeeping"

// HousekeepingID is the workflow id of the installation's housekeeping.
const HousekeepingID = "housekeeping"

// HousekeepingStart starts the Housekeeping workflow: one an installation, which belongs to no account.
type HousekeepingStart struct{}

// Doorbell makes the doorbell of the installation's housekeeping.
func (s HousekeepingStart) Doorbell() Doorbell {
	return doorbell(0, WorkflowHousekeeping, HousekeepingID, s)
}

// HousekeepingInput starts Housekeeping: one an installation.
type HousekeepingInput struct {
	HousekeepingStart
	// ContinueAfter is after how many rounds the history is continued as new; 0 means the usual number. Tests force it.
	ContinueAfter int                  `json:"continue_after,omitempty"`
	Carried       *HousekeepingCarried `json:"carried,omitempty"`
}

// HousekeepingCarried is everything of a Housekeeping that survives continue-as-new.
type HousekeepingCarried struct {
	HousekeepingState
	Rung bool `json:"rung,omitempty"`
}

// HousekeepingState answers the state query.
type HousekeepingState struct {
	Last    PruneResult `json:"last"`             // of the last round that went well
	LastAt  time.Time   `json:"last_at,omitzero"` // when that was
	NextAt  time.Time   `json:"next_at,omitzero"` // absolute
	Trouble string      `json:"trouble,omitempty"`
}

// ActivityPrune removes what nobody needs any more.
const ActivityPrune = "Prune"

// PruneInput asks for one round; what goes and after what time is the activity's.
type PruneInput struct{}

// PruneResult says how many rows of each kind one round removed.
type PruneResult struct {
	Events          int64 `json:"events"`
	ParkedStatuses  int64 `json:"parked_statuses"`
	IdempotencyKeys int64 `json:"idempotency_keys"`
	LoginFailures   int64 `json:"login_failures"`
	SignIns         int64 `json:"sessions"` // the name in recorded histories
	LoginLinks      int64 `json:"login_links"`
	Uploads         int64 `json:"uploads"` // providers' ids of our files
	Media           int64 `json:"media"`   // files that never came
	UnusedMedia     int64 `json:"unused_media,omitempty"`
	BulkJobs        int64 `json:"bulk_jobs,omitempty"`
	Notifications   int64 `json:"notifications,omitempty"`
	WebhookEvents   int64 `json:"webhook_events,omitempty"`
}
