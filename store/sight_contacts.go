package store

import (
	"context"

	"github.com/jackc/pgx/v5"

	"github.com/perene/perene/models"
)

// seesContact is the condition on contacts k under which a viewer sees one: its default agent does, who sees one of its
// conversations does, and everybody does where it has none. It takes @everything and @viewer.
const seesContact = `(@everything OR k.default_agent_id = @viewer
	OR NOT EXISTS (SELECT 1 FROM conversations v WHERE v.account_id = k.account_id AND v.contact_id = k.id)
	OR EXISTS (SELECT 1 FROM conversations v WHERE v.account_id = k.account_id AND v.contact_id = k.id AND ` + visible + `))`

// mustSeeContact refuses a contact that the viewer may not see as if it were not there.
func mustSeeContact(ctx context.Context, tx pgx.Tx, account models.AccountID, w Viewer, id models.ContactID) error {
	var seen bool
	err := tx.QueryRow(ctx, `SELECT coalesce(`+seesContact+`, false) FROM contacts k WHERE k.account_id = @account AND k.id = @id`, w.args(account, pgx.NamedArgs{"id": id})).Scan(&seen)
	if err != nil {
		return asError(err, "contact")
	}
	if !seen {
		return models.NotFound("contact")
	}
	return nil
}
