package workflows_test

import (
	"testing"
	"time"

	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/testsuite"

	"github.com/perene/perene/contract"
	"github.com/perene/perene/models"
	"github.com/perene/perene/workflows"
)

// upserts says which states a workflow is to write, each so often; any other write fails the test.
func upserts(t *testing.T, env *testsuite.TestWorkflowEnvironment, states map[string]int) {
	t.Helper()
	for state, times := range states {
		env.OnUpsertTypedSearchAttributes(temporal.NewSearchAttributes(workflows.AttributeState.ValueSet(state))).Return(nil).Times(times)
	}
	t.Cleanup(func() { env.AssertExpectations(t) })
}

// Visibility is written when a run begins to need an operator and when it goes on, and not by ordinary turns.
func TestFlowRunTellsWhenItNeedsAnOperator(t *testing.T) {
	waits := []string{"reply", "reply", "operator", "operator", "reply", "reply"}
	f := &fakeEngine{t: t}
	env := flowRunEnv(t, f)
	f.answer = func(in contract.StepFlowInput) (contract.StepResult, error) {
		if int(in.Step) > len(waits) {
			return contract.StepResult{Ended: true, Outcome: "completed", Reason: "end_node"}, nil
		}
		return contract.StepResult{Node: "menu", Wait: waits[in.Step-1]}, nil
	}
	for i := range waits {
		ring(t, env, time.Duration(i+1)*time.Minute, string(rune('a'+i)))
	}
	upserts(t, env, map[string]int{workflows.StateNeedsOperator: 1, workflows.StateRunning: 1})
	env.ExecuteWorkflow(contract.WorkflowFlowRun, run42)
	result(t, env)
}

// A run that needed an operator before its history was continued as new takes that back afterwards.
func TestFlowRunRemembersThatItNeededAnOperator(t *testing.T) {
	f := &fakeEngine{t: t, answer: func(contract.StepFlowInput) (contract.StepResult, error) {
		return contract.StepResult{Ended: true, Outcome: "stopped", Reason: "stopped"}, nil
	}}
	env := flowRunEnv(t, f)
	in := run42
	in.Carried = &contract.FlowRunCarried{Step: 9, Wait: "operator", Rung: true}
	upserts(t, env, map[string]int{workflows.StateRunning: 1})
	env.ExecuteWorkflow(contract.WorkflowFlowRun, in)
	result(t, env)
}

func TestConnectionTellsWhenItIsHeldAndWhenItGoesOn(t *testing.T) {
	f := newFakeConnection(t)
	env := f.environment(time.Time{})
	f.send = func(n int) (contract.SenderRest, error) {
		if n == 2 {
			return contract.SenderRest{State: models.ConnectionHeld, Scope: models.HoldAll, Code: 190, ProbeAt: env.Now().Add(time.Minute)}, nil
		}
		return contract.SenderRest{State: models.ConnectionActive}, nil
	}
	f.probe = func(int) contract.SenderRest { return contract.SenderRest{State: models.ConnectionActive} }
	for i := range 5 {
		f.ring(time.Duration(i+1) * 10 * time.Minute)
	}
	f.remove(2 * time.Hour)
	upserts(t, env, map[string]int{"held": 1, "active": 1})
	f.run()
}

// What is known at the start is written with the start, which costs nothing more; ids and states only.
func TestSearchAttributesOfAStart(t *testing.T) {
	for _, c := range []struct {
		bell  contract.Doorbell
		state string
		size  int
	}{
		{run42.Doorbell(), workflows.StateRunning, 5},
		{connection3.Doorbell(), "active", 3},
		{contract.DeliveryRetryStart{AccountID: 1, MessageID: 2, ConversationID: 7, ConnectionID: 3}.Doorbell(), workflows.StateRetrying, 4},
		{contract.SessionWindowStart{AccountID: 1, ConversationID: 7, ConnectionID: 3}.Doorbell(), "", 3},
		{ticket17.Doorbell(), "waiting", 4},
		{contract.HousekeepingStart{}.Doorbell(), "", 0},
	} {
		attributes := workflows.Named(c.bell.WorkflowType).SearchAttributes(c.bell)
		if state, _ := attributes.GetKeyword(workflows.AttributeState); state != c.state || attributes.Size() != c.size {
			t.Errorf("%s starts with state %q and %d attributes, want %q and %d", c.bell.WorkflowID, state, attributes.Size(), c.state, c.size)
		}
		for key := range attributes.GetUntypedValues() {
			if workflows.SearchAttributeTypes()[key.GetName()] != key.GetValueType().String() {
				t.Errorf("%s is not in searchattributes.json as %s", key.GetName(), key.GetValueType())
			}
		}
	}
}
