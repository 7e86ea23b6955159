package main

import (
	"context"
	"fmt"
	"io"
	"math/rand/v2"
	"path/filepath"
	"slices"
	"sync"
	"syscall"
	"time"

	"github.com/perene/perene/bench/rig"
)

// campaign is one plan being carried out.
type campaign struct {
	*rig.Stack
	plan
	seed  uint64
	data  string
	out   io.Writer
	begun time.Time

	db      *rig.DB
	hooks   *rig.Hooks
	account *rig.Account
	ledger  *ledger

	sentMu  sync.Mutex
	sent    []*sent
	acks    []ack
	answers map[int]int // by HTTP status; 0 is none

	killsBy    map[string]int
	recoveries map[string][]time.Duration // from a kill to the first delivery acknowledged and handled
	violations []violation
}

// ratePerSecond is what the account's number may send; the simulator refuses more.
const ratePerSecond = 200

func (c *campaign) carryOut(ctx context.Context) error {
	var err error
	c.answers, c.killsBy, c.recoveries = map[int]int{}, map[string]int{}, map[string][]time.Duration{}
	if c.ledger, err = openLedger(filepath.Join(c.data, "deliveries.jsonl")); err != nil {
		return err
	}
	if c.db, err = c.OpenDB(ctx); err != nil {
		return err
	}
	defer c.db.Close()
	if c.account, err = c.SetUp(ctx, rig.AccountOptions{Connections: 1, RatePerSecond: ratePerSecond, UnknownWait: c.unknown}); err != nil {
		return err
	}
	c.hooks = c.NewHooks(15 * time.Second)
	defer c.hooks.Close()
	if err := c.setUpSimulator(ctx); err != nil {
		return err
	}
	if c.special != nil && c.perSecond == 0 {
		if err := c.special(ctx, c); err != nil {
			return err
		}
	} else {
		if err := c.underLoad(ctx); err != nil {
			return err
		}
	}
	rested := c.rest(ctx)
	if err := c.reconcile(ctx, rested); err != nil {
		return err
	}
	if c.special != nil && c.perSecond > 0 {
		if err := c.special(ctx, c); err != nil {
			return err
		}
	}
	c.report()
	return nil
}

func (c *campaign) setUpSimulator(ctx context.Context) error {
	mode := "off"
	if c.statuses {
		mode = "normal"
	}
	latency := c.latency
	if latency == nil {
		latency = map[string]any{"fixed_ms": 10, "jitter_ms": 30}
	}
	if err := c.Simulator(ctx, "PUT", "/settings?preset=bench", map[string]any{
		"latency": latency, "throttle": map[string]any{"number": true, "pair": true},
		"statuses": map[string]any{"mode": mode, "sent_ms": 50, "delivered_ms": 150, "read_ms": 600, "duplicates": .2, "shuffle": .2, "before_answer": .05},
		"webhooks": map[string]any{"batch_max": 10, "batch_ms": 20, "concurrency": 8, "retry_base_ms": 500, "retry_cap_ms": 5000, "duplicates": .1, "concurrent": .5,
			"lost_acks": .02, "reorder": .1, "reorder_ms": 500},
	}, nil); err != nil {
		return err
	}
	phones := make([]string, c.people)
	for i := range phones {
		phones[i] = rig.Phone(1, i)
	}
	if err := c.OpenWindows(ctx, c.account.Connections[0], phones); err != nil {
		return err
	}
	if len(c.faults) == 0 {
		return nil
	}
	return c.Simulator(ctx, "POST", "/faults", map[string]any{"faults": c.faults}, nil)
}

// underLoad lets people write while the nemesis is at work.
func (c *campaign) underLoad(ctx context.Context) error {
	breaking, stop := context.WithCancel(ctx)
	defer stop()
	var group sync.WaitGroup
	group.Go(func() { c.nemesis(breaking) })
	if c.outage != "" {
		group.Go(func() { c.takeAway(ctx) })
	}
	c.write(ctx)
	stop()
	group.Wait()
	return ctx.Err()
}

// nemesis kills, freezes and restarts, by the seed, until ctx ends; it goes on until there were enough kills.
func (c *campaign) nemesis(ctx context.Context) {
	if c.between == 0 {
		return
	}
	rnd := rand.New(rand.NewPCG(c.seed, 2))
	type deed struct{ what, name string }
	var deeds []deed
	for _, name := range c.killed {
		deeds = append(deeds, deed{"kill", name}, deed{"kill", name}, deed{"kill", name})
	}
	for _, name := range c.frozen {
		deeds = append(deeds, deed{"freeze", name})
	}
	for _, name := range c.deployed {
		deeds = append(deeds, deed{"deploy", name})
	}
	length := time.Duration(float64(c.messages) / c.perSecond * float64(time.Second))
	until := time.Now().Add(length)
	for {
		pause := time.Duration(rnd.ExpFloat64() * float64(c.between))
		if left := c.plan.kills - c.kills(); left > 0 { // never so rare that the plan's number is missed
			pause = min(pause, max(time.Until(until)/time.Duration(left+1), 200*time.Millisecond))
		}
		select {
		case <-time.After(min(pause, 4*c.between)):
		case <-ctx.Done():
			return
		}
		d := deeds[rnd.IntN(len(deeds))]
		if left := c.plan.kills - c.kills(); left > 0 && time.Until(until) < time.Duration(left)*c.between {
			d = deed{"kill", c.killed[rnd.IntN(len(c.killed))]}
		}
		c.do(ctx, d.what, d.name, time.Second+time.Duration(rnd.Int64N(int64(freezeFor(c)-time.Second))))
	}
}

