package main

import (
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net/http"
	"os"
	"sync"
	"time"

	"github.com/perene/perene/bench/rig"
)

// line is one entry of the ledger of deliveries: an attempt, its answer, or something the nemesis did.
type line struct {
	At     time.Time `json:"at"`
	Kind   string    `json:"kind"` // attempt, answer, nemesis
	ID     string    `json:"id,omitempty"`
	Copy   int       `json:"copy,omitempty"` // 0 is the delivery itself, others its duplicates
	Try    int       `json:"try,omitempty"`
	Status int       `json:"status,omitempty"` // 0: no answer
	What   string    `json:"what,omitempty"`
}

// ledger is append-only and on the disk before anything that follows from a line happens.
type ledger struct {
	mu    sync.Mutex
	file  *os.File
	lines []line
}

func openLedger(path string) (*ledger, error) {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return nil, err
	}
	return &ledger{file: f}, nil
}

func (l *ledger) add(e line) {
	e.At = time.Now()
	b, err := json.Marshal(e)
	if err != nil { // a struct of plain fields marshals
		panic(err)
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.lines = append(l.lines, e)
	if _, err = l.file.Write(append(b, '\n')); err == nil && e.Kind != "attempt" {
		err = l.file.Sync()
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "chaos: the ledger cannot be written:", err)
		os.Exit(2) //nolint:gocritic // nothing after this can be believed
	}
}

// sent is one message somebody wrote.
type sent struct {
	rig.Message
	person int
	conn   rig.Connection
	acked  time.Time // first 200
	began  time.Time
}

// canary stands in every text and name; none of it may be in a log or a history.
func (c *campaign) canary() string { return fmt.Sprintf("segredo%dz", c.seed) }

// text is what the i-th message says. It is the same in every delivery of it and in no other message.
func (c *campaign) text(i int) string { return fmt.Sprintf("m%d %s", i, c.canary()) }

// write lets people write, at a rate, with bursts, duplicates and some disorder; it returns when every delivery was
// acknowledged, or given up because ctx ended.
func (c *campaign) write(ctx context.Context) {
	rnd := rand.New(rand.NewPCG(c.seed, 1))
	pause := time.Duration(float64(time.Second) / c.perSecond)
	next := time.Now()
	var group sync.WaitGroup
	burst := 0
	person := 0
	for i := range c.messages {
		if wait := time.Until(next); wait > 0 {
			select {
			case <-time.After(wait):
			case <-ctx.Done():
			}
		}
		if ctx.Err() != nil {
			break
		}
		next = next.Add(pause)
		if burst == 0 {
			person = rnd.IntN(c.people)
			if rnd.Float64() < .05 { // somebody types several messages at once
				burst = 1 + rnd.IntN(4)
			}
		} else {
			burst--
		}
		m := &sent{Message: rig.Message{ID: fmt.Sprintf("wamid.CHAOS%d-%d", c.seed, i), Phone: rig.Phone(1, person),
			Name: "Nome " + c.canary(), Text: c.text(i), At: time.Now()}, person: person, conn: c.account.Connections[person%c.connections], began: time.Now()}
		c.sentMu.Lock()
		c.sent = append(c.sent, m)
		c.sentMu.Unlock()
		body := rig.Body(m.conn.Number, m.Message)
		var delay time.Duration
		if rnd.Float64() < .05 {
			delay = time.Duration(rnd.IntN(500)) * time.Millisecond // overtaken by others
		}
		copies := []time.Duration{delay}
		if share := rnd.Float64(); share < c.duplicated/2 {
			copies = append(copies, delay) // at the same moment
		} else if share < c.duplicated {
			copies = append(copies, delay+time.Duration(rnd.IntN(3000))*time.Millisecond)
		}
		for n, d := range copies {
			group.Go(func() { c.deliver(ctx, m, body, n, d) })
		}
	}
	group.Wait()
}

// deliver posts a delivery until it is acknowledged, with Meta's growing pauses in compressed time.
func (c *campaign) deliver(ctx context.Context, m *sent, body []byte, n int, delay time.Duration) {
	pause(ctx, delay)
	wait := 500 * time.Millisecond
	for try := 1; ; try++ {
		c.ledger.add(line{Kind: "attempt", ID: m.ID, Copy: n, Try: try})
		begun := time.Now()
		status, err := c.hooks.Post(ctx, m.conn.Key, body)
		took := time.Since(begun)
		e := line{Kind: "answer", ID: m.ID, Copy: n, Try: try, Status: status}
		if err != nil {
			e.What = short(err)
		}
		c.ledger.add(e)
		c.sentMu.Lock()
		c.answers[status]++
		if err == nil && status == http.StatusOK {
			c.acks = append(c.acks, ack{begun, took})
			if m.acked.IsZero() {
				m.acked = time.Now()
			}
		}
		c.sentMu.Unlock()
		if err == nil && status == http.StatusOK {
			return
		}
		if pause(ctx, wait); ctx.Err() != nil {
			return
		}
		wait = min(2*wait, 10*time.Second)
	}
}

type ack struct {
	at   time.Time
	took time.Duration
}

// short is an error without addresses.
func short(err error) string {
	s := err.Error()
	if len(s) > 120 {
		s = s[len(s)-120:]
	}
	return s
}
