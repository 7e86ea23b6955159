package store

import (
	"bytes"
	"context"
	"errors"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/perene/perene/models"
)

// Lives of an Idempotency-Key: how long its answer is kept, and after what time a request without an answer counts as
// dead, so that its key may be used again.
const (
	IdempotencyLife  = 24 * time.Hour
	IdempotencyStale = time.Minute
)

// IdempotentAnswer is the answer that a request with the same key got.
type IdempotentAnswer struct {
	Status   int
	Response []byte
}

// BeginIdempotent takes a key for a request. It gives the earlier answer when there is one, nil when the caller is the first.
// CodeConflict means that the first is under way, CodeInvalid that the key came with another request.
func (s *Store) BeginIdempotent(ctx context.Context, account models.AccountID, key, operation string, requestHash []byte) (*IdempotentAnswer, error) {
	var answer *IdempotentAnswer
	err := s.inTx(ctx, func(tx pgx.Tx) error {
		now := s.Now()
		n, err := exec(ctx, tx, "idempotency_key", `
			INSERT INTO idempotency_keys AS i (account_id, key, operation, request_hash, created_at)
			VALUES (@account, @key, @operation, @request_hash, @now)
			ON CONFLICT (account_id, key) DO UPDATE
			SET operation = excluded.operation, request_hash = excluded.request_hash, status = NULL,
				response = NULL, created_at = excluded.created_at
			WHERE i.created_at < @expired OR (i.status IS NULL AND i.created_at < @stale)`,
			pgx.NamedArgs{
				"account": account, "key": key, "operation": operation, "request_hash": requestHash, "now": now,
				"expired": now.Add(-IdempotencyLife), "stale": now.Add(-IdempotencyStale),
			})
		if err != nil || n > 0 {
			return err
		}
		var op string
		var hash []byte
		var status *int
		var response []byte
		if err := tx.QueryRow(ctx, `
			SELECT operation, request_hash, status, response
			FROM idempotency_keys
			WHERE account_id = @account AND key = @key`,
			pgx.NamedArgs{"account": account, "key": key}).
			Scan(&op, &hash, &status, &response); err != nil {
			return err
		}
		switch {
		case op != operation || !bytes.Equal(hash, requestHash):
			return &models.Error{Code: models.CodeInvalid, Key: "idempotency.reused", Message: "this Idempotency-Key came with another request: use a new one"}
		case status == nil:
			return &models.Error{Code: models.CodeConflict, Key: "idempotency.running", Message: "the first request with this Idempotency-Key is under way: try again"}
		}
		answer = &IdempotentAnswer{Status: *status, Response: response}
		return nil
	})
	return answer, asError(err, "idempotency_key")
}

// EndIdempotent keeps the answer of a request that took a key.
func (s *Store) EndIdempotent(ctx context.Context, account models.AccountID, key string, status int, response []byte) error {
	_, err := exec(ctx, s.pool, "idempotency_key", `
		WITH old AS (
			DELETE FROM idempotency_keys
			WHERE (account_id, key) IN (SELECT account_id, key FROM idempotency_keys WHERE account_id = @account
				AND created_at < @expired LIMIT 100)
		)
		UPDATE idempotency_keys
		SET status = @status, response = @response
		WHERE account_id = @account AND key = @key`,
		pgx.NamedArgs{
			"account": account, "key": key, "status": status, "response": response,
			"expired": s.Now().Add(-IdempotencyLife),
		})
	return err
}

// DropIdempotent gives a key back whose request changed nothing, so that it may be repeated.
func (s *Store) DropIdempotent(ctx context.Context, account models.AccountID, key string) error {
	_, err := exec(ctx, s.pool, "idempotency_key", `
		DELETE FROM idempotency_keys
		WHERE account_id = @account AND key = @key AND status IS NULL`,
		pgx.NamedArgs{"account": account, "key": key})
	if errors.Is(err, context.Canceled) {
		return nil
	}
	return err
}
