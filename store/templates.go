package store

import (
	"context"

	"github.com/jackc/pgx/v5"

	"github.com/perene/perene/models"
)

// TemplateFilter narrows a list of templates.
type TemplateFilter struct {
	ConnectionID models.ConnectionID
	Status       string
	Query        string // part of the name or of the category (rule 098)
	After        models.TemplateID
	Limit        int
}

// Templates lists templates by id, without those that the provider no longer has.
func (s *Store) Templates(ctx context.Context, account models.AccountID, f TemplateFilter) ([]models.Template, error) {
	args := searchArgs(f.Query, pgx.NamedArgs{})
	return list[models.Template](ctx, s.pool, "template", `SELECT id, account_id, connection_id, provider_template_id, name, language, category, status,
			parameter_format, components, quality, rejected_reason, deleted_at, synced_at
		FROM templates WHERE account_id = $1 AND deleted_at IS NULL AND ($2::bigint = 0 OR connection_id = $2) AND ($3 = '' OR status = $3)
			AND ($4 = '' OR name ILIKE $5 OR category ILIKE $5) AND id > $6 ORDER BY id LIMIT $7`,
		account, f.ConnectionID, f.Status, args["query"], args["like"], f.After, f.Limit)
}

// TemplateByName reads one template of a connection by what senders call it.
func (s *Store) TemplateByName(ctx context.Context, account models.AccountID, connection models.ConnectionID, name, language string) (*models.Template, error) {
	return one[models.Template](ctx, s.pool, "template", `SELECT id, account_id, connection_id, provider_template_id, name, language, category, status,
			parameter_format, components, quality, rejected_reason, deleted_at, synced_at
		FROM templates WHERE account_id = $1 AND connection_id = $2 AND name = $3 AND language = $4 AND deleted_at IS NULL`, account, connection, name, language)
}
