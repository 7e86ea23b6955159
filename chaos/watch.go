package main

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
)

// takenUpWithin is how long a message may wait to be taken up while nothing is being broken.
const takenUpWithin = 12 * time.Second

// watch looks every second for violations that are certain at any moment, and ends the run at the first by calling found.
// What cannot be read, because something was just killed, is read the next time.
func (c *campaign) watch(ctx context.Context, found func()) {
	for ; ctx.Err() == nil; pause(ctx, time.Second) {
		c.sawDoubled(ctx)
		c.sawForgotten(ctx)
		if t, err := c.readTruth(ctx); err == nil {
			c.checkArrivals(t)
		}
		if len(c.violations) > 0 {
			c.caughtAfter = time.Since(c.loadBegan)
			found()
			return
		}
	}
}

// sawDoubled is I1 at any moment: nothing is stored twice.
func (c *campaign) sawDoubled(ctx context.Context) {
	var text string
	var times int
	if err := c.db.QueryRow(ctx, `SELECT content->>'text', count(*) FROM messages WHERE direction = 'in' GROUP BY 1 HAVING count(*) > 1 LIMIT 1`).Scan(&text, &times); err == nil {
		c.violateAbout("I1", fmt.Sprintf("a message is stored %d times", times), text, "")
	}
}

// sawForgotten is I3 while nothing is being broken: every message is taken up soon.
func (c *campaign) sawForgotten(ctx context.Context) {
	if time.Since(time.Unix(0, c.lastDeed.Load())) < takenUpWithin {
		return
	}
	var text string
	var waits float64
	if err := c.db.QueryRow(ctx, `
		SELECT m.content->>'text', extract(epoch FROM now() - m.created_at)
		FROM conversations c
		JOIN messages m ON m.conversation_id = c.id AND m.direction = 'in' AND m.id > c.handled_message_id
		WHERE c.in_charge = 'flow' AND c.handled_seq < c.inbound_seq
			AND m.created_at < now() - make_interval(secs => @seconds)
		ORDER BY m.id
		LIMIT 1`,
		pgx.NamedArgs{"seconds": takenUpWithin.Seconds()}).Scan(&text, &waits); err == nil {
		c.violateAbout("I3", fmt.Sprintf("nobody took a message up for %.0f s", waits), text, "")
	}
}
