package main

import (
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"go.temporal.io/sdk/client"
)

// metricsHandler gives Temporal's SDK metrics to Prometheus: the SDK speaks its own small interface, and its adapter to
// Prometheus goes through a library that is no longer kept.
type metricsHandler struct {
	shared *metricsShared
	labels [len(metricLabels)]string // values, in the order of metricLabels
}

type metricsShared struct {
	reg        prometheus.Registerer
	mu         sync.Mutex
	counters   map[string]*prometheus.CounterVec
	gauges     map[string]*prometheus.GaugeVec
	histograms map[string]*prometheus.HistogramVec
}

// metricLabels are the tags that are kept as labels; all metrics have them, so that one name has one set of labels.
var metricLabels = [...]string{"operation", "workflow_type", "activity_type", "task_queue", "worker_type", "poller_type", "status_code", "failure_reason"}

func newMetricsHandler(reg prometheus.Registerer) client.MetricsHandler {
	return &metricsHandler{shared: &metricsShared{reg: reg, counters: map[string]*prometheus.CounterVec{}, gauges: map[string]*prometheus.GaugeVec{},
		histograms: map[string]*prometheus.HistogramVec{}}}
}

// WithTags implements client.MetricsHandler.
func (h *metricsHandler) WithTags(tags map[string]string) client.MetricsHandler {
	with := *h
	for i, name := range metricLabels {
		if value, given := tags[name]; given {
			with.labels[i] = value
		}
	}
	return &with
}

// Counter implements client.MetricsHandler.
func (h *metricsHandler) Counter(name string) client.MetricsCounter {
	s := h.shared
	s.mu.Lock()
	defer s.mu.Unlock()
	v, ok := s.counters[name]
	if !ok {
		v = prometheus.NewCounterVec(prometheus.CounterOpts{Name: name + "_total", Help: "Temporal SDK: " + name}, metricLabels[:])
		s.reg.MustRegister(v)
		s.counters[name] = v
	}
	return counter{v.WithLabelValues(h.labels[:]...)}
}

// Gauge implements client.MetricsHandler.
func (h *metricsHandler) Gauge(name string) client.MetricsGauge {
	s := h.shared
	s.mu.Lock()
	defer s.mu.Unlock()
	v, ok := s.gauges[name]
	if !ok {
		v = prometheus.NewGaugeVec(prometheus.GaugeOpts{Name: name, Help: "Temporal SDK: " + name}, metricLabels[:])
		s.reg.MustRegister(v)
		s.gauges[name] = v
	}
	return gauge{v.WithLabelValues(h.labels[:]...)}
}

// Timer implements client.MetricsHandler.
func (h *metricsHandler) Timer(name string) client.MetricsTimer {
	s := h.shared
	s.mu.Lock()
	defer s.mu.Unlock()
	v, ok := s.histograms[name]
	if !ok {
		v = prometheus.NewHistogramVec(prometheus.HistogramOpts{Name: name + "_seconds", Help: "Temporal SDK: " + name,
			Buckets: []float64{.001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10, 30, 60}}, metricLabels[:])
		s.reg.MustRegister(v)
		s.histograms[name] = v
	}
	return timer{v.WithLabelValues(h.labels[:]...)}
}

type counter struct{ c prometheus.Counter }

func (c counter) Inc(n int64) { c.c.Add(float64(n)) }

type gauge struct{ g prometheus.Gauge }

func (g gauge) Update(v float64) { g.g.Set(v) }

type timer struct{ o prometheus.Observer }

func (t timer) Record(d time.Duration) { t.o.Observe(d.Seconds()) }
