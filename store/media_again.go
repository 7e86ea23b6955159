package store

import (
	"context"

	"github.com/jackc/pgx/v5"

	"github.com/perene/perene/contract"
	"github.com/perene/perene/models"
)

// AskForMedia asks for a lost file of a message once more: it waits to be fetched again, and the message says so. A file that
// the viewer does not see is CodeNotFound. One that is not lost, or that no provider has, is CodeConflict. After COMMIT the
// caller rings what wake names.
func (s *Store) AskForMedia(ctx context.Context, account models.AccountID, w Viewer, id models.MediaID) (m *models.Media, wake contract.Wake, err error) {
	err = s.inTxAgain(ctx, func(tx pgx.Tx) error {
		wake = contract.Wake{}
		if m, err = one[models.Media](ctx, tx, "media", `
			SELECT `+mediaColumns+`
			FROM media f
			WHERE f.account_id = @account AND f.id = @id AND `+seesFile+`
			FOR UPDATE`, w.args(account, pgx.NamedArgs{"id": id})); err != nil {
			return err
		}
		lost := m.State == models.MediaFailed || m.State == models.MediaRefused
		if !lost || m.ConnectionID == nil || m.MessageID == nil {
			return &models.Error{Code: models.CodeConflict, Key: "media.not_lost", Message: "the file is not lost, or nobody has it"}
		}
		if _, err := exec(ctx, tx, "media", `
			WITH f AS (
				UPDATE media
				SET state = 'pending', error = NULL
				WHERE account_id = @account AND id = @id
				RETURNING account_id, message_id
			)
			INSERT INTO events (account_id, kind, conversation_id, entity_id)
			SELECT f.account_id, @event, m.conversation_id, m.id
			FROM f
			JOIN messages m ON m.id = f.message_id AND m.account_id = f.account_id`,
			pgx.NamedArgs{"account": account, "id": id, "event": models.EventMessageUpdated}); err != nil {
			return err
		}
		m.State, m.Error = models.MediaPending, nil
		bell, err := insertDoorbell(ctx, tx, contract.MediaFetchStart{AccountID: account, MediaID: id, ConnectionID: *m.ConnectionID}.Again(s.Now()))
		wake.Doorbells = append(wake.Doorbells, bell)
		return err
	})
	if err != nil {
		return nil, contract.Wake{}, asError(err, "media")
	}
	return m, wake, nil
}
