package workflows

import (
	"fmt"
	"time"

	"go.temporal.io/sdk/workflow"

	"github.com/perene/perene/contract"
	"github.com/perene/perene/models"
)

const (
	// sendTick is the least time between two tries to send. It bounds them while the worker's clock is behind Temporal's.
	sendTick = time.Second
	// sendsInOneHistory is after how many occurrences a history is continued as new.
	sendsInOneHistory = 200
)

var scheduledSendType = define(definition[contract.ScheduledSendStart]{
	run:      ScheduledSend,
	versions: []string{"initial"},
	summary: func(s contract.ScheduledSendStart) string {
		return fmt.Sprintf("schedule %d · conversation %d · connection %d · account %d", s.SendID, s.ConversationID, s.ConnectionID, s.AccountID)
	},
	details: "Sends messages or a template, or starts a flow, at an instant, once or again and again.",
	links:   func(s contract.ScheduledSendStart) []string { return []string{conversationLink(s.ConversationID)} },
	found: func(s contract.ScheduledSendStart) attributes {
		return attributes{account: s.AccountID, connection: s.ConnectionID, conversation: s.ConversationID, state: string(models.ScheduledWaiting)}
	},
})

// ScheduledSend waits for the absolute instant that Postgres says and sends then (rules 167 to 174). It is rung when the row
// changed: another instant, cancelled, sent at once, or held because the contact wrote first. A held one waits for a person. A
// late one is sent late, and of the occurrences that nothing sent in time only the last one is.
func ScheduledSend(ctx workflow.Context, in contract.ScheduledSendInput) (contract.ScheduledSendView, error) {
	s := &scheduledSend{in: in}
	if err := listen(ctx, func() { s.rung = true }, func() contract.ScheduledSendView { return s.at }); err != nil {
		return contract.ScheduledSendView{}, err
	}
	return s.run(ctx)
}

type scheduledSend struct {
	in    contract.ScheduledSendInput
	at    contract.ScheduledSendView
	rung  bool
	alarm alarm
}

func (s *scheduledSend) run(ctx workflow.Context) (contract.ScheduledSendView, error) {
	if err := s.do(ctx, contract.ActivityReadScheduled); err != nil {
		return contract.ScheduledSendView{}, err
	}
	begun := s.at.Occurrence
	soonest := s.at.DueAt
	for !s.at.State.Over() {
		if s.at.Occurrence-begun >= s.continueAfter() {
			return s.at, s.continueAsNew(ctx)
		}
		if s.at.State == models.ScheduledHeld {
			soonest = time.Time{}
			s.alarm.stop()
		}
		s.describe(ctx)
		if err := s.alarm.await(ctx, soonest, "sends", func() bool { return s.rung }); err != nil {
			return contract.ScheduledSendView{}, err
		}
		what := contract.ActivityReadScheduled
		if !soonest.IsZero() && !workflow.Now(ctx).Before(soonest) {
			what = contract.ActivitySendDue
		}
		s.rung = false
		if err := s.do(ctx, what); err != nil {
			return contract.ScheduledSendView{}, err
		}
		soonest = s.at.DueAt
		if again := workflow.Now(ctx).Add(sendTick); what == contract.ActivitySendDue && soonest.Before(again) {
			soonest = again
		}
	}
	s.describe(ctx)
	return s.at, workflow.Await(ctx, func() bool { return workflow.AllHandlersFinished(ctx) })
}

func (s *scheduledSend) continueAfter() int {
	if s.in.ContinueAfter > 0 {
		return s.in.ContinueAfter
	}
	return sendsInOneHistory
}

// continueAsNew begins another history. It reads the row, so that a ring before it is not lost.
func (s *scheduledSend) continueAsNew(ctx workflow.Context) error {
	s.alarm.stop()
	if err := workflow.Await(ctx, func() bool { return workflow.AllHandlersFinished(ctx) }); err != nil {
		return err
	}
	return workflow.NewContinueAsNewError(ctx, ScheduledSend, s.in)
}

// do runs one of the short activities; each is one transaction and safe to repeat.
func (s *scheduledSend) do(ctx workflow.Context, name string) error {
	actx := transaction(ctx, calmly, name)
	return workflow.ExecuteLocalActivity(actx, name, contract.ScheduledInput{Send: s.in.ScheduledSendStart}).Get(ctx, &s.at)
}

// describe writes what an operator reads in Temporal Web.
func (s *scheduledSend) describe(ctx workflow.Context) {
	stands := string(s.at.State)
	switch s.at.State {
	case models.ScheduledWaiting:
		stands = "waits"
	case models.ScheduledHeld:
		stands = "held, because the contact wrote first: a person decides"
	case models.ScheduledSent, models.ScheduledSkipped, models.ScheduledCancelled:
	}
	again := "once"
	if s.at.Again {
		again = fmt.Sprintf("recurs, %d over", s.at.Occurrence)
	}
	workflow.SetCurrentDetails(ctx, fmt.Sprintf("**Schedule %d: %s**\n\n- due %s\n- %s\n\naccount %d · connection %d · conversation %d",
		s.in.SendID, stands, stamp(s.at.DueAt), again, s.in.AccountID, s.in.ConnectionID, s.in.ConversationID)+
		linksHere(ctx, conversationLink(s.in.ConversationID)))
}
