package store

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/perene/perene/models"
)

const flowColumns = `f.id, f.account_id, f.name, f.category, f.draft_revision, f.published_version_id, f.archived_at, f.created_at, f.updated_at`

// FlowView is a flow with its published version. Draft is nil in lists.
type FlowView struct {
	models.Flow
	Published  *FlowReleaseView
	Changed    bool // the draft is newer than the published version
	ActiveRuns int64
}

// FlowReleaseView is a version without its graph.
type FlowReleaseView struct {
	ID            models.FlowVersionID `json:"id"`
	Number        int                  `json:"number"`
	Note          string               `json:"note"`
	PublishedBy   *models.UserID       `json:"published_by"`
	PublisherName *string              `json:"publisher_name"`
	CreatedAt     time.Time            `json:"created_at"`
	ActiveRuns    int64                `json:"active_runs"`
}

const flowViewColumns = flowColumns + `,
	(SELECT count(*) FROM flow_runs r WHERE r.flow_id = f.id AND r.status <> 'ended') AS active_runs,
	(SELECT jsonb_build_object('id', w.id, 'number', w.number, 'note', w.note, 'published_by', w.published_by, 'publisher_name', u.name, 'created_at', w.created_at,
		'active_runs', (SELECT count(*) FROM flow_runs r WHERE r.flow_version_id = w.id AND r.status <> 'ended'))
		FROM flow_versions w LEFT JOIN users u ON u.id = w.published_by AND u.account_id = w.account_id WHERE w.id = f.published_version_id) AS published,
	coalesce((SELECT w.graph IS DISTINCT FROM f.draft FROM flow_versions w WHERE w.id = f.published_version_id), true) AS changed`

// FlowFilter narrows a list of flows.
type FlowFilter struct {
	Category string
	Archived bool
	After    models.FlowID
	Limit    int
}

// Flows lists flows by id, without drafts.
func (s *Store) Flows(ctx context.Context, account models.AccountID, f FlowFilter) ([]FlowView, error) {
	return list[FlowView](ctx, s.pool, "flow", `
		SELECT `+flowViewColumns+`
		FROM flows f
		WHERE f.account_id = @account AND (f.archived_at IS NOT NULL) = @archived
			AND (@category = '' OR f.category = @category) AND f.id > @after
		ORDER BY f.id
		LIMIT @limit`,
		pgx.NamedArgs{
			"account": account, "archived": f.Archived, "category": f.Category, "after": f.After,
			"limit": f.Limit,
		})
}

// Flow reads a flow with its draft.
func (s *Store) Flow(ctx context.Context, account models.AccountID, id models.FlowID) (*FlowView, error) {
	return one[FlowView](ctx, s.pool, "flow", `
		SELECT `+flowViewColumns+`, f.draft
		FROM flows f
		WHERE f.account_id = @account AND f.id = @id`,
		pgx.NamedArgs{"account": account, "id": id})
}

// FlowByName reads a flow by the name people gave it.
func (s *Store) FlowByName(ctx context.Context, account models.AccountID, name string) (*FlowView, error) {
	return one[FlowView](ctx, s.pool, "flow", `
		SELECT `+flowViewColumns+`, f.draft
		FROM flows f
		WHERE f.account_id = @account AND f.name = @name`,
		pgx.NamedArgs{"account": account, "name": name})
}

// CreateFlow stores a new flow with its first draft.
func (s *Store) CreateFlow(ctx context.Context, account models.AccountID, name, category string, draft json.RawMessage) (models.FlowID, error) {
	var id models.FlowID
	err := s.inTx(ctx, func(tx pgx.Tx) error {
		if err := tx.QueryRow(ctx, `
			INSERT INTO flows (account_id, name, category, draft, created_at, updated_at)
			VALUES (@account, @name, @category, @draft, @now, @now)
			RETURNING id`,
			pgx.NamedArgs{
				"account": account, "name": name, "category": category, "draft": draft, "now": s.Now(),
			}).Scan(&id); err != nil {
			return err
		}
		return insertEvent(ctx, tx, account, models.EventFlowUpdated, nil, int64(id))
	})
	return id, asError(err, "flow")
}

// UpdateFlow renames a flow or changes its category; nil stays.
func (s *Store) UpdateFlow(ctx context.Context, account models.AccountID, id models.FlowID, name, category *string) error {
	return s.changeFlow(ctx, account, id, `name = coalesce(@name, name), category = coalesce(@category, category)`,
		pgx.NamedArgs{"name": name, "category": category})
}

// ArchiveFlow takes a flow out of use, or back: no new runs start; those under way go on.
func (s *Store) ArchiveFlow(ctx context.Context, account models.AccountID, id models.FlowID, archived bool) error {
	return s.changeFlow(ctx, account, id, `archived_at = CASE WHEN @archived THEN coalesce(archived_at, @now) END`,
		pgx.NamedArgs{"archived": archived})
}

