package workflows

import (
	"fmt"
	"time"

	"go.temporal.io/sdk/workflow"

	"github.com/perene/perene/contract"
)

const (
	// releaseTick is the least time between two turns for one instant. It bounds them while the worker's clock is behind
	// Temporal's.
	releaseTick = time.Second
	// releaseTurns is after how many turns a history is continued as new.
	releaseTurns = 200
)

var flowReleaseType = define(definition[contract.FlowReleaseStart]{
	run:      FlowRelease,
	versions: []string{"initial"},
	summary: func(s contract.FlowReleaseStart) string {
		return fmt.Sprintf("release of flow %d · account %d", s.FlowID, s.AccountID)
	},
	details: "Moves runs to a version that was published, batch after batch, and does at its instant what is due for a flow.",
	links:   func(s contract.FlowReleaseStart) []string { return []string{flowLink(s.FlowID)} },
	found:   func(s contract.FlowReleaseStart) attributes { return attributes{account: s.AccountID} },
})

// FlowRelease does what a flow's publications left to do, until nothing is left. Its rows and its instants stand in Postgres.
// A publication changes them and rings. A ring after the end starts the same id again.
func FlowRelease(ctx workflow.Context, in contract.FlowReleaseInput) (contract.FlowReleaseView, error) {
	r := &flowRelease{in: in, rung: true}
	if in.Carried != nil {
		r.at = in.Carried.View
	}
	if err := listen(ctx, func() { r.rung = true }, func() contract.FlowReleaseView { return r.at }); err != nil {
		return contract.FlowReleaseView{}, err
	}
	return r.run(ctx)
}

// flowRelease is the state of a FlowRelease. What survives continue-as-new is in FlowReleaseCarried.
type flowRelease struct {
	in    contract.FlowReleaseInput
	at    contract.FlowReleaseView
	rung  bool
	turns int // since the run of this history began
	alarm alarm
}

func (r *flowRelease) run(ctx workflow.Context) (contract.FlowReleaseView, error) {
	for {
		if r.at.Over() && !r.rung && !signalled(ctx) && workflow.AllHandlersFinished(ctx) {
			return r.at, nil
		}
		if r.turns >= r.limit() && workflow.AllHandlersFinished(ctx) {
			r.alarm.stop()
			next := contract.FlowReleaseInput{FlowReleaseStart: r.in.FlowReleaseStart, ContinueAfter: r.in.ContinueAfter,
				Carried: &contract.FlowReleaseCarried{View: r.at}}
			return r.at, workflow.NewContinueAsNewError(ctx, FlowRelease, next)
		}
		if err := r.turn(ctx); err != nil {
			return contract.FlowReleaseView{}, err
		}
		r.describe(ctx)
		if err := r.wait(ctx); err != nil {
			return contract.FlowReleaseView{}, err
		}
	}
}

// turn is one transaction and safe to repeat.
func (r *flowRelease) turn(ctx workflow.Context) error {
	r.rung = false
	r.turns++
	actx := transaction(ctx, calmly, contract.ActivityFlowReleaseTurn)
	var view contract.FlowReleaseView
	if err := workflow.ExecuteLocalActivity(actx, contract.ActivityFlowReleaseTurn, r.in.FlowReleaseStart).Get(ctx, &view); err != nil {
		return err
	}
	r.at = view
	return nil
}

// wait lets time pass until something is due, or until a ring.
func (r *flowRelease) wait(ctx workflow.Context) error {
	if r.at.More || r.at.NextAt.IsZero() {
		r.alarm.stop()
		return nil
	}
	next := r.at.NextAt
	if soonest := workflow.Now(ctx).Add(releaseTick); next.Before(soonest) {
		next = soonest
	}
	return r.alarm.await(ctx, next, "looks again", func() bool { return r.rung })
}

func (r *flowRelease) limit() int {
	if r.in.ContinueAfter > 0 {
		return r.in.ContinueAfter
	}
	return releaseTurns
}

// describe writes what an operator reads in Temporal Web.
func (r *flowRelease) describe(ctx workflow.Context) {
	stands := "nothing is left to do"
	switch {
	case r.at.More:
		stands = "moves runs"
	case !r.at.NextAt.IsZero():
		stands = "waits until " + stamp(r.at.NextAt)
	}
	workflow.SetCurrentDetails(ctx, fmt.Sprintf("**Release of flow %d: %s**\n\n- %d runs moved, %d kept on their version\n\naccount %d",
		r.in.FlowID, stands, r.at.Moved, r.at.Kept, r.in.AccountID)+linksHere(ctx, flowLink(r.in.FlowID)))
}
