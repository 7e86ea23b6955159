package store

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"

	"github.com/jackc/pgx/v5"

	"github.com/perene/perene/models"
)

// SavedViewRow is a saved view with the queues that it is shared with.
type SavedViewRow struct {
	models.SavedView
	Queues []models.Queue
}

// Tree is the view's filter.
func (v *SavedViewRow) Tree() (*models.Filter, error) {
	var f models.Filter
	if err := json.Unmarshal(v.Filter, &f); err != nil {
		return nil, fmt.Errorf("read the filter of view %d: %w", v.ID, err)
	}
	return &f, nil
}

// seesView is the condition on saved views w under which a viewer sees one. It takes @everything and @viewer.
const seesView = `(w.user_id = @viewer OR w.sharing = 'account' OR w.sharing = 'queues' AND (@everything OR EXISTS (
	SELECT 1
	FROM saved_view_queues wq
	JOIN queue_members qm ON qm.account_id = wq.account_id AND qm.queue_id = wq.queue_id
	WHERE wq.account_id = w.account_id AND wq.view_id = w.id AND qm.user_id = @viewer)))`

const savedViewSQL = `
	SELECT w.id, w.account_id, w.user_id, w.name, w.filter, w.sharing, w.created_at, w.updated_at,
		coalesce((
			SELECT jsonb_agg(jsonb_build_object('id', q.id, 'name', q.name, 'color', q.color) ORDER BY q.name)
			FROM saved_view_queues wq
			JOIN queues q ON q.id = wq.queue_id AND q.account_id = wq.account_id
			WHERE wq.account_id = w.account_id AND wq.view_id = w.id), '[]') AS queues
	FROM saved_views w `

// savedViewsShown is how many views a list has at most.
const savedViewsShown = 200

// SavedViews lists the views that a viewer sees, in the viewer's own order. New ones come last.
func (s *Store) SavedViews(ctx context.Context, account models.AccountID, w Viewer) ([]SavedViewRow, error) {
	return list[SavedViewRow](ctx, s.pool, "view", savedViewSQL+`
		LEFT JOIN saved_view_places p ON p.account_id = w.account_id AND p.view_id = w.id AND p.user_id = @viewer
		WHERE w.account_id = @account AND `+seesView+`
		ORDER BY p.place NULLS LAST, w.id
		LIMIT @limit`, w.args(account, pgx.NamedArgs{"limit": savedViewsShown}))
}

// SavedView reads a view that the viewer sees; CodeNotFound otherwise.
func (s *Store) SavedView(ctx context.Context, account models.AccountID, w Viewer, id models.SavedViewID) (*SavedViewRow, error) {
	return savedViewIn(ctx, s.pool, account, w, id)
}

func savedViewIn(ctx context.Context, q querier, account models.AccountID, w Viewer, id models.SavedViewID) (*SavedViewRow, error) {
	return one[SavedViewRow](ctx, q, "view", savedViewSQL+`WHERE w.account_id = @account AND w.id = @id AND `+seesView,
		w.args(account, pgx.NamedArgs{"id": id}))
}

// SavedViewPatch changes a view. What is nil stays.
type SavedViewPatch struct {
	Name    *string
	Filter  json.RawMessage // checked
	Sharing *models.Sharing
	Queues  []models.QueueID // of a view that is shared with queues
	// Shares says that who asks may share views, and change shared ones.
	Shares bool
}

// SaveView changes a view, or makes one when id is 0. CodeForbidden for a viewer who would share a view, or change a shared one,
// and may not.
func (s *Store) SaveView(ctx context.Context, account models.AccountID, w Viewer, id models.SavedViewID, p SavedViewPatch) (models.SavedViewID, error) {
	err := s.inTx(ctx, func(tx pgx.Tx) error {
		v := &SavedViewRow{SavedView: models.SavedView{Sharing: models.SharedWithNobody}}
		var before []models.QueueID
		if id != 0 {
			var err error
			if v, err = savedViewIn(ctx, tx, account, w, id); err != nil {
				return err
			}
			for _, q := range v.Queues {
				before = append(before, q.ID)
			}
		}
		was := v.Sharing
		if p.Sharing != nil {
			v.Sharing = *p.Sharing
		}
		if (was != models.SharedWithNobody || v.Sharing != models.SharedWithNobody) && !p.Shares {
			return mayNotShare()
		}
		queues := p.Queues
		if queues == nil {
			queues = before
		}
		if v.Sharing != models.SharedWithQueues {
			queues = nil
		} else if len(queues) == 0 {
			return models.Invalid("body.queue_ids", "name the queues that see the view")
		}
		if p.Name != nil {
			v.Name = strings.TrimSpace(*p.Name)
		}
		if v.Name == "" {
			return models.Invalid("body.name", "a view needs a name")
		}
		if p.Filter != nil {
			v.Filter = p.Filter
		}
		return s.writeView(ctx, tx, account, w, &id, v, queues, was)
	})
	return id, asError(err, "view")
}

func mayNotShare() error {
	return &models.Error{Code: models.CodeForbidden, Key: "view.shared", Message: "only people who change settings share views and change shared ones"}
}

