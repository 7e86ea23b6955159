package store

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/perene/perene/contract"
	"github.com/perene/perene/models"
)

// The outcomes a flow run hears of a message it sent; the engine's words (flow.SendOutcome).
const (
	sendAccepted         = "accepted"
	sendWindowClosed     = "window_closed"
	sendTemplateMissing  = "template_missing"
	sendTemplatePaused   = "template_paused"
	sendTemplateRejected = "template_rejected"
	sendFailed           = "failed"
)

// failedSend is one failed try of a message whose conversation and row are locked.
type failedSend struct {
	message   *models.Message
	attempt   uuid.UUID // zero when nothing was tried
	attempts  int       // tries that count, this one included
	throttles int
	failure   models.SendFailure
	verdict   models.Verdict
	at        time.Time // when it failed
	startedAt time.Time
}

// settleFailure does what the verdict on a failed send says: the same for an answer of the provider and for a status that
// came later, so that the end does not depend on which came first.
func (s *Store) settleFailure(ctx context.Context, tx pgx.Tx, f failedSend, wake *contract.Wake) error {
	if err := noteAttempt(ctx, tx, &f); err != nil {
		return err
	}
	m, v := f.message, f.verdict
	switch may, err := mayLeave(ctx, tx, m); {
	case err != nil:
		return err
	case !may && v.Kind != models.VerdictFail && v.Kind != models.VerdictUnknown:
		v.Kind = models.VerdictCancel
	}
	switch v.Kind {
	case models.VerdictAgain, models.VerdictUnreachable, models.VerdictSlowNumber, models.VerdictSlowPair, models.VerdictHold:
		if v.Kind == models.VerdictHold {
			if err := s.holdConnection(ctx, tx, m.AccountID, m.ConnectionID, v, f.failure.Code); err != nil {
				return err
			}
		}
		return s.putBack(ctx, tx, &f, s.backAt(&f), wake)
	case models.VerdictLater:
		return s.retryLater(ctx, tx, &f, wake)
	case models.VerdictPauseTemplate:
		if err := pauseTemplate(ctx, tx, m, v.TemplateStatus); err != nil {
			return err
		}
		wake.Connections = append(wake.Connections, m.ConnectionID)
		if v.Wait > 0 && m.FlowRunID == nil {
			return s.retryLater(ctx, tx, &f, wake)
		}
	case models.VerdictOptOut:
		if err := stopMarketing(ctx, tx, m, f.at); err != nil {
			return err
		}
	case models.VerdictNeedTemplate:
		// The provider says the window is closed: believe it, so that nothing else runs against the wall.
		if _, err := tx.Exec(ctx, `
			UPDATE conversations
			SET window_expires_at = least(window_expires_at, @at)
			WHERE id = @conversation`,
			pgx.NamedArgs{"conversation": m.ConversationID, "at": f.at}); err != nil {
			return fmt.Errorf("close a window: %w", err)
		}
		if m.Origin == models.OriginAgent {
			return s.holdMessage(ctx, tx, &f) // rule 100: it would have been held, had we known
		}
	case models.VerdictCancel:
		return s.giveUp(ctx, tx, &f, models.MessageCancelled, wake)
	case models.VerdictFail, models.VerdictUnknown:
	}
	return s.giveUp(ctx, tx, &f, models.MessageFailed, wake)
}

// backAt says when a message that keeps its place may leave. Only waits that are the message's own delay it; a pause of the
// number or the connection is kept by the sender and the hold.
func (s *Store) backAt(f *failedSend) time.Time {
	now := s.Now()
	switch f.verdict.Kind {
	case models.VerdictAgain, models.VerdictSlowPair:
		return now.Add(f.verdict.Wait)
	case models.VerdictHold:
		if f.verdict.Scope == models.HoldTemplates && f.message.Kind != string(models.ContentKindTemplate) {
			// Only templates are held; a reply in an open window is tried again slowly.
			return now.Add(min(5*time.Minute, time.Second<<(2*min(f.throttles, 5))))
		}
	}
	return now
}

