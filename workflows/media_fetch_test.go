package workflows_test

import (
	"context"
	"testing"
	"time"

	"go.temporal.io/sdk/activity"
	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/workflow"

	"github.com/perene/perene/contract"
	"github.com/perene/perene/models"
	"github.com/perene/perene/workflows"
)

// A provider that is away does not cost a file: tries grow and go on. (The environment bounds an activity by its
// start-to-close time-out, so the test's provider is back after some minutes; in production tries go on for 7 days.)
func TestMediaFetchGoesOnWhileTheProviderIsAway(t *testing.T) {
	env := newEnv()
	env.RegisterWorkflowWithOptions(workflows.MediaFetch, workflow.RegisterOptions{Name: contract.WorkflowMediaFetch})
	begun, tries := env.Now(), 0
	env.RegisterActivityWithOptions(func(_ context.Context, in contract.FetchMediaInput) (contract.FetchMediaResult, error) {
		tries++
		if in.Media.MediaID != 9 {
			t.Errorf("asked for file %d", in.Media.MediaID)
		}
		if env.Now().Sub(begun) < 6*time.Minute {
			return contract.FetchMediaResult{}, temporal.NewApplicationError("fetch media: not_sent", "provider_not_sent")
		}
		return contract.FetchMediaResult{State: models.MediaStored, Size: 12}, nil
	}, activity.RegisterOptions{Name: contract.ActivityFetchMedia})
	env.RegisterDelayedCallback(func() { env.UpdateWorkflow(contract.UpdateRing, "", silent{t}) }, time.Minute)
	env.ExecuteWorkflow(contract.WorkflowMediaFetch, contract.MediaFetchStart{AccountID: 1, MediaID: 9, ConnectionID: 3})
	var out contract.FetchMediaResult
	if err := env.GetWorkflowResult(&out); err != nil || out.State != models.MediaStored {
		t.Fatalf("%+v, %v", out, err)
	}
	if tries < 8 || tries > 10 {
		t.Errorf("%d tries in six minutes: they are to grow", tries)
	}
}
