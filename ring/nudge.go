package ring

import (
	"context"
	"log/slog"
	"sync"
	"time"

	"github.com/perene/perene/models"
)

// SenderRows is what nudging needs of the store: tell senders in other processes, and learn which connections nobody
// sends for now.
type SenderRows interface {
	NotifySenders(ctx context.Context, ids []models.ConnectionID) (asleep []models.ConnectionRef, err error)
}

// Nudger tells the sender of a connection that its queue got something: in process at once; elsewhere by the database,
// gathered over a few milliseconds; and where nobody sends, by ringing the Connection workflow. What it loses the
// dispatcher's sweep finds.
type Nudger struct {
	rows   SenderRows
	ringer *Ringer
	local  func(models.ConnectionID) bool
	log    *slog.Logger

	mu      sync.Mutex
	waiting map[models.ConnectionID]bool
	kick    chan struct{}
	cancel  context.CancelFunc
	done    chan struct{}
}

// nudgeGather is how long nudges for other processes are gathered.
const nudgeGather = 5 * time.Millisecond

// NewNudger starts a Nudger. local tells a sender of this process and whether there is one; nil means there is never one.
func NewNudger(rows SenderRows, ringer *Ringer, local func(models.ConnectionID) bool, log *slog.Logger) *Nudger {
	ctx, cancel := context.WithCancel(context.Background())
	if local == nil {
		local = func(models.ConnectionID) bool { return false }
	}
	n := &Nudger{rows: rows, ringer: ringer, local: local, log: log, waiting: map[models.ConnectionID]bool{}, kick: make(chan struct{}, 1),
		cancel: cancel, done: make(chan struct{})}
	go n.loop(ctx)
	return n
}

// Close stops nudging.
func (n *Nudger) Close() {
	n.cancel()
	<-n.done
}

// Nudge never blocks.
func (n *Nudger) Nudge(connections ...models.ConnectionID) {
	n.mu.Lock()
	away := false
	for _, id := range connections {
		if !n.local(id) {
			n.waiting[id] = true
			away = true
		}
	}
	n.mu.Unlock()
	if away {
		select {
		case n.kick <- struct{}{}:
		default:
		}
	}
}

func (n *Nudger) loop(ctx context.Context) {
	defer close(n.done)
	for {
		select {
		case <-ctx.Done():
			return
		case <-n.kick:
		}
		gather := time.NewTimer(nudgeGather)
		select {
		case <-ctx.Done():
			gather.Stop()
			return
		case <-gather.C:
		}
		n.mu.Lock()
		ids := make([]models.ConnectionID, 0, len(n.waiting))
		for id := range n.waiting {
			ids = append(ids, id)
		}
		clear(n.waiting)
		n.mu.Unlock()
		asleep, err := n.rows.NotifySenders(ctx, ids)
		if err != nil {
			if ctx.Err() == nil {
				n.log.Warn("senders were not told, the sweep will", "error", err)
			}
			continue
		}
		for _, c := range asleep {
			n.ringer.Ring(models.ConnectionStart{AccountID: c.AccountID, ConnectionID: c.ConnectionID}.Doorbell())
		}
	}
}
