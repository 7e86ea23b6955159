package main

import (
	"context"
	"fmt"
	"math/rand/v2"
	"net/http"
	"sync"
	"sync/atomic"
	"time"

	"github.com/perene/perene/bench/rig"
)

// checkCap is P6: what Meta refused by its per-person cap (131049) is not sent again before its first step (24 hours, Z15).
func checkCap(ctx context.Context, c *campaign) error {
	t, err := c.readTruth(ctx)
	if err != nil {
		return err
	}
	refused := map[string]int{}
	for _, e := range t.sim {
		if e.Kind == "request" && e.Code == 131049 {
			refused[e.Opaque]++
		}
	}
	again := 0
	for _, n := range refused {
		if n > 1 {
			again++
		}
	}
	if again > 0 {
		c.violate("R16", fmt.Sprintf("%d messages were sent again at once after 131049", again))
	}
	var waiting, soon int
	if err := c.db.QueryRow(ctx, `SELECT count(*) FILTER (WHERE state = 'retry'), count(*) FILTER (WHERE state = 'retry' AND retry_at < now() + interval '1 hour')
		FROM messages WHERE direction = 'out'`).Scan(&waiting, &soon); err != nil {
		return err
	}
	if soon > 0 {
		c.violate("R16", fmt.Sprintf("%d messages would be tried again within an hour", soon))
	}
	fmt.Fprintf(c.out, "  R16: %d refused with 131049, %d sent again at once, %d wait for a later try\n", len(refused), again, waiting)
	return nil
}

