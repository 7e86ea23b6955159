package workflows_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"go.temporal.io/sdk/activity"
	"go.temporal.io/sdk/testsuite"
	"go.temporal.io/sdk/workflow"

	"github.com/perene/perene/contract"
	"github.com/perene/perene/models"
	"github.com/perene/perene/workflows"
)

// deliveries answers turns with views, one after another, and notes when each came. A turn too many ends the webhook.
func deliveries(t *testing.T, views ...contract.WebhookDeliveryView) (*testsuite.TestWorkflowEnvironment, *[]string) {
	t.Helper()
	env, seen := newEnv(), &[]string{}
	begun := env.Now()
	env.RegisterWorkflowWithOptions(workflows.WebhookDelivery, workflow.RegisterOptions{Name: contract.WorkflowWebhookDelivery})
	env.RegisterActivityWithOptions(func(_ context.Context, start contract.WebhookDeliveryStart) (contract.WebhookDeliveryView, error) {
		if start.AccountID != 1 || start.EndpointID != 7 {
			t.Errorf("delivers to %+v", start)
		}
		view := contract.WebhookDeliveryView{State: models.WebhookOff, Removed: true}
		if len(*seen) < len(views) {
			view = views[len(*seen)]
		}
		if view.Failures > 0 { // a later attempt, in so many minutes
			view.NextAt = env.Now().Add(time.Duration(view.Failures) * time.Minute)
		}
		*seen = append(*seen, env.Now().Sub(begun).Round(time.Second).String()+" "+string(view.State))
		return view, nil
	}, activity.RegisterOptions{Name: contract.ActivityDeliverWebhooks})
	return env, seen
}

var webhook7 = contract.WebhookDeliveryInput{WebhookDeliveryStart: contract.WebhookDeliveryStart{AccountID: 1, EndpointID: 7}}

// Rules 220 and 221: a webhook's deliveries go when it is rung, at the instant of a later attempt and of a probe, at once while
// there is more, and end with the webhook.
func TestWebhookDeliveryWaitsForRingsAndInstants(t *testing.T) {
	env, seen := deliveries(t, contract.WebhookDeliveryView{State: models.WebhookActive, Failures: 5}, contract.WebhookDeliveryView{State: models.WebhookQuarantined, Failures: 55},
		contract.WebhookDeliveryView{State: models.WebhookActive, More: true}, contract.WebhookDeliveryView{State: models.WebhookActive})
	env.RegisterDelayedCallback(func() { env.SignalWorkflow(contract.SignalRing, nil) }, 90*time.Minute)
	env.ExecuteWorkflow(contract.WorkflowWebhookDelivery, webhook7)
	if err := env.GetWorkflowError(); err != nil {
		t.Fatal(err)
	}
	want := []string{"0s active", "5m0s quarantined", "1h0m0s active", "1h0m0s active", "1h30m0s off"}
	if diff := cmp.Diff(want, *seen); diff != "" {
		t.Error(diff)
	}
}

// What a webhook waits for survives continue-as-new.
func TestWebhookDeliveryContinuesAsNew(t *testing.T) {
	env, _ := deliveries(t, contract.WebhookDeliveryView{State: models.WebhookQuarantined, Failures: 55})
	in := webhook7
	in.ContinueAfter = 1
	env.ExecuteWorkflow(contract.WorkflowWebhookDelivery, in)
	var again *workflow.ContinueAsNewError
	if !errors.As(env.GetWorkflowError(), &again) {
		t.Fatalf("ended with %v", env.GetWorkflowError())
	}
	var next contract.WebhookDeliveryInput
	decode(t, again, &next)
	if next.Carried == nil || next.Carried.Rung || next.Carried.View.State != models.WebhookQuarantined || next.Carried.View.NextAt.IsZero() || next.ContinueAfter != 1 {
		t.Fatalf("carries %+v", next)
	}
	next.ContinueAfter = 0
	env, seen := deliveries(t)
	env.ExecuteWorkflow(contract.WorkflowWebhookDelivery, next)
	if diff := cmp.Diff([]string{"55m0s off"}, round(*seen)); diff != "" {
		t.Error(diff)
	}
}

// round takes whole minutes: the two histories begin within a second.
func round(seen []string) []string {
	out := []string{}
	for _, s := range seen {
		at, state, _ := strings.Cut(s, " ")
		d, _ := time.ParseDuration(at)
		out = append(out, d.Round(time.Minute).String()+" "+state)
	}
	return out
}
