package workflows

import (
	"fmt"
	"time"

	"go.temporal.io/sdk/workflow"

	"github.com/perene/perene/contract"
	"github.com/perene/perene/models"
)

const (
	// broadcastSteps is how many steps one history takes before it is continued as new. A step is about twelve events.
	broadcastSteps = 300
	// broadcastStepTime bounds one step, and broadcastHeartbeat is after how long without a recipient it counts as dead.
	broadcastStepTime  = 5 * time.Minute
	broadcastHeartbeat = 30 * time.Second
	// broadcastTick is the least time between two steps. It bounds them while the worker's clock is behind Temporal's.
	broadcastTick = 200 * time.Millisecond
)

var broadcastType = define(definition[contract.BroadcastStart]{
	run:      Broadcast,
	versions: []string{"initial"},
	summary: func(s contract.BroadcastStart) string {
		return fmt.Sprintf("broadcast %d · connection %d · account %d", s.BroadcastID, s.ConnectionID, s.AccountID)
	},
	details: "Sends one template to many contacts, once to each, at the speed that was chosen.",
	links:   func(s contract.BroadcastStart) []string { return []string{broadcastLink(s.BroadcastID)} },
	found: func(s contract.BroadcastStart) attributes {
		return attributes{account: s.AccountID, connection: s.ConnectionID, state: string(models.BroadcastScheduled)}
	},
})

// Broadcast waits for the one deadline that Postgres says and does what is due then, step after step. Pausing, going on, another
// speed and cancelling change the row and ring. A paused one waits for a person. What a killed worker began is done again, and
// each recipient knows whether there is a message.
func Broadcast(ctx workflow.Context, in contract.BroadcastInput) (contract.BroadcastView, error) {
	b := &broadcast{in: in}
	if err := listen(ctx, func() { b.rung = true }, func() contract.BroadcastView { return b.at }); err != nil {
		return contract.BroadcastView{}, err
	}
	return b.run(ctx)
}

// broadcast is the state of a Broadcast. Nothing of it survives continue-as-new: the row says everything.
type broadcast struct {
	in    contract.BroadcastInput
	at    contract.BroadcastView
	rung  bool
	steps int // since the run of this history began
	alarm alarm
}

func (b *broadcast) run(ctx workflow.Context) (contract.BroadcastView, error) {
	for {
		if err := b.step(ctx); err != nil {
			return contract.BroadcastView{}, err
		}
		b.describe(ctx)
		if b.at.State.Over() && !b.rung && !signalled(ctx) {
			return b.at, workflow.Await(ctx, func() bool { return workflow.AllHandlersFinished(ctx) })
		}
		if b.steps >= b.continueAfter() {
			b.alarm.stop()
			if err := workflow.Await(ctx, func() bool { return workflow.AllHandlersFinished(ctx) }); err != nil {
				return b.at, err
			}
			return b.at, workflow.NewContinueAsNewError(ctx, Broadcast, b.in)
		}
		next := b.at.NextAt
		if soonest := workflow.Now(ctx).Add(broadcastTick); !next.IsZero() && next.Before(soonest) {
			next = soonest
		}
		if err := b.alarm.await(ctx, next, "goes on", func() bool { return b.rung }); err != nil {
			return contract.BroadcastView{}, err
		}
	}
}

func (b *broadcast) continueAfter() int {
	if b.in.ContinueAfter > 0 {
		return b.in.ContinueAfter
	}
	return broadcastSteps
}

func (b *broadcast) step(ctx workflow.Context) error {
	b.rung = false
	b.steps++
	again := calmly
	actx := workflow.WithActivityOptions(ctx, workflow.ActivityOptions{
		StartToCloseTimeout: broadcastStepTime,
		HeartbeatTimeout:    broadcastHeartbeat,
		RetryPolicy:         &again,
		Summary:             "next recipients",
	})
	in := contract.BroadcastStepInput{Broadcast: b.in.BroadcastStart}
	return workflow.ExecuteActivity(actx, contract.ActivityStepBroadcast, in).Get(ctx, &b.at)
}

// describe writes what an operator reads in Temporal Web.
func (b *broadcast) describe(ctx workflow.Context) {
	v := b.at
	stands := string(v.State)
	if v.Reason != "" {
		stands += " (" + string(v.Reason) + ")"
	}
	until := "a person has to act first"
	switch {
	case v.State.Over():
		until = "over"
	case !v.NextAt.IsZero():
		until = "goes on at " + stamp(v.NextAt)
	}
	workflow.SetCurrentDetails(ctx, fmt.Sprintf("**Broadcast %d: %s**\n\n- %s\n- %d of %d sent, %d left out\n\naccount %d · connection %d",
		b.in.BroadcastID, stands, until, v.Sent, v.Total, v.LeftOut, b.in.AccountID, b.in.ConnectionID)+
		linksHere(ctx, broadcastLink(b.in.BroadcastID)))
}
