package activities

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/perene/perene/contract"
	"github.com/perene/perene/flow"
	"github.com/perene/perene/internal/config"
	"github.com/perene/perene/models"
)

// seen is what a server was told.
type seen struct {
	mu       sync.Mutex
	requests []string // host, path, headers and body
}

func (s *seen) note(r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	s.mu.Lock()
	defer s.mu.Unlock()
	var headers strings.Builder
	_ = r.Header.Write(&headers)
	s.requests = append(s.requests, r.Host+r.URL.String()+"\n"+headers.String()+string(body))
}

// TestRedirectsTellNobody: F15. A call follows no redirect by itself: the flow gets it. A node that asks for it is followed
// within its own origin, without Referer. Another host, port or scheme is told nothing at all.
func TestRedirectsTellNobody(t *testing.T) {
	t.Parallel()
	var there, here seen
	foreign := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { there.note(r) }))
	t.Cleanup(foreign.Close)
	own := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		here.note(r)
		switch r.URL.Path {
		case "/away":
			http.Redirect(w, r, foreign.URL+"/landed", http.StatusTemporaryRedirect)
		case "/scheme":
			http.Redirect(w, r, "https://"+r.Host+"/landed", http.StatusPermanentRedirect)
		case "/near":
			http.Redirect(w, r, "/landed", http.StatusTemporaryRedirect)
		case "/round":
			http.Redirect(w, r, "/round", http.StatusFound)
		}
	}))
	t.Cleanup(own.Close)
	c := NewCalls(nil, nil, slog.New(slog.DiscardHandler), time.Now, true)
	for _, test := range []struct {
		path   string
		follow bool
		status int
		asked  int
	}{
		{"/away", false, 307, 1}, {"/near", false, 307, 1}, {"/scheme", false, 308, 1},
		{"/away", true, 307, 1}, {"/scheme", true, 308, 1}, {"/near", true, 200, 2}, {"/round", true, 302, 1 + maxRedirects},
	} {
		here.requests = nil
		call := &flow.Call{ID: "1/1/0", Method: http.MethodPost, URL: flow.PlainText(own.URL + test.path + "?token=SECRET-IN-URL"), Body: flow.PlainText("SECRET-IN-BODY"),
			Headers: []flow.Header{{Name: "Authorization", Value: flow.PlainText("SECRET-IN-HEADER")}}, FollowRedirects: test.follow}
		result, _ := c.once(t.Context(), call, &callSecrets{})
		if result.Status != test.status || len(here.requests) != test.asked {
			t.Errorf("%s, follow %v: status %d (%s) after %d requests", test.path, test.follow, result.Status, result.Error, len(here.requests))
		}
		for _, r := range here.requests {
			if strings.Contains(r, "Referer") {
				t.Errorf("%s: %s", test.path, r)
			}
		}
	}
	if len(there.requests) > 0 {
		t.Errorf("another host was told: %s", there.requests)
	}
}

// countedConn counts connections that are open.
type countedConn struct {
	net.Conn
	once sync.Once
	open *atomic.Int32
}

// Close implements net.Conn.
func (c *countedConn) Close() error {
	c.once.Do(func() { c.open.Add(-1) })
	return c.Conn.Close()
}

// TestCallConnectionsAreBounded: F16. However many hosts flows call, few connections stay open, and none for long.
func TestCallConnectionsAreBounded(t *testing.T) {
	t.Parallel()
	server := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
	t.Cleanup(server.Close)
	var open, most atomic.Int32
	transport := newCallTransport(true)
	dial := transport.DialContext
	transport.DialContext = func(ctx context.Context, network, _ string) (net.Conn, error) {
		conn, err := dial(ctx, network, server.Listener.Addr().String())
		most.Store(max(most.Load(), open.Add(1)))
		return &countedConn{Conn: conn, open: &open}, err
	}
	c := NewCalls(nil, nil, slog.New(slog.DiscardHandler), time.Now, true)
	c.client.Transport = transport
	for i := range 6 * transport.MaxIdleConns {
		call := &flow.Call{Method: http.MethodGet, URL: flow.PlainText(fmt.Sprintf("http://host-%d.example/", i))}
		if result, _ := c.once(t.Context(), call, &callSecrets{}); result.Status != http.StatusOK {
			t.Fatalf("call %d: %+v", i, result)
		}
	}
	if bound := int32(2 * transport.MaxIdleConns); most.Load() > bound {
		t.Errorf("%d connections were open at once", most.Load())
	}
	if transport.IdleConnTimeout <= 0 || transport.IdleConnTimeout > 30*time.Second || transport.MaxConnsPerHost <= 0 {
		t.Errorf("a connection rests for %v, a host has %d", transport.IdleConnTimeout, transport.MaxConnsPerHost)
	}
}

