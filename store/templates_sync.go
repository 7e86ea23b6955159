package store

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/perene/perene/models"
)

// SaveTemplates stores templates that the provider listed for a connection: new ones appear, known ones follow. listedAt is
// when listing began. It returns how many rows changed.
func (s *Store) SaveTemplates(ctx context.Context, account models.AccountID, connection models.ConnectionID, listed []models.Template, listedAt time.Time) (int, error) {
	changed := 0
	err := s.inTx(ctx, func(tx pgx.Tx) error {
		changed = 0
		if _, err := connectionByID(ctx, tx, account, connection); err != nil {
			return err
		}
		batch := &pgx.Batch{}
		count := func(rows pgx.Rows) error {
			ids, err := pgx.CollectRows(rows, pgx.RowTo[int64])
			changed += len(ids)
			return err
		}
		for _, t := range listed {
			if len(t.Components) == 0 {
				t.Components = json.RawMessage("[]")
			}
			batch.Queue(`
				WITH t AS (
					INSERT INTO templates (account_id, connection_id, provider_template_id, name, language, category, status, parameter_format,
						components, quality, rejected_reason, synced_at)
					VALUES ($1, $2, $3, $4, $5, $6, $7, coalesce(nullif($8, ''), 'positional'), $9, coalesce(nullif($10, ''), 'UNKNOWN'), $11, $12)
					ON CONFLICT (connection_id, name, language) DO UPDATE SET provider_template_id = excluded.provider_template_id,
						category = excluded.category, status = excluded.status, parameter_format = excluded.parameter_format,
						components = excluded.components, quality = excluded.quality, rejected_reason = excluded.rejected_reason,
						deleted_at = NULL, synced_at = excluded.synced_at
					WHERE (templates.provider_template_id, templates.category, templates.status, templates.parameter_format, templates.components,
						templates.quality, templates.rejected_reason) IS DISTINCT FROM (excluded.provider_template_id, excluded.category, excluded.status,
						excluded.parameter_format, excluded.components, excluded.quality, excluded.rejected_reason) OR templates.deleted_at IS NOT NULL
					RETURNING id
				), e AS (
					INSERT INTO events (account_id, kind, entity_id) SELECT $1, $13, id FROM t
				)
				SELECT id FROM t`,
				account, connection, t.ProviderTemplateID, t.Name, t.Language, t.Category, t.Status, t.ParameterFormat, t.Components, t.Quality,
				t.RejectedReason, listedAt, models.EventTemplateUpdated).Query(count)
		}
		return tx.SendBatch(ctx, batch).Close()
	})
	return changed, asError(err, "template")
}

// DropTemplates marks the templates of a connection deleted that a listing did not name, by models.Template.Key. What a webhook told
// after listedAt stays. It returns how many rows changed.
func (s *Store) DropTemplates(ctx context.Context, account models.AccountID, connection models.ConnectionID, named []string, listedAt time.Time) (int, error) {
	n, err := exec(ctx, s.pool, "template", `
			WITH t AS (
				UPDATE templates SET deleted_at = $4, status = 'DELETED' WHERE account_id = $1 AND connection_id = $2 AND deleted_at IS NULL
					AND synced_at < $4 AND NOT (name || E'\n' || language = ANY($3)) RETURNING id
			)
			INSERT INTO events (account_id, kind, entity_id) SELECT $1, $5, id FROM t`, account, connection, named, listedAt, models.EventTemplateUpdated)
	return int(n), err
}

// applyTemplateChange takes in news about a template; empty fields did not change. A template we do not know yet comes with
// the next synchronisation.
func (s *Store) applyTemplateChange(ctx context.Context, tx pgx.Tx, conn *models.Connection, ch *models.TemplateChange) error {
	_, err := tx.Exec(ctx, `
		WITH t AS (
			UPDATE templates SET status = coalesce(nullif($6, ''), status), category = coalesce(nullif($7, ''), category),
				quality = coalesce(nullif($8, ''), quality), rejected_reason = coalesce(nullif($9, ''), rejected_reason), synced_at = $10,
				deleted_at = CASE WHEN $6 = 'DELETED' THEN $10 WHEN $6 <> '' THEN NULL ELSE deleted_at END
			WHERE account_id = $1 AND connection_id = $2 AND ((name = $4 AND language = $5) OR (provider_template_id = $3 AND $3 <> ''))
			RETURNING id
		)
		INSERT INTO events (account_id, kind, entity_id) SELECT $1, $11, id FROM t`,
		conn.AccountID, conn.ID, ch.ProviderTemplateID, ch.Name, ch.Language, ch.Status, ch.Category, ch.Quality, ch.Reason, s.Now(),
		models.EventTemplateUpdated)
	if err != nil {
		return fmt.Errorf("take in news of a template: %w", err)
	}
	return nil
}
