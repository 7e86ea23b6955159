package main

import (
	"context"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"github.com/perene/perene/bench/rig"
)

// drainedWithin is how long the flood may take to be taken up (P9).
const drainedWithin = 3 * time.Minute

// flood is P9: one person writes 20,000 messages while no worker runs; then workers start, take all of them up in order, and
// the flow's replies prove it: they count, and their sums depend on the order.
func flood(ctx context.Context, c *campaign) error {
	first := c.floodMessage("primeira 0 " + c.canary())
	c.deliver(ctx, first, rig.Body(first.conn.Number, first.Message), 0, 0)
	if c.rest(ctx) < 0 {
		return fmt.Errorf("the first message did not come to rest")
	}
	if err := c.Stop(ctx, rig.Worker); err != nil {
		return err
	}
	begun := time.Now()
	for i := range c.messages {
		c.floodMessage(c.text(i + 1))
	}
	var group sync.WaitGroup
	var next atomic.Int64
	for range 16 {
		group.Go(func() {
			for ctx.Err() == nil {
				i := int(next.Add(1))
				if i >= len(c.sent) {
					return
				}
				m := c.sent[i]
				c.deliver(ctx, m, rig.Body(m.conn.Number, m.Message), 0, 0)
			}
		})
	}
	group.Wait()
	fmt.Fprintf(c.out, "  P9: %d messages of one person acknowledged in %s, no worker running\n", c.messages, time.Since(begun).Round(time.Second))
	last := c.floodMessage("fim 9 " + c.canary())
	c.deliver(ctx, last, rig.Body(last.conn.Number, last.Message), 0, 0)
	started := time.Now()
	if err := c.Start(ctx, rig.Worker); err != nil {
		return err
	}
	left := int64(-1)
	for time.Since(started) < drainedWithin && ctx.Err() == nil && left != 0 {
		if err := c.db.QueryRow(ctx, `SELECT coalesce(sum(inbound_seq - handled_seq), 0)::bigint FROM conversations`).Scan(&left); err != nil {
			return err
		}
		pause(ctx, 200*time.Millisecond)
	}
	if left != 0 {
		c.violate("I3", fmt.Sprintf("%d of the flood's messages are not handled %s after the workers' start", left, drainedWithin))
		c.settle = 10 * time.Second // it was waited for
		return nil
	}
	fmt.Fprintf(c.out, "  P9: handled %s after the workers' start\n", time.Since(started).Round(100*time.Millisecond))
	if c.rest(ctx) < 0 {
		return fmt.Errorf("the replies did not leave")
	}
	return c.checkFlood(ctx)
}

func (c *campaign) floodMessage(text string) *sent {
	m := &sent{Message: rig.Message{ID: fmt.Sprintf("wamid.FLOOD%d-%d", c.seed, len(c.sent)), Phone: rig.Phone(1, 0), Name: "Nome", Text: text, At: time.Now()},
		conn: c.account.Connections[0], began: time.Now()}
	c.sent = append(c.sent, m)
	return m
}

// checkFlood compares the flow's replies with what they have to be for the messages in the order in which they are stored.
func (c *campaign) checkFlood(ctx context.Context) error {
	var disorder int64
	if err := c.db.QueryRow(ctx, `SELECT count(*) FROM (SELECT seq, lag(seq) OVER (ORDER BY id) AS before FROM messages WHERE direction = 'in') s
		WHERE before IS NOT NULL AND seq <> before + 1`).Scan(&disorder); err != nil {
		return err
	}
	if disorder > 0 {
		c.violate("I3", fmt.Sprintf("%d messages are out of order", disorder))
	}
	t, err := c.readTruth(ctx)
	if err != nil {
		return err
	}
	var texts, replies []string
	for _, m := range t.messages {
		switch m.direction {
		case "in":
			texts = append(texts, m.text)
		case "out":
			replies = append(replies, m.text)
		}
	}
	want := counted(texts)
	for i := range max(len(want), len(replies)) {
		if at(want, i) != at(replies, i) {
			c.violate("I3", fmt.Sprintf("reply %d is %q, and has to be %q", i+1, at(replies, i), at(want, i)))
		}
	}
	fmt.Fprintf(c.out, "  P9: %d messages taken up, %d replies that count them: %q\n", len(texts), len(replies), replies)
	return nil
}
