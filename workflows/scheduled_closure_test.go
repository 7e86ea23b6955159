package workflows_test

import (
	"context"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"go.temporal.io/sdk/activity"
	"go.temporal.io/sdk/workflow"

	"github.com/perene/perene/contract"
	"github.com/perene/perene/models"
	"github.com/perene/perene/workflows"
)

// Rules 151 to 153: the closure tries to close at its instant and not before, again while the worker's clock is behind, and ends
// when it is rung for having been taken back.
func TestScheduledClosureWaitsForItsInstant(t *testing.T) {
	for name, c := range map[string]struct {
		behind   time.Duration // of the clock that decides
		cancelAt time.Duration
		want     []string
		state    models.ClosureState
	}{
		"closes at its instant":     {want: []string{"0s ReadClosure waiting", "30m0s CloseDue done"}, state: models.ClosureDone},
		"is taken back":             {cancelAt: 10 * time.Minute, want: []string{"0s ReadClosure waiting", "10m0s ReadClosure cancelled"}, state: models.ClosureCancelled},
		"asks a clock that is late": {behind: 1500 * time.Millisecond, want: []string{"0s ReadClosure waiting", "30m0s CloseDue waiting", "30m1s CloseDue waiting", "30m2s CloseDue done"}, state: models.ClosureDone},
	} {
		t.Run(name, func(t *testing.T) {
			env := newEnv()
			env.RegisterWorkflowWithOptions(workflows.ScheduledClosure, workflow.RegisterOptions{Name: contract.WorkflowScheduledClosure})
			begun := env.Now()
			view := contract.ClosureView{State: models.ClosureWaiting, DueAt: begun.Add(30 * time.Minute)}
			var seen []string
			act := func(activityName string, do func()) {
				env.RegisterActivityWithOptions(func(_ context.Context, in contract.ClosureInput) (contract.ClosureView, error) {
					if in.Closure.ClosureID != 88 {
						t.Errorf("asks for %+v", in)
					}
					do()
					seen = append(seen, env.Now().Sub(begun).Round(time.Second).String()+" "+activityName+" "+string(view.State))
					return view, nil
				}, activity.RegisterOptions{Name: activityName})
			}
			act(contract.ActivityReadClosure, func() {})
			act(contract.ActivityCloseDue, func() {
				if view.State == models.ClosureWaiting && !env.Now().Add(-c.behind).Before(view.DueAt) {
					view.State = models.ClosureDone
				}
			})
			if c.cancelAt > 0 {
				env.RegisterDelayedCallback(func() {
					view.State = models.ClosureCancelled
					env.SignalWorkflow(contract.SignalRing, nil)
				}, c.cancelAt)
			}
			env.ExecuteWorkflow(contract.WorkflowScheduledClosure, contract.ScheduledClosureInput{ScheduledClosureStart: contract.ScheduledClosureStart{
				AccountID: 1, ClosureID: 88, TicketID: 7, ConversationID: 9, ConnectionID: 3}})
			if err := env.GetWorkflowError(); err != nil {
				t.Fatal(err)
			}
			var out contract.ClosureView
			if err := env.GetWorkflowResult(&out); err != nil || out.State != c.state {
				t.Errorf("ended with %+v, %v", out, err)
			}
			if diff := cmp.Diff(c.want, seen); diff != "" {
				t.Error(diff)
			}
		})
	}
}
