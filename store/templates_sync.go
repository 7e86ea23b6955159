package store

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/perene/perene/contract"
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
					INSERT INTO templates (account_id, connection_id, provider_template_id, name, language,
						category, status, parameter_format,
						components, quality, rejected_reason, synced_at)
					VALUES (@account, @connection, @provider_template, @name, @language, @category, @status,
						coalesce(nullif(@parameter_format, ''), 'positional'), @components,
						coalesce(nullif(@quality, ''), 'UNKNOWN'), @rejected_reason, @listed_at)
					ON CONFLICT (connection_id, name, language) DO UPDATE
					SET provider_template_id = excluded.provider_template_id,
						category = excluded.category, status = excluded.status,
						parameter_format = excluded.parameter_format,
						components = excluded.components, quality = excluded.quality,
						rejected_reason = excluded.rejected_reason,
						deleted_at = NULL, synced_at = excluded.synced_at
					WHERE (templates.provider_template_id, templates.category, templates.status,
						templates.parameter_format, templates.components,
						templates.quality,
						templates.rejected_reason) IS DISTINCT FROM (excluded.provider_template_id,
						excluded.category, excluded.status,
							excluded.parameter_format, excluded.components, excluded.quality,
							excluded.rejected_reason) OR templates.deleted_at IS NOT NULL
					RETURNING id
				), e AS (
					INSERT INTO events (account_id, kind, entity_id)
					SELECT @account, @template_updated, id
					FROM t
				)
				SELECT id
				FROM t`,
				pgx.NamedArgs{
					"account": account, "connection": connection, "provider_template": t.ProviderTemplateID,
					"name": t.Name, "language": t.Language, "category": t.Category, "status": t.Status,
					"parameter_format": t.ParameterFormat, "components": t.Components, "quality": t.Quality,
					"rejected_reason": t.RejectedReason, "listed_at": listedAt,
					"template_updated": models.EventTemplateUpdated,
				}).Query(count)
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
			UPDATE templates
			SET deleted_at = @listed_at, status = 'DELETED'
			WHERE account_id = @account AND connection_id = @connection AND deleted_at IS NULL
				AND synced_at < @listed_at AND NOT (name || E'\n' || language = ANY(@named))
			RETURNING id
		)
		INSERT INTO events (account_id, kind, entity_id)
		SELECT @account, @template_updated, id
		FROM t`,
		pgx.NamedArgs{
			"account": account, "connection": connection, "named": named, "listed_at": listedAt,
			"template_updated": models.EventTemplateUpdated,
		})
	return int(n), err
}

// applyTemplateChange takes in news about a template; empty fields did not change. A template belongs to the business account,
// so every connection of the account that speaks by it learns of the news. A template we do not know yet comes with the next
// synchronisation.
func (s *Store) applyTemplateChange(ctx context.Context, tx pgx.Tx, conn *models.Connection, ch *models.TemplateChange, wake *contract.Wake) error {
	rows, err := tx.Query(ctx, `
		UPDATE templates t
		SET status = coalesce(nullif(@status, ''), status), category = coalesce(nullif(@category, ''), category),
			quality = coalesce(nullif(@quality, ''), quality),
			rejected_reason = CASE WHEN @status <> '' AND @reason = '' THEN NULL ELSE coalesce(nullif(@reason, ''), rejected_reason) END, synced_at = @now,
			deleted_at = CASE WHEN @status = 'DELETED' THEN @now WHEN @status <> '' THEN NULL ELSE deleted_at END
		FROM connections c
		WHERE t.account_id = @account AND c.id = t.connection_id AND c.account_id = t.account_id AND c.channel = @channel
			AND (c.id = @connection OR c.portfolio_ref = @portfolio)
			AND ((t.name = @name AND t.language = @language) OR (t.provider_template_id = @template AND @template <> ''))
		RETURNING t.id, t.components`,
		pgx.NamedArgs{"account": conn.AccountID, "connection": conn.ID, "channel": conn.Channel, "portfolio": conn.PortfolioRef, "template": ch.ProviderTemplateID,
			"name": ch.Name, "language": ch.Language, "status": ch.Status, "category": ch.Category, "quality": ch.Quality, "reason": ch.Reason, "now": s.Now()})
	if err != nil {
		return fmt.Errorf("take in news of a template: %w", err)
	}
	type row struct {
		id         models.TemplateID
		components json.RawMessage
	}
	known, err := pgx.CollectRows(rows, func(r pgx.CollectableRow) (t row, err error) { return t, r.Scan(&t.id, &t.components) })
	if err != nil {
		return fmt.Errorf("take in news of a template: %w", err)
	}
	for _, t := range known {
		if words, changed := withTexts(t.components, ch.Texts); changed {
			if _, err := tx.Exec(ctx, `UPDATE templates SET components = @words WHERE account_id = @account AND id = @id`,
				pgx.NamedArgs{"account": conn.AccountID, "id": t.id, "words": words}); err != nil {
				return fmt.Errorf("take in a template's words: %w", err)
			}
		}
		if err := insertEvent(ctx, tx, conn.AccountID, models.EventTemplateUpdated, nil, int64(t.id)); err != nil {
			return err
		}
	}
	if ch.Notice == nil {
		return nil
	}
	return s.applyNumberChange(ctx, tx, conn, &models.NumberChange{Notice: ch.Notice}, wake)
}

// withTexts gives a template's components the words that they have now. A component that is not there, and one whose words
// are no text, stays for the next synchronisation.
func withTexts(components json.RawMessage, texts map[string]string) (json.RawMessage, bool) {
	var parts []map[string]any
	if len(texts) == 0 || json.Unmarshal(components, &parts) != nil {
		return nil, false
	}
	changed := false
	for _, part := range parts {
		kind, _ := part["type"].(string)
		text, named := texts[strings.ToUpper(kind)]
		if _, has := part["text"]; named && has {
			part["text"], changed = text, true
		}
	}
	words, err := json.Marshal(parts)
	return words, changed && err == nil
}
