package store

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/perene/perene/models"
)

// Why an outgoing message waits, as metrics and alerts say it. Every message that has not left waits for one of them.
const (
	WaitsForSender   = "sender"            // it may leave now: a sender is to claim it
	WaitsForInstant  = "instant"           // not before an instant: the pace, or a pause before another try
	WaitsForOrder    = "order"             // behind another one of its conversation
	WaitsForAnswer   = "answer"            // it is being sent
	WaitsForStatus   = "status"            // the answer was lost: a status tells whether it went out
	WaitsForHold     = "connection_held"   // the circuit of its connection is open
	WaitsForResume   = "connection_paused" // an admin paused its connection
	WaitsForWindow   = "window"            // held until the person writes (rule 100)
	WaitsForLaterTry = "later_try"         // a DeliveryRetry has the next try (rule 128)
)

// MessageWaits are all reasons for which messages wait.
var MessageWaits = []string{WaitsForSender, WaitsForInstant, WaitsForOrder, WaitsForAnswer, WaitsForStatus, WaitsForHold, WaitsForResume, WaitsForWindow, WaitsForLaterTry}

// Waiting counts what waits and says how long the oldest of it has waited.
type Waiting struct {
	Count  int64
	Oldest time.Duration
}

// Hold names why connections are held: the scope of the hold and the provider's code, "" where it has none.
type Hold struct {
	Scope models.HoldScope
	Code  string
}

// Backlog is what waits in the whole installation, over all accounts: numbers only.
type Backlog struct {
	Doorbells   Waiting // nobody has answered them yet
	Quarantine  Waiting // nobody has resolved them yet
	Connections map[models.ConnectionState]int64
	Holds       map[Hold]Waiting
	Alerted     int64              // connections of which the provider told something grave within a day
	Messages    map[string]Waiting // by why they wait
}

// Backlog reads what waits, for metrics and alerts. It crosses accounts on purpose: operators watch installations. All of it
// is small (the queue, what is held, what is not resolved), so that it may be read every few seconds.
func (s *Store) Backlog(ctx context.Context) (*Backlog, error) {
	rows, err := s.pool.Query(ctx, `
		WITH waiting AS (
			SELECT CASE
				WHEN q.state = 'sending' THEN '`+WaitsForAnswer+`'
				WHEN q.state = 'unknown' THEN '`+WaitsForStatus+`'
				WHEN c.state = 'paused' THEN '`+WaitsForResume+`'
				WHEN c.state = 'held' AND (c.hold_scope = 'all' OR q.priority >= 2
					OR EXISTS (SELECT 1 FROM messages t WHERE t.id = q.message_id
					AND t.kind = 'template')) THEN '`+WaitsForHold+`'
				WHEN NOT q.head THEN '`+WaitsForOrder+`'
				WHEN q.ready_at > @now THEN '`+WaitsForInstant+`'
				ELSE '`+WaitsForSender+`' END AS why, q.created_at AS since
			FROM send_queue q
			JOIN connections c ON c.id = q.connection_id AND c.account_id = q.account_id
			UNION ALL
			SELECT CASE state WHEN 'held' THEN '`+WaitsForWindow+`' ELSE '`+WaitsForLaterTry+`' END, created_at
			FROM messages
			WHERE state IN ('held', 'retry')
		)
		SELECT 'doorbell' AS what, '' AS a, '' AS b, count(*), min(created_at)
		FROM doorbells
		UNION ALL
		SELECT 'quarantine', '', '', count(*), min(received_at)
		FROM quarantine
		WHERE resolved_at IS NULL
		UNION ALL
		SELECT 'connection', state, '', count(*), NULL
		FROM connections
		WHERE state <> 'removed'
		GROUP BY state
		UNION ALL
		SELECT 'hold', hold_scope, coalesce(hold_code::text, ''), count(*), min(held_at)
		FROM connections
		WHERE state = 'held'
		GROUP BY hold_scope, hold_code
		UNION ALL
		SELECT 'alerted', '', '', count(*), NULL
		FROM connections c
		WHERE c.state <> 'removed' AND EXISTS (
			SELECT 1 FROM jsonb_each(c.health -> 'notices') n
			WHERE n.value ->> 'level' = 'alert'
				AND (n.value ->> 'at')::timestamptz > @now::timestamptz - interval '1 day')
		UNION ALL
		SELECT 'message', why, '', count(*), min(since)
		FROM waiting
		GROUP BY why`,
		pgx.NamedArgs{"now": s.Now()})
	if err != nil {
		return nil, asError(err, "backlog")
	}
	b := &Backlog{Connections: map[models.ConnectionState]int64{}, Holds: map[Hold]Waiting{}, Messages: map[string]Waiting{}}
	now := s.Now()
	var what, first, second string
	var count int64
	var since *time.Time
	_, err = pgx.ForEachRow(rows, []any{&what, &first, &second, &count, &since}, func() error {
		w := Waiting{Count: count}
		if since != nil {
			w.Oldest = max(now.Sub(*since), 0)
		}
		switch what {
		case "doorbell":
			b.Doorbells = w
		case "quarantine":
			b.Quarantine = w
		case "connection":
			b.Connections[models.ConnectionState(first)] = count
		case "hold":
			b.Holds[Hold{Scope: models.HoldScope(first), Code: second}] = w
		case "alerted":
			b.Alerted = count
		case "message":
			b.Messages[first] = w
		}
		return nil
	})
	if err != nil {
		return nil, asError(err, "backlog")
	}
	return b, nil
}
