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
	"github.com/perene/perene/workflows"
)

// releaseEnv plays the activity: turn is given how often it was asked.
func releaseEnv(turn func(env *testsuite.TestWorkflowEnvironment, n int) (contract.FlowReleaseView, error)) *testsuite.TestWorkflowEnvironment {
	env := newEnv()
	n := 0
	env.RegisterWorkflowWithOptions(workflows.FlowRelease, workflow.RegisterOptions{Name: contract.WorkflowFlowRelease})
	env.RegisterActivityWithOptions(func(context.Context, contract.FlowReleaseStart) (contract.FlowReleaseView, error) {
		n++
		return turn(env, n)
	}, activity.RegisterOptions{Name: contract.ActivityFlowReleaseTurn})
	return env
}

var aRelease = contract.FlowReleaseInput{FlowReleaseStart: contract.FlowReleaseStart{AccountID: 1, FlowID: 5}}

// Runs are moved batch after batch until none is left, and a turn that failed is taken later.
func TestAReleaseMovesRunsUntilNoneIsLeft(t *testing.T) {
	asked := 0
	env := releaseEnv(func(_ *testsuite.TestWorkflowEnvironment, n int) (contract.FlowReleaseView, error) {
		asked = n
		switch n {
		case 2:
			return contract.FlowReleaseView{}, errors.New("the database does not answer now")
		case 4:
			return contract.FlowReleaseView{Moved: 410, Kept: 3}, nil
		}
		return contract.FlowReleaseView{More: true, Moved: 200}, nil
	})
	env.ExecuteWorkflow(contract.WorkflowFlowRelease, aRelease)
	var view contract.FlowReleaseView
	if err := env.GetWorkflowResult(&view); err != nil || view.Moved != 410 || view.Kept != 3 || asked != 4 {
		t.Errorf("%+v after %d turns, %v", view, asked, err)
	}
}

// What is due later is done at its instant, earlier after a ring that brings it forward.
func TestAReleaseWaitsForItsInstant(t *testing.T) {
	for name, c := range map[string]struct{ ring, want time.Duration }{
		"waits": {want: 3 * time.Hour}, "is brought forward": {ring: time.Hour, want: 2 * time.Hour},
	} {
		t.Run(name, func(t *testing.T) {
			var done, due time.Time
			env := releaseEnv(func(env *testsuite.TestWorkflowEnvironment, _ int) (contract.FlowReleaseView, error) {
				if !env.Now().Before(due) {
					done = env.Now()
					return contract.FlowReleaseView{}, nil
				}
				return contract.FlowReleaseView{NextAt: due}, nil
			})
			begun := env.Now()
			due = begun.Add(3 * time.Hour)
			if c.ring > 0 {
				env.RegisterDelayedCallback(func() {
					due = begun.Add(2 * time.Hour)
					env.SignalWorkflow(contract.SignalRing, nil)
				}, c.ring)
			}
			env.ExecuteWorkflow(contract.WorkflowFlowRelease, aRelease)
			if err := env.GetWorkflowError(); err != nil || done.Sub(begun).Round(time.Second) != c.want {
				t.Errorf("done after %s, %v", done.Sub(begun), err)
			}
		})
	}
}

// A long move is continued as new, with how far it is.
func TestAReleaseContinuesAsNew(t *testing.T) {
	in := aRelease
	in.ContinueAfter = 3
	env := releaseEnv(func(_ *testsuite.TestWorkflowEnvironment, n int) (contract.FlowReleaseView, error) {
		return contract.FlowReleaseView{More: true, Moved: 200 * n}, nil
	})
	env.SetTestTimeout(time.Minute)
	env.ExecuteWorkflow(contract.WorkflowFlowRelease, in)
	var again *workflow.ContinueAsNewError
	if !errors.As(env.GetWorkflowError(), &again) {
		t.Fatalf("%v, want it continued as new", env.GetWorkflowError())
	}
	var next contract.FlowReleaseInput
	decode(t, again, &next)
	if next.Carried == nil || next.Carried.View.Moved != 600 || next.FlowID != 5 {
		t.Errorf("continued with %+v", next)
	}
}
