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
	"github.com/perene/perene/contract"
	"github.com/perene/perene/internal/config"
	"github.com/perene/perene/models"
	"github.com/perene/perene/ring"
	"github.com/perene/perene/web"
)

type apiCommand struct {
	Settings
	config.APIMetrics
	SimURL string `name:"sim-url" env:"PERENE_SIM_URL" help:"The simulated phone's page, for a link in the console; development only."`
}

// Run serves the API, the webhooks and the console until it is stopped.
func (c *apiCommand) Run(ctx context.Context) error {
	if err := c.Listen.Validate(c.Env); err != nil {
		return err
	}
	p, err := begin(ctx, &c.Settings, "api", c.Listen.Listen, "PERENE_LISTEN")
	if err != nil {
		return untilAsked(ctx, err)
	}
	defer p.close()
	if c.Env == config.Production && c.NoProxyTrusted() {
		p.log.Warn("https ends in a proxy, and PERENE_TRUSTED_PROXIES names none: all networks look alike, so that guesses of one lock everybody out")
	}
	figures, err := openFigures(ctx, c.APIMetricsListen, p)
	if err != nil {
		return err
	}
	defer figures()

	deps := api.Deps{
		AllowPrivate: c.AllowPrivate(),
		Store:        p.store, Key: p.key, Files: p.files, Workflows: ring.Commands{Starter: p.starter}, Waker: accountWaker{p.waker},
		Inbound:  intake.New(intake.Traced(p.store, p.traces), p.adapters, p.flows.ChooseFor, p.waker, observeDeliveries(p.registry)),
		Channels: p.adapters, FlowChannels: activities.ChannelsToFlow(p.adapters), RunRecord: recordsOf(p.store), ProviderHosts: c.ProviderHosts(),
		PublicURL: c.PublicURL, TrustedProxies: c.TrustedProxies,
		Links:         api.Links{TemporalUI: c.UIURL, TemporalNamespace: c.Namespace, Docs: "/docs"},
		TemporalReady: func(ctx context.Context) error { return ring.Ready(ctx, p.temporal) },
		Log:           p.log, Registry: p.registry, Traces: p.traces, Now: p.clock.Now,
		Version: api.Version{Version: buildVersion(), Go: runtime.Version()},
	}
	if c.Env == config.Development {
		deps.Links.Phone = c.SimURL
	}
	if console, built := web.Console(); built {
		deps.Console = console
	} else {
		p.log.Warn("the console is not built into this program; build it with `make build`")
	}
	handler, err := api.New(deps)
	if err != nil {
		return err
	}
	p.front.ready(handler)
	p.log.Info("serving", "version", buildVersion())
	return p.front.serve()
}

// openFigures serves the process's figures until the function that it gives is called.
func openFigures(ctx context.Context, address string, p *process) (func(), error) {
	l, err := listen(ctx, address, "PERENE_API_METRICS_LISTEN")
	if err != nil {
		return nil, err
	}
	ctx, stop := context.WithCancel(ctx)
	done := make(chan struct{})
	go func() {
		defer close(done)
		if err := serveOn(ctx, l, api.Figures(p.registry), p.log); err != nil {
			p.log.Error("figures are no longer served", "error", err)
		}
	}()
	return func() { stop(); <-done }, nil
}

// accountWaker is what the API calls.
type accountWaker struct{ waker }

// Wake implements api.Waker.
func (a accountWaker) Wake(_ models.AccountID, k contract.Wake) { a.waker.Wake(k) }

func observeRings(reg prometheus.Registerer) func(string, string, time.Duration) {
	seconds := promauto.With(reg).NewHistogramVec(prometheus.HistogramOpts{Name: "perene_ring_seconds", Help: "Time from ringing a workflow to its answer.",
		Buckets: []float64{.002, .005, .01, .02, .05, .1, .25, .5, 1, 5, 10}}, []string{"workflow_type", "outcome"})
	return func(workflowType, how string, took time.Duration) {
		seconds.WithLabelValues(workflowType, how).Observe(took.Seconds())
	}
}

func observeDeliveries(reg prometheus.Registerer) func(contract.Wake, time.Duration) {
	messages := promauto.With(reg).NewCounterVec(prometheus.CounterOpts{Name: "perene_inbound_messages_total", Help: "Messages taken in, by what became of them."}, []string{"result"})
	seconds := promauto.With(reg).NewHistogram(prometheus.HistogramOpts{Name: "perene_delivery_store_seconds", Help: "Time to store one delivery.",
		Buckets: []float64{.001, .002, .005, .01, .02, .05, .1, .25, 1}})
	return func(w contract.Wake, took time.Duration) {
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
