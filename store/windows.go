package store

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/perene/perene/contract"
	"github.com/perene/perene/models"
)

// RefreshWindow reads a conversation's window under its lock and writes the state that belongs to now: open, expiring in
// the last 30 minutes (rule 077), expired. A message that came meanwhile has moved expires_at, so the caller just waits
// on. The state goes from open to expired here and nowhere else, so an inbound message that finds it expired knows that
// no workflow watches.
func (s *Store) RefreshWindow(ctx context.Context, account models.AccountID, id models.ConversationID) (contract.WindowView, error) {
	var view contract.WindowView
	err := s.inTx(ctx, func(tx pgx.Tx) error {
		conv, err := lockConversationByID(ctx, tx, account, id)
		if err != nil {
			return err
		}
		view = contract.WindowView{State: conv.WindowState}
		if conv.WindowExpiresAt == nil {
			view.State = models.WindowNone
			return nil
		}
		view.ExpiresAt = *conv.WindowExpiresAt
		view.State = windowStateAt(view.ExpiresAt, s.Now())
		if view.State == conv.WindowState {
			return nil
		}
		_, err = tx.Exec(ctx, `
			WITH c AS (
				UPDATE conversations
				SET window_state = @state, updated_at = @now
				WHERE account_id = @account AND id = @id
			)
			INSERT INTO events (account_id, kind, conversation_id, entity_id)
			VALUES (@account, @conversation_updated, @id, @id)`,
			pgx.NamedArgs{
				"account": account, "id": id, "state": view.State, "now": s.Now(),
				"conversation_updated": models.EventConversationUpdated,
			})
		return err
	})
	return view, asError(err, "conversation")
}

// windowStateAt says in which state a window that ends at expires is at now.
func windowStateAt(expires, now time.Time) models.WindowState {
	switch left := expires.Sub(now); {
	case left <= 0:
		return models.WindowExpired
	case left <= models.ExpiringBefore:
		return models.WindowExpiring
	default:
		return models.WindowOpen
	}
}
