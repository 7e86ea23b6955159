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

// The statuses a provider reports.
const (
	statusSent      = "sent"
	statusDelivered = "delivered"
	statusRead      = "read"
	statusPlayed    = "played"
	statusFailed    = "failed"
)

// statusTail sets a time once (the earliest that was ever reported), of a message found as f that is simply on its way.
// Nothing is written when nothing is new. A message that stopped being simply on its way while we waited for its row is not
// touched, and told as not simple.
const statusTail = `, u AS (
		UPDATE messages m
		SET sent_at = least(m.sent_at, @sent), delivered_at = least(m.delivered_at, @delivered),
			read_at = least(m.read_at, @read),
			played_at = least(m.played_at, @played), pricing = coalesce(m.pricing, @pricing::jsonb),
			provider_message_id = coalesce(m.provider_message_id, @provider_id),
			attempt_id = coalesce(f.attempt, m.attempt_id)
		FROM f
		WHERE m.id = f.id AND f.simple AND f.news AND m.state IN ('accepted', 'queued')
		RETURNING m.id, m.account_id, m.conversation_id
	), e AS (
		INSERT INTO events (account_id, kind, conversation_id, entity_id)
		SELECT account_id, @message_updated, conversation_id, id
		FROM u
	)
	SELECT id, simple AND (NOT news OR EXISTS (SELECT 1 FROM u)), known, trace
	FROM f`

// statusNews tells whether a status says anything new of a message m.
const statusNews = `(m.sent_at > @sent OR m.delivered_at > @delivered OR m.read_at > @read OR m.played_at > @played
			OR (m.sent_at IS NULL AND @sent::timestamptz IS NOT NULL) OR (m.delivered_at IS NULL AND @delivered::timestamptz IS NOT NULL)
			OR (m.read_at IS NULL AND @read::timestamptz IS NOT NULL) OR (m.played_at IS NULL AND @played::timestamptz IS NOT NULL)
			OR (m.pricing IS NULL AND @pricing::jsonb IS NOT NULL)) IS TRUE AS news, m.trace`

// statusByAttempt finds the message by the attempt that was echoed: by primary key.
const statusByAttempt = `
	WITH f AS (
		SELECT m.id, @attempt::uuid AS attempt,
			(m.state = 'accepted' AND m.attempt_id = @attempt) OR (m.state = 'queued' AND EXISTS (
				SELECT 1 FROM send_queue q WHERE q.message_id = m.id AND q.state = 'sending' AND q.attempt_id = @attempt)) AS simple,
			m.attempt_id = @attempt OR EXISTS (SELECT 1 FROM send_queue q WHERE q.message_id = m.id AND q.attempt_id = @attempt)
				OR EXISTS (SELECT 1 FROM send_attempts a WHERE a.attempt_id = @attempt AND a.message_id = m.id) AS known,
			` + statusNews + `
		FROM messages m
		WHERE m.id = @id AND m.connection_id = @connection AND m.direction = 'out'
	)` + statusTail

// statusByProvider finds the message by the provider's id, for channels and messages whose attempt is not echoed.
const statusByProvider = `
	WITH f AS (
		SELECT m.id, m.attempt_id AS attempt, m.state = 'accepted' AS simple, true AS known, ` + statusNews + `
		FROM messages m
		WHERE m.connection_id = @connection AND m.provider_message_id = @provider_id AND m.direction = 'out'
	)` + statusTail

// applyStatus takes in what a provider says about a message we sent. Times are set once, so any order and any number of
// repeats gives the same; a status that comes before the send's answer finds its message by the attempt it carries, or is
// parked until the answer is recorded. A failure is judged by the same table as an answer.
func (s *Store) applyStatus(ctx context.Context, tx pgx.Tx, conn *models.Connection, st *models.StatusUpdate, wake *contract.Wake) error {
	id, attempt, echoed := models.ParseCallbackData(st.AttemptID)
	if echoed {
		found, err := s.applyFast(ctx, tx, conn, st, statusByAttempt, id, attempt)
		if err != nil {
			return err
		}
		if found.known {
			sawStatus(wake, found, st, attempt)
			if found.simple && st.Status != statusFailed {
				return nil
			}
			return s.applySlow(ctx, tx, conn, st, found.id, &attempt, wake)
		}
	}
	done, err := s.applyByProvider(ctx, tx, conn, st, wake)
	if done || err != nil {
		return err
	}
	// Who records the answer takes the same lock, so either finds what the other has written.
	if _, err := tx.Exec(ctx, `SELECT pg_advisory_xact_lock(@lock)`,
		pgx.NamedArgs{"lock": statusLock(conn.ID, st.ProviderID)}); err != nil {
		return fmt.Errorf("wait for an answer that is being recorded: %w", err)
	}
	if done, err = s.applyByProvider(ctx, tx, conn, st, wake); done || err != nil {
		return err
	}
	return park(ctx, tx, conn, st)
}

