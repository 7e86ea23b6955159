package workflows

import (
	"fmt"
	"time"

	"go.temporal.io/sdk/workflow"

	"github.com/perene/perene/contract"
)

const (
	// bulkBatches is how many batches one history takes before it is continued as new. A batch is about six events.
	bulkBatches = 200
	// bulkBatchTime bounds one batch, and bulkHeartbeat is after how long without a row it counts as dead.
	bulkBatchTime = 5 * time.Minute
	bulkHeartbeat = 30 * time.Second
)

var bulkJobType = define(definition[contract.BulkJobStart]{
	run:      BulkJob,
	versions: []string{"initial"},
	summary: func(s contract.BulkJobStart) string {
		return fmt.Sprintf("bulk job %d · account %d", s.JobID, s.AccountID)
	},
	details: "One act for many conversations: does it row by row, and undoes it when asked.",
	found: func(s contract.BulkJobStart) attributes {
		return attributes{account: s.AccountID}
	},
})

// BulkJob does one act for many conversations, batch after batch, until every row has its answer. Its rows and its state stand
// in Postgres: cancelling and undoing change the state there and ring. Undoing starts the same id again.
func BulkJob(ctx workflow.Context, in contract.BulkJobInput) (contract.BulkJobView, error) {
	b := &bulkJob{in: in, rung: true}
	if in.Carried != nil {
		b.at = in.Carried.View
	}
	if err := listen(ctx, func() { b.rung = true }, func() contract.BulkJobView { return b.at }); err != nil {
		return contract.BulkJobView{}, err
	}
	return b.run(ctx)
}

// bulkJob is the state of a BulkJob. What survives continue-as-new is in BulkJobCarried.
type bulkJob struct {
	in      contract.BulkJobInput
	at      contract.BulkJobView
	rung    bool
	batches int // since the run of this history began
}

func (b *bulkJob) run(ctx workflow.Context) (contract.BulkJobView, error) {
	for {
		if b.at.Over() && !b.rung && !signalled(ctx) && workflow.AllHandlersFinished(ctx) {
			return b.at, nil
		}
		if b.batches >= b.limit() && workflow.AllHandlersFinished(ctx) {
			next := contract.BulkJobInput{BulkJobStart: b.in.BulkJobStart, ContinueAfter: b.in.ContinueAfter, Carried: &contract.BulkJobCarried{View: b.at}}
			return b.at, workflow.NewContinueAsNewError(ctx, BulkJob, next)
		}
		if err := b.batch(ctx); err != nil {
			return contract.BulkJobView{}, err
		}
		b.describe(ctx)
	}
}

// batch does the next rows. What a killed worker began is done again, and each row knows whether it is done.
func (b *bulkJob) batch(ctx workflow.Context) error {
	b.rung = false
	b.batches++
	again := calmly
	actx := workflow.WithActivityOptions(ctx, workflow.ActivityOptions{
		StartToCloseTimeout: bulkBatchTime,
		HeartbeatTimeout:    bulkHeartbeat,
		RetryPolicy:         &again,
		Summary:             "next rows",
	})
	var view contract.BulkJobView
	if err := workflow.ExecuteActivity(actx, contract.ActivityRunBulkBatch, contract.BulkBatchInput{Job: b.in.BulkJobStart}).Get(ctx, &view); err != nil {
		return err
	}
	b.at = view
	return nil
}

func (b *bulkJob) limit() int {
	if b.in.ContinueAfter > 0 {
		return b.in.ContinueAfter
	}
	return bulkBatches
}

// describe writes what an operator reads in Temporal Web.
func (b *bulkJob) describe(ctx workflow.Context) {
	v := b.at
	workflow.SetCurrentDetails(ctx, fmt.Sprintf("**Bulk job %d: %s**\n\n- %d of %d done, %d refused\n- %d undone, %d left alone\n\naccount %d",
		b.in.JobID, v.State, v.Done, v.Total, v.Refused, v.Undone, v.Kept, b.in.AccountID))
}
