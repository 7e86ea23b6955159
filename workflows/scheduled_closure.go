package workflows

import (
	"fmt"
	"time"

	"go.temporal.io/sdk/workflow"

	"github.com/perene/perene/contract"
	"github.com/perene/perene/models"
)

// closureTick is the least time between two tries to close. It bounds them while the worker's clock is behind Temporal's.
const closureTick = time.Second

var scheduledClosureType = define(definition[contract.ScheduledClosureStart]{
	run:      ScheduledClosure,
	versions: []string{"initial"},
	summary: func(s contract.ScheduledClosureStart) string {
		return fmt.Sprintf("closure of ticket %d · conversation %d · connection %d · account %d", s.TicketID, s.ConversationID, s.ConnectionID, s.AccountID)
	},
	details: "Closes one ticket at its instant, unless the contact answers first or somebody takes it back.",
	links:   func(s contract.ScheduledClosureStart) []string { return []string{conversationLink(s.ConversationID)} },
	found: func(s contract.ScheduledClosureStart) attributes {
		return attributes{account: s.AccountID, connection: s.ConnectionID, conversation: s.ConversationID, state: string(models.ClosureWaiting)}
	},
})

// ScheduledClosure waits for the absolute instant that Postgres says and closes the ticket then (rules 151 to 154). It is rung
// when the closure ended otherwise: the contact answered, somebody took it back, or the ticket was closed before. A late one
// closes late. The answer at the due second has one result, because both ask under the conversation's lock.
func ScheduledClosure(ctx workflow.Context, in contract.ScheduledClosureInput) (contract.ClosureView, error) {
	c := &scheduledClosure{in: in}
	if err := listen(ctx, func() { c.rung = true }, func() contract.ClosureView { return c.at }); err != nil {
		return contract.ClosureView{}, err
	}
	return c.run(ctx)
}

type scheduledClosure struct {
	in    contract.ScheduledClosureInput
	at    contract.ClosureView
	rung  bool
	alarm alarm
}

func (c *scheduledClosure) run(ctx workflow.Context) (contract.ClosureView, error) {
	if err := c.do(ctx, contract.ActivityReadClosure); err != nil {
		return contract.ClosureView{}, err
	}
	soonest := c.at.DueAt
	for c.at.State == models.ClosureWaiting {
		c.describe(ctx, "waits")
		if err := c.alarm.await(ctx, soonest, "closes", func() bool { return c.rung }); err != nil {
			return contract.ClosureView{}, err
		}
		what := contract.ActivityReadClosure
		if !workflow.Now(ctx).Before(soonest) {
			what = contract.ActivityCloseDue
		}
		c.rung = false
		if err := c.do(ctx, what); err != nil {
			return contract.ClosureView{}, err
		}
		soonest = c.at.DueAt
		if what == contract.ActivityCloseDue {
			soonest = workflow.Now(ctx).Add(closureTick)
		}
	}
	c.describe(ctx, string(c.at.State))
	return c.at, workflow.Await(ctx, func() bool { return workflow.AllHandlersFinished(ctx) })
}

// do runs one of the short activities; each is one transaction and safe to repeat.
func (c *scheduledClosure) do(ctx workflow.Context, name string) error {
	actx := transaction(ctx, calmly, name)
	return workflow.ExecuteLocalActivity(actx, name, contract.ClosureInput{Closure: c.in.ScheduledClosureStart}).Get(ctx, &c.at)
}

// describe writes what an operator reads in Temporal Web.
func (c *scheduledClosure) describe(ctx workflow.Context, stands string) {
	reply := "an answer of the contact does not cancel it"
	if c.at.CancelOnReply {
		reply = "an answer of the contact cancels it"
	}
	workflow.SetCurrentDetails(ctx, fmt.Sprintf("**Closure %d of ticket %d: %s**\n\n- due %s\n- %s\n\naccount %d · connection %d · conversation %d",
		c.in.ClosureID, c.in.TicketID, stands, stamp(c.at.DueAt), reply, c.in.AccountID, c.in.ConnectionID, c.in.ConversationID)+
		linksHere(ctx, conversationLink(c.in.ConversationID)))
}
