package store

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/perene/perene/contract"
	"github.com/perene/perene/models"
)

// webhooksMost is how many webhooks an account may have.
const webhooksMost = 20

// WebhookPatch changes a webhook. What is nil stays.
type WebhookPatch struct {
	Name, URL *string
	Kind      *models.WebhookKind
	Events    []models.WebhookEventName
	Off       *bool
}

// WebhookView is a webhook with how many of its deliveries wait.
type WebhookView struct {
	models.Webhook
	Waiting int
}

const webhookViews = `
	SELECT ` + webhookColumns + `, (
		SELECT count(*)
		FROM (SELECT 1 FROM webhook_deliveries d WHERE d.endpoint_id = w.id AND d.state = 'waiting' LIMIT 10000) x) AS waiting
	FROM webhook_endpoints w
	WHERE w.account_id = @account`

// Webhooks lists an account's webhooks, oldest first.
func (s *Store) Webhooks(ctx context.Context, account models.AccountID) ([]WebhookView, error) {
	return list[WebhookView](ctx, s.pool, "webhook", webhookViews+` ORDER BY w.id`, pgx.NamedArgs{"account": account})
}

// Webhook reads one.
func (s *Store) Webhook(ctx context.Context, account models.AccountID, id models.WebhookID) (*WebhookView, error) {
	return one[WebhookView](ctx, s.pool, "webhook", webhookViews+` AND w.id = @id`, pgx.NamedArgs{"account": account, "id": id})
}

// CreateWebhook makes a webhook with a secret, sealed for its place. CodeConflict when the account has as many as it may have.
func (s *Store) CreateWebhook(ctx context.Context, account models.AccountID, w models.Webhook, secret string, sealer Sealer, plain bool) (models.WebhookID, error) {
	if err := models.CheckWebhook(&w, plain); err != nil {
		return 0, err
	}
	err := s.inTx(ctx, func(tx pgx.Tx) error {
		args := pgx.NamedArgs{"account": account, "name": w.Name, "url": w.URL, "kind": w.Kind, "events": w.Events, "now": s.Now(), "most": webhooksMost}
		if _, err := tx.Exec(ctx, `SELECT pg_advisory_xact_lock(hashtextextended('webhooks', @account))`, args); err != nil {
			return err
		}
		err := tx.QueryRow(ctx, `
			INSERT INTO webhook_endpoints (account_id, name, url, kind, events, created_at, updated_at)
			SELECT @account, @name, @url, @kind, @events, @now, @now
			WHERE (SELECT count(*) FROM webhook_endpoints WHERE account_id = @account) < @most
			RETURNING id`, args).Scan(&w.ID)
		if isNotFound(asError(err, "webhook")) {
			return &models.Error{Code: models.CodeConflict, Key: "webhook.too_many", Message: "the account has as many webhooks as it may have: remove one first"}
		}
		if err != nil {
			return err
		}
		sealed, err := sealer.Seal(models.WebhookSecretPlace(w.ID), []byte(secret))
		if err != nil {
			return fmt.Errorf("seal a secret: %w", err)
		}
		_, err = exec(ctx, tx, "webhook", `UPDATE webhook_endpoints SET secrets = @secrets WHERE account_id = @account AND id = @id`,
			pgx.NamedArgs{"account": account, "id": w.ID, "secrets": map[string][]byte{models.WebhookSecret: sealed}})
		if err != nil {
			return err
		}
		return settingsChanged(ctx, tx, account, SettingWebhooks, int64(w.ID))
	})
	return w.ID, asError(err, "webhook")
}

// changeWebhook changes a locked webhook and rings its workflow.
func (s *Store) changeWebhook(ctx context.Context, account models.AccountID, id models.WebhookID, fn func(tx pgx.Tx, w *models.Webhook) error) (contract.Wake, error) {
	var wake contract.Wake
	err := s.inTx(ctx, func(tx pgx.Tx) error {
		wake = contract.Wake{}
		w, err := one[models.Webhook](ctx, tx, "webhook", `
			SELECT `+webhookColumns+`
			FROM webhook_endpoints w
			WHERE w.account_id = @account AND w.id = @id
			FOR UPDATE`,
			pgx.NamedArgs{"account": account, "id": id})
		if err != nil {
			return err
		}
		if err := fn(tx, w); err != nil {
			return err
		}
		if err := settingsChanged(ctx, tx, account, SettingWebhooks, int64(id)); err != nil {
			return err
		}
		bell, err := insertDoorbell(ctx, tx, contract.WebhookDeliveryStart{AccountID: account, EndpointID: id}.Doorbell())
		wake.Doorbells = append(wake.Doorbells, bell)
		return err
	})
	return wake, asError(err, "webhook")
}

