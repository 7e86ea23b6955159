package activities

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"slices"
	"sync/atomic"
	"testing"
	"time"

	"go.temporal.io/sdk/temporal"

	"github.com/perene/perene/contract"
	"github.com/perene/perene/flow"
	"github.com/perene/perene/models"
)

// oneCall holds one call of a run.
type oneCall struct {
	request json.RawMessage
	tried   int
	result  flow.CallResult
}

func (s *oneCall) FlowCall(context.Context, models.AccountID, models.FlowRunID, string) (json.RawMessage, int, bool, error) {
	return s.request, s.tried, false, nil
}

func (s *oneCall) FlowCallTried(_ context.Context, _ models.AccountID, _ models.FlowRunID, _ string, attempts int) error {
	s.tried = attempts
	return nil
}

func (s *oneCall) FlowCallDone(_ context.Context, _ models.AccountID, _ models.FlowRunID, _ string, _ int, result json.RawMessage) error {
	return json.Unmarshal(result, &s.result)
}

func (s *oneCall) AccountSecrets(context.Context, models.AccountID, []string) (map[string]models.AccountSecret, error) {
	return map[string]models.AccountSecret{}, nil
}

func newOneCall(t *testing.T, c flow.Call) (*Calls, *oneCall) {
	t.Helper()
	request, err := json.Marshal(c)
	if err != nil {
		t.Fatal(err)
	}
	s := &oneCall{request: request}
	return NewCalls(s, nil, slog.New(slog.DiscardHandler), time.Now, true), s
}

// A call that takes longer than the heartbeat's time-out keeps beating and is made once.
func TestASlowCallKeepsBeating(t *testing.T) {
	t.Parallel()
	var made atomic.Int32
	beats := make(chan struct{})
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		made.Add(1)
		for range 5 { // several heartbeats while the answer is on its way
			<-beats
		}
		_, _ = io.WriteString(w, "ok")
	}))
	t.Cleanup(server.Close)
	calls, s := newOneCall(t, flow.Call{ID: "c", Method: http.MethodPost, URL: flow.SecretText{{Text: server.URL}}, Timeout: flow.Duration(time.Minute)})
	calls.sleep = func(ctx context.Context, _ time.Duration) error { return ctx.Err() }
	calls.beat = func(ctx context.Context) {
		select {
		case beats <- struct{}{}:
		case <-ctx.Done():
		}
	}
	if _, err := calls.CallHTTP(t.Context(), contract.CallHTTPInput{CallID: "c"}); err != nil {
		t.Fatal(err)
	}
	if made.Load() != 1 || s.result.Body != "ok" || s.result.Attempts != 1 {
		t.Errorf("made %d times, result %+v; want one call and its answer", made.Load(), s.result)
	}
}

// deadlines notes the time-out of each try.
type deadlines struct{ got []time.Duration }

func (d *deadlines) RoundTrip(req *http.Request) (*http.Response, error) {
	at, _ := req.Context().Deadline()
	d.got = append(d.got, time.Until(at).Round(time.Second*5))
	return &http.Response{StatusCode: http.StatusOK, Body: http.NoBody, Request: req}, nil
}

// A node's time-out is honoured up to the two minutes that a node may ask for.
func TestACallHasItsNodesTimeout(t *testing.T) {
	t.Parallel()
	for asked, want := range map[time.Duration]time.Duration{
		0: 10 * time.Second, 90 * time.Second: 90 * time.Second, 2 * time.Minute: 2 * time.Minute, time.Hour: 2 * time.Minute,
	} {
		calls, _ := newOneCall(t, flow.Call{ID: "c", Method: http.MethodGet, URL: flow.SecretText{{Text: "http://127.0.0.1"}}, Timeout: flow.Duration(asked)})
		d := &deadlines{}
		calls.client.Transport = d
		if _, err := calls.CallHTTP(t.Context(), contract.CallHTTPInput{CallID: "c"}); err != nil {
			t.Fatal(err)
		}
		if len(d.got) != 1 || d.got[0] != want {
			t.Errorf("a time-out of %s gave %v, want %s", asked, d.got, want)
		}
	}
}

// A call that is told to come back later leaves its worker: Temporal keeps the pause, and the next try knows how many there
// were. A pause beyond the call's last instant ends it with the answer that came.
func TestACallPausesWithoutAWorker(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 11, 30, 12, 0, 0, 0, time.UTC)
	for asked, want := range map[string][]time.Duration{
		"":                              {time.Second, 2 * time.Second, 3 * time.Second},
		"600":                           {10 * time.Minute, 10 * time.Minute, 10 * time.Minute},
		"Mon, 30 Nov 2026 13:00:00 GMT": {time.Hour, time.Hour, time.Hour},
		"-5":                            {time.Second, 2 * time.Second, 3 * time.Second},
		"soon":                          {time.Second, 2 * time.Second, 3 * time.Second},
		"2000000":                       nil, // later than the call may last
	} {
		var made atomic.Int32
		server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			made.Add(1)
			if asked != "" {
				w.Header().Set("Retry-After", asked)
			}
			w.WriteHeader(http.StatusServiceUnavailable)
		}))
		calls, s := newOneCall(t, flow.Call{ID: "c", Method: http.MethodGet, URL: flow.PlainText(server.URL), Until: now.Add(2 * time.Hour),
			Retry: flow.Retry{Attempts: 4, First: flow.Duration(time.Second), Max: flow.Duration(3 * time.Second), Statuses: []int{503}}})
		calls.now = func() time.Time { return now }
		var got []time.Duration
		for range 4 {
			before := made.Load()
			_, err := calls.CallHTTP(t.Context(), contract.CallHTTPInput{CallID: "c"})
			if n := made.Load() - before; n != 1 {
				t.Fatalf("%q: one try made %d requests", asked, n)
			}
			if err == nil {
				break
			}
			var later *temporal.ApplicationError
			if !errors.As(err, &later) {
				t.Fatalf("%q: %v", asked, err)
			}
			got = append(got, later.NextRetryDelay())
		}
		server.Close()
		if !slices.Equal(got, want) {
			t.Errorf("%q: pauses %v, want %v", asked, got, want)
		}
		if s.result.Status != http.StatusServiceUnavailable || s.result.Attempts != len(want)+1 {
			t.Errorf("%q: result %+v after %d pauses", asked, s.result, len(want))
		}
	}
}
