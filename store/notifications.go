package store

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/perene/perene/models"
)

// notificationsShown is how many entries a bell lists at most, the latest ones.
const notificationsShown = 100

// NotificationView is an entry of the bell with the names that it shows.
type NotificationView struct {
	models.Notification
	Number         int64
	ContactID      models.ContactID
	ContactName    string
	ContactPhone   *string
	ContactBlocked bool
	Actor          *string
	Queue          *models.Queue
	Last           *LastMessage
}

// Notifications lists a user's bell, the latest entry first, at most 100. What the user no longer sees is left out (rule 234).
func (s *Store) Notifications(ctx context.Context, account models.AccountID, w Viewer) ([]NotificationView, error) {
	return list[NotificationView](ctx, s.pool, "notification", `
		SELECT n.id, n.account_id, n.user_id, n.conversation_id, n.kind, n.message_id, n.actor_kind, n.actor_id, n.count, n.at, n.seen_at,
			v.number, k.id AS contact_id, coalesce(nullif(k.name, ''), k.profile_name, '') AS contact_name, k.phone AS contact_phone,
			k.blocked_at IS NOT NULL AS contact_blocked, u.name AS actor,
			CASE WHEN n.kind = 'queued' AND q.id IS NOT NULL THEN jsonb_build_object('id', q.id, 'name', q.name, 'color', q.color) END AS queue,
			CASE WHEN m.id IS NOT NULL THEN jsonb_build_object('id', m.id, 'direction', m.direction, 'origin', m.origin, 'kind', m.kind, 'content', m.content) END AS last
		FROM notifications n
		JOIN conversations v ON v.id = n.conversation_id AND v.account_id = n.account_id
		JOIN contacts k ON k.id = v.contact_id AND k.account_id = v.account_id
		LEFT JOIN messages m ON m.id = n.message_id AND m.account_id = n.account_id
		LEFT JOIN queues q ON q.id = v.queue_id AND q.account_id = v.account_id
		LEFT JOIN users u ON u.id = n.actor_id AND u.account_id = n.account_id AND n.actor_kind = 'user'
		WHERE n.account_id = @account AND n.user_id = @viewer AND v.superseded_by_id IS NULL AND `+visible+`
		ORDER BY n.at DESC, n.id DESC
		LIMIT @limit`, w.args(account, pgx.NamedArgs{"limit": notificationsShown}))
}

// SeeNotifications marks entries of the user's own bell as seen. CodeNotFound when none of them is in it.
func (s *Store) SeeNotifications(ctx context.Context, account models.AccountID, w Viewer, ids []models.NotificationID) error {
	return s.changeNotifications(ctx, account, w, 0, `
		UPDATE notifications n
		SET seen_at = coalesce(n.seen_at, @now)
		WHERE n.account_id = @account AND n.user_id = @viewer AND n.id = ANY(@ids)`,
		pgx.NamedArgs{"ids": ids, "now": s.Now()})
}

// ClearNotifications takes entries out of the user's own bell: the named ones, and those of a conversation where it is not 0.
// CodeNotFound when none of the named ones is in it, and for a conversation out of sight.
func (s *Store) ClearNotifications(ctx context.Context, account models.AccountID, w Viewer, ids []models.NotificationID, conversation models.ConversationID) error {
	return s.changeNotifications(ctx, account, w, conversation, `
		DELETE FROM notifications n
		WHERE n.account_id = @account AND n.user_id = @viewer AND (n.id = ANY(@ids) OR n.conversation_id = @conversation)`,
		pgx.NamedArgs{"ids": orEmpty(ids), "conversation": conversation})
}

// changeNotifications tells the user's other pages when something changed. Of a conversation there may be nothing.
func (s *Store) changeNotifications(ctx context.Context, account models.AccountID, w Viewer, conversation models.ConversationID, sql string, args pgx.NamedArgs) error {
	err := s.inTx(ctx, func(tx pgx.Tx) error {
		if conversation != 0 {
			if err := mustBeVisible(ctx, tx, account, w, conversation); err != nil {
				return err
			}
		}
		n, err := exec(ctx, tx, "notification", sql, w.args(account, args))
		switch {
		case err != nil:
			return err
		case n > 0:
			return insertEvent(ctx, tx, account, models.EventNotification, nil, int64(w.User))
		case conversation != 0:
			return nil
		}
		return &models.Error{Code: models.CodeNotFound, Key: "notification.not_found", Message: "none of these entries is in your bell"}
	})
	return asError(err, "notification")
}

// PruneNotifications removes entries from before an instant, at most limit.
func (s *Store) PruneNotifications(ctx context.Context, before time.Time, limit int) (int64, error) {
	return exec(ctx, s.pool, "notification", `
		DELETE FROM notifications
		WHERE id IN (SELECT id FROM notifications WHERE at < @before LIMIT @limit) AND at < @before`,
		pgx.NamedArgs{"before": before, "limit": limit})
}

