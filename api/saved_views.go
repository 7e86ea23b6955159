package api

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"time"

	"github.com/perene/perene/models"
	"github.com/perene/perene/store"
)

// SavedView is a filter of conversations under a name. Everybody who sees the view finds in it what they may see.
type SavedView struct {
	ID        models.SavedViewID `json:"id"`
	Name      string             `json:"name"`
	Filter    models.Filter      `json:"filter"`
	Sharing   models.Sharing     `json:"sharing"`
	Queues    []QueueRef         `json:"queues" doc:"Whose members see it, where it is shared with queues."`
	Editable  bool               `json:"editable" doc:"You may change it and remove it."`
	CreatedAt time.Time          `json:"created_at"`
	UpdatedAt time.Time          `json:"updated_at"`
}

// SavedViewCount is how many conversations one finds in a view.
type SavedViewCount struct {
	ID     models.SavedViewID `json:"id"`
	Total  int64              `json:"total" doc:"1000 stands for a thousand or more."`
	Unread int64              `json:"unread" doc:"Among those that are counted."`
}

// viewsCounted is of how many views the conversations are counted at once.
const viewsCounted = 30

type savedViewIDIn struct {
	ID models.SavedViewID `path:"id" minimum:"1"`
}

type createSavedViewIn struct {
	Body struct {
		Name     string           `json:"name" minLength:"1" maxLength:"80"`
		Filter   models.Filter    `json:"filter"`
		Sharing  models.Sharing   `json:"sharing,omitempty" doc:"Private where it is left out. Sharing needs settings:manage."`
		QueueIDs []models.QueueID `json:"queue_ids,omitempty" maxItems:"100" doc:"Whose members see it, where it is shared with queues."`
	}
}

type updateSavedViewIn struct {
	ID   models.SavedViewID `path:"id" minimum:"1"`
	Body struct {
		Name     *string          `json:"name,omitempty" minLength:"1" maxLength:"80"`
		Filter   *models.Filter   `json:"filter,omitempty"`
		Sharing  *models.Sharing  `json:"sharing,omitempty" doc:"A shared view that becomes private becomes yours."`
		QueueIDs []models.QueueID `json:"queue_ids,omitempty" maxItems:"100"`
	}
}

type orderSavedViewsIn struct {
	Body struct {
		IDs []models.SavedViewID `json:"ids" maxItems:"200" doc:"In their new order. What is left out comes last."`
	}
}

func (a *app) savedViewOperations() {
	op := func(id, method, path, summary string) operation {
		return operation{id: id, method: method, path: "/v1/views" + path, tag: "views", summary: summary}
	}
	handle(a, op("list-views", http.MethodGet, "", "List your views and those that are shared with you, in your order"), a.listSavedViews)
	o := op("create-view", http.MethodPost, "", "Save a view")
	o.status, o.idempotent = http.StatusCreated, true
	o.doc = "The filter is a tree of and, or, not and conditions with field, op and value: at most 8192 bytes, 40 conditions and 5 levels."
	handle(a, o, a.createSavedView)
	o = op("count-views", http.MethodGet, "/counts", "Count what you find in your views")
	o.doc = fmt.Sprintf("Of the first %d views in your order.", viewsCounted)
	handle(a, o, a.countSavedViews)
	o = op("order-views", http.MethodPut, "/order", "Order the views for yourself")
	o.status = http.StatusNoContent
	handle(a, o, a.orderSavedViews)
	o = op("read-view", http.MethodGet, "/{id}", "Read a view")
	o.doc = "404 where it is not there and where it is not shared with you."
	handle(a, o, a.readSavedView)
	handle(a, op("update-view", http.MethodPatch, "/{id}", "Change a view"), a.updateSavedView)
	o = op("delete-view", http.MethodDelete, "/{id}", "Delete a view")
	o.status = http.StatusNoContent
	handle(a, o, a.deleteSavedView)
}

func savedViewOf(p *principal, v *store.SavedViewRow) (SavedView, error) {
	tree, err := v.Tree()
	if err != nil {
		return SavedView{}, err
	}
	out := SavedView{ID: v.ID, Name: v.Name, Filter: *tree, Sharing: v.Sharing, Queues: make([]QueueRef, 0, len(v.Queues)),
		Editable: v.Sharing == models.SharedWithNobody || p.may(SettingsManage), CreatedAt: v.CreatedAt, UpdatedAt: v.UpdatedAt}
	for i := range v.Queues {
		out.Queues = append(out.Queues, *namedQueue(&v.Queues[i]))
	}
	return out, nil
}

