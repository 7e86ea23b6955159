// Package tracetest is a collector for tests: it takes OTLP over HTTP and keeps the spans as they came.
package tracetest

import (
	"compress/gzip"
	"encoding/hex"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"sync"
	"time"

	collector "go.opentelemetry.io/proto/otlp/collector/trace/v1"
	common "go.opentelemetry.io/proto/otlp/common/v1"
	otlp "go.opentelemetry.io/proto/otlp/trace/v1"
	"google.golang.org/protobuf/proto"
)

// Span is one span as a collector sees it. Ids are in hexadecimal; Parent is empty for a root.
type Span struct {
	Service, Name     string
	Trace, ID, Parent string
	Kind              otlp.Span_SpanKind
	Attributes        map[string]any // string, int64, bool or float64
	Links             []string       // traces
	Failed            string         // the status' message of a span that failed
	Start, End        time.Time
}

// Receiver is a collector.
type Receiver struct {
	// URL is what OTEL_EXPORTER_OTLP_ENDPOINT is to be.
	URL string
	// Hold, if set, is called before a batch is answered.
	Hold func()

	server *httptest.Server
	mu     sync.Mutex
	bodies [][]byte
	spans  []Span
	header http.Header
}

// New starts a receiver on loopback. hold, if given, is called before a batch is answered.
func New(hold func()) *Receiver {
	r := &Receiver{Hold: hold}
	r.server = httptest.NewServer(http.HandlerFunc(r.take))
	r.URL = r.server.URL
	return r
}

// Close ends it.
func (r *Receiver) Close() { r.server.Close() }

func (r *Receiver) take(w http.ResponseWriter, req *http.Request) {
	if req.URL.Path != "/v1/traces" || req.Method != http.MethodPost {
		http.NotFound(w, req)
		return
	}
	if r.Hold != nil {
		r.Hold()
	}
	var from io.Reader = req.Body
	if req.Header.Get("Content-Encoding") == "gzip" {
		unzipped, err := gzip.NewReader(req.Body)
		if err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
		from = unzipped
	}
	body, err := io.ReadAll(from)
	var batch collector.ExportTraceServiceRequest
	if err == nil {
		err = proto.Unmarshal(body, &batch)
	}
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	r.mu.Lock()
	r.bodies = append(r.bodies, body)
	r.spans = append(r.spans, Read(&batch)...)
	r.header = req.Header
	r.mu.Unlock()
	w.Header().Set("Content-Type", "application/x-protobuf")
}

// Spans are what came so far, by the time they began.
func (r *Receiver) Spans() []Span {
	r.mu.Lock()
	defer r.mu.Unlock()
	out := slices.Clone(r.spans)
	slices.SortStableFunc(out, func(a, b Span) int { return a.Start.Compare(b.Start) })
	return out
}

// Bodies are the batches as they came, decompressed.
func (r *Receiver) Bodies() [][]byte {
	r.mu.Lock()
	defer r.mu.Unlock()
	return slices.Clone(r.bodies)
}

// Header is that of the last batch.
func (r *Receiver) Header() http.Header {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.header
}

// Read takes a batch apart.
func Read(batch *collector.ExportTraceServiceRequest) []Span {
	var out []Span
	for _, resource := range batch.GetResourceSpans() {
		service, _ := values(resource.GetResource().GetAttributes())["service.name"].(string)
		for _, scope := range resource.GetScopeSpans() {
			for _, s := range scope.GetSpans() {
				one := Span{Service: service, Name: s.GetName(), Trace: hex.EncodeToString(s.GetTraceId()), ID: hex.EncodeToString(s.GetSpanId()),
					Parent: hex.EncodeToString(s.GetParentSpanId()), Kind: s.GetKind(), Attributes: values(s.GetAttributes()),
					Start: instant(s.GetStartTimeUnixNano()), End: instant(s.GetEndTimeUnixNano())}
				if s.GetStatus().GetCode() == otlp.Status_STATUS_CODE_ERROR {
					one.Failed = s.GetStatus().GetMessage()
				}
				for _, l := range s.GetLinks() {
					one.Links = append(one.Links, hex.EncodeToString(l.GetTraceId()))
				}
				out = append(out, one)
			}
		}
	}
	return out
}

func instant(nanoseconds uint64) time.Time {
	return time.Unix(0, int64(nanoseconds)).UTC() //nolint:gosec // the nanoseconds of this century fit
}

func values(attributes []*common.KeyValue) map[string]any {
	out := map[string]any{}
	for _, a := range attributes {
		switch v := a.GetValue().GetValue().(type) {
		case *common.AnyValue_StringValue:
			out[a.GetKey()] = v.StringValue
		case *common.AnyValue_IntValue:
			out[a.GetKey()] = v.IntValue
		case *common.AnyValue_BoolValue:
			out[a.GetKey()] = v.BoolValue
		case *common.AnyValue_DoubleValue:
			out[a.GetKey()] = v.DoubleValue
		}
	}
	return out
}
