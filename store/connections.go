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
	c.hold_code, c.hold_probes, c.held_at, c.probe_at, c.initial_flow_id, c.initial_queue_id, c.survey_id, c.settings, c.health, c.health_at, c.proven_at, c.created_at, c.updated_at`

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
	return list[ConnectionView](ctx, s.pool, "connection", `
		SELECT `+connectionColumns+`,
			(SELECT count(*) FROM send_queue q WHERE q.connection_id = c.id) AS queued
		FROM connections c
		WHERE c.account_id = @account AND (@removed OR c.state <> 'removed') AND c.id > @after
		ORDER BY c.id
		LIMIT @limit`,
		pgx.NamedArgs{"account": account, "removed": removed, "after": after, "limit": limit})
}

// Connection reads one connection.
func (s *Store) Connection(ctx context.Context, account models.AccountID, id models.ConnectionID) (*ConnectionView, error) {
	return one[ConnectionView](ctx, s.pool, "connection", `
		SELECT `+connectionColumns+`,
			(SELECT count(*) FROM send_queue q WHERE q.connection_id = c.id) AS queued
		FROM connections c
		WHERE c.account_id = @account AND c.id = @id`,
		pgx.NamedArgs{"account": account, "id": id})
}

// ConnectionByName reads a connection by the name people gave it.
func (s *Store) ConnectionByName(ctx context.Context, account models.AccountID, name string) (*models.Connection, error) {
	return one[models.Connection](ctx, s.pool, "connection", `
		SELECT `+connectionColumns+`
		FROM connections c
		WHERE c.account_id = @account AND c.name = @name`,
		pgx.NamedArgs{"account": account, "name": name})
}

// alwaysOpen tells whether no opening hours are set that could count for the connection c, so that most messages need no look.
const alwaysOpen = `NOT EXISTS (
	SELECT
	FROM accounts a
	WHERE a.id = c.account_id
		AND NOT coalesce((a.settings->>'hours_off')::boolean, false)
		AND (a.settings->'hours' IS NOT NULL
			OR c.settings->'hours' IS NOT NULL
			OR EXISTS (SELECT FROM queues q WHERE q.account_id = a.id AND q.hours IS NOT NULL AND q.archived_at IS NULL))) AS always_open`

// ConnectionByKey finds the connection a webhook names. The key alone says nothing about rights: the signature does.
func (s *Store) ConnectionByKey(ctx context.Context, key string) (*models.Connection, error) {
	return one[models.Connection](ctx, s.pool, "connection", `
		SELECT `+connectionColumns+`, `+alwaysOpen+`
		FROM connections c
		WHERE c.key = @key AND c.state <> 'removed'`,
		pgx.NamedArgs{"key": key})
}

// ConnectionOf finds the connection of an account that has a number of the provider's, or where no number is named one of a
// business account. CodeNotFound when there is none.
func (s *Store) ConnectionOf(ctx context.Context, account models.AccountID, channel, number, business string) (*models.Connection, error) {
	return one[models.Connection](ctx, s.pool, "connection", `
		SELECT `+connectionColumns+`, `+alwaysOpen+`
		FROM connections c
		WHERE c.account_id = @account AND c.channel = @channel AND c.state <> 'removed'
			AND CASE WHEN @number <> '' THEN c.provider_ref = @number ELSE c.portfolio_ref = @business AND @business <> '' END
		ORDER BY c.proven_at NULLS LAST, c.id LIMIT 1`,
		pgx.NamedArgs{"account": account, "channel": channel, "number": number, "business": business})
}

// CreateConnection stores a connection with a name and a key (rule 006); the account's first one is its default (rule 008).
func (s *Store) CreateConnection(ctx context.Context, account models.AccountID, name, key, channel string) (*models.Connection, error) {
	var c *models.Connection
	err := s.inTx(ctx, func(tx pgx.Tx) error {
		if err := lockConnections(ctx, tx, account); err != nil {
			return err
		}
		var err error
		c, err = one[models.Connection](ctx, tx, "connection", `
			INSERT INTO connections AS c (account_id, key, name, channel, is_default, created_at, updated_at)
			VALUES (@account, @key, @name, @channel,
				NOT EXISTS (SELECT 1 FROM connections d WHERE d.account_id = @account AND d.is_default), @now, @now)
			RETURNING `+connectionColumns,
			pgx.NamedArgs{"account": account, "key": key, "name": name, "channel": channel, "now": s.Now()})
		if err != nil {
			return err
		}
		return insertEvent(ctx, tx, account, models.EventConnectionUpdated, nil, int64(c.ID))
	})
	return c, asError(err, "connection")
}

// lockConnections serialises changes of which connection is the default.
func lockConnections(ctx context.Context, tx pgx.Tx, account models.AccountID) error {
	_, err := tx.Exec(ctx, `
		SELECT pg_advisory_xact_lock(hashtextextended('connections/' || @account::bigint, 0))`,
		pgx.NamedArgs{"account": account})
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
	SurveyID              *models.SurveyID
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
		c, err := one[models.Connection](ctx, tx, "connection", `
			SELECT `+connectionColumns+`
			FROM connections c
			WHERE c.account_id = @account AND c.id = @id
			FOR UPDATE`,
			pgx.NamedArgs{"account": account, "id": id})
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
			if _, err := tx.Exec(ctx, `
				UPDATE connections
				SET is_default = false
				WHERE account_id = @account AND is_default`,
				pgx.NamedArgs{"account": account}); err != nil {
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
		if _, err := tx.Exec(ctx, `UPDATE connections SET updated_at = @now WHERE id = @id`,
			pgx.NamedArgs{"id": id, "now": s.Now()}); err != nil {
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
	_, w.err = w.tx.Exec(w.ctx, `UPDATE connections SET `+pgx.Identifier{column}.Sanitize()+` = @value WHERE id = @id`,
		pgx.NamedArgs{"id": w.c.ID, "value": value})
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
	tag, err := w.tx.Exec(w.ctx, `
		UPDATE connections
		SET settings = @value
		WHERE id = @id AND settings IS DISTINCT FROM @value::jsonb`,
		pgx.NamedArgs{"id": w.c.ID, "value": value})
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
	_, w.err = w.tx.Exec(w.ctx, `
		UPDATE connections
		SET provider_ref = @provider_ref, portfolio_ref = @portfolio_ref, config = @config,
			credentials = @credentials, proven_at = @proven_at
		WHERE id = @id`,
		pgx.NamedArgs{
			"id": w.c.ID, "provider_ref": w.c.ProviderRef, "portfolio_ref": w.c.PortfolioRef,
			"config": notNil(w.c.Config), "credentials": notNil(w.c.Credentials), "proven_at": w.c.ProvenAt,
		})
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
		} else if _, err := one[models.Flow](w.ctx, w.tx, "flow", `SELECT id FROM flows WHERE account_id = @account AND id = @initial_flow`,
			pgx.NamedArgs{"account": account, "initial_flow": *p.InitialFlowID}); err != nil {
			return referenceError(err, "body.initial_flow_id", "no such flow")
		} else if w.c.InitialFlowID == nil || *w.c.InitialFlowID != *p.InitialFlowID {
			w.set("initial_flow_id", *p.InitialFlowID)
		}
	}
	if p.InitialQueueID != nil {
		if *p.InitialQueueID == 0 {
			w.set("initial_queue_id", nil)
		} else if _, err := one[models.Queue](w.ctx, w.tx, "queue", `
			SELECT id
			FROM queues
			WHERE account_id = @account AND id = @initial_queue AND archived_at IS NULL`,
			pgx.NamedArgs{"account": account, "initial_queue": *p.InitialQueueID}); err != nil {
			return referenceError(err, "body.initial_queue_id", "no such queue")
		} else if w.c.InitialQueueID == nil || *w.c.InitialQueueID != *p.InitialQueueID {
			w.set("initial_queue_id", *p.InitialQueueID)
		}
	}
	if p.SurveyID != nil {
		if *p.SurveyID == 0 {
			w.set("survey_id", nil)
		} else if _, err := surveyInUse(w.ctx, w.tx, account, *p.SurveyID); err != nil {
			return referenceError(err, "body.survey_id", "no such survey")
		} else if w.c.SurveyID == nil || *w.c.SurveyID != *p.SurveyID {
			w.set("survey_id", *p.SurveyID)
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
		n, err := exec(ctx, tx, "connection", `
			UPDATE connections
			SET state = 'removed', is_default = false, credentials = '{}',
				probe_at = NULL, hold_reason = NULL, hold_code = NULL, held_at = NULL, updated_at = @now
			WHERE account_id = @account AND id = @id AND state <> 'removed'`,
			pgx.NamedArgs{"account": account, "id": id, "now": s.Now()})
		if err != nil {
			return err
		}
		if n == 0 {
			return models.NotFound("connection")
		}
		if _, err := tx.Exec(ctx, `
			UPDATE connections
			SET is_default = true
			WHERE id = (SELECT min(id) FROM connections WHERE account_id = @account AND state <> 'removed')
				AND NOT EXISTS (SELECT 1 FROM connections WHERE account_id = @account AND is_default)`,
			pgx.NamedArgs{"account": account}); err != nil {
			return err
		}
		return insertEvent(ctx, tx, account, models.EventConnectionUpdated, nil, int64(id))
	})
	return asError(err, "connection")
}