// heldStore answers nothing until it is let go.
type heldStore struct {
	asked chan models.AccountID
	free  chan struct{}
}

func (h heldStore) FlowCall(_ context.Context, account models.AccountID, _ models.FlowRunID, _ string) (json.RawMessage, int, bool, error) {
	h.asked <- account
	<-h.free
	return nil, 0, true, nil
}

func (heldStore) FlowCallTried(context.Context, models.AccountID, models.FlowRunID, string, int) error {
	return nil
}

func (heldStore) FlowCallDone(context.Context, models.AccountID, models.FlowRunID, string, int, json.RawMessage) error {
	return nil
}

func (heldStore) AccountSecrets(context.Context, models.AccountID, []string) (map[string]models.AccountSecret, error) {
	return nil, nil
}

// TestAnAccountHasSlotsForItsCalls: F16. One account's calls never take the places of all; who finds none comes again.
func TestAnAccountHasSlotsForItsCalls(t *testing.T) {
	t.Parallel()
	held := heldStore{make(chan models.AccountID), make(chan struct{})}
	c := NewCalls(held, nil, slog.New(slog.DiscardHandler), time.Now, true)
	call := func(account models.AccountID) error {
		_, err := c.CallHTTP(t.Context(), contract.CallHTTPInput{Run: contract.FlowRunInput{FlowRunStart: contract.FlowRunStart{AccountID: account}}})
		return err
	}
	var group sync.WaitGroup
	for range callsPerAccount {
		group.Go(func() { _ = call(1) })
		<-held.asked
	}
	if err := call(1); err == nil || !strings.Contains(err.Error(), "at once") {
		t.Errorf("one call too many: %v", err)
	}
	group.Go(func() { _ = call(2) })
	if account := <-held.asked; account != 2 {
		t.Errorf("account %d was served", account)
	}
	close(held.free)
	group.Wait()
	if len(c.slots.used) != 0 {
		t.Errorf("slots are kept: %v", c.slots.used)
	}
}

// S12: a secret leaves only for its hosts, wherever it stands in a call and wherever the host comes from.
func TestSecretsTravelToTheirHostsOnly(t *testing.T) {
	t.Parallel()
	var asked atomic.Int32
	own := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { asked.Add(1) }))
	t.Cleanup(own.Close)
	host := strings.TrimPrefix(own.URL, "http://")
	c := NewCalls(nil, nil, slog.New(slog.DiscardHandler), time.Now, true)
	key := flow.SecretText{{Secret: "KEY"}}
	for name, call := range map[string]*flow.Call{
		"header":  {Method: http.MethodGet, URL: flow.PlainText(own.URL), Headers: []flow.Header{{Name: "Authorization", Value: key}}},
		"body":    {Method: http.MethodPost, URL: flow.PlainText(own.URL), Body: key},
		"address": {Method: http.MethodGet, URL: flow.SecretText{{Text: own.URL + "/?key="}, {Secret: "KEY"}}},
	} {
		for hosts, want := range map[string]string{host: "", "erp.example": "secret_elsewhere", "": "secret_elsewhere", "127.0.0.1": "secret_elsewhere"} {
			before := asked.Load()
			secrets := &callSecrets{values: map[string]string{"KEY": "value"}, hosts: []config.Hosts{append(config.Hosts{}, strings.Fields(hosts)...)}}
			result, again := c.once(t.Context(), call, secrets)
			if result.Error != want || again || (asked.Load() > before) != (want == "") {
				t.Errorf("%s, for %q: %q after %d requests, want %q", name, hosts, result.Error, asked.Load()-before, want)
			}
		}
	}
}
