package store

import (
	"context"
	"maps"
	"slices"
	"strings"

	"github.com/jackc/pgx/v5"

	"github.com/perene/perene/models"
)

const (
	accountColumns = `id, slug, name, timezone, locale, settings, error_policies, created_at, updated_at`
	userColumns    = `id, account_id, email, name, phone, password_hash, role, locale, default_connection_id, disabled_at, created_at, updated_at`
	queueColumns   = `id, account_id, name, color, bot_order, hours, write_lock, lease_minutes, archived_at, created_at, updated_at`
)

// Account reads a tenant.
func (s *Store) Account(ctx context.Context, account models.AccountID) (*models.Account, error) {
	return one[models.Account](ctx, s.pool, "account", `SELECT `+accountColumns+` FROM accounts WHERE id = $1`, account)
}

// AccountBySlug reads a tenant by its name in files and commands.
func (s *Store) AccountBySlug(ctx context.Context, slug string) (*models.Account, error) {
	return one[models.Account](ctx, s.pool, "account", `SELECT `+accountColumns+` FROM accounts WHERE slug = $1`, slug)
}

// Accounts lists all tenants, oldest first; for commands on the machine.
func (s *Store) Accounts(ctx context.Context) ([]models.Account, error) {
	return list[models.Account](ctx, s.pool, "account", `SELECT `+accountColumns+` FROM accounts ORDER BY id`)
}

// Users lists an account's users by id after the given one.
func (s *Store) Users(ctx context.Context, account models.AccountID, after models.UserID, limit int) ([]models.User, error) {
	return list[models.User](ctx, s.pool, "user", `SELECT `+userColumns+` FROM users WHERE account_id = $1 AND id > $2 ORDER BY id LIMIT $3`, account, after, limit)
}

// User reads a user.
func (s *Store) User(ctx context.Context, account models.AccountID, id models.UserID) (*models.User, error) {
	return one[models.User](ctx, s.pool, "user", `SELECT `+userColumns+` FROM users WHERE account_id = $1 AND id = $2`, account, id)
}

// UserByEmail finds who signs in; the address names one user over all accounts. The account is part of the answer.
func (s *Store) UserByEmail(ctx context.Context, email string) (*models.User, error) {
	return one[models.User](ctx, s.pool, "user", `SELECT `+userColumns+` FROM users WHERE lower(email) = lower($1)`, strings.TrimSpace(email))
}

func orEmpty[T any](s []T) []T {
	if s == nil {
		return []T{}
	}
	return s
}

// UserQueues gives the queues of each of the users, by user.
func (s *Store) UserQueues(ctx context.Context, account models.AccountID, users []models.UserID) (map[models.UserID][]models.QueueID, error) {
	type member struct {
		UserID  models.UserID
		QueueID models.QueueID
	}
	rows, err := list[member](ctx, s.pool, "queue", `SELECT user_id, queue_id FROM queue_members WHERE account_id = $1 AND user_id = ANY($2) ORDER BY queue_id`, account, orEmpty(users))
	if err != nil {
		return nil, err
	}
	out := map[models.UserID][]models.QueueID{}
	for _, m := range rows {
		out[m.UserID] = append(out[m.UserID], m.QueueID)
	}
	return out, nil
}

// Viewer is who reads. Supervisors and administrators see every conversation; a user sees those without a queue, those of
// the own queues and the own ones, and does not learn that others exist (rules 033, 052).
type Viewer struct {
	User       models.UserID
	Everything bool
}

// ViewerOf says what a user may see.
func ViewerOf(u *models.User) Viewer {
	return Viewer{User: u.ID, Everything: u.Role == models.RoleAdmin || u.Role == models.RoleSupervisor}
}

// visible is the condition on conversations v under which a viewer sees one; it takes @everything and @viewer.
const visible = `(@everything OR v.agent_id = @viewer OR (v.queue_id IS NULL AND v.agent_id IS NULL)
	OR EXISTS (SELECT 1 FROM queue_members qm WHERE qm.queue_id = v.queue_id AND qm.user_id = @viewer)
	OR EXISTS (SELECT 1 FROM contacts dk WHERE dk.account_id = v.account_id AND dk.id = v.contact_id AND dk.default_agent_id = @viewer))`

func (w Viewer) args(account models.AccountID, more pgx.NamedArgs) pgx.NamedArgs {
	args := pgx.NamedArgs{"account": account, "everything": w.Everything, "viewer": w.User}
	maps.Copy(args, more)
	return args
}

// VisibleConversations gives those of the conversations that the viewer may see.
func (s *Store) VisibleConversations(ctx context.Context, account models.AccountID, w Viewer, ids []models.ConversationID) ([]models.ConversationID, error) {
	if w.Everything {
		return slices.Clone(ids), nil
	}
	rows, err := s.pool.Query(ctx, `SELECT v.id FROM conversations v WHERE v.account_id = @account AND v.id = ANY(@ids) AND `+visible, w.args(account, pgx.NamedArgs{"ids": orEmpty(ids)}))
	if err != nil {
		return nil, asError(err, "conversation")
	}
	out, err := pgx.CollectRows(rows, pgx.RowTo[models.ConversationID])
	return out, asError(err, "conversation")
}
