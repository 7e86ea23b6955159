package store

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/perene/perene/models"
)

// sessionCategories are the categories of templates that open sessions, as SQL.
const sessionCategories = `('marketing', 'utility', 'authentication')`

// keepSession keeps the session that is open: a second template of a category opens none (rule 092).
const keepSession = `
	ON CONFLICT (conversation_id, category) DO UPDATE
	SET message_id = excluded.message_id, opened_at = excluded.opened_at, ends_at = excluded.ends_at
	WHERE template_sessions.ends_at <= excluded.opened_at`

// openSessionsSQL opens the sessions of the templates that the statement before it, m, recorded as accepted at m.at.
const openSessionsSQL = `, sessions AS (
		INSERT INTO template_sessions (account_id, conversation_id, category, message_id, opened_at, ends_at)
		SELECT DISTINCT ON (conversation_id, category) account_id, conversation_id, category, id, at, at + @session::interval
		FROM m
		WHERE category IN ` + sessionCategories + `
		ORDER BY conversation_id, category, id` + keepSession + `
		RETURNING account_id, conversation_id
	), opened AS (
		INSERT INTO events (account_id, kind, conversation_id, entity_id)
		SELECT account_id, @conversation_updated, conversation_id, conversation_id
		FROM sessions
	)`

// openSession opens the session of a template that the provider took at an instant.
func openSession(ctx context.Context, tx pgx.Tx, m *models.Message, at time.Time) error {
	if m.Content.Template == nil {
		return nil
	}
	_, err := tx.Exec(ctx, `
		WITH m AS (
			SELECT @account::bigint AS account_id, @conversation::bigint AS conversation_id, @category::text AS category,
				@id::bigint AS id, @at::timestamptz AS at
		)`+openSessionsSQL+`
		SELECT 1`,
		pgx.NamedArgs{
			"account": m.AccountID, "conversation": m.ConversationID, "category": m.Content.Template.Category, "id": m.ID, "at": at,
			"session": models.TemplateSession, "conversation_updated": models.EventConversationUpdated,
		})
	if err != nil {
		return fmt.Errorf("open a template's session: %w", err)
	}
	return nil
}

// dropSession takes back the session that a template opened which never arrived. An accepted template of its category that
// came after it opens the session instead.
func dropSession(ctx context.Context, tx pgx.Tx, m *models.Message) error {
	if m.Content.Template == nil {
		return nil
	}
	_, err := tx.Exec(ctx, `
		WITH gone AS (
			DELETE FROM template_sessions
			WHERE account_id = @account AND conversation_id = @conversation AND message_id = @id
			RETURNING account_id, conversation_id, category, opened_at
		)
		INSERT INTO events (account_id, kind, conversation_id, entity_id)
		SELECT account_id, @conversation_updated, conversation_id, conversation_id
		FROM gone`,
		pgx.NamedArgs{"account": m.AccountID, "conversation": m.ConversationID, "id": m.ID, "conversation_updated": models.EventConversationUpdated})
	if err != nil {
		return fmt.Errorf("take a template's session back: %w", err)
	}
	_, err = tx.Exec(ctx, `
		INSERT INTO template_sessions (account_id, conversation_id, category, message_id, opened_at, ends_at)
		SELECT account_id, conversation_id, @category, id, accepted_at, accepted_at + @session::interval
		FROM messages
		WHERE account_id = @account AND conversation_id = @conversation AND id > @id AND direction = 'out' AND kind = 'template'
			AND state = 'accepted' AND accepted_at IS NOT NULL AND failed_at IS NULL
			AND content->'template'->>'category' = @category AND @category IN `+sessionCategories+`
		ORDER BY id
		LIMIT 1`+keepSession,
		pgx.NamedArgs{"account": m.AccountID, "conversation": m.ConversationID, "id": m.ID, "category": m.Content.Template.Category,
			"session": models.TemplateSession})
	if err != nil {
		return fmt.Errorf("open the next template's session: %w", err)
	}
	return nil
}

// openService opens the session of service that a message of the contact begins, unless a session of marketing or utility is
// open (rule 093). The caller holds the conversation's row and has seen that no session of service is open.
func openService(ctx context.Context, tx pgx.Tx, account models.AccountID, conversation models.ConversationID, at time.Time) error {
	_, err := tx.Exec(ctx, `
		UPDATE conversations v
		SET service_until = @until
		WHERE v.account_id = @account AND v.id = @conversation
			AND NOT EXISTS (
				SELECT 1
				FROM template_sessions s
				WHERE s.account_id = v.account_id AND s.conversation_id = v.id
					AND s.category IN ('marketing', 'utility') AND s.ends_at > @at)`,
		pgx.NamedArgs{"account": account, "conversation": conversation, "at": at, "until": at.Add(models.TemplateSession)})
	if err != nil {
		return fmt.Errorf("open a session of service: %w", err)
	}
	return nil
}

// sessionsSQL are the sessions of conversation v that are open or ended within a day, the longest first, as JSON.
const sessionsSQL = `(
	SELECT jsonb_agg(jsonb_build_object('category', s.category, 'opened_at', s.opened_at, 'ends_at', s.ends_at) ORDER BY s.ends_at DESC, s.category)
	FROM (
		SELECT category, opened_at, ends_at
		FROM template_sessions
		WHERE account_id = v.account_id AND conversation_id = v.id
		UNION ALL
		SELECT 'service', v.service_until - interval '24 hours', v.service_until
	) s
	WHERE s.ends_at > @now::timestamptz - interval '24 hours')`
