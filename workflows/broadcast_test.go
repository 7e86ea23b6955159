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

// broadcastEnv plays the activity: step is told how often it was asked, and when.
func broadcastEnv(step func(n int, now time.Time) (contract.BroadcastView, error)) *testsuite.TestWorkflowEnvironment {
	env := newEnv()
	n := 0
	env.RegisterWorkflowWithOptions(workflows.Broadcast, workflow.RegisterOptions{Name: contract.WorkflowBroadcast})
	env.RegisterActivityWithOptions(func(context.Context, contract.BroadcastStepInput) (contract.BroadcastView, error) {
		n++
		return step(n, env.Now())
	}, activity.RegisterOptions{Name: contract.ActivityStepBroadcast})
	return env
}

var aBroadcast = contract.BroadcastInput{BroadcastStart: contract.BroadcastStart{AccountID: 1, BroadcastID: 17, ConnectionID: 3}}

// A broadcast waits for each instant that its row says, does what is due, and ends with its row. A step that could not be done is
// done later.
func TestABroadcastStepsWhenItsRowSaysSo(t *testing.T) {
	var at []time.Time
	env := broadcastEnv(func(n int, now time.Time) (contract.BroadcastView, error) {
		at = append(at, now)
		switch n {
		case 1:
			return contract.BroadcastView{State: models.BroadcastScheduled, NextAt: now.Add(36 * time.Hour)}, nil
		case 2:
			return contract.BroadcastView{}, errors.New("the database does not answer now")
		case 3:
			return contract.BroadcastView{State: models.BroadcastRunning, NextAt: now.Add(time.Second), Total: 2, Sent: 1}, nil
		}
		return contract.BroadcastView{State: models.BroadcastDone, Total: 2, Sent: 2}, nil
	})
	env.ExecuteWorkflow(contract.WorkflowBroadcast, aBroadcast)
	var view contract.BroadcastView
	if err := env.GetWorkflowResult(&view); err != nil || view.Sent != 2 || len(at) != 4 {
		t.Fatalf("%+v after %d steps, %v", view, len(at), err)
	}
	if waited := at[1].Sub(at[0]); waited < 36*time.Hour || waited > 36*time.Hour+time.Minute {
		t.Errorf("it waited %s for its start", waited)
	}
}

// A paused one waits for a person as long as it takes, and goes on when it is rung.
func TestAPausedBroadcastWaitsForAPerson(t *testing.T) {
	var resumed time.Time
	env := broadcastEnv(func(n int, now time.Time) (contract.BroadcastView, error) {
		if n == 1 {
			return contract.BroadcastView{State: models.BroadcastPaused, Reason: models.PausedFailures, Total: 9, Sent: 5}, nil
		}
		resumed = now
		return contract.BroadcastView{State: models.BroadcastDone, Total: 9, Sent: 9}, nil
	})
	begun := env.Now()
	env.RegisterDelayedCallback(func() { env.SignalWorkflow(contract.SignalRing, nil) }, 50*24*time.Hour)
	env.ExecuteWorkflow(contract.WorkflowBroadcast, aBroadcast)
	if err := env.GetWorkflowError(); err != nil {
		t.Fatal(err)
	}
	if waited := resumed.Sub(begun); waited < 50*24*time.Hour {
		t.Errorf("it went on after %s", waited)
	}
}

// A long one is continued as new, and a step that is due at once does not spin.
func TestABroadcastContinuesAsNew(t *testing.T) {
	in := aBroadcast
	in.ContinueAfter = 3
	asked := 0
	env := broadcastEnv(func(n int, now time.Time) (contract.BroadcastView, error) {
		asked = n
		return contract.BroadcastView{State: models.BroadcastRunning, NextAt: now.Add(-time.Hour), Total: 1000, Sent: 10 * n}, nil
	})
	begun := env.Now()
	env.ExecuteWorkflow(contract.WorkflowBroadcast, in)
	var again *workflow.ContinueAsNewError
	if !errors.As(env.GetWorkflowError(), &again) || asked != 3 {
		t.Fatalf("%v after %d steps, want it continued as new", env.GetWorkflowError(), asked)
	}
	if took := env.Now().Sub(begun); took < 400*time.Millisecond {
		t.Errorf("three steps took %s: it spins", took)
	}
	var next contract.BroadcastInput
	decode(t, again, &next)
	if next.BroadcastID != 17 || next.ContinueAfter != 3 {
		t.Errorf("continued with %+v", next)
	}
}
