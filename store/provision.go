package store

import (
	"context"
	"encoding/json"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/perene/perene/contract"
	"github.com/perene/perene/models"
)

// Provisioning is one account being made to match a file: everything it reads and writes is one transaction.
type Provisioning struct {
	tx      pgx.Tx
	now     time.Time
	account models.AccountID
	bells   []contract.Doorbell
}

// Provision runs fn in one transaction, one at a time per slug. When fn returns an error nothing has happened. The
// doorbells are to be rung after it; a dispatcher finds those that are not.
func (s *Store) Provision(ctx context.Context, slug string, fn func(*Provisioning) error) ([]contract.Doorbell, error) {
	p := &Provisioning{now: s.Now()}
	err := s.inTx(ctx, func(tx pgx.Tx) error {
		if _, err := tx.Exec(ctx, `SELECT pg_advisory_xact_lock(hashtext('perene provision'), hashtext($1))`, slug); err != nil {
			return asError(err, "account")
		}
		p.tx = tx
		return fn(p)
	})
	if err != nil {
		return nil, asError(err, "account")
	}
	return p.bells, nil
}

// Account reads the account with the slug and makes it the one all other calls are about; nil when there is none.
func (p *Provisioning) Account(ctx context.Context, slug string) (*models.Account, error) {
	a, err := one[models.Account](ctx, p.tx, "account", `SELECT id, slug, name, timezone, locale, settings, error_policies, created_at, updated_at
		FROM accounts WHERE slug = $1`, slug)
	if isNotFound(err) {
		return nil, nil //nolint:nilnil // "none" is an answer here, not an error
	}
	if err != nil {
		return nil, err
	}
	p.account = a.ID
	return a, lockConnections(ctx, p.tx, a.ID)
}

// SaveAccount writes the account; one without id is created and becomes the one all other calls are about.
func (p *Provisioning) SaveAccount(ctx context.Context, a *models.Account) error {
	if a.ErrorPolicies == nil {
		a.ErrorPolicies = json.RawMessage("{}")
	}
	if a.ID == 0 {
		err := p.tx.QueryRow(ctx, `INSERT INTO accounts (slug, name, timezone, locale, settings, error_policies, created_at, updated_at)
			VALUES ($1, $2, $3, $4, $5, $6, $7, $7) RETURNING id`, a.Slug, a.Name, a.Timezone, a.Locale, a.Settings, a.ErrorPolicies, p.now).Scan(&a.ID)
		p.account = a.ID
		return asError(err, "account")
	}
	_, err := exec(ctx, p.tx, "account", `UPDATE accounts SET name = $2, timezone = $3, locale = $4, settings = $5, error_policies = $6, updated_at = $7
		WHERE id = $1`, a.ID, a.Name, a.Timezone, a.Locale, a.Settings, a.ErrorPolicies, p.now)
	return err
}

// Users lists all users of the account, oldest first.
func (p *Provisioning) Users(ctx context.Context) ([]models.User, error) {
	return list[models.User](ctx, p.tx, "user", `SELECT id, account_id, email, name, phone, password_hash, role, locale, default_connection_id,
		disabled_at, created_at, updated_at FROM users WHERE account_id = $1 ORDER BY id`, p.account)
}

// SaveUser writes a user; one without id is created. CodeConflict when the address belongs to a user of another account.
func (p *Provisioning) SaveUser(ctx context.Context, u *models.User) error {
	if u.ID == 0 {
		err := p.tx.QueryRow(ctx, `INSERT INTO users (account_id, email, name, phone, password_hash, role, locale, created_at, updated_at)
			SELECT $1, $2, $3, $4, $5, $6, $7, $8, $8 WHERE NOT EXISTS (SELECT 1 FROM users WHERE lower(email) = lower($2)) RETURNING id`,
			p.account, u.Email, u.Name, u.Phone, u.PasswordHash, u.Role, u.Locale, p.now).Scan(&u.ID)
		if err = asError(err, "user"); isNotFound(err) {
			return &models.Error{Code: models.CodeConflict, Key: "user.exists", Message: "this e-mail address belongs to a user of another account"}
		}
		return err
	}
	_, err := exec(ctx, p.tx, "user", `UPDATE users SET name = $3, phone = $4, password_hash = $5, role = $6, locale = $7, disabled_at = $8, updated_at = $9
		WHERE account_id = $1 AND id = $2`, p.account, u.ID, u.Name, u.Phone, u.PasswordHash, u.Role, u.Locale, u.DisabledAt, p.now)
	return err
}

