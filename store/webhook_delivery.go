package store

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/perene/perene/contract"
	"github.com/perene/perene/models"
)

const webhookColumns = `w.id, w.account_id, w.name, w.url, w.kind, w.events, w.secrets, w.previous_until, w.state, w.off_reason, w.failures,
	w.probes, w.failing_since, w.probe_at, w.epoch, w.created_at, w.updated_at`

// firstInLine is the condition on deliveries d under which nothing of the same conversation waits before it.
const firstInLine = `NOT EXISTS (
	SELECT FROM webhook_deliveries b
	WHERE b.endpoint_id = d.endpoint_id AND b.conversation_id = d.conversation_id AND b.state = 'waiting' AND b.id < d.id)`

// BeginWebhookTurn makes the caller the only one that delivers to a webhook, until another one begins. CodeNotFound where it
// was removed.
func (s *Store) BeginWebhookTurn(ctx context.Context, start contract.WebhookDeliveryStart) (*models.Webhook, error) {
	return one[models.Webhook](ctx, s.pool, "webhook", `
		UPDATE webhook_endpoints w
		SET epoch = epoch + 1
		WHERE w.account_id = @account AND w.id = @id
		RETURNING `+webhookColumns,
		pgx.NamedArgs{"account": start.AccountID, "id": start.EndpointID})
}

// DueDeliveries are what is due at a webhook: of each conversation the first that waits. A quarantined webhook gives the oldest
// one alone, when its probe is due. Nothing comes back for a turn that another one has replaced.
func (s *Store) DueDeliveries(ctx context.Context, w *models.Webhook, limit int) ([]models.WebhookDelivery, error) {
	return list[models.WebhookDelivery](ctx, s.pool, "webhook_delivery", `
		SELECT d.id, d.account_id, d.endpoint_id, d.event_id, d.conversation_id, d.state, d.attempts, d.next_at, e.uid, e.event, e.body, e.created_at
		FROM webhook_endpoints w
		CROSS JOIN LATERAL (
			SELECT d.id, d.account_id, d.endpoint_id, d.event_id, d.conversation_id, d.state, d.attempts, d.next_at
			FROM webhook_deliveries d
			WHERE d.endpoint_id = w.id
				AND d.state = 'waiting'
				AND (w.state = 'quarantined' OR d.next_at <= @now)
				AND `+firstInLine+`
			ORDER BY d.id
			LIMIT CASE WHEN w.state = 'quarantined' THEN 1 ELSE @limit END
		) d
		JOIN webhook_events e ON e.id = d.event_id AND e.account_id = d.account_id
		WHERE w.account_id = @account
			AND w.id = @id
			AND w.epoch = @epoch
			AND (w.state = 'active' OR w.state = 'quarantined' AND w.probe_at <= @now)
		ORDER BY d.id`,
		pgx.NamedArgs{"account": w.AccountID, "id": w.ID, "epoch": w.Epoch, "now": s.Now(), "limit": limit})
}

// RecordDeliveries notes what became of attempts, in one transaction, and says how the webhook stands then. An answer ends the quarantine, and
// everything that waits is due at once. A failure plans the next attempt, and enough of them in a row begin the quarantine, in
// which no delivery is given up. An answer that says the webhook is gone turns it off. Notes of a turn that another one has
// replaced change nothing.
func (s *Store) RecordDeliveries(ctx context.Context, w *models.Webhook, outcomes []contract.WebhookOutcome) (*models.Webhook, error) {
	var at *models.Webhook
	err := s.inTx(ctx, func(tx pgx.Tx) error {
		var err error
		at, err = one[models.Webhook](ctx, tx, "webhook", `
			SELECT `+webhookColumns+`
			FROM webhook_endpoints w
			WHERE w.account_id = @account AND w.id = @id
			FOR UPDATE`,
			pgx.NamedArgs{"account": w.AccountID, "id": w.ID})
		if err != nil || at.Epoch != w.Epoch {
			return err
		}
		before := *at
		for _, o := range outcomes {
			if err := s.recordDelivery(ctx, tx, at, &o); err != nil {
				return err
			}
		}
		return s.saveWebhookHealth(ctx, tx, &before, at)
	})
	return at, asError(err, "webhook")
}

// recordDelivery notes one attempt and moves the webhook's health in memory.
func (s *Store) recordDelivery(ctx context.Context, tx pgx.Tx, w *models.Webhook, o *contract.WebhookOutcome) error {
	args := pgx.NamedArgs{"account": w.AccountID, "id": o.Delivery, "at": o.At, "status": nil, "error": o.Error, "answer": o.Answer,
		"took": o.Took.Milliseconds(), "state": models.DeliveryDelivered, "next": o.At, "tries": 1}
	if o.Status > 0 {
		args["status"] = o.Status
	}
	switch {
	case o.Error == "":
		w.Failures, w.Probes, w.FailingSince = 0, 0, nil
		if w.State == models.WebhookQuarantined {
			w.State, w.ProbeAt = models.WebhookActive, nil
		}
	default:
		if err := failedDelivery(ctx, tx, w, o, args); err != nil {
			return err
		}
	}
	_, err := exec(ctx, tx, "webhook_delivery", `
		UPDATE webhook_deliveries
		SET state = @state, attempts = attempts + @tries, next_at = @next, last_at = @at, last_status = @status, last_error = @error,
			last_answer = @answer, last_took_ms = @took
		WHERE account_id = @account AND id = @id AND state = 'waiting'`, args)
	return err
}

