package store

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/perene/perene/contract"
	"github.com/perene/perene/models"
)

// insertSystemLine writes a line into a conversation that agents alone see. The console says it by its code. An alert is red
// (rule 131). The caller holds the conversation's row.
func insertSystemLine(ctx context.Context, tx pgx.Tx, conv *models.Conversation, line *contract.StepLine, run *models.FlowRunID, now time.Time) error {
	note := &models.ContentSystemNote{Code: line.Code, Params: maps.Clone(line.Values)}
	if line.Alert {
		if note.Params == nil {
			note.Params = map[string]string{}
		}
		note.Params["level"] = "alert"
	}
	content := models.Content{Kind: models.ContentKindSystemNote, SystemNote: note}
	body, err := json.Marshal(content)
	if err != nil {
		return fmt.Errorf("write a system line: %w", err)
	}
	_, err = tx.Exec(ctx, `
		WITH m AS (
			INSERT INTO messages (account_id, conversation_id, connection_id, contact_id, direction, origin,
				kind, content, state, flow_run_id, created_at)
			VALUES (@account, @conversation, @connection, @contact, 'system', 'system', @kind, @body, 'received',
				@run, `+timelineNow+`)
			RETURNING id, created_at
		), c AS (
			UPDATE conversations
			SET last_message_id = CASE WHEN @quiet THEN last_message_id ELSE m.id END,
				last_message_at = CASE WHEN @quiet THEN last_message_at ELSE m.created_at END,
				updated_at = @now
			FROM m
			WHERE conversations.id = @conversation
		)
		INSERT INTO events (account_id, kind, conversation_id, entity_id)
		SELECT @account, @message_created, @conversation, m.id
		FROM m`,
		pgx.NamedArgs{
			"account": conv.AccountID, "conversation": conv.ID, "connection": conv.ConnectionID,
			"contact": conv.ContactID, "kind": content.Kind, "body": body, "run": run, "now": now,
			"message_created": models.EventMessageCreated, "quiet": line.Code.Quiet(),
		})
	if err != nil {
		return fmt.Errorf("write a system line: %w", err)
	}
	return nil
}
