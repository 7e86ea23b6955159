package workflows

import (
	"fmt"
	"strings"
	"time"

	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/workflow"

	"github.com/perene/perene/contract"
)

const (
	// pruneEvery is the pause between the beginnings of two rounds.
	pruneEvery = time.Hour
	// pruneRounds is how many rounds one history takes before it is continued as new.
	pruneRounds = 100
	// pruneHeartbeat is after how long without a sign of life a round counts as dead; one batch takes far less.
	pruneHeartbeat = time.Minute
)

var housekeepingType = define(definition[contract.HousekeepingStart]{
	run:      Housekeeping,
	versions: []string{"initial"},
	summary:  func(contract.HousekeepingStart) string { return "removes what nobody needs any more, every hour" },
})

// Housekeeping removes, every hour, what nobody needs any more. One an installation; it never ends.
func Housekeeping(ctx workflow.Context, in contract.HousekeepingInput) error {
	h := newHousekeeping(ctx, in)
	if err := h.register(ctx); err != nil {
		return err
	}
	return h.run(ctx)
}

// housekeeping is the state of a Housekeeping; what survives continue-as-new is in HousekeepingCarried.
type housekeeping struct {
	in     contract.HousekeepingInput
	at     contract.HousekeepingState
	rung   bool
	rounds int
}

func newHousekeeping(ctx workflow.Context, in contract.HousekeepingInput) *housekeeping {
	h := &housekeeping{in: in, at: contract.HousekeepingState{NextAt: workflow.Now(ctx)}}
	if in.Carried != nil {
		h.at, h.rung = in.Carried.HousekeepingState, in.Carried.Rung
	}
	return h
}

func (h *housekeeping) register(ctx workflow.Context) error {
	return listen(ctx, func() { h.rung = true }, func() contract.HousekeepingState { return h.at })
}

// run makes a round when it is due or when somebody rings, which every worker does as it starts.
func (h *housekeeping) run(ctx workflow.Context) error {
	for {
		if h.rung || !workflow.Now(ctx).Before(h.at.NextAt) {
			if err := h.round(ctx); err != nil {
				return err
			}
			continue
		}
		if h.rounds >= h.limit() || workflow.GetInfo(ctx).GetContinueAsNewSuggested() {
			return h.continueAsNew(ctx)
		}
		h.describe(ctx)
		_, err := workflow.AwaitWithOptions(ctx, workflow.AwaitOptions{
			Timeout:      max(h.at.NextAt.Sub(workflow.Now(ctx)), time.Millisecond),
			TimerOptions: workflow.TimerOptions{Summary: "next round " + stamp(h.at.NextAt)},
		}, func() bool { return h.rung })
		if err != nil {
			return err
		}
	}
}

// round prunes once. What failed for half an hour is left to the next round: nothing depends on it but space.
func (h *housekeeping) round(ctx workflow.Context) error {
	h.rung = false
	h.rounds++
	h.at.NextAt = workflow.Now(ctx).Add(pruneEvery)
	workflow.SetCurrentDetails(ctx, "**Removing what nobody needs any more**\n\n- since "+stamp(workflow.Now(ctx)))
	actx := workflow.WithActivityOptions(ctx, workflow.ActivityOptions{
		ScheduleToCloseTimeout: pruneEvery / 2,
		HeartbeatTimeout:       pruneHeartbeat,
		RetryPolicy:            &temporal.RetryPolicy{InitialInterval: 5 * time.Second, BackoffCoefficient: 2, MaximumInterval: 5 * time.Minute},
		Summary:                "remove what nobody needs any more",
	})
	var out contract.PruneResult
	err := workflow.ExecuteActivity(actx, contract.ActivityPrune, contract.PruneInput{}).Get(ctx, &out)
	switch {
	case err != nil && ctx.Err() != nil:
		return ctx.Err()
	case err != nil:
		h.at.Trouble = err.Error() // codes only: asActivityError
	default:
		h.at.Last, h.at.LastAt, h.at.Trouble = out, workflow.Now(ctx), ""
	}
	return nil
}

func (h *housekeeping) continueAsNew(ctx workflow.Context) error {
	if err := workflow.Await(ctx, func() bool { return workflow.AllHandlersFinished(ctx) }); err != nil {
		return err
	}
	next := contract.HousekeepingInput{ContinueAfter: h.in.ContinueAfter, Carried: &contract.HousekeepingCarried{HousekeepingState: h.at,
		Rung: h.rung || workflow.GetSignalChannel(ctx, contract.SignalRing).Len() > 0}}
	return workflow.NewContinueAsNewError(ctx, Housekeeping, next)
}

func (h *housekeeping) limit() int {
	if h.in.ContinueAfter > 0 {
		return h.in.ContinueAfter
	}
	return pruneRounds
}

// describe writes what an operator reads in Temporal Web.
func (h *housekeeping) describe(ctx workflow.Context) {
	var b strings.Builder
	fmt.Fprintf(&b, "**Waiting for the next round**\n\n- until %s\n- last good round %s", stamp(h.at.NextAt), stamp(h.at.LastAt))
	if h.at.Trouble != "" {
		fmt.Fprintf(&b, "\n- the last round failed: %s", h.at.Trouble)
	}
	for _, one := range []struct {
		what  string
		count int64
	}{
		{"events", h.at.Last.Events}, {"statuses nobody claimed", h.at.Last.ParkedStatuses}, {"idempotency keys", h.at.Last.IdempotencyKeys},
		{"failed sign-ins", h.at.Last.LoginFailures}, {"ended sign-ins", h.at.Last.SignIns}, {"sign-in links", h.at.Last.LoginLinks},
		{"ids of uploads", h.at.Last.Uploads}, {"files that never came", h.at.Last.Media},
	} {
		if one.count > 0 {
			fmt.Fprintf(&b, "\n- %s removed: %d", one.what, one.count)
		}
	}
	workflow.SetCurrentDetails(ctx, b.String())
}
