package store

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/perene/perene/contract"
	"github.com/perene/perene/models"
)

// longestProbe bounds the wait between two tries to close a circuit, unless the policy itself asks for longer.
const longestProbe = 15 * time.Minute

// holdConnection opens the circuit: messages wait in order, admins see the reason, a probe closes it. A hold that lasts
// keeps its probe; one that comes back after a probe waits twice as long each time. A paused or removed connection stays
// as it is.
func (s *Store) holdConnection(ctx context.Context, tx pgx.Tx, account models.AccountID, id models.ConnectionID, v models.Verdict, code int) error {
	now := s.Now()
	var hold *int
	if code != models.NoProviderCode {
		hold = &code
	}
	_, err := tx.Exec(ctx, `
		WITH c AS (
			UPDATE connections
			SET state = 'held',
				hold_scope = CASE WHEN state = 'held' AND hold_scope = 'all' THEN 'all' ELSE @scope END,
				hold_reason = @reason, hold_code = @hold, held_at = coalesce(held_at, @now), updated_at = @now,
				probe_at = CASE WHEN state = 'held' AND probe_at > @now THEN probe_at
					ELSE @now + least(@wait * power(2, least(hold_probes, 10)),
					greatest(@wait, @longest)) * interval '1 second' END
			WHERE account_id = @account AND id = @id AND state IN ('active', 'held')
				AND (state = 'active' OR hold_code IS DISTINCT FROM @hold OR hold_scope <> @scope)
			RETURNING id
		)
		INSERT INTO events (account_id, kind, entity_id)
		SELECT @account, @connection_updated, id
		FROM c`,
		pgx.NamedArgs{
			"account": account, "id": id, "scope": string(v.Scope), "reason": v.Reason, "hold": hold, "now": now,
			"wait": v.Wait.Seconds(), "longest": longestProbe.Seconds(),
			"connection_updated": models.EventConnectionUpdated,
		})
	if err != nil {
		return fmt.Errorf("hold a connection: %w", err)
	}
	return nil
}

// HoldConnection opens the circuit of a connection whose provider cannot be reached at all.
func (s *Store) HoldConnection(ctx context.Context, account models.AccountID, id models.ConnectionID, v models.Verdict, code int) error {
	return asError(s.inTx(ctx, func(tx pgx.Tx) error { return s.holdConnection(ctx, tx, account, id, v, code) }), "connection")
}

// ProbeFailed plans the next try to close a circuit: twice as long each time, up to 15 minutes. reason and code are the
// probe's own, if it had any. It returns how the connection stands.
func (s *Store) ProbeFailed(ctx context.Context, account models.AccountID, id models.ConnectionID, reason string, code int) (contract.SenderRest, error) {
	var hold *int
	if code != models.NoProviderCode {
		hold = &code
	}
	_, err := s.pool.Exec(ctx, `
		UPDATE connections
		SET hold_probes = hold_probes + 1, hold_reason = coalesce(nullif(@reason, ''), hold_reason),
			hold_code = coalesce(@hold, hold_code),
			probe_at = @now::timestamptz + least(60 * power(2, least(hold_probes, 10)),
			@longest) * interval '1 second'
		WHERE account_id = @account AND id = @id AND state = 'held'`,
		pgx.NamedArgs{
			"account": account, "id": id, "reason": reason, "hold": hold, "now": s.Now(),
			"longest": longestProbe.Seconds(),
		})
	if err != nil {
		return contract.SenderRest{}, asError(err, "connection")
	}
	return s.ConnectionRest(ctx, account, id)
}

// ProbeSucceeded closes a circuit half-way: the sender tries one message, and only its success closes the circuit for good.
func (s *Store) ProbeSucceeded(ctx context.Context, account models.AccountID, id models.ConnectionID) (contract.SenderRest, error) {
	if err := s.reopen(ctx, account, id, "held"); err != nil {
		return contract.SenderRest{}, err
	}
	return s.ConnectionRest(ctx, account, id)
}

// ResumeConnection lets a paused or held connection send again, at an admin's word.
func (s *Store) ResumeConnection(ctx context.Context, account models.AccountID, id models.ConnectionID) (contract.SenderRest, error) {
	if err := s.reopen(ctx, account, id, "paused", "held"); err != nil {
		return contract.SenderRest{}, err
	}
	return s.ConnectionRest(ctx, account, id)
}

func (s *Store) reopen(ctx context.Context, account models.AccountID, id models.ConnectionID, from ...string) error {
	_, err := s.pool.Exec(ctx, `
		WITH c AS (
			UPDATE connections
			SET state = 'active', probe_at = NULL, updated_at = @now,
				hold_probes = CASE WHEN held_at IS NOT NULL THEN hold_probes + 1 ELSE 0 END
			WHERE account_id = @account AND id = @id AND state = ANY(@from)
			RETURNING id
		)
		INSERT INTO events (account_id, kind, entity_id)
		SELECT @account, @connection_updated, id
		FROM c`,
		pgx.NamedArgs{
			"account": account, "id": id, "from": from, "now": s.Now(),
			"connection_updated": models.EventConnectionUpdated,
		})
	return asError(err, "connection")
}

