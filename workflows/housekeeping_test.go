package workflows_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"go.temporal.io/sdk/activity"
	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/testsuite"
	"go.temporal.io/sdk/workflow"

	"github.com/perene/perene/contract"
	"github.com/perene/perene/workflows"
)

// housekeepingEnv plays the activity; prune is told which round it is.
func housekeepingEnv(prune func(env *testsuite.TestWorkflowEnvironment) (contract.PruneResult, error)) *testsuite.TestWorkflowEnvironment {
	env := newEnv()
	env.RegisterWorkflowWithOptions(workflows.Housekeeping, workflow.RegisterOptions{Name: contract.WorkflowHousekeeping})
	env.RegisterActivityWithOptions(func(context.Context, contract.PruneInput) (contract.PruneResult, error) { return prune(env) },
		activity.RegisterOptions{Name: contract.ActivityPrune})
	return env
}

// Every hour, and at once when somebody rings; a round that failed leaves the figures of the one before and says why.
func TestHousekeepingMakesARoundEveryHourAndWhenRung(t *testing.T) {
	var rounds []time.Duration
	var begun time.Time
	env := housekeepingEnv(func(env *testsuite.TestWorkflowEnvironment) (contract.PruneResult, error) {
		rounds = append(rounds, env.Now().Sub(begun).Round(time.Minute))
		if len(rounds) == 3 {
			return contract.PruneResult{}, temporal.NewNonRetryableApplicationError("the database refused it: 42P01", "database", nil)
		}
		return contract.PruneResult{Events: int64(len(rounds))}, nil
	})
	begun = env.Now()
	env.RegisterDelayedCallback(func() { env.UpdateWorkflow(contract.UpdateRing, "", silent{t}) }, 90*time.Minute)
	state := func(at time.Duration, check func(contract.HousekeepingState)) {
		env.RegisterDelayedCallback(func() {
			var s contract.HousekeepingState
			got, err := env.QueryWorkflow(contract.QueryState)
			if err == nil {
				err = got.Get(&s)
			}
			if err != nil {
				t.Error(err)
			}
			check(s)
		}, at)
	}
	state(100*time.Minute, func(s contract.HousekeepingState) {
		if s.Trouble == "" || s.Last.Events != 2 || !s.NextAt.Equal(begun.Add(150*time.Minute)) {
			t.Errorf("after a failed round: %+v", s)
		}
	})
	state(160*time.Minute, func(s contract.HousekeepingState) {
		if s.Trouble != "" || s.Last.Events != 4 {
			t.Errorf("after a good round: %+v", s)
		}
		env.CancelWorkflow()
	})
	env.ExecuteWorkflow(contract.WorkflowHousekeeping, contract.HousekeepingInput{})
	if !temporal.IsCanceledError(env.GetWorkflowError()) {
		t.Error(env.GetWorkflowError())
	}
	if diff := cmp.Diff([]time.Duration{0, time.Hour, 90 * time.Minute, 150 * time.Minute}, rounds); diff != "" {
		t.Error(diff)
	}
}

// Continued as new every few rounds, the next instant stays where it was and no ring is lost.
func TestHousekeepingContinuesAsNew(t *testing.T) {
	in := contract.HousekeepingInput{ContinueAfter: 3}
	var now time.Time
	var rounds []time.Duration
	var begun time.Time
	for history := range 4 {
		env := housekeepingEnv(func(env *testsuite.TestWorkflowEnvironment) (contract.PruneResult, error) {
			rounds = append(rounds, env.Now().Sub(begun).Round(time.Minute))
			return contract.PruneResult{SignIns: int64(len(rounds))}, nil
		})
		if now.IsZero() {
			begun = env.Now()
		} else {
			env.SetStartTime(now)
		}
		env.ExecuteWorkflow(contract.WorkflowHousekeeping, in)
		now = env.Now()
		var next *workflow.ContinueAsNewError
		if !errors.As(env.GetWorkflowError(), &next) {
			t.Fatalf("history %d ended with %v", history, env.GetWorkflowError())
		}
		in = contract.HousekeepingInput{}
		decode(t, next, &in)
		if in.Carried == nil || in.ContinueAfter != 3 || in.Carried.Last.SignIns != int64(len(rounds)) || in.Carried.LastAt.IsZero() {
			t.Fatalf("carried %+v", in.Carried)
		}
	}
	for i, at := range rounds {
		if want := time.Duration(i) * time.Hour; at != want {
			t.Errorf("round %d at %v, want %v", i+1, at, want)
		}
	}
	if len(rounds) != 12 {
		t.Errorf("%d rounds", len(rounds))
	}
	in.Carried.Rung = true
	env := housekeepingEnv(func(env *testsuite.TestWorkflowEnvironment) (contract.PruneResult, error) {
		defer env.CancelWorkflow()
		rounds = append(rounds, env.Now().Sub(begun).Round(time.Minute))
		return contract.PruneResult{}, nil
	})
	env.SetStartTime(now)
	env.ExecuteWorkflow(contract.WorkflowHousekeeping, in)
	if len(rounds) != 13 || rounds[12] != 11*time.Hour {
		t.Errorf("a carried ring led to rounds at %v", rounds[12:])
	}
}
