package workflows_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"go.temporal.io/sdk/activity"
	"go.temporal.io/sdk/log"
	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/testsuite"
	"go.temporal.io/sdk/worker"
	"go.temporal.io/sdk/workflow"

	"github.com/perene/perene/contract"
	"github.com/perene/perene/workflows"
)

// fakeEngine plays StepFlow: what each step answers, and what was asked.
type fakeEngine struct {
	t      *testing.T
	answer func(in contract.StepFlowInput) (contract.StepResult, error)
	asked  []int64
}

func (f *fakeEngine) StepFlow(_ context.Context, in contract.StepFlowInput) (contract.StepResult, error) {
	f.asked = append(f.asked, in.Step)
	out, err := f.answer(in)
	out.Step = in.Step
	return out, err
}

var run42 = contract.FlowRunInput{FlowRunStart: contract.FlowRunStart{AccountID: 1, RunID: 42, ConversationID: 7, ConnectionID: 3, FlowID: 5, VersionID: 9, Version: 2}}

// newEnv is a test environment that keeps quiet, and takes a slow machine for slow and not for stuck.
func newEnv() *testsuite.TestWorkflowEnvironment {
	var suite testsuite.WorkflowTestSuite
	suite.SetLogger(log.NewStructuredLogger(slog.New(slog.DiscardHandler)))
	env := suite.NewTestWorkflowEnvironment()
	env.SetTestTimeout(2 * time.Minute)
	env.SetWorkerOptions(worker.Options{DeadlockDetectionTimeout: 2 * time.Minute})
	return env
}

func flowRunEnv(t *testing.T, f *fakeEngine) *testsuite.TestWorkflowEnvironment {
	t.Helper()
	env := newEnv()
	env.RegisterWorkflowWithOptions(workflows.FlowRun, workflow.RegisterOptions{Name: contract.WorkflowFlowRun})
	env.RegisterActivityWithOptions(f.StepFlow, activity.RegisterOptions{Name: contract.ActivityStepFlow})
	env.RegisterActivityWithOptions(func(context.Context, contract.CallHTTPInput) (contract.CallHTTPResult, error) {
		return contract.CallHTTPResult{Status: 200}, nil
	}, activity.RegisterOptions{Name: contract.ActivityCallHTTP})
	return env
}

type silent struct{ t *testing.T }

func (silent) Accept()            {}
func (s silent) Reject(err error) { s.t.Errorf("the ring was refused: %v", err) }
func (s silent) Complete(_ any, err error) {
	if err != nil {
		s.t.Errorf("the ring ended with %v", err)
	}
}

func ring(t *testing.T, env *testsuite.TestWorkflowEnvironment, after time.Duration, id string) {
	env.RegisterDelayedCallback(func() { env.UpdateWorkflow(contract.UpdateRing, id, silent{t}) }, after)
}

func result(t *testing.T, env *testsuite.TestWorkflowEnvironment) contract.FlowRunResult {
	t.Helper()
	if err := env.GetWorkflowError(); err != nil {
		t.Fatal(err)
	}
	var out contract.FlowRunResult
	if err := env.GetWorkflowResult(&out); err != nil {
		t.Fatal(err)
	}
	return out
}

// ADR 3: a turn is one local activity; the run waits for what the engine named and ends with its reason.
func TestFlowRunStepsOncePerRingAndEnds(t *testing.T) {
	f := &fakeEngine{t: t, answer: func(in contract.StepFlowInput) (contract.StepResult, error) {
		if in.Step < 3 {
			return contract.StepResult{Node: "menu", Wait: "reply"}, nil
		}
		return contract.StepResult{Ended: true, Outcome: "completed", Reason: "end_node"}, nil
	}}
	env := flowRunEnv(t, f)
	ring(t, env, time.Minute, "a")
	ring(t, env, time.Hour, "b")
	env.ExecuteWorkflow(contract.WorkflowFlowRun, run42)
	if out := result(t, env); out.Outcome != "completed" || out.Reason != "end_node" || out.Steps != 3 {
		t.Errorf("ended with %+v", out)
	}
	if diff := cmp.Diff([]int64{1, 2, 3}, f.asked); diff != "" {
		t.Error(diff)
	}
}

