package sender

import (
	"context"
	"log/slog"
	"sync"
	"time"

	"github.com/perene/perene/contract"
	"github.com/perene/perene/models"
)

// BusStore is what waking senders needs of Postgres.
type BusStore interface {
	// NotifySenders tells senders in any process and returns the connections nobody sends for.
	NotifySenders(ctx context.Context, ids []models.ConnectionID) (asleep []contract.ConnectionStart, err error)
	// ListenSends calls heard for every NotifySenders of any process until ctx ends or the database goes away.
	ListenSends(ctx context.Context, heard func(models.ConnectionID)) error
}

// Bus tells senders that their connection's queue got something. A sender in this process hears of it at once; for
// others, one statement after COMMIT tells senders elsewhere and finds out who sleeps, and the Connection workflow of those
// is rung. Nudges of one connection that come together are one. What is lost, a sender's poll or the dispatcher's sweep
// finds.
type Bus struct {
	store BusStore
	ring  func(bells ...contract.Doorbell)
	log   *slog.Logger

	mu      sync.Mutex
	senders map[models.ConnectionID]chan struct{}
	remote  map[models.ConnectionID]bool
	kick    chan struct{}

	cancel context.CancelFunc
	group  sync.WaitGroup
}

// NewBus starts a bus. ring rings the workflow of a connection nobody sends for; nil leaves those to the sweep.
func NewBus(s BusStore, ring func(bells ...contract.Doorbell), log *slog.Logger) *Bus {
	ctx, cancel := context.WithCancel(context.Background())
	b := &Bus{store: s, ring: ring, log: log, senders: map[models.ConnectionID]chan struct{}{}, remote: map[models.ConnectionID]bool{},
		kick: make(chan struct{}, 1), cancel: cancel}
	b.group.Go(func() { b.tellOthers(ctx) })
	return b
}

// Listen lets the senders of this process hear what other processes queue, until Close. The database may go away meanwhile.
func (b *Bus) Listen(ctx context.Context) {
	for ctx.Err() == nil {
		err := b.store.ListenSends(ctx, func(id models.ConnectionID) { b.local(id) })
		if ctx.Err() != nil {
			return
		}
		b.log.Warn("senders hear nothing from other processes for a moment; they poll", "error", err)
		select {
		case <-ctx.Done():
			return
		case <-time.After(time.Second):
		}
	}
}

// Close stops the bus.
func (b *Bus) Close() {
	b.cancel()
	b.group.Wait()
}

// Nudge says that connections' queues got something; call it after COMMIT. It never blocks.
func (b *Bus) Nudge(ids ...models.ConnectionID) {
	for _, id := range ids {
		if b.local(id) {
			continue
		}
		b.mu.Lock()
		b.remote[id] = true
		b.mu.Unlock()
		select {
		case b.kick <- struct{}{}:
		default:
		}
	}
}

// local nudges a sender in this process and tells whether there is one.
func (b *Bus) local(id models.ConnectionID) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	ch, here := b.senders[id]
	if !here {
		return false
	}
	select {
	case ch <- struct{}{}:
	default: // it has been told and has not looked yet
	}
	return true
}

// join makes a sender of this process hear nudges of its connection; leave ends that. After leaving, the sender looks at the
// queue once more: whoever queued before has either told it or seen that nobody is there.
func (b *Bus) join(id models.ConnectionID) (heard <-chan struct{}, leave func()) {
	ch := make(chan struct{}, 1)
	b.mu.Lock()
	b.senders[id] = ch
	b.mu.Unlock()
	return ch, func() {
		b.mu.Lock()
		defer b.mu.Unlock()
		if b.senders[id] == ch {
			delete(b.senders, id)
		}
	}
}

// ringPause is how long after a ring the same connection is not rung again: the sender that the first ring starts takes
// everything, and each ring costs its workflow five events. What this passes over the sweep finds.
const ringPause = 250 * time.Millisecond

func (b *Bus) tellOthers(ctx context.Context) {
	rung := map[models.ConnectionID]time.Time{}
	for {
		select {
		case <-ctx.Done():
			return
		case <-b.kick:
		}
		b.mu.Lock()
		ids := make([]models.ConnectionID, 0, len(b.remote))
		for id := range b.remote {
			ids = append(ids, id)
		}
		clear(b.remote)
		b.mu.Unlock()
		if len(ids) == 0 {
			continue
		}
		asleep, err := b.store.NotifySenders(ctx, ids)
		if err != nil {
			if ctx.Err() == nil {
				b.log.Warn("senders were not told of new messages; the sweep will", "connections", len(ids), "error", err)
			}
			continue
		}
		if b.ring == nil {
			continue
		}
		now := time.Now()
		for _, start := range asleep {
			if now.Sub(rung[start.ConnectionID]) >= ringPause {
				rung[start.ConnectionID] = now
				b.ring(start.Doorbell())
			}
		}
	}
}
