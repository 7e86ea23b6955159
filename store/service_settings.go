package store

import (
	"context"
	"encoding/json"

	"github.com/jackc/pgx/v5"
	"gorm.io/gorm"

	"github.com/perene/perene/models"
)

// ServiceSettings are what an account, its connections and its queues set about opening hours.
type ServiceSettings struct {
	Timezone    string
	Account     models.AccountSettings
	Connections []models.Connection // id, name and settings, oldest first, without removed ones
	Queues      []models.Queue      // by name, without archived ones
}

// ServiceSettings reads what an account sets about opening hours.
func (s *Store) ServiceSettings(ctx context.Context, account models.AccountID) (*ServiceSettings, error) {
	out := &ServiceSettings{}
	a, err := one[models.Account](ctx, s.pool, "account", `SELECT timezone, settings FROM accounts WHERE id = @account`,
		pgx.NamedArgs{"account": account})
	if err != nil {
		return nil, err
	}
	out.Timezone, out.Account = a.Timezone, a.Settings
	out.Connections, err = list[models.Connection](ctx, s.pool, "connection", `
		SELECT id, name, channel, settings
		FROM connections
		WHERE account_id = @account
			AND state <> 'removed'
		ORDER BY id`,
		pgx.NamedArgs{"account": account})
	if err != nil {
		return nil, err
	}
	out.Queues, err = list[models.Queue](ctx, s.pool, "queue", `
		SELECT id, name, color, hours
		FROM queues
		WHERE account_id = @account
			AND archived_at IS NULL
		ORDER BY lower(name), id`,
		pgx.NamedArgs{"account": account})
	return out, err
}

// ChangeAccountSettings changes options of the account. change gives the names of the fields that it changed.
func (s *Store) ChangeAccountSettings(ctx context.Context, account models.AccountID, by AuditEntry, change func(*models.AccountSettings) []string) error {
	return s.changeSettings(ctx, account, by, SettingAccount, func(p *Provisioning) (settingDone, error) {
		a, err := one[models.Account](ctx, p.tx, "account", `
			SELECT settings
			FROM accounts
			WHERE id = @account
			FOR UPDATE`,
			pgx.NamedArgs{"account": account})
		if err != nil {
			return settingDone{}, err
		}
		fields := change(&a.Settings)
		return p.saveSettings(ctx, int64(account), fields, `UPDATE accounts SET settings = @settings, updated_at = @now WHERE id = @account AND id = @id`, a.Settings)
	})
}

// ChangeConnectionSettings changes options of a connection that was not removed. change gives the names of the fields that it
// changed.
func (s *Store) ChangeConnectionSettings(ctx context.Context, account models.AccountID, id models.ConnectionID, by AuditEntry,
	change func(*models.ConnectionSettings) []string,
) error {
	return s.changeSettings(ctx, account, by, SettingConnections, func(p *Provisioning) (settingDone, error) {
		c, err := one[models.Connection](ctx, p.tx, "connection", `
			SELECT settings
			FROM connections
			WHERE account_id = @account
				AND id = @id
				AND state <> 'removed'
			FOR UPDATE`,
			pgx.NamedArgs{"account": account, "id": id})
		if err != nil {
			return settingDone{}, err
		}
		fields := change(&c.Settings)
		if len(fields) > 0 {
			if err := insertEvent(ctx, p.tx, account, models.EventConnectionUpdated, nil, int64(id)); err != nil {
				return settingDone{}, err
			}
		}
		return p.saveSettings(ctx, int64(id), fields, `
			UPDATE connections
			SET settings = @settings, updated_at = @now
			WHERE account_id = @account
				AND id = @id`, c.Settings)
	})
}

// ChangeQueueSettings changes what a queue sets about its service. change gives the names of the fields that it changed.
func (s *Store) ChangeQueueSettings(ctx context.Context, account models.AccountID, id models.QueueID, by AuditEntry, change func(*models.Queue) []string) error {
	return s.changeSettings(ctx, account, by, SettingQueues, func(p *Provisioning) (settingDone, error) {
		var q models.Queue
		if err := p.queueInUse(&q, id); err != nil {
			return settingDone{}, err
		}
		fields := change(&q)
		if len(fields) == 0 {
			return settingDone{}, nil
		}
		return saved(false, int64(id), fields), p.SaveQueue(&q)
	})
}

func (p *Provisioning) queueInUse(q *models.Queue, id models.QueueID) error {
	return asError(p.rows().Where(gorm.Expr("archived_at IS NULL")).First(q, int64(id)).Error, "queue")
}

// saveSettings writes the options of one row, if some of them changed.
func (p *Provisioning) saveSettings(ctx context.Context, id int64, fields []string, sql string, settings any) (settingDone, error) {
	if len(fields) == 0 {
		return settingDone{}, nil
	}
	body, err := json.Marshal(settings)
	if err != nil {
		return settingDone{}, asError(err, "settings")
	}
	_, err = exec(ctx, p.tx, "settings", sql, pgx.NamedArgs{"account": p.account, "id": id, "settings": body, "now": p.now})
	return saved(false, id, fields), err
}
