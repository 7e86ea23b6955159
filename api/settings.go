package api

import (
	"context"
	"net/http"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"github.com/perene/perene/flow"
	"github.com/perene/perene/models"
	"github.com/perene/perene/store"
)

// Queue is where tickets wait.
type Queue struct {
	ID           models.QueueID    `json:"id"`
	Name         string            `json:"name"`
	Color        string            `json:"color" example:"#2563eb"`
	BotOrder     int               `json:"bot_order" doc:"Place in the bot's menu; 0 leaves the queue out of it."`
	Hours        *models.WeekHours `json:"hours,omitempty"`
	WriteLock    bool              `json:"write_lock" doc:"Only the agent in charge writes in an assigned conversation of this queue."`
	LeaseMinutes *int              `json:"lease_minutes,omitempty" doc:"After how many minutes without an act of its agent an assignment lapses. Without it, never."`
	SurveyID     *models.SurveyID  `json:"survey_id,omitempty" doc:"The survey that closing offers first."`
	Members      []models.UserID   `json:"members" doc:"The users who belong to the queue."`
	ArchivedAt   *time.Time        `json:"archived_at,omitempty"`
}

// Label is a tag on contacts.
type Label struct {
	ID             models.LabelID `json:"id"`
	Name           string         `json:"name"`
	Color          string         `json:"color" example:"#64748b"`
	AutomationOnly bool           `json:"automation_only" doc:"Only flows put it on contacts."`
	ArchivedAt     *time.Time     `json:"archived_at,omitempty"`
}

// CustomField is a field that the account added.
type CustomField struct {
	ID         models.CustomFieldID `json:"id"`
	Entity     string               `json:"entity" enum:"contact,conversation,ticket" doc:"What has the field."`
	Key        string               `json:"key" doc:"Names the field in texts, flows and programs." example:"plano"`
	Name       string               `json:"name"`
	Kind       FieldKind            `json:"kind"`
	Options    []string             `json:"options" doc:"What a list takes; without options it takes any text."`
	Required   bool                 `json:"required" doc:"Its value cannot be cleared."`
	MaxLength  int                  `json:"max_length,omitempty" doc:"The longest text in characters. Without it, the longest there is."`
	OnClosing  models.OnClosing     `json:"on_closing" enum:"no,optional,required" doc:"Whether closing a ticket asks for it."`
	ArchivedAt *time.Time           `json:"archived_at,omitempty"`
}

// ClosingReason is one of the reasons for closing a ticket.
type ClosingReason struct {
	ID         models.ClosingReasonID `json:"id"`
	Name       string                 `json:"name"`
	ArchivedAt *time.Time             `json:"archived_at,omitempty"`
}

// FieldKind is what a custom field takes.
type FieldKind string

// Schema implements huma.SchemaProvider: the kinds of custom fields and no others.
func (FieldKind) Schema(huma.Registry) *huma.Schema {
	s := &huma.Schema{Type: huma.TypeString}
	for _, kind := range flow.FieldKinds {
		s.Enum = append(s.Enum, string(kind))
	}
	s.PrecomputeMessages()
	return s
}

func queueOf(q *store.QueueView) Queue {
	return Queue{ID: q.ID, Name: q.Name, Color: q.Color, BotOrder: q.BotOrder, Hours: q.Hours, WriteLock: q.WriteLock,
		LeaseMinutes: q.LeaseMinutes, SurveyID: q.SurveyID, Members: q.Members, ArchivedAt: q.ArchivedAt}
}

func labelOf(l *models.Label) Label {
	return Label{ID: l.ID, Name: l.Name, Color: l.Color, AutomationOnly: l.AutomationOnly, ArchivedAt: l.ArchivedAt}
}

func fieldOf(f *models.CustomField) CustomField {
	return CustomField{ID: f.ID, Entity: f.Entity, Key: f.Key, Name: f.Name, Kind: FieldKind(f.Kind), Options: f.Options, Required: f.Required,
		MaxLength: f.MaxLength, OnClosing: f.OnClosing, ArchivedAt: f.ArchivedAt}
}

