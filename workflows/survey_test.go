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

// Rule 203: a survey reminds once at its instant, ends at its own, asks again while a clock is behind, and ends when it is rung
// for an answer.
func TestSurveyWaitsForItsInstants(t *testing.T) {
	for name, c := range map[string]struct {
		behind   time.Duration // of the clock that decides
		answerAt time.Duration
		want     []string
		state    models.SurveyState
	}{
		"reminds and expires":       {want: []string{"0s waiting", "1h0m0s waiting", "24h0m0s expired"}, state: models.SurveyExpired},
		"is answered":               {answerAt: 10 * time.Minute, want: []string{"0s waiting", "10m0s answered"}, state: models.SurveyAnswered},
		"asks a clock that is late": {behind: 1500 * time.Millisecond, want: []string{"0s waiting", "1h0m0s waiting", "1h0m1s waiting", "1h0m2s waiting", "24h0m0s waiting", "24h0m1s waiting", "24h0m2s expired"}, state: models.SurveyExpired},
	} {
		t.Run(name, func(t *testing.T) {
			env := newEnv()
			env.RegisterWorkflowWithOptions(workflows.Survey, workflow.RegisterOptions{Name: contract.WorkflowSurvey})
			begun := env.Now()
			view := contract.SurveyView{State: models.SurveyWaiting, NextAt: begun.Add(time.Hour), DueAt: begun.Add(24 * time.Hour)}
			var seen []string
			env.RegisterActivityWithOptions(func(_ context.Context, in contract.SurveyStart) (contract.SurveyView, error) {
				if in.AnswerID != 88 {
					t.Errorf("asks for %+v", in)
				}
				now := env.Now().Add(-c.behind)
				switch {
				case !view.State.Waits():
				case !now.Before(view.DueAt):
					view.State = models.SurveyExpired
				case !now.Before(view.NextAt):
					view.NextAt = view.DueAt
				}
				seen = append(seen, env.Now().Sub(begun).Round(time.Second).String()+" "+string(view.State))
				return view, nil
			}, activity.RegisterOptions{Name: contract.ActivitySurveyTurn})
			if c.answerAt > 0 {
				env.RegisterDelayedCallback(func() {
					view.State = models.SurveyAnswered
					env.SignalWorkflow(contract.SignalRing, nil)
				}, c.answerAt)
			}
			env.ExecuteWorkflow(contract.WorkflowSurvey, contract.SurveyInput{SurveyStart: contract.SurveyStart{
				AccountID: 1, AnswerID: 88, TicketID: 7, ConversationID: 9, ConnectionID: 3}})
			if err := env.GetWorkflowError(); err != nil {
				t.Fatal(err)
			}
			var out contract.SurveyView
			if err := env.GetWorkflowResult(&out); err != nil || out.State != c.state {
				t.Errorf("ended with %+v, %v", out, err)
			}
			if diff := cmp.Diff(c.want, seen); diff != "" {
				t.Error(diff)
			}
		})
	}
}
