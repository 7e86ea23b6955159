package store

import (
	"context"
	"maps"

	"github.com/jackc/pgx/v5"

	"github.com/perene/perene/models"
)

// Viewer is who reads. Sight belongs to the conversation and outlives its tickets: queue and agent are the open ticket's, and
// after closing the last one's (Z32).
type Viewer struct {
	User       models.UserID
	Everything bool
}

// ViewerOf says what a user may see. Supervisors and administrators see everything.
func ViewerOf(u *models.User) Viewer {
	return Viewer{User: u.ID, Everything: u.Role == models.RoleAdmin || u.Role == models.RoleSupervisor}
}

// viewerOf is ViewerOf for a user of whom the id is known.
func viewerOf(ctx context.Context, q querier, account models.AccountID, id models.UserID) (Viewer, error) {
	u, err := one[models.User](ctx, q, "user", `SELECT id, role FROM users WHERE account_id = @account AND id = @id`,
		pgx.NamedArgs{"account": account, "id": id})
	if err != nil {
		return Viewer{}, err
	}
	return ViewerOf(u), nil
}

// visible is the condition on conversations v under which a viewer sees one. Others do not learn that it exists (rules 033, 052).
// A user sees those of the own queues, the own ones, those of contacts whose default agent they are (rule 143), and those that
// never had queue or agent. It takes @everything and @viewer.
const visible = `(@everything OR v.agent_id = @viewer OR (v.queue_id IS NULL AND v.agent_id IS NULL)
	OR EXISTS (SELECT 1 FROM queue_members qm WHERE qm.queue_id = v.queue_id AND qm.user_id = @viewer)
	OR EXISTS (SELECT 1 FROM contacts dk WHERE dk.account_id = v.account_id AND dk.id = v.contact_id AND dk.default_agent_id = @viewer))`

// seesContact is the condition on contacts k under which a viewer sees one: its default agent does, who sees one of its
// conversations does, and everybody does where it has none. It takes @everything and @viewer.
const seesContact = `(@everything OR k.default_agent_id = @viewer
	OR NOT EXISTS (SELECT 1 FROM conversations v WHERE v.account_id = k.account_id AND v.contact_id = k.id)
	OR EXISTS (SELECT 1 FROM conversations v WHERE v.account_id = k.account_id AND v.contact_id = k.id AND ` + visible + `))`

func (w Viewer) args(account models.AccountID, more pgx.NamedArgs) pgx.NamedArgs {
	args := pgx.NamedArgs{"account": account, "everything": w.Everything, "viewer": w.User}
	maps.Copy(args, more)
	return args
}

// VisibleConversation tells whether the account has the conversation and the viewer may see it.
func (s *Store) VisibleConversation(ctx context.Context, account models.AccountID, w Viewer, id models.ConversationID) (bool, error) {
	var seen bool
	err := s.pool.QueryRow(ctx, `SELECT EXISTS (SELECT 1 FROM conversations v WHERE v.account_id = @account AND v.id = @id AND `+visible+`)`,
		w.args(account, pgx.NamedArgs{"id": id})).Scan(&seen)
	return seen, asError(err, "conversation")
}

// mustBeVisible refuses a conversation that the viewer may not see as if it were not there.
func mustBeVisible(ctx context.Context, tx pgx.Tx, account models.AccountID, w Viewer, id models.ConversationID) error {
	var seen bool
	err := tx.QueryRow(ctx, `SELECT coalesce(`+visible+`, false) FROM conversations v WHERE v.account_id = @account AND v.id = @id`, w.args(account, pgx.NamedArgs{"id": id})).Scan(&seen)
	if err != nil {
		return asError(err, "conversation")
	}
	if !seen {
		return models.NotFound("conversation")
	}
	return nil
}

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
