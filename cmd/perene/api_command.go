package main

import (
	"context"
	"fmt"
	"runtime"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promauto"

	"github.com/perene/perene/activities"
	"github.com/perene/perene/api"
	"github.com/perene/perene/api/intake"
	"github.com/perene/perene/internal/config"
	"github.com/perene/perene/models"
	"github.com/perene/perene/ring"
	"github.com/perene/perene/store"
	"github.com/perene/perene/web"
)

type apiCommand struct {
	config.Runtime
	config.Database
	config.Temporal
	config.Secrets
	config.Media
	config.Listen
	SimURL string `name:"sim-url" env:"PERENE_SIM_URL" help:"The simulated phone's page, for a link in the console; development only."`
}

// Run serves the API, the webhooks and the console until it is stopped.
func (c *apiCommand) Run(ctx context.Context) error {
	log := c.Logger("api")
	serveProfiles(ctx, c.Profiles, "api", log)
	if err := c.Listen.Validate(c.Env); err != nil {
		return err
	}
	key, err := c.Secrets.Key()
	if err != nil {
		return err
	}
	bucket, err := openBucket(ctx, c.MediaURL)
	if err != nil {
		return err
	}
	defer func() { _ = bucket.Close() }()
	front, err := openFront(ctx, c.Listen.Listen, log, "PERENE_LISTEN")
	if err != nil {
		return err
	}
	defer front.close()
	adapters, judge := newAdapters(c.AllowPrivate())
	s, err := awaitStore(ctx, newPatience(log, front.tell), c.Database, c.Env, store.Options{Judge: judge})
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
	flows := activities.NewFlows(s, w, log, time.Now, seed)
	in := intake.New(s, adapters, flows.Choose, w, observeDeliveries(registry))

	deps := api.Deps{
		Store: s, Key: key, Bucket: bucket, Workflows: ring.Commands{Starter: starter}, Waker: accountWaker{w}, Inbound: in, Channels: adapters,
		FlowChannels: flowChannels(adapters),
		PublicURL:    c.PublicURL, TrustedProxies: c.TrustedProxies,
		Links:         api.Links{TemporalUI: c.UIURL, TemporalNamespace: c.Namespace, Docs: "/docs"},
		TemporalReady: func(ctx context.Context) error { return ring.Ready(ctx, temporal) },
		Log:           log, Registry: registry,
		Version: api.Version{Version: buildVersion(), Go: runtime.Version()},
	}
	if c.Env == config.Development {
		deps.Links.Phone = c.SimURL
	}
	if console, built := web.Console(); built {
		deps.Console = console
	} else {
		log.Warn("the console is not built into this program; build it with `make build`")
	}
	handler, err := api.New(deps)
	if err != nil {
		return err
	}
	front.ready(handler)
	log.Info("serving", "version", buildVersion())
	return front.serve()
}

// waker wakes after COMMIT: workflows by their doorbells, senders by a nudge.
type waker struct {
	ringer   *ring.Ringer
	bus      *activities.SendBus
	receipts *activities.Receipts
}

// Wake implements activities.Waker and intake.Waker.
func (w waker) Wake(k models.Wake) {
	w.ringer.Ring(k.Doorbells...)
	if len(k.Connections) > 0 {
		w.bus.Nudge(k.Connections...)
	}
	w.receipts.Offer(k.Receipts...)
}

// accountWaker is what the API calls.
type accountWaker struct{ waker }

// Wake implements api.Waker.
func (a accountWaker) Wake(_ models.AccountID, k models.Wake) { a.waker.Wake(k) }

func observeRings(reg prometheus.Registerer) func(string, string, time.Duration) {
	seconds := promauto.With(reg).NewHistogramVec(prometheus.HistogramOpts{Name: "perene_ring_seconds", Help: "Time from ringing a workflow to its answer.",
		Buckets: []float64{.002, .005, .01, .02, .05, .1, .25, .5, 1, 5, 10}}, []string{"workflow_type", "outcome"})
	return func(workflowType, how string, took time.Duration) {
		seconds.WithLabelValues(workflowType, how).Observe(took.Seconds())
	}
}

func observeDeliveries(reg prometheus.Registerer) func(models.Wake, time.Duration) {
	messages := promauto.With(reg).NewCounterVec(prometheus.CounterOpts{Name: "perene_inbound_messages_total", Help: "Messages taken in, by what became of them."}, []string{"result"})
	seconds := promauto.With(reg).NewHistogram(prometheus.HistogramOpts{Name: "perene_delivery_store_seconds", Help: "Time to store one delivery.",
		Buckets: []float64{.001, .002, .005, .01, .02, .05, .1, .25, 1}})
	return func(w models.Wake, took time.Duration) {
		seconds.Observe(took.Seconds())
		messages.WithLabelValues("stored").Add(float64(w.Stored))
		messages.WithLabelValues("repeated").Add(float64(w.Repeated))
		messages.WithLabelValues("quarantined").Add(float64(w.Quarantined))
	}
}

type openapiCommand struct{}

// Run prints the contract.
func (openapiCommand) Run() error {
	spec, err := api.OpenAPI()
	if err != nil {
		return err
	}
	fmt.Print(string(spec))
	return nil
}
