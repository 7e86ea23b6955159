// Package trace makes OpenTelemetry spans of a message's way from the webhook to the provider and back (ADR 46). What is
// traced crosses processes as a mark: 24 bytes in the row of the message, so that a trace survives what kills a process.
//
// A nil Tracer makes no spans, and nothing here allocates then. Spans hold ids of ours, codes, instants and numbers; what is
// not a code is not taken (Span.Code), so that no words, names, numbers or tokens of people leave by them.
package trace

import (
	"context"
	"time"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	oteltrace "go.opentelemetry.io/otel/trace"
)

// Tracer begins traces and goes on with those that a mark names. Safe for concurrent use.
type Tracer struct {
	tracer oteltrace.Tracer
}

// Kind says which side of a call a span is.
type Kind = oteltrace.SpanKind

// The kinds.
const (
	Internal = oteltrace.SpanKindInternal
	Server   = oteltrace.SpanKindServer   // answers a request
	Client   = oteltrace.SpanKindClient   // asks somebody outside
	Producer = oteltrace.SpanKindProducer // leaves something for later
	Consumer = oteltrace.SpanKindConsumer // takes up what was left
)

// New makes a Tracer of an OpenTelemetry provider. Its ids must come from IDs, so that FollowAs does as it says.
func New(p oteltrace.TracerProvider) *Tracer {
	return &Tracer{tracer: p.Tracer(scope)}
}

// Root begins a trace, if the sampler wants one. Whatever trace ctx holds is left. Instants of spans are the system clock's,
// for all of them; zero means now.
func (t *Tracer) Root(ctx context.Context, name string, kind Kind, at time.Time) (context.Context, Span) {
	if t == nil {
		return ctx, Span{}
	}
	return keep(ctx)(t.tracer.Start(ctx, name, append(options(kind, at), oteltrace.WithNewRoot())...))
}

// Follow goes on with the trace a mark names; nothing where there is no mark.
func (t *Tracer) Follow(ctx context.Context, mark []byte, name string, kind Kind, at time.Time) (context.Context, Span) {
	parent := parse(mark)
	if t == nil || !parent.IsValid() {
		return ctx, Span{}
	}
	return keep(ctx)(t.tracer.Start(oteltrace.ContextWithRemoteSpanContext(ctx, parent), name, options(kind, at)...))
}

// FollowAs is Follow where the span has an id that others know too; see SpanID.
func (t *Tracer) FollowAs(ctx context.Context, mark []byte, id [8]byte, name string, kind Kind, at time.Time) (context.Context, Span) {
	parent := parse(mark)
	if t == nil || !parent.IsValid() {
		return ctx, Span{}
	}
	with := context.WithValue(oteltrace.ContextWithRemoteSpanContext(ctx, parent), spanIDKey{}, id)
	_, s := t.tracer.Start(with, name, options(kind, at)...)
	return keep(ctx)(oteltrace.ContextWithSpan(ctx, s), s) // what is begun inside has ids by chance
}

// Start begins a part of the span that ctx holds; nothing where it holds none.
func Start(ctx context.Context, name string, kind Kind) (context.Context, Span) {
	return StartAt(ctx, name, kind, time.Time{})
}

// StartAt is Start of a part that began at an instant.
func StartAt(ctx context.Context, name string, kind Kind, at time.Time) (context.Context, Span) {
	parent := oteltrace.SpanFromContext(ctx)
	if !parent.IsRecording() {
		return ctx, Span{}
	}
	return keep(ctx)(parent.TracerProvider().Tracer(scope).Start(ctx, name, options(kind, at)...))
}

// scope says who makes the spans.
const scope = "github.com/perene/perene"

func options(kind Kind, at time.Time) []oteltrace.SpanStartOption {
	opts := []oteltrace.SpanStartOption{oteltrace.WithSpanKind(kind)}
	if !at.IsZero() {
		opts = append(opts, oteltrace.WithTimestamp(at))
	}
	return opts
}

