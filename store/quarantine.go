package store

import (
	"context"

	"github.com/jackc/pgx/v5"

	"github.com/perene/perene/models"
)

// QuarantineView is a quarantined part with its connection's name. Body is nil in lists.
type QuarantineView struct {
	models.Quarantined
	ConnectionName string
	Bytes          int
}

const quarantineColumns = `q.id, q.account_id, q.connection_id, q.code, q.reason, q.element, q.replays, q.last_code, q.last_error, q.received_at, q.resolved_at, q.resolution,
	octet_length(q.body) AS bytes, c.name AS connection_name`

// QuarantineFilter narrows the list of quarantined parts.
type QuarantineFilter struct {
	ConnectionID models.ConnectionID
	Resolved     bool
	Before       models.QuarantineID // 0: from the newest
	Limit        int
}

// Quarantine lists quarantined parts, newest first, without their bytes.
func (s *Store) Quarantine(ctx context.Context, account models.AccountID, f QuarantineFilter) ([]QuarantineView, error) {
	return list[QuarantineView](ctx, s.pool, "quarantine", `
		SELECT `+quarantineColumns+`
		FROM quarantine q
		JOIN connections c ON c.id = q.connection_id AND c.account_id = q.account_id
		WHERE q.account_id = @account AND (@connection::bigint = 0 OR q.connection_id = @connection)
			AND (q.resolved_at IS NOT NULL) = @resolved AND (@before::bigint = 0 OR q.id < @before)
		ORDER BY q.id DESC
		LIMIT @limit`,
		pgx.NamedArgs{
			"account": account, "connection": f.ConnectionID, "resolved": f.Resolved, "before": f.Before,
			"limit": f.Limit,
		})
}

// Quarantined reads one part with its bytes.
func (s *Store) Quarantined(ctx context.Context, account models.AccountID, id models.QuarantineID) (*QuarantineView, error) {
	return one[QuarantineView](ctx, s.pool, "quarantine", `
		SELECT `+quarantineColumns+`, q.body
		FROM quarantine q
		JOIN connections c ON c.id = q.connection_id AND c.account_id = q.account_id
		WHERE q.account_id = @account AND q.id = @id`,
		pgx.NamedArgs{"account": account, "id": id})
}

// ResolveQuarantined closes a part with a word about why.
func (s *Store) ResolveQuarantined(ctx context.Context, account models.AccountID, id models.QuarantineID, resolution string) error {
	n, err := exec(ctx, s.pool, "quarantine", `
		UPDATE quarantine
		SET resolved_at = @now, resolution = @resolution
		WHERE account_id = @account AND id = @id AND resolved_at IS NULL`,
		pgx.NamedArgs{"account": account, "id": id, "now": s.Now(), "resolution": resolution})
	if err != nil || n > 0 {
		return err
	}
	if _, err := s.Quarantined(ctx, account, id); err != nil {
		return err
	}
	return &models.Error{Code: models.CodeConflict, Key: "quarantine.resolved", Message: "this part was resolved already"}
}

// QuarantineReplayed notes a try to take a part in again: resolved when problem is empty, still open otherwise, with a code
// that says the same in one word.
func (s *Store) QuarantineReplayed(ctx context.Context, account models.AccountID, id models.QuarantineID, code models.QuarantineCode, problem string) error {
	_, err := exec(ctx, s.pool, "quarantine", `
		UPDATE quarantine
		SET replays = replays + 1, last_error = @problem, last_code = @code,
			resolved_at = CASE WHEN @problem = '' THEN coalesce(resolved_at, @now) ELSE resolved_at END,
			resolution = CASE WHEN @problem = '' AND resolved_at IS NULL THEN 'replayed' ELSE resolution END
		WHERE account_id = @account AND id = @id`,
		pgx.NamedArgs{"account": account, "id": id, "now": s.Now(), "problem": problem, "code": code})
	return err
}
