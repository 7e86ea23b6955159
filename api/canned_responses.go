package api

import (
	"context"
	"net/http"
	"time"

	"github.com/perene/perene/flow"
	"github.com/perene/perene/models"
	"github.com/perene/perene/store"
)

// CannedResponse is a text, with files, that agents write by its short code (rules 198 to 200).
type CannedResponse struct {
	ID        models.CannedResponseID `json:"id"`
	Code      string                  `json:"code" doc:"What an agent types after the slash." example:"horario"`
	Text      string                  `json:"text" doc:"May name variables, as the texts of flows do: {nome}."`
	Files     []Media                 `json:"files" doc:"In the order in which they are sent. Everybody of the account may send them."`
	Author    *PersonRef              `json:"author,omitempty"`
	CreatedAt time.Time               `json:"created_at"`
	UpdatedAt time.Time               `json:"updated_at"`
}

type listCannedResponsesIn struct {
	Paging
	Query string `query:"q" maxLength:"100" doc:"Part of the code or the text."`
}

type createCannedResponseIn struct {
	Body struct {
		Code     string           `json:"code" minLength:"1" maxLength:"40" pattern:"^[^\\s/]+$" doc:"Without the slash. Upper and lower case are the same."`
		Text     string           `json:"text" maxLength:"4096" doc:"May be empty where there are files."`
		MediaIDs []models.MediaID `json:"media_ids,omitempty" maxItems:"15" doc:"Uploaded files, in order."`
	}
}

type updateCannedResponseIn struct {
	ID   models.CannedResponseID `path:"id" minimum:"1"`
	Body struct {
		Code     *string          `json:"code,omitempty" minLength:"1" maxLength:"40" pattern:"^[^\\s/]+$"`
		Text     *string          `json:"text,omitempty" maxLength:"4096"`
		MediaIDs []models.MediaID `json:"media_ids,omitempty" maxItems:"15" doc:"All files, in order. What is left out stays as it is; an empty list takes all away."`
	}
}

type cannedResponseIDIn struct {
	ID models.CannedResponseID `path:"id" minimum:"1"`
}

func (a *app) cannedResponseOperations() {
	op := func(id, method, path, summary string) operation {
		return operation{id: id, method: method, path: "/v1/canned-responses" + path, tag: "canned-responses", summary: summary}
	}
	handle(a, op("list-canned-responses", http.MethodGet, "", "List canned responses, by code"), a.listCannedResponses)
	o := op("create-canned-response", http.MethodPost, "", "Create a canned response")
	o.status, o.idempotent = http.StatusCreated, true
	handle(a, o, a.createCannedResponse)
	handle(a, op("read-canned-response", http.MethodGet, "/{id}", "Read a canned response"), a.readCannedResponse)
	handle(a, op("update-canned-response", http.MethodPatch, "/{id}", "Change a canned response"), a.updateCannedResponse)
	o = op("delete-canned-response", http.MethodDelete, "/{id}", "Delete a canned response")
	o.status = http.StatusNoContent
	handle(a, o, a.deleteCannedResponse)
}

func cannedResponseOf(v *store.CannedResponseView) CannedResponse {
	out := CannedResponse{ID: v.ID, Code: v.Code, Text: v.Text, Files: make([]Media, 0, len(v.Files)), Author: personRef(v.AuthorID, v.AuthorName),
		CreatedAt: v.CreatedAt, UpdatedAt: v.UpdatedAt}
	for i := range v.Files {
		out.Files = append(out.Files, mediaOf(&v.Files[i]))
	}
	return out
}

func (a *app) listCannedResponses(ctx context.Context, in *listCannedResponsesIn) (*page[CannedResponse], error) {
	after, err := in.word()
	if err != nil {
		return nil, err
	}
	rows, err := a.Store.CannedResponses(ctx, who(ctx).account(), store.CannedFilter{Query: in.Query, After: after, Limit: in.Limit + 1})
	return pageOf(ctx, &in.Paging, rows, err, func(v store.CannedResponseView) CannedResponse { return cannedResponseOf(&v) },
		func(v store.CannedResponseView) string { return v.Code })
}

func (a *app) cannedResponseNow(ctx context.Context, id models.CannedResponseID) (*one[CannedResponse], error) {
	v, err := a.Store.CannedResponse(ctx, who(ctx).account(), id)
	if err != nil {
		return nil, err
	}
	return &one[CannedResponse]{Body: cannedResponseOf(v)}, nil
}

func (a *app) readCannedResponse(ctx context.Context, in *cannedResponseIDIn) (*one[CannedResponse], error) {
	return a.cannedResponseNow(ctx, in.ID)
}

func (a *app) createCannedResponse(ctx context.Context, in *createCannedResponseIn) (*one[CannedResponse], error) {
	p, b := who(ctx), &in.Body
	if err := checkVariables(b.Text); err != nil {
		return nil, err
	}
	id, err := a.Store.CreateCannedResponse(ctx, p.account(), p.viewer, store.CannedPatch{Code: &b.Code, Text: &b.Text, Files: b.MediaIDs})
	if err != nil {
		return nil, err
	}
	return a.cannedResponseNow(ctx, id)
}

func (a *app) updateCannedResponse(ctx context.Context, in *updateCannedResponseIn) (*one[CannedResponse], error) {
	p, b := who(ctx), &in.Body
	if b.Text != nil {
		if err := checkVariables(*b.Text); err != nil {
			return nil, err
		}
	}
	err := a.Store.UpdateCannedResponse(ctx, p.account(), p.viewer, in.ID, store.CannedPatch{Code: b.Code, Text: b.Text, Files: b.MediaIDs})
	if err != nil {
		return nil, err
	}
	return a.cannedResponseNow(ctx, in.ID)
}

func (a *app) deleteCannedResponse(ctx context.Context, in *cannedResponseIDIn) (*nothing, error) {
	return &nothing{}, a.Store.DeleteCannedResponse(ctx, who(ctx).account(), in.ID)
}

// checkVariables refuses a text whose variables cannot be read.
func checkVariables(text string) error {
	if err := flow.CheckPlain(text); err != nil {
		return models.Invalid("body.text", "%s", err.Error())
	}
	return nil
}