// EndSignIns signs a user out everywhere.
func (p *Provisioning) EndSignIns(ctx context.Context, user models.UserID) error {
	_, err := exec(ctx, p.tx, "sign_in", `UPDATE sessions SET expires_at = least(expires_at, $3) WHERE account_id = $1 AND user_id = $2`, p.account, user, p.now)
	return err
}

// Members gives the queues of every user of the account.
func (p *Provisioning) Members(ctx context.Context) (map[models.UserID][]models.QueueID, error) {
	type member struct {
		UserID  models.UserID
		QueueID models.QueueID
	}
	rows, err := list[member](ctx, p.tx, "queue", `SELECT user_id, queue_id FROM queue_members WHERE account_id = $1 ORDER BY user_id, queue_id`, p.account)
	if err != nil {
		return nil, err
	}
	out := map[models.UserID][]models.QueueID{}
	for _, m := range rows {
		out[m.UserID] = append(out[m.UserID], m.QueueID)
	}
	return out, nil
}

// SetMember makes a user belong to exactly these queues.
func (p *Provisioning) SetMember(ctx context.Context, user models.UserID, queues []models.QueueID) error {
	if _, err := exec(ctx, p.tx, "queue", `DELETE FROM queue_members WHERE account_id = $1 AND user_id = $2`, p.account, user); err != nil {
		return err
	}
	_, err := exec(ctx, p.tx, "queue", `INSERT INTO queue_members (account_id, queue_id, user_id)
		SELECT $1, q.id, $2 FROM queues q WHERE q.account_id = $1 AND q.id = ANY($3)`, p.account, user, queues)
	return err
}

// Queues lists the account's queues in the order of the bot's menu (rule 030).
func (p *Provisioning) Queues(ctx context.Context) ([]models.Queue, error) {
	return list[models.Queue](ctx, p.tx, "queue", `SELECT id, account_id, name, color, bot_order, hours, created_at, updated_at
		FROM queues WHERE account_id = $1 ORDER BY bot_order, id`, p.account)
}

// SaveQueue writes a queue; one without id is created.
func (p *Provisioning) SaveQueue(ctx context.Context, q *models.Queue) error {
	if q.ID == 0 {
		err := p.tx.QueryRow(ctx, `INSERT INTO queues (account_id, name, color, bot_order, hours, created_at, updated_at)
			VALUES ($1, $2, $3, $4, $5, $6, $6) RETURNING id`, p.account, q.Name, q.Color, q.BotOrder, q.Hours, p.now).Scan(&q.ID)
		return asError(err, "queue")
	}
	_, err := exec(ctx, p.tx, "queue", `UPDATE queues SET color = $3, bot_order = $4, hours = $5, updated_at = $6 WHERE account_id = $1 AND id = $2`,
		p.account, q.ID, q.Color, q.BotOrder, q.Hours, p.now)
	return err
}

// DeleteQueue deletes a queue; CodeConflict while tickets or connections name it.
func (p *Provisioning) DeleteQueue(ctx context.Context, id models.QueueID) error {
	n, err := exec(ctx, p.tx, "queue", `DELETE FROM queues q WHERE account_id = $1 AND id = $2
		AND NOT EXISTS (SELECT 1 FROM tickets WHERE queue_id = q.id) AND NOT EXISTS (SELECT 1 FROM connections WHERE initial_queue_id = q.id)`, p.account, id)
	if err == nil && n == 0 {
		return &models.Error{Code: models.CodeConflict, Key: "queue.in_use", Message: "tickets or connections use this queue: it cannot be removed"}
	}
	return err
}

// Labels lists the account's labels by name.
func (p *Provisioning) Labels(ctx context.Context) ([]models.Label, error) {
	return list[models.Label](ctx, p.tx, "label", `SELECT id, account_id, name, color, automation_only, created_at FROM labels WHERE account_id = $1 ORDER BY id`, p.account)
}