// UpdateWebhook changes a webhook. Another address, or switching it on, ends its quarantine: what waits is due at once.
func (s *Store) UpdateWebhook(ctx context.Context, account models.AccountID, id models.WebhookID, p WebhookPatch, plain bool) (contract.Wake, error) {
	return s.changeWebhook(ctx, account, id, func(tx pgx.Tx, w *models.Webhook) error {
		moved := p.URL != nil && *p.URL != w.URL
		var fields []string
		patched(&fields, "name", &w.Name, p.Name)
		patched(&fields, "url", &w.URL, p.URL)
		patched(&fields, "kind", &w.Kind, p.Kind)
		if p.Events != nil {
			w.Events = slices.Clone(p.Events)
		}
		if err := models.CheckWebhook(w, plain); err != nil {
			return err
		}
		switch {
		case p.Off != nil && *p.Off:
			w.State, w.OffReason, w.ProbeAt = models.WebhookOff, models.WebhookOffByPerson, nil
		case moved && w.State == models.WebhookQuarantined, p.Off != nil && w.State == models.WebhookOff:
			w.State, w.OffReason, w.ProbeAt, w.Failures, w.Probes, w.FailingSince = models.WebhookActive, "", nil, 0, 0, nil
		}
		args := pgx.NamedArgs{"account": account, "id": id, "name": w.Name, "url": w.URL, "kind": w.Kind, "events": w.Events, "state": w.State,
			"reason": w.OffReason, "failures": w.Failures, "probes": w.Probes, "since": w.FailingSince, "probe": w.ProbeAt, "now": s.Now()}
		if _, err := exec(ctx, tx, "webhook", `
			UPDATE webhook_endpoints
			SET name = @name, url = @url, kind = @kind, events = @events, state = @state, off_reason = @reason, failures = @failures,
				probes = @probes, failing_since = @since, probe_at = @probe, updated_at = @now
			WHERE account_id = @account AND id = @id`, args); err != nil {
			return err
		}
		if w.State != models.WebhookActive {
			return nil
		}
		_, err := exec(ctx, tx, "webhook_delivery", `
			UPDATE webhook_deliveries
			SET next_at = @now
			WHERE account_id = @account AND endpoint_id = @id AND state = 'waiting' AND next_at > @now`, args)
		return err
	})
}

// RotateWebhookSecret gives a webhook another secret. The one before signs as well for models.WebhookOverlap.
func (s *Store) RotateWebhookSecret(ctx context.Context, account models.AccountID, id models.WebhookID, secret string, sealer Sealer) error {
	_, err := s.changeWebhook(ctx, account, id, func(tx pgx.Tx, w *models.Webhook) error {
		sealed, err := sealer.Seal(models.WebhookSecretPlace(id), []byte(secret))
		if err != nil {
			return fmt.Errorf("seal a secret: %w", err)
		}
		_, err = exec(ctx, tx, "webhook", `
			UPDATE webhook_endpoints
			SET secrets = @secrets, previous_until = @until, updated_at = @now
			WHERE account_id = @account AND id = @id`,
			pgx.NamedArgs{"account": account, "id": id, "now": s.Now(), "until": s.Now().Add(models.WebhookOverlap),
				"secrets": map[string][]byte{models.WebhookSecret: sealed, models.WebhookPreviousSecret: w.Secrets[models.WebhookSecret]}})
		return err
	})
	return err
}

// RemoveWebhook removes a webhook with its deliveries. Its workflow ends.
func (s *Store) RemoveWebhook(ctx context.Context, account models.AccountID, id models.WebhookID) (contract.Wake, error) {
	return s.changeWebhook(ctx, account, id, func(tx pgx.Tx, _ *models.Webhook) error {
		_, err := exec(ctx, tx, "webhook", `DELETE FROM webhook_endpoints WHERE account_id = @account AND id = @id`,
			pgx.NamedArgs{"account": account, "id": id})
		return err
	})
}

