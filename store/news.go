package store

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/jackc/pgx/v5"

	"github.com/perene/perene/contract"
	"github.com/perene/perene/models"
)

// errRepeated tells that a message was stored before: it must not change who its writer is.
var errRepeated = errors.New("the message is there already")

// takeNews tells whether news is to be applied: not when the same news was taken before, whoever sends it again (S2), and
// not when newer news about the same subject was. News without its bytes is always applied. The news counts as taken when
// the transaction commits.
func (s *Store) takeNews(ctx context.Context, tx pgx.Tx, conn *models.Connection, e *contract.InboundElement, subject string) (bool, error) {
	if len(e.Raw) == 0 {
		return true, nil
	}
	at := e.At
	digest := sha256.New()
	_ = binary.Write(digest, binary.BigEndian, at.UnixNano()) // a hash never fails
	_, _ = fmt.Fprintf(digest, "%s\x00%s", e.Kind, e.Raw)
	var taken, newer bool
	err := tx.QueryRow(ctx, `
		WITH n AS (
			INSERT INTO taken_news (account_id, connection_id, digest, subject, at, taken_at)
			VALUES (@account, @connection, @digest, @subject, @at, @now)
			ON CONFLICT (connection_id, digest) DO NOTHING
			RETURNING 1
		)
		SELECT EXISTS (SELECT 1 FROM n), @subject <> ''
			AND EXISTS (SELECT 1 FROM taken_news WHERE connection_id = @connection AND subject = @subject
			AND at > @at)`,
		pgx.NamedArgs{
			"account": conn.AccountID, "connection": conn.ID, "digest": digest.Sum(nil), "subject": subject,
			"at": at, "now": s.Now(),
		}).Scan(&taken, &newer)
	if err != nil {
		return false, fmt.Errorf("note that news was taken: %w", err)
	}
	return taken && !newer, nil
}

// applyNews takes in an element that is no message and no status.
func (s *Store) applyNews(ctx context.Context, tx pgx.Tx, conn *models.Connection, e *contract.InboundElement, wake *contract.Wake) error {
	var subject string
	var apply func() error
	switch {
	case e.Identity != nil:
		apply = func() error { return s.changeIdentity(ctx, tx, conn, e.Identity) }
	case e.Preference != nil:
		return s.applyPreference(ctx, tx, conn, e, wake)
	case e.Named != nil:
		apply = func() error { return s.nameFromPhone(ctx, tx, conn, e.Named) }
	case e.Template != nil:
		subject = templateSubject(e.Template)
		apply = func() error { return s.applyTemplateChange(ctx, tx, conn, e.Template, wake) }
	case e.Number != nil && e.Number.Notice != nil:
		subject = e.Number.Notice.Subject
		if e.Number.Notice.Kind == "unread" {
			return s.noteUnread(ctx, tx, conn, e.Number.Notice)
		}
		apply = func() error { return s.applyNumberChange(ctx, tx, conn, e.Number, wake) }
	default:
		return nil // news that changes nothing of ours
	}
	take, err := s.takeNews(ctx, tx, conn, e, subject)
	if err != nil {
		return err
	}
	if !take {
		wake.Repeated++
		return nil
	}
	return apply()
}

// templateSubject names what of a template news is about: its status, category and quality change independently.
func templateSubject(ch *models.TemplateChange) string {
	var what []string
	for name, value := range map[string]string{"status": ch.Status, "category": ch.Category, "quality": ch.Quality} {
		if value != "" {
			what = append(what, name)
		}
	}
	slices.Sort(what)
	return "template/" + ch.ProviderTemplateID + "/" + ch.Name + "/" + ch.Language + "/" + strings.Join(what, "+")
}

// applyPreference takes in that a person stopped or resumed marketing messages. Who stops it before writing to us becomes a
// contact, so that it is remembered.
func (s *Store) applyPreference(ctx context.Context, tx pgx.Tx, conn *models.Connection, e *contract.InboundElement, wake *contract.Wake) error {
	p := e.Preference
	known, err := findIdentities(ctx, tx, conn.AccountID, p.Person)
	if err != nil || len(known) == 0 && !p.Stopped {
		return err
	}
	subject := ""
	if len(known) > 0 {
		subject = "preference/" + known[0].ContactID.String()
	}
	take, err := s.takeNews(ctx, tx, conn, e, subject)
	if err != nil {
		return err
	}
	if !take {
		wake.Repeated++
		return nil
	}
	contact, err := s.settlePerson(ctx, tx, conn.AccountID, p.Person, known, nil)
	if err != nil {
		return err
	}
	return s.setMarketingPreference(ctx, tx, conn, contact, p)
}

// nameFromPhone gives a contact without a name the one from the address book of the business's phone. Somebody who is not a
// contact yet becomes one: their history comes later.
func (s *Store) nameFromPhone(ctx context.Context, tx pgx.Tx, conn *models.Connection, n *models.NamedPerson) error {
	if n.Name == "" || len(n.Person.Identities) == 0 {
		return nil
	}
	known, err := findIdentities(ctx, tx, conn.AccountID, n.Person)
	if err != nil {
		return err
	}
	contact, err := s.settlePerson(ctx, tx, conn.AccountID, n.Person, known, nil)
	if err != nil {
		return err
	}
	_, err = tx.Exec(ctx, `
		WITH c AS (
			UPDATE contacts
			SET name = @name, updated_at = @now
			WHERE account_id = @account AND id = @contact AND name = ''
			RETURNING id
		)
		INSERT INTO events (account_id, kind, entity_id) SELECT @account, @event, id FROM c`,
		pgx.NamedArgs{"account": conn.AccountID, "contact": contact, "name": n.Name, "now": s.Now(), "event": models.EventContactUpdated})
	if err != nil {
		return fmt.Errorf("name a contact: %w", err)
	}
	return nil
}
