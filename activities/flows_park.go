package activities

import (
	"context"
	"errors"
	"time"

	"github.com/perene/perene/contract"
	"github.com/perene/perene/flow"
	"github.com/perene/perene/models"
)

// How long a step may think, and how often it is tried before its run waits for an operator. The engine's budget ends a step
// long before; this is for a machine that is slower than anybody thought. A try holds the conversation and a connection to
// Postgres, and is over well before the activity's own time-out.
const (
	thinkFor   = 3 * time.Second
	thinkTries = 3
)

// lateStep counts the tries of a step that took too long.
type lateStep struct {
	step  int64
	tries int
}

// maxLate bounds the runs that are counted; one that is forgotten is tried a few times more.
const maxLate = 10_000

// think lets the engine decide about a step. A run whose version cannot be read, or whose step took too long again and again,
// waits for an operator instead.
func (f *Flows) think(ctx context.Context, env *flow.Env, snap *contract.StepSnapshot, step int64) (*contract.StepDecision, error) {
	run := &snap.Run
	g, err := f.graph(ctx, run.AccountID, run.FlowVersionID)
	var unreadable *flow.LoadError
	if errors.As(err, &unreadable) {
		f.log.Error("a run waits for an operator: its version cannot be read", "account_id", run.AccountID, "flow_run_id", run.ID,
			"flow_version_id", run.FlowVersionID, "error", err)
		return park(nil, env, snap, flow.ReasonUnreadable)
	}
	if err != nil {
		return nil, err
	}
	if f.lateTries(run.ID, step) >= thinkTries {
		f.log.Error("a run waits for an operator: its step takes too long", "account_id", run.AccountID, "flow_run_id", run.ID,
			"flow_version_id", run.FlowVersionID, "step", step)
		return park(g, env, snap, flow.ReasonTooSlow)
	}
	begun := f.now()
	late := func() bool { return f.now().Sub(begun) >= thinkFor }
	meter := flow.NewMeter(func() bool { return late() || ctx.Err() != nil })
	d, err := decide(g, env, snap, f.seed(), meter)
	f.countLate(run.ID, step, errors.Is(err, flow.ErrHalted) && late())
	return d, err
}

func (f *Flows) lateTries(run models.FlowRunID, step int64) int {
	f.mu.Lock()
	defer f.mu.Unlock()
	if l := f.late[run]; l.step == step {
		return l.tries
	}
	return 0
}

// countLate remembers that a step took too long, or forgets it when it did not.
func (f *Flows) countLate(run models.FlowRunID, step int64, late bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	l, ok := f.late[run]
	switch {
	case !late && ok:
		delete(f.late, run)
	case late:
		if l.step != step {
			l = lateStep{step: step}
		}
		if l.tries++; !ok && len(f.late) >= maxLate {
			clear(f.late)
		}
		f.late[run] = l
	}
}
