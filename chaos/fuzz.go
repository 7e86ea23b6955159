package main

import (
	"context"
	"fmt"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"time"

	"github.com/perene/perene/bench/rig"
)

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
