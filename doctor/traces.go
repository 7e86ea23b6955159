package doctor

import (
	"context"

	"github.com/perene/perene/internal/trace"
)

// traces sends one span to the collector, where one is configured. A collector that is away is a warning: what it does not
// take is dropped, and nothing else waits for it.
func (e *examination) traces(ctx context.Context) {
	const name = "traces"
	if err := e.Traces.Validate(); err != nil {
		what, mend := split(err.Error())
		e.fail(name, mend, "%s", what)
		return
	}
	if !e.Traces.On() {
		e.ok(name, "off")
		return
	}
	if err := trace.Probe(ctx, e.Traces, trace.Process{Name: "doctor"}); err != nil {
		e.warn(name, "start the collector, or correct OTEL_EXPORTER_OTLP_ENDPOINT, OTEL_EXPORTER_OTLP_PROTOCOL and OTEL_EXPORTER_OTLP_HEADERS; until then traces are dropped",
			"%s does not take a span: %s", e.Traces.Address(), webTrouble(err))
		return
	}
	e.ok(name, "%s took a span", e.Traces.Address())
}
