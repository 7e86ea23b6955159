package store

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/perene/perene/models"
)

// MediaToFetch reads a file of an inbound message and what the message says of it: the provider's link may save a call.
func (s *Store) MediaToFetch(ctx context.Context, account models.AccountID, id models.MediaID) (*models.Media, models.ContentMedia, error) {
	var said models.ContentMedia
	m, err := s.MediaFile(ctx, account, id)
	if err != nil {
		return nil, said, err
	}
	if m.MessageID != nil {
		var raw []byte
		err := s.pool.QueryRow(ctx, `
			SELECT content->'media'
			FROM messages
			WHERE account_id = @account AND id = @message`,
			pgx.NamedArgs{"account": account, "message": *m.MessageID}).Scan(&raw)
		if err != nil && !errors.Is(err, pgx.ErrNoRows) {
			return nil, said, asError(err, "media")
		}
		if len(raw) > 0 {
			if err := json.Unmarshal(raw, &said); err != nil {
				return nil, said, fmt.Errorf("read what a message says of its file: %w", err)
			}
		}
	}
	if m.ProviderMediaID != nil {
		said.ProviderMediaID = *m.ProviderMediaID
	}
	return m, said, nil
}

// MediaFile reads a file's row.
func (s *Store) MediaFile(ctx context.Context, account models.AccountID, id models.MediaID) (*models.Media, error) {
	var m models.Media
	if err := s.db(ctx).Where("account_id = ? AND id = ?", account, id).Take(&m).Error; err != nil {
		return nil, asError(err, "media")
	}
	return &m, nil
}

// MediaStored records that a file is in the store of files. Size, SHA256, MimeType and BlobKey are the caller's.
func (s *Store) MediaStored(ctx context.Context, account models.AccountID, m models.Media) error {
	return s.settleMedia(ctx, account, m.ID, `state = 'stored', size = @size, sha256 = @sha256,
				mime_type = coalesce(nullif(@mime_type, ''), mime_type), blob_key = @blob_key, error = NULL, stored_at = @now`,
		pgx.NamedArgs{"size": m.Size, "sha256": m.SHA256, "mime_type": m.MimeType, "blob_key": m.BlobKey, "now": s.Now()})
}

// MediaLost records that a file will not come: refused (over the limit) or failed (gone at the provider). why is ours, never
// a customer's word.
func (s *Store) MediaLost(ctx context.Context, account models.AccountID, id models.MediaID, state models.MediaState, why string) error {
	return s.settleMedia(ctx, account, id, `state = @state, error = @why`, pgx.NamedArgs{"state": state, "why": why})
}

func (s *Store) settleMedia(ctx context.Context, account models.AccountID, id models.MediaID, set string, args pgx.NamedArgs) error {
	args["account"], args["media"] = account, id
	_, err := s.pool.Exec(ctx, `
		WITH f AS (
			UPDATE media
			SET `+set+`
			WHERE account_id = @account AND id = @media AND state <> 'stored'
			RETURNING account_id, message_id
		)
		INSERT INTO events (account_id, kind, conversation_id, entity_id)
		SELECT @account, 'message.updated', m.conversation_id, m.id
		FROM f
		JOIN messages m ON m.id = f.message_id AND m.account_id = f.account_id`, args)
	return asError(err, "media")
}

// UploadedMedia gives the provider's id of a file of ours, if it was uploaded for this connection and the id still lives.
func (s *Store) UploadedMedia(ctx context.Context, account models.AccountID, connection models.ConnectionID, id models.MediaID) (providerID string, found bool, err error) {
	err = s.pool.QueryRow(ctx, `
		SELECT provider_media_id
		FROM media_uploads
		WHERE account_id = @account AND connection_id = @connection AND media_id = @media AND expires_at > @now`,
		pgx.NamedArgs{"account": account, "connection": connection, "media": id, "now": s.Now()}).Scan(&providerID)
	if errors.Is(err, pgx.ErrNoRows) {
		return "", false, nil
	}
	return providerID, err == nil, asError(err, "media")
}

// KeepUpload records the provider's id of a file of ours until it expires.
func (s *Store) KeepUpload(ctx context.Context, account models.AccountID, connection models.ConnectionID, id models.MediaID, providerID string, expires time.Time) error {
	_, err := s.pool.Exec(ctx, `
		INSERT INTO media_uploads (account_id, connection_id, media_id, provider_media_id, expires_at)
		VALUES (@account, @connection, @media, @provider_id, @expires)
		ON CONFLICT (media_id, connection_id) DO UPDATE
		SET provider_media_id = excluded.provider_media_id, expires_at = excluded.expires_at`,
		pgx.NamedArgs{
			"account": account, "connection": connection, "media": id, "provider_id": providerID,
			"expires": expires,
		})
	return asError(err, "media")
}

// ForgetUpload drops the provider's id of a file of ours, so that the next send uploads it afresh.
func (s *Store) ForgetUpload(ctx context.Context, account models.AccountID, connection models.ConnectionID, id models.MediaID) error {
	_, err := s.pool.Exec(ctx, `
		DELETE FROM media_uploads
		WHERE account_id = @account AND connection_id = @connection AND media_id = @media`,
		pgx.NamedArgs{"account": account, "connection": connection, "media": id})
	return asError(err, "media")
}

// forgetUploads drops the provider's ids of a message's files, so that the next send uploads them again.
func forgetUploads(ctx context.Context, tx pgx.Tx, m *models.Message) error {
	_, err := tx.Exec(ctx, `
		DELETE FROM media_uploads
		WHERE account_id = @account AND connection_id = @connection AND media_id = ANY(@files)`,
		pgx.NamedArgs{"account": m.AccountID, "connection": m.ConnectionID, "files": m.Content.Files()})
	if err != nil {
		return fmt.Errorf("forget what the provider could not use: %w", err)
	}
	return nil
}
