package store

import (
	"context"
	"fmt"
	"slices"

	"github.com/jackc/pgx/v5"

	"github.com/perene/perene/models"
)

const connectionColumns = `c.id, c.account_id, c.key, c.name, c.channel, c.is_default, c.provider_ref, c.portfolio_ref,
	c.display_phone, c.config, c.credentials, c.rate_per_second, c.state, c.hold_scope, c.hold_reason,
	c.hold_code, c.hold_probes, c.held_at, c.probe_at, c.initial_flow_id, c.initial_queue_id, c.settings, c.health, c.health_at, c.proven_at, c.created_at, c.updated_at`

// ConnectionView is a connection with what waits to leave through it.
type ConnectionView struct {
	models.Connection
	Queued int64
}

// Sealer encrypts secrets at rest for a place.
type Sealer interface {
	Seal(place string, plaintext []byte) ([]byte, error)
}

// Connections lists an account's connections by id after the given one.
func (s *Store) Connections(ctx context.Context, account models.AccountID, removed bool, after models.ConnectionID, limit int) ([]ConnectionView, error) {
	return list[ConnectionView](ctx, s.pool, "connection", `SELECT `+connectionColumns+`,
			(SELECT count(*) FROM send_queue q WHERE q.connection_id = c.id) AS queued
		FROM connections c WHERE c.account_id = $1 AND ($2 OR c.state <> 'removed') AND c.id > $3 ORDER BY c.id LIMIT $4`, account, removed, after, limit)
}

// Connection reads one connection.
func (s *Store) Connection(ctx context.Context, account models.AccountID, id models.ConnectionID) (*ConnectionView, error) {
	return one[ConnectionView](ctx, s.pool, "connection", `SELECT `+connectionColumns+`,
			(SELECT count(*) FROM send_queue q WHERE q.connection_id = c.id) AS queued
		FROM connections c WHERE c.account_id = $1 AND c.id = $2`, account, id)
}

// ConnectionByName reads a connection by the name people gave it.
func (s *Store) ConnectionByName(ctx context.Context, account models.AccountID, name string) (*models.Connection, error) {
	return one[models.Connection](ctx, s.pool, "connection", `SELECT `+connectionColumns+` FROM connections c WHERE c.account_id = $1 AND c.name = $2`, account, name)
}

// ConnectionByKey finds the connection a webhook names. The key alone says nothing about rights: the signature does.
func (s *Store) ConnectionByKey(ctx context.Context, key string) (*models.Connection, error) {
	return one[models.Connection](ctx, s.pool, "connection", `SELECT `+connectionColumns+` FROM connections c WHERE c.key = $1 AND c.state <> 'removed'`, key)
}

// CreateConnection stores a connection with a name and a key (rule 006); the account's first one is its default (rule 008).
func (s *Store) CreateConnection(ctx context.Context, account models.AccountID, name, key, channel string) (*models.Connection, error) {
	var c *models.Connection
	err := s.inTx(ctx, func(tx pgx.Tx) error {
		if err := lockConnections(ctx, tx, account); err != nil {
			return err
		}
		var err error
		c, err = one[models.Connection](ctx, tx, "connection", `INSERT INTO connections AS c (account_id, key, name, channel, is_default, created_at, updated_at)
			VALUES ($1, $2, $3, $4, NOT EXISTS (SELECT 1 FROM connections d WHERE d.account_id = $1 AND d.is_default), $5, $5)
			RETURNING `+connectionColumns, account, key, name, channel, s.Now())
		if err != nil {
			return err
		}
		return insertEvent(ctx, tx, account, models.EventConnectionUpdated, nil, int64(c.ID))
	})
	return c, asError(err, "connection")
}

// lockConnections serialises changes of which connection is the default.
func lockConnections(ctx context.Context, tx pgx.Tx, account models.AccountID) error {
	_, err := tx.Exec(ctx, `SELECT pg_advisory_xact_lock(hashtextextended('connections/' || $1::bigint, 0))`, account)
	return err
}

// ConnectionPatch changes a connection; nil fields stay. Empty texts and zero ids clear what may be empty.
type ConnectionPatch struct {
	Name, DisplayPhone    *string
	Fields                map[string]string // of the channel, by name and already checked; secrets in plain, sealed here
	ForgetPreviousSecrets bool              // ends the rotations
	IsDefault             *bool
	RatePerSecond         *int
	InitialFlowID         *models.FlowID
	InitialQueueID        *models.QueueID
	Settings              *models.ConnectionSettings
}