// SaveLabel writes a label; one without id is created.
func (p *Provisioning) SaveLabel(ctx context.Context, l *models.Label) error {
	return asError(p.tx.QueryRow(ctx, `INSERT INTO labels (account_id, name, color, automation_only, created_at) VALUES ($1, $2, $3, $4, $5)
		ON CONFLICT (account_id, name) DO UPDATE SET color = excluded.color, automation_only = excluded.automation_only RETURNING id`,
		p.account, l.Name, l.Color, l.AutomationOnly, p.now).Scan(&l.ID), "label")
}

// DeleteLabel deletes a label and takes it from all contacts.
func (p *Provisioning) DeleteLabel(ctx context.Context, id models.LabelID) error {
	_, err := exec(ctx, p.tx, "label", `DELETE FROM labels WHERE account_id = $1 AND id = $2`, p.account, id)
	return err
}

// CustomFields lists the account's custom fields.
func (p *Provisioning) CustomFields(ctx context.Context) ([]models.CustomField, error) {
	return list[models.CustomField](ctx, p.tx, "custom_field", customFieldsSQL, p.account)
}

// SaveCustomField writes a custom field, known by its entity and key.
func (p *Provisioning) SaveCustomField(ctx context.Context, f *models.CustomField) error {
	_, err := exec(ctx, p.tx, "custom_field", `INSERT INTO custom_fields (account_id, entity, key, name, kind, options, required, max_length, created_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
		ON CONFLICT (account_id, entity, key) DO UPDATE SET name = excluded.name, kind = excluded.kind, options = excluded.options,
			required = excluded.required, max_length = excluded.max_length`,
		p.account, f.Entity, f.Key, f.Name, f.Kind, f.Options, f.Required, f.MaxLength, p.now)
	return err
}

// DeleteCustomField forgets a custom field; values that contacts have stay.
func (p *Provisioning) DeleteCustomField(ctx context.Context, entity, key string) error {
	_, err := exec(ctx, p.tx, "custom_field", `DELETE FROM custom_fields WHERE account_id = $1 AND entity = $2 AND key = $3`, p.account, entity, key)
	return err
}

// Secrets gives the sealed secrets that flows may name.
func (p *Provisioning) Secrets(ctx context.Context) (map[string][]byte, error) {
	type secret struct {
		Name   string
		Sealed []byte
	}
	rows, err := list[secret](ctx, p.tx, "secret", `SELECT name, sealed FROM account_secrets WHERE account_id = $1`, p.account)
	if err != nil {
		return nil, err
	}
	out := make(map[string][]byte, len(rows))
	for _, r := range rows {
		out[r.Name] = r.Sealed
	}
	return out, nil
}

// SaveSecret writes a sealed secret.
func (p *Provisioning) SaveSecret(ctx context.Context, name string, sealed []byte) error {
	_, err := exec(ctx, p.tx, "secret", `INSERT INTO account_secrets (account_id, name, sealed, updated_at) VALUES ($1, $2, $3, $4)
		ON CONFLICT (account_id, name) DO UPDATE SET sealed = excluded.sealed, updated_at = excluded.updated_at`, p.account, name, sealed, p.now)
	return err
}

// DeleteSecret forgets a secret.
func (p *Provisioning) DeleteSecret(ctx context.Context, name string) error {
	_, err := exec(ctx, p.tx, "secret", `DELETE FROM account_secrets WHERE account_id = $1 AND name = $2`, p.account, name)
	return err
}

// Audit notes that a file was applied. data holds counts, never names or values.
func (p *Provisioning) Audit(ctx context.Context, action string, data any) error {
	body, err := json.Marshal(data)
	if err != nil {
		return asError(err, "audit")
	}
	_, err = exec(ctx, p.tx, "audit", `INSERT INTO audit_log (account_id, action, data, created_at) VALUES ($1, $2, $3, $4)`, p.account, action, body, p.now)
	return err
}

// Now is the instant of this application.
func (p *Provisioning) Now() time.Time { return p.now }
