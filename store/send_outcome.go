package store

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"github.com/perene/perene/contract"
	"github.com/perene/perene/models"
)

// RecordOutcome settles one attempt in a transaction of its own: whatever is not a plain acceptance, and acceptances that
// ClaimAndRecord left. An answer to an attempt that is no longer the message's changes nothing but the timeline (the late
// result of a sender that was frozen). It returns doorbells to ring.
func (s *Store) RecordOutcome(ctx context.Context, out contract.SendOutcome) ([]contract.Doorbell, error) {
	var wake contract.Wake
	err := s.inTxAgain(ctx, func(tx pgx.Tx) error {
		wake = contract.Wake{}
		m, err := lockMessage(ctx, tx, out.Send.AccountID, out.Send.MessageID)
		if err != nil {
			return err
		}
		if out.Accepted != nil {
			return s.settleAccepted(ctx, tx, m, &out, &wake)
		}
		q, err := lockQueueRow(ctx, tx, m.ID)
		if err != nil {
			return err
		}
		f := failedSend{message: m, attempt: out.Send.AttemptID, failure: out.Failure, verdict: out.Verdict, at: out.FinishedAt, startedAt: out.StartedAt}
		if q == nil && out.Failure.Outcome == "not_sent" && m.State == models.MessageUnknown && m.AttemptID != nil && *m.AttemptID == out.Send.AttemptID {
			// A sender that was frozen tells that this attempt, given up for unknown meanwhile, never left.
			f.attempts = m.Attempts - 1
			return s.settleFailure(ctx, tx, f, &wake)
		}
		if q == nil || q.attempt == nil || *q.attempt != out.Send.AttemptID {
			return noteAttempt(ctx, tx, &f)
		}
		f.attempts, f.throttles = q.attempts, q.throttles
		if out.Verdict.Kind == models.VerdictUnknown {
			f.verdict = unknownVerdict(out.Verdict)
		}
		switch f.verdict.Kind {
		case models.VerdictUnknown:
			return s.settleUnknown(ctx, tx, &f, &wake)
		case models.VerdictSlowNumber, models.VerdictSlowPair, models.VerdictHold:
			f.attempts, f.throttles = q.attempts-1, q.throttles+1 // no try is burnt
		default:
			if out.Failure.Outcome == "not_sent" && out.Failure.Code == models.NoProviderCode {
				f.attempts = q.attempts - 1 // nor where nothing left the machine
			}
		}
		return s.settleFailure(ctx, tx, f, &wake)
	})
	return wake.Doorbells, asError(err, "send")
}

// settleAccepted records that the provider took an attempt, together with statuses that came before the answer.
func (s *Store) settleAccepted(ctx context.Context, tx pgx.Tx, m *models.Message, out *contract.SendOutcome, wake *contract.Wake) error {
	accepted := out.Accepted
	if _, err := tx.Exec(ctx, `SELECT pg_advisory_xact_lock(@lock)`,
		pgx.NamedArgs{"lock": statusLock(m.ConnectionID, accepted.ProviderMessageID)}); err != nil {
		return fmt.Errorf("wait for a status that is being parked: %w", err)
	}
	q, err := lockQueueRow(ctx, tx, m.ID)
	if err != nil {
		return err
	}
	inQueue := q != nil && q.attempt != nil && *q.attempt == out.Send.AttemptID
	known := m.AttemptID != nil && *m.AttemptID == out.Send.AttemptID
	if !inQueue && !known {
		// The message was settled and tried again meanwhile: this answer is history.
		return noteAttempt(ctx, tx, &failedSend{message: m, attempt: out.Send.AttemptID, at: out.FinishedAt, startedAt: out.StartedAt,
			failure: models.SendFailure{Outcome: "accepted", Code: models.NoProviderCode}})
	}
	attempts := m.Attempts
	if inQueue {
		attempts = q.attempts
		if _, err := tx.Exec(ctx, `DELETE FROM send_queue WHERE message_id = @message`,
			pgx.NamedArgs{"message": m.ID}); err != nil {
			return fmt.Errorf("take a message out of the queue: %w", err)
		}
	}
	state := m.State
	if state == models.MessageQueued || state == models.MessageUnknown {
		state = models.MessageAccepted
	}
	_, err = tx.Exec(ctx, `
		WITH m AS (
			UPDATE messages
			SET state = @state, provider_message_id = coalesce(provider_message_id, @provider_message_id),
				attempt_id = @attempt, attempts = @attempts,
				accepted_at = least(accepted_at, @at),
				error_code = CASE WHEN failed_at IS NOT NULL THEN error_code END,
				error_detail = CASE WHEN failed_at IS NOT NULL THEN error_detail END
			WHERE id = @id
		)
		INSERT INTO events (account_id, kind, conversation_id, entity_id)
		VALUES (@account, @message_updated, @conversation, @id)`,
		pgx.NamedArgs{
			"id": m.ID, "state": state, "provider_message_id": accepted.ProviderMessageID,
			"attempt": out.Send.AttemptID, "attempts": attempts, "at": accepted.At, "account": m.AccountID,
			"message_updated": models.EventMessageUpdated, "conversation": m.ConversationID,
		})
	if err != nil {
		return fmt.Errorf("record a send: %w", err)
	}
	if state == models.MessageAccepted {
		if err := openSession(ctx, tx, m, accepted.At); err != nil {
			return err
		}
	}
	if inQueue {
		if err := s.tellIfAwaited(ctx, tx, m, wake); err != nil {
			return err
		}
	}
	return s.consumeParked(ctx, tx, m, accepted.ProviderMessageID, wake)
}