// freezeFor is the longest a process is frozen: P15 wants 20 s, elsewhere a few seconds keep the load going.
func freezeFor(c *campaign) time.Duration {
	if c.plan.name == "P15" {
		return 20 * time.Second
	}
	return 6 * time.Second
}

func (c *campaign) kills() int {
	n := 0
	for _, k := range c.killsBy {
		n += k
	}
	return n
}

// do is one deed.
func (c *campaign) do(ctx context.Context, what, name string, length time.Duration) {
	var err error
	switch what {
	case "kill":
		if err = c.Signal(ctx, name, syscall.SIGKILL); err == nil {
			c.killsBy[name]++
		}
	case "freeze":
		if err = c.Signal(ctx, name, syscall.SIGSTOP); err == nil {
			c.ledger.add(line{Kind: "nemesis", What: fmt.Sprintf("freeze %s for %s", name, length.Round(100*time.Millisecond))})
			select {
			case <-time.After(length):
			case <-ctx.Done():
			}
			err = c.Signal(context.WithoutCancel(ctx), name, syscall.SIGCONT)
			what = "thaw"
		}
	case "deploy":
		err = c.Restart(ctx, name)
	}
	e := line{Kind: "nemesis", What: what + " " + name}
	if err != nil {
		e.What += ": " + short(err)
	}
	c.ledger.add(e)
}

// takeAway stops a process for a while, in the middle.
func (c *campaign) takeAway(ctx context.Context) {
	length := time.Duration(float64(c.messages) / c.perSecond * float64(time.Second))
	select {
	case <-time.After(max((length-c.outageFor)/2, 5*time.Second)):
	case <-ctx.Done():
		return
	}
	say := func(what string, err error) {
		if err != nil {
			what += ": " + short(err)
		}
		c.ledger.add(line{Kind: "nemesis", What: what})
	}
	say("stop "+c.outage, c.Stop(ctx, c.outage))
	away := time.Now()
	select {
	case <-time.After(c.outageFor):
	case <-ctx.Done():
	}
	say("start "+c.outage, c.Start(context.WithoutCancel(ctx), c.outage))
	back := time.Now()
	c.sentMu.Lock()
	during := map[string]int{}
	for _, a := range c.acks {
		if a.at.After(away) && a.at.Before(back) {
			during["200"]++
		}
	}
	c.sentMu.Unlock()
	fmt.Fprintf(c.out, "  %s was away for %s; acknowledged meanwhile: %d\n", c.outage, back.Sub(away).Round(time.Second), during["200"])
	if c.outage == rig.Postgres && during["200"] > 0 {
		// Deliveries that came in the instant between the last COMMIT and our clock's reading are not false.
		late := 0
		c.sentMu.Lock()
		for _, a := range c.acks {
			if a.at.After(away.Add(time.Second)) && a.at.Add(a.took).Before(back.Add(-time.Second)) {
				late++
			}
		}
		c.sentMu.Unlock()
		if late > 0 {
			c.violate("R12", fmt.Sprintf("%d deliveries were acknowledged while Postgres was away", late))
		}
	}
}

// rest waits until nothing moves any more: no doorbell, nothing in the queue, nothing unhandled. It tells how long that
// took; negative: it did not come to rest.
func (c *campaign) rest(ctx context.Context) time.Duration {
	begun := time.Now()
	quiet := time.Time{}
	for time.Since(begun) < c.settle && ctx.Err() == nil {
		var open int
		err := c.db.QueryRow(ctx, `SELECT (SELECT count(*) FROM doorbells) + (SELECT count(*) FROM send_queue)
			+ (SELECT count(*) FROM conversations WHERE in_charge = 'flow' AND handled_seq < inbound_seq)`).Scan(&open)
		var stats struct {
			Queued   int `json:"queued"`
			Waiting  int `json:"waiting"`
			InFlight int `json:"in_flight"`
		}
		if err == nil {
			err = c.Simulator(ctx, "GET", "/stats", nil, &stats)
		}
		switch {
		case err != nil || open+stats.Queued+stats.Waiting+stats.InFlight > 0:
			quiet = time.Time{}
		case quiet.IsZero():
			quiet = time.Now()
		case time.Since(quiet) > 3*time.Second:
			return quiet.Sub(begun)
		}
		time.Sleep(200 * time.Millisecond)
	}
	return -1
}

// report says what was done and what was found.
func (c *campaign) report() {
	c.sentMu.Lock()
	defer c.sentMu.Unlock()
	took := make([]time.Duration, 0, len(c.acks))
	for _, a := range c.acks {
		took = append(took, a.took)
	}
	slices.Sort(took)
	at := func(p float64) time.Duration {
		if len(took) == 0 {
			return 0
		}
		return took[min(len(took)-1, int(p*float64(len(took))))].Round(time.Millisecond)
	}
	fmt.Fprintf(c.out, "  %d messages; deliveries answered %v (0: not at all); acknowledged in p50 %s, p99 %s; kills %v\n",
		len(c.sent), c.answers, at(.5), at(.99), c.killsBy)
	for i, v := range c.violations {
		if i == 20 {
			fmt.Fprintf(c.out, "  … and %d more\n", len(c.violations)-i)
			break
		}
		fmt.Fprintf(c.out, "  VIOLATION %s (seed %d): %s\n%s", v.invariant, c.seed, v.what, v.timeline)
	}
	verdict := "all invariants hold"
	if n := len(c.violations); n > 0 {
		verdict = fmt.Sprintf("%d violations; again with: go run ./chaos -plan %s -seed %d", n, c.plan.name, c.seed)
	}
	fmt.Fprintf(c.out, "  %s, %s in all\n", verdict, time.Since(c.begun).Round(time.Second))
}
