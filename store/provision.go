package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/stdlib"
	"gorm.io/gorm"

	"github.com/perene/perene/contract"
	"github.com/perene/perene/models"
)

// Provisioning is one account being made to match a file: everything it reads and writes is one transaction. Rows that are
// saved whole go through GORM. Events, doorbells and statements of more than one row go through pgx on the same connection.
type Provisioning struct {
	tx      pgx.Tx
	gorm    *gorm.DB
	now     time.Time
	account models.AccountID
	bells   []contract.Doorbell
}

// Provision runs fn in one transaction, one at a time per slug. When fn returns an error nothing has happened. The
// doorbells are to be rung after it; a dispatcher finds those that are not.
func (s *Store) Provision(ctx context.Context, slug string, fn func(*Provisioning) error) ([]contract.Doorbell, error) {
	p := &Provisioning{now: s.Now()}
	err := s.inBoth(ctx, func(tx pgx.Tx, db *gorm.DB) error {
		if _, err := tx.Exec(ctx, `
			SELECT pg_advisory_xact_lock(hashtext('perene provision'), hashtext(@slug))`,
			pgx.NamedArgs{"slug": slug}); err != nil {
			return asError(err, "account")
		}
		p.tx, p.gorm = tx, db
		return fn(p)
	})
	if err != nil {
		return nil, asError(err, "account")
	}
	return p.bells, nil
}

// inBoth runs fn in one transaction that pgx and GORM share: GORM writes through the connection on which pgx began it.
func (s *Store) inBoth(ctx context.Context, fn func(tx pgx.Tx, db *gorm.DB) error) error {
	return s.db(ctx).Connection(func(db *gorm.DB) error {
		conn, ok := db.Statement.ConnPool.(*sql.Conn)
		if !ok {
			return errors.New("GORM has no connection of its own")
		}
		var raw *pgx.Conn // ours for as long as conn is
		err := conn.Raw(func(driver any) error {
			raw = driver.(*stdlib.Conn).Conn() //nolint:forcetypeassert // the store opens GORM on this driver
			return nil
		})
		if err != nil {
			return err
		}
		return pgx.BeginFunc(ctx, raw, func(tx pgx.Tx) error { return fn(tx, db.WithContext(ctx)) })
	})
}

// rows are the account's rows of a table.
func (p *Provisioning) rows() *gorm.DB { return p.gorm.Where("account_id = ?", p.account) }

// save writes a row of the account whole; one without id is created. What names the row and when it was made stay.
func (p *Provisioning) save(id int64, what string, row any) error {
	if id == 0 {
		return asError(p.gorm.Create(row).Error, what)
	}
	return asError(p.rows().Select("*"). //nolint:unqueryvet // all columns are written, none is read
						Omit("id", "account_id", "created_at").Updates(row).Error, what)
}