func reasonOf(r *models.ClosingReason) ClosingReason {
	return ClosingReason{ID: r.ID, Name: r.Name, ArchivedAt: r.ArchivedAt}
}

type listSettingsIn struct {
	Paging
	Archived bool `query:"archived" doc:"Those that are archived, instead of those in use."`
}

type settingIDIn struct {
	ID int64 `path:"id" minimum:"1"`
}

type orderSettingsIn struct {
	Body struct {
		IDs []int64 `json:"ids" maxItems:"1000" doc:"In their new order."`
	}
}

// settings is one kind of settings, as the API reads and changes it.
type settings[Row, Out any] struct {
	kind   store.Setting
	noun   string // queue
	nouns  string // queues
	listed string // what a list and an order say further
	list   func(ctx context.Context, account models.AccountID, archived bool) ([]Row, error)
	read   func(ctx context.Context, account models.AccountID, id int64) (*Row, error)
	as     func(*Row) Out
}

func (k settings[Row, Out]) operation(verb, method, path, summary, doc string) operation {
	noun := k.noun
	if path == "" && method == http.MethodGet || path == "/order" {
		noun = k.nouns
	}
	return operation{id: verb + "-" + noun, method: method, path: "/v1/" + k.nouns + path, tag: "settings", summary: summary, doc: doc}
}

// operations registers what all kinds have. Creating and changing are the kind's own.
func (k settings[Row, Out]) operations(a *app) {
	things, thing := strings.ReplaceAll(k.nouns, "-", " "), strings.ReplaceAll(k.noun, "-", " ")
	handle(a, k.operation("list", http.MethodGet, "", "List "+things, k.listed), func(ctx context.Context, in *listSettingsIn) (*page[Out], error) {
		if in.Cursor != "" {
			return nil, errCursor
		}
		rows, err := k.list(ctx, who(ctx).account(), in.Archived)
		in.Limit = max(in.Limit, len(rows)) // an account has few: all in one page
		return pageOf(ctx, &in.Paging, rows, err, func(r Row) Out { return k.as(&r) }, func(Row) string { return "" })
	})
	archive := func(archived bool) func(context.Context, *settingIDIn) (*one[Out], error) {
		return func(ctx context.Context, in *settingIDIn) (*one[Out], error) {
			p := who(ctx)
			if err := a.Store.ArchiveSetting(ctx, p.account(), k.kind, in.ID, archived, auditorOf(ctx, p)); err != nil {
				return nil, err
			}
			return k.changed(ctx, in.ID, nil)
		}
	}
	handle(a, k.operation("archive", http.MethodDelete, "/{id}", "Archive a "+thing,
		"It leaves lists and choices. What points at it goes on pointing at it, and it can be restored."), archive(true))
	handle(a, k.operation("restore", http.MethodPost, "/{id}/restore", "Restore a "+thing, ""), archive(false))
	handle(a, k.operation("order", http.MethodPut, "/order", "Order "+things, k.ordered()), func(ctx context.Context, in *orderSettingsIn) (*page[Out], error) {
		p := who(ctx)
		if err := a.Store.OrderSettings(ctx, p.account(), k.kind, in.Body.IDs, auditorOf(ctx, p)); err != nil {
			return nil, err
		}
		rows, err := k.list(ctx, p.account(), false)
		return pageOf(ctx, &Paging{Limit: len(rows)}, rows, err, func(r Row) Out { return k.as(&r) }, func(Row) string { return "" })
	})
}

func (k settings[Row, Out]) ordered() string {
	if k.kind == store.SettingQueues {
		return "They get their places in the bot's menu. A queue that is not named leaves the menu."
	}
	return "Those that are not named come behind, as they were."
}

// changed answers with a thing as it is after a change, or with why there was none.
func (k settings[Row, Out]) changed(ctx context.Context, id int64, err error) (*one[Out], error) {
	if err != nil {
		return nil, err
	}
	row, err := k.read(ctx, who(ctx).account(), id)
	if err != nil {
		return nil, err
	}
	return &one[Out]{Body: k.as(row)}, nil
}
