package main

import (
	"context"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net/http"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/perene/perene/bench/rig"
)

// wholeEvery is how many bodies one comes unbroken among: it has to be taken in and answered as if nothing were the matter.
const wholeEvery = 20

// fuzz is P16: signed bodies that are broken in every way. None may be answered with 5xx, nothing may grow without bound, what
// was left whole among them is stored, and exactly what is no JSON is in quarantine as that.
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
	var mu sync.Mutex
	noJSON := map[[sha256.Size]byte]bool{} // bodies in which nobody can read a word
	begun := time.Now()
	for worker := range 16 {
		rnd := rand.New(rand.NewPCG(c.seed, uint64(100+worker)))
		group.Go(func() {
			for ctx.Err() == nil {
				i := int(next.Add(1))
				if i > c.messages {
					return
				}
				m := rig.Message{ID: fmt.Sprintf("wamid.FUZZ%d-%d", c.seed, i), Phone: rig.Phone(1, rnd.IntN(c.people)), Name: "Nome", Text: c.text(i) + " é 👋", At: time.Now()}
				body := rig.Body(conn.Number, m)
				if i%wholeEvery == 0 {
					whole := &sent{Message: m, conn: conn, began: time.Now()}
					c.sentMu.Lock()
					c.sent = append(c.sent, whole)
					c.sentMu.Unlock()
					c.deliver(ctx, whole, body, 0, 0)
					continue
				}
				if i%3 == 0 {
					body = rig.StatusBody(conn.Number, rig.Status{ProviderID: fmt.Sprintf("wamid.X%d", i), State: "delivered", Recipient: rig.Phone(1, 0), At: time.Now()})
				}
				body = mutate(rnd, body)
				status, err := c.hooks.Post(ctx, conn.Key, body)
				switch {
				case err != nil:
					unanswered.Add(1)
				case status >= 500:
					failed.Add(1)
				}
				if err == nil && status == http.StatusOK && !json.Valid(body) {
					mu.Lock()
					noJSON[sha256.Sum256(body)] = true
					mu.Unlock()
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
	fmt.Fprintf(c.out, " in %s; the API's memory went from %d to %d MB\n", time.Since(begun).Round(time.Second), before>>20, after>>20)
	return c.checkQuarantine(ctx, noJSON)
}

// checkQuarantine: each body that is no JSON is in quarantine once and as that, nothing else is there as that, and nothing is
// there because of a defect of ours.
func (c *campaign) checkQuarantine(ctx context.Context, noJSON map[[sha256.Size]byte]bool) error {
	rows, err := c.db.Query(ctx, `SELECT sha256(body), code FROM quarantine`)
	if err != nil {
		return err
	}
	kept, byCode := map[[sha256.Size]byte]string{}, map[string]int{}
	for rows.Next() {
		var sum []byte
		var code string
		if err := rows.Scan(&sum, &code); err != nil {
			return err
		}
		kept[[sha256.Size]byte(sum)] = code
		byCode[code]++
	}
	if err := rows.Err(); err != nil {
		return err
	}
	for _, v := range quarantineViolations(noJSON, kept) {
		c.violate("R22", v)
	}
	codes := make([]string, 0, len(byCode))
	for code, n := range byCode {
		codes = append(codes, fmt.Sprintf("%s %d", code, n))
	}
	slices.Sort(codes)
	fmt.Fprintf(c.out, "  R22: %d different bodies were no JSON; in quarantine: %s\n", len(noJSON), strings.Join(codes, ", "))
	return nil
}

// ourDefects are the reasons for quarantine that no body may have.
var ourDefects = []string{"parser_broke", "database_refused", "not_stored", "other"}

func quarantineViolations(noJSON map[[sha256.Size]byte]bool, kept map[[sha256.Size]byte]string) (found []string) {
	missing, other, ours := 0, 0, map[string]int{}
	for sum := range noJSON {
		if kept[sum] != "not_json" {
			missing++
		}
	}
	for sum, code := range kept {
		if code == "not_json" && !noJSON[sum] {
			other++
		}
		if slices.Contains(ourDefects, code) {
			ours[code]++
		}
	}
	if missing > 0 {
		found = append(found, fmt.Sprintf("%d bodies that are no JSON are not in quarantine as that", missing))
	}
	if other > 0 {
		found = append(found, fmt.Sprintf("%d bodies are in quarantine as no JSON, and are some", other))
	}
	for _, code := range ourDefects {
		if ours[code] > 0 {
			found = append(found, fmt.Sprintf("%d elements are in quarantine as %s, which is a defect", ours[code], code))
		}
	}
	return found
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
