package api

import (
	"context"
	"sync"

	"github.com/perene/perene/models"
)

// largeDelivery is from how many bytes a delivery counts as large: each connection has one of those at a time.
const largeDelivery = 256 << 10

// waitingDeliveries is how many deliveries of one connection may wait for their turn; more are to come again.
const waitingDeliveries = 256

// deliveries give each connection its turns, so that none takes all of Postgres's connections or all memory.
type deliveries struct {
	most int // at once, of one connection

	mu   sync.Mutex
	each map[models.ConnectionID]*turns
}

type turns struct {
	slots chan struct{}
	here  int // at work or waiting
	large bool
}

// newDeliveries leaves a quarter of a pool of conns to the other connections.
func newDeliveries(conns int) *deliveries {
	return &deliveries{most: max(4, conns*3/4), each: map[models.ConnectionID]*turns{}}
}

// enter waits for a turn until ctx ends. Not ok means that the delivery is to come again. Whoever got a turn calls leave.
func (d *deliveries) enter(ctx context.Context, id models.ConnectionID, large bool) (leave func(), ok bool) {
	d.mu.Lock()
	t := d.each[id]
	if t == nil {
		t = &turns{slots: make(chan struct{}, d.most)}
		d.each[id] = t
	}
	if t.here >= d.most+waitingDeliveries || large && t.large {
		d.mu.Unlock()
		return nil, false
	}
	t.here++
	t.large = t.large || large
	d.mu.Unlock()
	gone := func() {
		d.mu.Lock()
		defer d.mu.Unlock()
		if large {
			t.large = false
		}
		if t.here--; t.here == 0 {
			delete(d.each, id)
		}
	}
	select {
	case t.slots <- struct{}{}:
		return func() { <-t.slots; gone() }, true
	case <-ctx.Done():
		gone()
		return nil, false
	}
}
