package activities

import (
	"context"
	"time"

	"github.com/perene/perene/contract"
	"github.com/perene/perene/internal/trace"
	"github.com/perene/perene/models"
)

// TraceFlows makes a FlowStore whose steps are spans (ADR 46): a step belongs to the trace of the message, or of the result,
// that it takes up; one that an instant brings about begins a trace. Without a tracer it is the store itself.
func TraceFlows(s FlowStore, t *trace.Tracer) FlowStore {
	if t == nil {
		return s
	}
	return &tracedFlows{FlowStore: s, tracer: t}
}

type tracedFlows struct {
	FlowStore
	tracer *trace.Tracer
}

// StepFlow implements FlowStore. Which trace a step belongs to is known only under the conversation's lock.
func (f *tracedFlows) StepFlow(ctx context.Context, start contract.FlowRunStart, step int64, decide func(*contract.StepSnapshot) (*contract.StepDecision, error), choose contract.FlowChooser) (contract.StepResult, contract.Wake, error) {
	begun := time.Now()
	var whole, transaction trace.Span
	out, wake, err := f.FlowStore.StepFlow(ctx, start, step, func(snap *contract.StepSnapshot) (*contract.StepDecision, error) {
		var inside context.Context
		inside, whole = f.begin(ctx, snap, begun)
		inside, transaction = trace.StartAt(inside, "transaction", trace.Internal, begun)
		_, engine := trace.Start(inside, "engine", trace.Internal)
		d, err := decide(snap)
		engine.End()
		if err == nil {
			d.Trace = whole.Mark()
		}
		return d, err
	}, choose)
	transaction.End()
	if whole.On() {
		describeStep(whole, start, step, &out, err)
		for i := range wake.Doorbells {
			wake.Doorbells[i].Trace = whole.Mark() // of a run that takes over
		}
	}
	whole.End()
	return out, wake, err
}

// begin begins a step's span: in the trace of the first thing it takes up, with links to those of the others. What is taken
// up and not traced was not sampled, and neither is the step.
func (f *tracedFlows) begin(ctx context.Context, snap *contract.StepSnapshot, at time.Time) (context.Context, trace.Span) {
	if len(snap.Inbound)+len(snap.Mail) == 0 {
		return f.tracer.Root(ctx, "step", trace.Internal, at)
	}
	var marks [][]byte
	for i := range snap.Inbound {
		marks = append(marks, snap.Inbound[i].Trace)
	}
	for i := range snap.Mail {
		marks = append(marks, snap.Mail[i].Trace)
	}
	for i, mark := range marks {
		inside, span := f.tracer.Follow(ctx, mark, "step", trace.Consumer, at)
		if !span.On() {
			continue
		}
		for _, other := range marks[i+1:] {
			span.Link(other)
		}
		if len(snap.Inbound) > 0 {
			span.Int(trace.Message, int64(snap.Inbound[0].ID))
			span.Int(trace.Inbound, int64(len(snap.Inbound)))
		}
		return inside, span
	}
	return ctx, trace.Span{}
}

func describeStep(span trace.Span, start contract.FlowRunStart, step int64, out *contract.StepResult, err error) {
	span.Int(trace.Account, int64(start.AccountID))
	span.Int(trace.Connection, int64(start.ConnectionID))
	span.Int(trace.Conversation, int64(start.ConversationID))
	span.Int(trace.Run, int64(start.RunID))
	span.Int(trace.Flow, int64(start.FlowID))
	span.Int(trace.FlowVersion, int64(start.Version))
	span.Int(trace.Step, step)
	if err != nil {
		span.Fail(string(models.CodeOf(err)))
		return
	}
	span.Code(trace.Node, out.Node)
	span.Code(trace.Wait, out.Wait)
	span.Code(trace.Outcome, out.Outcome)
	span.Int(trace.Sent, int64(out.Sent))
}
