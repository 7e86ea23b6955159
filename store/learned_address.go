package store

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"

	"github.com/perene/perene/models"
)

// LearnAddress keeps the form of an address that the provider itself uses, and the identities by which it knows the person of
// a conversation, so that the reply finds them. Where one of them leads to another contact both are one person.
func (s *Store) LearnAddress(ctx context.Context, account models.AccountID, id models.ConversationID, address string, p models.PersonHint) error {
	err := s.inTxAgain(ctx, func(tx pgx.Tx) error {
		conv, err := lockConversationByID(ctx, tx, account, id)
		if err != nil {
			return err
		}
		if _, err := tx.Exec(ctx, `UPDATE conversations SET address = @address WHERE account_id = @account AND id = @id`,
			pgx.NamedArgs{"account": account, "id": id, "address": address}); err != nil {
			return fmt.Errorf("keep an address: %w", err)
		}
		if len(p.Identities) == 0 {
			return nil
		}
		if err := lockPerson(ctx, tx, account, p); err != nil {
			return err
		}
		known, err := findIdentities(ctx, tx, account, p)
		if err != nil || settled(known, p) && known[0].ContactID == conv.ContactID {
			return err
		}
		contacts := []models.ContactID{conv.ContactID}
		for _, k := range known {
			contacts = append(contacts, k.ContactID)
		}
		for _, from := range uniqueContacts(contacts)[1:] {
			if err := s.mergeContacts(ctx, tx, account, conv.ContactID, from); err != nil {
				return err
			}
		}
		p.Phone = "" // the number that agents see stays the one they gave
		return addIdentities(ctx, tx, account, conv.ContactID, p)
	})
	return asError(err, "conversation")
}
