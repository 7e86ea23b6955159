package activities

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"sync/atomic"
	"testing"
	"time"

	"go.temporal.io/sdk/temporal"

	"github.com/perene/perene/contract"
	"github.com/perene/perene/flow"
	"github.com/perene/perene/models"
)

// S21: the flows of an account ask one host 20 times at once and then 10 times a second. What is more gets a place, in its
// order, and comes back for it. Other hosts and other accounts are not held up.
func TestWhatFlowsAskOfOneHostIsBounded(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 11, 20, 12, 0, 0, 0, time.UTC)
	p := newPaces(func() time.Time { return now })
	begun := map[int]time.Duration{} // when each call began
	start := now
	waits := map[int]time.Time{}
	for call := range 200 {
		waits[call] = now
	}
	for now.Sub(start) < time.Minute {
		for call := range 200 {
			if at, ok := waits[call]; ok && !at.After(now) {
				if wait := p.wait(1, "erp.example", models.FlowRunID(call), "a"); wait > 0 {
					waits[call] = now.Add(wait)
				} else {
					begun[call] = now.Sub(start)
					delete(waits, call)
				}
			}
		}
		now = now.Add(10 * time.Millisecond)
	}
	bySecond := map[int]int{}
	for _, at := range begun {
		bySecond[int(at/time.Second)]++
	}
	if len(begun) != 200 {
		t.Fatalf("%d of 200 calls began within a minute", len(begun))
	}
	for second, n := range bySecond {
		if most := callsPerHostSecond; n > most && second > 0 || n > most+callsPerHostBurst {
			t.Errorf("%d calls in second %d", n, second)
		}
	}
	for call := 21; call < 100; call++ {
		if begun[call] < begun[call-1] {
			t.Errorf("call %d began after %v and call %d after %v", call, begun[call], call-1, begun[call-1])
		}
	}
	for call := range callsPerHostBurst { // a minute of silence later there is a burst again
		if wait := p.wait(1, "erp.example", 1000, fmt.Sprint(call)); wait != 0 {
			t.Errorf("call %d after a minute waits %v", call, wait)
		}
	}
	if p.wait(1, "erp.example", 1000, "more") == 0 {
		t.Error("the burst is larger than its figure")
	}
	if p.wait(1, "other.example", 1, "a") != 0 || p.wait(2, "erp.example", 1, "a") != 0 {
		t.Error("another host or another account waits")
	}
	now = now.Add(time.Hour)
	if p.wait(1, "x", 1, "a"); len(p.hosts) != 1 {
		t.Errorf("%d hosts are remembered after an hour", len(p.hosts))
	}
}

// manyCalls are calls to one address, in Postgres.
type manyCalls struct {
	heldStore
	url   string
	tried atomic.Int32
}

func (m *manyCalls) FlowCall(context.Context, models.AccountID, models.FlowRunID, string) (json.RawMessage, int, bool, error) {
	raw, err := json.Marshal(flow.Call{ID: "a", Method: http.MethodGet, URL: flow.PlainText(m.url)})
	return raw, 0, false, err
}

func (m *manyCalls) FlowCallTried(context.Context, models.AccountID, models.FlowRunID, string, int) error {
	m.tried.Add(1)
	return nil
}

// The activity of a call beyond the pace ends at once, asks for its place, and counts no try.
func TestACallBeyondThePaceComesAgain(t *testing.T) {
	t.Parallel()
	var asked atomic.Int32
	host := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { asked.Add(1) }))
	t.Cleanup(host.Close)
	now := time.Date(2026, 11, 20, 12, 0, 0, 0, time.UTC)
	calls := &manyCalls{url: host.URL}
	c := NewCalls(calls, nil, slog.New(slog.DiscardHandler), func() time.Time { return now }, true)
	call := func(run models.FlowRunID) error {
		_, err := c.CallHTTP(t.Context(), contract.CallHTTPInput{CallID: "a", Run: contract.FlowRunInput{FlowRunStart: contract.FlowRunStart{AccountID: 1, RunID: run}}})
		return err
	}
	for run := range callsPerHostBurst {
		if err := call(models.FlowRunID(run)); err != nil {
			t.Fatalf("call %d: %v", run, err)
		}
	}
	err := call(100)
	var busy *temporal.ApplicationError
	if !errors.As(err, &busy) || busy.Type() != "host_busy" || busy.NextRetryDelay() != time.Second/callsPerHostSecond {
		t.Fatalf("one call too many: %v", err)
	}
	if asked.Load() != callsPerHostBurst || calls.tried.Load() != 0 {
		t.Errorf("%d requests and %d counted tries", asked.Load(), calls.tried.Load())
	}
	now = now.Add(busy.NextRetryDelay())
	if err := call(100); err != nil || asked.Load() != callsPerHostBurst+1 {
		t.Errorf("at its place: %v, %d requests", err, asked.Load())
	}
	for address, want := range map[string]string{
		"https://ERP.Example:8443/x?y": "erp.example", "https://erp.example./": "erp.example", "http://[::1]:80/": "::1", "no address at all": "", "%": "",
	} {
		if got := hostOf(&flow.Call{URL: flow.PlainText(address)}); got != want {
			t.Errorf("the host of %q is %q, want %q", address, got, want)
		}
	}
}