// UpdateConnection changes a connection. A new value of a secret that rotates keeps the one before accepted until it is forgotten. The names
// of what changed come back, for the audit log; an unchanged connection gives none.
func (s *Store) UpdateConnection(ctx context.Context, account models.AccountID, id models.ConnectionID, p ConnectionPatch, sealer Sealer) ([]string, error) {
	var changed []string
	err := s.inTx(ctx, func(tx pgx.Tx) error {
		changed = nil
		if err := lockConnections(ctx, tx, account); err != nil {
			return err
		}
		c, err := one[models.Connection](ctx, tx, "connection", `SELECT `+connectionColumns+` FROM connections c WHERE c.account_id = $1 AND c.id = $2 FOR UPDATE`, account, id)
		if err != nil {
			return err
		}
		if c.State == models.ConnectionRemoved {
			return models.NotFound("connection")
		}
		w := connectionWriter{ctx: ctx, tx: tx, c: c}
		if p.IsDefault != nil && *p.IsDefault != c.IsDefault {
			if !*p.IsDefault {
				return models.Invalid("body.is_default", "exactly one connection is the default: make another one the default instead")
			}
			if _, err := tx.Exec(ctx, `UPDATE connections SET is_default = false WHERE account_id = $1 AND is_default`, account); err != nil {
				return err
			}
			w.set("is_default", true)
		}
		if err := w.references(account, p); err != nil {
			return err
		}
		w.text("name", p.Name, c.Name)
		w.nullable("display_phone", p.DisplayPhone, c.DisplayPhone)
		if p.RatePerSecond != nil && *p.RatePerSecond != c.RatePerSecond {
			w.set("rate_per_second", *p.RatePerSecond)
		}
		if p.Settings != nil {
			w.settings(*p.Settings)
		}
		if err := w.fields(p, sealer); err != nil {
			return err
		}
		if w.err != nil || len(w.changed) == 0 {
			return w.err
		}
		changed = w.changed
		if _, err := tx.Exec(ctx, `UPDATE connections SET updated_at = $2 WHERE id = $1`, id, s.Now()); err != nil {
			return err
		}
		return insertEvent(ctx, tx, account, models.EventConnectionUpdated, nil, int64(id))
	})
	return changed, asError(err, "connection")
}

// connectionWriter sets columns of one locked connection and remembers which.
type connectionWriter struct {
	ctx     context.Context
	tx      pgx.Tx
	c       *models.Connection
	changed []string
	err     error
}

// set writes a column; the name is one of this file's, never a caller's.
func (w *connectionWriter) set(column string, value any) {
	if w.err != nil {
		return
	}
	_, w.err = w.tx.Exec(w.ctx, `UPDATE connections SET `+pgx.Identifier{column}.Sanitize()+` = $2 WHERE id = $1`, w.c.ID, value)
	w.changed = append(w.changed, column)
}

func (w *connectionWriter) text(column string, value *string, have string) {
	if value != nil && *value != have {
		w.set(column, *value)
	}
}

func (w *connectionWriter) nullable(column string, value, have *string) {
	switch {
	case value == nil:
	case *value == "" && have != nil:
		w.set(column, nil)
	case *value != "" && (have == nil || *have != *value):
		w.set(column, *value)
	}
}

func (w *connectionWriter) settings(value models.ConnectionSettings) {
	if w.err != nil {
		return
	}
	tag, err := w.tx.Exec(w.ctx, `UPDATE connections SET settings = $2 WHERE id = $1 AND settings IS DISTINCT FROM $2::jsonb`, w.c.ID, value)
	w.err = err
	if tag.RowsAffected() > 0 {
		w.changed = append(w.changed, "settings")
	}
}

