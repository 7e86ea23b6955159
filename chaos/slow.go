package main

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"
)

// slowNumber is what P4 does to the first of its numbers: for half of the outage answers take 0 to 35 s and a tenth of the
// sends is answered with 502, then nothing is answered at all.
func slowNumber(ctx context.Context, c *campaign) error {
	pause(ctx, max((c.length()-c.outageFor)/2, 5*time.Second))
	number := c.account.Connections[0].Number
	match := func(more map[string]any) map[string]any {
		more["number"], more["path"] = number, "messages"
		return more
	}
	faults := []map[string]any{fault(match(map[string]any{"probability": .1, "seed": 4}), map[string]any{"kind": "http", "status": 502, "body": "html"})}
	for i, ms := range []int{35_000, 25_000, 15_000, 5_000} {
		faults = append(faults, fault(match(map[string]any{"probability": .2, "seed": 40 + i}), map[string]any{"kind": "delay", "delay_ms": ms}))
	}
	set := func(what string, faults []map[string]any) error {
		err := c.Simulator(ctx, "DELETE", "/faults", nil, nil)
		if err == nil && len(faults) > 0 {
			err = c.Simulator(ctx, "POST", "/faults", map[string]any{"faults": faults}, nil)
		}
		c.tell(what, err)
		return err
	}
	c.broke = time.Now()
	if err := set("number 1 is slow", faults); err != nil {
		return err
	}
	pause(ctx, c.outageFor/2)
	if err := set("number 1 does not answer", []map[string]any{fault(match(map[string]any{}), map[string]any{"kind": "hang"})}); err != nil {
		return err
	}
	pause(ctx, c.outageFor/2)
	c.mended = time.Now()
	return set("number 1 answers", nil)
}

// othersUnmoved compares what sends of the other numbers waited before and while the first was broken.
func othersUnmoved(ctx context.Context, c *campaign) error {
	t, err := c.readTruth(ctx)
	if err != nil {
		return err
	}
	arrived := t.arrived()
	rows, err := c.db.Query(ctx, `
		SELECT m.id, m.created_at
		FROM messages m
		JOIN connections k ON k.id = m.connection_id
		WHERE m.direction = 'out' AND k.key <> @key`,
		pgx.NamedArgs{"key": c.account.Connections[0].Key})
	if err != nil {
		return err
	}
	var healthy, broken []time.Duration
	for rows.Next() {
		var id int64
		var made time.Time
		if err := rows.Scan(&id, &made); err != nil {
			return err
		}
		at, ok := arrived[id]
		switch {
		case !ok:
		case made.Before(c.broke):
			healthy = append(healthy, at.Sub(made))
		case made.Before(c.mended):
			broken = append(broken, at.Sub(made))
		}
	}
	if err := rows.Err(); err != nil {
		return err
	}
	p95 := func(list []time.Duration) time.Duration {
		if len(list) == 0 {
			return 0
		}
		slices.Sort(list)
		return list[len(list)*95/100]
	}
	before, while := p95(healthy), p95(broken)
	fmt.Fprintf(c.out, "  P4: sends of the other numbers left after p95 %s (%d sends) before, and %s (%d sends) while number 1 was slow or silent for %s\n",
		before.Round(100*time.Microsecond), len(healthy), while.Round(100*time.Microsecond), len(broken), c.mended.Sub(c.broke).Round(time.Second))
	if len(healthy) < 100 || len(broken) < 100 {
		c.violate("P4", "too few sends to compare")
	}
	// A fifth, and 5 ms for what a clock and a scheduler do to small numbers.
	if while > before*6/5+5*time.Millisecond {
		c.violate("P4", fmt.Sprintf("the others' p95 rose from %s to %s", before, while))
	}
	return nil
}
