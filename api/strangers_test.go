package api

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/perene/perene/internal/lru"
)

// acquired is how many times a connection to Postgres was taken for what ask does.
func (w *world) acquired(ask func()) int64 {
	before := w.store.Pool().Stat().AcquireCount()
	ask()
	return w.store.Pool().Stat().AcquireCount() - before
}

// TestStrangersCostNoQueries: F10. Cookies, tokens and webhook keys without the shape of one cost no query at all. Those
// that have it cost as many as the bucket of their network holds, however many come.
func TestStrangersCostNoQueries(t *testing.T) {
	t.Parallel()
	const burst = 20
	w := newWorld(t, func(d *Deps) {
		d.Limits.PerIP, d.Limits.Webhook = Rate{PerSecond: 1, Burst: burst}, Rate{PerSecond: 1, Burst: burst}
	})
	ask := func(cookie, authorization string) answer {
		headers := map[string]string{}
		if cookie != "" {
			headers["Cookie"] = plainCookie + "=" + cookie
		}
		if authorization != "" {
			headers["Authorization"] = authorization
		}
		return w.do(request{method: "GET", path: "/v1/account", headers: headers})
	}
	malformed := func(i int) {
		ask(fmt.Sprintf("bogus-%d", i), "")
		ask(strings.Repeat("A", 4000), "")
		ask("", "Bearer pk_live_"+strings.Repeat("A", 4000))
		ask("", "Bearer nothing")
		w.deliver("/webhooks/meta/"+strings.Repeat("k", 60<<10), "", []byte("{}"))
		w.deliver("/webhooks/meta/a%20key", "", []byte("{}"))
		w.do(request{method: "GET", path: "/webhooks/meta/" + strings.Repeat("k", 65)})
	}
	if n := w.acquired(func() {
		for i := range 100 {
			malformed(i)
		}
	}); n != 0 {
		t.Errorf("malformed cookies, tokens and keys cost %d queries", n)
	}
	if got := w.expect(http.StatusOK, request{as: "user", method: "GET", path: "/readyz"}); got.headers.Get("RateLimit") != "" {
		t.Error("readiness is counted")
	}
	w.advance(burst * 1e9) // the buckets are full again
	if n := w.acquired(func() {
		for i := range 300 {
			if got := ask(shaped(fmt.Sprintf("bogus-%d", i)), ""); (got.status == http.StatusUnauthorized) != (i < burst) {
				t.Fatalf("bogus cookie %d: %d", i, got.status)
			}
		}
	}); n != burst {
		t.Errorf("300 bogus cookies cost %d queries, want %d", n, burst)
	}
	if n := w.acquired(func() {
		for i := range 300 {
			w.deliver(fmt.Sprintf("/webhooks/meta/bogus-%d", i), "", []byte("{}"))
		}
	}); n != burst {
		t.Errorf("300 bogus keys cost %d queries, want %d", n, burst)
	}
	if n := w.app.hooks.unknown.Len(); n > burst {
		t.Errorf("%d bogus keys are remembered", n)
	}
	body := inboundBody(fixedNow, "Oi")
	w.app.hooks.known = lru.New[string, *hook](hooksWeight)
	if rec := w.deliver(hookPath, sign(testAppSecret, body), body); rec.Code == http.StatusOK {
		t.Error("a key that this process does not know was looked up while its network is refused")
	}
	w.advance(burst * 1e9)
	w.expect(http.StatusOK, request{as: "admin", method: "GET", path: "/v1/account"})
	for i := range 300 {
		ask(shaped(fmt.Sprintf("bogus-%d", i)), "")
	}
	w.expect(http.StatusOK, request{as: "admin", method: "GET", path: "/v1/account"}) // seen before: no attack from beside signs anybody out
	if got := w.do(request{as: "user", method: "GET", path: "/v1/account"}); got.status != http.StatusTooManyRequests || got.headers.Get("Retry-After") == "" {
		t.Errorf("a sign-in that was not seen yet, from a network that is refused: %d", got.status)
	}
	w.advance(burst * 1e9)
	w.expect(http.StatusOK, request{as: "user", method: "GET", path: "/v1/account"})
}

// TestUnknownKeysLookLikeWrongSignatures: whatever is delivered, an unknown key gets the bytes that a known one gets.
func TestUnknownKeysLookLikeWrongSignatures(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	limit := w.app.Limits.WebhookBytes
	for name, size := range map[string]int64{"small": 10, "at the limit": limit, "over it": limit + 1, "far over it": 2 * limit} {
		for _, announced := range []bool{true, false} {
			var seen [2]string
			for i, path := range []string{hookPath, "/webhooks/meta/hook-key-9"} {
				body := &countedBody{}
				rec := w.deliverFrom(path, body, size, announced)
				rec.Header().Del("X-Request-Id")
				seen[i] = fmt.Sprint(rec.Code, rec.Header(), strings.Contains(rec.Body.String(), "unauthorized"), body.read)
			}
			if seen[0] != seen[1] {
				t.Errorf("%s, announced %v: a known key gets %s, an unknown one %s", name, announced, seen[0], seen[1])
			}
		}
	}
}

// TestReadinessIsAskedOnceASecond: F10. However many ask, Postgres and Temporal are asked once a second.
func TestReadinessIsAskedOnceASecond(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	var asked atomic.Int32
	w.app.TemporalReady = func(context.Context) error { asked.Add(1); return nil }
	var first int64
	for range 3 {
		n := w.acquired(func() {
			for range 100 {
				w.expect(http.StatusOK, request{method: "GET", path: "/readyz"})
			}
		})
		if first == 0 {
			first = n
		}
		if n != first || n > 3 {
			t.Errorf("100 questions within a second took %d connections, want %d", n, first)
		}
		w.advance(readyLife)
	}
	if asked.Load() != 3 {
		t.Errorf("Temporal was asked %d times in three seconds", asked.Load())
	}
}
