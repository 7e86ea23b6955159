package main

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/perene/perene/bench/rig"
)

// sendPeople get up to sendEach messages each from one connection: within the burst for one person.
const (
	sendPeople = 60
	sendEach   = 40
)

// sends measures how fast queues are drained: messages are queued while connections are paused, and counted at the
// simulator once they may go.
func (b *bench) sends(ctx context.Context) error {
	conns := b.account.Connections
	latencies := []time.Duration{0, 50 * time.Millisecond}
	if b.quick {
		latencies = latencies[1:]
	}
	for _, latency := range latencies {
		if err := b.SimSettings(ctx, latency, false); err != nil {
			return err
		}
		for _, n := range []int{1, 10} {
			for range b.reps {
				if err := b.drain(ctx, conns[len(conns)-n:], sendPeople*sendEach/min(n, 2), latency); err != nil {
					return err
				}
			}
		}
	}
	return b.SimSettings(ctx, 0, false)
}

// drain queues texts to people of some connections, lets them go, and counts arrivals.
func (b *bench) drain(ctx context.Context, conns []rig.Connection, each int, latency time.Duration) error {
	keys := make([]string, len(conns))
	numbers := map[string]bool{}
	for i, c := range conns {
		people, err := b.newCrowd(ctx, c, sendPeople) // new ones: the pace towards one person allows a burst of 45
		if err != nil {
			return err
		}
		if err := people.meet(ctx, 32); err != nil {
			return err
		}
		keys[i] = c.Key
		numbers[c.Number] = true
	}
	if err := b.pause(ctx, keys); err != nil {
		return err
	}
	// As many each to as many people as there are; the newest person first, so that nobody gets more than a burst.
	if _, err := b.db.Exec(ctx, `
		WITH people AS (
			SELECT v.id, v.account_id, v.connection_id, v.contact_id,
				row_number() OVER (PARTITION BY v.connection_id ORDER BY v.id DESC) AS nth
			FROM conversations v
			JOIN connections k ON k.id = v.connection_id
			WHERE k.key = ANY(@keys)
		), m AS (
			INSERT INTO messages (account_id, conversation_id, connection_id, contact_id, direction, origin,
				kind, content, state)
			SELECT p.account_id, p.id, p.connection_id, p.contact_id, 'out', 'bot', 'text',
				jsonb_build_object('kind', 'text', 'text', 'aviso ' || i), 'queued'
			FROM people p, generate_series(1, 50) AS i
			WHERE (i - 1) * least(@send_people, (SELECT max(nth) FROM people)) + p.nth <= @each
				AND p.nth <= @send_people
			RETURNING id, account_id, connection_id, conversation_id
		)
		INSERT INTO send_queue (message_id, account_id, connection_id, conversation_id, priority)
		SELECT id, account_id, connection_id, conversation_id, 1
		FROM m`,
		pgx.NamedArgs{"keys": keys, "each": each, "send_people": sendPeople}); err != nil {
		return fmt.Errorf("queue messages: %w", err)
	}
	var want int
	if err := b.db.QueryRow(ctx, `
		SELECT count(*)
		FROM send_queue q
		JOIN connections k ON k.id = q.connection_id
		WHERE k.key = ANY(@keys)`,
		pgx.NamedArgs{"keys": keys}).Scan(&want); err != nil {
		return err
	}
	listening, stop := context.WithCancel(ctx)
	defer stop()
	var mu sync.Mutex
	var arrivals []time.Time
	all := make(chan struct{})
	if _, err := b.Follow(listening, "kind=request&path=messages", func(e *rig.Entry) {
		if !e.Sent() || !numbers[e.Number] {
			return
		}
		mu.Lock()
		defer mu.Unlock()
		if arrivals = append(arrivals, e.At); len(arrivals) == want {
			close(all)
		}
	}); err != nil {
		return err
	}
	m, err := b.startMeter(ctx)
	if err != nil {
		return err
	}
	if _, err := b.db.Exec(ctx, `
		WITH c AS (
			UPDATE connections
			SET state = 'active', updated_at = now()
			WHERE key = ANY(@keys)
			RETURNING id, account_id
		)
		INSERT INTO doorbells (account_id, workflow_type, workflow_id, input, ring_after)
		SELECT account_id, 'Connection', 'connection/' || id,
			jsonb_build_object('account_id', account_id, 'connection_id', id), now()
		FROM c`,
		pgx.NamedArgs{"keys": keys}); err != nil {
		return fmt.Errorf("let messages go: %w", err)
	}
	profiled := b.profiles(ctx, "sends", 10*time.Second)
	select {
	case <-all:
	case <-time.After(2 * time.Minute):
	case <-ctx.Done():
		return ctx.Err()
	}
	mu.Lock()
	got := append([]time.Time(nil), arrivals...)
	mu.Unlock()
	if len(got) < 2 {
		return errors.New("nothing was sent")
	}
	v := map[string]float64{"sent": float64(len(got)), "missing": float64(want - len(got)), "per_second": float64(len(got)-1) / got[len(got)-1].Sub(got[0]).Seconds()}
	if err := m.stop(ctx, v, len(got), false); err != nil {
		return err
	}
	profiled()
	b.record("sends", fmt.Sprintf("%2d connections, Graph %d ms", len(conns), latency.Milliseconds()), v)
	return nil
}

// pause stops connections from sending and waits until their senders rest.
func (b *bench) pause(ctx context.Context, keys []string) error {
	if _, err := b.db.Exec(ctx, `
		UPDATE connections
		SET state = 'paused', updated_at = now()
		WHERE key = ANY(@keys)`,
		pgx.NamedArgs{"keys": keys}); err != nil {
		return err
	}
	for range 300 {
		var busy int
		if err := b.db.QueryRow(ctx, `
			SELECT count(*)
			FROM senders s
			JOIN connections k ON k.id = s.connection_id
			WHERE k.key = ANY(@keys) AND s.until > now()`,
			pgx.NamedArgs{"keys": keys}).Scan(&busy); err != nil {
			return err
		}
		if busy == 0 {
			return nil
		}
		time.Sleep(100 * time.Millisecond)
	}
	return errors.New("a paused connection's sender does not rest")
}
