package store

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"
)

// Each function below removes what nobody needs any more: rows from before an instant, at most limit at once, so that no
// transaction is long and no lock is felt. It tells how many went; fewer than limit means that it is done.

// PruneParked removes statuses that nothing claimed while the provider could still redeliver (7 days at Meta), and the notes
// of news that cannot come again: a delivery
// without an instant is taken in at any age, and so its note stays.
func (s *Store) PruneParked(ctx context.Context, before time.Time, limit int) (int64, error) {
	parked, err := exec(ctx, s.pool, "status", `
		DELETE FROM parked_statuses
		WHERE ctid = ANY (ARRAY(SELECT ctid FROM parked_statuses WHERE created_at < @before LIMIT @limit))`,
		pgx.NamedArgs{"before": before, "limit": limit})
	if err != nil {
		return 0, err
	}
	news, err := exec(ctx, s.pool, "news", `
		DELETE FROM taken_news
		WHERE ctid = ANY (ARRAY(SELECT ctid FROM taken_news WHERE taken_at < @before
			AND at > '0002-01-01' LIMIT @limit))`,
		pgx.NamedArgs{"before": before, "limit": limit})
	return max(parked, news), err
}

// PruneIdempotencyKeys removes the answers to requests that were made before an instant.
func (s *Store) PruneIdempotencyKeys(ctx context.Context, before time.Time, limit int) (int64, error) {
	return exec(ctx, s.pool, "idempotency_key", `
		DELETE FROM idempotency_keys
		WHERE (account_id, key) IN
			(SELECT account_id, key FROM idempotency_keys WHERE created_at < @before LIMIT @limit)
			AND created_at < @before`,
		pgx.NamedArgs{"before": before, "limit": limit})
}

// PruneLoginFailures removes failed sign-ins from before an instant.
func (s *Store) PruneLoginFailures(ctx context.Context, before time.Time, limit int) (int64, error) {
	return exec(ctx, s.pool, "login_failure", `
		DELETE FROM login_failures
		WHERE id IN (SELECT id FROM login_failures WHERE failed_at < @before LIMIT @limit)`,
		pgx.NamedArgs{"before": before, "limit": limit})
}

// PruneSignIns removes sign-ins that ended before an instant. Until then an ended sign-in tells a known network from a
// foreign one.
func (s *Store) PruneSignIns(ctx context.Context, before time.Time, limit int) (int64, error) {
	return exec(ctx, s.pool, "sign_in", `
		DELETE FROM sessions
		WHERE token_hash IN (SELECT token_hash FROM sessions WHERE expires_at < @before LIMIT @limit)
			AND expires_at < @before`,
		pgx.NamedArgs{"before": before, "limit": limit})
}

// PruneLoginLinks removes sign-in links that ran out before an instant, used or not.
func (s *Store) PruneLoginLinks(ctx context.Context, before time.Time, limit int) (int64, error) {
	return exec(ctx, s.pool, "login_link", `
		DELETE FROM login_links
		WHERE token_hash IN (SELECT token_hash FROM login_links WHERE expires_at < @before LIMIT @limit)`,
		pgx.NamedArgs{"before": before, "limit": limit})
}

// PruneUploads removes providers' ids of our files that ran out before an instant.
func (s *Store) PruneUploads(ctx context.Context, before time.Time, limit int) (int64, error) {
	return exec(ctx, s.pool, "media", `
		DELETE FROM media_uploads
		WHERE (media_id, connection_id) IN
			(SELECT media_id, connection_id FROM media_uploads WHERE expires_at < @before LIMIT @limit)
			AND expires_at < @before`,
		pgx.NamedArgs{"before": before, "limit": limit})
}

// PruneUnusedMedia removes files from before an instant that nothing uses, and that stand in no draft of their uploader. remove takes each out of the store of files;
// the row goes with it or stays for the next time.
func (s *Store) PruneUnusedMedia(ctx context.Context, before time.Time, limit int, remove func(ctx context.Context, key string) error) (int64, error) {
	var n int64
	err := s.inTx(ctx, func(tx pgx.Tx) error {
		rows, err := tx.Query(ctx, `
			DELETE FROM media
			WHERE id IN (
				SELECT f.id FROM media f
				WHERE f.state = 'stored' AND f.created_at < @before
					AND NOT EXISTS (SELECT 1 FROM media_uses u WHERE u.media_id = f.id)
					AND NOT EXISTS (SELECT 1 FROM drafts d WHERE d.account_id = f.account_id
					AND d.user_id = f.uploader_id AND d.body -> 'media_ids' @> to_jsonb(f.id))
				ORDER BY f.created_at LIMIT @limit FOR UPDATE SKIP LOCKED
			)
			RETURNING coalesce(blob_key, '')`,
			pgx.NamedArgs{"before": before, "limit": limit})
		if err != nil {
			return err
		}
		keys, err := pgx.CollectRows(rows, pgx.RowTo[string])
		if err != nil {
			return err
		}
		for _, key := range keys {
			if key == "" {
				continue
			}
			if err := remove(ctx, key); err != nil {
				return err
			}
		}
		n = int64(len(keys))
		return nil
	})
	return n, asError(err, "media")
}

// PruneMedia settles files that were expected before an instant and never came: the row of one that belongs to no message
// goes, one of a message is failed, which shows on the message. Nothing asks for a file that long.
func (s *Store) PruneMedia(ctx context.Context, before time.Time, limit int) (int64, error) {
	return exec(ctx, s.pool, "media", `
		WITH late AS MATERIALIZED (
			SELECT id, account_id, message_id
			FROM media
			WHERE state = 'pending' AND created_at < @before
			ORDER BY id
			LIMIT @limit
			FOR UPDATE SKIP LOCKED
		), known AS MATERIALIZED (
			SELECT l.id, m.account_id, m.conversation_id, m.id AS message_id
			FROM late l
			JOIN messages m ON m.id = l.message_id AND m.account_id = l.account_id
		), failed AS (
			UPDATE media
			SET state = 'failed', error = 'the provider no longer has the file'
			WHERE id IN (SELECT id FROM known)
		), gone AS (
			DELETE FROM media
			WHERE id IN (SELECT id FROM late EXCEPT SELECT id FROM known)
		), told AS (
			INSERT INTO events (account_id, kind, conversation_id, entity_id)
			SELECT account_id, 'message.updated', conversation_id, message_id
			FROM known
		)
		SELECT id
		FROM late`,
		pgx.NamedArgs{"before": before, "limit": limit})
}
