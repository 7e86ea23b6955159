package main

import (
	"context"
	"fmt"
	"math/rand/v2"
	"net/http"
	"sync"
	"time"

	"github.com/perene/perene/bench/rig"
)

// permutations is P7: every order of sent, delivered, read and failed, each up to three times, some at the same moment, gives
// the same rows.
func permutations(ctx context.Context, c *campaign) error { return permuted(ctx, c, false) }

// permutationsWithoutReason is P7 with failed statuses that carry no error: such a message is not sent again either.
func permutationsWithoutReason(ctx context.Context, c *campaign) error { return permuted(ctx, c, true) }

func permuted(ctx context.Context, c *campaign, noReason bool) error {
	conn := c.account.Connections[0]
	for i := range c.people {
		m := &sent{Message: rig.Message{ID: fmt.Sprintf("wamid.PERM%d-%d", c.seed, i), Phone: rig.Phone(1, i), Name: "Nome", Text: c.text(i), At: time.Now()}, conn: conn, began: time.Now()}
		c.sent = append(c.sent, m)
	}
	var group sync.WaitGroup
	slots := make(chan struct{}, 16)
	for _, m := range c.sent {
		slots <- struct{}{}
		group.Go(func() {
			defer func() { <-slots }()
			c.deliver(ctx, m, rig.Body(conn.Number, m.Message), 0, 0)
		})
	}
	group.Wait()
	if c.rest(ctx) < 0 {
		return fmt.Errorf("the messages did not leave")
	}
	t, err := c.readTruth(ctx)
	if err != nil {
		return err
	}
	orders := permute([]string{"sent", "delivered", "read", "failed"})
	rnd := rand.New(rand.NewPCG(c.seed, 7))
	base := time.Now().Add(-time.Minute).Truncate(time.Second)
	when := map[string]time.Time{"sent": base, "delivered": base.Add(time.Second), "read": base.Add(2 * time.Second), "failed": base.Add(3 * time.Second)}
	n := 0
	for i := range t.messages {
		m := &t.messages[i]
		if m.direction != "out" || m.provider == "" {
			continue
		}
		order := orders[n%len(orders)]
		n++
		var list []string
		for _, s := range order {
			for range 1 + rnd.IntN(3) {
				list = append(list, s)
			}
		}
		slots <- struct{}{}
		group.Go(func() {
			defer func() { <-slots }()
			var inner sync.WaitGroup
			for _, s := range list {
				post := func() {
					body := rig.StatusBody(conn.Number, rig.Status{ProviderID: m.provider, State: s, Recipient: rig.Phone(1, 0), At: when[s], NoReason: noReason})
					for {
						if status, err := c.hooks.Post(ctx, conn.Key, body); (err == nil && status == http.StatusOK) || ctx.Err() != nil {
							return
						}
					}
				}
				if n%3 == 0 {
					inner.Go(post) // all at the same moment
				} else {
					post()
				}
			}
			inner.Wait()
		})
	}
	group.Wait()
	var different, rows int
	if err := c.db.QueryRow(ctx, `SELECT count(*), count(DISTINCT (sent_at, delivered_at, read_at, failed_at)) FROM messages
		WHERE direction = 'out' AND sent_at IS NOT NULL`).Scan(&rows, &different); err != nil {
		return err
	}
	if different != 1 || rows != n {
		c.violate("I7", fmt.Sprintf("%d messages show %d different sets of times after the same statuses in all orders", rows, different))
	}
	fmt.Fprintf(c.out, "  R6: %d messages, %d orders, %d different results\n", rows, len(orders), different)
	return nil
}

func permute(list []string) [][]string {
	if len(list) <= 1 {
		return [][]string{append([]string(nil), list...)}
	}
	var out [][]string
	for i := range list {
		rest := append(append([]string(nil), list[:i]...), list[i+1:]...)
		for _, p := range permute(rest) {
			out = append(out, append([]string{list[i]}, p...))
		}
	}
	return out
}
