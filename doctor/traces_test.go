package doctor_test

import (
	"testing"

	"github.com/perene/perene/doctor"
	"github.com/perene/perene/internal/config"
	"github.com/perene/perene/internal/trace/tracetest"
)

// Whether the collector takes what it is sent is told where one is configured; one that is away keeps nothing from running.
func TestTracesAreTried(t *testing.T) {
	t.Parallel()
	collector, dead := tracetest.New(nil), tracetest.New(nil)
	t.Cleanup(collector.Close)
	dead.Close()
	for name, c := range map[string]struct {
		traces       config.Traces
		status       doctor.Status
		detail, mend string
	}{
		"off":             {config.Traces{Service: "perene"}, doctor.OK, "off", ""},
		"taken":           {config.Traces{Endpoint: collector.URL}, doctor.OK, collector.URL + "/v1/traces took a span", ""},
		"away":            {config.Traces{Endpoint: dead.URL}, doctor.Warn, "does not take a span", "start the collector"},
		"another path":    {config.Traces{TracesEndpoint: collector.URL + "/elsewhere"}, doctor.Warn, "/elsewhere does not take a span", "OTEL_EXPORTER_OTLP_ENDPOINT"},
		"another sampler": {config.Traces{Endpoint: collector.URL, Sampler: "sometimes"}, doctor.Fail, "sometimes", "parentbased_traceidratio"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			cfg, _ := healthy(t)
			cfg.Traces = c.traces
			wants(t, doctor.Run(t.Context(), cfg), "traces", c.status, c.detail, c.mend)
		})
	}
}
