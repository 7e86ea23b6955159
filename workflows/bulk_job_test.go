package workflows_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"go.temporal.io/sdk/activity"
	"go.temporal.io/sdk/testsuite"
	"go.temporal.io/sdk/workflow"

	"github.com/perene/perene/contract"
	"github.com/perene/perene/models"
	"github.com/perene/perene/workflows"
)

// bulkEnv plays the activity: batch is told how often it was asked.
func bulkEnv(batch func(n int) (contract.BulkJobView, error)) *testsuite.TestWorkflowEnvironment {
	env := newEnv()
	n := 0
	env.RegisterWorkflowWithOptions(workflows.BulkJob, workflow.RegisterOptions{Name: contract.WorkflowBulkJob})
	env.RegisterActivityWithOptions(func(context.Context, contract.BulkBatchInput) (contract.BulkJobView, error) {
		n++
		return batch(n)
	}, activity.RegisterOptions{Name: contract.ActivityRunBulkBatch})
	return env
}

var aBulkJob = contract.BulkJobInput{BulkJobStart: contract.BulkJobStart{AccountID: 1, JobID: 17}}

// A job does batch after batch until its row says that it is over, and a batch that could not be done is done later.
func TestABulkJobRunsUntilItIsOver(t *testing.T) {
	asked := 0
	env := bulkEnv(func(n int) (contract.BulkJobView, error) {
		asked = n
		switch n {
		case 2:
			return contract.BulkJobView{}, errors.New("the database does not answer now")
		case 4:
			return contract.BulkJobView{State: models.BulkDone, Total: 250, Done: 248, Refused: 2}, nil
		}
		return contract.BulkJobView{State: models.BulkRunning, Total: 250, Done: 100 * n}, nil
	})
	env.ExecuteWorkflow(contract.WorkflowBulkJob, aBulkJob)
	var view contract.BulkJobView
	if err := env.GetWorkflowResult(&view); err != nil || view.Done != 248 || asked != 4 {
		t.Errorf("%+v after %d batches, %v", view, asked, err)
	}
}

// A ring during the last batch is no ring lost: the job that is being undone goes on.
func TestARingDuringTheLastBatchOfABulkJobIsHeard(t *testing.T) {
	var env *testsuite.TestWorkflowEnvironment
	asked := 0
	env = bulkEnv(func(n int) (contract.BulkJobView, error) {
		asked = n
		if n == 1 {
			env.SignalWorkflow(contract.SignalRing, nil)
			return contract.BulkJobView{State: models.BulkDone, Total: 1, Done: 1}, nil
		}
		return contract.BulkJobView{State: models.BulkUndone, Total: 1, Done: 1, Undone: 1}, nil
	})
	env.ExecuteWorkflow(contract.WorkflowBulkJob, aBulkJob)
	var view contract.BulkJobView
	if err := env.GetWorkflowResult(&view); err != nil || view.State != models.BulkUndone || asked != 2 {
		t.Errorf("%+v after %d batches, %v", view, asked, err)
	}
}

// A long job is continued as new, with how far it is.
func TestABulkJobContinuesAsNew(t *testing.T) {
	in := aBulkJob
	in.ContinueAfter = 3
	env := bulkEnv(func(n int) (contract.BulkJobView, error) {
		return contract.BulkJobView{State: models.BulkRunning, Total: 1000, Done: 100 * n}, nil
	})
	env.SetTestTimeout(time.Minute)
	env.ExecuteWorkflow(contract.WorkflowBulkJob, in)
	var again *workflow.ContinueAsNewError
	if !errors.As(env.GetWorkflowError(), &again) {
		t.Fatalf("%v, want it continued as new", env.GetWorkflowError())
	}
	var next contract.BulkJobInput
	decode(t, again, &next)
	if next.Carried == nil || next.Carried.View.Done != 300 || next.JobID != 17 {
		t.Errorf("continued with %+v", next)
	}
}
