package store

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"

	"github.com/perene/perene/models"
)

// keepsCounter is true where the account wants the no-reply counter to go on when only a bot has answered (Z5); of the
// account named a.
const keepsCounter = `coalesce((a.settings->>'bot_reply_keeps_counter')::boolean, false)`

// restoreCounter brings the no-reply counter back after a message that cleared it did not go out: a failed, held or
// cancelled send is no answer (rules 104, 105, Z5). It counts from the first message of the contact after the last answer
// that did go out, and never from later than it does now. History waits for nobody. The message's new state is stored already; the caller holds the conversation's row.
func restoreCounter(ctx context.Context, tx pgx.Tx, m *models.Message) error {
	if m.Kind == string(models.ContentKindReaction) {
		return nil
	}
	_, err := tx.Exec(ctx, `
		WITH since AS (
			SELECT min(m.provider_at) AS at
			FROM messages m
			WHERE m.conversation_id = @conversation AND `+counting+` AND m.id > coalesce((
				SELECT o.id FROM messages o JOIN accounts a ON a.id = o.account_id
				WHERE o.conversation_id = @conversation AND o.direction = 'out' AND o.kind <> 'reaction'
					AND o.state NOT IN ('failed', 'held', 'cancelled')
					AND o.arrival IS DISTINCT FROM 'history'
					AND o.origin <> 'system'
					AND (o.origin IN ('agent', 'api', 'phone') OR NOT `+keepsCounter+`)
				ORDER BY o.created_at DESC, o.id DESC LIMIT 1), 0)
		), c AS (
			UPDATE conversations v
			SET first_unanswered_at = least(v.first_unanswered_at, since.at)
			FROM since
			WHERE v.account_id = @account AND v.id = @conversation AND since.at IS NOT NULL
				AND since.at < coalesce(v.first_unanswered_at, 'infinity')
			RETURNING v.id
		)
		INSERT INTO events (account_id, kind, conversation_id, entity_id)
		SELECT @account, @conversation_updated, id, id
		FROM c`,
		pgx.NamedArgs{
			"account": m.AccountID, "conversation": m.ConversationID,
			"conversation_updated": models.EventConversationUpdated,
		})
	if err != nil {
		return fmt.Errorf("bring the no-reply counter back: %w", err)
	}
	return nil
}
