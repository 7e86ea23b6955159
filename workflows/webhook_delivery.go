package workflows

import (
	"fmt"
	"strings"
	"time"

	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/workflow"

	"github.com/perene/perene/contract"
	"github.com/perene/perene/models"
)

const (
	// webhookTurns is how many turns one history takes before it is continued as new. A turn is about seven events.
	webhookTurns = 200
	// webhookHeartbeat is after how long without a sign of life a turn counts as dead.
	webhookHeartbeat = 15 * time.Second
	// webhookTick is the least time between two turns that nothing rang for.
	webhookTick = time.Second
)

var webhookDeliveryType = define(definition[contract.WebhookDeliveryStart]{
	run:      WebhookDelivery,
	versions: []string{"initial"},
	summary: func(s contract.WebhookDeliveryStart) string {
		return fmt.Sprintf("webhook %d · account %d", s.EndpointID, s.AccountID)
	},
	details: "Sends events to one webhook, in the order of each conversation, for as long as the webhook exists.",
	found: func(s contract.WebhookDeliveryStart) attributes {
		return attributes{account: s.AccountID, state: string(models.WebhookActive)}
	},
})

// WebhookDelivery sends to one webhook what is due, and waits for a ring, for the next attempt of what failed, or for the next
// probe of a quarantined webhook (rules 220 and 221). It ends when the webhook is removed.
func WebhookDelivery(ctx workflow.Context, in contract.WebhookDeliveryInput) error {
	w := &webhookDelivery{in: in, rung: true}
	if in.Carried != nil {
		w.at, w.rung = in.Carried.View, in.Carried.Rung
	}
	if err := listen(ctx, func() { w.rung = true }, func() contract.WebhookDeliveryView { return w.at }); err != nil {
		return err
	}
	return w.run(ctx)
}

// webhookDelivery is the state of a WebhookDelivery. What survives continue-as-new is in WebhookDeliveryCarried.
type webhookDelivery struct {
	in    contract.WebhookDeliveryInput
	at    contract.WebhookDeliveryView
	rung  bool
	turns int
	alarm alarm
}

func (w *webhookDelivery) run(ctx workflow.Context) error {
	for {
		if w.rung || w.due(ctx) {
			if err := w.turn(ctx); err != nil {
				return err
			}
			continue
		}
		if w.at.Removed {
			return workflow.Await(ctx, func() bool { return workflow.AllHandlersFinished(ctx) })
		}
		if w.turns >= w.limit() || workflow.GetInfo(ctx).GetContinueAsNewSuggested() {
			return w.continueAsNew(ctx)
		}
		w.describe(ctx)
		if err := w.alarm.await(ctx, w.at.NextAt, "sends again", func() bool { return w.rung }); err != nil {
			return err
		}
	}
}

// due tells whether the instant has come for which the webhook waits.
func (w *webhookDelivery) due(ctx workflow.Context) bool {
	return w.at.More || (!w.at.NextAt.IsZero() && !workflow.Now(ctx).Before(w.at.NextAt))
}

// turn sends until nothing is due. A dead worker's turn is begun again, and the receiver may get an event twice with one id.
func (w *webhookDelivery) turn(ctx workflow.Context) error {
	w.rung = false
	w.turns++
	actx := workflow.WithActivityOptions(ctx, workflow.ActivityOptions{
		StartToCloseTimeout: 30 * time.Minute,
		HeartbeatTimeout:    webhookHeartbeat,
		RetryPolicy:         &temporal.RetryPolicy{InitialInterval: 500 * time.Millisecond, BackoffCoefficient: 2, MaximumInterval: 30 * time.Second},
		Summary:             "send what is due",
	})
	before := w.at.State
	var view contract.WebhookDeliveryView // a new one: what an answer leaves out is zero
	if err := workflow.ExecuteActivity(actx, contract.ActivityDeliverWebhooks, w.in.WebhookDeliveryStart).Get(ctx, &view); err != nil {
		return err
	}
	w.at = view
	// A worker whose clock is behind leaves what is due now for later.
	if soonest := workflow.Now(ctx).Add(webhookTick); !w.at.NextAt.IsZero() && w.at.NextAt.Before(soonest) {
		w.at.NextAt = soonest
	}
	if w.at.State == before {
		return nil
	}
	return workflow.UpsertTypedSearchAttributes(ctx, AttributeState.ValueSet(string(w.at.State)))
}

func (w *webhookDelivery) continueAsNew(ctx workflow.Context) error {
	if err := workflow.Await(ctx, func() bool { return workflow.AllHandlersFinished(ctx) }); err != nil {
		return err
	}
	next := contract.WebhookDeliveryInput{WebhookDeliveryStart: w.in.WebhookDeliveryStart, ContinueAfter: w.in.ContinueAfter,
		Carried: &contract.WebhookDeliveryCarried{View: w.at, Rung: w.rung || signalled(ctx)}}
	return workflow.NewContinueAsNewError(ctx, WebhookDelivery, next)
}

func (w *webhookDelivery) limit() int {
	if w.in.ContinueAfter > 0 {
		return w.in.ContinueAfter
	}
	return webhookTurns
}

// describe writes what an operator reads in Temporal Web.
func (w *webhookDelivery) describe(ctx workflow.Context) {
	var b strings.Builder
	fmt.Fprintf(&b, "**Webhook %d: %s**\n\n- failures in a row: %d", w.in.EndpointID, w.at.State, w.at.Failures)
	if !w.at.NextAt.IsZero() {
		fmt.Fprintf(&b, "\n- sends again %s", stamp(w.at.NextAt))
	}
	fmt.Fprintf(&b, "\n\naccount %d", w.in.AccountID)
	workflow.SetCurrentDetails(ctx, b.String())
}
