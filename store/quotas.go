package store

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"

	"github.com/perene/perene/models"
)

// quotaReached is the code by which the database refuses a row over a quota (S16). Every table of the quotas has a trigger,
// so that no way of making rows goes around it.
const quotaReached = "PRQ01"

func quotaError(name, most string) error {
	return &models.Error{Code: models.CodeConflict, Key: "quota.reached",
		Message: fmt.Sprintf("the account has all the %s it may have (%s): remove some, or ask the operator for more", name, most),
		Fields:  []models.Field{{Path: "quota." + name, Message: "at most " + most}}}
}

// Quota is how much of something an account may have, and has.
type Quota struct {
	Name    string `json:"name" doc:"What is counted: labels, flows, users … A name that ends in _bytes counts bytes."`
	Most    int64  `json:"most" doc:"How much the account may have."`
	Used    int64  `json:"used" doc:"How much it has. Of unused_upload_bytes, what the user has who has most: each user has the limit."`
	Dropped int64  `json:"dropped,omitempty" doc:"How much was dropped to stay below the limit, the oldest first: the quarantine's alone."`
}

// Names of the quotas that are no count of a table's rows.
const (
	quotaQuarantine       = "quarantine"
	quotaQuarantineBytes  = "quarantine_bytes"
	quotaUnusedUploadSize = "unused_upload_bytes" // of each user
)

// quotasUncounted are those that count nothing: what bounds bulk jobs.
var quotasUncounted = []string{"bulk_jobs_at_once", "rows_of_a_bulk_job", "broadcasts_at_once", "recipients_of_a_broadcast"}

// usedSQL counts how much of a quota an account has, and how much was dropped.
func usedSQL(name string) string {
	switch name {
	case quotaQuarantine:
		return `SELECT (SELECT count(*) FROM quarantine WHERE account_id = @account), coalesce(sum(dropped), 0)
			FROM quarantine_dropped WHERE account_id = @account`
	case quotaQuarantineBytes:
		return `SELECT (SELECT coalesce(sum(bytes), 0) FROM quarantine WHERE account_id = @account), coalesce(sum(bytes), 0)
			FROM quarantine_dropped WHERE account_id = @account`
	case quotaUnusedUploadSize: // of the user who has most
		return `SELECT coalesce(max(u.bytes), 0), 0
			FROM (
				SELECT sum(f.size) AS bytes
				FROM media f
				WHERE f.account_id = @account AND f.uploader_id IS NOT NULL
					AND NOT EXISTS (SELECT 1 FROM media_uses u WHERE u.account_id = @account AND u.media_id = f.id)
				GROUP BY f.uploader_id
			) u`
	}
	return `SELECT count(*), 0 FROM ` + pgx.Identifier{name}.Sanitize() + ` WHERE account_id = @account`
}

// Quotas lists the quotas of an account, by name.
func (s *Store) Quotas(ctx context.Context, account models.AccountID) ([]Quota, error) {
	quotas, err := list[Quota](ctx, s.pool, "quota", `
		SELECT name, quota_of(@account, name) AS most
		FROM quotas
		WHERE name <> ALL(@others)
		ORDER BY name`, pgx.NamedArgs{"account": account, "others": quotasUncounted})
	if err != nil {
		return nil, err
	}
	batch := &pgx.Batch{}
	for i := range quotas {
		q := &quotas[i]
		batch.Queue(usedSQL(q.Name), pgx.NamedArgs{"account": account}).
			QueryRow(func(row pgx.Row) error { return row.Scan(&q.Used, &q.Dropped) })
	}
	return quotas, asError(s.pool.SendBatch(ctx, batch).Close(), "quota")
}

// mayUpload refuses a file when its uploader has too many bytes that nothing uses. What is used does not count, and what
// stays unused is removed after a while.
func (s *Store) mayUpload(ctx context.Context, account models.AccountID, user models.UserID, size *int64) error {
	var most, unused int64
	err := s.pool.QueryRow(ctx, `
		SELECT quota_of(@account, 'unused_upload_bytes'), coalesce(sum(f.size), 0)
		FROM media f
		WHERE f.account_id = @account AND f.uploader_id = @user
			AND NOT EXISTS (SELECT 1 FROM media_uses u WHERE u.media_id = f.id)`,
		pgx.NamedArgs{"account": account, "user": user}).Scan(&most, &unused)
	if err != nil {
		return asError(err, "media")
	}
	if size != nil {
		unused += *size
	}
	if unused > most {
		return &models.Error{Code: models.CodeConflict, Key: "quota.uploads",
			Message: "too many files wait to be sent: send them, or wait until unused ones are removed"}
	}
	return nil
}
