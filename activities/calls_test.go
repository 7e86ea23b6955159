package activities

import (
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"sync/atomic"
	"testing"
	"time"

	"github.com/perene/perene/contract"
	"github.com/perene/perene/flow"
	"github.com/perene/perene/models"
)

// oneCall holds one call of a run.
type oneCall struct {
	request json.RawMessage
	result  flow.CallResult
}

func (s *oneCall) FlowCall(context.Context, models.AccountID, models.FlowRunID, string) (json.RawMessage, bool, error) {
	return s.request, false, nil
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
