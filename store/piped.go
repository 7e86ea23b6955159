package store

import (
	"context"
	"errors"
	"slices"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"
)

// pipedTx is a transaction whose BEGIN rides with its first batch and whose COMMIT rides with its last, so that a turn's
// transactions take two round trips instead of four or five. It has no savepoints.
type pipedTx struct {
	conn      *pgxpool.Conn
	begun     bool
	committed bool
}

// errPiped refuses what a pipedTx cannot do.
var errPiped = errors.New("a piped transaction has no savepoints, large objects or copies")

// inPipedTx is inTx with fewer round trips: fn sends batches, and the last one, sent by sendLast, commits.
func (s *Store) inPipedTx(ctx context.Context, fn func(tx *pipedTx) error) error {
	conn, err := s.pool.Acquire(ctx)
	if err != nil {
		return err
	}
	defer conn.Release() // a connection that is left in a transaction does not go back to the pool
	tx := &pipedTx{conn: conn}
	err = fn(tx)
	switch {
	case err == nil && !tx.committed && tx.begun:
		return tx.Commit(ctx)
	case err != nil && tx.begun && !conn.Conn().IsClosed():
		_ = tx.Rollback(ctx)
	}
	return err
}

// inPipedTxAgain is inPipedTx, again where Postgres ended the transaction to break a circle of waits.
func (s *Store) inPipedTxAgain(ctx context.Context, fn func(tx *pipedTx) error) error {
	for try := 1; ; try++ {
		err := s.inPipedTx(ctx, fn)
		if try < 5 && isCircle(err) {
			continue
		}
		return err
	}
}

// SendBatch sends a batch whose results are read by the queries' own functions.
func (t *pipedTx) SendBatch(ctx context.Context, b *pgx.Batch) pgx.BatchResults {
	if !t.begun {
		t.begun = true
		b.QueuedQueries = slices.Insert(b.QueuedQueries, 0, &pgx.QueuedQuery{SQL: "BEGIN"})
	}
	return t.conn.SendBatch(ctx, b)
}

// sendLast sends a batch and commits in the same round trip; on an error nothing of the transaction stays.
func (t *pipedTx) sendLast(ctx context.Context, b *pgx.Batch) error {
	b.Queue("COMMIT")
	if err := t.SendBatch(ctx, b).Close(); err != nil {
		return err
	}
	t.committed = true
	return nil
}

func (t *pipedTx) begin(ctx context.Context) error {
	if t.begun {
		return nil
	}
	t.begun = true
	_, err := t.conn.Exec(ctx, "BEGIN")
	return err
}

// Exec runs a statement in a round trip of its own.
func (t *pipedTx) Exec(ctx context.Context, sql string, args ...any) (pgconn.CommandTag, error) {
	if err := t.begin(ctx); err != nil {
		return pgconn.CommandTag{}, err
	}
	return t.conn.Exec(ctx, sql, args...)
}

// Query reads in a round trip of its own.
func (t *pipedTx) Query(ctx context.Context, sql string, args ...any) (pgx.Rows, error) {
	if err := t.begin(ctx); err != nil {
		return nil, err
	}
	return t.conn.Query(ctx, sql, args...)
}

// QueryRow reads in a round trip of its own.
func (t *pipedTx) QueryRow(ctx context.Context, sql string, args ...any) pgx.Row {
	if err := t.begin(ctx); err != nil {
		return failedRow{err}
	}
	return t.conn.QueryRow(ctx, sql, args...)
}

type failedRow struct{ err error }

// Scan gives the error.
func (r failedRow) Scan(...any) error { return r.err }

// Commit commits in a round trip of its own.
func (t *pipedTx) Commit(ctx context.Context) error {
	tag, err := t.conn.Exec(ctx, "COMMIT")
	if err == nil && tag.String() == "ROLLBACK" {
		return pgx.ErrTxCommitRollback
	}
	t.committed = err == nil
	return err
}

// Rollback undoes everything; after COMMIT it does nothing.
func (t *pipedTx) Rollback(ctx context.Context) error {
	if t.committed {
		return nil
	}
	_, err := t.conn.Exec(context.WithoutCancel(ctx), "ROLLBACK")
	return err
}

// Begin fails: there are no savepoints.
func (t *pipedTx) Begin(context.Context) (pgx.Tx, error) { return nil, errPiped }

// CopyFrom fails.
func (t *pipedTx) CopyFrom(context.Context, pgx.Identifier, []string, pgx.CopyFromSource) (int64, error) {
	return 0, errPiped
}

// LargeObjects gives none.
func (t *pipedTx) LargeObjects() pgx.LargeObjects { return pgx.LargeObjects{} }

// Prepare prepares a statement on the connection.
func (t *pipedTx) Prepare(ctx context.Context, name, sql string) (*pgconn.StatementDescription, error) {
	return t.conn.Conn().Prepare(ctx, name, sql)
}

// Conn gives the connection.
func (t *pipedTx) Conn() *pgx.Conn { return t.conn.Conn() }
