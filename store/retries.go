package store

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/jackc/pgx/v5"

	"github.com/perene/perene/contract"
	"github.com/perene/perene/models"
)

// RetryState tells how a message stands that a DeliveryRetry looks after. Replied is true when the person wrote after the
// failure and the error's policy says that this ends the tries; a reaction, an edit or a call is no reply (Z17).
func (s *Store) RetryState(ctx context.Context, account models.AccountID, id models.MessageID) (contract.RetryView, error) {
	var view contract.RetryView
	err := s.inTx(ctx, func(tx pgx.Tx) error {
		var err error
		view, err = s.retryView(ctx, tx, account, id)
		return err
	})
	return view, asError(err, "message")
}

func (s *Store) retryView(ctx context.Context, tx pgx.Tx, account models.AccountID, id models.MessageID) (contract.RetryView, error) {
	view := contract.RetryView{Code: models.NoProviderCode}
	m, err := scanMessage(tx.QueryRow(ctx, `
		SELECT `+messageColumns+`
		FROM messages m
		WHERE m.account_id = @account AND m.id = @id AND m.direction = 'out'`,
		pgx.NamedArgs{"account": account, "id": id}))
	if err != nil {
		return view, asError(err, "message")
	}
	view.State, view.Retries = m.State, m.Retries
	if m.RetryAt != nil {
		view.RetryAt = *m.RetryAt
	}
	if m.ErrorCode != nil {
		view.Code = *m.ErrorCode
	}
	if m.State != models.MessageRetry || m.FailedAt == nil {
		return view, nil
	}
	var overrides json.RawMessage
	var channel string
	var wrote bool
	err = tx.QueryRow(ctx, `
		SELECT a.error_policies, c.channel, EXISTS (
			SELECT 1 FROM messages i WHERE i.conversation_id = @conversation AND i.id > @id
				AND i.direction = 'in' AND i.provider_at >= date_trunc('second', @failed_at::timestamptz)
				AND i.kind NOT IN ('reaction', 'edit', 'deleted', 'call', 'call_permission_reply'))
		FROM accounts a, connections c
		WHERE a.id = @account AND c.id = @connection`,
		pgx.NamedArgs{
			"account": account, "connection": m.ConnectionID, "conversation": m.ConversationID, "id": id,
			"failed_at": *m.FailedAt,
		}).
		Scan(&overrides, &channel, &wrote)
	if err != nil {
		return view, fmt.Errorf("read the error policies: %w", err)
	}
	if wrote {
		f := models.SendFailure{Outcome: "rejected", Code: view.Code, Category: m.Content.Category()}
		view.Replied = s.judge.Judge(channel, overrides, f, models.SendCounts{Attempts: 1, Retries: m.Retries}).StopsOnReply
	}
	return view, nil
}

// RequeueRetry gives a message that waits for a later try its place in the queue. Nothing happens where it no longer waits
// or another try has been made since (retries is how many the caller knows of). After COMMIT the caller wakes the sender of
// Wake.Connections.
func (s *Store) RequeueRetry(ctx context.Context, account models.AccountID, id models.MessageID, retries int) (contract.RetryView, contract.Wake, error) {
	var view contract.RetryView
	var wake contract.Wake
	err := s.inTxAgain(ctx, func(tx pgx.Tx) error {
		wake = contract.Wake{}
		m, err := lockMessage(ctx, tx, account, id)
		if err != nil {
			return err
		}
		if m.State == models.MessageRetry && m.Retries == retries {
			if err := s.putBack(ctx, tx, &failedSend{message: m, failure: models.SendFailure{Code: deref(m.ErrorCode), Details: derefText(m.ErrorDetail)}}, s.Now(), &wake); err != nil {
				return err
			}
			if err := leaveRetry(ctx, tx, m, 1); err != nil {
				return err
			}
		}
		view, err = s.retryView(ctx, tx, account, id)
		return err
	})
	return view, wake, asError(err, "message")
}

// leaveRetry notes that a message no longer waits for a later try; made is how many tries that adds.
func leaveRetry(ctx context.Context, tx pgx.Tx, m *models.Message, made int) error {
	_, err := tx.Exec(ctx, `
		WITH m AS (
			UPDATE messages
			SET retries = retries + @made, retry_at = NULL
			WHERE id = @id
		), c AS (
			UPDATE conversations
			SET retrying_count = greatest(0, retrying_count - 1)
			WHERE id = @conversation
		)
		INSERT INTO events (account_id, kind, conversation_id, entity_id)
		VALUES (@account, @conversation_updated, @conversation, @conversation)`,
		pgx.NamedArgs{
			"id": m.ID, "account": m.AccountID, "conversation": m.ConversationID, "made": made,
			"conversation_updated": models.EventConversationUpdated,
		})
	if err != nil {
		return fmt.Errorf("end the wait for a later try: %w", err)
	}
	return nil
}

// StopRetry gives a message up that waits for a later try: the person replied, or somebody cancelled it. The error it failed
// with stays.
func (s *Store) StopRetry(ctx context.Context, account models.AccountID, id models.MessageID) (contract.RetryView, contract.Wake, error) {
	var view contract.RetryView
	var wake contract.Wake
	err := s.inTxAgain(ctx, func(tx pgx.Tx) error {
		wake = contract.Wake{}
		m, err := lockMessage(ctx, tx, account, id)
		if err != nil {
			return err
		}
		if m.State == models.MessageRetry {
			f := failedSend{message: m, attempts: m.Attempts, at: *m.FailedAt, verdict: models.Verdict{Kind: models.VerdictFail},
				failure: models.SendFailure{Outcome: "rejected", Code: deref(m.ErrorCode), Details: derefText(m.ErrorDetail)}}
			if err := s.giveUp(ctx, tx, &f, models.MessageFailed, &wake); err != nil {
				return err
			}
			if err := leaveRetry(ctx, tx, m, 0); err != nil {
				return err
			}
		}
		view, err = s.retryView(ctx, tx, account, id)
		return err
	})
	return view, wake, asError(err, "message")
}

func deref(code *int) int {
	if code == nil {
		return models.NoProviderCode
	}
	return *code
}

func derefText(s *string) string {
	if s == nil {
		return ""
	}
	return *s
}
