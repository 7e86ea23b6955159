package workflows

import (
	"fmt"
	"time"

	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/workflow"

	"github.com/perene/perene/contract"
	"github.com/perene/perene/models"
)

// settleTime is how long a DeliveryRetry watches a message after a try: a failure that the provider tells later finds it
// still there and goes on with the next, longer wait.
const settleTime = time.Hour

var deliveryRetryType = define(definition[contract.DeliveryRetryStart]{
	run:      DeliveryRetry,
	versions: []string{"initial"},
	summary: func(s contract.DeliveryRetryStart) string {
		return fmt.Sprintf("later tries of message %d · conversation %d · connection %d · account %d", s.MessageID, s.ConversationID, s.ConnectionID, s.AccountID)
	},
	details: "Makes the later tries of one failed message, until it is sent, the person replies or somebody cancels it.",
	links:   func(s contract.DeliveryRetryStart) []string { return []string{conversationLink(s.ConversationID)} },
	found: func(s contract.DeliveryRetryStart) attributes {
		return attributes{account: s.AccountID, connection: s.ConnectionID, conversation: s.ConversationID, state: StateRetrying}
	},
})

// DeliveryRetry makes the later tries of one failed message (131049: 24, 48, 96 h …; rule 128, Z15): it waits for the
// absolute instant that Postgres says, gives the message its place in the queue again, and watches what becomes of it. It
// stops when the person replies, when somebody cancels it, or when the message is settled.
func DeliveryRetry(ctx workflow.Context, in contract.DeliveryRetryInput) (contract.DeliveryRetryResult, error) {
	r := &deliveryRetry{in: in}
	if err := r.register(ctx); err != nil {
		return contract.DeliveryRetryResult{}, err
	}
	return r.run(ctx)
}

type deliveryRetry struct {
	in        contract.DeliveryRetryInput
	at        contract.RetryView
	rung      bool
	now       bool // somebody asked for the next try now
	cancelled bool
	triedAt   time.Time // of the last try made here
	alarm     alarm
	ended     bool
}

func (r *deliveryRetry) register(ctx workflow.Context) error {
	return listen(ctx, func() { r.rung = true }, func() contract.RetryView { return r.at }, func() error { return r.commands(ctx) })
}

// commands registers what agents may ask for while the message waits.
func (r *deliveryRetry) commands(ctx workflow.Context) error {
	waiting := workflow.UpdateHandlerOptions{Validator: func() error {
		if r.ended || r.at.State != models.MessageRetry {
			return temporal.NewApplicationError("the message does not wait for another try", "not_waiting")
		}
		return nil
	}}
	command := func(set *bool) func(workflow.Context) error {
		return func(ctx workflow.Context) error {
			*set = true
			return workflow.Await(ctx, func() bool { return !*set || r.ended })
		}
	}
	if err := workflow.SetUpdateHandlerWithOptions(ctx, contract.UpdateRetryNow, command(&r.now), waiting); err != nil {
		return fmt.Errorf("register %s: %w", contract.UpdateRetryNow, err)
	}
	if err := workflow.SetUpdateHandlerWithOptions(ctx, contract.UpdateCancelRetry, command(&r.cancelled), waiting); err != nil {
		return fmt.Errorf("register %s: %w", contract.UpdateCancelRetry, err)
	}
	return nil
}

func (r *deliveryRetry) run(ctx workflow.Context) (contract.DeliveryRetryResult, error) {
	for {
		r.rung = false
		if err := r.do(ctx, contract.ActivityReadRetry); err != nil {
			return contract.DeliveryRetryResult{}, err
		}
		if r.at.State != models.MessageRetry {
			r.now, r.cancelled = false, false // what was asked for has become pointless meanwhile
		}
		switch {
		case r.at.State == models.MessageRetry && (r.at.Replied || r.cancelled):
			reason := "replied"
			if r.cancelled {
				reason = "cancelled"
			}
			if err := r.do(ctx, contract.ActivityStopRetry); err != nil {
				return contract.DeliveryRetryResult{}, err
			}
			r.cancelled = false
			return r.end(ctx, reason)
		case r.at.State == models.MessageRetry && (r.now || !workflow.Now(ctx).Before(r.at.RetryAt)):
			if err := r.do(ctx, contract.ActivityRequeueRetry); err != nil {
				return contract.DeliveryRetryResult{}, err
			}
			r.now, r.triedAt = false, workflow.Now(ctx)
			continue
		case r.at.State == models.MessageRetry:
			r.describe(ctx, "Waiting for the next try", r.at.RetryAt)
			if err := r.wait(ctx, r.at.RetryAt, "next try"); err != nil {
				return contract.DeliveryRetryResult{}, err
			}
		case !r.triedAt.IsZero() && workflow.Now(ctx).Before(r.triedAt.Add(settleTime)) && onItsWay(r.at.State):
			r.describe(ctx, "Tried again, watching what becomes of it", r.triedAt.Add(settleTime))
			if err := r.wait(ctx, r.triedAt.Add(settleTime), "settle"); err != nil {
				return contract.DeliveryRetryResult{}, err
			}
		default:
			if r.rung {
				continue
			}
			return r.end(ctx, "settled")
		}
	}
}

// onItsWay tells whether a message may still fail in a way that asks for another try.
func onItsWay(s models.MessageState) bool {
	return s == models.MessageQueued || s == models.MessageAccepted || s == models.MessageUnknown
}

// end waits for whoever is being answered. A ring that came meanwhile is answered by a new run: its doorbell starts one.
func (r *deliveryRetry) end(ctx workflow.Context, reason string) (contract.DeliveryRetryResult, error) {
	r.ended = true
	if err := workflow.Await(ctx, func() bool { return workflow.AllHandlersFinished(ctx) }); err != nil {
		return contract.DeliveryRetryResult{}, err
	}
	r.describe(ctx, "Ended: "+reason, time.Time{})
	return contract.DeliveryRetryResult{State: r.at.State, Retries: r.at.Retries, Code: r.at.Code, Reason: reason}, nil
}

// do runs one of the short activities; each is one transaction and safe to repeat.
func (r *deliveryRetry) do(ctx workflow.Context, name string) error {
	ctx = transaction(ctx, calmly, name)
	var out contract.RetryView
	if err := workflow.ExecuteLocalActivity(ctx, name, contract.RetryInput{Retry: r.in.DeliveryRetryStart, Retries: r.at.Retries}).Get(ctx, &out); err != nil {
		return err
	}
	r.at = out
	return nil
}

// wait sleeps until an absolute instant, a ring or a command.
func (r *deliveryRetry) wait(ctx workflow.Context, until time.Time, summary string) error {
	return r.alarm.await(ctx, until, summary, func() bool { return r.rung || r.now || r.cancelled })
}

func (r *deliveryRetry) describe(ctx workflow.Context, what string, until time.Time) {
	text := fmt.Sprintf("**%s** · error %d\n\n- later tries made: %d", what, r.at.Code, r.at.Retries)
	if !until.IsZero() {
		text += "\n- next try or look: " + stamp(until)
	}
	workflow.SetCurrentDetails(ctx, text+fmt.Sprintf("\n- stops when the person replies\n\naccount %d · connection %d · conversation %d · message %d",
		r.in.AccountID, r.in.ConnectionID, r.in.ConversationID, r.in.MessageID)+linksHere(ctx, conversationLink(r.in.ConversationID)))
}