// fields sets what the channel gives.
func (w *connectionWriter) fields(p ConnectionPatch, sealer Sealer) error {
	var changed []string
	had := w.c.SecretsSet()
	for _, f := range models.ChannelOf(w.c.Channel).Fields {
		value, given := p.Fields[f.Name]
		switch {
		case !given:
		case f.Part == models.PartSecret:
			sealed, err := sealer.Seal(models.ConnectionSecretPlace(w.c.ID, f.Name), []byte(value))
			if err != nil {
				return fmt.Errorf("seal a secret: %w", err)
			}
			w.c.SetSecret(f, sealed)
			changed = append(changed, f.Name)
		case w.c.SetValue(f, value):
			changed = append(changed, f.Name)
		}
		if p.ForgetPreviousSecrets && f.Rotates && w.c.ForgetPrevious(f) {
			changed = append(changed, models.PreviousSecret(f.Name))
		}
	}
	for _, name := range had {
		if len(w.c.Credentials[name]) == 0 && !slices.Contains(changed, name) {
			changed = append(changed, name) // a new address forgot it
		}
	}
	if w.err != nil || len(changed) == 0 {
		return w.err
	}
	_, w.err = w.tx.Exec(w.ctx, `UPDATE connections SET provider_ref = $2, portfolio_ref = $3, config = $4, credentials = $5, proven_at = $6 WHERE id = $1`,
		w.c.ID, w.c.ProviderRef, w.c.PortfolioRef, notNil(w.c.Config), notNil(w.c.Credentials), w.c.ProvenAt)
	w.changed = append(w.changed, changed...)
	return w.err
}

// notNil writes an absent map as an empty object.
func notNil[V any](m map[string]V) map[string]V {
	if m == nil {
		return map[string]V{}
	}
	return m
}

// references sets the initial flow and queue, which must be the account's.
func (w *connectionWriter) references(account models.AccountID, p ConnectionPatch) error {
	if p.InitialFlowID != nil {
		if *p.InitialFlowID == 0 {
			w.set("initial_flow_id", nil)
		} else if _, err := one[models.Flow](w.ctx, w.tx, "flow", `SELECT id FROM flows WHERE account_id = $1 AND id = $2`, account, *p.InitialFlowID); err != nil {
			return referenceError(err, "body.initial_flow_id", "no such flow")
		} else if w.c.InitialFlowID == nil || *w.c.InitialFlowID != *p.InitialFlowID {
			w.set("initial_flow_id", *p.InitialFlowID)
		}
	}
	if p.InitialQueueID != nil {
		if *p.InitialQueueID == 0 {
			w.set("initial_queue_id", nil)
		} else if _, err := one[models.Queue](w.ctx, w.tx, "queue", `SELECT id FROM queues WHERE account_id = $1 AND id = $2 AND archived_at IS NULL`, account, *p.InitialQueueID); err != nil {
			return referenceError(err, "body.initial_queue_id", "no such queue")
		} else if w.c.InitialQueueID == nil || *w.c.InitialQueueID != *p.InitialQueueID {
			w.set("initial_queue_id", *p.InitialQueueID)
		}
	}
	return w.err
}

// referenceError turns "not found" into an error about the field that named the thing.
func referenceError(err error, path, message string) error {
	if isNotFound(err) {
		return models.Invalid(path, "%s", message)
	}
	return err
}

// RemoveConnection takes a connection out of use: its history stays, its secrets are forgotten, its number is free for
// another connection, and the oldest other one becomes the default where it was (rule 008).
func (s *Store) RemoveConnection(ctx context.Context, account models.AccountID, id models.ConnectionID) error {
	err := s.inTx(ctx, func(tx pgx.Tx) error {
		if err := lockConnections(ctx, tx, account); err != nil {
			return err
		}
		n, err := exec(ctx, tx, "connection", `UPDATE connections SET state = 'removed', is_default = false, credentials = '{}',
				probe_at = NULL, hold_reason = NULL, hold_code = NULL, held_at = NULL, updated_at = $3
			WHERE account_id = $1 AND id = $2 AND state <> 'removed'`, account, id, s.Now())
		if err != nil {
			return err
		}
		if n == 0 {
			return models.NotFound("connection")
		}
		if _, err := tx.Exec(ctx, `UPDATE connections SET is_default = true WHERE id = (SELECT min(id) FROM connections WHERE account_id = $1 AND state <> 'removed')
			AND NOT EXISTS (SELECT 1 FROM connections WHERE account_id = $1 AND is_default)`, account); err != nil {
			return err
		}
		return insertEvent(ctx, tx, account, models.EventConnectionUpdated, nil, int64(id))
	})
	return asError(err, "connection")
}
