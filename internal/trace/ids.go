package trace

import (
	"context"
	"encoding/binary"
	"math/rand/v2"

	oteltrace "go.opentelemetry.io/otel/trace"
)

// IDs makes ids of traces and spans: by chance, or what FollowAs asked for.
type IDs struct{}

// spanIDKey holds the id that the one span begun with a context is to have.
type spanIDKey struct{}

// SpanID is the id of the span of a send: the last half of its attempt's id, 62 bits of which are chance. So a status that
// carries the attempt finds the send it belongs to without anybody having written it down.
func SpanID(attempt [16]byte) [8]byte { return [8]byte(attempt[8:]) }

// At is the mark of another span of the trace that mark names; nil where there is no mark.
func At(mark []byte, span [8]byte) []byte {
	if len(mark) != markBytes || span == [8]byte{} {
		return mark
	}
	return append(append(make([]byte, 0, markBytes), mark[:16]...), span[:]...)
}

// NewIDs implements sdk/trace.IDGenerator.
func (g IDs) NewIDs(ctx context.Context) (oteltrace.TraceID, oteltrace.SpanID) {
	var id oteltrace.TraceID
	for !id.IsValid() {
		binary.NativeEndian.PutUint64(id[:8], rand.Uint64()) //nolint:gosec // a trace's id is no secret
		binary.NativeEndian.PutUint64(id[8:], rand.Uint64()) //nolint:gosec // a trace's id is no secret
	}
	return id, g.NewSpanID(ctx, id)
}

// NewSpanID implements sdk/trace.IDGenerator.
func (IDs) NewSpanID(ctx context.Context, _ oteltrace.TraceID) oteltrace.SpanID {
	if id, ok := ctx.Value(spanIDKey{}).([8]byte); ok && id != [8]byte{} {
		return id
	}
	var id oteltrace.SpanID
	for !id.IsValid() {
		binary.NativeEndian.PutUint64(id[:], rand.Uint64()) //nolint:gosec // a trace's id is no secret
	}
	return id
}
