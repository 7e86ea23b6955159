package activities

import (
	"context"
	"time"

	"github.com/perene/perene/contract"
	"github.com/perene/perene/flow"
	"github.com/perene/perene/internal/trace"
	"github.com/perene/perene/models"
)

// CallTraces gives the marks of calls.
type CallTraces interface {
	// FlowCallTrace gives the mark of the step that asked for a call; nil where it is not traced.
	FlowCallTrace(ctx context.Context, account models.AccountID, run models.FlowRunID, call string) ([]byte, error)
}

// Traced makes Calls whose calls are spans in the traces of the steps that asked for them (ADR 46). Without a tracer it is
// the same.
func (c *Calls) Traced(t *trace.Tracer, marks CallTraces) *Calls {
	if t == nil {
		return c
	}
	traced := *c
	traced.tracer, traced.marks = t, marks
	return &traced
}

// begin begins the span of a call. Where the mark cannot be read the call is made all the same.
func (c *Calls) begin(ctx context.Context, run contract.FlowRunStart, call string) (context.Context, trace.Span) {
	if c.tracer == nil {
		return ctx, trace.Span{}
	}
	mark, err := c.marks.FlowCallTrace(ctx, run.AccountID, run.RunID, call)
	if err != nil {
		return ctx, trace.Span{}
	}
	ctx, span := c.tracer.Follow(ctx, mark, "call", trace.Client, time.Time{})
	if span.On() {
		span.Int(trace.Account, int64(run.AccountID))
		span.Int(trace.Conversation, int64(run.ConversationID))
		span.Int(trace.Run, int64(run.RunID))
		span.Code(trace.Call, call)
	}
	return ctx, span
}

// describeCall says what became of a call: neither where it went nor what was said.
func describeCall(span trace.Span, result *flow.CallResult) {
	if !span.On() {
		return
	}
	span.Int(trace.Attempt, int64(result.Attempts))
	if result.Status != 0 {
		span.Int(trace.HTTPStatus, int64(result.Status))
	}
	if result.Error != "" {
		span.Fail(result.Error)
	}
}
