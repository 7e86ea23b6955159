package store

import (
	"context"
	"encoding/json"

	"github.com/jackc/pgx/v5"

	"github.com/perene/perene/models"
)

// FlowFiles returns the account's stored files that a flow's document names, by id, and whether the viewer sees each. The
// document is a JSON value that Postgres takes.
func (s *Store) FlowFiles(ctx context.Context, account models.AccountID, w Viewer, document json.RawMessage) (map[string]bool, error) {
	rows, err := s.pool.Query(ctx, `
		SELECT f.id::text, (`+seesFile+`)
		FROM media f
		WHERE f.account_id = @account AND f.id IN (SELECT id FROM flow_files(@document::jsonb) id) AND f.state = 'stored'`, w.args(account, pgx.NamedArgs{"document": string(document)}))
	if err != nil {
		return nil, asError(err, "media")
	}
	seen := map[string]bool{}
	var id string
	var sees bool
	_, err = pgx.ForEachRow(rows, []any{&id, &sees}, func() error {
		seen[id] = sees
		return nil
	})
	return seen, asError(err, "media")
}
