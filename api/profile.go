package api

import (
	"context"
	"net/http"

	"github.com/perene/perene/models"
	"github.com/perene/perene/store"
)

// Profile is oneself, with what users set for themselves.
type Profile struct {
	ID                  models.UserID        `json:"id"`
	Name                string               `json:"name"`
	Email               string               `json:"email"`
	Role                models.Role          `json:"role" enum:"user,supervisor,admin"`
	Locale              string               `json:"locale" example:"pt-BR"`
	DefaultConnectionID *models.ConnectionID `json:"default_connection_id,omitempty" doc:"What one sends by where nothing is chosen; the account's default if absent."`
	ClosingText         string               `json:"closing_text" doc:"Fills the closing text; empty: none."`
	Preferences         Preferences          `json:"preferences"`
}

// Preferences are how one works, on every device. What is absent was never set.
type Preferences struct {
	SendDelaySeconds  *int              `json:"send_delay_seconds,omitempty" minimum:"0" maximum:"10" doc:"How long a message can be taken back."`
	AfterSend         *models.AfterSend `json:"after_send,omitempty" enum:"send,close,snooze" doc:"What follows an answer."`
	AudioConfirmation *bool             `json:"audio_confirmation,omitempty" doc:"Ask before a voice note is sent."`
	EnterSends        *bool             `json:"enter_sends,omitempty"`
	SingleKeys        *bool             `json:"single_keys,omitempty" doc:"Shortcuts of a single key."`
	Sounds            *bool             `json:"sounds,omitempty"`
	Notifications     *bool             `json:"notifications,omitempty" doc:"The browser's."`
	Order             *models.ListOrder `json:"order,omitempty" enum:"recent,oldest,opened_recent,opened_oldest" doc:"How the list of conversations is sorted."`
	Watching          *bool             `json:"watching,omitempty" doc:"Opening a conversation marks nothing as read."`
}

// Agent is a user who may get a ticket.
type Agent struct {
	ID     models.UserID    `json:"id"`
	Name   string           `json:"name"`
	Queues []models.QueueID `json:"queues" doc:"The queues the agent belongs to."`
}

type updateProfileIn struct {
	Body struct {
		DefaultConnectionID *models.ConnectionID `json:"default_connection_id,omitempty" minimum:"0" doc:"0 takes it away."`
		ClosingText         *string              `json:"closing_text,omitempty" maxLength:"4096" doc:"Blank removes it."`
		Preferences         Preferences          `json:"preferences,omitzero" doc:"What is left out stays."`
	}
}

func (a *app) profileOperations() {
	handle(a, operation{id: "read-profile", method: http.MethodGet, path: "/v1/me", tag: "account", summary: "Read one's own profile"}, a.readProfile)
	handle(a, operation{id: "update-profile", method: http.MethodPatch, path: "/v1/me", tag: "account", summary: "Change one's own profile"}, a.updateProfile)
	handle(a, operation{id: "list-agents", method: http.MethodGet, path: "/v1/agents", tag: "account", summary: "List those who may get a ticket",
		doc: "By name, in one page."}, a.listAgents)
}

func (a *app) readProfile(ctx context.Context, _ *struct{}) (*one[Profile], error) {
	p := who(ctx)
	m, err := a.Store.Profile(ctx, p.account(), p.User.ID)
	if err != nil {
		return nil, err
	}
	return &one[Profile]{Body: Profile{ID: p.User.ID, Name: p.User.Name, Email: p.User.Email, Role: p.User.Role, Locale: p.User.Locale,
		DefaultConnectionID: m.DefaultConnectionID, ClosingText: deref(m.ClosingText), Preferences: Preferences(m.Preferences)}}, nil
}

func (a *app) updateProfile(ctx context.Context, in *updateProfileIn) (*one[Profile], error) {
	p, b := who(ctx), &in.Body
	err := a.Store.UpdateProfile(ctx, p.account(), p.User.ID, store.ProfilePatch{DefaultConnectionID: b.DefaultConnectionID, ClosingText: b.ClosingText,
		Preferences: models.Preferences(b.Preferences)})
	if err != nil {
		return nil, err
	}
	return a.readProfile(ctx, nil)
}

// listAgents gives all agents in one page.
func (a *app) listAgents(ctx context.Context, in *Paging) (*page[Agent], error) {
	if in.Cursor != "" {
		return nil, errCursor
	}
	rows, err := a.Store.Agents(ctx, who(ctx).account())
	in.Limit = max(in.Limit, len(rows))
	return pageOf(ctx, in, rows, err, func(g store.Agent) Agent { return Agent{ID: g.ID, Name: g.Name, Queues: g.QueueIDs} },
		func(g store.Agent) string { return idCursor(g.ID) })
}