// notifySQL writes entries for the people that a condition on users u names, and tells their pages. Nobody hears of their own
// acts. What is in the bell already counts on, and comes back on top.
const notifySQL = `
	WITH told AS (
		INSERT INTO notifications AS n (account_id, user_id, conversation_id, kind, message_id, actor_kind, actor_id, at)
		SELECT u.account_id, u.id, @conversation, @kind, nullif(@message::bigint, 0), @actor, nullif(@actor_id::bigint, 0), @now
		FROM users u
		WHERE u.account_id = @account AND ` + mayGetTickets + ` AND NOT (@actor = 'user' AND u.id = @actor_id) AND `

const notifiedSQL = `
		ORDER BY u.id
		ON CONFLICT (user_id, conversation_id, kind) DO UPDATE
		SET count = CASE WHEN n.seen_at IS NULL THEN n.count + 1 ELSE 1 END, seen_at = NULL, message_id = excluded.message_id,
			actor_kind = excluded.actor_kind, actor_id = excluded.actor_id, at = excluded.at
		RETURNING n.user_id
	)
	INSERT INTO events (account_id, kind, entity_id)
	SELECT @account, @event, user_id FROM told`

func notify(ctx context.Context, tx pgx.Tx, n models.Notification, who string, args pgx.NamedArgs) error {
	args["account"], args["conversation"], args["kind"], args["event"] = n.AccountID, n.ConversationID, n.Kind, models.EventNotification
	args["actor"], args["actor_id"], args["now"] = n.ActorKind, n.ActorID, n.At
	args["message"] = n.MessageID
	if _, err := tx.Exec(ctx, notifySQL+who+notifiedSQL, args); err != nil {
		return fmt.Errorf("write into the bell: %w", err)
	}
	return nil
}

// notifyOfMessage tells the agent of a conversation that the contact wrote (rule 233).
func notifyOfMessage(ctx context.Context, tx pgx.Tx, conv *models.Conversation, message models.MessageID, now time.Time) error {
	contact := int64(conv.ContactID)
	return notify(ctx, tx, models.Notification{AccountID: conv.AccountID, ConversationID: conv.ID, Kind: models.NotifyMessage, MessageID: &message,
		ActorKind: models.ActorContact, ActorID: &contact, At: now}, `u.id = @agent`, pgx.NamedArgs{"agent": conv.AgentID})
}

// notifyPlace tells those to whom the ticket came: its new agent, or the people of the queue where it waits now. It does not
// matter whether a person, a flow or a rule moved it (rules 233, 253).
func (d *desk) notifyPlace(ctx context.Context, from place, by models.Actor) error {
	t := &d.ticket.Ticket
	at := models.Notification{AccountID: t.AccountID, ConversationID: d.conv.ID, ActorKind: by.Kind, ActorID: &by.ID, At: d.now}
	switch {
	case t.ClosedAt != nil:
		return nil
	case t.AgentID != nil && !same(t.AgentID, from.agent):
		at.Kind = models.NotifyAssigned
		return notify(ctx, d.tx, at, `u.id = @agent`, pgx.NamedArgs{"agent": t.AgentID})
	case t.AgentID == nil && t.QueueID != nil && (from.agent != nil || !same(t.QueueID, from.queue)):
		at.Kind = models.NotifyQueued
		return notify(ctx, d.tx, at, `u.id IN (SELECT qm.user_id FROM queue_members qm WHERE qm.account_id = @account AND qm.queue_id = @queue)`,
			pgx.NamedArgs{"queue": t.QueueID})
	}
	return nil
}

// notifyMentioned tells the people whom a note names.
func (s *Store) notifyMentioned(ctx context.Context, tx pgx.Tx, conv *models.Conversation, m *models.Message, note *AgentNote) error {
	if len(note.Users) == 0 && len(note.Queues) == 0 {
		return nil
	}
	author := int64(note.AuthorID)
	return notify(ctx, tx, models.Notification{AccountID: conv.AccountID, ConversationID: conv.ID, Kind: models.NotifyMention, MessageID: &m.ID,
		ActorKind: models.ActorUser, ActorID: &author, At: s.Now()},
		`(u.id = ANY(@users) OR u.id IN (SELECT qm.user_id FROM queue_members qm WHERE qm.account_id = @account AND qm.queue_id = ANY(@queues)))`,
		pgx.NamedArgs{"users": orEmpty(note.Users), "queues": orEmpty(note.Queues)})
}

// same tells whether two references are the same one, or both none.
func same[T comparable](a, b *T) bool { return a == b || a != nil && b != nil && *a == *b }