// keep leaves the context as it was where nothing is recorded.
func keep(before context.Context) func(context.Context, oteltrace.Span) (context.Context, Span) {
	return func(ctx context.Context, s oteltrace.Span) (context.Context, Span) {
		if !s.IsRecording() {
			return before, Span{}
		}
		return ctx, Span{s}
	}
}

// Span is one part of a trace. The zero Span records nothing.
type Span struct {
	span oteltrace.Span
}

// On tells whether ctx holds a span that is recorded: ask before working out its parts' names.
func On(ctx context.Context) bool { return oteltrace.SpanFromContext(ctx).IsRecording() }

// In gives a context that holds the span, for parts of it.
func (s Span) In(ctx context.Context) context.Context {
	if s.span == nil {
		return ctx
	}
	return oteltrace.ContextWithSpan(ctx, s.span)
}

// On tells whether the span is recorded: ask before working out what to set.
func (s Span) On() bool { return s.span != nil }

// Int sets a number or an id of ours.
func (s Span) Int(key string, value int64) {
	if s.span != nil {
		s.span.SetAttributes(attribute.Int64(key, value))
	}
}

// Code sets a word of the program: a state, a kind, an id that people of ours chose. Anything else becomes "other".
func (s Span) Code(key, value string) {
	if s.span != nil && value != "" {
		s.span.SetAttributes(attribute.String(key, code(value)))
	}
}

// codeMost is the longest code that is taken, in bytes; digitsMost is how many digits in a row make a telephone number.
const (
	codeMost   = 64
	digitsMost = 8
)

// code lets through what can be a code and nothing else.
func code(value string) string {
	if len(value) > codeMost {
		return "other"
	}
	digits := 0
	for _, r := range value {
		digits++
		switch {
		case r >= '0' && r <= '9':
			if digits == digitsMost {
				return "other"
			}
			continue
		case r >= 'a' && r <= 'z', r >= 'A' && r <= 'Z':
		case r == '_' || r == '-' || r == '.' || r == '/' || r == ':' || r == ' ' || r == '{' || r == '}':
		default:
			return "other"
		}
		digits = 0
	}
	return value
}

// Link names another trace that led here too; nothing where there is no mark.
func (s Span) Link(mark []byte) {
	if parent := parse(mark); s.span != nil && parent.IsValid() {
		s.span.AddLink(oteltrace.Link{SpanContext: parent})
	}
}

// Fail says that it went wrong, in a code.
func (s Span) Fail(why string) {
	if s.span != nil {
		s.span.SetStatus(codes.Error, code(why))
	}
}

// End ends the span now.
func (s Span) End() {
	if s.span != nil {
		s.span.End()
	}
}

// EndAt ends the span at an instant.
func (s Span) EndAt(at time.Time) {
	if s.span != nil {
		s.span.End(oteltrace.WithTimestamp(at))
	}
}

// Mark is what goes on from this span; nil where nothing is recorded.
func (s Span) Mark() []byte {
	if s.span == nil {
		return nil
	}
	return markOf(s.span.SpanContext())
}

// Mark is what goes on from the span that ctx holds; nil where it holds none that is recorded.
func Mark(ctx context.Context) []byte {
	s := oteltrace.SpanFromContext(ctx)
	if !s.IsRecording() {
		return nil
	}
	return markOf(s.SpanContext())
}

// markBytes is the length of a mark: the trace's id and the span's.
const markBytes = 24

func markOf(c oteltrace.SpanContext) []byte {
	if !c.IsValid() || !c.IsSampled() {
		return nil
	}
	trace, span := c.TraceID(), c.SpanID()
	return append(append(make([]byte, 0, markBytes), trace[:]...), span[:]...)
}

// parse reads a mark; anything else gives an invalid context. Only what is sampled has a mark.
func parse(mark []byte) oteltrace.SpanContext {
	if len(mark) != markBytes {
		return oteltrace.SpanContext{}
	}
	return oteltrace.NewSpanContext(oteltrace.SpanContextConfig{TraceID: oteltrace.TraceID(mark[:16]), SpanID: oteltrace.SpanID(mark[16:]),
		TraceFlags: oteltrace.FlagsSampled, Remote: true})
}
