package store

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"

	"github.com/perene/perene/models"
)

// mergeSQL makes the contact @from part of @into, in this order. Every row that names from names into afterwards.
var mergeSQL = []string{
	`UPDATE contact_identities SET contact_id = @into WHERE account_id = @account AND contact_id = @from`,
	`INSERT INTO contact_labels (account_id, contact_id, label_id)
		SELECT account_id, @into, label_id FROM contact_labels WHERE account_id = @account AND contact_id = @from
		ON CONFLICT DO NOTHING`,
	`UPDATE contact_notes SET contact_id = @into WHERE account_id = @account AND contact_id = @from`,
	// What belongs to a conversation follows it, and a group's message its sender.
	`UPDATE messages SET contact_id = @into
		WHERE conversation_id IN (SELECT id FROM conversations WHERE account_id = @account AND contact_id = @from)`,
	`UPDATE messages SET sender_id = @into WHERE account_id = @account AND sender_id = @from`,
	`UPDATE flow_runs SET contact_id = @into
		WHERE conversation_id IN (SELECT id FROM conversations WHERE account_id = @account AND contact_id = @from)`,
	`UPDATE tickets SET contact_id = @into
		WHERE conversation_id IN (SELECT id FROM conversations WHERE account_id = @account AND contact_id = @from)`,
	// Where both have a conversation on a connection, from's keeps its history and into's goes on.
	`UPDATE conversations c SET contact_id = @into, superseded_by_id = coalesce(c.superseded_by_id, (
			SELECT o.id FROM conversations o
			WHERE o.connection_id = c.connection_id AND o.contact_id = @into AND o.superseded_by_id IS NULL))
		WHERE c.account_id = @account AND c.contact_id = @from`,
	// Who follows the conversation that goes no further, or writes in it, does so in the one that goes on.
	`INSERT INTO conversation_followers (account_id, conversation_id, user_id)
		SELECT f.account_id, c.superseded_by_id, f.user_id
		FROM conversation_followers f JOIN conversations c ON c.id = f.conversation_id AND c.account_id = f.account_id
		WHERE c.account_id = @account AND c.contact_id = @into AND c.superseded_by_id IS NOT NULL
		ON CONFLICT DO NOTHING`,
	`INSERT INTO drafts (account_id, user_id, conversation_id, mode, body, revision, updated_at)
		SELECT d.account_id, d.user_id, c.superseded_by_id, d.mode, d.body, d.revision, d.updated_at
		FROM drafts d JOIN conversations c ON c.id = d.conversation_id AND c.account_id = d.account_id
		WHERE c.account_id = @account AND c.contact_id = @into AND c.superseded_by_id IS NOT NULL
		ON CONFLICT DO NOTHING`,
	// The clocks of templates go on too: of two sessions of a category the longer one.
	`INSERT INTO template_sessions (account_id, conversation_id, category, message_id, opened_at, ends_at)
		SELECT DISTINCT ON (c.superseded_by_id, s.category) s.account_id, c.superseded_by_id, s.category, s.message_id, s.opened_at, s.ends_at
		FROM template_sessions s JOIN conversations c ON c.id = s.conversation_id AND c.account_id = s.account_id
		WHERE c.account_id = @account AND c.contact_id = @into AND c.superseded_by_id IS NOT NULL
		ORDER BY c.superseded_by_id, s.category, s.ends_at DESC
		ON CONFLICT (conversation_id, category) DO UPDATE
		SET message_id = excluded.message_id, opened_at = excluded.opened_at, ends_at = excluded.ends_at
		WHERE template_sessions.ends_at < excluded.ends_at`,
	// Who was two in a broadcast gets one message, and answers in the conversation that goes on.
	`UPDATE broadcast_recipients r SET state = 'left_out', left_out = 'twice'
		WHERE r.account_id = @account AND r.contact_id = @from AND r.state = 'waiting'
			AND EXISTS (SELECT FROM broadcast_recipients o WHERE o.broadcast_id = r.broadcast_id AND o.contact_id = @into)`,
	`UPDATE broadcast_recipients r SET contact_id = @into
		WHERE r.account_id = @account AND r.contact_id = @from
			AND NOT EXISTS (SELECT FROM broadcast_recipients o WHERE o.broadcast_id = r.broadcast_id AND o.contact_id = @into)`,
	`UPDATE conversations v SET broadcast_id = greatest(v.broadcast_id, c.broadcast_id)
		FROM conversations c
		WHERE c.account_id = @account AND c.contact_id = @into AND v.id = c.superseded_by_id AND v.account_id = c.account_id AND c.broadcast_id IS NOT NULL`,
	// What is scheduled goes on where the conversation does.
	`UPDATE scheduled_sends s SET conversation_id = c.superseded_by_id
		FROM conversations c
		WHERE c.account_id = @account AND c.contact_id = @into AND c.superseded_by_id IS NOT NULL
			AND s.account_id = c.account_id AND s.conversation_id = c.id AND s.state IN ('waiting', 'held')`,
	`UPDATE conversations v SET ` + countSends + `
		WHERE v.account_id = @account AND v.contact_id = @into`,
	// The files of from's fields are into's. Those that no value names then are dropped with the values, by a trigger.
	`INSERT INTO media_uses (account_id, media_id, contact_id)
		SELECT account_id, media_id, @into FROM media_uses WHERE account_id = @account AND contact_id = @from
		ON CONFLICT DO NOTHING`,
	`DELETE FROM media_uses WHERE account_id = @account AND contact_id = @from`,
	`UPDATE contacts i
		SET name = CASE WHEN i.name = '' THEN f.name ELSE i.name END,
			phone = coalesce(i.phone, f.phone),
			email = coalesce(i.email, f.email),
			fields = f.fields || i.fields,
			custom_values = f.custom_values || i.custom_values,
			default_agent_id = coalesce(i.default_agent_id, f.default_agent_id),
			broadcast_enabled = i.broadcast_enabled AND f.broadcast_enabled,
			blocked_at = coalesce(i.blocked_at, f.blocked_at),
			marketing_stopped_at = coalesce(i.marketing_stopped_at, f.marketing_stopped_at),
			updated_at = now()
		FROM contacts f WHERE i.account_id = @account AND i.id = @into AND f.account_id = @account AND f.id = @from`,
	`UPDATE contacts SET merged_into_id = @into, phone = NULL, updated_at = now()
		WHERE account_id = @account AND (id = @from OR merged_into_id = @from)`,
}

// mergeContacts makes from part of into: both are one person.
func (s *Store) mergeContacts(ctx context.Context, tx pgx.Tx, account models.AccountID, into, from models.ContactID) error {
	args := pgx.NamedArgs{"account": account, "into": into, "from": from}
	for _, sql := range mergeSQL {
		if _, err := tx.Exec(ctx, sql, args); err != nil {
			return fmt.Errorf("merge contacts: %w", err)
		}
	}
	if err := s.mergeCharges(ctx, tx, account, into); err != nil {
		return err
	}
	_, err := tx.Exec(ctx, `INSERT INTO events (account_id, kind, conversation_id, entity_id)
		SELECT @account::bigint, @changed::text, NULL::bigint, id FROM unnest(ARRAY[@into::bigint, @from::bigint]) AS id
		UNION ALL SELECT @account, @moved::text, id, id FROM conversations WHERE account_id = @account AND contact_id = @into`,
		pgx.NamedArgs{"account": account, "into": into, "from": from, "changed": models.EventContactUpdated, "moved": models.EventConversationUpdated})
	if err != nil {
		return fmt.Errorf("merge contacts: %w", err)
	}
	return nil
}
