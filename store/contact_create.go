package store

import (
	"context"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5"

	"github.com/perene/perene/models"
)

// CreateContact makes a contact without a conversation (rules 160, 194). phone is E.164 digits with Brazil's ninth digit,
// or empty. What the patch says is set as UpdateContact sets it. A CodeConflict error with the key contact.exists says that
// the number is a contact's already, and names the contact in its args where the viewer sees it.
func (s *Store) CreateContact(ctx context.Context, account models.AccountID, phone string, p ContactPatch) (models.ContactID, error) {
	var id models.ContactID
	err := s.inTxAgain(ctx, func(tx pgx.Tx) error {
		person := models.PersonHint{Phone: phone}
		if phone != "" {
			person.Identities = []models.Identity{{Kind: models.IdentityPhone, Value: phone, Address: phone}}
			if err := numberIsNew(ctx, tx, account, p.Viewer, person); err != nil {
				return err
			}
		}
		err := tx.QueryRow(ctx, `
			INSERT INTO contacts (account_id, kind, phone, created_at, updated_at)
			VALUES (@account, 'person', nullif(@phone, ''), @now, @now)
			RETURNING id`,
			pgx.NamedArgs{"account": account, "phone": plus(phone), "now": s.Now()}).Scan(&id)
		if err != nil {
			return fmt.Errorf("create a contact: %w", err)
		}
		if err := addIdentities(ctx, tx, account, id, person); err != nil {
			return err
		}
		return s.patchContact(ctx, tx, account, id, &p)
	})
	return id, asError(err, "contact")
}

// numberIsNew refuses a number that leads to a contact already, by an identity or by a note on the contact. Two who create
// the same person wait for each other here.
func numberIsNew(ctx context.Context, tx pgx.Tx, account models.AccountID, w Viewer, person models.PersonHint) error {
	if err := lockPerson(ctx, tx, account, person); err != nil {
		return err
	}
	var known models.ContactID
	var seen bool
	err := tx.QueryRow(ctx, `
		SELECT k.id, coalesce(`+seesContact+`, false)
		FROM contacts k
		WHERE k.account_id = @account AND k.merged_into_id IS NULL AND (k.phone = @phone OR EXISTS (
			SELECT 1 FROM contact_identities i
			WHERE i.account_id = k.account_id AND i.contact_id = k.id AND i.kind = 'phone' AND i.value = @digits))
		ORDER BY k.id LIMIT 1`,
		w.args(account, pgx.NamedArgs{"phone": plus(person.Phone), "digits": person.Phone})).Scan(&known, &seen)
	if errors.Is(err, pgx.ErrNoRows) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("look for a contact: %w", err)
	}
	refused := &models.Error{Code: models.CodeConflict, Key: "contact.exists", Message: "this number is a contact's already"}
	if seen {
		refused.Args = map[string]string{"contact_id": known.String()}
	}
	return refused
}
