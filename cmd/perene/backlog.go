package main

import (
	"context"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/perene/perene/models"
	"github.com/perene/perene/store"
)

const (
	// backlogFresh is how long one reading answers all scrapes, however many there are.
	backlogFresh = 5 * time.Second
	// backlogPatience is how long a scrape waits for Postgres.
	backlogPatience = 2 * time.Second
)

// Figures of what waits. The api and every worker export the same ones, because each alone must be able to tell that the
// other is away: queries take their maximum.
var (
	describeAnswers   = prometheus.NewDesc("perene_postgres_answers", "1 while Postgres answers this process, else 0.", nil, nil)
	describeDoorbells = prometheus.NewDesc("perene_doorbells", "Doorbells nobody has answered yet.", nil, nil)
	describeDoorbell  = prometheus.NewDesc("perene_doorbell_oldest_seconds", "Age of the oldest doorbell nobody has answered.", nil, nil)
	describeElements  = prometheus.NewDesc("perene_quarantine_elements", "Elements of deliveries in quarantine.", nil, nil)
	describeElement   = prometheus.NewDesc("perene_quarantine_oldest_seconds", "Age of the oldest element in quarantine.", nil, nil)
	describeState     = prometheus.NewDesc("perene_connections", "Connections by state.", []string{"state"}, nil)
	describeHeld      = prometheus.NewDesc("perene_connections_held", "Held connections by scope of the hold and the provider's code; code is empty where it has none.", []string{"scope", "code"}, nil)
	describeHeldFor   = prometheus.NewDesc("perene_connection_held_seconds", "How long the connection that is held for longest has been held.", []string{"scope", "code"}, nil)
	describeAlerted   = prometheus.NewDesc("perene_connections_alerted", "Connections of which the provider told something grave within a day.", nil, nil)
	describeMessages  = prometheus.NewDesc("perene_messages_waiting", "Outgoing messages that have not left, by what they wait for.", []string{"waits_for"}, nil)
	describeMessage   = prometheus.NewDesc("perene_message_waiting_oldest_seconds", "How long ago the oldest of them was queued, by what they wait for.", []string{"waits_for"}, nil)
)

// backlog tells Prometheus what waits in Postgres. It is read when somebody scrapes, at most every five seconds, so an alert
// lasts exactly as long as what it tells of. While Postgres is away only that is told.
type backlog struct {
	ctx  context.Context
	read func(context.Context) (*store.Backlog, error)
	now  func() time.Time

	mu     sync.Mutex
	last   *store.Backlog // nil when Postgres did not answer
	readAt time.Time
}

// exportBacklog lets reg tell what waits.
func exportBacklog(ctx context.Context, reg prometheus.Registerer, s *store.Store) {
	reg.MustRegister(&backlog{ctx: ctx, read: s.Backlog, now: time.Now})
}

// Describe implements prometheus.Collector.
func (b *backlog) Describe(to chan<- *prometheus.Desc) {
	for _, d := range []*prometheus.Desc{describeAnswers, describeDoorbells, describeDoorbell, describeElements, describeElement, describeState,
		describeHeld, describeHeldFor, describeAlerted, describeMessages, describeMessage} {
		to <- d
	}
}

// Collect implements prometheus.Collector.
func (b *backlog) Collect(to chan<- prometheus.Metric) {
	tell := func(d *prometheus.Desc, value float64, labels ...string) {
		to <- prometheus.MustNewConstMetric(d, prometheus.GaugeValue, value, labels...)
	}
	is := b.reading()
	if is == nil {
		tell(describeAnswers, 0)
		return
	}
	tell(describeAnswers, 1)
	tell(describeDoorbells, float64(is.Doorbells.Count))
	tell(describeDoorbell, is.Doorbells.Oldest.Seconds())
	tell(describeElements, float64(is.Quarantine.Count))
	tell(describeElement, is.Quarantine.Oldest.Seconds())
	for _, state := range []models.ConnectionState{models.ConnectionActive, models.ConnectionHeld, models.ConnectionPaused} {
		tell(describeState, float64(is.Connections[state]), string(state))
	}
	tell(describeAlerted, float64(is.Alerted))
	if none := (store.Hold{Scope: models.HoldAll}); is.Holds[none].Count == 0 { // a graph of what is held begins at nothing
		tell(describeHeld, 0, string(none.Scope), none.Code)
		tell(describeHeldFor, 0, string(none.Scope), none.Code)
	}
	for hold, w := range is.Holds {
		tell(describeHeld, float64(w.Count), string(hold.Scope), hold.Code)
		tell(describeHeldFor, w.Oldest.Seconds(), string(hold.Scope), hold.Code)
	}
	for _, why := range store.MessageWaits {
		tell(describeMessages, float64(is.Messages[why].Count), why)
		tell(describeMessage, is.Messages[why].Oldest.Seconds(), why)
	}
}

// reading gives what waits, at most backlogFresh old; nil when Postgres does not answer.
func (b *backlog) reading() *store.Backlog {
	b.mu.Lock()
	defer b.mu.Unlock()
	if now := b.now(); b.readAt.IsZero() || now.Sub(b.readAt) >= backlogFresh {
		ctx, cancel := context.WithTimeout(b.ctx, backlogPatience)
		defer cancel()
		last, err := b.read(ctx)
		if err != nil {
			last = nil
		}
		b.last, b.readAt = last, now
	}
	return b.last
}