type foundStatus struct {
	id     models.MessageID
	simple bool
	known  bool
	trace  []byte
}

// applyFast sets the time of a message that is simply on its way; a failed status only looks.
func (s *Store) applyFast(ctx context.Context, tx pgx.Tx, conn *models.Connection, st *models.StatusUpdate, sql string, id models.MessageID, attempt uuid.UUID) (foundStatus, error) {
	var f foundStatus
	var pricing *string
	if len(st.Pricing) > 0 {
		text := string(st.Pricing)
		pricing = &text
	}
	if st.Status == statusFailed {
		pricing = nil
	}
	params := pgx.NamedArgs{
		"id": id, "connection": conn.ID, "provider_id": st.ProviderID, "attempt": attempt, "sent": timeIf(st, statusSent),
		"delivered": timeIf(st, statusDelivered), "read": timeIf(st, statusRead), "played": timeIf(st, statusPlayed),
		"pricing": pricing, "message_updated": models.EventMessageUpdated,
	}
	var simple, known *bool
	err := tx.QueryRow(ctx, sql, params).Scan(&f.id, &simple, &known, &f.trace)
	if errors.Is(err, pgx.ErrNoRows) {
		return foundStatus{}, nil
	}
	if err != nil {
		return f, fmt.Errorf("record a status: %w", err)
	}
	f.simple, f.known = simple != nil && *simple, known != nil && *known
	return f, nil
}

// sawStatus notes a status of a message that is traced.
func sawStatus(wake *contract.Wake, f foundStatus, st *models.StatusUpdate, attempt uuid.UUID) {
	if f.trace != nil {
		wake.Statuses = append(wake.Statuses, contract.TracedStatus{Trace: f.trace, AttemptID: attempt, MessageID: f.id, Status: st.Status, Code: st.ErrorCode})
	}
}

// timeIf gives the status's time if it is of a kind.
func timeIf(st *models.StatusUpdate, status string) *time.Time {
	if st.Status != status {
		return nil
	}
	return &st.At
}

func (s *Store) applyByProvider(ctx context.Context, tx pgx.Tx, conn *models.Connection, st *models.StatusUpdate, wake *contract.Wake) (bool, error) {
	found, err := s.applyFast(ctx, tx, conn, st, statusByProvider, 0, uuid.Nil)
	if err != nil || found.id == 0 {
		return false, err
	}
	sawStatus(wake, found, st, uuid.UUID{})
	if found.simple && st.Status != statusFailed {
		return true, nil
	}
	return true, s.applySlow(ctx, tx, conn, st, found.id, nil, wake)
}

// park keeps a status nobody can place yet.
func park(ctx context.Context, tx pgx.Tx, conn *models.Connection, st *models.StatusUpdate) error {
	body, err := json.Marshal(st)
	if err != nil {
		return fmt.Errorf("park a status: %w", err)
	}
	_, err = tx.Exec(ctx, `
		INSERT INTO parked_statuses (account_id, connection_id, provider_message_id, status, at, body)
		VALUES (@account, @connection, @provider_id, @status, @at, @body)
		ON CONFLICT (connection_id, provider_message_id, status) DO UPDATE
		SET at = least(parked_statuses.at, excluded.at)`,
		pgx.NamedArgs{
			"connection": conn.ID, "provider_id": st.ProviderID, "status": st.Status, "at": st.At, "body": body,
			"account": conn.AccountID,
		})
	if err != nil {
		return fmt.Errorf("park a status: %w", err)
	}
	return nil
}

