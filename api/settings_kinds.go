package api

import (
	"context"
	"net/http"

	"github.com/perene/perene/models"
	"github.com/perene/perene/store"
)

// QueueFields are what a queue has besides its name.
type QueueFields struct {
	Color        *string          `json:"color,omitempty" pattern:"^#[0-9a-fA-F]{6}$" example:"#2563eb"`
	BotOrder     *int             `json:"bot_order,omitempty" minimum:"0" maximum:"1000" doc:"Place in the bot's menu; 0 leaves the queue out of it. A new queue goes to the end."`
	WriteLock    *bool            `json:"write_lock,omitempty" doc:"Only the agent in charge writes in an assigned conversation of this queue."`
	LeaseMinutes *int             `json:"lease_minutes,omitempty" minimum:"0" maximum:"10080" doc:"An assignment lapses after so many minutes without an act of its agent; 0: never."`
	SurveyID     *models.SurveyID `json:"survey_id,omitempty" minimum:"0" doc:"The survey that closing offers first; 0: none."`
	Members      []models.UserID  `json:"members,omitempty" maxItems:"1000" doc:"All users who belong to the queue."`
}

type createQueueIn struct {
	Body struct {
		Name string `json:"name" minLength:"1" maxLength:"100"`
		QueueFields
	}
}

type updateQueueIn struct {
	ID   models.QueueID `path:"id" minimum:"1"`
	Body struct {
		Name *string `json:"name,omitempty" minLength:"1" maxLength:"100"`
		QueueFields
	}
}

func (f *QueueFields) patch(name *string) store.QueuePatch {
	return store.QueuePatch{Name: name, Color: f.Color, BotOrder: f.BotOrder, WriteLock: f.WriteLock, LeaseMinutes: f.LeaseMinutes, SurveyID: f.SurveyID, Members: f.Members}
}

// LabelFields are what a label has besides its name.
type LabelFields struct {
	Color          *string `json:"color,omitempty" pattern:"^#[0-9a-fA-F]{6}$" example:"#64748b"`
	AutomationOnly *bool   `json:"automation_only,omitempty" doc:"Only flows put it on contacts."`
}

type createLabelIn struct {
	Body struct {
		Name string `json:"name" minLength:"1" maxLength:"60"`
		LabelFields
	}
}

type updateLabelIn struct {
	ID   models.LabelID `path:"id" minimum:"1"`
	Body struct {
		Name *string `json:"name,omitempty" minLength:"1" maxLength:"60"`
		LabelFields
	}
}

func (f *LabelFields) patch(name *string) store.LabelPatch {
	return store.LabelPatch{Name: name, Color: f.Color, AutomationOnly: f.AutomationOnly}
}

// FieldRules are what a custom field demands.
type FieldRules struct {
	Options   []string          `json:"options,omitempty" maxItems:"100" doc:"What a list takes; without options it takes any text."`
	Required  *bool             `json:"required,omitempty" doc:"Its value cannot be cleared."`
	MaxLength *int              `json:"max_length,omitempty" minimum:"0" maximum:"4096" doc:"The longest text in characters; 0: the longest there is."`
	OnClosing *models.OnClosing `json:"on_closing,omitempty" enum:"no,optional,required" doc:"Whether closing a ticket asks for it."`
}

type createFieldIn struct {
	Body struct {
		Entity string    `json:"entity" enum:"contact,conversation,ticket" doc:"What has the field. It never changes."`
		Key    string    `json:"key" minLength:"1" maxLength:"63" pattern:"^[a-z][a-z0-9_]*$" doc:"Names the field in texts, flows and programs. No other field of the account has it, and it never changes."`
		Kind   FieldKind `json:"kind" doc:"It never changes."`
		Name   string    `json:"name" minLength:"1" maxLength:"100"`
		FieldRules
	}
}

type updateFieldIn struct {
	ID   models.CustomFieldID `path:"id" minimum:"1"`
	Body struct {
		Name *string `json:"name,omitempty" minLength:"1" maxLength:"100"`
		FieldRules
	}
}

func (f *FieldRules) patch(name *string) store.FieldPatch {
	return store.FieldPatch{Name: name, Options: f.Options, Required: f.Required, MaxLength: f.MaxLength, OnClosing: f.OnClosing}
}

type createReasonIn struct {
	Body struct {
		Name string `json:"name" minLength:"1" maxLength:"100"`
	}
}

type updateReasonIn struct {
	ID   models.ClosingReasonID `path:"id" minimum:"1"`
	Body struct {
		Name *string `json:"name,omitempty" minLength:"1" maxLength:"100"`
	}
}

func (a *app) settingsOperations() {
	a.queueOperations()
	a.labelOperations()
	a.fieldOperations()
	a.reasonOperations()
	a.surveyOperations()
	a.webhookOperations()
	a.hoursOperations()
	a.automaticTextOperations()
}

