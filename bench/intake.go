package main

import (
	"context"
	"fmt"
	"net/http"
	"sync"
	"sync/atomic"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/perene/perene/bench/rig"
)

// intake measures how many deliveries are acknowledged: texts of people who are known, to a connection without flows, so
// that nothing but taking in is done.
func (b *bench) intake(ctx context.Context) error {
	b.groups++
	group := b.groups
	conn := b.account.Quiet
	post := func(i int) error {
		id := nextID()
		status, err := b.hooks.Post(ctx, conn.Key, rig.Body(conn.Number, rig.Message{ID: id, Phone: rig.Phone(group, i%contacts), Name: "Cliente", Text: "mensagem " + id, At: time.Now()}))
		if err == nil && status != http.StatusOK {
			err = fmt.Errorf("the delivery was answered with %d", status)
		}
		return err
	}
	if _, err := b.hammer(ctx, 16, 0, contacts, post); err != nil { // first contacts
		return err
	}
	if err := b.tidied(ctx); err != nil {
		return err
	}
	for _, clients := range []int{4, 16, 64} {
		for range b.reps {
			if err := b.measured(ctx, "webhooks", fmt.Sprintf("%2d clients", clients), clients, b.seconds, 0, post); err != nil {
				return err
			}
		}
	}
	for range b.reps {
		v, acks := map[string]float64{}, &times{}
		m, err := b.startMeter(ctx)
		if err != nil {
			return err
		}
		n := paced(ctx, 100, b.seconds, func(i int) {
			begun := time.Now()
			if post(i) == nil {
				acks.add(time.Since(begun))
			}
		})
		percentiles(v, "ack", acks.all)
		v["failed"] = float64(n - len(acks.all))
		if err := m.stop(ctx, v, n, false); err != nil {
			return err
		}
		b.record("webhooks", "100/s, open loop", v)
	}
	return nil
}

// times gathers durations of several goroutines.
type times struct {
	mu  sync.Mutex
	all []time.Duration
}

func (t *times) add(d time.Duration) {
	t.mu.Lock()
	t.all = append(t.all, d)
	t.mu.Unlock()
}

// paced calls do at a rate for a while, however long each call takes, and returns how often when all are done.
func paced(ctx context.Context, perSecond float64, length time.Duration, do func(i int)) int {
	n := int(perSecond * length.Seconds())
	begun := time.Now()
	var group sync.WaitGroup
	for i := range n {
		if wait := time.Until(begun.Add(time.Duration(float64(i) / perSecond * float64(time.Second)))); wait > 0 {
			time.Sleep(wait)
		}
		if ctx.Err() != nil {
			break
		}
		group.Go(func() { do(i) })
	}
	group.Wait()
	return n
}

// hammer lets clients call do one after the other, for a while or, where length is 0, n times in all.
func (b *bench) hammer(ctx context.Context, clients int, length time.Duration, n int, do func(i int) error) (*times, error) {
	var next atomic.Int64
	var failure atomic.Pointer[error]
	out := &times{}
	until := time.Now().Add(length)
	var group sync.WaitGroup
	for range clients {
		group.Go(func() {
			for ctx.Err() == nil && failure.Load() == nil {
				i := int(next.Add(1)) - 1
				if (length == 0 && i >= n) || (length > 0 && (time.Now().After(until) || (n > 0 && i >= n))) {
					return
				}
				begun := time.Now()
				if err := do(i); err != nil {
					failure.Store(&err)
					return
				}
				out.add(time.Since(begun))
			}
		})
	}
	group.Wait()
	if err := failure.Load(); err != nil {
		return out, *err
	}
	return out, ctx.Err()
}

func (b *bench) measured(ctx context.Context, scenario, with string, clients int, length time.Duration, n int, do func(i int) error) error {
	m, err := b.startMeter(ctx)
	if err != nil {
		return err
	}
	profiled := b.profiles(ctx, scenario, max(length, time.Second))
	begun := time.Now()
	acks, err := b.hammer(ctx, clients, length, n, do)
	took := time.Since(begun)
	if err != nil {
		return err
	}
	v := map[string]float64{"per_second": float64(len(acks.all)) / took.Seconds()}
	done := len(acks.all)
	percentiles(v, "ack", acks.all)
	if err := m.stop(ctx, v, done, false); err != nil {
		return err
	}
	profiled()
	b.record(scenario, with, v)
	return nil
}

// statuses measures how many statuses are absorbed: of messages that were sent, one or twenty in a delivery.
func (b *bench) statuses(ctx context.Context) error {
	conn := b.account.Connections[1]
	c, err := b.newCrowd(ctx, conn, contacts)
	if err != nil {
		return err
	}
	if err := c.meet(ctx, 32); err != nil {
		return err
	}
	for range 3 { // four messages each
		if err := c.meet(ctx, 32); err != nil {
			return err
		}
	}
	if err := b.tidied(ctx); err != nil {
		return err
	}
	rows, err := b.db.Query(ctx, `
		SELECT m.provider_message_id, v.address
		FROM messages m
		JOIN conversations v ON v.id = m.conversation_id
		JOIN connections k ON k.id = m.connection_id
		WHERE k.key = @key AND m.direction = 'out' AND m.provider_message_id IS NOT NULL
		ORDER BY m.id`,
		pgx.NamedArgs{"key": conn.Key})
	if err != nil {
		return err
	}
	type sent struct{ id, to string }
	var all []sent
	for rows.Next() {
		var s sent
		if err := rows.Scan(&s.id, &s.to); err != nil {
			return err
		}
		all = append(all, s)
	}
	if err := rows.Err(); err != nil {
		return err
	}
	post := func(state string, from, n int) error {
		var list []rig.Status
		for _, s := range all[from:min(from+n, len(all))] {
			list = append(list, rig.Status{ProviderID: s.id, State: state, Recipient: s.to, At: time.Now()})
		}
		status, err := b.hooks.Post(ctx, conn.Key, rig.StatusBody(conn.Number, list...))
		if err == nil && status != http.StatusOK {
			err = fmt.Errorf("the delivery was answered with %d", status)
		}
		return err
	}
	if err := b.measured(ctx, "statuses", "one a delivery, 16 clients (sent)", 16, 0, len(all), func(i int) error { return post("sent", i, 1) }); err != nil {
		return err
	}
	if err := b.measured(ctx, "statuses", "one a delivery, 16 clients (delivered)", 16, 0, len(all), func(i int) error { return post("delivered", i, 1) }); err != nil {
		return err
	}
	const many = 20
	begun := time.Now()
	if _, err := b.hammer(ctx, 16, 0, len(all)/many, func(i int) error { return post("read", i*many, many) }); err != nil {
		return err
	}
	b.record("statuses", "twenty a delivery, 16 clients (read)", map[string]float64{"per_second": float64(len(all)/many*many) / time.Since(begun).Seconds()})
	return nil
}