// failedDelivery says in args when a failed delivery is tried again, and moves the webhook's health.
func failedDelivery(ctx context.Context, tx pgx.Tx, w *models.Webhook, o *contract.WebhookOutcome, args pgx.NamedArgs) error {
	var attempts int
	if err := tx.QueryRow(ctx, `SELECT attempts FROM webhook_deliveries WHERE account_id = @account AND id = @id`, args).Scan(&attempts); err != nil {
		return err
	}
	w.Failures++
	if w.FailingSince == nil {
		w.FailingSince = &o.At
	}
	args["state"] = models.DeliveryWaiting
	switch {
	case o.Status == statusGone:
		w.State, w.OffReason, w.ProbeAt = models.WebhookOff, models.WebhookOffByGone, nil
		args["state"] = models.DeliveryFailed
	case w.State == models.WebhookQuarantined || w.Failures >= models.WebhookQuarantineAfter:
		probe := o.At.Add(models.NextProbe(w.Probes))
		w.State, w.ProbeAt = models.WebhookQuarantined, &probe
		w.Probes++
		args["tries"] = 0
	default:
		pause, again := models.NextAttempt(attempts + 1)
		args["next"] = o.At.Add(pause)
		if !again {
			args["state"] = models.DeliveryFailed
		}
	}
	return nil
}

// statusGone is the answer of a receiver that wants no more.
const statusGone = 410

// saveWebhookHealth writes how a webhook stands, where that changed. Everything that waited for the end of a quarantine is due.
func (s *Store) saveWebhookHealth(ctx context.Context, tx pgx.Tx, before, w *models.Webhook) error {
	if before.State == w.State && before.Failures == w.Failures && before.Probes == w.Probes {
		return nil
	}
	args := pgx.NamedArgs{"account": w.AccountID, "id": w.ID, "state": w.State, "reason": w.OffReason, "failures": w.Failures, "probes": w.Probes,
		"since": w.FailingSince, "probe": w.ProbeAt, "now": s.Now()}
	_, err := exec(ctx, tx, "webhook", `
		UPDATE webhook_endpoints
		SET state = @state, off_reason = @reason, failures = @failures, probes = @probes, failing_since = @since, probe_at = @probe
		WHERE account_id = @account AND id = @id`, args)
	if err != nil || before.State == w.State {
		return err
	}
	if before.State == models.WebhookQuarantined && w.State == models.WebhookActive {
		if _, err := exec(ctx, tx, "webhook_delivery", `
			UPDATE webhook_deliveries
			SET next_at = @now
			WHERE account_id = @account AND endpoint_id = @id AND state = 'waiting' AND next_at > @now`, args); err != nil {
			return err
		}
	}
	return settingsChanged(ctx, tx, w.AccountID, SettingWebhooks, int64(w.ID))
}

// WebhookRest says how a webhook stands and when something is due at it.
func (s *Store) WebhookRest(ctx context.Context, start contract.WebhookDeliveryStart) (contract.WebhookDeliveryView, error) {
	var view contract.WebhookDeliveryView
	var next *time.Time
	err := s.pool.QueryRow(ctx, `
		SELECT w.state, w.failures, CASE w.state
			WHEN 'quarantined' THEN (SELECT w.probe_at WHERE EXISTS (
				SELECT FROM webhook_deliveries d WHERE d.endpoint_id = w.id AND d.state = 'waiting'))
			WHEN 'active' THEN (
				SELECT min(d.next_at)
				FROM webhook_deliveries d
				WHERE d.endpoint_id = w.id AND d.state = 'waiting' AND `+firstInLine+`)
			END
		FROM webhook_endpoints w
		WHERE w.account_id = @account AND w.id = @id`,
		pgx.NamedArgs{"account": start.AccountID, "id": start.EndpointID}).Scan(&view.State, &view.Failures, &next)
	if err = asError(err, "webhook"); isNotFound(err) {
		return contract.WebhookDeliveryView{State: models.WebhookOff, Removed: true}, nil
	}
	if next != nil {
		view.NextAt = *next
	}
	return view, err
}

// PruneWebhookEvents removes events from before an instant with their deliveries, at most limit at once, and tells how many.
func (s *Store) PruneWebhookEvents(ctx context.Context, before time.Time, limit int) (int64, error) {
	return exec(ctx, s.pool, "webhook_event", `
		DELETE FROM webhook_events
		WHERE id IN (SELECT id FROM webhook_events WHERE created_at < @before ORDER BY created_at LIMIT @limit)`,
		pgx.NamedArgs{"before": before, "limit": limit})
}