// A late timer fires late and is never skipped; deadlines are absolute.
func TestFlowRunTimerFiresAtItsInstant(t *testing.T) {
	var fired time.Time
	f := &fakeEngine{t: t}
	env := flowRunEnv(t, f)
	begun := env.Now()
	f.answer = func(in contract.StepFlowInput) (contract.StepResult, error) {
		switch in.Step {
		case 1:
			return contract.StepResult{Node: "espera", Wait: "timer", Until: begun.Add(72 * time.Hour)}, nil
		case 2: // rung in between: the instant stays
			return contract.StepResult{Node: "espera", Wait: "timer", Until: begun.Add(72 * time.Hour)}, nil
		}
		fired = env.Now()
		return contract.StepResult{Ended: true, Outcome: "completed", Reason: "end_node"}, nil
	}
	ring(t, env, 30*time.Hour, "a")
	env.ExecuteWorkflow(contract.WorkflowFlowRun, run42)
	result(t, env)
	if wait := fired.Sub(begun); wait < 72*time.Hour || wait > 72*time.Hour+time.Second {
		t.Errorf("fired after %s, want 72h", wait)
	}
}

// A ring during a step is not lost: it leads to one more step.
func TestFlowRunTakesARingThatComesDuringAStep(t *testing.T) {
	f := &fakeEngine{t: t}
	env := flowRunEnv(t, f)
	f.answer = func(in contract.StepFlowInput) (contract.StepResult, error) {
		if in.Step == 2 {
			return contract.StepResult{Ended: true, Outcome: "completed", Reason: "end_node"}, nil
		}
		env.UpdateWorkflow(contract.UpdateRing, "during", silent{t})
		return contract.StepResult{Node: "menu", Wait: "reply"}, nil
	}
	env.ExecuteWorkflow(contract.WorkflowFlowRun, run42)
	result(t, env)
	if len(f.asked) != 2 {
		t.Errorf("asked for steps %v", f.asked)
	}
}

// The signal is the durable ring: it waits in Temporal while no worker answers.
func TestFlowRunHearsTheSignal(t *testing.T) {
	f := &fakeEngine{t: t, answer: func(in contract.StepFlowInput) (contract.StepResult, error) {
		return contract.StepResult{Node: "menu", Wait: "reply", Ended: in.Step == 2, Outcome: "completed", Reason: "end_node"}, nil
	}}
	env := flowRunEnv(t, f)
	env.RegisterDelayedCallback(func() { env.SignalWorkflow(contract.SignalRing, nil) }, time.Minute)
	env.ExecuteWorkflow(contract.WorkflowFlowRun, run42)
	if out := result(t, env); out.Steps != 2 {
		t.Errorf("%d steps", out.Steps)
	}
}

// A call is made by an activity; its result leads to a step, and a call nobody waits for is made as well.
func TestFlowRunMakesCalls(t *testing.T) {
	calls := map[string]int{}
	f := &fakeEngine{t: t, answer: func(in contract.StepFlowInput) (contract.StepResult, error) {
		if in.Step == 1 {
			return contract.StepResult{Node: "consulta", Wait: "call", Call: "42/3/1", Calls: []string{"42/2/1"}}, nil
		}
		return contract.StepResult{Ended: true, Outcome: "completed", Reason: "end_node"}, nil
	}}
	env := flowRunEnv(t, f)
	env.RegisterActivityWithOptions(func(_ context.Context, in contract.CallHTTPInput) (contract.CallHTTPResult, error) {
		calls[in.CallID]++
		return contract.CallHTTPResult{Status: 200}, nil
	}, activity.RegisterOptions{Name: contract.ActivityCallHTTP})
	env.ExecuteWorkflow(contract.WorkflowFlowRun, run42)
	result(t, env)
	if diff := cmp.Diff(map[string]int{"42/3/1": 1, "42/2/1": 1}, calls); diff != "" {
		t.Error(diff)
	}
}

