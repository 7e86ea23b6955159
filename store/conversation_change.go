package store

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"

	"github.com/perene/perene/contract"
	"github.com/perene/perene/models"
)

// ConversationChange is what people set on a conversation outside its ticket. Nil fields stay as they are.
type ConversationChange struct {
	MarkedUnread    *bool // rule 081
	Followed        *bool // by the viewer
	ChatbotDisabled *bool // rule 149
	Priority        *models.Priority
}

// ChangeConversation sets what a conversation's people set, in one transaction. CodeNotFound where the viewer may not see the
// conversation. After COMMIT the caller rings what wake names.
func (s *Store) ChangeConversation(ctx context.Context, account models.AccountID, w Viewer, by models.Actor, id models.ConversationID, c ConversationChange) (contract.Wake, error) {
	var wake contract.Wake
	err := s.inTxAgain(ctx, func(tx pgx.Tx) error {
		wake = contract.Wake{}
		conv, err := lockConversationByID(ctx, tx, account, id)
		if err != nil {
			return err
		}
		if err := mustBeVisible(ctx, tx, account, w, id); err != nil {
			return err
		}
		d, err := s.deskAt(ctx, tx, conv, &wake)
		if err != nil {
			return err
		}
		if c.ChatbotDisabled != nil && *c.ChatbotDisabled != conv.ChatbotDisabled {
			if err := d.switchChatbot(ctx, *c.ChatbotDisabled); err != nil {
				return err
			}
		}
		if c.Priority != nil {
			if err := d.setPriority(ctx, by, *c.Priority); err != nil {
				return err
			}
		}
		if c.Followed != nil {
			if err := follow(ctx, tx, account, w.User, id, *c.Followed); err != nil {
				return err
			}
		}
		if c.MarkedUnread != nil {
			if _, err := tx.Exec(ctx, `
				UPDATE conversations
				SET marked_unread = @marked_unread, updated_at = @now
				WHERE account_id = @account AND id = @id`,
				pgx.NamedArgs{"account": account, "id": id, "marked_unread": *c.MarkedUnread, "now": s.Now()}); err != nil {
				return fmt.Errorf("mark a conversation: %w", err)
			}
		}
		return insertEvent(ctx, tx, account, models.EventConversationUpdated, &id, int64(id))
	})
	return wake, asError(err, "conversation")
}

// setPriority sets the priority of a conversation with or without an open ticket.
func (d *desk) setPriority(ctx context.Context, by models.Actor, p models.Priority) error {
	if d.ticket != nil {
		return d.prioritize(ctx, by, p)
	}
	_, err := d.tx.Exec(ctx, `
		UPDATE conversations
		SET priority = @priority, updated_at = @now
		WHERE account_id = @account AND id = @conversation`,
		pgx.NamedArgs{"account": d.conv.AccountID, "conversation": d.conv.ID, "priority": p, "now": d.now})
	if err != nil {
		return fmt.Errorf("set a priority: %w", err)
	}
	return nil
}

// follow lets a user follow a conversation, or follow it no longer.
func follow(ctx context.Context, tx pgx.Tx, account models.AccountID, user models.UserID, id models.ConversationID, on bool) error {
	sql := `DELETE FROM conversation_followers WHERE account_id = @account AND conversation_id = @conversation AND user_id = @user`
	if on {
		sql = `
			INSERT INTO conversation_followers (account_id, conversation_id, user_id)
			VALUES (@account, @conversation, @user)
			ON CONFLICT DO NOTHING`
	}
	if _, err := tx.Exec(ctx, sql, pgx.NamedArgs{"account": account, "conversation": id, "user": user}); err != nil {
		return fmt.Errorf("follow a conversation: %w", err)
	}
	return nil
}
