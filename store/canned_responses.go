package store

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"

	"github.com/perene/perene/models"
)

// CannedResponseView is a canned response with its author's name and its files, in their order.
type CannedResponseView struct {
	models.CannedResponse
	AuthorName *string
	Files      []models.Media
}

const cannedViewSQL = `
	SELECT r.id, r.account_id, r.code, r.text, r.author_id, r.created_at, r.updated_at, u.name AS author_name,
		coalesce((
			SELECT jsonb_agg(` + mediaJSON + ` ORDER BY rf.position)
			FROM canned_response_files rf JOIN media f ON f.id = rf.media_id AND f.account_id = rf.account_id
			WHERE rf.response_id = r.id AND rf.account_id = r.account_id), '[]') AS files
	FROM canned_responses r
	LEFT JOIN users u ON u.id = r.author_id AND u.account_id = r.account_id `

// CannedFilter narrows a list of canned responses.
type CannedFilter struct {
	Query string // part of the code or the text
	After string // the code behind which to read on
	Limit int
}

// CannedResponses lists the account's canned responses by code.
func (s *Store) CannedResponses(ctx context.Context, account models.AccountID, f CannedFilter) ([]CannedResponseView, error) {
	return list[CannedResponseView](ctx, s.pool, "canned_response", cannedViewSQL+`
		WHERE r.account_id = @account AND lower(r.code) > lower(@after)
			AND (@query = '' OR r.code ILIKE @like OR r.text ILIKE @like)
		ORDER BY lower(r.code)
		LIMIT @limit`, searchArgs(f.Query, pgx.NamedArgs{"account": account, "after": f.After, "limit": f.Limit}))
}

// CannedResponse reads one canned response.
func (s *Store) CannedResponse(ctx context.Context, account models.AccountID, id models.CannedResponseID) (*CannedResponseView, error) {
	return one[CannedResponseView](ctx, s.pool, "canned_response", cannedViewSQL+`WHERE r.account_id = @account AND r.id = @id`,
		pgx.NamedArgs{"account": account, "id": id})
}

// CannedPatch changes a canned response. What is nil stays.
type CannedPatch struct {
	Code, Text *string
	Files      []models.MediaID // nil: they stay
}

// CreateCannedResponse writes a new canned response. Its author is the viewer. Everybody of the account sees its files from
// then on. CodeConflict when the code is taken, CodeInvalid for a file that the viewer does not see.
func (s *Store) CreateCannedResponse(ctx context.Context, account models.AccountID, w Viewer, p CannedPatch) (models.CannedResponseID, error) {
	var id models.CannedResponseID
	err := s.inTx(ctx, func(tx pgx.Tx) error {
		err := tx.QueryRow(ctx, `
			INSERT INTO canned_responses (account_id, code, text, author_id, created_at, updated_at)
			VALUES (@account, coalesce(@code, ''), coalesce(@text, ''), @author, @now, @now)
			RETURNING id`,
			pgx.NamedArgs{"account": account, "code": p.Code, "text": p.Text, "author": w.User, "now": s.Now()}).Scan(&id)
		if err != nil {
			return cannedError(err)
		}
		return s.saveCanned(ctx, tx, account, w, id, p.Files)
	})
	return id, asError(err, "canned_response")
}

// UpdateCannedResponse changes a canned response. Errors are those of CreateCannedResponse, and CodeNotFound.
func (s *Store) UpdateCannedResponse(ctx context.Context, account models.AccountID, w Viewer, id models.CannedResponseID, p CannedPatch) error {
	err := s.inTx(ctx, func(tx pgx.Tx) error {
		n, err := exec(ctx, tx, "canned_response", `
			UPDATE canned_responses
			SET code = coalesce(@code, code), text = coalesce(@text, text), updated_at = @now
			WHERE account_id = @account AND id = @id`,
			pgx.NamedArgs{"account": account, "id": id, "code": p.Code, "text": p.Text, "now": s.Now()})
		if err != nil {
			return cannedError(err)
		}
		if n == 0 {
			return models.NotFound("canned_response")
		}
		return s.saveCanned(ctx, tx, account, w, id, p.Files)
	})
	return asError(err, "canned_response")
}