// Continue-as-new, forced every few steps loses nothing: step, node, deadline and rings are carried.
func TestFlowRunContinuesAsNew(t *testing.T) {
	f := &fakeEngine{t: t}
	in := run42
	in.ContinueAfter = 3
	steps := 0
	for history := 1; ; history++ {
		env := flowRunEnv(t, f)
		f.answer = func(q contract.StepFlowInput) (contract.StepResult, error) {
			steps++
			if q.Step != int64(steps) {
				return contract.StepResult{}, fmt.Errorf("asked for step %d after %d steps", q.Step, steps-1)
			}
			if steps == 10 {
				return contract.StepResult{Ended: true, Outcome: "completed", Reason: "end_node"}, nil
			}
			return contract.StepResult{Node: "menu", NodeName: "Menu", Wait: "reply", Until: env.Now().Add(100 * time.Hour)}, nil
		}
		for i := range 4 {
			ring(t, env, time.Duration(i+1)*time.Minute, fmt.Sprint("r", history, i))
		}
		env.ExecuteWorkflow(contract.WorkflowFlowRun, in)
		var next *workflow.ContinueAsNewError
		if !errors.As(env.GetWorkflowError(), &next) {
			if out := result(t, env); out.Steps != 10 || history < 3 {
				t.Errorf("ended after %d histories with %+v", history, out)
			}
			return
		}
		in = contract.FlowRunInput{}
		decode(t, next, &in)
		if in.Carried == nil || in.Carried.Step != int64(steps) || in.Carried.Node != "menu" || in.Carried.Until.IsZero() || in.ContinueAfter != 3 {
			t.Fatalf("carried %+v after %d steps", in.Carried, steps)
		}
		// What rings between two histories rings the next one: as the doorbell's row does.
		in.Carried.Rung = true
		if history > 10 {
			t.Fatal("does not end")
		}
	}
}

// Commands are updates that answer where the run stands after the engine took them.
func TestFlowRunAnswersCommands(t *testing.T) {
	f := &fakeEngine{t: t, answer: func(in contract.StepFlowInput) (contract.StepResult, error) {
		if in.Step == 1 {
			return contract.StepResult{Node: "menu", Wait: "reply"}, nil
		}
		return contract.StepResult{Ended: true, Outcome: "stopped", Reason: "stopped"}, nil
	}}
	env := flowRunEnv(t, f)
	var answer any
	env.RegisterDelayedCallback(func() {
		env.UpdateWorkflow(contract.UpdateStop, "stop", answered{t, &answer}, contract.CommandInput{EventID: 3})
	}, time.Minute)
	env.ExecuteWorkflow(contract.WorkflowFlowRun, run42)
	result(t, env)
	if got, ok := answer.(contract.CommandResult); !ok || !got.Ended || got.Step != 2 {
		t.Errorf("the command answered %+v", answer)
	}
}

type answered struct {
	t    *testing.T
	into *any
}

func (answered) Accept()            {}
func (a answered) Reject(err error) { a.t.Errorf("refused: %v", err) }
func (a answered) Complete(v any, err error) {
	if err != nil {
		a.t.Error(err)
	}
	*a.into = v
}

// A call's long pause holds nothing: the run takes up what comes meanwhile, and the try comes at its instant.
func TestFlowRunGoesOnWhileACallPauses(t *testing.T) {
	f := &fakeEngine{t: t}
	env := newEnv()
	env.RegisterWorkflowWithOptions(workflows.FlowRun, workflow.RegisterOptions{Name: contract.WorkflowFlowRun})
	env.RegisterActivityWithOptions(f.StepFlow, activity.RegisterOptions{Name: contract.ActivityStepFlow})
	var tries []time.Duration
	begun := env.Now()
	env.RegisterActivityWithOptions(func(context.Context, contract.CallHTTPInput) (contract.CallHTTPResult, error) {
		tries = append(tries, env.Now().Sub(begun).Round(time.Minute))
		if len(tries) == 1 {
			return contract.CallHTTPResult{}, temporal.NewApplicationErrorWithOptions("later", "try_again", temporal.ApplicationErrorOptions{NextRetryDelay: 10 * time.Minute})
		}
		return contract.CallHTTPResult{Status: 200}, nil
	}, activity.RegisterOptions{Name: contract.ActivityCallHTTP})
	rung := false
	f.answer = func(in contract.StepFlowInput) (contract.StepResult, error) {
		since := env.Now().Sub(begun)
		switch {
		case since >= 10*time.Minute:
			return contract.StepResult{Ended: true, Outcome: "completed", Reason: "end_node"}, nil
		case since >= 3*time.Minute:
			rung = true
		}
		return contract.StepResult{Node: "erp", Wait: "call", Call: "c1"}, nil
	}
	ring(t, env, 3*time.Minute, "a")
	env.ExecuteWorkflow(contract.WorkflowFlowRun, run42)
	result(t, env)
	if !rung || len(tries) != 2 || tries[0] != 0 || tries[1] != 10*time.Minute {
		t.Errorf("tries after %v, a step during the pause: %v; want tries at once and after ten minutes", tries, rung)
	}
}
