package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"path/filepath"
	"slices"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/perene/perene/bench/rig"
)

// campaign is one plan being carried out.
type campaign struct {
	*rig.Stack
	plan
	first bool // the first violation ends it
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
	told    []told      // what agents were answered to commands
	asked   int         // commands of agents

	killsBy          map[string]int
	freezes, deploys int
	lastDeed         atomic.Int64 // of the nemesis, in nanoseconds of the epoch
	loadBegan        time.Time
	builds           *builds
	broke            time.Time // of a plan that breaks one number: from here …
	mended           time.Time // … to here
	cuts             []cut     // of Postgres's power
	restored         *restored
	runsAs           *syscall.Credential
	console          *listener
	resetAfter       []time.Duration // kill by kill
	violations       []violation
	caughtAfter      time.Duration // of load, where the first violation ends a run
	flaggedLate      bool
	quietly          bool // without timelines, which need the stack
}

// ratePerSecond is what the account's numbers send in a second, where the plan does not say it.
const ratePerSecond = 200

func (c *campaign) carryOut(ctx context.Context) error {
	var err error
	c.answers, c.killsBy = map[int]int{}, map[string]int{}
	if c.ledger, err = openLedger(filepath.Join(c.data, "deliveries.jsonl")); err != nil {
		return err
	}
	if c.db, err = c.OpenDB(ctx); err != nil {
		return err
	}
	defer c.db.Close()
	accountOptions := rig.AccountOptions{Connections: c.connections, RatePerSecond: c.rate, UnknownWait: c.unknown, ErrorPolicies: c.policies}
	if c.flow != nil {
		accountOptions.Flow = c.flow()
	}
	if c.flow != nil || c.templates {
		accountOptions.Templates = []map[string]any{template(utilityTemplate, "UTILITY"), template(marketingTemplate, "MARKETING")}
	}
	if c.account, err = c.SetUp(ctx, accountOptions); err != nil {
		return err
	}
	if c.flow != nil || c.templates {
		if err := c.templatesThere(ctx); err != nil {
			return err
		}
	}
	c.hooks = c.NewHooks(15 * time.Second)
	defer c.hooks.Close()
	if err := c.setUpSimulator(ctx); err != nil {
		return err
	}
	c.loadBegan = time.Now()
	whole := ctx
	ctx, found := context.WithCancel(ctx)
	defer found()
	var watching sync.WaitGroup
	if c.first {
		watching.Go(func() { c.watch(ctx, found) })
	}
	load := c.underLoad
	if c.instead != nil {
		load = func(ctx context.Context) error { return c.instead(ctx, c) }
	}
	err = load(ctx)
	var rested time.Duration
	if err == nil {
		rested = c.rest(ctx)
	}
	caught := ctx.Err() != nil && whole.Err() == nil
	found()
	watching.Wait()
	switch {
	case caught: // by the watch
		c.report()
		return nil
	case whole.Err() != nil:
		return whole.Err()
	case err != nil:
		return err
	}
	if err := c.reconcile(whole, rested); err != nil {
		return err
	}
	if c.after != nil {
		if err := c.after(whole, c); err != nil {
			return err
		}
	}
	if len(c.violations) > 0 {
		c.caughtAfter = time.Since(c.loadBegan)
	}
	c.report()
	return nil
}

// templatesThere waits until the connections have read the simulator's templates.
func (c *campaign) templatesThere(ctx context.Context) error {
	for limit := time.Now().Add(30 * time.Second); time.Now().Before(limit) && ctx.Err() == nil; pause(ctx, 100*time.Millisecond) {
		var n int
		if err := c.db.QueryRow(ctx, `
			SELECT count(DISTINCT connection_id)
			FROM templates
			WHERE name = @utility_template AND status = 'APPROVED'`,
			pgx.NamedArgs{"utility_template": utilityTemplate}).Scan(&n); err != nil {
			return err
		}
		if n >= c.connections {
			return nil
		}
	}
	return errors.New("the connections did not read their templates")
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
	phones := make([][]string, c.connections)
	for i := range c.people {
		phones[i%c.connections] = append(phones[i%c.connections], rig.Phone(1, i))
	}
	for i, list := range phones {
		if err := c.OpenWindows(ctx, c.account.Connections[i], list); err != nil {
			return err
		}
	}
	if len(c.faults) == 0 {
		return nil
	}
	return c.Simulator(ctx, "POST", "/faults", map[string]any{"faults": c.faults}, nil)
}

// rest waits until nothing moves any more: no doorbell, nothing in the queue, nothing unhandled. It tells how long that
// took; negative: it did not come to rest.
func (c *campaign) rest(ctx context.Context) time.Duration {
	begun := time.Now()
	quiet := time.Time{}
	for time.Since(begun) < c.settle && ctx.Err() == nil {
		c.checkFlagged(ctx)
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
		pause(ctx, 200*time.Millisecond)
	}
	return -1
}

// checkFlagged: no send of unknown outcome stays unresolved and invisible for longer than the plan allows (R4).
func (c *campaign) checkFlagged(ctx context.Context) {
	if c.flagged == 0 || c.flaggedLate {
		return
	}
	var id int64
	if err := c.db.QueryRow(ctx, `
		SELECT q.message_id
		FROM send_queue q
		LEFT JOIN send_attempts a ON a.attempt_id = q.attempt_id
		WHERE q.state <> 'ready' AND coalesce(a.finished_at, q.claimed_at) < now() - make_interval(secs => @seconds)
		LIMIT 1`,
		pgx.NamedArgs{"seconds": c.flagged.Seconds()}).Scan(&id); err == nil {
		c.flaggedLate = true
		c.violate("R4", fmt.Sprintf("message %d is unresolved and not shown as unconfirmed after %s", id, c.flagged))
	}
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
	p99 := at(.99)
	fmt.Fprintf(c.out, "  %d messages; deliveries answered %v (0: not at all); acknowledged in p50 %s, p99 %s; kills %v, freezes %d, deploys %d\n",
		len(c.sent), c.answers, at(.5), p99, c.killsBy, c.freezes, c.deploys)
	if c.slowest > 0 && p99 > c.slowest {
		c.violate("R7", fmt.Sprintf("the slowest hundredth of the acknowledgements took %s or longer, not %s", p99, c.slowest))
	}
	for status, n := range c.answers {
		if len(c.onlyStatus) > 0 && !slices.Contains(c.onlyStatus, status) {
			c.violate("R11", fmt.Sprintf("%d deliveries were answered with %d %s", n, status, http.StatusText(status)))
		}
	}
	for i, v := range c.violations {
		if i == 20 {
			fmt.Fprintf(c.out, "  … and %d more\n", len(c.violations)-i)
			break
		}
		fmt.Fprintf(c.out, "  VIOLATION %s (seed %d): %s\n%s", v.invariant, c.seed, v.what, v.timeline)
	}
	verdict := "all invariants hold"
	if n := len(c.violations); n > 0 {
		verdict = fmt.Sprintf("%d violations, the first told %s after load began; again with: go run ./chaos -plan %s -seed %d",
			n, c.caughtAfter.Round(100*time.Millisecond), c.plan.name, c.seed)
	}
	fmt.Fprintf(c.out, "  %s, %s in all\n", verdict, time.Since(c.begun).Round(time.Second))
}
