package store

import (
	"context"

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
	return list[QuarantineView](ctx, s.pool, "quarantine", `SELECT `+quarantineColumns+` FROM quarantine q JOIN connections c ON c.id = q.connection_id AND c.account_id = q.account_id
		WHERE q.account_id = $1 AND ($2::bigint = 0 OR q.connection_id = $2) AND (q.resolved_at IS NOT NULL) = $3 AND ($4::bigint = 0 OR q.id < $4)
		ORDER BY q.id DESC LIMIT $5`, account, f.ConnectionID, f.Resolved, f.Before, f.Limit)
}

// Quarantined reads one part with its bytes.
func (s *Store) Quarantined(ctx context.Context, account models.AccountID, id models.QuarantineID) (*QuarantineView, error) {
	return one[QuarantineView](ctx, s.pool, "quarantine", `SELECT `+quarantineColumns+`, q.body FROM quarantine q JOIN connections c ON c.id = q.connection_id AND c.account_id = q.account_id
		WHERE q.account_id = $1 AND q.id = $2`, account, id)
}

// ResolveQuarantined closes a part with a word about why.
func (s *Store) ResolveQuarantined(ctx context.Context, account models.AccountID, id models.QuarantineID, resolution string) error {
	n, err := exec(ctx, s.pool, "quarantine", `UPDATE quarantine SET resolved_at = $3, resolution = $4 WHERE account_id = $1 AND id = $2 AND resolved_at IS NULL`,
		account, id, s.Now(), resolution)
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
	_, err := exec(ctx, s.pool, "quarantine", `UPDATE quarantine SET replays = replays + 1, last_error = $4, last_code = $5,
			resolved_at = CASE WHEN $4 = '' THEN coalesce(resolved_at, $3) ELSE resolved_at END,
			resolution = CASE WHEN $4 = '' AND resolved_at IS NULL THEN 'replayed' ELSE resolution END
		WHERE account_id = $1 AND id = $2`, account, id, s.Now(), problem, code)
	return err
}