// writeView stores a view with its queues, and tells of it.
func (s *Store) writeView(ctx context.Context, tx pgx.Tx, account models.AccountID, w Viewer, id *models.SavedViewID, v *SavedViewRow,
	queues []models.QueueID, was models.Sharing,
) error {
	var owner *models.UserID
	if v.Sharing == models.SharedWithNobody {
		owner = &w.User
	}
	args := pgx.NamedArgs{"account": account, "id": *id, "name": v.Name, "filter": v.Filter, "sharing": v.Sharing, "owner": owner, "now": s.Now(),
		"queues": orEmpty(queues)}
	sql := `
		UPDATE saved_views
		SET name = @name, filter = @filter, sharing = @sharing, user_id = @owner, updated_at = @now
		WHERE account_id = @account AND id = @id
		RETURNING id`
	if *id == 0 {
		sql = `
			INSERT INTO saved_views (account_id, name, filter, sharing, user_id, created_at, updated_at)
			VALUES (@account, @name, @filter, @sharing, @owner, @now, @now)
			RETURNING id`
	}
	if err := tx.QueryRow(ctx, sql, args).Scan(id); err != nil {
		return err
	}
	args["id"] = *id
	for _, sql := range []string{
		`DELETE FROM saved_view_queues WHERE account_id = @account AND view_id = @id AND queue_id <> ALL (@queues::bigint[])`,
		`INSERT INTO saved_view_queues (account_id, view_id, queue_id)
			SELECT @account, @id, q FROM unnest(@queues::bigint[]) AS q
			ON CONFLICT DO NOTHING`,
	} {
		if _, err := exec(ctx, tx, "queue", sql, args); err != nil {
			return err
		}
	}
	return viewChanged(ctx, tx, account, *id, was != models.SharedWithNobody || v.Sharing != models.SharedWithNobody)
}

// viewChanged tells everybody that a shared view changed. Of a private one its owner's console knows already.
func viewChanged(ctx context.Context, tx pgx.Tx, account models.AccountID, id models.SavedViewID, shared bool) error {
	if !shared {
		return nil
	}
	return settingsChanged(ctx, tx, account, SettingViews, int64(id))
}

// RemoveView removes a view. Errors are those of SaveView.
func (s *Store) RemoveView(ctx context.Context, account models.AccountID, w Viewer, id models.SavedViewID, shares bool) error {
	err := s.inTx(ctx, func(tx pgx.Tx) error {
		v, err := savedViewIn(ctx, tx, account, w, id)
		if err != nil {
			return err
		}
		shared := v.Sharing != models.SharedWithNobody
		if shared && !shares {
			return mayNotShare()
		}
		if _, err := exec(ctx, tx, "view", `DELETE FROM saved_views WHERE account_id = @account AND id = @id`,
			pgx.NamedArgs{"account": account, "id": id}); err != nil {
			return err
		}
		return viewChanged(ctx, tx, account, id, shared)
	})
	return asError(err, "view")
}

// OrderViews keeps the order in which a viewer sees views. Views that are not named have no place. CodeInvalid for a view that the
// viewer does not see.
func (s *Store) OrderViews(ctx context.Context, account models.AccountID, w Viewer, ids []models.SavedViewID) error {
	err := s.inTx(ctx, func(tx pgx.Tx) error {
		args := w.args(account, pgx.NamedArgs{"ids": orEmpty(ids)})
		if _, err := exec(ctx, tx, "view", `DELETE FROM saved_view_places WHERE account_id = @account AND user_id = @viewer`, args); err != nil {
			return err
		}
		n, err := exec(ctx, tx, "view", `
			INSERT INTO saved_view_places (account_id, user_id, view_id, place)
			SELECT @account, @viewer, w.id, array_position(@ids::bigint[], w.id)
			FROM saved_views w
			WHERE w.account_id = @account AND w.id = ANY(@ids::bigint[]) AND `+seesView, args)
		if err == nil && int(n) != len(ids) {
			return models.Invalid("body.ids", "name each view once, and only those that you see")
		}
		return err
	})
	return asError(err, "view")
}

// ViewCountMost is up to how many conversations of a saved view are counted.
const ViewCountMost = 1000

// CountSavedViews counts what a viewer finds in each of the views, up to ViewCountMost.
func (s *Store) CountSavedViews(ctx context.Context, account models.AccountID, w Viewer, views []SavedViewRow) (map[models.SavedViewID]ViewCount, error) {
	at, err := s.sightOf(ctx, account, w)
	if err != nil {
		return nil, err
	}
	counts := make(map[models.SavedViewID]ViewCount, len(views))
	for i := range views {
		tree, err := views[i].Tree()
		if err != nil {
			return nil, err
		}
		f := ConversationFilter{Tree: []*models.Filter{tree}}
		where, args := conversationConditions(account, w, &f, s.Now())
		at.arguments(args)
		few, err := s.fewOf(ctx, &f, args)
		if err != nil {
			return nil, err
		}
		if few != nil {
			args["few"] = few
			where = append(where, `v.id = ANY(@few)`)
		}
		args["most"] = ViewCountMost
		var n ViewCount
		err = s.pool.QueryRow(ctx, `
			SELECT count(*), count(*) FILTER (WHERE c.unread)
			FROM (
				SELECT `+isUnread+` AS unread
				FROM conversations v
				WHERE `+strings.Join(append(where, at.condition(models.ViewAll)), " AND ")+`
				LIMIT @most
			) c`, pgx.QueryExecModeCacheDescribe, args).Scan(&n.Total, &n.Unread)
		if err != nil {
			return nil, asError(err, "conversation")
		}
		counts[views[i].ID] = n
	}
	return counts, nil
}
