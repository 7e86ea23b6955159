package store

import (
	"context"
	"slices"
	"strconv"
	"strings"

	"github.com/jackc/pgx/v5"
	"gorm.io/gorm"

	"github.com/perene/perene/models"
)

// settingDone is what a change of settings did. Without a verb it did nothing.
type settingDone struct {
	id     int64
	verb   string   // created, updated, archived, restored, ordered
	fields []string // that changed
}

// saved is what saving a row did.
func saved(created bool, id int64, fields []string) settingDone {
	switch {
	case created:
		return settingDone{id, "created", fields}
	case len(fields) > 0:
		return settingDone{id, "updated", fields}
	}
	return settingDone{}
}

// changeSettings runs one change of an account's settings under the lock that an account file takes too. What was done is
// an event and a line of the audit log in the same transaction. by says who did it.
func (s *Store) changeSettings(ctx context.Context, account models.AccountID, by AuditEntry, kind Setting,
	fn func(p *Provisioning) (settingDone, error),
) error {
	err := s.inBoth(ctx, func(tx pgx.Tx, db *gorm.DB) error {
		if _, err := tx.Exec(ctx, `
			SELECT pg_advisory_xact_lock(hashtext('perene provision'), hashtext(slug))
			FROM accounts
			WHERE id = @account`,
			pgx.NamedArgs{"account": account}); err != nil {
			return err
		}
		done, err := fn(&Provisioning{tx: tx, gorm: db, now: s.Now(), account: account})
		if err != nil || done.verb == "" {
			return err
		}
		by.Action, by.Object = kind.noun()+"."+done.verb, kind.noun()+"/"+strconv.FormatInt(done.id, 10)
		by.Data = map[string]any{"fields": orEmpty(done.fields)}
		if err := settingsChanged(ctx, tx, account, kind, done.id); err != nil {
			return err
		}
		return insertAudit(ctx, tx, account, by, s.Now())
	})
	return asError(err, kind.noun())
}

// settingRow reads a row of the account to be changed; one without id is new.
func settingRow[T any](p *Provisioning, kind Setting, id int64) (*T, error) {
	row := new(T)
	if id == 0 {
		return row, nil
	}
	return row, asError(p.rows().First(row, id).Error, kind.noun())
}

// patched makes a field what a change says, if it says something, and notes its name if the field differs.
func patched[T comparable](fields *[]string, name string, field *T, want *T) {
	if want != nil && *field != *want {
		*field = *want
		*fields = append(*fields, name)
	}
}

// patchedName is patched for a name, which is never empty and which no other row of the kind has, in whatever case.
func (p *Provisioning) patchedName(ctx context.Context, kind Setting, id int64, fields *[]string, field *string, want *string) error {
	if want == nil && id != 0 {
		return nil
	}
	name := ""
	if want != nil {
		name = strings.TrimSpace(*want)
	}
	if name == "" {
		return models.Invalid("body.name", "give a name")
	}
	if err := p.free(ctx, kind, id, "name", name); err != nil {
		return err
	}
	patched(fields, "name", field, &name)
	return nil
}

// free refuses a name or a key that another row of the kind has. The key of the error tells whether that row is archived.
func (p *Provisioning) free(ctx context.Context, kind Setting, id int64, column, value string) error {
	var archived bool
	err := p.tx.QueryRow(ctx, `
		SELECT archived_at IS NOT NULL
		FROM `+string(kind)+`
		WHERE account_id = @account
			AND id <> @id
			AND lower(`+column+`) = lower(@value)
		ORDER BY archived_at NULLS FIRST
		LIMIT 1`,
		pgx.NamedArgs{"account": p.account, "id": id, "value": value}).Scan(&archived)
	if err = asError(err, kind.noun()); err != nil {
		if isNotFound(err) {
			return nil
		}
		return err
	}
	key, why := "settings."+column+"_taken", "another one has this "+column
	if archived {
		key, why = "settings."+column+"_archived", "an archived one has this "+column+": restore it"
	}
	return &models.Error{Code: models.CodeConflict, Key: key, Message: why, Fields: []models.Field{{Path: "body." + column, Message: why}}}
}

// nextPlace is the place behind all others of a kind.
func (p *Provisioning) nextPlace(ctx context.Context, kind Setting, column string) (int, error) {
	var place int
	err := p.tx.QueryRow(ctx, `
		SELECT coalesce(max(`+column+`), 0) + 1
		FROM `+string(kind)+`
		WHERE account_id = @account`,
		pgx.NamedArgs{"account": p.account}).Scan(&place)
	return place, asError(err, kind.noun())
}

