package ring

import (
	"context"
	"time"

	"github.com/perene/perene/contract"
	"github.com/perene/perene/internal/trace"
)

// traced makes a span of each ring that belongs to a trace. Rings that came together are one, in the trace of the first.
func traced(ring func(context.Context, contract.Doorbell) error, t *trace.Tracer) func(context.Context, contract.Doorbell) error {
	if t == nil {
		return ring
	}
	return func(ctx context.Context, b contract.Doorbell) error {
		ctx, span := t.Follow(ctx, b.Trace, "ring "+b.WorkflowType, trace.Client, time.Time{})
		defer span.End()
		err := ring(ctx, b)
		if span.On() {
			span.Code(trace.Workflow, b.WorkflowID)
			span.Int(trace.Account, int64(b.AccountID))
			outcome := "answered"
			if err != nil {
				outcome = outcomeOf(err) // the dispatcher rings what nobody answered: no error of the trace
			}
			span.Code(trace.Outcome, outcome)
		}
		return err
	}
}
