package store

import (
	"context"

	"github.com/jackc/pgx/v5"

	"github.com/perene/perene/models"
)

const mediaColumns = `f.id, f.account_id, f.connection_id, f.message_id, f.provider_media_id, f.state, f.kind, f.mime_type, f.filename, f.size, f.sha256, f.blob_key,
	f.error, f.created_at, f.stored_at, f.uploader_id`

// usesFiles is a part of a statement that has a message m. It writes a use of each of the account's files that the
// argument files names. Statements of messages without files do without it.
func usesFiles(ids []models.MediaID) string {
	if len(ids) == 0 {
		return ""
	}
	return `, uses AS (
			INSERT INTO media_uses (account_id, media_id, message_id)
			SELECT f.account_id, f.id, m.id
			FROM m
			JOIN media f ON f.account_id = @account AND f.id = ANY (@files::bigint[])
		)`
}

// mediaJSON is a file f as JSON, as models.Media reads it.
const mediaJSON = `jsonb_build_object('id', f.id, 'state', f.state, 'kind', f.kind, 'mime_type', f.mime_type, 'filename', f.filename, 'size', f.size,
	'error', f.error, 'created_at', f.created_at)`

// seesFile is the condition on media f under which a viewer sees the file; it takes @account, @everything and @viewer.
const seesFile = `CASE WHEN EXISTS (SELECT 1 FROM media_uses u WHERE u.account_id = @account AND u.media_id = f.id)
			THEN EXISTS (SELECT 1 FROM media_uses u WHERE u.account_id = @account AND u.media_id = f.id
					AND (u.canned_response_id IS NOT NULL OR u.library_file_id IS NOT NULL OR @everything))
				OR EXISTS (SELECT 1 FROM media_uses u JOIN contacts k ON k.id = u.contact_id AND k.account_id = u.account_id
					WHERE u.account_id = @account AND u.media_id = f.id AND ` + seesContact + `)
				OR EXISTS (SELECT 1 FROM media_uses u JOIN messages m ON m.id = u.message_id AND m.account_id = u.account_id
					JOIN conversations v ON v.id = m.conversation_id AND v.account_id = m.account_id
					WHERE u.account_id = @account AND u.media_id = f.id AND ` + visible + `)
				OR EXISTS (SELECT 1 FROM media_uses u JOIN scheduled_sends s ON s.id = u.scheduled_send_id AND s.account_id = u.account_id
					JOIN conversations v ON v.id = s.conversation_id AND v.account_id = s.account_id
					WHERE u.account_id = @account AND u.media_id = f.id AND ` + visible + `)
			ELSE f.uploader_id = @viewer OR f.uploader_id IS NULL AND @everything END`

// Media reads a file that the viewer may see. A use shows it: in a message, or in what is scheduled, to those who see the conversation, in a field of a
// contact to those who see the contact, in a canned response and the library to everyone, in a flow to those who see
// everything. A file without uses is its uploader's alone. One that was uploaded before uploaders were noted is shown to
// those who see everything.
func (s *Store) Media(ctx context.Context, account models.AccountID, w Viewer, id models.MediaID) (*models.Media, error) {
	return one[models.Media](ctx, s.pool, "media", `SELECT `+mediaColumns+` FROM media f WHERE f.account_id = @account AND f.id = @id
		AND `+seesFile,
		w.args(account, pgx.NamedArgs{"id": id}))
}

// CreateStoredMedia notes a file that is in the store of files already. BlobKey, Kind, MimeType, Filename, Size and SHA256
// are the caller's, and so is UploaderID: who sees the file until a message uses it.
func (s *Store) CreateStoredMedia(ctx context.Context, account models.AccountID, in models.Media) (*models.Media, error) {
	now := s.Now()
	if in.UploaderID != nil {
		if err := s.mayUpload(ctx, account, *in.UploaderID, in.Size); err != nil {
			return nil, err
		}
	}
	return one[models.Media](ctx, s.pool, "media", `
		INSERT INTO media AS f (account_id, state, kind, mime_type, filename, size, sha256, blob_key, created_at,
			stored_at, uploader_id)
		VALUES (@account, 'stored', @kind, @mime_type, @filename, @size, @sha256, @blob_key, @now, @now, @uploader)
		RETURNING `+mediaColumns,
		pgx.NamedArgs{
			"account": account, "kind": in.Kind, "mime_type": in.MimeType, "filename": in.Filename,
			"size": in.Size, "sha256": in.SHA256, "blob_key": in.BlobKey, "now": now, "uploader": in.UploaderID,
		})
}

// mustBeStored refuses a file that the viewer does not see or that is not stored, with the place in the request that names
// it.
func mustBeStored(ctx context.Context, q querier, account models.AccountID, w Viewer, id models.MediaID, path string) error {
	n, err := exec(ctx, q, "media", `
		SELECT FROM media f
		WHERE f.account_id = @account AND f.id = @id AND f.state = 'stored' AND `+seesFile, w.args(account, pgx.NamedArgs{"id": id}))
	if err != nil {
		return err
	}
	if n == 0 {
		return models.Invalid(path, "there is no such file")
	}
	return nil
}
