package api

import (
	"context"
	"encoding/json"
	"net/http"
	"time"

	"github.com/perene/perene/models"
	"github.com/perene/perene/store"
)

// Template is a message approved by the provider, as last synced.
type Template struct {
	ID              models.TemplateID   `json:"id"`
	ConnectionID    models.ConnectionID `json:"connection_id"`
	Name            string              `json:"name"`
	Language        string              `json:"language" example:"pt_BR"`
	Category        string              `json:"category" example:"UTILITY"`
	Status          string              `json:"status" doc:"As the provider writes it." example:"APPROVED"`
	ParameterFormat string              `json:"parameter_format" enum:"positional,named"`
	Components      json.RawMessage     `json:"components" doc:"Header, body, footer and buttons as the provider describes them."`
	Quality         string              `json:"quality"`
	RejectedReason  *string             `json:"rejected_reason,omitempty"`
	SyncedAt        time.Time           `json:"synced_at"`
}

type listTemplatesIn struct {
	Paging
	ConnectionID models.ConnectionID `query:"connection_id" minimum:"1"`
	Status       string              `query:"status" maxLength:"40" example:"APPROVED"`
	Query        string              `query:"q" maxLength:"100" doc:"Part of the name or the category."`
}

func (a *app) templateOperations() {
	handle(a, operation{
		id: "list-templates", method: http.MethodGet, path: "/v1/templates", tag: "connections", summary: "List templates",
	}, a.listTemplates)
}

func (a *app) listTemplates(ctx context.Context, in *listTemplatesIn) (*page[Template], error) {
	after, err := in.id()
	if err != nil {
		return nil, err
	}
	rows, err := a.Store.Templates(ctx, who(ctx).account(), store.TemplateFilter{ConnectionID: in.ConnectionID, Status: in.Status, Query: in.Query,
		After: models.TemplateID(after), Limit: in.Limit + 1})
	return pageOf(ctx, &in.Paging, rows, err, func(t models.Template) Template {
		return Template{ID: t.ID, ConnectionID: t.ConnectionID, Name: t.Name, Language: t.Language, Category: t.Category, Status: t.Status,
			ParameterFormat: t.ParameterFormat, Components: t.Components, Quality: t.Quality, RejectedReason: t.RejectedReason, SyncedAt: t.SyncedAt}
	}, func(t models.Template) string { return idCursor(t.ID) })
}
