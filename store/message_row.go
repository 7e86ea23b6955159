package store

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/jackc/pgx/v5"

	"github.com/perene/perene/models"
)

// messageColumns are what scanMessage reads, of a row named m.
const messageColumns = `m.id, m.account_id, m.conversation_id, m.connection_id, m.contact_id, m.direction, m.origin, m.kind, m.content, m.seq, m.state,
	m.provider_message_id, m.provider_at, m.reply_to_provider_id, m.sender_id, m.author_id, m.flow_run_id, m.flow_key, m.media_id, m.client_ref, m.attempt_id,
	m.attempts, m.accepted_at, m.sent_at, m.delivered_at, m.read_at, m.played_at, m.failed_at, m.error_code, m.error_detail, m.retry_at, m.retries,
	m.pricing, m.arrival, m.created_at`

func scanMessage(row pgx.Row) (*models.Message, error) {
	var m models.Message
	var content []byte
	err := row.Scan(&m.ID, &m.AccountID, &m.ConversationID, &m.ConnectionID, &m.ContactID, &m.Direction, &m.Origin, &m.Kind, &content, &m.Seq, &m.State,
		&m.ProviderMessageID, &m.ProviderAt, &m.ReplyToProviderID, &m.SenderID, &m.AuthorID, &m.FlowRunID, &m.FlowKey, &m.MediaID, &m.ClientRef, &m.AttemptID,
		&m.Attempts, &m.AcceptedAt, &m.SentAt, &m.DeliveredAt, &m.ReadAt, &m.PlayedAt, &m.FailedAt, &m.ErrorCode, &m.ErrorDetail, &m.RetryAt, &m.Retries,
		&m.Pricing, &m.Arrival, &m.CreatedAt)
	if err != nil {
		return nil, err
	}
	if err := json.Unmarshal(content, &m.Content); err != nil {
		return nil, fmt.Errorf("read a message's content: %w", err)
	}
	return &m, nil
}

// lockMessage locks an outbound message and, before it, its conversation and its place in the queue: always in this order,
// which is also the order of those who record many answers at once, so that nobody waits in a circle. A CodeNotFound error
// where the account has no such message.
func lockMessage(ctx context.Context, tx pgx.Tx, account models.AccountID, id models.MessageID) (*models.Message, error) {
	var m *models.Message
	batch := &pgx.Batch{}
	batch.Queue(`
		SELECT 1
		FROM conversations
		WHERE id = (SELECT conversation_id FROM messages WHERE account_id = @account AND id = @id)
		FOR UPDATE`,
		pgx.NamedArgs{"account": account, "id": id})
	batch.Queue(`
		SELECT 1
		FROM send_queue
		WHERE account_id = @account AND message_id = @message
		FOR UPDATE`,
		pgx.NamedArgs{"account": account, "message": id})
	batch.Queue(`
		SELECT `+messageColumns+`
		FROM messages m
		WHERE m.account_id = @account AND m.id = @id AND m.direction = 'out'
		FOR UPDATE`,
		pgx.NamedArgs{"account": account, "id": id}).
		QueryRow(func(row pgx.Row) error {
			var err error
			m, err = scanMessage(row)
			return err
		})
	if err := tx.SendBatch(ctx, batch).Close(); err != nil {
		return nil, asError(err, "message")
	}
	return m, nil
}
