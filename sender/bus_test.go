package sender

import (
	"context"
	"errors"
	"log/slog"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/perene/perene/contract"
	"github.com/perene/perene/models"
)

// otherProcesses are senders elsewhere, as Postgres knows them.
type otherProcesses struct {
	mu    sync.Mutex
	awake map[models.ConnectionID]bool
	told  [][]models.ConnectionID
	down  bool
	heard chan models.ConnectionID
}

func (o *otherProcesses) NotifySenders(_ context.Context, ids []models.ConnectionID) ([]contract.ConnectionStart, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.down {
		return nil, errDown
	}
	slices.Sort(ids)
	o.told = append(o.told, ids)
	var asleep []contract.ConnectionStart
	for _, id := range ids {
		if !o.awake[id] {
			asleep = append(asleep, contract.ConnectionStart{AccountID: 1, ConnectionID: id})
		}
	}
	return asleep, nil
}

func (o *otherProcesses) ListenSends(ctx context.Context, heard func(models.ConnectionID)) error {
	for {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case id := <-o.heard:
			if id == 0 {
				return errors.New("the connection broke")
			}
			heard(id)
		}
	}
}

func TestBus(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		others := &otherProcesses{awake: map[models.ConnectionID]bool{2: true}, heard: make(chan models.ConnectionID)}
		var rung []string
		bus := NewBus(others, func(bells ...contract.Doorbell) {
			for _, b := range bells {
				rung = append(rung, b.WorkflowID)
			}
		}, slog.New(slog.DiscardHandler))
		ctx, stop := context.WithCancel(context.Background())
		listening := make(chan struct{})
		go func() { bus.Listen(ctx); close(listening) }()
		heard, leave := bus.join(1)

		// A sender in this process hears at once and alone; many nudges are one.
		bus.Nudge(1)
		bus.Nudge(1, 1)
		<-heard
		select {
		case <-heard:
			t.Error("heard twice")
		default:
		}
		synctest.Wait()
		if len(others.told)+len(rung) != 0 {
			t.Errorf("others were told %v, rung %v", others.told, rung)
		}

		// One elsewhere is told; a connection nobody sends for is rung.
		bus.Nudge(2, 3)
		synctest.Wait()
		if len(others.told) == 0 || len(rung) != 1 || rung[0] != "connection/3" {
			t.Errorf("told %v, rung %v", others.told, rung)
		}

		// Rung just now: the sender that starts takes this message too. Later it is rung again.
		bus.Nudge(3)
		synctest.Wait()
		if len(rung) != 1 {
			t.Errorf("rung %v within %v of the last ring", rung, ringPause)
		}
		time.Sleep(ringPause) // synctest's clock
		bus.Nudge(3)
		synctest.Wait()
		if len(rung) != 2 {
			t.Errorf("rung %v, want twice", rung)
		}

		// What other processes queue is heard here, also after the connection broke.
		others.heard <- 1
		<-heard
		others.heard <- 0
		others.heard <- 1
		<-heard

		// After leaving, a nudge goes the long way.
		leave()
		bus.Nudge(1)
		synctest.Wait()
		if rung[len(rung)-1] != "connection/1" {
			t.Errorf("rung %v", rung)
		}

		others.down = true
		bus.Nudge(5) // lost: the sweep finds it
		synctest.Wait()
		stop()
		<-listening
		bus.Close()
	})
}
