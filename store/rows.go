package store

import (
	"context"
	"errors"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"github.com/perene/perene/models"
)

// querier is a pool or a transaction.
type querier interface {
	Query(ctx context.Context, sql string, args ...any) (pgx.Rows, error)
	Exec(ctx context.Context, sql string, args ...any) (pgconn.CommandTag, error)
}

// list reads rows into structs by column name. It never returns nil, so that empty lists are written as [].
func list[T any](ctx context.Context, q querier, what, sql string, args ...any) ([]T, error) {
	rows, err := q.Query(ctx, sql, args...)
	if err != nil {
		return nil, asError(err, what)
	}
	out, err := pgx.CollectRows(rows, pgx.RowToStructByNameLax[T])
	if err != nil {
		return nil, asError(err, what)
	}
	if out == nil {
		out = []T{}
	}
	return out, nil
}

// one reads one row; a CodeNotFound error where there is none.
func one[T any](ctx context.Context, q querier, what, sql string, args ...any) (*T, error) {
	rows, err := q.Query(ctx, sql, args...)
	if err != nil {
		return nil, asError(err, what)
	}
	out, err := pgx.CollectExactlyOneRow(rows, pgx.RowToAddrOfStructByNameLax[T])
	if err != nil {
		return nil, asError(err, what)
	}
	return out, nil
}

// exec changes rows and tells how many.
func exec(ctx context.Context, q querier, what, sql string, args ...any) (int64, error) {
	tag, err := q.Exec(ctx, sql, args...)
	if err != nil {
		return 0, asError(err, what)
	}
	return tag.RowsAffected(), nil
}

// insertEvent writes an event into the outbox in the caller's transaction.
func insertEvent(ctx context.Context, q querier, account models.AccountID, kind string, conversation *models.ConversationID, entity int64) error {
	_, err := exec(ctx, q, "event", `
		INSERT INTO events (account_id, kind, conversation_id, entity_id)
		VALUES (@account, @kind, @conversation, @entity)`,
		pgx.NamedArgs{"account": account, "kind": kind, "conversation": conversation, "entity": entity})
	return err
}

func isNotFound(err error) bool {
	var e *models.Error
	return errors.As(err, &e) && e.Code == models.CodeNotFound
}
