package store

import (
	"context"

	"github.com/jackc/pgx/v5"

	"github.com/perene/perene/models"
)

// AddContactLabel puts a label on a contact that the viewer sees. byHand refuses a label that is for automation only (rule
// 190). A label that the contact has is no error. CodeNotFound for a contact out of sight and for a label that is not there or
// archived.
func (s *Store) AddContactLabel(ctx context.Context, account models.AccountID, w Viewer, contact models.ContactID, label models.LabelID, byHand bool) error {
	return s.changeLabels(ctx, account, w, contact, func(tx pgx.Tx) (int64, error) {
		var automation bool
		err := tx.QueryRow(ctx, `
			SELECT l.automation_only
			FROM labels l
			WHERE l.account_id = $1 AND l.id = $2 AND l.archived_at IS NULL
			FOR KEY SHARE`, account, label).Scan(&automation)
		if err != nil {
			return 0, asError(err, "label")
		}
		if automation && byHand {
			return 0, &models.Error{Code: models.CodeConflict, Key: "label.automation_only", Message: "only flows and programs put this label on contacts"}
		}
		return exec(ctx, tx, "label", `
			INSERT INTO contact_labels (account_id, contact_id, label_id, created_at)
			VALUES ($1, $2, $3, $4)
			ON CONFLICT DO NOTHING`, account, contact, label, s.Now())
	})
}

// RemoveContactLabel takes a label off a contact that the viewer sees. A label that the contact has not is no error.
func (s *Store) RemoveContactLabel(ctx context.Context, account models.AccountID, w Viewer, contact models.ContactID, label models.LabelID) error {
	return s.changeLabels(ctx, account, w, contact, func(tx pgx.Tx) (int64, error) {
		if _, err := one[models.Label](ctx, tx, "label", `SELECT l.id FROM labels l WHERE l.account_id = $1 AND l.id = $2`, account, label); err != nil {
			return 0, err
		}
		return exec(ctx, tx, "label", `DELETE FROM contact_labels WHERE account_id = $1 AND contact_id = $2 AND label_id = $3`, account, contact, label)
	})
}

// changeLabels changes the labels of a contact and tells of it, and of its conversations, whose rows show them.
func (s *Store) changeLabels(ctx context.Context, account models.AccountID, w Viewer, contact models.ContactID, change func(tx pgx.Tx) (int64, error)) error {
	err := s.inTx(ctx, func(tx pgx.Tx) error {
		if err := mustSeeContact(ctx, tx, account, w, contact); err != nil {
			return err
		}
		n, err := change(tx)
		if err != nil || n == 0 {
			return err
		}
		if err := insertEvent(ctx, tx, account, models.EventContactUpdated, nil, int64(contact)); err != nil {
			return err
		}
		return tellConversationsOf(ctx, tx, account, contact)
	})
	return asError(err, "contact")
}

// tellConversationsOf tells that rows of a contact's conversations show something else now.
func tellConversationsOf(ctx context.Context, q querier, account models.AccountID, contact models.ContactID) error {
	_, err := exec(ctx, q, "event", `
		INSERT INTO events (account_id, kind, conversation_id, entity_id)
		SELECT account_id, $3, id, id FROM conversations WHERE account_id = $1 AND contact_id = $2 ORDER BY id`,
		account, contact, models.EventConversationUpdated)
	return err
}
