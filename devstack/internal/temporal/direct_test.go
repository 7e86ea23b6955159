package temporal

import (
	"context"
	"errors"
	"reflect"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"go.temporal.io/server/api/historyservice/v1"
	"go.temporal.io/server/service"
	"go.uber.org/fx/fxtest"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	health "google.golang.org/grpc/health/grpc_health_v1"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"
)

// checked is a service with one method, answered by a function.
type checked struct {
	health.UnimplementedHealthServer
	do func(ctx context.Context, in *health.HealthCheckRequest) (*health.HealthCheckResponse, error)
}

func (c checked) Check(ctx context.Context, in *health.HealthCheckRequest) (*health.HealthCheckResponse, error) {
	return c.do(ctx, in)
}

// call calls the service through s; wired counts the calls that took the wire.
func call(ctx context.Context, s *server, in *health.HealthCheckRequest, wired *int, opts ...grpc.CallOption) (*health.HealthCheckResponse, error) {
	out := &health.HealthCheckResponse{}
	wire := func(context.Context, string, any, any, *grpc.ClientConn, ...grpc.CallOption) error {
		*wired++
		return nil
	}
	return out, s.intercept(ctx, health.Health_Check_FullMethodName, in, out, nil, wire, opts...)
}

type key struct{}

func TestServicesOfOneProcessCallEachOtherInMemory(t *testing.T) {
	var s server
	wired := 0
	if _, err := call(t.Context(), &s, &health.HealthCheckRequest{}, &wired); err != nil || wired != 1 {
		t.Fatalf("before the service serves: error %v, %d calls by wire, want the call there", err, wired)
	}

	ctx, cancel := context.WithCancel(context.WithValue(t.Context(), key{}, "the caller's"))
	ctx = metadata.NewOutgoingContext(ctx, metadata.Pairs("caller-name", "worker"))
	var order []string
	note := func(name string) grpc.UnaryServerInterceptor {
		return func(ctx context.Context, req any, info *grpc.UnaryServerInfo, next grpc.UnaryHandler) (any, error) {
			order = append(order, name+" "+info.FullMethod)
			return next(ctx, req)
		}
	}
	var seen context.Context
	failure, waits := error(nil), false
	impl := checked{do: func(ctx context.Context, in *health.HealthCheckRequest) (*health.HealthCheckResponse, error) {
		seen = ctx //nolint:fatcontext // to be looked at
		if err := grpc.SetTrailer(ctx, metadata.Pairs("said", "beside")); err != nil {
			t.Errorf("a handler says something beside its answer: %v", err)
		}
		in.Service = "changed by the handler"
		if waits {
			before := runtime.NumGoroutine()
			inner, stop := context.WithTimeout(ctx, time.Hour)
			defer stop()
			if now := runtime.NumGoroutine(); now > before {
				t.Errorf("%d goroutines watch the caller's context", now-before)
			}
			cancel()
			<-inner.Done()
			return nil, context.Cause(inner)
		}
		return &health.HealthCheckResponse{Status: health.HealthCheckResponse_SERVING}, failure
	}}
	lc := fxtest.NewLifecycle(t)
	s.serveDuring(lc, impl, &health.Health_ServiceDesc, []grpc.UnaryServerInterceptor{note("first"), note("second")})
	lc.RequireStart()

	in := &health.HealthCheckRequest{Service: "asked for"}
	var trailer metadata.MD
	out, err := call(ctx, &s, in, &wired, grpc.Trailer(&trailer))
	if err != nil || out.GetStatus() != health.HealthCheckResponse_SERVING || wired != 1 {
		t.Fatalf("answer %v, error %v, %d calls by wire; want SERVING without it", out, err, wired)
	}
	if want := []string{"first " + health.Health_Check_FullMethodName, "second " + health.Health_Check_FullMethodName}; !slices.Equal(order, want) {
		t.Errorf("interceptors ran as %q, want %q", order, want)
	}
	if in.GetService() != "asked for" {
		t.Errorf("the handler changed its caller's message to %q", in.GetService())
	}
	if got := trailer.Get("said"); !slices.Equal(got, []string{"beside"}) {
		t.Errorf("trailer %q did not reach the caller", got)
	}
	if md, _ := metadata.FromIncomingContext(seen); !slices.Equal(md.Get("caller-name"), []string{"worker"}) {
		t.Errorf("the handler saw metadata %v", md)
	}
	if v := seen.Value(key{}); v != nil {
		t.Errorf("the handler saw its caller's value %v, which no wire carries", v)
	}
	if _, has := metadata.FromOutgoingContext(seen); has {
		t.Error("the handler's own calls would carry its caller's metadata")
	}
	if seen.Err() == nil {
		t.Error("the handler's context lives on after its answer")
	}

	waits = true
	if _, err = call(ctx, &s, in, &wired); !errors.Is(err, context.Canceled) {
		t.Errorf("a caller gave up, and what was begun for it ended with %v", err)
	}
	waits = false
	failure = status.Error(codes.NotFound, "no such run")
	if _, err = call(t.Context(), &s, in, &wired); status.Code(err) != codes.NotFound {
		t.Errorf("the handler's error came as %v", err)
	}

	lc.RequireStop()
	if _, err := call(t.Context(), &s, in, &wired); err != nil || wired != 2 {
		t.Errorf("after the service stopped: error %v, %d calls by wire, want the call there", err, wired)
	}
}

// History answers some calls in a type of its own that is encoded as the one its callers know.
func TestAnAnswerOfAnotherTypeIsHandedOverByItsEncoding(t *testing.T) {
	raw := &historyservice.RecordWorkflowTaskStartedResponseWithRawHistory{StartedEventId: 7, Attempt: 2}
	var out historyservice.RecordWorkflowTaskStartedResponse
	if err := hand(&out, raw); err != nil || out.GetStartedEventId() != 7 || out.GetAttempt() != 2 {
		t.Fatalf("handed over as %v, error %v", &out, err)
	}
}

// interceptors repeats a list that Temporal keeps to itself. An upgrade that gives it another interceptor fails here.
func TestTheInterceptorsAreThoseOfTemporal(t *testing.T) {
	var got []string
	for f := range reflect.TypeFor[service.GrpcServerOptionsParams]().Fields() {
		if strings.Contains(f.Name, "Interceptor") {
			got = append(got, f.Name)
		}
	}
	want := []string{"ServiceErrorInterceptor", "RetryableInterceptor", "TelemetryInterceptor", "NamespaceRateLimitInterceptor", "RateLimitInterceptor",
		"ContextMetadataInterceptor", "AdditionalInterceptors", "AdditionalStreamInterceptors"}
	if !slices.Equal(got, want) {
		t.Errorf("Temporal's services take %q, direct.go knows %q: read service.GrpcServerOptionsProvider and mend interceptors()", got, want)
	}
}
