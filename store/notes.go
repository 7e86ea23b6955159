package store

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5"

	"github.com/perene/perene/models"
)

// AgentNote is a note that agents write to each other in a conversation. It never reaches the contact (rule 121).
type AgentNote struct {
	ConversationID models.ConversationID
	AuthorID       models.UserID
	Text           string
	// Users and Queues are the people whom the note names.
	Users  []models.UserID
	Queues []models.QueueID
	// ClientRef makes the call safe to repeat: the same ref gives the same note. Empty means none.
	ClientRef string
}

// WriteNote stores a note in a conversation that the viewer may see. A note is a line of the timeline and nothing more: it
// clears no counter, changes no unread count, and assigns no agent (rules 111, 125). Of the agent in charge it is an act, which
// gives the assignment another term. A person who is named must work and must see the conversation, and so must the people of a
// queue that is named. CodeNotFound for a conversation out of sight.
func (s *Store) WriteNote(ctx context.Context, account models.AccountID, w Viewer, note AgentNote) (*models.Message, error) {
	var m *models.Message
	err := s.inTx(ctx, func(tx pgx.Tx) error {
		var err error
		m, err = s.writeNote(ctx, tx, account, w, note)
		return err
	})
	if err != nil {
		return nil, asError(err, "message")
	}
	return m, nil
}

// writeNote is WriteNote in the caller's transaction, which takes the conversation's row.
func (s *Store) writeNote(ctx context.Context, tx pgx.Tx, account models.AccountID, w Viewer, note AgentNote) (*models.Message, error) {
	conv := models.Conversation{AccountID: account, ID: note.ConversationID}
	err := tx.QueryRow(ctx, `
		SELECT v.connection_id, v.contact_id
		FROM conversations v
		WHERE v.account_id = @account AND v.id = @id AND `+visible+`
		FOR UPDATE OF v`, w.args(account, pgx.NamedArgs{"id": note.ConversationID})).Scan(&conv.ConnectionID, &conv.ContactID)
	if err != nil {
		return nil, asError(err, "conversation")
	}
	if note.ClientRef != "" {
		if m, err := repeatedNote(ctx, tx, account, &note); m != nil || err != nil {
			return m, err
		}
	}
	if err := mayBeNamed(ctx, tx, account, &note); err != nil {
		return nil, err
	}
	m, err := s.insertNote(ctx, tx, &conv, &note)
	if err != nil {
		return nil, err
	}
	_, err = tx.Exec(ctx, `
		INSERT INTO message_mentions (account_id, message_id, user_id, queue_id)
		SELECT @account::bigint, @message::bigint, u, NULL::bigint FROM unnest(@users::bigint[]) AS u
		UNION
		SELECT @account, @message, NULL, q FROM unnest(@queues::bigint[]) AS q`,
		pgx.NamedArgs{"account": account, "message": m.ID, "users": orEmpty(note.Users), "queues": orEmpty(note.Queues)})
	if err != nil {
		return nil, fmt.Errorf("name people in a note: %w", err)
	}
	return m, s.notifyMentioned(ctx, tx, &conv, m, &note)
}

