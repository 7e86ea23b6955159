package store

import (
	"context"
	"strings"

	"github.com/jackc/pgx/v5"

	"github.com/perene/perene/models"
)

const (
	accountColumns = `id, slug, name, timezone, locale, settings, error_policies, created_at, updated_at`
	userColumns    = `id, account_id, email, name, phone, password_hash, role, locale, default_connection_id, disabled_at, created_at, updated_at`
	queueColumns   = `id, account_id, name, color, bot_order, hours, write_lock, lease_minutes, survey_id, archived_at, created_at, updated_at`
)

// Account reads a tenant.
func (s *Store) Account(ctx context.Context, account models.AccountID) (*models.Account, error) {
	return one[models.Account](ctx, s.pool, "account", `SELECT `+accountColumns+` FROM accounts WHERE id = @account`,
		pgx.NamedArgs{"account": account})
}

// AccountBySlug reads a tenant by its name in files and commands.
func (s *Store) AccountBySlug(ctx context.Context, slug string) (*models.Account, error) {
	return one[models.Account](ctx, s.pool, "account", `SELECT `+accountColumns+` FROM accounts WHERE slug = @slug`,
		pgx.NamedArgs{"slug": slug})
}

// Accounts lists all tenants, oldest first; for commands on the machine.
func (s *Store) Accounts(ctx context.Context) ([]models.Account, error) {
	return list[models.Account](ctx, s.pool, "account", `SELECT `+accountColumns+` FROM accounts ORDER BY id`)
}

// Users lists an account's users by id after the given one.
func (s *Store) Users(ctx context.Context, account models.AccountID, after models.UserID, limit int) ([]models.User, error) {
	return list[models.User](ctx, s.pool, "user", `
		SELECT `+userColumns+`
		FROM users
		WHERE account_id = @account AND id > @after
		ORDER BY id
		LIMIT @limit`,
		pgx.NamedArgs{"account": account, "after": after, "limit": limit})
}

// User reads a user.
func (s *Store) User(ctx context.Context, account models.AccountID, id models.UserID) (*models.User, error) {
	return one[models.User](ctx, s.pool, "user", `
		SELECT `+userColumns+`
		FROM users
		WHERE account_id = @account AND id = @id`,
		pgx.NamedArgs{"account": account, "id": id})
}

// UserByEmail finds who signs in; the address names one user over all accounts. The account is part of the answer.
func (s *Store) UserByEmail(ctx context.Context, email string) (*models.User, error) {
	return one[models.User](ctx, s.pool, "user", `
		SELECT `+userColumns+`
		FROM users
		WHERE lower(email) = lower(@email)`,
		pgx.NamedArgs{"email": strings.TrimSpace(email)})
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
	rows, err := list[member](ctx, s.pool, "queue", `
		SELECT user_id, queue_id
		FROM queue_members
		WHERE account_id = @account AND user_id = ANY(@users)
		ORDER BY queue_id`,
		pgx.NamedArgs{"account": account, "users": orEmpty(users)})
	if err != nil {
		return nil, err
	}
	out := map[models.UserID][]models.QueueID{}
	for _, m := range rows {
		out[m.UserID] = append(out[m.UserID], m.QueueID)
	}
	return out, nil
}
