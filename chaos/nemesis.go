package main

import (
	"context"
	"fmt"
	"math/rand/v2"
	"sync"
	"syscall"
	"time"

	"github.com/perene/perene/bench/rig"
)

// nemesis kills, freezes and restarts, by the seed, until ctx ends.
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
	until := time.Now().Add(c.length())
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
		c.do(ctx, d.what, d.name, time.Second+time.Duration(rnd.Int64N(int64(c.freeze-time.Second))))
	}
}

// remainingKills makes the plan's number of kills full, where load ended too soon for all of them.
func (c *campaign) remainingKills(ctx context.Context) {
	rnd := rand.New(rand.NewPCG(c.seed, 3))
	for tries := 0; len(c.killed) > 0 && c.kills() < c.plan.kills && tries < 60 && ctx.Err() == nil; tries++ {
		c.do(ctx, "kill", c.killed[rnd.IntN(len(c.killed))], 0)
		pause(ctx, time.Second)
	}
}

// pause waits, or less where ctx ends.
func pause(ctx context.Context, d time.Duration) {
	select {
	case <-time.After(d):
	case <-ctx.Done():
	}
}

// over tells whether a campaign was told to end, which is no error.
func over(ctx context.Context) bool { return ctx.Err() != nil }

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
			pause(ctx, length)
			err = c.Signal(context.WithoutCancel(ctx), name, syscall.SIGCONT)
			what = "thaw"
		}
		c.freezes++
	case "deploy":
		err = c.Restart(ctx, name)
		c.deploys++
	}
	c.tell(what+" "+name, err)
}

// tell writes a deed down.
func (c *campaign) tell(what string, err error) {
	if err != nil {
		what += ": " + short(err)
	}
	c.ledger.add(line{Kind: "nemesis", What: what})
	c.lastDeed.Store(time.Now().UnixNano())
}

// takeAway stops a process for a while, in the middle.
func (c *campaign) takeAway(ctx context.Context) {
	pause(ctx, max((c.length()-c.outageFor)/2, 5*time.Second))
	if ctx.Err() != nil {
		return
	}
	c.tell("stop "+c.outage, c.Stop(ctx, c.outage))
	away := time.Now()
	pause(ctx, c.outageFor)
	asked := time.Now()
	c.tell("start "+c.outage, c.Start(context.WithoutCancel(ctx), c.outage))
	back := time.Now()
	acked, false200 := 0, 0
	c.sentMu.Lock()
	for _, a := range c.acks {
		if a.at.After(away) && a.at.Before(asked) {
			acked++
			// Deliveries that came in the instant between the last COMMIT and our clock's reading are not false.
			if a.at.After(away.Add(time.Second)) && a.at.Add(a.took).Before(asked) {
				false200++
			}
		}
	}
	c.sentMu.Unlock()
	fmt.Fprintf(c.out, "  %s was away for %s; acknowledged meanwhile: %d\n", c.outage, asked.Sub(away).Round(time.Second), acked)
	if c.outage == rig.Postgres {
		if false200 > 0 {
			c.violate("R12", fmt.Sprintf("%d deliveries were acknowledged while Postgres was away", false200))
		}
		c.firstAfter(ctx, back)
	}
}

// firstAfter says how soon deliveries were acknowledged again.
func (c *campaign) firstAfter(ctx context.Context, back time.Time) {
	for limit := back.Add(time.Minute); time.Now().Before(limit) && ctx.Err() == nil; pause(ctx, 50*time.Millisecond) {
		c.sentMu.Lock()
		last := ack{}
		if len(c.acks) > 0 {
			last = c.acks[len(c.acks)-1]
		}
		c.sentMu.Unlock()
		if end := last.at.Add(last.took); end.After(back) {
			took := end.Sub(back)
			fmt.Fprintf(c.out, "  first acknowledgement %s after it served again\n", took.Round(10*time.Millisecond))
			if took > 15*time.Second {
				c.violate("R12", fmt.Sprintf("nothing was acknowledged until %s after Postgres's return", took.Round(time.Second)))
			}
			return
		}
	}
	c.violate("R12", "nothing was acknowledged within a minute of Postgres's return")
}

// underLoad lets people write while the nemesis is at work.
func (c *campaign) underLoad(ctx context.Context) error {
	breaking, stop := context.WithCancel(ctx)
	defer stop()
	var group sync.WaitGroup
	var failed error
	group.Go(func() { c.nemesis(breaking) })
	if c.outage != "" {
		group.Go(func() { c.takeAway(ctx) })
	}
	if c.during != nil {
		group.Go(func() { failed = c.during(ctx, c) })
	}
	c.write(ctx)
	stop()
	group.Wait()
	c.remainingKills(ctx)
	if n := c.kills(); n < c.plan.kills && ctx.Err() == nil {
		return fmt.Errorf("only %d of %d kills could be made", n, c.plan.kills)
	}
	return failed
}