// Account reads the account with the slug and makes it the one all other calls are about; nil when there is none.
func (p *Provisioning) Account(ctx context.Context, slug string) (*models.Account, error) {
	a, err := one[models.Account](ctx, p.tx, "account", `
		SELECT id, slug, name, timezone, locale, settings, error_policies, created_at, updated_at
		FROM accounts
		WHERE slug = @slug`,
		pgx.NamedArgs{"slug": slug})
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
func (p *Provisioning) SaveAccount(a *models.Account) error {
	if a.ErrorPolicies == nil {
		a.ErrorPolicies = json.RawMessage("{}")
	}
	if a.ID == 0 {
		err := p.gorm.Create(a).Error
		p.account = a.ID
		return asError(err, "account")
	}
	return asError(p.gorm.Select("*"). //nolint:unqueryvet // all columns are written, none is read
						Omit("id", "slug", "created_at").Updates(a).Error, "account")
}

// Users lists all users of the account, oldest first.
func (p *Provisioning) Users() ([]models.User, error) {
	var users []models.User
	err := p.rows().Order("id").Find(&users).Error
	return users, asError(err, "user")
}

// SaveUser writes a user; one without id is created. CodeConflict when the address belongs to a user of another account.
func (p *Provisioning) SaveUser(u *models.User) error {
	u.AccountID = p.account
	if u.ID == 0 {
		var taken int64
		if err := p.gorm.Model(&models.User{}).Where("lower(email) = lower(?)", u.Email).Count(&taken).Error; err != nil {
			return asError(err, "user")
		}
		if taken > 0 {
			return &models.Error{Code: models.CodeConflict, Key: "user.exists", Message: "this e-mail address belongs to a user of another account"}
		}
	}
	return p.save(int64(u.ID), "user", u)
}

// EndSignIns signs a user out everywhere.
func (p *Provisioning) EndSignIns(ctx context.Context, user models.UserID) error {
	_, err := exec(ctx, p.tx, "sign_in", `
		UPDATE sessions
		SET expires_at = least(expires_at, @now)
		WHERE account_id = @account AND user_id = @user`,
		pgx.NamedArgs{"account": p.account, "user": user, "now": p.now})
	return err
}

// Members gives the queues of every user of the account.
func (p *Provisioning) Members(ctx context.Context) (map[models.UserID][]models.QueueID, error) {
	type member struct {
		UserID  models.UserID
		QueueID models.QueueID
	}
	rows, err := list[member](ctx, p.tx, "queue", `
		SELECT user_id, queue_id
		FROM queue_members
		WHERE account_id = @account
		ORDER BY user_id, queue_id`,
		pgx.NamedArgs{"account": p.account})
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
	if _, err := exec(ctx, p.tx, "queue", `
		DELETE FROM queue_members
		WHERE account_id = @account AND user_id = @user`,
		pgx.NamedArgs{"account": p.account, "user": user}); err != nil {
		return err
	}
	_, err := exec(ctx, p.tx, "queue", `
		INSERT INTO queue_members (account_id, queue_id, user_id)
		SELECT @account, q.id, @user
		FROM queues q
		WHERE q.account_id = @account AND q.id = ANY(@queues)`,
		pgx.NamedArgs{"account": p.account, "user": user, "queues": queues})
	return err
}

// Queues lists the account's queues in the order of the bot's menu (rule 030).
func (p *Provisioning) Queues() ([]models.Queue, error) {
	var queues []models.Queue
	err := p.rows().Order("bot_order, id").Find(&queues).Error
	return queues, asError(err, "queue")
}

// SaveQueue writes a queue; one without id is created.
func (p *Provisioning) SaveQueue(q *models.Queue) error {
	q.AccountID = p.account
	return p.save(int64(q.ID), "queue", q)
}

// Labels lists the account's labels, archived ones too, in their order.
func (p *Provisioning) Labels() ([]models.Label, error) {
	var labels []models.Label
	err := p.rows().Order("position, id").Find(&labels).Error
	return labels, asError(err, "label")
}

// SaveLabel writes a label; one without id is created.
func (p *Provisioning) SaveLabel(l *models.Label) error {
	l.AccountID = p.account
	return p.save(int64(l.ID), "label", l)
}

// Reasons lists the account's closing reasons, archived ones too, in their order.
func (p *Provisioning) Reasons() ([]models.ClosingReason, error) {
	var reasons []models.ClosingReason
	err := p.rows().Order("position, id").Find(&reasons).Error
	return reasons, asError(err, "closing_reason")
}

// SaveReason writes a closing reason; one without id is created.
func (p *Provisioning) SaveReason(r *models.ClosingReason) error {
	r.AccountID = p.account
	return p.save(int64(r.ID), "closing_reason", r)
}

// CustomFields lists the account's custom fields, archived ones too, in their order.
func (p *Provisioning) CustomFields() ([]models.CustomField, error) {
	var fields []models.CustomField
	err := p.rows().Order("position, id").Find(&fields).Error
	return fields, asError(err, "custom_field")
}

// SaveCustomField writes a custom field; one without id is created.
func (p *Provisioning) SaveCustomField(f *models.CustomField) error {
	f.AccountID = p.account
	return p.save(int64(f.ID), "custom_field", f)
}

// Secrets gives the sealed secrets that flows may name, by name.
func (p *Provisioning) Secrets(ctx context.Context) (map[string]models.AccountSecret, error) {
	rows, err := list[models.AccountSecret](ctx, p.tx, "secret", `
		SELECT name, sealed, hosts
		FROM account_secrets
		WHERE account_id = @account`,
		pgx.NamedArgs{"account": p.account})
	return secretsByName(rows), err
}

func secretsByName(rows []models.AccountSecret) map[string]models.AccountSecret {
	out := make(map[string]models.AccountSecret, len(rows))
	for _, r := range rows {
		out[r.Name] = r
	}
	return out
}

// SaveSecret writes a sealed secret and the hosts it may travel to.
func (p *Provisioning) SaveSecret(ctx context.Context, s models.AccountSecret) error {
	_, err := exec(ctx, p.tx, "secret", `
		INSERT INTO account_secrets (account_id, name, sealed, hosts, updated_at)
		VALUES (@account, @name, @sealed, @hosts, @now)
		ON CONFLICT (account_id, name) DO UPDATE
		SET sealed = excluded.sealed, hosts = excluded.hosts, updated_at = excluded.updated_at`,
		pgx.NamedArgs{"account": p.account, "name": s.Name, "sealed": s.Sealed, "hosts": orEmpty(s.Hosts), "now": p.now})
	return err
}

// DeleteSecret forgets a secret.
func (p *Provisioning) DeleteSecret(ctx context.Context, name string) error {
	_, err := exec(ctx, p.tx, "secret", `DELETE FROM account_secrets WHERE account_id = @account AND name = @name`,
		pgx.NamedArgs{"account": p.account, "name": name})
	return err
}

// Audit notes that a file was applied, and that consoles read settings again. data holds counts, never names or values.
func (p *Provisioning) Audit(ctx context.Context, action string, data any) error {
	body, err := json.Marshal(data)
	if err != nil {
		return asError(err, "audit")
	}
	if _, err = exec(ctx, p.tx, "audit", `
		INSERT INTO audit_log (account_id, action, data, created_at)
		VALUES (@account, @action, @body, @now)`,
		pgx.NamedArgs{"account": p.account, "action": action, "body": body, "now": p.now}); err != nil {
		return err
	}
	return settingsChanged(ctx, p.tx, p.account, SettingAll, 0)
}

// Now is the instant of this application.
func (p *Provisioning) Now() time.Time { return p.now }