// consumeParked applies what was parked for a message, in the transaction that records its answer.
func (s *Store) consumeParked(ctx context.Context, tx pgx.Tx, m *models.Message, providerID string, wake *contract.Wake) error {
	rows, err := tx.Query(ctx, `
		DELETE FROM parked_statuses
		WHERE connection_id = @connection AND provider_message_id = @provider_id
		RETURNING body, at`,
		pgx.NamedArgs{"connection": m.ConnectionID, "provider_id": providerID})
	if err != nil {
		return fmt.Errorf("take parked statuses: %w", err)
	}
	parked, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (*models.StatusUpdate, error) {
		var body []byte
		st := &models.StatusUpdate{}
		var at time.Time
		if err := row.Scan(&body, &at); err != nil {
			return nil, err
		}
		err := json.Unmarshal(body, st)
		st.At = at
		if st.ErrorCode == 0 && st.ErrorText == "" {
			st.ErrorCode = models.NoProviderCode // parked by a version that wrote 0 for "no code"
		}
		return st, err
	})
	if err != nil {
		return fmt.Errorf("take parked statuses: %w", err)
	}
	for _, st := range parked {
		conn := &models.Connection{ID: m.ConnectionID, AccountID: m.AccountID}
		if err := s.applySlow(ctx, tx, conn, st, m.ID, nil, wake); err != nil {
			return err
		}
	}
	return nil
}

// applySlow takes in a status of a message that is not simply on its way: under the conversation's lock. attempt is what
// was echoed; nil means that the provider's id named the message, and so its present attempt.
func (s *Store) applySlow(ctx context.Context, tx pgx.Tx, conn *models.Connection, st *models.StatusUpdate, id models.MessageID, attempt *uuid.UUID, wake *contract.Wake) error {
	m, err := lockMessage(ctx, tx, conn.AccountID, id)
	if err != nil {
		return err
	}
	q, err := lockQueueRow(ctx, tx, id)
	if err != nil {
		return err
	}
	present := attempt == nil || (m.AttemptID != nil && *m.AttemptID == *attempt) || (q != nil && q.attempt != nil && *q.attempt == *attempt)
	if st.Status == statusFailed {
		if !present {
			return nil // of a try that was followed by another one
		}
		return s.failedStatus(ctx, tx, st, m, q, attempt, wake)
	}
	reached := st.Status != statusSent // the person has it, whichever try it was
	if !present && !reached {
		return nil
	}
	if err := setStatusTime(ctx, tx, m, st, present, attempt); err != nil {
		return err
	}
	switch m.State {
	case models.MessageUnknown:
		return s.confirm(ctx, tx, m, st.At, wake)
	case models.MessageQueued:
		if q != nil && q.state != "sending" {
			return s.confirm(ctx, tx, m, st.At, wake) // it is to be sent again, and was there all along
		}
	case models.MessageFailed:
		if reached {
			return s.confirm(ctx, tx, m, st.At, wake)
		}
	case models.MessageRetry, models.MessageHeld:
		if reached {
			return s.stopWaiting(ctx, tx, m, st.At, wake)
		}
	case models.MessageReceived, models.MessageAccepted, models.MessageCancelled:
	}
	return nil
}

// setStatusTime sets the time a status reports, once.
func setStatusTime(ctx context.Context, tx pgx.Tx, m *models.Message, st *models.StatusUpdate, present bool, attempt *uuid.UUID) error {
	var pricing *string
	if len(st.Pricing) > 0 {
		text := string(st.Pricing)
		pricing = &text
	}
	_, err := tx.Exec(ctx, `
		WITH m AS (
			UPDATE messages
			SET sent_at = least(sent_at, @sent_at), delivered_at = least(delivered_at, @delivered_at),
				read_at = least(read_at, @read_at),
				played_at = least(played_at, @played_at), pricing = coalesce(pricing, @pricing::jsonb),
				provider_message_id = CASE
				WHEN @present THEN coalesce(provider_message_id, @provider_id) ELSE provider_message_id END,
				attempt_id = CASE WHEN @present THEN coalesce(@attempt, attempt_id) ELSE attempt_id END
			WHERE id = @id
			RETURNING account_id, conversation_id
		)
		INSERT INTO events (account_id, kind, conversation_id, entity_id)
		SELECT account_id, @message_updated, conversation_id, @id
		FROM m`,
		pgx.NamedArgs{
			"id": m.ID, "sent_at": timeIf(st, statusSent), "delivered_at": timeIf(st, statusDelivered),
			"read_at": timeIf(st, statusRead), "played_at": timeIf(st, statusPlayed), "pricing": pricing,
			"present": present, "provider_id": st.ProviderID, "attempt": attempt,
			"message_updated": models.EventMessageUpdated,
		})
	if err != nil {
		return fmt.Errorf("record a status: %w", err)
	}
	return nil
}

