package store

import (
	"context"
	"errors"
	"strconv"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/perene/perene/models"
)

// EventsNow is the place in the outbox behind which everything comes that is not yet visible: every transaction that began
// before it has ended. The message in the log takes a transaction's number of its own, not before the place, and is on disk when this
// returns: after a crash Postgres gives out numbers again that never reached its log, but none that a place was made of, so
// that every place of before lies before events_since (ADR 47).
func (s *Store) EventsNow(ctx context.Context) (models.Cursor, error) {
	var c models.Cursor
	if err := s.beginEvents(ctx); err != nil {
		return c, err
	}
	err := s.pool.QueryRow(ctx, `SELECT pg_snapshot_xmin(pg_current_snapshot())::text::bigint
		FROM pg_logical_emit_message(true, 'perene', 'a place in the outbox')`).Scan(&c.XID)
	return c, asError(err, "event")
}

// Events reads the outbox of all accounts in the order (xid, seq) after a place. Only rows whose transaction is older than
// every running one are seen, so that nothing can appear behind the place that the last of them gives. kept is false when
// events after the place are gone, see EventsKept.
func (s *Store) Events(ctx context.Context, after models.Cursor, limit int) (events []models.Event, kept bool, err error) {
	if events, err = s.events(ctx, `TRUE`, after, nil, limit); err != nil {
		return nil, false, err
	}
	// Asked afterwards: what was removed before this was read has moved the beginning.
	kept, err = s.EventsKept(ctx, after)
	return events, kept, err
}

// AccountEvents reads one account's events after a place and up to another, both as given by Events or EventsNow.
func (s *Store) AccountEvents(ctx context.Context, account models.AccountID, after, upTo models.Cursor, limit int) ([]models.Event, error) {
	return s.events(ctx, `account_id = @account AND (xid, seq) <= (@to_xid::text::xid8, @to_seq)`, after,
		pgx.NamedArgs{"account": account, "to_xid": xidText(upTo), "to_seq": upTo.Seq}, limit)
}

func (s *Store) events(ctx context.Context, where string, after models.Cursor, args pgx.NamedArgs, limit int) ([]models.Event, error) {
	if args == nil {
		args = pgx.NamedArgs{}
	}
	args["xid"], args["seq"], args["limit"] = xidText(after), after.Seq, limit
	rows, err := s.pool.Query(ctx, `SELECT xid::text::bigint, seq, account_id, kind, conversation_id, entity_id, data, created_at FROM events
		WHERE (xid, seq) > (@xid::text::xid8, @seq) AND xid < pg_snapshot_xmin(pg_current_snapshot()) AND `+where+`
		ORDER BY xid, seq LIMIT @limit`, args)
	if err != nil {
		return nil, asError(err, "event")
	}
	out, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (models.Event, error) {
		var e models.Event
		err := row.Scan(&e.Cursor.XID, &e.Cursor.Seq, &e.AccountID, &e.Kind, &e.ConversationID, &e.EntityID, &e.Data, &e.CreatedAt)
		return e, err
	})
	return out, asError(err, "event")
}

// EventsKept tells whether everything after a place is still there. It is false when older events were pruned, and when
// Postgres was not shut down in order since: the outbox is not in its log and begins anew then (ADR 47). Who stopped at such
// a place has to read everything anew.
func (s *Store) EventsKept(ctx context.Context, after models.Cursor) (bool, error) {
	var since models.Cursor
	err := s.pool.QueryRow(ctx, `SELECT xid::text::bigint, seq FROM events_since`).Scan(&since.XID, &since.Seq)
	if errors.Is(err, pgx.ErrNoRows) {
		return false, s.beginEvents(ctx)
	}
	return !after.Before(since), asError(err, "event")
}

// beginEvents notes, where it is not noted, that the outbox begins now. Every event that was lost is of a transaction that
// ended before Postgres started, and so is older than the oldest that runs.
func (s *Store) beginEvents(ctx context.Context) error {
	_, err := exec(ctx, s.pool, "event", `INSERT INTO events_since (xid, seq) SELECT pg_snapshot_xmin(pg_current_snapshot()), 0
		WHERE NOT EXISTS (SELECT 1 FROM events_since) ON CONFLICT DO NOTHING`)
	return err
}

// PruneEvents removes events older than a time from the beginning of the outbox, at most limit at once, and tells how many.
// It stops at the first that is younger, so that what is left has no holes, and reads no further.
func (s *Store) PruneEvents(ctx context.Context, before time.Time, limit int) (int64, error) {
	var n int64
	err := s.pool.QueryRow(ctx, `
		WITH gone AS (
			DELETE FROM events
			WHERE (xid, seq) IN (
				SELECT xid, seq FROM (
					SELECT xid, seq, bool_and(created_at < @before) OVER (ORDER BY xid, seq) AS old
					FROM (SELECT xid, seq, created_at FROM events ORDER BY xid, seq LIMIT @limit) AS oldest
				) AS judged WHERE old
			)
			RETURNING xid, seq
		), since AS (
			UPDATE events_since s
			SET xid = g.xid, seq = g.seq
			FROM (SELECT xid, seq FROM gone ORDER BY xid DESC, seq DESC LIMIT 1) g
			WHERE (s.xid, s.seq) < (g.xid, g.seq)
		)
		SELECT count(*)
		FROM gone`,
		pgx.NamedArgs{"before": before, "limit": limit}).Scan(&n)
	return n, asError(err, "event")
}

// xidText writes a transaction's number for a cast to xid8, which takes text alone.
func xidText(c models.Cursor) string { return strconv.FormatUint(c.XID, 10) }
