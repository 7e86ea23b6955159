package workflows

import (
	"fmt"
	"time"

	"go.temporal.io/sdk/workflow"

	"github.com/perene/perene/contract"
	"github.com/perene/perene/models"
)

var sessionWindowType = define(definition[contract.SessionWindowStart]{
	run:      SessionWindow,
	versions: []string{"initial"},
	summary: func(s contract.SessionWindowStart) string {
		return fmt.Sprintf("24-hour window · conversation %d · connection %d · account %d", s.ConversationID, s.ConnectionID, s.AccountID)
	},
	details: "Lives while a conversation's 24-hour window is open.",
	links:   func(s contract.SessionWindowStart) []string { return []string{conversationLink(s.ConversationID)} },
	found: func(s contract.SessionWindowStart) attributes {
		return attributes{account: s.AccountID, connection: s.ConnectionID, conversation: s.ConversationID}
	},
})

// SessionWindow lives while a conversation's 24-hour window is open (rules 088–094): it writes "Expirando" 30 minutes before
// the end (rule 077) and "Expirado" at the end. It sleeps until the instant it knows of and then reads the row again, so a
// new message of the contact costs it nothing.
func SessionWindow(ctx workflow.Context, in contract.SessionWindowStart) error {
	w := &sessionWindow{in: in}
	if err := listen(ctx, func() { w.rung = true }, func() contract.WindowView { return w.at }); err != nil {
		return err
	}
	return w.run(ctx)
}

type sessionWindow struct {
	in   contract.SessionWindowStart
	at   contract.WindowView
	rung bool
}

func (w *sessionWindow) run(ctx workflow.Context) error {
	for {
		w.rung = false
		actx := transaction(ctx, calmly, "read the window")
		if err := workflow.ExecuteLocalActivity(actx, contract.ActivityRefreshWindow, contract.RefreshWindowInput{Window: w.in}).Get(ctx, &w.at); err != nil {
			return err
		}
		if w.at.State == models.WindowExpired || w.at.State == models.WindowNone {
			if err := workflow.Await(ctx, func() bool { return workflow.AllHandlersFinished(ctx) }); err != nil || !w.rung {
				return err
			}
			continue // somebody wrote while we were closing
		}
		wake := w.at.ExpiresAt
		if w.at.State == models.WindowOpen {
			wake = wake.Add(-models.ExpiringBefore)
		}
		workflow.SetCurrentDetails(ctx, fmt.Sprintf("**Window %s**: the contact may be written to freely\n\n- ends %s, unless the contact writes again\n- looks again %s\n\naccount %d · connection %d · conversation %d",
			w.at.State, stamp(w.at.ExpiresAt), stamp(wake), w.in.AccountID, w.in.ConnectionID, w.in.ConversationID)+linksHere(ctx, conversationLink(w.in.ConversationID)))
		// A doorbell means that the window was open again before we could end: the row is read at the next waking.
		if _, err := workflow.AwaitWithOptions(ctx, workflow.AwaitOptions{
			Timeout:      max(wake.Sub(workflow.Now(ctx)), time.Second),
			TimerOptions: workflow.TimerOptions{Summary: "window " + string(w.at.State) + ", looks again " + stamp(wake)},
		}, func() bool { return false }); err != nil {
			return err
		}
	}
}