func (s *Store) changeFlow(ctx context.Context, account models.AccountID, id models.FlowID, set string, args pgx.NamedArgs) error {
	args["account"], args["id"], args["now"] = account, id, s.Now()
	err := s.inTx(ctx, func(tx pgx.Tx) error {
		n, err := exec(ctx, tx, "flow", `
			UPDATE flows
			SET `+set+`, updated_at = @now
			WHERE account_id = @account AND id = @id`, args)
		if err != nil {
			return err
		}
		if n == 0 {
			return models.NotFound("flow")
		}
		return insertEvent(ctx, tx, account, models.EventFlowUpdated, nil, int64(id))
	})
	return asError(err, "flow")
}

// RevisionError says that a draft was saved by somebody else meanwhile.
type RevisionError struct {
	Revision int64 // the one that is stored now
}

// Error implements error.
func (e *RevisionError) Error() string {
	return fmt.Sprintf("the draft was changed meanwhile: revision %d is stored now", e.Revision)
}

// SaveDraft stores a draft over the revision it was made from and gives the new one; a *RevisionError when another revision
// is stored, the unchanged revision when the draft is the same.
func (s *Store) SaveDraft(ctx context.Context, account models.AccountID, id models.FlowID, draft json.RawMessage, revision int64) (int64, error) {
	var now int64
	err := s.inTx(ctx, func(tx pgx.Tx) error {
		var same bool
		if err := tx.QueryRow(ctx, `
			SELECT draft_revision, draft = @draft::jsonb
			FROM flows
			WHERE account_id = @account AND id = @id
			FOR UPDATE`,
			pgx.NamedArgs{"account": account, "id": id, "draft": draft}).Scan(&now, &same); err != nil {
			return err
		}
		if now != revision {
			return &RevisionError{Revision: now}
		}
		if same {
			return nil
		}
		now++
		if _, err := tx.Exec(ctx, `
			UPDATE flows
			SET draft = @draft, draft_revision = @now, updated_at = @updated_at
			WHERE id = @id`,
			pgx.NamedArgs{"id": id, "draft": draft, "now": now, "updated_at": s.Now()}); err != nil {
			return err
		}
		return insertEvent(ctx, tx, account, models.EventFlowUpdated, nil, int64(id))
	})
	return now, flowError(err)
}

// flowError keeps a *RevisionError as it is.
func flowError(err error) error {
	var r *RevisionError
	if errors.As(err, &r) {
		return r
	}
	return asError(err, "flow")
}

const flowVersionColumns = `v.id, v.account_id, v.flow_id, v.number, v.graph, v.note, v.published_by, v.created_at`

// FlowVersionView is a version with who published it, and how far the latest move of runs to it is; nil without one.
type FlowVersionView struct {
	models.FlowVersion
	PublisherName *string
	ActiveRuns    int64
	MoveState     *string
	MovedCount    *int
	KeptCount     *int
}

// lastMove joins the latest move of runs to version v.
const lastMove = `
		LEFT JOIN LATERAL (
			SELECT state AS move_state, moved_count, kept_count
			FROM flow_moves
			WHERE flow_version_id = v.id
			ORDER BY id DESC
			LIMIT 1
		) m ON true`

// FlowVersions lists a flow's versions, newest first, before the given number (0: from the newest), without graphs.
func (s *Store) FlowVersions(ctx context.Context, account models.AccountID, id models.FlowID, before, limit int) ([]FlowVersionView, error) {
	out, err := list[FlowVersionView](ctx, s.pool, "flow_version", `
		SELECT v.id, v.account_id, v.flow_id, v.number, v.note, v.published_by, v.created_at,
			u.name AS publisher_name, m.move_state, m.moved_count, m.kept_count,
			(SELECT count(*) FROM flow_runs r WHERE r.flow_version_id = v.id AND r.status <> 'ended') AS active_runs
		FROM flow_versions v
		LEFT JOIN users u ON u.id = v.published_by AND u.account_id = v.account_id`+lastMove+`
		WHERE v.account_id = @account AND v.flow_id = @flow AND (@before::bigint = 0 OR v.number < @before)
		ORDER BY v.number DESC
		LIMIT @limit`,
		pgx.NamedArgs{"account": account, "flow": id, "before": before, "limit": limit})
	if err == nil && len(out) == 0 {
		_, err = one[models.Flow](ctx, s.pool, "flow", `SELECT id FROM flows WHERE account_id = @account AND id = @id`,
			pgx.NamedArgs{"account": account, "id": id})
	}
	return out, err
}

// FlowVersion reads one version with its graph by the number people know.
func (s *Store) FlowVersion(ctx context.Context, account models.AccountID, id models.FlowID, number int) (*FlowVersionView, error) {
	return flowVersionIn(ctx, s.pool, account, id, number)
}

func flowVersionIn(ctx context.Context, q querier, account models.AccountID, id models.FlowID, number int) (*FlowVersionView, error) {
	return one[FlowVersionView](ctx, q, "flow_version", `
		SELECT `+flowVersionColumns+`, u.name AS publisher_name, m.move_state, m.moved_count, m.kept_count,
			(SELECT count(*) FROM flow_runs r WHERE r.flow_version_id = v.id AND r.status <> 'ended') AS active_runs
		FROM flow_versions v
		LEFT JOIN users u ON u.id = v.published_by AND u.account_id = v.account_id`+lastMove+`
		WHERE v.account_id = @account AND v.flow_id = @flow AND v.number = @number::bigint`,
		pgx.NamedArgs{"account": account, "flow": id, "number": number})
}