// TestWebhook sends an event to one webhook alone. A quarantined one is probed with what waits longest, at once.
func (s *Store) TestWebhook(ctx context.Context, account models.AccountID, id models.WebhookID) (contract.Wake, error) {
	return s.changeWebhook(ctx, account, id, func(tx pgx.Tx, w *models.Webhook) error {
		if w.State == models.WebhookOff {
			return webhookOff()
		}
		args := pgx.NamedArgs{"account": account, "id": id, "now": s.Now(), "event": models.WebhookTest}
		if _, err := exec(ctx, tx, "webhook", `
			UPDATE webhook_endpoints
			SET probe_at = @now
			WHERE account_id = @account AND id = @id AND state = 'quarantined'`, args); err != nil {
			return err
		}
		_, err := exec(ctx, tx, "webhook_event", `
			WITH e AS (
				INSERT INTO webhook_events (account_id, event, body)
				SELECT @account, @event::text, jsonb_build_object('event', @event::text, 'id', @id::bigint, 'account', webhook_account(@account),
					'timestamp', webhook_unix(@now))::text
				RETURNING id
			)
			INSERT INTO webhook_deliveries (account_id, endpoint_id, event_id, next_at)
			SELECT @account, @id, e.id, @now
			FROM e`, args)
		return err
	})
}

func webhookOff() error {
	return &models.Error{Code: models.CodeConflict, Key: "webhook.off", Message: "the webhook is off: switch it on first"}
}

// ReplayWebhook sends again what happened in a period: everything, or what was given up. It returns how much that is.
func (s *Store) ReplayWebhook(ctx context.Context, account models.AccountID, id models.WebhookID, from, to time.Time, failedOnly bool) (int64, contract.Wake, error) {
	var n int64
	wake, err := s.changeWebhook(ctx, account, id, func(tx pgx.Tx, w *models.Webhook) error {
		if w.State == models.WebhookOff {
			return webhookOff()
		}
		var err error
		n, err = exec(ctx, tx, "webhook_delivery", `
			UPDATE webhook_deliveries d
			SET state = 'waiting', attempts = 0, next_at = @now
			FROM webhook_events e
			WHERE e.account_id = d.account_id AND e.id = d.event_id
				AND d.account_id = @account AND d.endpoint_id = @id
				AND e.created_at >= @from AND e.created_at < @to
				AND (d.state = 'failed' OR d.state = 'delivered' AND NOT @failed)`,
			pgx.NamedArgs{"account": account, "id": id, "from": from, "to": to, "failed": failedOnly, "now": s.Now()})
		return err
	})
	return n, wake, err
}

// DeliveryFilter chooses deliveries of a webhook.
type DeliveryFilter struct {
	State  models.DeliveryState // empty: all
	Before models.DeliveryID    // 0: from the newest
	Limit  int
}

const deliveryViews = `
	SELECT d.id, d.account_id, d.endpoint_id, d.event_id, d.conversation_id, d.state, d.attempts, d.next_at, d.last_at, d.last_status, d.last_error,
		d.last_answer, d.last_took_ms, e.uid, e.event, e.body, e.created_at
	FROM webhook_deliveries d
	JOIN webhook_events e ON e.id = d.event_id AND e.account_id = d.account_id
	WHERE d.account_id = @account`

// WebhookDeliveries lists the deliveries of a webhook, newest first. CodeNotFound where the account has no such webhook.
func (s *Store) WebhookDeliveries(ctx context.Context, account models.AccountID, id models.WebhookID, f DeliveryFilter) ([]models.WebhookDelivery, error) {
	if _, err := s.Webhook(ctx, account, id); err != nil {
		return nil, err
	}
	return list[models.WebhookDelivery](ctx, s.pool, "webhook_delivery", deliveryViews+`
		AND d.endpoint_id = @id
		AND (@state = '' OR d.state = @state)
		AND (@before::bigint = 0 OR d.id < @before)
	ORDER BY d.id DESC
	LIMIT @limit`,
		pgx.NamedArgs{"account": account, "id": id, "state": f.State, "before": f.Before, "limit": f.Limit})
}

// ResendDelivery sends one event again, with the id it had.
func (s *Store) ResendDelivery(ctx context.Context, account models.AccountID, id models.DeliveryID) (*models.WebhookDelivery, contract.Wake, error) {
	args := pgx.NamedArgs{"account": account, "id": id, "now": s.Now()}
	d, err := one[models.WebhookDelivery](ctx, s.pool, "webhook_delivery", deliveryViews+` AND d.id = @id`, args)
	if err != nil {
		return nil, contract.Wake{}, err
	}
	wake, err := s.changeWebhook(ctx, account, d.EndpointID, func(tx pgx.Tx, w *models.Webhook) error {
		if w.State == models.WebhookOff {
			return webhookOff()
		}
		_, err := exec(ctx, tx, "webhook_delivery", `
			UPDATE webhook_deliveries
			SET state = 'waiting', attempts = 0, next_at = @now
			WHERE account_id = @account AND id = @id`, args)
		return err
	})
	d.State, d.Attempts = models.DeliveryWaiting, 0
	return d, wake, err
}