// noteAttempt keeps a try that did not simply succeed, for the message's timeline and so that a late status of this attempt
// is recognised.
func noteAttempt(ctx context.Context, tx pgx.Tx, f *failedSend) error {
	if f.attempt == uuid.Nil {
		return nil
	}
	outcome := f.failure.Outcome
	if outcome == "" {
		outcome = "rejected"
	}
	_, err := tx.Exec(ctx, `
		INSERT INTO send_attempts (attempt_id, account_id, connection_id, message_id, outcome, http_status,
			error_code, error_detail, started_at, finished_at)
		VALUES (@attempt, @account, @connection, @message, @outcome, nullif(@http_status::integer, 0),
			nullif(@code::integer, -1), nullif(@details, ''), @started_at, @at)
		ON CONFLICT (attempt_id) DO UPDATE
		SET outcome = excluded.outcome, error_code = excluded.error_code, error_detail = excluded.error_detail`,
		pgx.NamedArgs{
			"attempt": f.attempt, "account": f.message.AccountID, "connection": f.message.ConnectionID,
			"message": f.message.ID, "outcome": outcome, "http_status": f.failure.HTTPStatus,
			"code": f.failure.Code, "details": f.failure.Details, "started_at": orTime(f.startedAt, f.at),
			"at": f.at,
		})
	if err != nil {
		return fmt.Errorf("note an attempt: %w", err)
	}
	return nil
}

func orTime(t, other time.Time) time.Time {
	if t.IsZero() {
		return other
	}
	return t
}

// putBack gives a message its place in the queue again. Its id keeps the order within the conversation.
func (s *Store) putBack(ctx context.Context, tx pgx.Tx, f *failedSend, ready time.Time, wake *contract.Wake) error {
	m := f.message
	_, err := tx.Exec(ctx, `
		WITH q AS (
			INSERT INTO send_queue (message_id, account_id, connection_id, conversation_id, priority, ready_at,
				attempts, throttles)
			VALUES (@id, @account, @connection, @conversation, @priority, @ready, @attempts, @throttles)
			ON CONFLICT (message_id) DO UPDATE
			SET state = 'ready', ready_at = excluded.ready_at, attempts = excluded.attempts,
				throttles = excluded.throttles, epoch = NULL, attempt_id = NULL, claimed_at = NULL
		), m AS (
			UPDATE messages
			SET state = 'queued', attempt_id = NULL, attempts = @attempts, provider_message_id = NULL,
				accepted_at = NULL, sent_at = NULL,
				failed_at = NULL, error_code = nullif(@code::integer, -1), error_detail = nullif(@details, ''),
				retry_at = NULL
			WHERE id = @id
		)
		INSERT INTO events (account_id, kind, conversation_id, entity_id)
		VALUES (@account, @message_updated, @conversation, @id)`,
		pgx.NamedArgs{
			"id": m.ID, "account": m.AccountID, "connection": m.ConnectionID, "conversation": m.ConversationID,
			"priority": m.Origin.Priority(), "ready": ready, "attempts": f.attempts, "throttles": f.throttles,
			"code": f.failure.Code, "details": f.failure.Details, "message_updated": models.EventMessageUpdated,
		})
	if err != nil {
		return fmt.Errorf("put a message back: %w", err)
	}
	m.State, m.AttemptID, m.ProviderMessageID = models.MessageQueued, nil, nil
	wake.Connections = append(wake.Connections, m.ConnectionID)
	return nil
}

// retryLater hands a message to a DeliveryRetry workflow: out of the queue, so that it blocks nobody, with the next try's
// instant and a doorbell in the same transaction (rule 128, Z15).
func (s *Store) retryLater(ctx context.Context, tx pgx.Tx, f *failedSend, wake *contract.Wake) error {
	m := f.message
	at := s.Now().Add(f.verdict.Wait)
	_, err := tx.Exec(ctx, `
		WITH q AS (
			DELETE FROM send_queue
			WHERE message_id = @message
		), m AS (
			UPDATE messages
			SET state = 'retry', retry_at = @retry_at, failed_at = least(failed_at, @at),
				error_code = nullif(@code::integer, -1),
				error_detail = nullif(@details, ''), attempt_id = coalesce(@attempt, attempt_id), attempts = @attempts
			WHERE id = @message
		), c AS (
			UPDATE conversations
			SET retrying_count = retrying_count + 1
			WHERE id = @conversation AND @waits
		)
		INSERT INTO events (account_id, kind, conversation_id, entity_id)
		VALUES (@account, @message_updated, @conversation, @message),
			(@account, @conversation_updated, @conversation, @conversation)`,
		pgx.NamedArgs{
			"message": m.ID, "account": m.AccountID, "conversation": m.ConversationID, "retry_at": at,
			"at": f.at, "code": f.failure.Code, "details": f.failure.Details, "attempt": nilUUID(f.attempt),
			"attempts": f.attempts, "waits": m.State != models.MessageRetry,
			"message_updated":      models.EventMessageUpdated,
			"conversation_updated": models.EventConversationUpdated,
		})
	if err != nil {
		return fmt.Errorf("plan a later try: %w", err)
	}
	m.State, m.RetryAt = models.MessageRetry, &at
	return ringRetry(ctx, tx, m, wake)
}

