package api

import (
	"bytes"
	"context"
	"net/http"
	"testing"
	"time"

	"github.com/perene/perene/channels"
	"github.com/perene/perene/models"
)

// heldInbound stores nothing until it is let go.
type heldInbound struct {
	fakeInbound
	begun, free chan struct{}
}

func (h *heldInbound) Receive(context.Context, *models.Connection, channels.Delivery, []byte) error {
	h.begun <- struct{}{}
	<-h.free
	return nil
}

// TestAConnectionHasItsTurns: F9. A connection has one large delivery at a time and never all of the pool; another
// connection is served meanwhile. What finds no turn is to come again, and nothing of it was parsed.
func TestAConnectionHasItsTurns(t *testing.T) {
	t.Parallel()
	held := &heldInbound{begun: make(chan struct{}), free: make(chan struct{})}
	w := newWorld(t, func(d *Deps) { d.Inbound = held })
	small := inboundBody(fixedNow, "Oi")
	large := inboundBody(fixedNow, string(bytes.Repeat([]byte("a"), largeDelivery)))
	status := make(chan int)
	send := func(path string, body []byte) { status <- w.deliver(path, sign(testAppSecret, body), body).Code }

	go send(hookPath, large)
	<-held.begun
	if rec := w.deliver(hookPath, sign(testAppSecret, large), large); rec.Code != http.StatusServiceUnavailable || rec.Header().Get("Retry-After") == "" {
		t.Errorf("a second large delivery: %d", rec.Code)
	}
	under := 1
	for range w.app.deliveries.most - 1 {
		go send(hookPath, small)
		<-held.begun
		under++
	}
	if pool := int(w.store.Pool().Config().MaxConns); under >= pool {
		t.Errorf("%d deliveries of one connection at once, with %d connections to Postgres", under, pool)
	}
	go send("/webhooks/meta/hook-key-2", small)
	<-held.begun // another connection does not wait
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, ok := w.app.deliveries.enter(ctx, 1001, false); ok {
		t.Error("one more than a connection may have")
	}
	close(held.free)
	for range under + 1 {
		if got := <-status; got != http.StatusOK {
			t.Errorf("%d", got)
		}
	}
	if n := len(w.app.deliveries.each); n != 0 {
		t.Errorf("%d connections are remembered", n)
	}
}

// TestAConnectionHasABudgetOfElements: F9. Rightly signed deliveries beyond it are to come again; time fills it up.
func TestAConnectionHasABudgetOfElements(t *testing.T) {
	t.Parallel()
	w := newWorld(t, func(d *Deps) { d.Limits.Elements = Rate{PerSecond: 1, Burst: 3} })
	body := inboundBody(fixedNow, "Oi")
	for i, want := range []int{200, 200, 200, 503, 503} {
		if rec := w.deliver(hookPath, sign(testAppSecret, body), body); rec.Code != want {
			t.Errorf("delivery %d: %d, want %d", i, rec.Code, want)
		}
	}
	w.advance(time.Second)
	if rec := w.deliver(hookPath, sign(testAppSecret, body), body); rec.Code != http.StatusOK {
		t.Errorf("a second later: %d", rec.Code)
	}
}
