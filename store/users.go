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
	queueColumns   = `id, account_id, name, color, bot_order, hours, created_at, updated_at`
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

// UpsertAccount makes the account with in.Slug be as in says and tells whether anything changed.
func (s *Store) UpsertAccount(ctx context.Context, in models.Account) (out *models.Account, changed bool, err error) {
	err = s.inTx(ctx, func(tx pgx.Tx) error {
		n, err := exec(ctx, tx, "account", `INSERT INTO accounts (slug, name, timezone, locale, settings, error_policies)
			VALUES ($1, $2, $3, $4, $5, coalesce($6, '{}'::jsonb))
			ON CONFLICT (slug) DO UPDATE SET name = excluded.name, timezone = excluded.timezone, locale = excluded.locale,
				settings = excluded.settings, error_policies = excluded.error_policies, updated_at = $7
			WHERE (accounts.name, accounts.timezone, accounts.locale, accounts.settings, accounts.error_policies)
				IS DISTINCT FROM (excluded.name, excluded.timezone, excluded.locale, excluded.settings, excluded.error_policies)`,
			in.Slug, in.Name, in.Timezone, in.Locale, in.Settings, nullJSON(in.ErrorPolicies), s.Now())
		if err != nil {
			return err
		}
		changed = n > 0
		out, err = one[models.Account](ctx, tx, "account", `SELECT `+accountColumns+` FROM accounts WHERE slug = $1`, in.Slug)
		return err
	})
	return out, changed, asError(err, "account")
}

func nullJSON(raw []byte) any {
	if len(raw) == 0 {
		return nil
	}
	return raw
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

// UpsertUser makes the user with in.Email be as in says and tells whether anything changed. A nil PasswordHash leaves the
// password. A user who is disabled or gets another role loses all sessions and tokens keep only what the role allows.
func (s *Store) UpsertUser(ctx context.Context, account models.AccountID, in models.User) (out *models.User, changed bool, err error) {
	err = s.inTx(ctx, func(tx pgx.Tx) error {
		before, err := one[models.User](ctx, tx, "user", `SELECT `+userColumns+` FROM users WHERE lower(email) = lower($1) FOR UPDATE`, in.Email)
		if err != nil && !isNotFound(err) {
			return err
		}
		if before == nil {
			changed = true
			out, err = one[models.User](ctx, tx, "user", `INSERT INTO users (account_id, email, name, phone, password_hash, role, locale, default_connection_id, disabled_at)
				VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) RETURNING `+userColumns,
				account, in.Email, in.Name, in.Phone, in.PasswordHash, in.Role, in.Locale, in.DefaultConnectionID, in.DisabledAt)
			return err
		}
		if before.AccountID != account {
			return &models.Error{Code: models.CodeConflict, Key: "user.exists", Message: "this e-mail address belongs to a user of another account"}
		}
		out, err = one[models.User](ctx, tx, "user", `UPDATE users SET name = $3, phone = $4, password_hash = coalesce($5, password_hash), role = $6,
				locale = $7, default_connection_id = $8, disabled_at = $9, updated_at = $10
			WHERE account_id = $1 AND id = $2 AND ((name, phone, role, locale, default_connection_id, disabled_at) IS DISTINCT FROM ($3, $4, $6, $7, $8, $9)
				OR ($5::text IS NOT NULL AND password_hash IS DISTINCT FROM $5))
			RETURNING `+userColumns,
			account, before.ID, in.Name, in.Phone, in.PasswordHash, in.Role, in.Locale, in.DefaultConnectionID, in.DisabledAt, s.Now())
		if isNotFound(err) {
			out = before
			return nil
		}
		if err != nil {
			return err
		}
		changed = true
		if out.DisabledAt != nil || out.Role != before.Role || in.PasswordHash != nil {
			_, err = exec(ctx, tx, "session", `UPDATE sessions SET expires_at = least(expires_at, $2) WHERE user_id = $1`, out.ID, s.Now())
		}
		return err
	})
	return out, changed, asError(err, "user")
}

// Queues lists an account's queues in the order of the bot's menu (rule 030).
func (s *Store) Queues(ctx context.Context, account models.AccountID) ([]models.Queue, error) {
	return list[models.Queue](ctx, s.pool, "queue", `SELECT `+queueColumns+` FROM queues WHERE account_id = $1 ORDER BY bot_order, id`, account)
}

// UpsertQueue makes the queue with in.Name be as in says and tells whether anything changed.
func (s *Store) UpsertQueue(ctx context.Context, account models.AccountID, in models.Queue) (out *models.Queue, changed bool, err error) {
	err = s.inTx(ctx, func(tx pgx.Tx) error {
		n, err := exec(ctx, tx, "queue", `INSERT INTO queues (account_id, name, color, bot_order, hours) VALUES ($1, $2, $3, $4, $5)
			ON CONFLICT (account_id, name) DO UPDATE SET color = excluded.color, bot_order = excluded.bot_order, hours = excluded.hours, updated_at = $6
			WHERE (queues.color, queues.bot_order, queues.hours) IS DISTINCT FROM (excluded.color, excluded.bot_order, excluded.hours)`,
			account, in.Name, in.Color, in.BotOrder, in.Hours, s.Now())
		if err != nil {
			return err
		}
		changed = n > 0
		out, err = one[models.Queue](ctx, tx, "queue", `SELECT `+queueColumns+` FROM queues WHERE account_id = $1 AND name = $2`, account, in.Name)
		return err
	})
	return out, changed, asError(err, "queue")
}

// SetUserQueues makes a user belong to exactly these queues and tells whether anything changed.
func (s *Store) SetUserQueues(ctx context.Context, account models.AccountID, user models.UserID, queues []models.QueueID) (bool, error) {
	var changed bool
	err := s.inTx(ctx, func(tx pgx.Tx) error {
		gone, err := exec(ctx, tx, "queue", `DELETE FROM queue_members WHERE account_id = $1 AND user_id = $2 AND queue_id <> ALL($3)`, account, user, orEmpty(queues))
		if err != nil {
			return err
		}
		added, err := exec(ctx, tx, "queue", `INSERT INTO queue_members (account_id, queue_id, user_id)
			SELECT $1, q.id, u.id FROM queues q JOIN users u ON u.account_id = $1 AND u.id = $2 WHERE q.account_id = $1 AND q.id = ANY($3)
			ON CONFLICT DO NOTHING`, account, user, orEmpty(queues))
		changed = gone+added > 0
		return err
	})
	return changed, asError(err, "queue")
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
const visible = `(@everything OR v.ticket_id IS NULL OR EXISTS (SELECT 1 FROM tickets tk WHERE tk.id = v.ticket_id
	AND (tk.queue_id IS NULL OR tk.agent_id = @viewer OR EXISTS (SELECT 1 FROM queue_members qm WHERE qm.queue_id = tk.queue_id AND qm.user_id = @viewer))))`

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