// ringRetry writes the doorbell of a message's DeliveryRetry.
func ringRetry(ctx context.Context, tx pgx.Tx, m *models.Message, wake *contract.Wake) error {
	bell, err := insertDoorbell(ctx, tx, contract.DeliveryRetryStart{AccountID: m.AccountID, MessageID: m.ID,
		ConversationID: m.ConversationID, ConnectionID: m.ConnectionID}.Doorbell())
	if err == nil {
		wake.Doorbells = append(wake.Doorbells, bell)
	}
	return err
}

func nilUUID(u uuid.UUID) *uuid.UUID {
	if u == uuid.Nil {
		return nil
	}
	return &u
}

// holdMessage lets an agent's message wait for the contact's reply (rule 100).
func (s *Store) holdMessage(ctx context.Context, tx pgx.Tx, f *failedSend) error {
	m := f.message
	_, err := tx.Exec(ctx, `
		WITH q AS (
			DELETE FROM send_queue
			WHERE message_id = @message
		), m AS (
			UPDATE messages
			SET state = 'held', attempt_id = NULL, provider_message_id = NULL, accepted_at = NULL, sent_at = NULL,
				failed_at = NULL, error_code = nullif(@code::integer, -1)
			WHERE id = @message
		), c AS (
			UPDATE conversations
			SET held_count = held_count + 1
			WHERE id = @conversation
		)
		INSERT INTO events (account_id, kind, conversation_id, entity_id)
		VALUES (@account, @message_updated, @conversation, @message),
			(@account, @conversation_updated, @conversation, @conversation)`,
		pgx.NamedArgs{
			"message": m.ID, "account": m.AccountID, "conversation": m.ConversationID, "code": f.failure.Code,
			"message_updated":      models.EventMessageUpdated,
			"conversation_updated": models.EventConversationUpdated,
		})
	if err != nil {
		return fmt.Errorf("hold a message: %w", err)
	}
	m.State = models.MessageHeld
	return restoreCounter(ctx, tx, m)
}

// giveUp ends a message: failed with its reason, or cancelled. A flow run that sent it hears of it in the same transaction.
func (s *Store) giveUp(ctx context.Context, tx pgx.Tx, f *failedSend, state models.MessageState, wake *contract.Wake) error {
	m := f.message
	var failedAt *time.Time
	if state == models.MessageFailed {
		failedAt = &f.at
	}
	_, err := tx.Exec(ctx, `
		WITH q AS (
			DELETE FROM send_queue
			WHERE message_id = @message
		), m AS (
			UPDATE messages
			SET state = @state, failed_at = least(failed_at, @failed_at),
				error_code = nullif(@code::integer, -1), error_detail = nullif(@details, ''),
				attempt_id = coalesce(@attempt, attempt_id), attempts = @attempts, retry_at = NULL
			WHERE id = @message
		)
		INSERT INTO events (account_id, kind, conversation_id, entity_id)
		VALUES (@account, @message_updated, @conversation, @message)`,
		pgx.NamedArgs{
			"message": m.ID, "account": m.AccountID, "conversation": m.ConversationID, "state": state,
			"failed_at": failedAt, "code": f.failure.Code, "details": f.failure.Details,
			"attempt": nilUUID(f.attempt), "attempts": f.attempts, "message_updated": models.EventMessageUpdated,
		})
	if err != nil {
		return fmt.Errorf("give a message up: %w", err)
	}
	m.State = state
	if err := restoreCounter(ctx, tx, m); err != nil {
		return err
	}
	return s.onSendFailed(ctx, tx, m, f.failure, f.verdict, wake)
}