// ArchiveSetting archives a thing, or restores it. What points at it goes on pointing at it. CodeConflict for the queue that a
// connection puts new conversations into.
func (s *Store) ArchiveSetting(ctx context.Context, account models.AccountID, kind Setting, id int64, archived bool, by AuditEntry) error {
	return s.changeSettings(ctx, account, by, kind, func(p *Provisioning) (settingDone, error) {
		done := settingDone{id: id, verb: "restored"}
		if archived {
			done.verb = "archived"
		}
		if archived && kind == SettingQueues {
			if err := p.QueueIsFree(ctx, models.QueueID(id)); err != nil {
				return done, err
			}
		}
		var was bool
		err := p.tx.QueryRow(ctx, `
			SELECT archived_at IS NOT NULL
			FROM `+string(kind)+`
			WHERE account_id = @account
				AND id = @id`,
			pgx.NamedArgs{"account": p.account, "id": id}).Scan(&was)
		if err != nil || was == archived {
			return settingDone{}, asError(err, kind.noun())
		}
		_, err = exec(ctx, p.tx, kind.noun(), `
			UPDATE `+string(kind)+`
			SET archived_at = CASE WHEN @archived THEN @now::timestamptz END
			WHERE account_id = @account
				AND id = @id`,
			pgx.NamedArgs{"account": p.account, "id": id, "archived": archived, "now": p.now})
		return done, err
	})
}

// QueueIsFree returns CodeConflict for a queue that a connection puts new conversations into (rule 028).
func (p *Provisioning) QueueIsFree(ctx context.Context, id models.QueueID) error {
	var connection string
	err := p.tx.QueryRow(ctx, `
		SELECT name
		FROM connections
		WHERE account_id = @account
			AND initial_queue_id = @initial_queue
			AND state <> 'removed'
		ORDER BY id
		LIMIT 1`,
		pgx.NamedArgs{"account": p.account, "initial_queue": id}).Scan(&connection)
	if err = asError(err, "connection"); err != nil {
		if isNotFound(err) {
			return nil
		}
		return err
	}
	return &models.Error{Code: models.CodeConflict, Key: "settings.queue_initial", Args: map[string]string{"connection": connection},
		Message: "the connection " + connection + " puts new conversations into this queue: choose another one there first"}
}

// OrderSettings gives the things of a kind their places, in the order of the ids. Labels, fields and reasons that are not
// named come behind, as they were. A queue that is not named leaves the bot's menu (rules 030, 181).
func (s *Store) OrderSettings(ctx context.Context, account models.AccountID, kind Setting, ids []int64, by AuditEntry) error {
	return s.changeSettings(ctx, account, by, kind, func(p *Provisioning) (settingDone, error) {
		if err := p.inUse(ctx, kind, ids); err != nil {
			return settingDone{}, err
		}
		order := `
			UPDATE ` + string(kind) + ` t
			SET position = o.place
			FROM (
				SELECT id, row_number() OVER (ORDER BY array_position(@ids::bigint[], id) NULLS LAST, position, id) AS place
				FROM ` + string(kind) + `
				WHERE account_id = @account
					AND archived_at IS NULL
			) o
			WHERE t.account_id = @account
				AND t.id = o.id
				AND t.position <> o.place`
		if kind == SettingQueues {
			order = `
				UPDATE queues
				SET bot_order = coalesce(array_position(@ids::bigint[], id), 0), updated_at = @now
				WHERE account_id = @account
					AND archived_at IS NULL
					AND bot_order <> coalesce(array_position(@ids::bigint[], id), 0)`
		}
		n, err := exec(ctx, p.tx, kind.noun(), order, pgx.NamedArgs{"account": p.account, "ids": orEmpty(ids), "now": p.now})
		if err != nil || n == 0 {
			return settingDone{}, err
		}
		return settingDone{verb: "ordered"}, nil
	})
}

// inUse refuses ids that stand twice, or that no thing of the kind has which is in use.
func (p *Provisioning) inUse(ctx context.Context, kind Setting, ids []int64) error {
	rows, err := p.tx.Query(ctx, `
		SELECT id
		FROM `+string(kind)+`
		WHERE account_id = @account
			AND archived_at IS NULL
			AND id = ANY(@ids)`,
		pgx.NamedArgs{"account": p.account, "ids": orEmpty(ids)})
	if err != nil {
		return asError(err, kind.noun())
	}
	known, err := pgx.CollectRows(rows, pgx.RowTo[int64])
	if err != nil {
		return asError(err, kind.noun())
	}
	for i, id := range ids {
		if !slices.Contains(known, id) || slices.Contains(ids[:i], id) {
			return models.Invalid("body.ids["+strconv.Itoa(i)+"]", "no such %s in use, or one that stands here already", strings.ReplaceAll(kind.noun(), "_", " "))
		}
	}
	return nil
}
