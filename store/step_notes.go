package store

import (
	"encoding/json"
	"fmt"

	"github.com/jackc/pgx/v5"

	"github.com/perene/perene/contract"
	"github.com/perene/perene/models"
)

// internal writes the notes of a step into the conversation, and names in them whom the flow names. Somebody who has left and
// a queue that is archived are named no more.
func (w *stepWriter) internal() error {
	for i := range w.d.Internal {
		if err := w.internalNote(&w.d.Internal[i]); err != nil {
			return err
		}
	}
	return nil
}

func (w *stepWriter) internalNote(n *contract.StepInternalNote) error {
	content, err := json.Marshal(models.Content{Kind: models.ContentKindText, Text: n.Text})
	if err != nil {
		return fmt.Errorf("write a note: %w", err)
	}
	c := &w.snap.Conversation
	w.batch.Queue(`
		WITH m AS (
			INSERT INTO messages (account_id, conversation_id, connection_id, contact_id, direction, origin, kind, content, state,
				flow_run_id, flow_key, created_at)
			VALUES (@account, @conversation, @connection, @contact, 'note', 'bot', @kind, @content, 'received',
				@run, @key, `+timelineNow+`)
			RETURNING id, created_at
		), c AS (
			UPDATE conversations
			SET last_message_id = m.id, last_message_at = m.created_at, updated_at = @now
			FROM m
			WHERE conversations.id = @conversation
		), named AS (
			INSERT INTO message_mentions (account_id, message_id, user_id, queue_id)
			SELECT @account, m.id, u.id, NULL::bigint
			FROM m
			JOIN users u ON u.account_id = @account AND u.id = @user AND `+mayGetTickets+`
			UNION ALL
			SELECT @account, m.id, NULL, q.id
			FROM m
			JOIN queues q ON q.account_id = @account AND q.id = @queue AND q.archived_at IS NULL
		)
		INSERT INTO events (account_id, kind, conversation_id, entity_id)
		SELECT @account, @event, @conversation, m.id
		FROM m`,
		pgx.NamedArgs{
			"account": c.AccountID, "conversation": c.ID, "connection": c.ConnectionID, "contact": c.ContactID,
			"kind": models.ContentKindText, "content": content, "run": w.snap.Run.ID, "key": n.Key, "now": w.now,
			"user": n.UserID, "queue": n.QueueID, "event": models.EventMessageCreated,
		})
	return nil
}
