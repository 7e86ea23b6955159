package workflows_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"go.temporal.io/sdk/activity"
	"go.temporal.io/sdk/converter"
	"go.temporal.io/sdk/workflow"

	"github.com/perene/perene/contract"
	"github.com/perene/perene/models"
	"github.com/perene/perene/workflows"
)

func decode(t *testing.T, next *workflow.ContinueAsNewError, into any) {
	t.Helper()
	if err := converter.GetDefaultDataConverter().FromPayloads(next.Input, into); err != nil {
		t.Fatal(err)
	}
}

// Rules 077, 088, 089: the window is read again when the instant comes, so a message that moved it costs nothing.
func TestSessionWindowReadsTheRowWhenItWakes(t *testing.T) {
	env := newEnv()
	env.RegisterWorkflowWithOptions(workflows.SessionWindow, workflow.RegisterOptions{Name: contract.WorkflowSessionWindow})
	begun := env.Now()
	expires := begun.Add(24 * time.Hour)
	var seen []string
	env.RegisterActivityWithOptions(func(_ context.Context, in contract.RefreshWindowInput) (contract.WindowView, error) {
		if in.Window.ConversationID != 981 {
			return contract.WindowView{}, errors.New("another window")
		}
		now := env.Now()
		state := models.WindowOpen
		switch left := expires.Sub(now); {
		case left <= 0:
			state = models.WindowExpired
		case left <= models.ExpiringBefore:
			state = models.WindowExpiring
		}
		seen = append(seen, now.Sub(begun).Round(time.Minute).String()+" "+string(state))
		return contract.WindowView{State: state, ExpiresAt: expires}, nil
	}, activity.RegisterOptions{Name: contract.ActivityRefreshWindow})
	// The contact writes after ten hours: only the row changes.
	env.RegisterDelayedCallback(func() { expires = begun.Add(34 * time.Hour) }, 10*time.Hour)
	env.ExecuteWorkflow(contract.WorkflowSessionWindow, contract.SessionWindowStart{AccountID: 1, ConversationID: 981, ConnectionID: 3})
	if err := env.GetWorkflowError(); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"0s open", "23h30m0s open", "33h30m0s expiring", "34h0m0s expired"}, seen); diff != "" {
		t.Error(diff)
	}
}
