package store

import (
	"context"

	"github.com/jackc/pgx/v5"

	"github.com/perene/perene/models"
)

// TellPresence tells those who see a conversation what a user does there. Nothing is kept: the event is of interest for seconds.
// CodeNotFound where the viewer does not see the conversation.
func (s *Store) TellPresence(ctx context.Context, account models.AccountID, w Viewer, id models.ConversationID, name string, state models.PresenceState) error {
	n, err := exec(ctx, s.pool, "event", `
		INSERT INTO events (account_id, kind, conversation_id, entity_id, data)
		SELECT v.account_id, @kind, v.id, @viewer, jsonb_build_object(
			'user', jsonb_build_object('id', @viewer::bigint, 'name', @name::text), 'state', @state::text, 'at', @now::timestamptz)
		FROM conversations v WHERE v.account_id = @account AND v.id = @id AND `+visible,
		w.args(account, pgx.NamedArgs{"id": id, "kind": models.EventPresence, "name": name, "state": state, "now": s.Now()}))
	if err == nil && n == 0 {
		return models.NotFound("conversation")
	}
	return err
}
