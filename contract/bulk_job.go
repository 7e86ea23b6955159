package contract

import "github.com/perene/perene/models"

// WorkflowBulkJob is the workflow type of a bulk job.
const WorkflowBulkJob = "BulkJob"

// BulkJobID is the workflow id of a bulk job: bulk/17.
func BulkJobID(id models.BulkJobID) string { return "bulk/" + id.String() }

// BulkJobStart starts a BulkJob workflow: one while the job runs, and one more when it is undone.
type BulkJobStart struct {
	AccountID models.AccountID `json:"account_id"`
	JobID     models.BulkJobID `json:"job_id"`
}

// Doorbell makes the doorbell of a bulk job.
func (s BulkJobStart) Doorbell() Doorbell {
	return doorbell(s.AccountID, WorkflowBulkJob, BulkJobID(s.JobID), s)
}

// BulkJobInput starts a BulkJob.
type BulkJobInput struct {
	BulkJobStart
	// ContinueAfter is after how many batches the history is continued as new. Zero means the usual number. Tests force it.
	ContinueAfter int             `json:"continue_after,omitempty"`
	Carried       *BulkJobCarried `json:"carried,omitempty"`
}

// BulkJobCarried is everything of a BulkJob that survives continue-as-new.
type BulkJobCarried struct {
	View BulkJobView `json:"view"`
}

// BulkJobView says how far a bulk job is. The state query and every batch answer with it.
type BulkJobView struct {
	State   models.BulkJobState `json:"state"`
	Total   int                 `json:"total,omitempty"`
	Done    int                 `json:"done,omitempty"`
	Refused int                 `json:"refused,omitempty"`
	Undone  int                 `json:"undone,omitempty"`
	Kept    int                 `json:"kept,omitempty"`
}

// Over reports whether nothing is left to do.
func (v BulkJobView) Over() bool {
	return v.State != models.BulkRunning && v.State != models.BulkUndoing
}

// ActivityRunBulkBatch does the next rows of a bulk job, or undoes them. Each row is one transaction, which does it once.
const ActivityRunBulkBatch = "RunBulkBatch"

// BulkBatchInput names a bulk job.
type BulkBatchInput struct {
	Job BulkJobStart `json:"job"`
}