// PauseConnection stops sending at an admin's word; receiving goes on, and messages wait in order.
func (s *Store) PauseConnection(ctx context.Context, account models.AccountID, id models.ConnectionID) (contract.SenderRest, error) {
	_, err := s.pool.Exec(ctx, `
		WITH c AS (
			UPDATE connections
			SET state = 'paused', probe_at = NULL, updated_at = @now
			WHERE account_id = @account AND id = @id AND state IN ('active', 'held')
			RETURNING id
		)
		INSERT INTO events (account_id, kind, entity_id)
		SELECT @account, @connection_updated, id
		FROM c`,
		pgx.NamedArgs{
			"account": account, "id": id, "now": s.Now(), "connection_updated": models.EventConnectionUpdated,
		})
	if err != nil {
		return contract.SenderRest{}, asError(err, "connection")
	}
	return s.ConnectionRest(ctx, account, id)
}

// ConnectionWorks closes a circuit for good: a message went out after a hold.
func (s *Store) ConnectionWorks(ctx context.Context, account models.AccountID, id models.ConnectionID) error {
	_, err := s.pool.Exec(ctx, `
		WITH c AS (
			UPDATE connections
			SET hold_probes = 0, hold_reason = NULL, hold_code = NULL, held_at = NULL, hold_scope = 'all',
				updated_at = @now
			WHERE account_id = @account AND id = @id AND state = 'active' AND hold_probes > 0
			RETURNING id
		)
		INSERT INTO events (account_id, kind, entity_id)
		SELECT @account, @connection_updated, id
		FROM c`,
		pgx.NamedArgs{
			"account": account, "id": id, "now": s.Now(), "connection_updated": models.EventConnectionUpdated,
		})
	return asError(err, "connection")
}

// ConnectionRest tells how a connection stands: whether it may send, when it is probed, when its next message is ready.
func (s *Store) ConnectionRest(ctx context.Context, account models.AccountID, id models.ConnectionID) (contract.SenderRest, error) {
	var rest contract.SenderRest
	var probe, next *time.Time
	var code *int
	err := s.pool.QueryRow(ctx, `
		SELECT c.state, c.hold_scope, c.probe_at, c.hold_code,
			(SELECT min(q.ready_at) FROM send_queue q WHERE q.connection_id = c.id AND q.head AND q.ready_at > @now)
		FROM connections c
		WHERE c.account_id = @account AND c.id = @id`,
		pgx.NamedArgs{"account": account, "id": id, "now": s.Now()}).Scan(&rest.State, &rest.Scope, &probe, &code, &next)
	if err != nil {
		return rest, asError(err, "connection")
	}
	if probe != nil {
		rest.ProbeAt = *probe
	}
	if code != nil {
		rest.Code = *code
	}
	if next != nil {
		rest.WakeAt = *next
	}
	return rest, nil
}

// ConnectionForSending reads a whole connection, secrets still sealed.
func (s *Store) ConnectionForSending(ctx context.Context, account models.AccountID, id models.ConnectionID) (*models.Connection, error) {
	var c models.Connection
	if err := s.db(ctx).Where("account_id = ? AND id = ?", account, id).Take(&c).Error; err != nil {
		return nil, asError(err, "connection")
	}
	return &c, nil
}

// SaveHealth stores what the provider tells of a connection. The provider has then shown the number with the connection's own
// token: the number is the connection's, unless another one has proven it before. That one is told in health as
// "claimed_elsewhere", and only to who has shown the number too.
func (s *Store) SaveHealth(ctx context.Context, account models.AccountID, id models.ConnectionID, health json.RawMessage) error {
	err := s.inTx(ctx, func(tx pgx.Tx) error {
		args := pgx.NamedArgs{"account": account, "id": id, "health": health, "now": s.Now()}
		if _, err := exec(ctx, tx, "connection", `
			SELECT pg_advisory_xact_lock(hashtextextended('number/' || channel || '/' || provider_ref, 0))
			FROM connections
			WHERE account_id = @account AND id = @id AND provider_ref IS NOT NULL`, args); err != nil {
			return err
		}
		n, err := exec(ctx, tx, "connection", `
			UPDATE connections c
			SET health = c.health || @health::jsonb || jsonb_build_object('claimed_elsewhere', o.id IS NOT NULL), health_at = @now, updated_at = @now,
				proven_at = CASE WHEN c.provider_ref IS NOT NULL AND o.id IS NULL THEN coalesce(c.proven_at, @now) ELSE c.proven_at END
			FROM (SELECT 1) one LEFT JOIN LATERAL (
				SELECT p.id
				FROM connections p JOIN connections me ON me.account_id = @account AND me.id = @id
				WHERE p.channel = me.channel AND p.provider_ref = me.provider_ref AND p.id <> me.id
					AND p.proven_at IS NOT NULL AND p.state <> 'removed'
			) o ON true
			WHERE c.account_id = @account AND c.id = @id AND c.state <> 'removed'`, args)
		if err != nil || n == 0 {
			return err
		}
		return insertEvent(ctx, tx, account, models.EventConnectionUpdated, nil, int64(id))
	})
	return asError(err, "connection")
}
