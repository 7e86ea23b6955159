package main

import (
	"context"
	"errors"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"github.com/perene/perene/models"
	"github.com/perene/perene/store"
)

// scraped is what Prometheus reads, without comments, as a set of lines.
func scraped(t *testing.T, reg *prometheus.Registry) map[string]bool {
	t.Helper()
	answer := httptest.NewRecorder()
	promhttp.HandlerFor(reg, promhttp.HandlerOpts{}).ServeHTTP(answer, httptest.NewRequestWithContext(t.Context(), "GET", "/metrics", nil))
	lines := map[string]bool{}
	for line := range strings.SplitSeq(answer.Body.String(), "\n") {
		if line != "" && line[0] != '#' {
			lines[line] = true
		}
	}
	return lines
}

// A connection that is held shows for as long as it is held, and not a reading longer.
func TestBacklogIsWhatPostgresSaysAtTheScrape(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC)
	is := &store.Backlog{
		Doorbells: store.Waiting{Count: 3, Oldest: 90 * time.Second}, Quarantine: store.Waiting{Count: 1, Oldest: time.Hour},
		Connections: map[models.ConnectionState]int64{models.ConnectionActive: 4, models.ConnectionHeld: 3},
		Holds:       map[store.Hold]store.Waiting{{Scope: models.HoldAll, Code: "190"}: {Count: 2, Oldest: time.Minute}, {Scope: models.HoldTemplates}: {Count: 1, Oldest: 2 * time.Minute}},
		Messages:    map[string]store.Waiting{store.WaitsForWindow: {Count: 7, Oldest: 26 * time.Hour}},
	}
	reads := 0
	b := &backlog{ctx: t.Context(), now: func() time.Time { return now }, read: func(context.Context) (*store.Backlog, error) { reads++; return is, nil }}
	reg := prometheus.NewRegistry()
	reg.MustRegister(b)

	lines := scraped(t, reg)
	for _, want := range []string{
		`perene_postgres_answers 1`, `perene_doorbells 3`, `perene_doorbell_oldest_seconds 90`, `perene_quarantine_elements 1`, `perene_quarantine_oldest_seconds 3600`,
		`perene_connections{state="active"} 4`, `perene_connections{state="held"} 3`, `perene_connections{state="paused"} 0`,
		`perene_connections_held{code="190",scope="all"} 2`, `perene_connections_held{code="",scope="templates"} 1`, `perene_connection_held_seconds{code="190",scope="all"} 60`,
		`perene_messages_waiting{waits_for="window"} 7`, `perene_message_waiting_oldest_seconds{waits_for="window"} 93600`, `perene_messages_waiting{waits_for="sender"} 0`,
	} {
		if !lines[want] {
			t.Errorf("%q is missing", want)
		}
	}

	is = &store.Backlog{}
	now = now.Add(backlogFresh - time.Millisecond)
	if scraped(t, reg); reads != 1 {
		t.Errorf("read %d times in five seconds", reads)
	}
	now = now.Add(time.Millisecond)
	for line := range scraped(t, reg) {
		if strings.Contains(line, "held") && !strings.HasSuffix(line, " 0") {
			t.Errorf("nothing is held any more, but %s", line)
		}
	}
	if !scraped(t, reg)[`perene_connections_held{code="",scope="all"} 0`] {
		t.Error("it is not told that nothing is held")
	}
	if reads != 2 {
		t.Errorf("read %d times", reads)
	}
}

// While Postgres is away nothing old is told as if it were true, and that it is away is told.
func TestBacklogSaysThatPostgresIsAway(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC)
	away := false
	b := &backlog{ctx: t.Context(), now: func() time.Time { return now }, read: func(ctx context.Context) (*store.Backlog, error) {
		if deadline, bounded := ctx.Deadline(); !bounded || time.Until(deadline) > backlogPatience {
			t.Error("a scrape may wait for Postgres without end")
		}
		if away {
			return nil, errors.New("away")
		}
		return &store.Backlog{Doorbells: store.Waiting{Count: 1}}, nil
	}}
	reg := prometheus.NewRegistry()
	reg.MustRegister(b)
	if !scraped(t, reg)["perene_doorbells 1"] {
		t.Error("the doorbell is missing")
	}
	away, now = true, now.Add(time.Minute)
	if lines := scraped(t, reg); len(lines) != 1 || !lines["perene_postgres_answers 0"] {
		t.Errorf("got %v", lines)
	}
	away, now = false, now.Add(time.Minute)
	if !scraped(t, reg)["perene_postgres_answers 1"] {
		t.Error("it is not told that Postgres is back")
	}
}
