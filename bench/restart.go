package main

import (
	"context"
	"fmt"
	"net/http"
	"syscall"
	"time"

	"github.com/perene/perene/bench/rig"
)

// restarts measures how long it takes from killing a process to the next reply: somebody writes at the moment of the kill,
// and the delivery is repeated until it is acknowledged.
func (b *bench) restarts(ctx context.Context) error {
	c, err := b.newCrowd(ctx, b.account.Connections[2], 20)
	if err != nil {
		return err
	}
	if err := c.meet(ctx, 8); err != nil {
		return err
	}
	who := 0
	for _, name := range []string{rig.API, rig.Worker, rig.Temporal, rig.Postgres} {
		for range b.reps {
			time.Sleep(3 * time.Second)
			if err := b.Signal(ctx, name, syscall.SIGKILL); err != nil {
				return err
			}
			begun := time.Now()
			acked, replied, err := c.insist(ctx, who)
			if err != nil {
				return fmt.Errorf("after %s was killed: %w", name, err)
			}
			who = (who + 1) % len(c.phones)
			b.record("killed", name, map[string]float64{"acked_s": acked.Sub(begun).Seconds(), "first_reply_s": replied.Sub(begun).Seconds()})
			c.open(ctx, 5, 2*time.Second)
		}
	}
	return nil
}

// insist lets a person write one message whose delivery is repeated until it is acknowledged, and waits for the reply.
func (c *crowd) insist(ctx context.Context, i int) (acked, replied time.Time, err error) {
	id := nextID()
	body := rig.Body(c.conn.Number, rig.Message{ID: id, Phone: c.phones[i], Name: "Cliente", Text: "ainda aí?", At: time.Now()})
	t := &turn{begun: time.Now(), done: make(chan time.Time, 1)}
	c.mu.Lock()
	c.waiting[i] = t
	c.mu.Unlock()
	for until := time.Now().Add(2 * time.Minute); ; {
		status, err := c.b.hooks.Post(ctx, c.conn.Key, body)
		if err == nil && status == http.StatusOK {
			break
		}
		if time.Now().After(until) || ctx.Err() != nil {
			return acked, replied, fmt.Errorf("not acknowledged in two minutes (%d, %w)", status, err)
		}
		time.Sleep(50 * time.Millisecond)
	}
	acked = time.Now()
	select {
	case at := <-t.done:
		return acked, at, nil
	case <-time.After(2 * time.Minute):
		return acked, replied, fmt.Errorf("no reply in two minutes")
	case <-ctx.Done():
		return acked, replied, ctx.Err()
	}
}
