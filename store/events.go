package store

import (
	"context"
	"strconv"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/perene/perene/models"
)

// EventsNow is the place in the outbox behind which everything comes that is not yet visible: every transaction that began
// before it has ended.
func (s *Store) EventsNow(ctx context.Context) (models.Cursor, error) {
	var c models.Cursor
	err := s.pool.QueryRow(ctx, `SELECT pg_snapshot_xmin(pg_current_snapshot())::text::bigint`).Scan(&c.XID)
	return c, asError(err, "event")
}

// Events reads the outbox of all accounts in the order (xid, seq) after a place. Only rows whose transaction is older than
// every running one are seen, so that nothing can appear behind the place that the last of them gives.
func (s *Store) Events(ctx context.Context, after models.Cursor, limit int) ([]models.Event, error) {
	return s.events(ctx, `TRUE`, after, nil, limit)
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

// EventsKept tells whether everything after a place is still there: false when older events were pruned, so that a reader
// who stopped there has to read everything anew.
func (s *Store) EventsKept(ctx context.Context, after models.Cursor) (bool, error) {
	var first models.Cursor
	err := s.pool.QueryRow(ctx, `SELECT xid::text::bigint, seq FROM events ORDER BY xid, seq LIMIT 1`).Scan(&first.XID, &first.Seq)
	if err == pgx.ErrNoRows { //nolint:errorlint // pgx returns it bare
		return true, nil
	}
	// The sequence begins at 1: as long as its first row is there, nothing was pruned.
	return first.Seq == 1 || !after.Before(first), asError(err, "event")
}

// PruneEvents removes events older than a time from the beginning of the outbox, at most limit at once, and tells how many.
// It stops at the first that is younger, so that what is left has no holes, and reads no further. The newest one stays, so
// that EventsKept can tell that others were there.
func (s *Store) PruneEvents(ctx context.Context, before time.Time, limit int) (int64, error) {
	return exec(ctx, s.pool, "event", `DELETE FROM events WHERE (xid, seq) IN (
			SELECT xid, seq FROM (
				SELECT xid, seq, bool_and(created_at < $1) OVER (ORDER BY xid, seq) AS old
				FROM (SELECT xid, seq, created_at FROM events ORDER BY xid, seq LIMIT $2) AS oldest
			) AS judged WHERE old
		) AND (xid, seq) < (SELECT xid, seq FROM events ORDER BY xid DESC, seq DESC LIMIT 1)`, before, limit)
}

// xidText writes a transaction's number for a cast to xid8, which takes text alone.
func xidText(c models.Cursor) string { return strconv.FormatUint(c.XID, 10) }
