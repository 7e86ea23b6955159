package trace_test

import (
	"bytes"
	"context"
	"encoding/hex"
	"log/slog"
	"net"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	collector "go.opentelemetry.io/proto/otlp/collector/trace/v1"
	"google.golang.org/grpc"

	"github.com/perene/perene/internal/config"
	"github.com/perene/perene/internal/trace"
	"github.com/perene/perene/internal/trace/tracetest"
)

var someTime = time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC)

// open makes a tracer as a process does; send ends it and gives what the collector has then.
func open(t *testing.T, c config.Traces, hold func()) (tracer *trace.Tracer, send func() []tracetest.Span, r *tracetest.Receiver) {
	t.Helper()
	r = tracetest.New(hold)
	t.Cleanup(r.Close)
	c.Endpoint = r.URL
	tracer, end, err := trace.Open(t.Context(), c, trace.Process{Name: "test", Version: "1", Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	return tracer, func() []tracetest.Span { end(); return r.Spans() }, r
}

// A mark carries a trace from one process to the next, with parents as they are.
func TestAMarkCarriesATrace(t *testing.T) {
	t.Parallel()
	tracer, send, r := open(t, config.Traces{Service: "perene-there", Headers: "x-key=a%2Cb"}, nil)
	ctx, root := tracer.Root(t.Context(), "webhook", trace.Server, someTime)
	inside, stored := trace.StartAt(ctx, "store delivery", trace.Producer, someTime.Add(time.Millisecond))
	stored.Int(trace.Message, 42)
	mark := trace.Mark(inside)
	stored.EndAt(someTime.Add(2 * time.Millisecond))
	root.EndAt(someTime.Add(3 * time.Millisecond))

	attempt := [16]byte{1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16}
	sending, sent := tracer.FollowAs(context.Background(), mark, trace.SpanID(attempt), "send", trace.Consumer, someTime.Add(4*time.Millisecond))
	_, call := trace.Start(sending, "graph send", trace.Client)
	call.Fail("rejected")
	call.End()
	sent.End()
	_, status := tracer.Follow(context.Background(), trace.At(mark, trace.SpanID(attempt)), "status read", trace.Consumer, someTime.Add(5*time.Millisecond))
	status.End()

	spans := map[string]tracetest.Span{}
	for _, s := range send() {
		spans[s.Name] = s
		if s.Trace != hex.EncodeToString(mark[:16]) || s.Service != "perene-there" {
			t.Errorf("%s is in the trace %s of %s", s.Name, s.Trace, s.Service)
		}
	}
	for name, parent := range map[string]string{"store delivery": "webhook", "send": "store delivery", "graph send": "send", "status read": "send"} {
		if spans[name].Parent != spans[parent].ID || spans[name].ID == "" {
			t.Errorf("%s %+v is not under %s %+v", name, spans[name], parent, spans[parent])
		}
	}
	if spans["webhook"].Parent != "" || spans["send"].ID != "090a0b0c0d0e0f10" || spans["graph send"].Failed != "rejected" ||
		spans["store delivery"].Attributes[trace.Message] != int64(42) || !spans["webhook"].End.Equal(someTime.Add(3*time.Millisecond)) {
		t.Errorf("%+v", spans)
	}
	if got := r.Header().Get("X-Key"); got != "a,b" {
		t.Errorf("the collector was told %q", got)
	}
}

// What is not kept at its root leaves no mark, so nothing that follows is kept either.
func TestSamplingHoldsForTheWholeTrace(t *testing.T) {
	t.Parallel()
	for sampler, c := range map[string]struct {
		arg      string
		min, max int
	}{
		"": {"", 400, 400}, "always_on": {"", 400, 400}, "always_off": {"", 0, 0}, "parentbased_always_off": {"", 0, 0},
		"traceidratio": {"0.25", 50, 150}, "parentbased_traceidratio": {"0.25", 50, 150},
	} {
		t.Run(sampler, func(t *testing.T) {
			t.Parallel()
			tracer, send, _ := open(t, config.Traces{Sampler: sampler, SamplerArg: c.arg}, nil)
			marks := 0
			for range 400 {
				ctx, root := tracer.Root(context.Background(), "webhook", trace.Server, someTime)
				if trace.On(ctx) != root.On() || (root.Mark() != nil) != root.On() {
					t.Fatal("a span that is not kept has a mark")
				}
				_, next := tracer.Follow(context.Background(), root.Mark(), "step", trace.Consumer, someTime)
				if next.On() != root.On() {
					t.Fatalf("the root is kept: %t, what follows: %t", root.On(), next.On())
				}
				if next.On() {
					marks++
				}
				next.End()
				root.End()
			}
			if got := len(send()); got != 2*marks || marks < c.min || marks > c.max {
				t.Errorf("%d spans of %d traces were sent, want %d to %d traces", got, marks, c.min, c.max)
			}
		})
	}
}

// Off is free: no span, no mark, no byte of memory.
func TestOffCostsNothing(t *testing.T) {
	tracer, end, err := trace.Open(t.Context(), config.Traces{}, trace.Process{})
	if tracer != nil || err != nil {
		t.Fatalf("%v, %v", tracer, err)
	}
	end()
	ctx := t.Context()
	mark := make([]byte, 24)
	mark[0], mark[23] = 1, 1
	if n := testing.AllocsPerRun(100, func() {
		in, root := tracer.Root(ctx, "webhook", trace.Server, someTime)
		in, follow := tracer.Follow(in, mark, "step", trace.Consumer, someTime)
		in, part := trace.Start(in, "engine", trace.Internal)
		for _, s := range []trace.Span{root, follow, part} {
			s.Int(trace.Message, 1)
			s.Code(trace.Node, "menu")
			s.Fail("failed")
			s.Link(mark)
			s.End()
		}
		if trace.On(in) || trace.Mark(in) != nil || root.On() || part.Mark() != nil {
			t.Fatal("something is recorded")
		}
	}); n != 0 {
		t.Errorf("%v allocations while nothing is traced", n)
	}
	if on, _, err := trace.Open(t.Context(), config.Traces{Endpoint: "http://127.0.0.1:4318", Disabled: "True"}, trace.Process{}); on != nil || err != nil {
		t.Errorf("OTEL_SDK_DISABLED does not turn it off: %v", err)
	}
}

// Nothing that is not a code gets into a span, whoever hands it over (S11).
func TestOnlyCodesAreTaken(t *testing.T) {
	t.Parallel()
	tracer, send, _ := open(t, config.Traces{}, nil)
	_, span := tracer.Root(t.Context(), "webhook", trace.Server, someTime)
	want := map[string]any{}
	for key, c := range map[string][2]string{
		"node": {"menu-2_b", "menu-2_b"}, "workflow": {"flow-run/42", "flow-run/42"}, "route": {"/v1/contacts/{id}", "/v1/contacts/{id}"},
		"name": {"João", "other"}, "phone": {"+55 11 98765-0123", "other"}, "digits": {"551198765", "other"}, "mail": {"ana@loja.example", "other"},
		"query": {"/v1/contacts?q=ana", "other"}, "long": {strings.Repeat("a", 65), "other"}, "host": {"127.0.0.1:8090", "127.0.0.1:8090"},
	} {
		span.Code(key, c[0])
		want[key] = c[1]
	}
	span.Code("empty", "")
	span.Fail("não deu")
	span.End()
	got := send()
	if len(got) != 1 || got[0].Failed != "other" || len(got[0].Attributes) != len(want) {
		t.Fatalf("%+v", got)
	}
	for key, value := range want {
		if got[0].Attributes[key] != value {
			t.Errorf("%s is %v, want %v", key, got[0].Attributes[key], value)
		}
	}
}

// A collector that takes batches and never answers stops nobody: spans wait in a bounded queue, what does not fit is dropped,
// and a process that ends does not wait for it for long.
func TestACollectorThatHangsStopsNobody(t *testing.T) {
	t.Parallel()
	release := make(chan struct{})
	tracer, send, r := open(t, config.Traces{}, func() { <-release })
	const made = 100_000 // would block for ever here, if a span waited for the collector
	for range made {
		_, s := tracer.Root(context.Background(), "webhook", trace.Server, someTime)
		s.End()
	}
	if got := len(r.Spans()); got != 0 {
		t.Fatalf("%d spans were answered for", got)
	}
	if got := len(send()); got != 0 { // returns although nothing is answered
		t.Errorf("%d spans came", got)
	}
	close(release)
	r.Close() // waits for what is under way
	if got := len(r.Spans()); got >= made/10 {
		t.Errorf("%d of %d spans were kept in memory", got, made)
	}
}

// A collector that is away is told of once, and once more when it is back.
func TestACollectorThatIsAwayIsToldOfOnce(t *testing.T) {
	t.Setenv("OTEL_BSP_SCHEDULE_DELAY", "1") // milliseconds
	dead := httptest.NewServer(nil)
	dead.Close()
	var mu sync.Mutex
	var said bytes.Buffer
	log := slog.New(slog.NewTextHandler(writer(func(p []byte) (int, error) { mu.Lock(); defer mu.Unlock(); return said.Write(p) }), nil))
	tracer, end, err := trace.Open(t.Context(), config.Traces{Endpoint: dead.URL}, trace.Process{Name: "test", Log: log})
	if err != nil {
		t.Fatal(err)
	}
	for range 5000 {
		_, s := tracer.Root(context.Background(), "webhook", trace.Server, someTime)
		s.End()
	}
	end()
	mu.Lock()
	defer mu.Unlock()
	if n := strings.Count(said.String(), "do not reach the collector"); n != 1 {
		t.Errorf("told %d times:\n%s", n, said.String())
	}
}

type writer func([]byte) (int, error)

func (w writer) Write(p []byte) (int, error) { return w(p) }

// taker is a collector that speaks gRPC.
type taker struct {
	collector.UnimplementedTraceServiceServer
	spans chan tracetest.Span
}

func (k *taker) Export(_ context.Context, batch *collector.ExportTraceServiceRequest) (*collector.ExportTraceServiceResponse, error) {
	for _, s := range tracetest.Read(batch) {
		k.spans <- s
	}
	return &collector.ExportTraceServiceResponse{}, nil
}

// Both protocols that are named work, and a probe tells whether they do.
func TestProbe(t *testing.T) {
	t.Parallel()
	l, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	server, took := grpc.NewServer(), &taker{spans: make(chan tracetest.Span, 8)}
	collector.RegisterTraceServiceServer(server, took)
	go func() { _ = server.Serve(l) }()
	t.Cleanup(server.Stop)
	if err := trace.Probe(t.Context(), config.Traces{Endpoint: "http://" + l.Addr().String(), Protocol: "grpc"}, trace.Process{Name: "doctor"}); err != nil {
		t.Error(err)
	} else if s := <-took.spans; s.Name != "doctor" || s.Service != "perene-doctor" {
		t.Errorf("%+v", s)
	}

	r := tracetest.New(nil)
	if err := trace.Probe(t.Context(), config.Traces{Endpoint: r.URL, Sampler: "always_off"}, trace.Process{Name: "doctor"}); err != nil || len(r.Spans()) != 1 {
		t.Errorf("%v, %d spans", err, len(r.Spans()))
	}
	if err := trace.Probe(t.Context(), config.Traces{TracesEndpoint: r.URL + "/elsewhere"}, trace.Process{Name: "doctor"}); err == nil {
		t.Error("a collector that does not know the path is well")
	}
	r.Close()
	bounded, cancel := context.WithTimeout(t.Context(), 2*time.Second)
	defer cancel()
	if err := trace.Probe(bounded, config.Traces{Endpoint: r.URL}, trace.Process{Name: "doctor"}); err == nil {
		t.Error("a collector that is away is well")
	}
}
