package config_test

import (
	"strings"
	"testing"

	"github.com/perene/perene/internal/config"
)

func TestTracesAreOffUntilACollectorIsNamed(t *testing.T) {
	t.Parallel()
	const here = "http://collector:4318"
	for name, c := range map[string]struct {
		traces config.Traces
		on     bool
		wrong  string // in the error
	}{
		"nothing set":        {config.Traces{Service: "perene", Sampler: "always_on"}, false, ""},
		"a collector":        {config.Traces{Endpoint: here}, true, ""},
		"for traces alone":   {config.Traces{TracesEndpoint: here + "/x"}, true, ""},
		"disabled":           {config.Traces{Endpoint: here, Disabled: "TRUE", Sampler: "none of ours"}, false, ""},
		"no exporter":        {config.Traces{Endpoint: here, Exporter: "none"}, false, ""},
		"not disabled":       {config.Traces{Endpoint: here, Disabled: "false", Exporter: "otlp", Protocol: "grpc"}, true, ""},
		"another exporter":   {config.Traces{Endpoint: here, Exporter: "zipkin"}, true, "otlp or none"},
		"another protocol":   {config.Traces{Endpoint: here, Protocol: "http/json"}, true, "http/protobuf or grpc"},
		"no address":         {config.Traces{Endpoint: "collector:4318"}, true, "http://collector:4318"},
		"another sampler":    {config.Traces{Endpoint: here, Sampler: "jaeger_remote"}, true, "parentbased_traceidratio"},
		"a ratio":            {config.Traces{Endpoint: here, Sampler: "traceidratio", SamplerArg: "0.01"}, true, ""},
		"no number":          {config.Traces{Endpoint: here, Sampler: "traceidratio", SamplerArg: "1%"}, true, "from 0 to 1"},
		"NaN":                {config.Traces{Endpoint: here, Sampler: "traceidratio", SamplerArg: "NaN"}, true, "from 0 to 1"},
		"too much":           {config.Traces{Endpoint: here, Sampler: "parentbased_traceidratio", SamplerArg: "5"}, true, "from 0 to 1"},
		"headers":            {config.Traces{Endpoint: here, Headers: "authorization=Bearer%20x, x-scope=1"}, true, ""},
		"headers of no kind": {config.Traces{Endpoint: here, Headers: "SecretOfTheCollector"}, true, "name=value"},
		"attributes":         {config.Traces{Endpoint: here, Attributes: "deployment.environment.name"}, true, "OTEL_RESOURCE_ATTRIBUTES"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if c.traces.On() != c.on {
				t.Errorf("on: %t", c.traces.On())
			}
			err := c.traces.Validate()
			if (err == nil) != (c.wrong == "") || (err != nil && !strings.Contains(err.Error(), c.wrong)) {
				t.Errorf("%v, want %q", err, c.wrong)
			}
			if err != nil && strings.Contains(err.Error(), "SecretOfTheCollector") {
				t.Errorf("the error repeats a secret: %v", err)
			}
		})
	}
	for want, c := range map[string]config.Traces{
		"http://collector:4318/v1/traces":      {Endpoint: here + "/"},
		"http://collector:4318/base/v1/traces": {Endpoint: here + "/base"},
		"http://collector:4317":                {Endpoint: "http://collector:4317", Protocol: "grpc"},
		"https://traces.example/in":            {Endpoint: here, TracesEndpoint: "https://traces.example/in"},
	} {
		if got := c.Address(); got != want {
			t.Errorf("%+v goes to %s, want %s", c, got, want)
		}
	}
}
