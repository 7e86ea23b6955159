package main

import (
	"context"
	"net/http"
	"runtime"
	"strconv"
	"sync"
	"time"

	"github.com/google/uuid"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promauto"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"github.com/perene/perene/activities"
	"github.com/perene/perene/api"
	"github.com/perene/perene/contract"
	"github.com/perene/perene/internal/config"
	"github.com/perene/perene/models"
	"github.com/perene/perene/ring"
	"github.com/perene/perene/sender"
	"github.com/perene/perene/store"
	"github.com/perene/perene/worker"
)

type workerCommand struct {
	Settings
	config.Metrics
	config.Sending
}

// overdue is how long a message may be ready with nobody sending before the sweep rings its connection.
const overdue = 3 * time.Second

// Run runs workflows, senders and the dispatcher until it is stopped.
func (c *workerCommand) Run(ctx context.Context) error {
	if c.Database.MaxConns == 0 {
		c.Database.MaxConns = int32(max(6, min(3*runtime.NumCPU(), 100))) // more steps at once than these take turns longer, not more turns
	}
	p, err := begin(ctx, &c.Settings, "worker", c.MetricsListen, "PERENE_METRICS_LISTEN")
	if err != nil {
		return untilAsked(ctx, err)
	}
	defer p.close()

	media := activities.NewMedia(p.store, p.files, p.adapters, p.key, p.log, p.clock.Now)
	sending := sender.New(sender.Deps{
		Store: p.store, Adapters: p.adapters, Judge: p.judge, Opener: p.key, Media: media, Bus: p.bus, Waker: p.waker, Log: p.log, Now: p.clock.Now,
		NewID:   func() uuid.UUID { return uuid.Must(uuid.NewV7()) },
		Observe: observeSends(p.registry),
		Traces:  p.traces,
		Tuning:  sender.Tuning{Linger: c.Linger},
	})
	workers := worker.New(p.temporal, worker.Activities{
		Flows:       p.flows,
		Calls:       activities.NewCalls(p.store, p.key, p.log, p.clock.Now, c.AllowPrivate()).Traced(p.traces, p.store),
		Connections: activities.NewConnections(p.store, sending),
		Bulk:        activities.NewBulk(p.store, p.waker),
		Broadcasts:  activities.NewBroadcasts(p.store, p.waker),
		Webhooks:    activities.NewWebhooks(p.store, p.key, p.clock.Now, c.AllowPrivate()),
		Tickets:     activities.NewTickets(p.store, p.waker, p.flows.Choose),
		Media:       media,
		House:       activities.NewHouse(p.store, p.files, p.clock.Now),
		Releases:    activities.NewReleases(p.store),
	}, worker.Tuning{Console: c.PublicURL, Build: buildVersion()})
	// A doorbell, because it is rung again and again while Temporal is away; ringing what runs already is harmless.
	house := contract.HousekeepingStart{}.Doorbell()
	if err := p.patience.until(ctx, "database", databaseAway, func(ctx context.Context) error {
		_, err := p.store.RingDoorbell(ctx, house.AccountID, house.WorkflowType, house.WorkflowID, house.Input)
		return err
	}); err != nil {
		return untilAsked(ctx, err)
	}
	if err := awaitTemporal(ctx, p.patience, p.temporal, c.Temporal); err != nil {
		return untilAsked(ctx, err)
	}
	if err := workers.Start(); err != nil {
		return err
	}
	defer workers.Stop()

	var group sync.WaitGroup
	defer group.Wait()
	dispatched := promauto.With(p.registry).NewCounterVec(prometheus.CounterOpts{Name: "perene_dispatched_doorbells_total",
		Help: "Doorbells rung by the dispatcher, by result."}, []string{"result"})
	dispatcher := ring.Dispatcher{Starter: p.starter, Rows: p.store, Log: p.log, Sweep: sweep(p.store), Observe: func(rung, failed int) {
		dispatched.WithLabelValues("rung").Add(float64(rung))
		dispatched.WithLabelValues("failed").Add(float64(failed))
	}}
	group.Go(func() { dispatcher.Run(ctx) })
	group.Go(func() { p.bus.Listen(ctx) })

	mux := http.NewServeMux()
	mux.Handle("/metrics", promhttp.HandlerFor(p.registry, promhttp.HandlerOpts{}))
	mux.HandleFunc("/healthz", func(rw http.ResponseWriter, _ *http.Request) { _, _ = rw.Write([]byte("ok\n")) })
	mux.HandleFunc("/readyz", workerReady(p.store.Ping, func(ctx context.Context) error { return ring.Ready(ctx, p.temporal) }))
	p.front.ready(mux)
	p.log.Info("working", "version", buildVersion())
	return p.front.serve()
}

// workerReady answers 200 while Postgres and Temporal answer: without either a worker has nothing to do.
func workerReady(database, temporal func(context.Context) error) http.HandlerFunc {
	ready := api.Remembered(time.Now, func(ctx context.Context) api.Readiness {
		answer := api.Readiness{Ready: true, Checks: map[string]string{"database": "ok", "temporal": "ok"}}
		for what, ask := range map[string]func(context.Context) error{"database": database, "temporal": temporal} {
			if ask(ctx) != nil {
				answer.Ready = false
				answer.Checks[what] = "does not answer"
			}
		}
		return answer
	})
	return func(w http.ResponseWriter, r *http.Request) { writeReadiness(w, ready(r.Context())) }
}

// sweep rings connections that have had something to send for a while with nobody sending.
func sweep(s *store.Store) func(context.Context) ([]contract.Doorbell, error) {
	return func(ctx context.Context) ([]contract.Doorbell, error) {
		refs, err := s.ConnectionsWithReadyMessages(ctx, overdue)
		if err != nil {
			return nil, err
		}
		bells := make([]contract.Doorbell, 0, len(refs))
		for _, r := range refs {
			bells = append(bells, r.Doorbell())
		}
		return bells, nil
	}
}

// observeSends counts what became of sends, by code, and how long they waited and took.
func observeSends(reg prometheus.Registerer) func(models.ConnectionID, string, int, time.Duration, time.Duration) {
	sends := promauto.With(reg).NewCounterVec(prometheus.CounterOpts{Name: "perene_sends_total", Help: "Sends by connection, result and the provider's code."},
		[]string{"connection_id", "result", "code"})
	buckets := []float64{.005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10, 30, 60}
	waited := promauto.With(reg).NewHistogram(prometheus.HistogramOpts{Name: "perene_send_wait_seconds", Help: "Time from queueing to sending.", Buckets: buckets})
	took := promauto.With(reg).NewHistogram(prometheus.HistogramOpts{Name: "perene_send_seconds", Help: "Time of one call to the provider.", Buckets: buckets})
	return func(id models.ConnectionID, result string, code int, wait, call time.Duration) {
		sends.WithLabelValues(id.String(), result, strconv.Itoa(code)).Inc()
		waited.Observe(wait.Seconds())
		took.Observe(call.Seconds())
	}
}
