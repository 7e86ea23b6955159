package config

import (
	"fmt"
	"net/url"
	"strconv"
	"strings"
)

// Traces is where OpenTelemetry's spans go, in the variables that its specification names. Without an address nothing is
// traced. What else the specification names for OTLP over the network (time-outs, certificates, compression) and for
// batches (OTEL_BSP_…) the library reads by itself.
type Traces struct {
	Endpoint       string `name:"otlp-endpoint" env:"OTEL_EXPORTER_OTLP_ENDPOINT" help:"Collector for traces: http://collector:4318; nothing is traced without one."`
	TracesEndpoint string `name:"otlp-traces-endpoint" env:"OTEL_EXPORTER_OTLP_TRACES_ENDPOINT" help:"The same in full, with its path, where traces go elsewhere than /v1/traces."`
	Protocol       string `name:"otlp-protocol" env:"OTEL_EXPORTER_OTLP_PROTOCOL" help:"http/protobuf (default) or grpc."`
	Headers        string `name:"otlp-headers" env:"OTEL_EXPORTER_OTLP_HEADERS" help:"What the collector asks for: name=value,name=value."`
	Exporter       string `name:"traces-exporter" env:"OTEL_TRACES_EXPORTER" help:"otlp (default) or none."`
	Service        string `name:"otel-service-name" env:"OTEL_SERVICE_NAME" help:"Name of the service; perene-api and perene-worker by default."`
	Attributes     string `name:"otel-resource-attributes" env:"OTEL_RESOURCE_ATTRIBUTES" help:"More about this installation: deployment.environment.name=production,…"`
	Sampler        string `name:"traces-sampler" env:"OTEL_TRACES_SAMPLER" help:"parentbased_always_on (default), parentbased_traceidratio, traceidratio, always_on, always_off, parentbased_always_off."`
	SamplerArg     string `name:"traces-sampler-arg" env:"OTEL_TRACES_SAMPLER_ARG" help:"Which part of the traces is kept by the samplers with ratio: 0 to 1."`
	Disabled       string `name:"otel-sdk-disabled" env:"OTEL_SDK_DISABLED" help:"true turns traces off whatever else is set."`
}

// On tells whether anything is traced.
func (t Traces) On() bool {
	off := strings.EqualFold(strings.TrimSpace(t.Disabled), "true") || strings.EqualFold(t.Exporter, "none")
	return !off && (t.Endpoint != "" || t.TracesEndpoint != "")
}

// The protocols of OTLP.
const (
	OTLPHTTP = "http/protobuf"
	OTLPGRPC = "grpc"
)

// Validate tells what is wrong in a sentence.
func (t Traces) Validate() error {
	if !t.On() {
		return nil
	}
	if t.Exporter != "" && !strings.EqualFold(t.Exporter, "otlp") {
		return fmt.Errorf("OTEL_TRACES_EXPORTER is %q: Perene speaks otlp; write otlp or none", t.Exporter)
	}
	switch t.Protocol {
	case "", OTLPHTTP, OTLPGRPC:
	default:
		return fmt.Errorf("OTEL_EXPORTER_OTLP_PROTOCOL is %q: write http/protobuf or grpc", t.Protocol)
	}
	for name, given := range map[string]string{"OTEL_EXPORTER_OTLP_ENDPOINT": t.Endpoint, "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT": t.TracesEndpoint} {
		if u, err := url.Parse(given); given != "" && (err != nil || u.Host == "" || (u.Scheme != "http" && u.Scheme != "https")) {
			return fmt.Errorf("%s is not a web address: write http://collector:4318", name)
		}
	}
	_, _, err := t.Sampling()
	if err == nil {
		_, err = t.HeaderMap()
	}
	if err == nil {
		_, err = t.AttributeMap()
	}
	return err
}

// Address is where traces are sent, in full.
func (t Traces) Address() string {
	if t.TracesEndpoint != "" || t.Protocol == OTLPGRPC {
		return or(t.TracesEndpoint, t.Endpoint)
	}
	return strings.TrimRight(t.Endpoint, "/") + "/v1/traces"
}

// HeaderMap reads Headers.
func (t Traces) HeaderMap() (map[string]string, error) {
	return pairs("OTEL_EXPORTER_OTLP_HEADERS", t.Headers)
}

// AttributeMap reads Attributes.
func (t Traces) AttributeMap() (map[string]string, error) {
	return pairs("OTEL_RESOURCE_ATTRIBUTES", t.Attributes)
}

// pairs reads name=value,name=value; values may be percent-encoded. An error does not repeat what may be a secret.
func pairs(variable, text string) (map[string]string, error) {
	out := map[string]string{}
	for entry := range strings.SplitSeq(text, ",") {
		if strings.TrimSpace(entry) == "" {
			continue
		}
		name, value, ok := strings.Cut(entry, "=")
		value, err := url.PathUnescape(strings.TrimSpace(value))
		if name = strings.TrimSpace(name); !ok || name == "" || err != nil {
			return nil, fmt.Errorf("%s cannot be read: write name=value,name=value, with %%2C for a comma in a value", variable)
		}
		out[name] = value
	}
	return out, nil
}

// Sampling says which traces are kept: the sampler's name and, where it has one, its ratio.
func (t Traces) Sampling() (name string, ratio float64, err error) {
	name, ratio = or(strings.ToLower(strings.TrimSpace(t.Sampler)), "parentbased_always_on"), 1
	switch name {
	case "always_on", "always_off", "parentbased_always_on", "parentbased_always_off":
		return name, ratio, nil
	case "traceidratio", "parentbased_traceidratio":
	default:
		return "", 0, fmt.Errorf("OTEL_TRACES_SAMPLER is %q: write parentbased_always_on, parentbased_traceidratio, traceidratio, always_on, always_off or parentbased_always_off", t.Sampler)
	}
	if arg := strings.TrimSpace(t.SamplerArg); arg != "" {
		if ratio, err = strconv.ParseFloat(arg, 64); err != nil || ratio < 0 || ratio > 1 || ratio != ratio {
			return "", 0, fmt.Errorf("OTEL_TRACES_SAMPLER_ARG is %q: write a number from 0 to 1", arg)
		}
	}
	return name, ratio, nil
}

func or(a, b string) string {
	if a != "" {
		return a
	}
	return b
}
