package workflows

import (
	"fmt"
	"strings"
	"time"

	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/workflow"
)

// ActivityPrune removes what nobody needs any more.
const ActivityPrune = "Prune"

// PruneInput asks for one round; what goes and after what time is the activity's.
type PruneInput struct{}

// PruneResult says how many rows of each kind one round removed.
type PruneResult struct {
	Events          int64 `json:"events"`
	ParkedStatuses  int64 `json:"parked_statuses"`
	IdempotencyKeys int64 `json:"idempotency_keys"`
	LoginFailures   int64 `json:"login_failures"`
	SignIns         int64 `json:"sessions"` // the name in recorded histories
	LoginLinks      int64 `json:"login_links"`
	Uploads         int64 `json:"uploads"` // providers' ids of our files
	Media           int64 `json:"media"`   // files that never came
}

// HousekeepingState answers the state query.
type HousekeepingState struct {
	Last    PruneResult `json:"last"`             // of the last round that went well
	LastAt  time.Time   `json:"last_at,omitzero"` // when that was
	NextAt  time.Time   `json:"next_at,omitzero"` // absolute
	Trouble string      `json:"trouble,omitempty"`
}

const (
	// pruneEvery is the pause between the beginnings of two rounds.
	pruneEvery = time.Hour
	// pruneRounds is how many rounds one history takes before it is continued as new.
	pruneRounds = 100
	// pruneHeartbeat is after how long without a sign of life a round counts as dead; one batch takes far less.
	pruneHeartbeat = time.Minute
)

// Housekeeping removes, every hour, what nobody needs any more. One an installation; it never ends.
func Housekeeping(ctx workflow.Context, in HousekeepingInput) error {
	h := newHousekeeping(ctx, in)
	if err := h.register(ctx); err != nil {
		return err
	}
	return h.run(ctx)
}

// housekeeping is the state of a Housekeeping; what survives continue-as-new is in HousekeepingCarried.
type housekeeping struct {
	in     HousekeepingInput
	at     HousekeepingState
	rung   bool
	rounds int
}

func newHousekeeping(ctx workflow.Context, in HousekeepingInput) *housekeeping {
	h := &housekeeping{in: in, at: HousekeepingState{NextAt: workflow.Now(ctx)}}
	if in.Carried != nil {
		h.at, h.rung = in.Carried.HousekeepingState, in.Carried.Rung
	}
	return h
}

func (h *housekeeping) register(ctx workflow.Context) error {
	if err := workflow.SetUpdateHandler(ctx, UpdateRing, func(workflow.Context) error { h.rung = true; return nil }); err != nil {
		return fmt.Errorf("register %s: %w", UpdateRing, err)
	}
	rang := workflow.GetSignalChannel(ctx, SignalRing)
	workflow.Go(ctx, func(ctx workflow.Context) {
		for rang.Receive(ctx, nil) {
			h.rung = true
		}
	})
	return workflow.SetQueryHandler(ctx, QueryState, func() (HousekeepingState, error) { return h.at, nil })
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
	var out PruneResult
	err := workflow.ExecuteActivity(actx, ActivityPrune, PruneInput{}).Get(ctx, &out)
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
	next := HousekeepingInput{ContinueAfter: h.in.ContinueAfter, Carried: &HousekeepingCarried{HousekeepingState: h.at,
		Rung: h.rung || workflow.GetSignalChannel(ctx, SignalRing).Len() > 0}}
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
