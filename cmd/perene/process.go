package main

import (
	"context"
	"log/slog"
	"slices"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"go.temporal.io/sdk/client"

	"github.com/perene/perene/activities"
	"github.com/perene/perene/channels"
	"github.com/perene/perene/contract"
	"github.com/perene/perene/internal/blobs"
	"github.com/perene/perene/internal/clock"
	"github.com/perene/perene/internal/config"
	"github.com/perene/perene/internal/seal"
	"github.com/perene/perene/internal/trace"
	"github.com/perene/perene/models"
	"github.com/perene/perene/ring"
	"github.com/perene/perene/sender"
	"github.com/perene/perene/store"
)

// Settings are what api and worker read alike.
type Settings struct {
	config.Runtime
	config.Database
	config.Temporal
	config.Secrets
	config.Media
	config.Listen
	config.Traces
}

// process is what api and worker stand on alike: files, Postgres, Temporal, the providers, and what is woken after COMMIT.
type process struct {
	log      *slog.Logger
	clock    *clock.Clock
	key      seal.Key
	files    blobs.Store
	front    *front
	patience patience
	adapters map[string]channels.Adapter
	judge    models.Judge
	store    *store.Store
	registry *prometheus.Registry
	temporal client.Client
	starter  ring.Starter
	bus      *sender.Bus
	waker    waker
	flows    *activities.Flows
	traces   *trace.Tracer // nil: nothing is traced

	closers []func()
}

// begin opens everything for the process called name. From the first moment it answers on address, which setting names:
// 503 while Postgres is away, which is waited for. Temporal is not: without it messages are still taken in. The caller
// closes the process; after an error nothing is left open.
func begin(ctx context.Context, s *Settings, name, address, setting string) (_ *process, err error) {
	p := &process{log: s.Logger(name), registry: newRegistry()}
	defer func() {
		if err != nil {
			p.close()
		}
	}()
	serveProfiles(ctx, s.Profiles, name, p.log)
	traces, end, err := trace.Open(ctx, s.Traces, trace.Process{Name: name, Version: buildVersion(), Log: p.log})
	if err != nil {
		return nil, err
	}
	p.traces = traces
	p.closes(end) // the last of all: what ends before has spans to send
	if p.key, err = s.Secrets.Key(); err != nil {
		return nil, err
	}
	if p.files, err = openFiles(s.MediaURL); err != nil {
		return nil, err
	}
	if p.front, err = openFront(ctx, address, p.log, setting); err != nil {
		return nil, err
	}
	p.closes(p.front.close)
	p.patience = newPatience(p.log, p.front.tell)
	system, err := s.SystemClock()
	if err != nil {
		return nil, err
	}
	p.clock = clock.New(system)
	p.adapters, p.judge = newAdapters(s.Runtime)
	if p.store, err = awaitStore(ctx, p.patience, s.Database, s.Env, store.Options{Judge: p.judge, Now: p.clock.Now}); err != nil {
		return nil, err
	}
	p.closes(p.store.Close)
	p.followClock(ctx)
	exportBacklog(ctx, p.registry, p.store)
	if err = s.Temporal.Validate(s.Env); err != nil {
		return nil, err
	}
	if p.temporal, err = dialTemporal(s.Temporal, p.log, p.registry); err != nil {
		return nil, err
	}
	p.closes(p.temporal.Close)
	p.wakes(s)
	return p, nil
}

// wakes makes what is told after COMMIT: the ringer of workflows, the senders' bus, receipts.
func (p *process) wakes(s *Settings) {
	p.starter = ring.Starter{Client: p.temporal, ContinueAfter: s.ContinueAfter, Console: s.PublicURL, Traces: p.traces}
	ringer := ring.NewRinger(p.starter, p.store, p.log, observeRings(p.registry))
	p.closes(ringer.Close)
	p.bus = sender.NewBus(p.store, ringer.Ring, p.log)
	p.closes(p.bus.Close)
	receipts := sender.NewReceipts(p.store, p.adapters, p.key, p.log, p.clock.Now)
	p.closes(receipts.Close)
	p.waker = waker{ringer: ringer, bus: p.bus, receipts: receipts}
	p.flows = activities.NewFlows(activities.TraceFlows(p.store, p.traces), p.waker, activities.ChannelsToFlow(p.adapters), p.log, p.clock.Now, seed)
}

// followClock takes Postgres's clock for ours before anything is decided, and goes on following it until ctx ends.
func (p *process) followClock(ctx context.Context) {
	postgres := func(ctx context.Context) (at time.Time, err error) {
		err = p.store.Pool().QueryRow(ctx, `SELECT clock_timestamp()`).Scan(&at)
		return at, err
	}
	if _, err := p.clock.Read(ctx, postgres); err != nil {
		p.log.Warn("the database's clock was not read yet: the system's counts until then", "error", err)
	}
	ctx, stop := context.WithCancel(ctx)
	done := make(chan struct{})
	go func() {
		defer close(done)
		p.clock.Follow(ctx, p.log, postgres)
	}()
	p.closes(func() { stop(); <-done })
}

func (p *process) closes(f func()) { p.closers = append(p.closers, f) }

// close closes what begin opened, the last first.
func (p *process) close() {
	for _, f := range slices.Backward(p.closers) {
		f()
	}
}

// waker wakes after COMMIT: workflows by their doorbells, senders by a nudge, and gives receipts.
type waker struct {
	ringer   *ring.Ringer
	bus      *sender.Bus
	receipts *sender.Receipts
}

// Wake implements activities.Waker and intake.Waker.
func (w waker) Wake(k contract.Wake) {
	w.ringer.Ring(k.Doorbells...)
	if len(k.Connections) > 0 {
		w.bus.Nudge(k.Connections...)
	}
	w.receipts.Offer(k.Receipts...)
}
