package store

import (
	"context"

	"github.com/jackc/pgx/v5"

	"github.com/perene/perene/models"
)

const mediaColumns = `f.id, f.account_id, f.connection_id, f.message_id, f.provider_media_id, f.state, f.kind, f.mime_type, f.filename, f.size, f.sha256, f.blob_key,
	f.error, f.created_at, f.stored_at`

// Media reads a file that belongs to no message, or to a message of a conversation that the viewer may see.
func (s *Store) Media(ctx context.Context, account models.AccountID, w Viewer, id models.MediaID) (*models.Media, error) {
	return one[models.Media](ctx, s.pool, "media", `SELECT `+mediaColumns+` FROM media f WHERE f.account_id = @account AND f.id = @id
		AND (@everything
			OR NOT EXISTS (SELECT 1 FROM messages m WHERE m.account_id = @account AND m.id = f.message_id)
			OR EXISTS (SELECT 1 FROM messages m JOIN conversations v ON v.id = m.conversation_id AND v.account_id = m.account_id WHERE m.id = f.message_id AND `+visible+`))`,
		w.args(account, pgx.NamedArgs{"id": id}))
}

// CreateStoredMedia notes a file that is in the store of files already. BlobKey, Kind, MimeType, Filename, Size and SHA256
// are the caller's.
func (s *Store) CreateStoredMedia(ctx context.Context, account models.AccountID, in models.Media) (*models.Media, error) {
	now := s.Now()
	return one[models.Media](ctx, s.pool, "media", `INSERT INTO media AS f (account_id, state, kind, mime_type, filename, size, sha256, blob_key, created_at, stored_at)
		VALUES ($1, 'stored', $2, $3, $4, $5, $6, $7, $8, $8) RETURNING `+mediaColumns,
		account, in.Kind, in.MimeType, in.Filename, in.Size, in.SHA256, in.BlobKey, now)
}