// insertNote writes the row and what lists show of the conversation. The caller holds the conversation's row.
func (s *Store) insertNote(ctx context.Context, tx pgx.Tx, conv *models.Conversation, note *AgentNote) (*models.Message, error) {
	content, err := json.Marshal(models.Content{Kind: models.ContentKindText, Text: note.Text})
	if err != nil {
		return nil, fmt.Errorf("write a note: %w", err)
	}
	m, err := scanMessage(tx.QueryRow(ctx, `
		WITH m AS (
			INSERT INTO messages (account_id, conversation_id, connection_id, contact_id, direction, origin, kind, content, state,
				author_id, client_ref, created_at)
			VALUES (@account, @conversation, @connection, @contact, 'note', 'agent', @kind, @content, 'received',
				@author, nullif(@ref::text, ''), `+timelineNow+`)
			RETURNING *
		), c AS (
			UPDATE conversations
			SET last_message_id = m.id, last_message_at = m.created_at, updated_at = @now
			FROM m WHERE conversations.id = @conversation
		), t AS (
			UPDATE tickets t
			SET lease_until = @now::timestamptz + make_interval(mins => q.lease_minutes)
			FROM queues q
			WHERE t.account_id = @account
				AND t.conversation_id = @conversation
				AND t.state <> 'closed'
				AND t.agent_id = @author
				AND t.lease_until IS NOT NULL
				AND q.account_id = t.account_id
				AND q.id = t.queue_id
		), e AS (
			INSERT INTO events (account_id, kind, conversation_id, entity_id)
			SELECT @account, @event, @conversation, m.id FROM m
		)
		SELECT `+messageColumns+` FROM m`,
		pgx.NamedArgs{"account": conv.AccountID, "conversation": conv.ID, "connection": conv.ConnectionID, "contact": conv.ContactID,
			"kind": models.ContentKindText, "content": content, "author": note.AuthorID, "ref": note.ClientRef, "now": s.Now(),
			"event": models.EventMessageCreated}))
	if err != nil {
		return nil, fmt.Errorf("write a note: %w", err)
	}
	return m, nil
}

// repeatedNote finds the note that was made with the same client ref; nil where there is none.
func repeatedNote(ctx context.Context, tx pgx.Tx, account models.AccountID, note *AgentNote) (*models.Message, error) {
	m, err := scanMessage(tx.QueryRow(ctx, `SELECT `+messageColumns+` FROM messages m WHERE m.account_id = @account AND m.client_ref = @ref`,
		pgx.NamedArgs{"account": account, "ref": note.ClientRef}))
	if errors.Is(err, pgx.ErrNoRows) {
		return nil, nil //nolint:nilnil // no message carries this ref: the caller makes one
	}
	if err != nil {
		return nil, fmt.Errorf("look for a repeated note: %w", err)
	}
	if m.ConversationID != note.ConversationID || m.Direction != models.DirectionNote {
		return nil, refUsed()
	}
	return m, nil
}

// refUsed refuses a client_ref that another message has.
func refUsed() error {
	return &models.Error{Code: models.CodeConflict, Key: "message.client_ref_used",
		Message: "this client_ref belongs to another message: use a new one for each message"}
}

// mayBeNamed refuses people who do not work here, or who do not see the conversation. An unknown one is refused alike.
func mayBeNamed(ctx context.Context, tx pgx.Tx, account models.AccountID, note *AgentNote) error {
	for i, id := range note.Users {
		path := fmt.Sprintf("body.mentions.user_ids[%d]", i)
		user, err := one[models.User](ctx, tx, "user", `
			SELECT u.id, u.role
			FROM users u
			WHERE u.account_id = @account AND u.id = @id AND `+mayGetTickets,
			pgx.NamedArgs{"account": account, "id": id})
		if err != nil {
			return referenceError(err, path, "no user of this account who works has this id")
		}
		if err := mustBeVisible(ctx, tx, account, ViewerOf(user), note.ConversationID); err != nil {
			return referenceError(err, path, "this person does not see the conversation")
		}
	}
	for i, id := range note.Queues {
		n, err := exec(ctx, tx, "queue", `
			SELECT FROM queues q
			JOIN conversations v ON v.account_id = q.account_id AND v.id = @conversation
			WHERE q.account_id = @account AND q.id = @queue AND q.archived_at IS NULL
				AND (v.queue_id = q.id OR v.queue_id IS NULL AND v.agent_id IS NULL)`,
			pgx.NamedArgs{"account": account, "queue": id, "conversation": note.ConversationID})
		if err != nil {
			return err
		}
		if n == 0 {
			return models.Invalid(fmt.Sprintf("body.mentions.queue_ids[%d]", i), "there is no such queue, or its people do not see the conversation")
		}
	}
	return nil
}
