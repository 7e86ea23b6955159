package whatsapp

import (
	"context"
	"encoding/json"
	"net/http"
	"net/url"
	"strings"

	"github.com/perene/perene/channels"
	"github.com/perene/perene/channels/meta"
)

const (
	templateFields = "id,name,status,category,language,components,quality_score,rejected_reason,parameter_format"
	templatePage   = "100"
	numberFields   = "id,verified_name,display_phone_number,quality_rating,platform_type,throughput,status,name_status,is_on_biz_app," +
		"whatsapp_business_manager_messaging_limit,health_status"
)

type templatesAnswer struct {
	Data []struct {
		ID              meta.String     `json:"id"`
		Name            string          `json:"name"`
		Language        string          `json:"language"`
		Status          string          `json:"status"`
		Category        string          `json:"category"`
		ParameterFormat string          `json:"parameter_format"`
		Components      json.RawMessage `json:"components"`
		RejectedReason  string          `json:"rejected_reason"`
		Quality         struct {
			Score string `json:"score"`
		} `json:"quality_score"`
	} `json:"data"`
	Paging struct {
		Cursors struct {
			After string `json:"after"`
		} `json:"cursors"`
		Next string `json:"next"`
	} `json:"paging"`
}

// ListTemplates implements channels.TemplateLister. Templates of every status are
// listed, so that a pause shows.
func (a *Adapter) ListTemplates(ctx context.Context, cred channels.Credentials, cursor string) (channels.TemplatePage, error) {
	const op = "list templates"
	query := url.Values{"fields": {templateFields}, "limit": {templatePage}}
	if cursor != "" {
		query.Set("after", cursor)
	}
	answer, err := a.client.Do(ctx, cred, meta.Call{Op: op, Method: http.MethodGet,
		Path: url.PathEscape(cred.PortfolioRef) + "/message_templates", Query: query})
	if err != nil {
		return channels.TemplatePage{}, err
	}
	var list templatesAnswer
	if err := meta.DecodeAnswer(op, answer, &list); err != nil {
		return channels.TemplatePage{}, err
	}
	var page channels.TemplatePage
	for _, t := range list.Data {
		page.Templates = append(page.Templates, channels.ProviderTemplate{ID: string(t.ID), Name: t.Name, Language: t.Language,
			Status: t.Status, Category: t.Category, ParameterFormat: strings.ToLower(t.ParameterFormat), Components: t.Components,
			Quality: t.Quality.Score, RejectedReason: t.RejectedReason})
	}
	// Only the cursor is taken from paging: the address in next carries a token.
	if list.Paging.Next != "" && list.Paging.Cursors.After != cursor {
		page.Next = list.Paging.Cursors.After
	}
	return page, nil
}

type numberAnswer struct {
	ID           meta.String `json:"id"`
	VerifiedName string      `json:"verified_name"`
	DisplayPhone string      `json:"display_phone_number"`
	Quality      string      `json:"quality_rating"`
	Status       string      `json:"status"`
	NameStatus   string      `json:"name_status"`
	OnApp        bool        `json:"is_on_biz_app"`
	Platform     string      `json:"platform_type"`
	Limit        string      `json:"whatsapp_business_manager_messaging_limit"`
	Throughput   struct {
		Level string `json:"level"`
	} `json:"throughput"`
	Health struct {
		CanSend  string `json:"can_send_message"`
		Entities []struct {
			Type    string      `json:"entity_type"`
			ID      meta.String `json:"id"`
			CanSend string      `json:"can_send_message"`
			Info    []string    `json:"additional_info"`
			Errors  []struct {
				Code     int    `json:"error_code"`
				Details  string `json:"error_description"`
				Solution string `json:"possible_solution"`
			} `json:"errors"`
		} `json:"entities"`
	} `json:"health_status"`
}

// NumberHealth implements channels.HealthReader.
func (a *Adapter) NumberHealth(ctx context.Context, cred channels.Credentials) (channels.NumberHealth, error) {
	const op = "read number health"
	answer, err := a.client.Do(ctx, cred, meta.Call{Op: op, Method: http.MethodGet,
		Path: url.PathEscape(cred.ProviderRef), Query: url.Values{"fields": {numberFields}}})
	if err != nil {
		return channels.NumberHealth{}, err
	}
	var n numberAnswer
	if err := meta.DecodeAnswer(op, answer, &n); err != nil {
		return channels.NumberHealth{}, err
	}
	h := channels.NumberHealth{ProviderRef: string(n.ID), DisplayPhone: n.DisplayPhone, VerifiedName: n.VerifiedName,
		NameStatus: n.NameStatus, Status: n.Status, Quality: n.Quality, Limit: n.Limit, Throughput: n.Throughput.Level,
		Coexistence: n.OnApp && n.Platform == "CLOUD_API", CanSend: n.Health.CanSend}
	switch {
	case h.Coexistence:
		h.PerSecond = capabilities.Pace.CoexistencePerSecond
	case h.Throughput == "HIGH":
		h.PerSecond = capabilities.Pace.MaxPerSecond
	default:
		h.PerSecond = capabilities.Pace.PerSecond
	}
	for _, e := range n.Health.Entities {
		entity := channels.HealthEntity{Type: e.Type, ID: string(e.ID), CanSend: e.CanSend, Info: e.Info}
		for _, problem := range e.Errors {
			entity.Errors = append(entity.Errors, channels.HealthError{Code: problem.Code, Details: meta.Safe(problem.Details), Solution: problem.Solution})
		}
		h.Entities = append(h.Entities, entity)
	}
	return h, nil
}
