package sender

import (
	"context"
	"time"

	"github.com/google/uuid"

	"github.com/perene/perene/contract"
	"github.com/perene/perene/internal/trace"
	"github.com/perene/perene/models"
)

// spans are the spans of a session's sends: from the claim until the outcome is recorded, under the step or the request
// that queued the message. They belong to the loop's goroutine. Without a tracer there are none.
type spans struct {
	tracer *trace.Tracer
	open   map[uuid.UUID]trace.Span // by attempt
	since  time.Time                // when the present round trip to Postgres began
}

// round notes that a round trip to Postgres begins, which records or claims.
func (s *spans) round() {
	if s.tracer != nil {
		s.since = time.Now()
	}
}

// begin begins the span of a message that the last round trip claimed, and gives the context to send it with.
func (s *spans) begin(ctx context.Context, c *contract.ClaimedSend, conn models.ConnectionID) context.Context {
	if s.tracer == nil || c.Trace == nil {
		return ctx
	}
	inside, span := s.tracer.FollowAs(ctx, c.Trace, trace.SpanID(c.AttemptID), "send", trace.Consumer, s.since)
	if !span.On() {
		return ctx
	}
	span.Int(trace.Account, int64(c.AccountID))
	span.Int(trace.Connection, int64(conn))
	span.Int(trace.Conversation, int64(c.ConversationID))
	span.Int(trace.Message, int64(c.MessageID))
	if c.FlowRunID != nil {
		span.Int(trace.Run, int64(*c.FlowRunID))
	}
	span.Int(trace.Attempt, int64(c.Attempts+c.Throttles+c.Retries))
	span.Int(trace.Waited, max(c.ClaimedAt.Sub(c.QueuedAt), 0).Milliseconds())
	_, claim := trace.StartAt(inside, "claim", trace.Internal, s.since)
	claim.End()
	if s.open == nil {
		s.open = map[uuid.UUID]trace.Span{}
	}
	s.open[c.AttemptID] = span
	return inside
}

// recorded ends the spans of outcomes that the last round trip recorded, apart from those that are left.
func (s *spans) recorded(ctx context.Context, outs, left []contract.SendOutcome) {
	if len(s.open) == 0 {
		return
	}
	later := map[uuid.UUID]bool{}
	for i := range left {
		later[left[i].Send.AttemptID] = true
	}
	for i := range outs {
		span, ok := s.open[outs[i].Send.AttemptID]
		if !ok || later[outs[i].Send.AttemptID] {
			continue
		}
		delete(s.open, outs[i].Send.AttemptID)
		_, record := trace.StartAt(span.In(ctx), "record", trace.Internal, s.since)
		record.End()
		describeOutcome(span, &outs[i])
		span.End()
	}
}

func describeOutcome(span trace.Span, out *contract.SendOutcome) {
	if out.Accepted != nil {
		span.Code(trace.Outcome, "accepted")
		return
	}
	span.Code(trace.Outcome, string(out.Verdict.Kind))
	if out.Failure.Code != models.NoProviderCode {
		span.Int(trace.Provider, int64(out.Failure.Code))
	}
	span.Fail(out.Failure.Outcome)
}

// abandon ends what a session leaves unrecorded: the next one settles it.
func (s *spans) abandon() {
	for id, span := range s.open {
		span.Fail("not recorded")
		span.End()
		delete(s.open, id)
	}
}
