package trace

import (
	"context"
	"fmt"
	"log/slog"
	"maps"
	"sync"
	"time"

	"github.com/go-logr/logr"
	"go.opentelemetry.io/otel"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/exporters/otlp/otlptrace/otlptracegrpc"
	"go.opentelemetry.io/otel/exporters/otlp/otlptrace/otlptracehttp"
	"go.opentelemetry.io/otel/sdk/resource"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"

	"github.com/perene/perene/internal/config"
)

// Process says who makes the spans.
type Process struct {
	Name    string // api or worker
	Version string
	Log     *slog.Logger
}

// farewell bounds how long the last spans may take to leave when a process ends.
const farewell = 3 * time.Second

// Open makes a process's Tracer; nil, which makes no spans, where none are wanted. end sends what is left. Spans wait in a
// bounded queue and are sent in batches by a goroutine of their own: while the collector is away or slow, what does not fit
// is dropped, and nobody waits for it.
func Open(ctx context.Context, c config.Traces, p Process) (t *Tracer, end func(), err error) {
	if !c.On() {
		return nil, func() {}, nil
	}
	if err := c.Validate(); err != nil {
		return nil, nil, err
	}
	exporter, err := newExporter(ctx, c)
	if err != nil {
		return nil, nil, err
	}
	// What the library would print as plain text is not told: the exporter's trouble is, once (see telling).
	otel.SetLogger(logr.FromSlogHandler(p.Log.Handler()))
	otel.SetErrorHandler(otel.ErrorHandlerFunc(func(err error) { p.Log.Debug("traces", "error", err) }))
	provider, err := provide(ctx, c, p, sdktrace.WithBatcher(&telling{SpanExporter: exporter, log: p.Log, address: c.Address()}))
	if err != nil {
		return nil, nil, err
	}
	p.Log.Info("traces are sent", "address", c.Address())
	return New(provider), func() {
		bounded, cancel := context.WithTimeout(context.WithoutCancel(ctx), farewell)
		defer cancel()
		_ = provider.Shutdown(bounded) // told by telling
	}, nil
}

// provide makes a provider that samples as configured and names this process.
func provide(ctx context.Context, c config.Traces, p Process, to sdktrace.TracerProviderOption) (*sdktrace.TracerProvider, error) {
	sampler, err := newSampler(c)
	if err != nil {
		return nil, err
	}
	about := map[string]string{"service.name": "perene-" + p.Name, "service.version": p.Version, "perene.process": p.Name}
	// What the operator says of the installation counts more; names of machines and users are not asked for.
	more, err := c.AttributeMap()
	if err != nil {
		return nil, err
	}
	maps.Copy(about, more)
	if c.Service != "" {
		about["service.name"] = c.Service
	}
	attrs := make([]attribute.KeyValue, 0, len(about))
	for name, value := range about {
		attrs = append(attrs, attribute.String(name, value))
	}
	r, err := resource.New(ctx, resource.WithTelemetrySDK(), resource.WithAttributes(attrs...))
	if err != nil {
		return nil, fmt.Errorf("name what makes the traces: %w", err)
	}
	return sdktrace.NewTracerProvider(to, sdktrace.WithSampler(sampler), sdktrace.WithIDGenerator(IDs{}), sdktrace.WithResource(r)), nil
}

func newSampler(c config.Traces) (sdktrace.Sampler, error) {
	name, ratio, err := c.Sampling()
	if err != nil {
		return nil, err
	}
	switch name {
	case "always_on":
		return sdktrace.AlwaysSample(), nil
	case "always_off":
		return sdktrace.NeverSample(), nil
	case "parentbased_always_off":
		return sdktrace.ParentBased(sdktrace.NeverSample()), nil
	case "traceidratio":
		return sdktrace.TraceIDRatioBased(ratio), nil
	case "parentbased_traceidratio":
		return sdktrace.ParentBased(sdktrace.TraceIDRatioBased(ratio)), nil
	}
	return sdktrace.ParentBased(sdktrace.AlwaysSample()), nil
}

func newExporter(ctx context.Context, c config.Traces) (sdktrace.SpanExporter, error) {
	headers, err := c.HeaderMap()
	if err != nil {
		return nil, err
	}
	var exporter sdktrace.SpanExporter
	if c.Protocol == config.OTLPGRPC {
		exporter, err = otlptracegrpc.New(ctx, otlptracegrpc.WithEndpointURL(c.Address()), otlptracegrpc.WithHeaders(headers))
	} else {
		exporter, err = otlptracehttp.New(ctx, otlptracehttp.WithEndpointURL(c.Address()), otlptracehttp.WithHeaders(headers))
	}
	if err != nil {
		return nil, fmt.Errorf("make the exporter of traces: %w", err)
	}
	return exporter, nil
}

// telling tells in the log when traces stop to reach the collector and when they do again, and not each time.
type telling struct {
	sdktrace.SpanExporter
	log     *slog.Logger
	address string

	mu   sync.Mutex
	lost int  // spans, since they stopped
	away bool // the last batch was not taken
}

// ExportSpans implements sdk/trace.SpanExporter.
func (e *telling) ExportSpans(ctx context.Context, spans []sdktrace.ReadOnlySpan) error {
	err := e.SpanExporter.ExportSpans(ctx, spans)
	e.mu.Lock()
	defer e.mu.Unlock()
	switch {
	case err != nil:
		e.lost += len(spans)
		if !e.away {
			e.log.Warn("traces do not reach the collector and are dropped; nothing else is affected", "address", e.address, "error", err)
		}
		e.away = true
	case e.away:
		e.log.Info("traces reach the collector again", "address", e.address, "lost", e.lost)
		e.away, e.lost = false, 0
	}
	return err
}

// Probe sends one span to the collector and tells whether it was taken.
func Probe(ctx context.Context, c config.Traces, p Process) error {
	if err := c.Validate(); err != nil {
		return err
	}
	exporter, err := newExporter(ctx, c)
	if err != nil {
		return err
	}
	defer func() { _ = exporter.Shutdown(context.WithoutCancel(ctx)) }()
	var made kept
	c.Sampler = "always_on"
	provider, err := provide(ctx, c, p, sdktrace.WithSyncer(&made))
	if err != nil {
		return err
	}
	_, span := New(provider).Root(ctx, "doctor", Internal, time.Time{})
	span.End()
	return exporter.ExportSpans(ctx, made.spans)
}

// kept keeps spans in memory.
type kept struct{ spans []sdktrace.ReadOnlySpan }

// ExportSpans implements sdk/trace.SpanExporter.
func (k *kept) ExportSpans(_ context.Context, spans []sdktrace.ReadOnlySpan) error {
	k.spans = append(k.spans, spans...)
	return nil
}

// Shutdown implements sdk/trace.SpanExporter.
func (*kept) Shutdown(context.Context) error { return nil }
