package main

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"net/http"
	"os"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/perene/perene/bench/rig"
)

// contacts is how many people write.
const contacts = 500

// replyTimeout is how long a reply is waited for before the turn counts as lost.
const replyTimeout = 30 * time.Second

// crowd is a group of people who write to one connection and wait for replies.
type crowd struct {
	b      *bench
	conn   rig.Connection
	phones []string
	index  map[string]int

	mu      sync.Mutex
	waiting []*turn // by person; nil: nobody is waited for
	turns   []time.Duration
	acks    []time.Duration
	lost    int
	refused int
	last    time.Time // of the newest reply
}

type turn struct {
	begun time.Time
	done  chan time.Time
}

var messageIDs atomic.Int64

// nextID makes a provider's message id that no other run uses.
var nextID = func() func() string {
	run := rand.Uint64()
	return func() string { return fmt.Sprintf("wamid.BENCH%016X%08d", run, messageIDs.Add(1)) }
}()

// newCrowd makes a group of people nobody has heard of yet, and listens for what they are sent.
func (b *bench) newCrowd(ctx context.Context, conn rig.Connection, n int) (*crowd, error) {
	b.groups++
	c := &crowd{b: b, conn: conn, index: make(map[string]int, n), waiting: make([]*turn, n)}
	for i := range n {
		phone := rig.Phone(b.groups, i)
		c.phones = append(c.phones, phone)
		c.index[phone] = i
	}
	if err := b.OpenWindows(ctx, conn, c.phones); err != nil {
		return nil, err
	}
	_, err := b.Follow(ctx, "kind=request&path=messages&number="+conn.Number, c.heard)
	return c, err
}

// heard takes a line of the simulator's ledger: a message that somebody got.
func (c *crowd) heard(e *rig.Entry) {
	i, ours := c.index[strings.TrimPrefix(e.To, "+")]
	if !ours || !e.Sent() {
		return
	}
	c.mu.Lock()
	t := c.waiting[i]
	c.waiting[i] = nil
	c.last = e.At
	if t != nil {
		c.turns = append(c.turns, e.At.Sub(t.begun))
	}
	c.mu.Unlock()
	if t != nil {
		t.done <- e.At
	}
}

// write lets a person write; the returned turn is done when the reply arrives. Nil: that person still waits.
func (c *crowd) write(ctx context.Context, i int) (*turn, error) {
	t := &turn{done: make(chan time.Time, 1)}
	c.mu.Lock()
	if c.waiting[i] != nil {
		c.mu.Unlock()
		return nil, nil
	}
	c.waiting[i] = t
	c.mu.Unlock()
	id := nextID()
	body := rig.Body(c.conn.Number, rig.Message{ID: id, Phone: c.phones[i], Name: "Cliente", Text: "mensagem " + id[len(id)-8:], At: time.Now()})
	t.begun = time.Now()
	status, err := c.b.hooks.Post(ctx, c.conn.Key, body)
	took := time.Since(t.begun)
	c.mu.Lock()
	defer c.mu.Unlock()
	if err != nil || status != http.StatusOK {
		c.refused++
		c.waiting[i] = nil
		return nil, errors.Join(err, fmt.Errorf("the delivery was answered with %d", status))
	}
	c.acks = append(c.acks, took)
	return t, nil
}

// reset forgets what was measured.
func (c *crowd) reset() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.turns, c.acks, c.lost, c.refused = nil, nil, 0, 0
}