// DeleteCannedResponse removes a canned response. Its files stay where something else uses them.
func (s *Store) DeleteCannedResponse(ctx context.Context, account models.AccountID, id models.CannedResponseID) error {
	err := s.inTx(ctx, func(tx pgx.Tx) error {
		n, err := exec(ctx, tx, "canned_response", `DELETE FROM canned_responses WHERE account_id = @account AND id = @id`,
			pgx.NamedArgs{"account": account, "id": id})
		if err != nil {
			return err
		}
		if n == 0 {
			return models.NotFound("canned_response")
		}
		return settingsChanged(ctx, tx, account, SettingCannedResponses, int64(id))
	})
	return asError(err, "canned_response")
}

// saveCanned writes the files of a canned response whose row is written, checks the whole, and tells of it.
func (s *Store) saveCanned(ctx context.Context, tx pgx.Tx, account models.AccountID, w Viewer, id models.CannedResponseID, files []models.MediaID) error {
	if files != nil {
		if err := s.replaceCannedFiles(ctx, tx, account, w, id, files); err != nil {
			return err
		}
	}
	var empty bool
	err := tx.QueryRow(ctx, `
		SELECT btrim(r.text) = ''
			AND NOT EXISTS (SELECT 1 FROM canned_response_files rf WHERE rf.response_id = r.id
			AND rf.account_id = r.account_id)
		FROM canned_responses r
		WHERE r.account_id = @account AND r.id = @id`,
		pgx.NamedArgs{"account": account, "id": id}).Scan(&empty)
	if err != nil {
		return fmt.Errorf("check a canned response: %w", err)
	}
	if empty {
		return models.Invalid("body.text", "write a text, or add a file")
	}
	return settingsChanged(ctx, tx, account, SettingCannedResponses, int64(id))
}

// replaceCannedFiles gives a canned response exactly these files. New ones must be stored files that the viewer sees. Uses
// show files to everybody, so they follow the list.
func (s *Store) replaceCannedFiles(ctx context.Context, tx pgx.Tx, account models.AccountID, w Viewer, id models.CannedResponseID, files []models.MediaID) error {
	for i, file := range files {
		if err := mustBeStored(ctx, tx, account, w, file, fmt.Sprintf("body.media_ids[%d]", i)); err != nil {
			return err
		}
	}
	args := pgx.NamedArgs{"account": account, "id": id, "files": files}
	for _, sql := range []string{
		`DELETE FROM canned_response_files WHERE account_id = @account AND response_id = @id`,
		`INSERT INTO canned_response_files (account_id, response_id, position, media_id)
			SELECT @account, @id, n, file FROM unnest(@files::bigint[]) WITH ORDINALITY AS given (file, n)`,
		`DELETE FROM media_uses WHERE account_id = @account AND canned_response_id = @id AND media_id <> ALL (@files::bigint[])`,
		`INSERT INTO media_uses (account_id, media_id, canned_response_id)
			SELECT @account, file, @id FROM unnest(@files::bigint[]) AS file
			ON CONFLICT DO NOTHING`,
	} {
		if _, err := tx.Exec(ctx, sql, args); err != nil {
			return fmt.Errorf("write the files of a canned response: %w", err)
		}
	}
	return nil
}

// cannedError says which field is wrong where a code is taken.
func cannedError(err error) error {
	if err = asError(err, "canned_response"); models.CodeOf(err) == models.CodeConflict {
		return &models.Error{Code: models.CodeConflict, Key: "canned_response.exists", Message: "a canned response with this code exists already",
			Fields: []models.Field{{Path: "body.code", Message: "this code is taken"}}, Err: err}
	}
	return err
}
