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
	args := searchArgs(f.Query, pgx.NamedArgs{
		"account": account, "connection": f.ConnectionID, "status": f.Status, "after": f.After, "limit": f.Limit,
	})
	return list[models.Template](ctx, s.pool, "template", `
		SELECT id, account_id, connection_id, provider_template_id, name, language, category, status,
			parameter_format, components, quality, rejected_reason, deleted_at, synced_at
		FROM templates
		WHERE account_id = @account AND deleted_at IS NULL
			AND (@connection::bigint = 0 OR connection_id = @connection) AND (@status = '' OR status = @status)
			AND (@query = '' OR name ILIKE @like OR category ILIKE @like) AND id > @after
		ORDER BY id
		LIMIT @limit`,
		args)
}

// TemplateByName reads one template of a connection by what senders call it.
func (s *Store) TemplateByName(ctx context.Context, account models.AccountID, connection models.ConnectionID, name, language string) (*models.Template, error) {
	return one[models.Template](ctx, s.pool, "template", `
		SELECT id, account_id, connection_id, provider_template_id, name, language, category, status,
			parameter_format, components, quality, rejected_reason, deleted_at, synced_at
		FROM templates
		WHERE account_id = @account AND connection_id = @connection AND name = @name AND language = @language
			AND deleted_at IS NULL`,
		pgx.NamedArgs{"account": account, "connection": connection, "name": name, "language": language})
}
