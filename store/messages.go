package store

import (
	"context"

	"github.com/jackc/pgx/v5"

	"github.com/perene/perene/models"
)

// MessageView is a message with its author's name, its file, and the message of the same conversation that it quotes, reacts
// to, edits or deletes: what a provider named by its own id is resolved when it is read, whichever of the two came first.
type MessageView struct {
	models.Message
	AuthorName *string
	File       *models.Media
	TargetID   *models.MessageID
	Mentions   *MentionsView // of a note; nil: it names nobody
}

// MentionsView is whom a note names.
type MentionsView struct {
	Users  []models.User  `json:"users"`
	Queues []models.Queue `json:"queues"`
}

// mentionsOfMessage is a subselect of whom message m names, as JSON; only notes name people.
const mentionsOfMessage = `CASE WHEN m.direction = 'note' AND EXISTS (SELECT 1 FROM message_mentions mm WHERE mm.account_id = m.account_id AND mm.message_id = m.id)
		THEN jsonb_build_object(
			'users', coalesce((
				SELECT jsonb_agg(jsonb_build_object('id', mu.id, 'name', mu.name) ORDER BY mu.name, mu.id)
				FROM message_mentions mm JOIN users mu ON mu.id = mm.user_id AND mu.account_id = mm.account_id
				WHERE mm.account_id = m.account_id AND mm.message_id = m.id), '[]'),
			'queues', coalesce((
				SELECT jsonb_agg(jsonb_build_object('id', mq.id, 'name', mq.name, 'color', mq.color) ORDER BY mq.name, mq.id)
				FROM message_mentions mm JOIN queues mq ON mq.id = mm.queue_id AND mq.account_id = mm.account_id
				WHERE mm.account_id = m.account_id AND mm.message_id = m.id), '[]'))
		END`

const messageViewSQL = `SELECT ` + messageColumns + `, u.name AS author_name,
		CASE WHEN f.id IS NULL THEN NULL ELSE ` + mediaJSON + ` END AS file,
		(SELECT t.id FROM messages t WHERE t.connection_id = m.connection_id AND t.conversation_id = m.conversation_id AND t.provider_message_id =
			CASE m.kind WHEN 'reaction' THEN m.content->'reaction'->'target'->>'provider_message_id' WHEN 'edit' THEN m.content->'edit'->'target'->>'provider_message_id'
				WHEN 'deleted' THEN m.content->'deleted'->>'provider_message_id' ELSE m.reply_to_provider_id END) AS target_id,
		` + mentionsOfMessage + ` AS mentions
	FROM messages m LEFT JOIN users u ON u.id = m.author_id AND u.account_id = m.account_id LEFT JOIN media f ON f.id = m.media_id AND f.account_id = m.account_id `

// Messages lists a conversation's messages by their instant, newest first, before the given one (0: from the newest). The conversation must
// be visible to the viewer; CodeNotFound otherwise.
func (s *Store) Messages(ctx context.Context, account models.AccountID, w Viewer, conversation models.ConversationID, before models.MessageID, limit int) ([]MessageView, error) {
	seen, err := s.VisibleConversation(ctx, account, w, conversation)
	if err != nil {
		return nil, err
	}
	if !seen {
		return nil, models.NotFound("conversation")
	}
	return list[MessageView](ctx, s.pool, "message", `
		`+messageViewSQL+`
		WHERE m.account_id = @account AND m.conversation_id = @conversation AND (@before::bigint = 0
			OR (m.created_at, m.id) < (SELECT b.created_at, b.id FROM messages b WHERE b.id = @before
			AND b.conversation_id = @conversation))
		ORDER BY m.created_at DESC, m.id DESC
		LIMIT @limit`,
		pgx.NamedArgs{"account": account, "conversation": conversation, "before": before, "limit": limit})
}

// Message reads one message of a conversation that the viewer may see; CodeNotFound otherwise.
func (s *Store) Message(ctx context.Context, account models.AccountID, w Viewer, id models.MessageID) (*MessageView, error) {
	return one[MessageView](ctx, s.pool, "message", messageViewSQL+`JOIN conversations v ON v.id = m.conversation_id AND v.account_id = m.account_id
		WHERE m.account_id = @account AND m.id = @id AND `+visible, w.args(account, pgx.NamedArgs{"id": id}))
}
