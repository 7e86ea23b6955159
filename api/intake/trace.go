package intake

import (
	"context"
	"time"

	"github.com/perene/perene/contract"
	"github.com/perene/perene/internal/trace"
	"github.com/perene/perene/models"
)

// Traced makes a Store whose deliveries are parts of the trace that their context holds, and whose statuses are parts of the
// traces of their messages (ADR 46). Without a tracer it is the store itself.
func Traced(s Store, t *trace.Tracer) Store {
	if t == nil {
		return s
	}
	return &tracedStore{Store: s, tracer: t}
}

type tracedStore struct {
	Store
	tracer *trace.Tracer
}

// Receive implements Store.
func (s *tracedStore) Receive(ctx context.Context, conn *models.Connection, d contract.InboundDelivery, choose contract.FlowChooser) (contract.Wake, error) {
	begun := time.Now()
	inside, span := trace.StartAt(ctx, "store delivery", trace.Producer, begun)
	wake, err := s.Store.Receive(inside, conn, d, choose)
	if span.On() {
		span.Int(trace.Account, int64(conn.AccountID))
		span.Int(trace.Connection, int64(conn.ID))
		span.Int(trace.Stored, int64(wake.Stored))
		span.Int(trace.Repeated, int64(wake.Repeated))
		span.Int(trace.Quarantined, int64(wake.Quarantined))
		if err != nil {
			span.Fail(string(models.CodeOf(err)))
		}
	}
	span.End()
	for _, st := range wake.Statuses {
		s.status(ctx, conn, &st, begun)
	}
	return wake, err
}

// status tells of a status in the trace of its message, under the send that it belongs to, with the delivery that brought it
// as a link where that is traced as well.
func (s *tracedStore) status(ctx context.Context, conn *models.Connection, st *contract.TracedStatus, begun time.Time) {
	_, span := s.tracer.Follow(ctx, trace.At(st.Trace, trace.SpanID(st.AttemptID)), "status "+st.Status, trace.Consumer, begun)
	if !span.On() {
		return
	}
	span.Link(trace.Mark(ctx))
	span.Int(trace.Account, int64(conn.AccountID))
	span.Int(trace.Connection, int64(conn.ID))
	span.Int(trace.Message, int64(st.MessageID))
	span.Code(trace.Status, st.Status)
	if st.Code != 0 {
		span.Int(trace.Provider, int64(st.Code))
	}
	span.End()
}