// tellIfAwaited tells a flow run that waits for it that its message was taken.
func (s *Store) tellIfAwaited(ctx context.Context, tx pgx.Tx, m *models.Message, wake *contract.Wake) error {
	if m.FlowRunID == nil {
		return nil
	}
	var waits bool
	err := tx.QueryRow(ctx, `
		SELECT wait_kind = 'delivery' AND status <> 'ended'
		FROM flow_runs
		WHERE account_id = @account AND id = @flow_run`,
		pgx.NamedArgs{"account": m.AccountID, "flow_run": *m.FlowRunID}).Scan(&waits)
	if errors.Is(err, pgx.ErrNoRows) || (err == nil && !waits) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("read a flow run: %w", err)
	}
	return tellRun(ctx, tx, m, sendAccepted, "", wake)
}

// settleUnknown records that nobody knows whether an attempt went out. A status may have told already. A flow's message
// keeps its place until a status or the end of the wait, so that what follows it cannot overtake it; others leave the queue
// at once and show as unconfirmed, since nothing sends them again by itself.
func (s *Store) settleUnknown(ctx context.Context, tx pgx.Tx, f *failedSend, wake *contract.Wake) error {
	m := f.message
	if m.AttemptID != nil && *m.AttemptID == f.attempt && (m.SentAt != nil || m.DeliveredAt != nil || m.ReadAt != nil || m.PlayedAt != nil) {
		at := f.at
		for _, t := range []*time.Time{m.SentAt, m.DeliveredAt, m.ReadAt, m.PlayedAt} {
			if t != nil && t.Before(at) {
				at = *t
			}
		}
		return s.confirm(ctx, tx, m, at, wake)
	}
	if err := noteAttempt(ctx, tx, f); err != nil {
		return err
	}
	queue := `DELETE FROM send_queue WHERE message_id = @id`
	if m.Origin == models.OriginBot {
		queue = `UPDATE send_queue SET state = 'unknown', ready_at = @ready WHERE message_id = @id`
	}
	_, err := tx.Exec(ctx, `
		WITH q AS (`+queue+`), m AS (
			UPDATE messages
			SET state = 'unknown', attempt_id = @attempt, attempts = @attempts
			WHERE id = @id
		)
		INSERT INTO events (account_id, kind, conversation_id, entity_id)
		VALUES (@account, @message_updated, @conversation, @id)`,
		pgx.NamedArgs{
			"id": m.ID, "account": m.AccountID, "conversation": m.ConversationID, "attempt": f.attempt,
			"ready": s.Now().Add(f.verdict.Wait), "attempts": f.attempts,
			"message_updated": models.EventMessageUpdated,
		})
	if err != nil {
		return fmt.Errorf("record an unknown outcome: %w", err)
	}
	return nil
}