// permutations is P7: every order of sent, delivered, read and failed, each up to three times, some at the same moment, gives
// the same rows.
func permutations(ctx context.Context, c *campaign) error {
	conn := c.account.Connections[0]
	for i := range c.people {
		m := &sent{Message: rig.Message{ID: fmt.Sprintf("wamid.PERM%d-%d", c.seed, i), Phone: rig.Phone(1, i), Name: "Nome", Text: c.text(i), At: time.Now()}, began: time.Now()}
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
					body := rig.StatusBody(conn.Number, rig.Status{ProviderID: m.provider, State: s, Recipient: rig.Phone(1, 0), At: when[s]})
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

// flood is P9: one person writes 20,000 messages while no worker runs; then workers start.
func flood(ctx context.Context, c *campaign) error {
	conn := c.account.Connections[0]
	first := &sent{Message: rig.Message{ID: "wamid.FLOOD-first", Phone: rig.Phone(1, 0), Name: "Nome", Text: "oi", At: time.Now()}, began: time.Now()}
	c.sent = append(c.sent, first)
	c.deliver(ctx, first, rig.Body(conn.Number, first.Message), 0, 0)
	if c.rest(ctx) < 0 {
		return fmt.Errorf("the first message did not come to rest")
	}
	if err := c.Stop(ctx, rig.Worker); err != nil {
		return err
	}
	begun := time.Now()
	var group sync.WaitGroup
	var next atomic.Int64
	for i := range c.messages {
		m := &sent{Message: rig.Message{ID: fmt.Sprintf("wamid.FLOOD-%d", i), Phone: rig.Phone(1, 0), Name: "Nome", Text: c.text(i), At: time.Now()}, began: time.Now()}
		c.sent = append(c.sent, m)
	}
	for range 16 {
		group.Go(func() {
			for ctx.Err() == nil {
				i := int(next.Add(1))
				if i >= len(c.sent) {
					return
				}
				c.deliver(ctx, c.sent[i], rig.Body(conn.Number, c.sent[i].Message), 0, 0)
			}
		})
	}
	group.Wait()
	fmt.Fprintf(c.out, "  P9: %d messages of one person acknowledged in %s, no worker running\n", c.messages, time.Since(begun).Round(time.Second))
	if err := c.Start(ctx, rig.Worker); err != nil {
		return err
	}
	started := time.Now()
	for time.Since(started) < 3*time.Minute && ctx.Err() == nil {
		var left int64
		if err := c.db.QueryRow(ctx, `SELECT coalesce(sum(inbound_seq - handled_seq), 0)::bigint + (SELECT count(*) FROM doorbells WHERE workflow_type = 'FlowRun') FROM conversations`).Scan(&left); err != nil {
			return err
		}
		if left == 0 {
			fmt.Fprintf(c.out, "  P9: handled %s after the workers' start\n", time.Since(started).Round(100*time.Millisecond))
			break
		}
		time.Sleep(200 * time.Millisecond)
	}
	var unhandled, disorder int64
	if err := c.db.QueryRow(ctx, `SELECT (SELECT coalesce(sum(inbound_seq - handled_seq), 0)::bigint FROM conversations),
		(SELECT count(*) FROM (SELECT seq, lag(seq) OVER (ORDER BY id) AS before FROM messages WHERE direction = 'in') s WHERE before IS NOT NULL AND seq <> before + 1)`).
		Scan(&unhandled, &disorder); err != nil {
		return err
	}
	if unhandled > 0 {
		c.violate("I3", fmt.Sprintf("%d of the flood's messages are not handled three minutes after the workers' start", unhandled))
	}
	if disorder > 0 {
		c.violate("I3", fmt.Sprintf("%d messages are out of order", disorder))
	}
	// The replies leave at the pace for one person, one in six seconds: they are not waited for.
	if _, err := c.db.Exec(ctx, `UPDATE connections SET state = 'paused' WHERE key = $1`, conn.Key); err != nil {
		return err
	}
	_, err := c.db.Exec(ctx, `WITH q AS (DELETE FROM send_queue RETURNING message_id) UPDATE messages SET state = 'cancelled' FROM q WHERE id = message_id`)
	return err
}

// fuzz is P16: signed bodies that are broken in every way; none may be answered with 5xx, and nothing may grow without bound.
func fuzz(ctx context.Context, c *campaign) error {
	conn := c.account.Connections[0]
	pids, err := c.PIDsNow(ctx)
	if err != nil {
		return err
	}
	before := rig.PSS(pids[rig.API])
	var next, failed, unanswered atomic.Int64
	codes := [600]atomic.Int64{}
	var group sync.WaitGroup
	for worker := range 16 {
		rnd := rand.New(rand.NewPCG(c.seed, uint64(100+worker)))
		group.Go(func() {
			for ctx.Err() == nil {
				i := int(next.Add(1))
				if i > c.messages {
					return
				}
				body := rig.Body(conn.Number, rig.Message{ID: fmt.Sprintf("wamid.FUZZ%d-%d", c.seed, i), Phone: rig.Phone(1, rnd.IntN(c.people)), Name: "Nome", Text: "texto é 👋", At: time.Now()})
				if i%3 == 0 {
					body = rig.StatusBody(conn.Number, rig.Status{ProviderID: fmt.Sprintf("wamid.X%d", i), State: "delivered", Recipient: rig.Phone(1, 0), At: time.Now()})
				}
				status, err := c.hooks.Post(ctx, conn.Key, mutate(rnd, body))
				switch {
				case err != nil:
					unanswered.Add(1)
				case status >= 500:
					failed.Add(1)
				}
				if status > 0 && status < len(codes) {
					codes[status].Add(1)
				}
			}
		})
	}
	group.Wait()
	after := rig.PSS(pids[rig.API])
	now, err := c.PIDsNow(ctx)
	if err != nil {
		return err
	}
	if now[rig.API] != pids[rig.API] {
		c.violate("R22", "the API died of a body")
	}
	if failed.Load() > 0 || unanswered.Load() > 0 {
		c.violate("R22", fmt.Sprintf("%d bodies were answered with 5xx and %d not at all", failed.Load(), unanswered.Load()))
	}
	if after-before > 200<<20 {
		c.violate("R22", fmt.Sprintf("the API grew by %d MB", (after-before)>>20))
	}
	fmt.Fprintf(c.out, "  R22: %d bodies;", c.messages)
	for code := range codes {
		if n := codes[code].Load(); n > 0 {
			fmt.Fprintf(c.out, " %d×%d", n, code)
		}
	}
	fmt.Fprintf(c.out, "; the API's memory went from %d to %d MB\n", before>>20, after>>20)
	return nil
}

// mutate breaks a body.
func mutate(rnd *rand.Rand, body []byte) []byte {
	b := append([]byte(nil), body...)
	for range 1 + rnd.IntN(4) {
		if len(b) == 0 {
			return b
		}
		i := rnd.IntN(len(b))
		switch rnd.IntN(10) {
		case 0:
			b[i] ^= byte(1 << rnd.IntN(8))
		case 1:
			b = b[:i] // cut short
		case 2:
			b = append(b[:i:i], append([]byte{0, 0xff, 0xfe}, b[i:]...)...) // NUL, no UTF-8
		case 3:
			b = append(b[:i:i], append([]byte(`99999999999999999999999999999e999`), b[i:]...)...)
		case 4:
			b = append(b[:i:i], append([]byte(`\u0000\ud800`), b[i:]...)...)
		case 5:
			j := i + rnd.IntN(len(b)-i)
			b = append(b[:i:i], b[j:]...) // a hole
		case 6:
			j := i + rnd.IntN(min(len(b)-i, 400))
			b = append(b[:j:j], append(append([]byte(nil), b[i:j]...), b[j:]...)...) // said twice
		case 7:
			deep := make([]byte, 0, 4000)
			for range 2000 {
				deep = append(deep, '[')
			}
			b = append(b[:i:i], append(deep, b[i:]...)...)
		case 8:
			b[i] = `{}[]",:0nt`[rnd.IntN(10)]
		case 9:
			if rnd.IntN(200) == 0 { // rarely, it is large
				b = append(b, make([]byte, 1<<20)...)
			} else {
				b = append(b[:i:i], append([]byte(`"type":"`+string(rune('a'+rnd.IntN(26)))+`",`), b[i:]...)...)
			}
		}
	}
	return b
}
