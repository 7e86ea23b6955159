package workflows

import (
	"time"

	"go.temporal.io/sdk/workflow"
)

// alarm is the one timer of a workflow that waits for many instants. It is set anew only for an earlier instant: one that
// goes off early costs a look, while a timer for each wait would cost two events each time and go off for nothing later.
// (The SDK's own Await with a time-out leaves its timer running when the condition comes first.)
type alarm struct {
	at     time.Time
	timer  workflow.Future
	cancel workflow.CancelFunc
}

// await waits until the condition holds or the instant has come; a zero instant never comes. It may return early.
func (a *alarm) await(ctx workflow.Context, at time.Time, summary string, condition func() bool) error {
	if at.IsZero() {
		if a.timer == nil {
			return workflow.Await(ctx, condition)
		}
	} else if a.timer == nil || at.Before(a.at) {
		a.stop()
		var tctx workflow.Context
		tctx, a.cancel = workflow.WithCancel(ctx)
		a.at = at
		a.timer = workflow.NewTimerWithOptions(tctx, max(at.Sub(workflow.Now(ctx)), time.Millisecond),
			workflow.TimerOptions{Summary: summary + " " + stamp(at)})
	}
	timer := a.timer
	if err := workflow.Await(ctx, func() bool { return condition() || timer.IsReady() }); err != nil {
		return err
	}
	if timer.IsReady() {
		a.timer = nil
	}
	return nil
}

// stop takes the alarm back.
func (a *alarm) stop() {
	if a.timer != nil {
		a.cancel()
		a.timer = nil
	}
}