// confirm settles a message of unknown outcome that turns out to have been taken.
func (s *Store) confirm(ctx context.Context, tx pgx.Tx, m *models.Message, at time.Time, wake *contract.Wake) error {
	tag, err := tx.Exec(ctx, `DELETE FROM send_queue WHERE message_id = @message`,
		pgx.NamedArgs{"message": m.ID})
	if err != nil {
		return fmt.Errorf("take a message out of the queue: %w", err)
	}
	_, err = tx.Exec(ctx, `
		WITH m AS (
			UPDATE messages
			SET state = CASE WHEN state = 'failed' AND delivered_at IS NULL AND read_at IS NULL
				AND played_at IS NULL THEN state
				ELSE 'accepted' END, accepted_at = least(accepted_at, @accepted_at)
			WHERE id = @id
		)
		INSERT INTO events (account_id, kind, conversation_id, entity_id)
		VALUES (@account, @message_updated, @conversation, @id)`,
		pgx.NamedArgs{
			"id": m.ID, "account": m.AccountID, "conversation": m.ConversationID, "accepted_at": at,
			"message_updated": models.EventMessageUpdated,
		})
	if err != nil {
		return fmt.Errorf("confirm a send: %w", err)
	}
	if err := openSession(ctx, tx, m, at); err != nil {
		return err
	}
	m.State = models.MessageAccepted
	if tag.RowsAffected() == 0 {
		return nil
	}
	wake.Connections = append(wake.Connections, m.ConnectionID) // what waited behind it may go
	return s.tellIfAwaited(ctx, tx, m, wake)
}

// ResolveUnknown ends the wait of unknown sends of a connection for which no status came: a flow's text is sent once more
// if the window is open, everything else stays unconfirmed (reliability: never a blind resend of a template or broadcast).
// It returns doorbells to ring and how many messages are ready again.
func (s *Store) ResolveUnknown(ctx context.Context, fence contract.SenderFence) (again int, bells []contract.Doorbell, err error) {
	rows, err := s.pool.Query(ctx, `
		SELECT message_id
		FROM send_queue
		WHERE connection_id = @connection AND head AND state = 'unknown' AND ready_at <= @now
		ORDER BY message_id`,
		pgx.NamedArgs{"connection": fence.ConnectionID, "now": s.Now()})
	if err != nil {
		return 0, nil, asError(err, "send")
	}
	ids, err := pgx.CollectRows(rows, pgx.RowTo[models.MessageID])
	if err != nil {
		return 0, nil, asError(err, "send")
	}
	for _, id := range ids {
		var wake contract.Wake
		var resend bool
		err := s.inTxAgain(ctx, func(tx pgx.Tx) error {
			wake, resend = contract.Wake{}, false
			var err error
			resend, err = s.resolveUnknown(ctx, tx, fence, id, &wake)
			return err
		})
		if err != nil {
			return again, bells, asError(err, "send")
		}
		if resend {
			again++
		}
		bells = append(bells, wake.Doorbells...)
	}
	return again, bells, nil
}

