// Package activities holds Perene's verbs: each touches the world once and is safe to repeat. Stores and adapters arrive as
// interfaces; workflows decide when.
package activities

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"time"

	"golang.org/x/sync/singleflight"

	"go.temporal.io/sdk/temporal"

	"github.com/perene/perene/contract"
	"github.com/perene/perene/flow"
	"github.com/perene/perene/models"
)

// FlowStore is what flows need of Postgres.
type FlowStore interface {
	StepFlow(ctx context.Context, start contract.FlowRunStart, step int64, decide func(*contract.StepSnapshot) (*contract.StepDecision, error), choose contract.FlowChooser) (contract.StepResult, contract.Wake, error)
	ReadFlowEnv(ctx context.Context, account models.AccountID, connection models.ConnectionID) (*contract.FlowEnv, error)
	FlowGraph(ctx context.Context, account models.AccountID, version models.FlowVersionID) (json.RawMessage, models.FlowID, error)
	RefreshWindow(ctx context.Context, account models.AccountID, id models.ConversationID) (contract.WindowView, error)
}

// Waker is told after COMMIT what to wake: doorbells, and connections whose queue got something.
type Waker interface {
	Wake(w contract.Wake)
}

// Flows steps flow runs and chooses which flow a message starts. Safe for concurrent use.
type Flows struct {
	store FlowStore
	waker Waker
	// channels is what flows can do, by channel.
	channels map[string]flow.Capabilities
	log      *slog.Logger
	now      func() time.Time

	mu     sync.Mutex
	graphs map[graphKey]compiled
	late   map[models.FlowRunID]lateStep
	envs   map[envKey]*cachedEnv
	reads  singleflight.Group
	// graphsSize is the size of the documents of graphs.
	graphsSize int
	seed       func() string
}

type envKey struct {
	account    models.AccountID
	connection models.ConnectionID
}

func (k envKey) String() string { return k.account.String() + "/" + k.connection.String() }

type cachedEnv struct {
	env  *contract.FlowEnv
	flow *flow.Env
	read time.Time
	byID map[string]models.FlowVersionID

	once      sync.Once
	patterned []flow.Candidate // see patterned
}

// envFresh is how long the surroundings of a flow are believed: a published flow, a paused template or new hours count
// after that long at the latest.
const envFresh = 3 * time.Second

// maxGraphs bounds the compiled graphs kept in memory, maxGraphsSize the documents they were made of: a graph takes some ten
// times as much.
const (
	maxGraphs     = 2000
	maxGraphsSize = 32 << 20
)

// NewFlows makes a Flows. can says what flows can do by channel, as ChannelsToFlow gives it: a channel that it does not name
// can do nothing. seed gives the randomness of a step, now the clock.
func NewFlows(s FlowStore, w Waker, can map[string]flow.Capabilities, log *slog.Logger, now func() time.Time, seed func() string) *Flows {
	return &Flows{store: s, waker: w, channels: can, log: log, now: now, seed: seed, graphs: map[graphKey]compiled{},
		late: map[models.FlowRunID]lateStep{}, envs: map[envKey]*cachedEnv{}}
}

// StepFlow runs one step of a run in one transaction. Idempotent by step.
func (f *Flows) StepFlow(ctx context.Context, in contract.StepFlowInput) (contract.StepResult, error) {
	run := in.Run.FlowRunStart
	env, err := f.env(ctx, run.AccountID, run.ConnectionID)
	if err != nil {
		return contract.StepResult{}, asActivityError(err)
	}
	out, wake, err := f.stepOutsideIn(ctx, run, in.Step, func(snap *contract.StepSnapshot) (*contract.StepDecision, error) {
		return f.think(ctx, env, snap, in.Step)
	})
	if models.KeyOf(err) == models.KeyTicketRefused {
		// Agent or queue went after the surroundings were read. The next try reads them anew, and the engine says so.
		f.forget(run.AccountID, run.ConnectionID)
		return contract.StepResult{}, temporal.NewApplicationError("the agent or the queue of a ticket is gone", models.KeyTicketRefused)
	}
	if err != nil {
		return contract.StepResult{}, asActivityError(err)
	}
	f.waker.Wake(wake)
	return out, nil
}

// RefreshWindow writes the state of a conversation's window that belongs to now.
func (f *Flows) RefreshWindow(ctx context.Context, in contract.RefreshWindowInput) (contract.WindowView, error) {
	v, err := f.store.RefreshWindow(ctx, in.Window.AccountID, in.Window.ConversationID)
	return v, asActivityError(err)
}