// stopWaiting settles a message that waited for a later try, or for the contact, and turns out to have arrived.
func (s *Store) stopWaiting(ctx context.Context, tx pgx.Tx, m *models.Message, at time.Time, wake *contract.Wake) error {
	retrying := m.State == models.MessageRetry
	_, err := tx.Exec(ctx, `
		WITH m AS (
			UPDATE messages
			SET state = 'accepted', retry_at = NULL, accepted_at = least(accepted_at, @accepted_at)
			WHERE id = @id
		), c AS (
			UPDATE conversations
			SET retrying_count = greatest(0, retrying_count - CASE WHEN @retrying THEN 1 ELSE 0 END),
				held_count = greatest(0, held_count - CASE WHEN @retrying THEN 0 ELSE 1 END)
			WHERE id = @conversation
		)
		INSERT INTO events (account_id, kind, conversation_id, entity_id)
		VALUES (@account, @message_updated, @conversation, @id),
			(@account, @conversation_updated, @conversation, @conversation)`,
		pgx.NamedArgs{
			"id": m.ID, "account": m.AccountID, "conversation": m.ConversationID, "accepted_at": at,
			"retrying": retrying, "message_updated": models.EventMessageUpdated,
			"conversation_updated": models.EventConversationUpdated,
		})
	if err != nil {
		return fmt.Errorf("settle a message that arrived: %w", err)
	}
	if err := openSession(ctx, tx, m, at); err != nil {
		return err
	}
	m.State = models.MessageAccepted
	if !retrying {
		return nil
	}
	return ringRetry(ctx, tx, m, wake)
}

// noCode is models.NoProviderCode as SQL.
var noCode = strconv.Itoa(models.NoProviderCode)

// failedStatus takes in that a message failed after the provider had taken it, or before we heard that it did.
func (s *Store) failedStatus(ctx context.Context, tx pgx.Tx, st *models.StatusUpdate, m *models.Message, q *queueRow, attempt *uuid.UUID, wake *contract.Wake) error {
	_, err := tx.Exec(ctx, `
		WITH m AS (
			UPDATE messages
			SET failed_at = least(failed_at, @at), error_code = nullif(@error_code, `+noCode+`),
				error_detail = nullif(@error_text, ''),
				provider_message_id = coalesce(provider_message_id, @provider_id),
				attempt_id = coalesce(@attempt, attempt_id)
			WHERE id = @id
			RETURNING account_id, conversation_id
		)
		INSERT INTO events (account_id, kind, conversation_id, entity_id)
		SELECT account_id, @message_updated, conversation_id, @id
		FROM m`,
		pgx.NamedArgs{
			"id": m.ID, "at": st.At, "error_code": st.ErrorCode, "error_text": st.ErrorText,
			"provider_id": st.ProviderID, "attempt": attempt, "message_updated": models.EventMessageUpdated,
		})
	if err != nil {
		return fmt.Errorf("record a failure: %w", err)
	}
	if m.DeliveredAt != nil || m.ReadAt != nil || m.PlayedAt != nil {
		return nil // the person has it: nothing is to be done about it
	}
	switch m.State {
	case models.MessageAccepted, models.MessageUnknown, models.MessageQueued:
	default:
		return nil // settled already
	}
	if err := dropSession(ctx, tx, m); err != nil {
		return err
	}
	var overrides json.RawMessage
	var channel string
	err = tx.QueryRow(ctx, `
		SELECT a.error_policies, c.channel
		FROM accounts a, connections c
		WHERE a.id = @account AND c.id = @connection`,
		pgx.NamedArgs{"account": m.AccountID, "connection": m.ConnectionID}).Scan(&overrides, &channel)
	if err != nil {
		return fmt.Errorf("read the error policies: %w", err)
	}
	f := failedSend{message: m, attempts: m.Attempts, at: st.At, startedAt: st.At,
		failure: models.SendFailure{Outcome: "rejected", Code: st.ErrorCode, Details: st.ErrorText, Category: m.Content.Category()}}
	switch {
	case attempt != nil:
		f.attempt = *attempt
	case m.AttemptID != nil:
		f.attempt = *m.AttemptID
	}
	if q != nil {
		f.attempts, f.throttles = q.attempts, q.throttles
	}
	f.throttles++
	f.verdict = s.judge.Judge(channel, overrides, f.failure, models.SendCounts{Attempts: max(f.attempts, 1), Retries: m.Retries, Throttles: f.throttles})
	if f.verdict.File {
		if err := forgetUploads(ctx, tx, m); err != nil {
			return err
		}
	}
	if st.ErrorCode == models.NoProviderCode {
		// Without a reason nothing speaks for another try: the message was taken once, and a second one may arrive twice.
		f.verdict = models.Verdict{Kind: models.VerdictFail, Reason: "the provider gave no reason"}
	}
	return s.settleFailure(ctx, tx, f, wake)
}
