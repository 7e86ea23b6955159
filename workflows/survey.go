package workflows

import (
	"fmt"
	"time"

	"go.temporal.io/sdk/workflow"

	"github.com/perene/perene/contract"
	"github.com/perene/perene/models"
)

// surveyTick is the least time between two turns. It bounds them while the worker's clock is behind Temporal's.
const surveyTick = time.Second

var surveyType = define(definition[contract.SurveyStart]{
	run:      Survey,
	versions: []string{"initial"},
	summary: func(s contract.SurveyStart) string {
		return fmt.Sprintf("survey about ticket %d · conversation %d · connection %d · account %d", s.TicketID, s.ConversationID, s.ConnectionID, s.AccountID)
	},
	details: "Waits for a contact's grade, reminds once and ends when its time is over.",
	links:   func(s contract.SurveyStart) []string { return []string{conversationLink(s.ConversationID)} },
	found: func(s contract.SurveyStart) attributes {
		return attributes{account: s.AccountID, connection: s.ConnectionID, conversation: s.ConversationID, state: string(models.SurveyWaiting)}
	},
})

// Survey waits for the absolute instant that Postgres says, and reminds or ends the survey then (rules 203 and 259). It is rung when
// the contact answered or the survey ended otherwise. A late one is late. An answer at the due second has one result, because both
// ask under the conversation's lock.
func Survey(ctx workflow.Context, in contract.SurveyInput) (contract.SurveyView, error) {
	s := &survey{in: in}
	if err := listen(ctx, func() { s.rung = true }, func() contract.SurveyView { return s.at }); err != nil {
		return contract.SurveyView{}, err
	}
	return s.run(ctx)
}

type survey struct {
	in    contract.SurveyInput
	at    contract.SurveyView
	rung  bool
	alarm alarm
}

func (s *survey) run(ctx workflow.Context) (contract.SurveyView, error) {
	if err := s.turn(ctx); err != nil {
		return contract.SurveyView{}, err
	}
	for s.at.State.Waits() {
		next := s.at.NextAt
		if soonest := workflow.Now(ctx).Add(surveyTick); next.Before(soonest) {
			next = soonest
		}
		s.describe(ctx)
		if err := s.alarm.await(ctx, next, "looks again", func() bool { return s.rung }); err != nil {
			return contract.SurveyView{}, err
		}
		s.rung = false
		if err := s.turn(ctx); err != nil {
			return contract.SurveyView{}, err
		}
	}
	s.describe(ctx)
	return s.at, workflow.Await(ctx, func() bool { return workflow.AllHandlersFinished(ctx) })
}

// turn is one transaction and safe to repeat.
func (s *survey) turn(ctx workflow.Context) error {
	actx := transaction(ctx, calmly, contract.ActivitySurveyTurn)
	return workflow.ExecuteLocalActivity(actx, contract.ActivitySurveyTurn, s.in.SurveyStart).Get(ctx, &s.at)
}

// describe writes what an operator reads in Temporal Web.
func (s *survey) describe(ctx workflow.Context) {
	workflow.SetCurrentDetails(ctx, fmt.Sprintf("**Survey %d about ticket %d: %s**\n\n- ends %s\n\naccount %d · connection %d · conversation %d",
		s.in.AnswerID, s.in.TicketID, s.at.State, stamp(s.at.DueAt), s.in.AccountID, s.in.ConnectionID, s.in.ConversationID)+
		linksHere(ctx, conversationLink(s.in.ConversationID)))
}
