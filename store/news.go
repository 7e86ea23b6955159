package store

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
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
			INSERT INTO taken_news (account_id, connection_id, digest, subject, at, taken_at) VALUES ($1, $2, $3, $4, $5, $6)
			ON CONFLICT (connection_id, digest) DO NOTHING RETURNING 1
		)
		SELECT EXISTS (SELECT 1 FROM n), $4 <> '' AND EXISTS (SELECT 1 FROM taken_news WHERE connection_id = $2 AND subject = $4 AND at > $5)`,
		conn.AccountID, conn.ID, digest.Sum(nil), subject, at, s.Now()).Scan(&taken, &newer)
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
		known, err := findIdentities(ctx, tx, conn.AccountID, e.Preference.Person)
		if err != nil || len(known) == 0 {
			return err // a stranger's preference: nothing of ours
		}
		contact := known[0].ContactID
		subject = "preference/" + contact.String()
		apply = func() error { return s.setMarketingPreference(ctx, tx, conn, contact, e.Preference) }
	case e.Template != nil:
		subject = templateSubject(e.Template)
		apply = func() error { return s.applyTemplateChange(ctx, tx, conn, e.Template) }
	case e.Number != nil:
		var data map[string]json.RawMessage
		if err := json.Unmarshal(e.Number.Data, &data); err != nil {
			return fmt.Errorf("read news about a number: %w", err)
		}
		subject = "number/" + strings.Join(slices.Sorted(maps.Keys(data)), "+")
		apply = func() error { return s.mergeHealth(ctx, tx, conn, e.Number.Data) }
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