// graph gives the compiled graph of a version; versions never change, so it is compiled once per process.
func (f *Flows) graph(ctx context.Context, account models.AccountID, version models.FlowVersionID) (*flow.Graph, error) {
	key := graphKey{account, version}
	f.mu.Lock()
	c, ok := f.graphs[key]
	f.mu.Unlock()
	if ok {
		return c.graph, c.err
	}
	doc, flowID, err := f.store.FlowGraph(ctx, account, version)
	if err != nil {
		return nil, err
	}
	c.graph, c.err = LoadGraph(doc, flowID, version)
	c.size = len(doc)
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.graphsSize += c.size; f.graphsSize > maxGraphsSize || len(f.graphs) >= maxGraphs {
		clear(f.graphs)
		f.graphsSize = c.size
	}
	f.graphs[key] = c
	return c.graph, c.err
}

// graphKey names a compiled version. It has the account, so that an id alone never leads to another account's flow.
type graphKey struct {
	account models.AccountID
	version models.FlowVersionID
}

// compiled is a version compiled, or why it cannot be: it never changes, so neither does that.
type compiled struct {
	graph *flow.Graph
	err   error
	size  int // of the document
}

// LoadGraph compiles a published document under the ids it has here.
func LoadGraph(doc json.RawMessage, id models.FlowID, version models.FlowVersionID) (*flow.Graph, error) {
	g, err := flow.Load(doc)
	if err != nil {
		return nil, fmt.Errorf("read flow version %d: %w", version, err)
	}
	return g.WithIdentity(id.String(), version.String()), nil
}

// env gives the surroundings of an account's flows on a connection, at most envFresh old.
func (f *Flows) env(ctx context.Context, account models.AccountID, connection models.ConnectionID) (*flow.Env, error) {
	c, err := f.cached(ctx, account, connection)
	if err != nil {
		return nil, err
	}
	return c.flow, nil
}

func (f *Flows) cached(ctx context.Context, account models.AccountID, connection models.ConnectionID) (*cachedEnv, error) {
	key := envKey{account, connection}
	f.mu.Lock()
	c, ok := f.envs[key]
	f.mu.Unlock()
	if age := f.now().Sub(cachedAt(c)); ok && age < envFresh {
		if age > envFresh/2 {
			f.reads.DoChan(key.String(), func() (any, error) { return f.readEnv(context.WithoutCancel(ctx), key) }) // nobody waits
		}
		return c, nil
	}
	// Many may find it stale at once, each inside a transaction: one of them reads.
	read, err, _ := f.reads.Do(key.String(), func() (any, error) { return f.readEnv(context.WithoutCancel(ctx), key) })
	if err != nil {
		return nil, err
	}
	return read.(*cachedEnv), nil //nolint:forcetypeassert // readEnv's
}

func cachedAt(c *cachedEnv) time.Time {
	if c == nil {
		return time.Time{}
	}
	return c.read
}

// readTimeout bounds a read that others wait for.
const readTimeout = 5 * time.Second

// readEnv reads the surroundings and keeps them.
func (f *Flows) readEnv(ctx context.Context, key envKey) (*cachedEnv, error) {
	ctx, cancel := context.WithTimeout(ctx, readTimeout)
	defer cancel()
	at := f.now()
	read, err := f.store.ReadFlowEnv(ctx, key.account, key.connection)
	if err != nil {
		return nil, err
	}
	c := &cachedEnv{env: read, read: at, byID: map[string]models.FlowVersionID{}}
	for _, p := range read.Published {
		c.byID[p.FlowID.String()] = p.VersionID
	}
	c.flow = engineEnv(read, f.channels[read.Connection.Channel], func(id, version string) (*flow.Graph, bool) { return f.subFlow(key.account, c, id, version) })
	f.mu.Lock()
	f.envs[key] = c
	f.mu.Unlock()
	return c, nil
}

// forget drops the surroundings of an account's flows on a connection: they are read anew when they are needed.
func (f *Flows) forget(account models.AccountID, connection models.ConnectionID) {
	f.mu.Lock()
	defer f.mu.Unlock()
	delete(f.envs, envKey{account: account, connection: connection})
}

// subFlow finds the graph of a sub-flow: the version a run is inside, or the one that is published now.
func (f *Flows) subFlow(account models.AccountID, c *cachedEnv, id, version string) (*flow.Graph, bool) {
	v, ok := c.byID[id]
	if version != "" {
		var n int64
		if _, err := fmt.Sscan(version, &n); err != nil {
			return nil, false
		}
		v, ok = models.FlowVersionID(n), true
	}
	if !ok {
		for _, p := range c.env.Published { // a flow may name another by name in an exported file
			if strings.EqualFold(p.Name, id) {
				v, ok = p.VersionID, true
			}
		}
	}
	if !ok {
		return nil, false
	}
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Second)
	defer cancel()
	g, err := f.graph(ctx, account, v)
	return g, err == nil
}
