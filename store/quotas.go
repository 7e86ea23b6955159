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
	Name string `json:"name" doc:"What is counted: labels, flows, users …"`
	Most int64  `json:"most" doc:"How many the account may have."`
	Used int64  `json:"used" doc:"How many it has."`
}

// Quotas lists the quotas of an account that count rows, by name.
func (s *Store) Quotas(ctx context.Context, account models.AccountID) ([]Quota, error) {
	quotas, err := list[Quota](ctx, s.pool, "quota", `
		SELECT name, quota_of(@account, name) AS most
		FROM quotas
		WHERE name <> 'unused_upload_bytes'
		ORDER BY name`, pgx.NamedArgs{"account": account})
	if err != nil {
		return nil, err
	}
	batch := &pgx.Batch{}
	for i := range quotas {
		q := &quotas[i]
		batch.Queue(`SELECT count(*) FROM `+pgx.Identifier{q.Name}.Sanitize()+` WHERE account_id = @account`, pgx.NamedArgs{"account": account}).
			QueryRow(func(row pgx.Row) error { return row.Scan(&q.Used) })
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