func (a *app) queueOperations() {
	k := settings[store.QueueView, Queue]{kind: store.SettingQueues, noun: "queue", nouns: "queues", list: a.Store.Queues, as: queueOf,
		listed: "Those of the bot's menu in its order, then the others by name.",
		read: func(ctx context.Context, account models.AccountID, id int64) (*store.QueueView, error) {
			return a.Store.Queue(ctx, account, models.QueueID(id))
		}}
	k.operations(a)
	create := k.operation("create", http.MethodPost, "", "Create a queue", "")
	create.status, create.idempotent = http.StatusCreated, true
	handle(a, create, func(ctx context.Context, in *createQueueIn) (*one[Queue], error) {
		p := who(ctx)
		id, err := a.Store.ChangeQueue(ctx, p.account(), 0, in.Body.patch(&in.Body.Name), auditorOf(ctx, p))
		return k.changed(ctx, int64(id), err)
	})
	handle(a, k.operation("update", http.MethodPatch, "/{id}", "Change a queue", ""), func(ctx context.Context, in *updateQueueIn) (*one[Queue], error) {
		p := who(ctx)
		id, err := a.Store.ChangeQueue(ctx, p.account(), in.ID, in.Body.patch(in.Body.Name), auditorOf(ctx, p))
		return k.changed(ctx, int64(id), err)
	})
}

func (a *app) labelOperations() {
	k := settings[models.Label, Label]{kind: store.SettingLabels, noun: "label", nouns: "labels", list: a.Store.Labels, as: labelOf,
		listed: "In their order.",
		read: func(ctx context.Context, account models.AccountID, id int64) (*models.Label, error) {
			return a.Store.Label(ctx, account, models.LabelID(id))
		}}
	k.operations(a)
	create := k.operation("create", http.MethodPost, "", "Create a label", "")
	create.status, create.idempotent = http.StatusCreated, true
	handle(a, create, func(ctx context.Context, in *createLabelIn) (*one[Label], error) {
		p := who(ctx)
		id, err := a.Store.ChangeLabel(ctx, p.account(), 0, in.Body.patch(&in.Body.Name), auditorOf(ctx, p))
		return k.changed(ctx, int64(id), err)
	})
	handle(a, k.operation("update", http.MethodPatch, "/{id}", "Change a label", ""), func(ctx context.Context, in *updateLabelIn) (*one[Label], error) {
		p := who(ctx)
		id, err := a.Store.ChangeLabel(ctx, p.account(), in.ID, in.Body.patch(in.Body.Name), auditorOf(ctx, p))
		return k.changed(ctx, int64(id), err)
	})
}

func (a *app) fieldOperations() {
	k := settings[models.CustomField, CustomField]{kind: store.SettingFields, noun: "custom-field", nouns: "custom-fields", as: fieldOf,
		listed: "In their order.",
		list: func(ctx context.Context, account models.AccountID, archived bool) ([]models.CustomField, error) {
			if archived {
				return a.Store.ArchivedFields(ctx, account)
			}
			return a.Store.CustomFields(ctx, account)
		},
		read: func(ctx context.Context, account models.AccountID, id int64) (*models.CustomField, error) {
			return a.Store.CustomField(ctx, account, models.CustomFieldID(id))
		}}
	k.operations(a)
	create := k.operation("create", http.MethodPost, "", "Create a custom field", "")
	create.status, create.idempotent = http.StatusCreated, true
	handle(a, create, func(ctx context.Context, in *createFieldIn) (*one[CustomField], error) {
		p, patch := who(ctx), in.Body.patch(&in.Body.Name)
		patch.Entity, patch.Key, patch.Kind = in.Body.Entity, in.Body.Key, string(in.Body.Kind)
		id, err := a.Store.ChangeField(ctx, p.account(), 0, patch, auditorOf(ctx, p))
		return k.changed(ctx, int64(id), err)
	})
	handle(a, k.operation("update", http.MethodPatch, "/{id}", "Change a custom field", ""), func(ctx context.Context, in *updateFieldIn) (*one[CustomField], error) {
		p := who(ctx)
		id, err := a.Store.ChangeField(ctx, p.account(), in.ID, in.Body.patch(in.Body.Name), auditorOf(ctx, p))
		return k.changed(ctx, int64(id), err)
	})
}

func (a *app) reasonOperations() {
	k := settings[models.ClosingReason, ClosingReason]{kind: store.SettingReasons, noun: "closing-reason", nouns: "closing-reasons",
		list: a.Store.ClosingReasons, as: reasonOf, listed: "In their order.",
		read: func(ctx context.Context, account models.AccountID, id int64) (*models.ClosingReason, error) {
			return a.Store.ClosingReason(ctx, account, models.ClosingReasonID(id))
		}}
	k.operations(a)
	create := k.operation("create", http.MethodPost, "", "Create a closing reason", "")
	create.status, create.idempotent = http.StatusCreated, true
	handle(a, create, func(ctx context.Context, in *createReasonIn) (*one[ClosingReason], error) {
		p := who(ctx)
		id, err := a.Store.ChangeReason(ctx, p.account(), 0, &in.Body.Name, auditorOf(ctx, p))
		return k.changed(ctx, int64(id), err)
	})
	handle(a, k.operation("update", http.MethodPatch, "/{id}", "Change a closing reason", ""), func(ctx context.Context, in *updateReasonIn) (*one[ClosingReason], error) {
		p := who(ctx)
		id, err := a.Store.ChangeReason(ctx, p.account(), in.ID, in.Body.Name, auditorOf(ctx, p))
		return k.changed(ctx, int64(id), err)
	})
}