// await waits until nobody waits for a reply any more.
func (c *crowd) await(ctx context.Context) {
	until := time.Now().Add(replyTimeout)
	for time.Now().Before(until) && ctx.Err() == nil {
		c.mu.Lock()
		open := 0
		for _, t := range c.waiting {
			if t != nil {
				open++
			}
		}
		c.mu.Unlock()
		if open == 0 {
			return
		}
		time.Sleep(20 * time.Millisecond)
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	for i, t := range c.waiting {
		if t != nil {
			c.lost++
			c.waiting[i] = nil
		}
	}
}

// open lets people write at a rate, whatever becomes of what they wrote before: an open loop. It returns when all replies
// are there.
func (c *crowd) open(ctx context.Context, perSecond float64, length time.Duration) int {
	n := int(perSecond * length.Seconds())
	pause := time.Duration(float64(time.Second) / perSecond)
	begun := time.Now()
	var group sync.WaitGroup
	who := 0
	for i := range n {
		if wait := time.Until(begun.Add(time.Duration(i) * pause)); wait > 0 {
			time.Sleep(wait)
		}
		if ctx.Err() != nil {
			break
		}
		now := c.free(who)
		group.Go(func() { _, _ = c.write(ctx, now) })
		who = now + 1
	}
	group.Wait()
	c.await(ctx)
	return n
}

// free is the next person who waits for nothing.
func (c *crowd) free(from int) int {
	c.mu.Lock()
	defer c.mu.Unlock()
	for i := range c.phones {
		if j := (from + i) % len(c.phones); c.waiting[j] == nil {
			return j
		}
	}
	return from % len(c.phones)
}

// closed lets everybody write again as soon as the reply is there, for a while. It returns how many turns were done.
func (c *crowd) closed(ctx context.Context, length time.Duration, atOnce int) int {
	ctx, cancel := context.WithTimeout(ctx, length)
	defer cancel()
	posts := make(chan struct{}, atOnce)
	var group sync.WaitGroup
	for i := range c.phones {
		group.Go(func() {
			for ctx.Err() == nil {
				select {
				case posts <- struct{}{}:
				case <-ctx.Done():
					return
				}
				t, err := c.write(context.WithoutCancel(ctx), i)
				<-posts
				if err != nil || t == nil {
					time.Sleep(10 * time.Millisecond)
					continue
				}
				select {
				case <-t.done:
				case <-ctx.Done():
				}
			}
		})
	}
	<-ctx.Done()
	c.mu.Lock()
	done := len(c.turns)
	c.mu.Unlock()
	group.Wait()
	return done
}

// meet lets everybody write for the first time.
func (c *crowd) meet(ctx context.Context, atOnce int) error {
	posts := make(chan struct{}, atOnce)
	var group sync.WaitGroup
	var failed atomic.Pointer[error]
	for i := range c.phones {
		posts <- struct{}{}
		group.Go(func() {
			defer func() { <-posts }()
			t, err := c.write(ctx, i)
			if err != nil {
				failed.Store(&err)
				return
			}
			select {
			case <-t.done:
			case <-time.After(replyTimeout):
			}
		})
	}
	group.Wait()
	c.await(ctx)
	if err := failed.Load(); err != nil {
		return *err
	}
	return nil
}

// tidied waits until Temporal has deleted what the beginning of so many workflows left behind.
func (b *bench) tidied(ctx context.Context) error {
	left, err := b.db.Tidied(ctx)
	if left > 0 {
		fmt.Fprintln(os.Stderr, "  Temporal still has", left, "tasks to delete; their deletion counts as cost of what is measured now")
	}
	return err
}

// figures are what a crowd measured.
func (c *crowd) figures() map[string]float64 {
	c.mu.Lock()
	defer c.mu.Unlock()
	v := map[string]float64{"lost": float64(c.lost), "refused": float64(c.refused)}
	percentiles(v, "turn", append([]time.Duration(nil), c.turns...))
	percentiles(v, "ack", append([]time.Duration(nil), c.acks...))
	return v
}

// firstContacts measures people who write for the first time: contact, conversation, run and window are made.
func (b *bench) firstContacts(ctx context.Context) error {
	for range b.reps {
		c, err := b.newCrowd(ctx, b.account.Connections[0], contacts)
		if err != nil {
			return err
		}
		m, err := b.startMeter(ctx)
		if err != nil {
			return err
		}
		begun := time.Now()
		if err := c.meet(ctx, 16); err != nil {
			return err
		}
		took := time.Since(begun)
		if err := b.tidied(ctx); err != nil {
			return err
		}
		v := c.figures()
		v["per_second"] = float64(len(c.turns)) / took.Seconds()
		if err := m.stop(ctx, v, contacts, true); err != nil {
			return err
		}
		b.record("first contact", "500 people, 16 at once", v)
	}
	return nil
}

// turns measures an open loop at several rates and latencies of the provider.
func (b *bench) turns(ctx context.Context) error {
	c, err := b.newCrowd(ctx, b.account.Connections[0], contacts)
	if err != nil {
		return err
	}
	if err := c.meet(ctx, 32); err != nil {
		return err
	}
	if err := b.tidied(ctx); err != nil {
		return err
	}
	rates := []float64{10, 30, 60, 100}
	latencies := []time.Duration{0, 50 * time.Millisecond}
	if b.quick {
		rates, latencies = []float64{30, 100}, []time.Duration{0}
	}
	for _, latency := range latencies {
		if err := b.SimSettings(ctx, latency, false); err != nil {
			return err
		}
		for _, rate := range rates {
			for range b.reps {
				if err := b.turnsAt(ctx, c, rate, latency, "statuses off"); err != nil {
					return err
				}
			}
		}
	}
	if err := b.SimSettings(ctx, 0, true); err != nil {
		return err
	}
	for range b.reps {
		if err := b.turnsAt(ctx, c, 30, 0, "sent and delivered follow"); err != nil {
			return err
		}
	}
	return b.SimSettings(ctx, 0, false)
}

func (b *bench) turnsAt(ctx context.Context, c *crowd, rate float64, latency time.Duration, what string) error {
	c.open(ctx, rate, time.Second) // warm
	c.reset()
	m, err := b.startMeter(ctx)
	if err != nil {
		return err
	}
	profiled := b.profiles(ctx, fmt.Sprintf("turns-%.0f", rate), b.seconds)
	n := c.open(ctx, rate, b.seconds)
	v := c.figures()
	if err := m.stop(ctx, v, n, true); err != nil {
		return err
	}
	profiled()
	b.record("turns", fmt.Sprintf("%3.0f/s, Graph %d ms, %s", rate, latency.Milliseconds(), what), v)
	return nil
}

// saturation measures how many turns a second there can be.
func (b *bench) saturation(ctx context.Context) error {
	latencies := []time.Duration{0, 50 * time.Millisecond}
	if b.quick {
		latencies = latencies[:1]
	}
	for _, latency := range latencies {
		for range b.reps {
			if err := b.SimSettings(ctx, latency, false); err != nil {
				return err
			}
			c, err := b.newCrowd(ctx, b.account.Connections[0], contacts) // fresh: nobody has used up the pair's burst
			if err != nil {
				return err
			}
			if err := c.meet(ctx, 32); err != nil {
				return err
			}
			if err := b.tidied(ctx); err != nil {
				return err
			}
			c.closed(ctx, 2*time.Second, 64) // warm
			c.await(ctx)
			c.reset()
			m, err := b.startMeter(ctx)
			if err != nil {
				return err
			}
			profiled := b.profiles(ctx, "saturation", b.seconds)
			done := c.closed(ctx, b.seconds, 64)
			v := map[string]float64{}
			b.memory(ctx, v)
			c.await(ctx)
			maps.Copy(v, c.figures())
			v["turns_per_second"] = float64(done) / b.seconds.Seconds()
			if err := m.stop(ctx, v, len(c.turns), false); err != nil {
				return err
			}
			profiled()
			b.record("saturation", fmt.Sprintf("500 people, Graph %d ms", latency.Milliseconds()), v)
		}
	}
	return b.SimSettings(ctx, 0, false)
}
