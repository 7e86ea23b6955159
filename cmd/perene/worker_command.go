package main

import (
	"context"
	"net/http"
	"strconv"
	"sync"
	"time"

	"github.com/google/uuid"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promauto"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"github.com/perene/perene/activities"
	"github.com/perene/perene/api"
	"github.com/perene/perene/internal/config"
	"github.com/perene/perene/models"
	"github.com/perene/perene/ring"
	"github.com/perene/perene/store"
	"github.com/perene/perene/worker"
)

type workerCommand struct {
	config.Runtime
	config.Database
	config.Temporal
	config.Secrets
	config.Media
	config.Metrics
	config.Sending
	config.Listen
}

// overdue is how long a message may be ready with nobody sending before the sweep rings its connection.
const overdue = 3 * time.Second

// Run runs workflows, senders and the dispatcher until it is stopped.
func (c *workerCommand) Run(ctx context.Context) error {
	log := c.Logger("worker")
	serveProfiles(ctx, c.Profiles, "worker", log)
	key, err := c.Secrets.Key()
	if err != nil {
		return err
	}
	bucket, err := openBucket(ctx, c.MediaURL)
	if err != nil {
		return err
	}
	defer func() { _ = bucket.Close() }()
	front, err := openFront(ctx, c.MetricsListen, log, "PERENE_METRICS_LISTEN")
	if err != nil {
		return err
	}
	defer front.close()
	patience := newPatience(log, front.tell)
	adapters, judge := newAdapters(c.AllowPrivate())
	s, err := awaitStore(ctx, patience, c.Database, c.Env, store.Options{Judge: judge})
	if err != nil {
		return untilAsked(ctx, err)
	}
	defer s.Close()
	registry := newRegistry()
	exportBacklog(ctx, registry, s)
	temporal, err := dialTemporal(c.Temporal, log, registry)
	if err != nil {
		return err
	}
	defer temporal.Close()

	starter := ring.Starter{Client: temporal, ContinueAfter: c.ContinueAfter, Console: c.PublicURL}
	ringer := ring.NewRinger(starter, s, log, observeRings(registry))
	defer ringer.Close()
	bus := activities.NewSendBus(s, ringer.Ring, log)
	defer bus.Close()
	receipts := activities.NewReceipts(s, adapters, key, log, time.Now)
	defer receipts.Close()
	w := waker{ringer: ringer, bus: bus, receipts: receipts}

	media := activities.NewMedia(s, bucket, adapters, key, log, time.Now)
	workers := worker.New(temporal, worker.Activities{
		Flows: activities.NewFlows(s, w, log, time.Now, seed),
		Calls: activities.NewCalls(s, key, log, time.Now, c.AllowPrivate()),
		Sender: activities.NewSender(activities.SenderDeps{
			Store: s, Adapters: adapters, Judge: judge, Opener: key, Media: media, Bus: bus, Waker: w, Log: log, Now: time.Now,
			NewID:        func() uuid.UUID { return uuid.Must(uuid.NewV7()) },
			Observe:      observeSends(registry),
			SenderTuning: activities.SenderTuning{Linger: c.Linger},
		}),
		Media: media,
		House: activities.NewHouse(s, time.Now),
	}, worker.Tuning{Console: c.PublicURL, Build: buildVersion()})
	// A doorbell, because it is rung again and again while Temporal is away; ringing what runs already is harmless.
	house := models.HousekeepingStart{}.Doorbell()
	if err := patience.until(ctx, "database", databaseAway, func(ctx context.Context) error {
		_, err := s.RingDoorbell(ctx, house.AccountID, house.WorkflowType, house.WorkflowID, house.Input)
		return err
	}); err != nil {
		return untilAsked(ctx, err)
	}
	if err := awaitTemporal(ctx, patience, temporal, c.Temporal); err != nil {
		return untilAsked(ctx, err)
	}
	if err := workers.Start(); err != nil {
		return err
	}
	defer workers.Stop()

	var group sync.WaitGroup
	defer group.Wait()
	dispatched := promauto.With(registry).NewCounterVec(prometheus.CounterOpts{Name: "perene_dispatched_doorbells_total",
		Help: "Doorbells rung by the dispatcher, by result."}, []string{"result"})
	dispatcher := ring.Dispatcher{Starter: starter, Rows: s, Log: log, Sweep: sweep(s), Observe: func(rung, failed int) {
		dispatched.WithLabelValues("rung").Add(float64(rung))
		dispatched.WithLabelValues("failed").Add(float64(failed))
	}}
	group.Go(func() { dispatcher.Run(ctx) })
	group.Go(func() { bus.Listen(ctx) })

	mux := http.NewServeMux()
	mux.Handle("/metrics", promhttp.HandlerFor(registry, promhttp.HandlerOpts{}))
	mux.HandleFunc("/healthz", func(rw http.ResponseWriter, _ *http.Request) { _, _ = rw.Write([]byte("ok\n")) })
	mux.HandleFunc("/readyz", workerReady(s.Ping, func(ctx context.Context) error { return ring.Ready(ctx, temporal) }))
	front.ready(mux)
	log.Info("working", "version", buildVersion())
	return front.serve()
}

// workerReady answers 200 while Postgres and Temporal answer: without either a worker has nothing to do.
func workerReady(database, temporal func(context.Context) error) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		ctx, cancel := context.WithTimeout(r.Context(), 2*time.Second)
		defer cancel()
		answer := api.Readiness{Ready: true, Checks: map[string]string{"database": "ok", "temporal": "ok"}}
		for what, ask := range map[string]func(context.Context) error{"database": database, "temporal": temporal} {
			if ask(ctx) != nil {
				answer.Ready = false
				answer.Checks[what] = "does not answer"
			}
		}
		writeReadiness(w, answer)
	}
}

// sweep rings connections that have had something to send for a while with nobody sending.
func sweep(s *store.Store) func(context.Context) ([]models.Doorbell, error) {
	return func(ctx context.Context) ([]models.Doorbell, error) {
		refs, err := s.ConnectionsWithReadyMessages(ctx, overdue)
		if err != nil {
			return nil, err
		}
		bells := make([]models.Doorbell, 0, len(refs))
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
