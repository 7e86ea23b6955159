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
	return s.changeLabels(ctx, account, w, contact, s.putLabel(ctx, account, contact, label, byHand))
}

// putLabel puts a label on a contact.
func (s *Store) putLabel(ctx context.Context, account models.AccountID, contact models.ContactID, label models.LabelID, byHand bool) labelChange {
	return func(tx pgx.Tx) (int64, error) {
		var automation bool
		err := tx.QueryRow(ctx, `
			SELECT l.automation_only
			FROM labels l
			WHERE l.account_id = @account AND l.id = @label AND l.archived_at IS NULL
			FOR KEY SHARE`,
			pgx.NamedArgs{"account": account, "label": label}).Scan(&automation)
		if err != nil {
			return 0, asError(err, "label")
		}
		if automation && byHand {
			return 0, &models.Error{Code: models.CodeConflict, Key: "label.automation_only", Message: "only flows and programs put this label on contacts"}
		}
		return exec(ctx, tx, "label", `
			INSERT INTO contact_labels (account_id, contact_id, label_id, created_at)
			VALUES (@account, @contact, @label, @now)
			ON CONFLICT DO NOTHING`,
			pgx.NamedArgs{"account": account, "contact": contact, "label": label, "now": s.Now()})
	}
}

// labelChange changes the labels of a contact, and tells how many rows it changed.
type labelChange func(tx pgx.Tx) (int64, error)

// RemoveContactLabel takes a label off a contact that the viewer sees. A label that the contact has not is no error.
func (s *Store) RemoveContactLabel(ctx context.Context, account models.AccountID, w Viewer, contact models.ContactID, label models.LabelID) error {
	return s.changeLabels(ctx, account, w, contact, s.takeLabel(ctx, account, contact, label))
}

// takeLabel takes a label off a contact.
func (s *Store) takeLabel(ctx context.Context, account models.AccountID, contact models.ContactID, label models.LabelID) labelChange {
	return func(tx pgx.Tx) (int64, error) {
		if _, err := one[models.Label](ctx, tx, "label", `
			SELECT l.id
			FROM labels l
			WHERE l.account_id = @account AND l.id = @label`,
			pgx.NamedArgs{"account": account, "label": label}); err != nil {
			return 0, err
		}
		return exec(ctx, tx, "label", `
			DELETE FROM contact_labels
			WHERE account_id = @account AND contact_id = @contact AND label_id = @label`,
			pgx.NamedArgs{"account": account, "contact": contact, "label": label})
	}
}

// changeLabels changes the labels of a contact and tells of it, and of its conversations, whose rows show them.
func (s *Store) changeLabels(ctx context.Context, account models.AccountID, w Viewer, contact models.ContactID, change labelChange) error {
	err := s.inTx(ctx, func(tx pgx.Tx) error {
		_, err := changeLabelsIn(ctx, tx, account, w, contact, change)
		return err
	})
	return asError(err, "contact")
}

// changeLabelsIn is changeLabels in the caller's transaction. It tells whether anything changed.
func changeLabelsIn(ctx context.Context, tx pgx.Tx, account models.AccountID, w Viewer, contact models.ContactID, change labelChange) (bool, error) {
	if err := mustSeeContact(ctx, tx, account, w, contact); err != nil {
		return false, err
	}
	n, err := change(tx)
	if err != nil || n == 0 {
		return false, err
	}
	if err := insertEvent(ctx, tx, account, models.EventContactUpdated, nil, int64(contact)); err != nil {
		return false, err
	}
	return true, tellConversationsOf(ctx, tx, account, contact)
}

// tellConversationsOf tells that rows of a contact's conversations show something else now.
func tellConversationsOf(ctx context.Context, q querier, account models.AccountID, contact models.ContactID) error {
	_, err := exec(ctx, q, "event", `
		INSERT INTO events (account_id, kind, conversation_id, entity_id)
		SELECT account_id, @conversation_updated, id, id
		FROM conversations
		WHERE account_id = @account AND contact_id = @contact
		ORDER BY id`,
		pgx.NamedArgs{
			"account": account, "contact": contact, "conversation_updated": models.EventConversationUpdated,
		})
	return err
}