func (s *Store) resolveUnknown(ctx context.Context, tx pgx.Tx, fence contract.SenderFence, id models.MessageID, wake *contract.Wake) (bool, error) {
	m, err := lockMessage(ctx, tx, fence.AccountID, id)
	if err != nil {
		return false, err
	}
	q, err := lockQueueRow(ctx, tx, id)
	if err != nil || q == nil || q.state != "unknown" {
		return false, err
	}
	var unknowns int
	var expires *time.Time
	var channel string
	err = tx.QueryRow(ctx, `
		SELECT (SELECT count(*) FROM send_attempts WHERE message_id = @message AND outcome = 'unknown'),
			v.window_expires_at, n.channel
		FROM conversations v
		JOIN connections n ON n.id = v.connection_id AND n.account_id = v.account_id
		WHERE v.id = @conversation`,
		pgx.NamedArgs{"message": id, "conversation": m.ConversationID}).Scan(&unknowns, &expires, &channel)
	if err != nil {
		return false, fmt.Errorf("read what is known of a send: %w", err)
	}
	may, err := mayLeave(ctx, tx, m)
	if err != nil {
		return false, err
	}
	text := m.Kind != string(models.ContentKindTemplate)
	if m.Origin == models.OriginBot && may && text && unknowns <= 1 && models.ChannelOf(channel).Window.OpenAt(expires, m.Origin, s.Now()) {
		_, err := tx.Exec(ctx, `
			WITH q AS (
				UPDATE send_queue
				SET state = 'ready', epoch = NULL, attempt_id = NULL, ready_at = @now
				WHERE message_id = @message
			), m AS (
				UPDATE messages
				SET state = 'queued'
				WHERE id = @message
			)
			INSERT INTO events (account_id, kind, conversation_id, entity_id)
			VALUES (@account, @message_updated, @conversation, @message)`,
			pgx.NamedArgs{
				"message": id, "account": m.AccountID, "conversation": m.ConversationID, "now": s.Now(),
				"message_updated": models.EventMessageUpdated,
			})
		if err != nil {
			return false, fmt.Errorf("send a message again: %w", err)
		}
		return true, nil
	}
	if _, err := tx.Exec(ctx, `DELETE FROM send_queue WHERE message_id = @message`,
		pgx.NamedArgs{"message": id}); err != nil {
		return false, fmt.Errorf("take a message out of the queue: %w", err)
	}
	return false, tellRun(ctx, tx, m, sendFailed, "unknown", wake)
}

// ResendUnconfirmed queues a message of unknown outcome again, at a person's word. It refuses one whose outcome a status
// may still tell.
func (s *Store) ResendUnconfirmed(ctx context.Context, account models.AccountID, id models.MessageID) (contract.Wake, error) {
	var wake contract.Wake
	err := s.inTxAgain(ctx, func(tx pgx.Tx) error {
		wake = contract.Wake{}
		m, err := lockMessage(ctx, tx, account, id)
		if err != nil {
			return err
		}
		if m.State != models.MessageUnknown {
			return &models.Error{Code: models.CodeConflict, Key: "message.not_unconfirmed", Message: "only an unconfirmed message can be sent again"}
		}
		var since *time.Time
		var wait int64
		err = tx.QueryRow(ctx, `
			SELECT (SELECT max(finished_at) FROM send_attempts WHERE message_id = @message AND outcome = 'unknown'),
				coalesce((settings->>'unknown_outcome_wait')::bigint, 0)
			FROM accounts
			WHERE id = @account`,
			pgx.NamedArgs{"message": id, "account": account}).Scan(&since, &wait)
		if err != nil {
			return fmt.Errorf("read what is known of a send: %w", err)
		}
		if wait == 0 {
			wait = int64(models.UnknownOutcomeWait)
		}
		if since != nil && s.Now().Before(since.Add(time.Duration(wait))) {
			return &models.Error{Code: models.CodeConflict, Key: "message.may_be_confirmed",
				Message: "the provider may still confirm this message: try again after " + since.Add(time.Duration(wait)).Format(time.RFC3339)}
		}
		place, err := lockPlace(ctx, tx, account, m.ConversationID)
		if err != nil {
			return err
		}
		if m.Kind != string(models.ContentKindTemplate) && !place.windowOpenAt(m.Origin, s.Now()) {
			return &models.Error{Code: models.CodeWindowClosed, Key: "window.closed", Message: "the 24-hour window is closed: send a template"}
		}
		return s.putBack(ctx, tx, &failedSend{message: m, attempts: 0, failure: models.SendFailure{Code: models.NoProviderCode}}, s.Now(), &wake)
	})
	return wake, asError(err, "message")
}

// inTxAgain runs fn in a transaction, and again where Postgres ended it to break a circle of waits.
func (s *Store) inTxAgain(ctx context.Context, fn func(tx pgx.Tx) error) error {
	for try := 1; ; try++ {
		err := s.inTx(ctx, fn)
		if try < 5 && isCircle(err) {
			continue
		}
		return err
	}
}

// isCircle tells that Postgres ended a transaction to break a circle of waits: the same transaction may be run again.
func isCircle(err error) bool {
	var pg *pgconn.PgError
	return errors.As(err, &pg) && (pg.Code == "40P01" || pg.Code == "40001")
}