func (a *app) listSavedViews(ctx context.Context, _ *struct{}) (*page[SavedView], error) {
	p := who(ctx)
	rows, err := a.Store.SavedViews(ctx, p.account(), p.viewer)
	if err != nil {
		return nil, err
	}
	views := make([]SavedView, 0, len(rows))
	for i := range rows {
		v, err := savedViewOf(p, &rows[i])
		if err != nil {
			return nil, err
		}
		views = append(views, v)
	}
	return pageAll(views), nil
}

func (a *app) savedViewNow(ctx context.Context, id models.SavedViewID) (*one[SavedView], error) {
	p := who(ctx)
	row, err := a.Store.SavedView(ctx, p.account(), p.viewer, id)
	if err != nil {
		return nil, err
	}
	v, err := savedViewOf(p, row)
	return &one[SavedView]{Body: v}, err
}

func (a *app) readSavedView(ctx context.Context, in *savedViewIDIn) (*one[SavedView], error) {
	return a.savedViewNow(ctx, in.ID)
}

func (a *app) createSavedView(ctx context.Context, in *createSavedViewIn) (*one[SavedView], error) {
	b := &in.Body
	patch := store.SavedViewPatch{Name: &b.Name, Queues: b.QueueIDs}
	if b.Sharing != "" {
		patch.Sharing = &b.Sharing
	}
	return a.saveView(ctx, 0, &b.Filter, patch)
}

func (a *app) updateSavedView(ctx context.Context, in *updateSavedViewIn) (*one[SavedView], error) {
	b := &in.Body
	return a.saveView(ctx, in.ID, b.Filter, store.SavedViewPatch{Name: b.Name, Sharing: b.Sharing, Queues: b.QueueIDs})
}

func (a *app) saveView(ctx context.Context, id models.SavedViewID, filter *models.Filter, patch store.SavedViewPatch) (*one[SavedView], error) {
	p := who(ctx)
	if filter != nil {
		body, err := json.Marshal(filter)
		if err != nil {
			return nil, models.Invalid("body.filter", "the filter cannot be read")
		}
		if _, err := models.ParseFilter("body.filter", body); err != nil {
			return nil, err
		}
		patch.Filter = body
	}
	patch.Shares = p.may(SettingsManage)
	id, err := a.Store.SaveView(ctx, p.account(), p.viewer, id, patch)
	if err != nil {
		return nil, err
	}
	a.audit(ctx, p, "view.saved", "view/"+id.String(), nil)
	return a.savedViewNow(ctx, id)
}

func (a *app) deleteSavedView(ctx context.Context, in *savedViewIDIn) (*nothing, error) {
	p := who(ctx)
	if err := a.Store.RemoveView(ctx, p.account(), p.viewer, in.ID, p.may(SettingsManage)); err != nil {
		return nil, err
	}
	a.audit(ctx, p, "view.deleted", "view/"+in.ID.String(), nil)
	return &nothing{}, nil
}

func (a *app) orderSavedViews(ctx context.Context, in *orderSavedViewsIn) (*nothing, error) {
	p := who(ctx)
	return &nothing{}, a.Store.OrderViews(ctx, p.account(), p.viewer, in.Body.IDs)
}

func (a *app) countSavedViews(ctx context.Context, _ *struct{}) (*page[SavedViewCount], error) {
	p := who(ctx)
	rows, err := a.Store.SavedViews(ctx, p.account(), p.viewer)
	if err != nil {
		return nil, err
	}
	rows = rows[:min(len(rows), viewsCounted)]
	counted, err := a.Store.CountSavedViews(ctx, p.account(), p.viewer, rows)
	if err != nil {
		return nil, err
	}
	counts := make([]SavedViewCount, len(rows))
	for i := range rows {
		n := counted[rows[i].ID]
		counts[i] = SavedViewCount{ID: rows[i].ID, Total: n.Total, Unread: n.Unread}
	}
	return pageAll(counts), nil
}

// trees are the filters that a list is asked to narrow by: of a saved view, and one that is given.
func (a *app) trees(ctx context.Context, view models.SavedViewID, filter string) ([]*models.Filter, error) {
	var trees []*models.Filter
	if view != 0 {
		p := who(ctx)
		row, err := a.Store.SavedView(ctx, p.account(), p.viewer, view)
		if err != nil {
			return nil, err
		}
		tree, err := row.Tree()
		if err != nil {
			return nil, err
		}
		trees = append(trees, tree)
	}
	if filter != "" {
		tree, err := models.ParseFilter("query.filter", []byte(filter))
		if err != nil {
			return nil, err
		}
		trees = append(trees, tree)
	}
	return trees, nil
}
