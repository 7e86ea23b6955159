package main

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
)

// try is one send of a message, as the simulator saw it.
type try struct {
	at      time.Time
	refused time.Time // when we could know that the cap refused it; zero: taken
}

// checkCap is P6: what Meta refused by its per-person cap (131049), at once or by a later status, is sent again after the
// policy's growing steps and no sooner, never after the person wrote again, and given up after the last step.
func checkCap(ctx context.Context, c *campaign) error {
	if err := c.retriesEnd(ctx); err != nil {
		return err
	}
	t, err := c.readTruth(ctx)
	if err != nil {
		return err
	}
	tries, err := c.tries(t)
	if err != nil {
		return err
	}
	written := map[int64][]time.Time{} // inbound messages of a conversation
	rows, err := c.db.Query(ctx, `SELECT conversation_id, created_at FROM messages WHERE direction = 'in' ORDER BY id`)
	if err != nil {
		return err
	}
	for rows.Next() {
		var id int64
		var at time.Time
		if err := rows.Scan(&id, &at); err != nil {
			return err
		}
		written[id] = append(written[id], at)
	}
	if err := rows.Err(); err != nil {
		return err
	}
	gaps := make([]int, len(capSteps)+1)
	refused, stopped, taken, givenUp := 0, 0, 0, 0
	for id, list := range tries {
		m := t.byID[id]
		if m == nil || list[0].refused.IsZero() {
			continue
		}
		refused++
		for _, v := range capViolations(list, written[m.conversation]) {
			c.violateAbout("R16", fmt.Sprintf("message %d: %s", id, v), m.text, "")
		}
		gaps[len(list)-1]++
		last := list[len(list)-1]
		switch {
		case last.refused.IsZero():
			taken++
		case len(list) > len(capSteps):
			givenUp++
		case slices.ContainsFunc(written[m.conversation], func(at time.Time) bool { return at.After(last.refused.Add(-time.Second)) }):
			stopped++
		default:
			c.violateAbout("R16", fmt.Sprintf("message %d was tried %d times and no more, and the person did not write", id, len(list)), m.text, "")
		}
	}
	fmt.Fprintf(c.out, "  R16: %d refused with 131049; by number of later tries (from 0): %v; %d taken in the end, %d ended by a reply, %d given up after all steps\n",
		refused, gaps, taken, stopped, givenUp)
	if refused == 0 || gaps[2]+gaps[3]+gaps[4] == 0 {
		c.violate("R16", "the storm was too small to exercise the growing steps")
	}
	return nil
}

// capViolations compares the tries of one message with the policy's steps.
func capViolations(list []try, written []time.Time) (found []string) {
	if len(list) > len(capSteps)+1 {
		found = append(found, fmt.Sprintf("tried %d times, %d are the most", len(list), len(capSteps)+1))
	}
	for i := 1; i < len(list); i++ {
		before := list[i-1]
		if before.refused.IsZero() {
			found = append(found, "sent again though it was taken")
			continue
		}
		step := time.Duration(capSteps[min(i, len(capSteps))-1]) * time.Second
		if gap := list[i].at.Sub(before.at); gap < step-time.Second { // statuses tell whole seconds
			found = append(found, fmt.Sprintf("try %d came %s after the one before, not %s", i+1, gap.Round(time.Millisecond), step))
		}
		for _, at := range written {
			if at.After(before.refused.Add(2*time.Second)) && at.Before(list[i].at.Add(-2*time.Second)) {
				found = append(found, fmt.Sprintf("try %d came though the person had written", i+1))
				break
			}
		}
	}
	return found
}

// tries are the sends of each message in their order.
func (c *campaign) tries(t *truth) (map[int64][]try, error) {
	failed := map[string]time.Time{} // by wamid: when the status came
	for _, e := range t.sim {
		if e.Kind != "webhook" || !e.Acked {
			continue
		}
		for _, u := range e.Updates {
			if wamid, ok := strings.CutPrefix(u, "status:failed:"); ok && failed[wamid].IsZero() {
				failed[wamid] = e.At
			}
		}
	}
	out := map[int64][]try{}
	for _, e := range t.sim {
		if e.Kind != "request" || e.Path != "messages" {
			continue
		}
		number, _, _ := strings.Cut(e.Opaque, ".")
		id, err := strconv.ParseInt(number, 10, 64)
		if err != nil {
			return nil, fmt.Errorf("a send carries no attempt: %q", e.Opaque)
		}
		one := try{at: e.At}
		switch {
		case e.Code == 131049:
			one.refused = e.At
		case e.Sent():
			one.refused = failed[e.Wamid]
		}
		out[id] = append(out[id], one)
	}
	return out, nil
}

// retriesEnd waits until no message waits for a later try.
func (c *campaign) retriesEnd(ctx context.Context) error {
	var sum int64
	for _, s := range capSteps {
		sum += s
	}
	left := -1
	for limit := time.Now().Add(time.Duration(sum)*time.Second*5/4 + time.Minute); time.Now().Before(limit) && ctx.Err() == nil; pause(ctx, time.Second) {
		if err := c.db.QueryRow(ctx, `SELECT count(*) FROM messages WHERE state = 'retry'`).Scan(&left); err != nil {
			return err
		}
		if left == 0 {
			if c.rest(ctx) < 0 {
				c.notAtRest(ctx)
			}
			// The failed status of the last try may make it one more: look again.
			if err := c.db.QueryRow(ctx, `SELECT count(*) FROM messages WHERE state = 'retry'`).Scan(&left); err != nil || left == 0 {
				return err
			}
		}
	}
	c.violate("R16", fmt.Sprintf("%d messages still wait for a later try", left))
	return nil
}
