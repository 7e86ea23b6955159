package workflows_test

import (
	"context"
	"testing"
	"time"

	"go.temporal.io/sdk/activity"
	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/workflow"

	"github.com/perene/perene/models"
	"github.com/perene/perene/workflows"
)

// A provider that is away for two days does not cost a file: tries grow to hours and go on for as long as it is kept.
func TestMediaFetchGoesOnForDays(t *testing.T) {
	env := newEnv()
	env.RegisterWorkflowWithOptions(workflows.MediaFetch, workflow.RegisterOptions{Name: workflows.TypeMediaFetch})
	env.SetWorkflowRunTimeout(30 * 24 * time.Hour) // the environment bounds activities by it
	begun, tries := env.Now(), 0
	env.RegisterActivityWithOptions(func(_ context.Context, in workflows.FetchMediaInput) (workflows.FetchMediaResult, error) {
		tries++
		if in.Media.MediaID != 9 {
			t.Errorf("asked for file %d", in.Media.MediaID)
		}
		if env.Now().Sub(begun) < 48*time.Hour {
			return workflows.FetchMediaResult{}, temporal.NewApplicationError("fetch media: not_sent", "provider_not_sent")
		}
		return workflows.FetchMediaResult{State: models.MediaStored, Size: 12}, nil
	}, activity.RegisterOptions{Name: workflows.ActivityFetchMedia})
	env.RegisterDelayedCallback(func() { env.UpdateWorkflow(workflows.UpdateRing, "", silent{t}) }, time.Hour)
	env.ExecuteWorkflow(workflows.TypeMediaFetch, models.MediaFetchStart{AccountID: 1, MediaID: 9, ConnectionID: 3})
	var out workflows.FetchMediaResult
	if err := env.GetWorkflowResult(&out); err != nil || out.State != models.MediaStored {
		t.Fatalf("%+v, %v", out, err)
	}
	if tries < 15 || tries > 40 {
		t.Errorf("%d tries in two days", tries)
	}
}