// onSendFailed tells the flow run that sent a message that it was given up, so that the run takes the node's path for it
// (window_closed, template …).
func (s *Store) onSendFailed(ctx context.Context, tx pgx.Tx, m *models.Message, failure models.SendFailure, v models.Verdict, wake *contract.Wake) error {
	outcome := sendFailed
	switch v.Kind {
	case models.VerdictNeedTemplate:
		outcome = sendWindowClosed
	case models.VerdictPauseTemplate:
		switch v.TemplateStatus {
		case "DELETED":
			outcome = sendTemplateMissing
		case "REJECTED", "DISABLED":
			outcome = sendTemplateRejected
		default:
			outcome = sendTemplatePaused
		}
	}
	code := string(v.Kind)
	if failure.Code != models.NoProviderCode {
		code = strconv.Itoa(failure.Code)
	}
	return tellRun(ctx, tx, m, outcome, code, wake)
}

// tellRun puts what became of a message into the mailbox of the flow run that sent it and rings the run. A run that has
// ended hears nothing.
func tellRun(ctx context.Context, tx pgx.Tx, m *models.Message, outcome, code string, wake *contract.Wake) error {
	if m.FlowRunID == nil || m.FlowKey == nil {
		return nil
	}
	data, err := json.Marshal(map[string]string{"key": *m.FlowKey, "outcome": outcome, "code": code})
	if err != nil {
		return fmt.Errorf("write a send's result: %w", err)
	}
	start := contract.FlowRunStart{AccountID: m.AccountID, RunID: *m.FlowRunID, ConversationID: m.ConversationID, ConnectionID: m.ConnectionID}
	err = tx.QueryRow(ctx, `
		WITH e AS (
			INSERT INTO flow_run_events (account_id, flow_run_id, kind, data, trace)
			SELECT r.account_id, r.id, 'send_result', @data, (SELECT trace FROM messages WHERE id = @id)
			FROM flow_runs r
			WHERE r.account_id = @account AND r.id = @flow_run AND r.status <> 'ended'
			RETURNING account_id, flow_run_id
		)
		SELECT r.flow_id, r.flow_version_id, v.number
		FROM e
		JOIN flow_runs r ON r.id = e.flow_run_id AND r.account_id = e.account_id
		JOIN flow_versions v ON v.id = r.flow_version_id AND v.account_id = r.account_id`,
		pgx.NamedArgs{"account": m.AccountID, "flow_run": *m.FlowRunID, "data": data, "id": m.ID}).Scan(&start.FlowID, &start.VersionID, &start.Version)
	if errors.Is(err, pgx.ErrNoRows) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("tell a flow run of a send: %w", err)
	}
	bell, err := insertDoorbell(ctx, tx, start.Doorbell())
	if err == nil {
		wake.Doorbells = append(wake.Doorbells, bell)
	}
	return err
}

// pauseTemplate stops the use of a template that the provider refused. The next synchronisation says how it really is.
func pauseTemplate(ctx context.Context, tx pgx.Tx, m *models.Message, status string) error {
	if m.Content.Template == nil || status == "" {
		return nil
	}
	_, err := tx.Exec(ctx, `
		WITH t AS (
			UPDATE templates
			SET status = @status
			WHERE connection_id = @connection AND name = @name AND language = @language AND status <> @status
			RETURNING id, account_id
		)
		INSERT INTO events (account_id, kind, entity_id)
		SELECT account_id, @template_updated, id
		FROM t`,
		pgx.NamedArgs{
			"connection": m.ConnectionID, "name": m.Content.Template.Name,
			"language": m.Content.Template.Language, "status": status,
			"template_updated": models.EventTemplateUpdated,
		})
	if err != nil {
		return fmt.Errorf("pause a template: %w", err)
	}
	return nil
}

// stopMarketing records that the person does not want marketing (131050): never again until they resume it.
func stopMarketing(ctx context.Context, tx pgx.Tx, m *models.Message, at time.Time) error {
	_, err := tx.Exec(ctx, `
		WITH k AS (
			UPDATE contacts
			SET marketing_stopped_at = @marketing_stopped_at, updated_at = @marketing_stopped_at
			WHERE account_id = @account AND id = @contact AND marketing_stopped_at IS NULL
			RETURNING id
		)
		INSERT INTO events (account_id, kind, entity_id)
		SELECT @account, @contact_updated, id
		FROM k`,
		pgx.NamedArgs{
			"account": m.AccountID, "contact": m.ContactID, "marketing_stopped_at": at,
			"contact_updated": models.EventContactUpdated,
		})
	if err != nil {
		return fmt.Errorf("record that marketing was stopped: %w", err)
	}
	return nil
}
