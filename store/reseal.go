package store

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"

	"github.com/perene/perene/models"
)

// Keys seal with one master key, and open what that one or the one before sealed.
type Keys interface {
	Sealer
	Open(place string, sealed []byte) ([]byte, error)
	// Sealed tells whether the key that seals now has sealed the value.
	Sealed(value []byte) bool
}

// SealedCount counts the values that are sealed at rest.
type SealedCount struct {
	Values int // looked at
	New    int // that Reseal has sealed again
	Old    int // under the key before
	// Lost says of up to ten values where they are and why no key opens them. LostValues counts them all.
	Lost       []string
	LostValues int
}

// resealRows is how many rows are locked and written at once.
const resealRows = 200

// sealedRow is a row with sealed values: a connection with its credentials, or one secret of an account.
type sealedRow struct {
	AccountID   models.AccountID
	ID          models.ConnectionID // zero for an account's secret; of a webhook its own
	Name        string              // of an account's secret, or sealedWebhook
	Credentials map[string][]byte
	Sealed      []byte
}

// sealedWebhook names a row that is a webhook.
const sealedWebhook = "webhook"

// place is what a value of the row is sealed for. Two values of a connection may share one: a secret and the one before it.
func (r *sealedRow) place(field string) string {
	if r.ID == 0 {
		return models.AccountSecretPlace(r.AccountID, r.Name)
	}
	if r.Name == sealedWebhook {
		return models.WebhookSecretPlace(models.WebhookID(r.ID))
	}
	return models.ConnectionSecretPlace(r.ID, field)
}

// sealedTable is a table with sealed values: how the rows behind one are read, and how rows are written back.
type sealedTable struct {
	name, read, write string
}

// sealedTables are all tables with sealed values. A test looks through the whole database for others.
var sealedTables = []sealedTable{
	{"connections", `
		SELECT account_id, id, credentials
		FROM connections
		WHERE id > @id
		ORDER BY id
		LIMIT @limit`, `
		UPDATE connections c
		SET credentials = v.credentials
		FROM unnest(@accounts::bigint[], @ids::bigint[], @credentials::jsonb[]) AS v (account_id, id, credentials)
		WHERE c.account_id = v.account_id AND c.id = v.id`},
	{"webhook_endpoints", `
		SELECT account_id, id, secrets AS credentials, '` + sealedWebhook + `' AS name
		FROM webhook_endpoints
		WHERE id > @id
		ORDER BY id
		LIMIT @limit`, `
		UPDATE webhook_endpoints w
		SET secrets = v.credentials
		FROM unnest(@accounts::bigint[], @ids::bigint[], @credentials::jsonb[]) AS v (account_id, id, credentials)
		WHERE w.account_id = v.account_id AND w.id = v.id`},
	{"account_secrets", `
		SELECT account_id, name, sealed
		FROM account_secrets
		WHERE (account_id, name) > (@account, @name)
		ORDER BY account_id, name
		LIMIT @limit`, `
		UPDATE account_secrets s
		SET sealed = v.sealed
		FROM unnest(@accounts::bigint[], @names::text[], @sealed::bytea[]) AS v (account_id, name, sealed)
		WHERE s.account_id = v.account_id AND s.name = v.name`},
}

// CountSealed counts the sealed values of all accounts and changes nothing.
func (s *Store) CountSealed(ctx context.Context, keys Keys) (SealedCount, error) {
	return s.eachSealed(ctx, keys, false, func(string, SealedCount) {})
}

// Reseal seals everything again that the key before has sealed. Each batch of rows is one transaction, so that it can be
// killed at any time and called again: what is done stays done. A change of a secret at the same time waits for its row or
// is waited for. A value that no key opens stays as it is. tell hears of each batch, with the table and the counts so far.
func (s *Store) Reseal(ctx context.Context, keys Keys, tell func(table string, so SealedCount)) (SealedCount, error) {
	return s.eachSealed(ctx, keys, true, tell)
}

func (s *Store) eachSealed(ctx context.Context, keys Keys, write bool, tell func(string, SealedCount)) (SealedCount, error) {
	var count SealedCount
	for _, table := range sealedTables {
		last, more := sealedRow{}, true
		for more {
			so := count // a batch that fails counts for nothing
			err := s.inTx(ctx, func(tx pgx.Tx) error {
				rows, err := table.batch(ctx, tx, last, write)
				if err != nil || len(rows) == 0 {
					more = false
					return err
				}
				last = rows[len(rows)-1]
				return table.reseal(ctx, tx, keys, rows, write, &so)
			})
			if err != nil {
				return count, asError(err, table.name)
			}
			count = so
			if more {
				tell(table.name, count)
			}
		}
	}
	return count, nil
}

// batch reads the rows behind one, and locks them when they may be written. References to them may still be made.
func (t sealedTable) batch(ctx context.Context, tx pgx.Tx, last sealedRow, lock bool) ([]sealedRow, error) {
	sql := t.read
	if lock {
		sql += `
		FOR NO KEY UPDATE`
	}
	return list[sealedRow](ctx, tx, t.name, sql,
		pgx.NamedArgs{"id": last.ID, "account": last.AccountID, "name": last.Name, "limit": resealRows})
}

// reseal counts the values of locked rows and writes those rows back that the key before had sealed.
func (t sealedTable) reseal(ctx context.Context, tx pgx.Tx, keys Keys, rows []sealedRow, write bool, count *SealedCount) error {
	var (
		accounts    []models.AccountID
		ids         []models.ConnectionID
		names       []string
		sealed      [][]byte
		credentials []map[string][]byte
	)
	for i := range rows {
		changed, err := rows[i].reseal(keys, write, count)
		if err != nil {
			return err
		}
		if !changed {
			continue
		}
		accounts, ids, names = append(accounts, rows[i].AccountID), append(ids, rows[i].ID), append(names, rows[i].Name)
		sealed, credentials = append(sealed, rows[i].Sealed), append(credentials, rows[i].Credentials)
	}
	if len(accounts) == 0 {
		return nil
	}
	_, err := exec(ctx, tx, t.name, t.write, pgx.NamedArgs{
		"accounts": accounts, "ids": ids, "names": names, "sealed": sealed, "credentials": credentials,
	})
	return err
}

// reseal seals the row's values again that the key before had sealed, when write is set, and tells whether one was.
func (r *sealedRow) reseal(keys Keys, write bool, count *SealedCount) (changed bool, err error) {
	if r.ID == 0 {
		r.Sealed, changed, err = r.resealed(keys, "", r.Sealed, write, count)
		return changed, err
	}
	for field, value := range r.Credentials {
		again, one, err := r.resealed(keys, field, value, write, count)
		if err != nil {
			return false, err
		}
		r.Credentials[field] = again
		changed = changed || one
	}
	return changed, nil
}

// resealed is the value to store, and whether it is another one.
func (r *sealedRow) resealed(keys Keys, field string, value []byte, write bool, count *SealedCount) ([]byte, bool, error) {
	count.Values++
	place := r.place(field)
	plain, err := keys.Open(place, value)
	if err != nil { // it stays as it is
		count.LostValues++
		if len(count.Lost) < 10 {
			count.Lost = append(count.Lost, place+": "+err.Error())
		}
		return value, false, nil
	}
	if keys.Sealed(value) {
		return value, false, nil
	}
	if !write {
		count.Old++
		return value, false, nil
	}
	again, err := keys.Seal(place, plain)
	if err != nil {
		return nil, false, err
	}
	count.New++
	return again, true, nil
}

// String says the counts in words.
func (c SealedCount) String() string {
	return fmt.Sprintf("%d values, %d sealed again", c.Values, c.New)
}
