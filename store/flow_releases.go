package store

import (
	"context"
	"encoding/json"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/perene/perene/contract"
	"github.com/perene/perene/models"
)

// Publication says what becomes a version of a flow that new runs start on.
type Publication struct {
	// Revision is that of the draft. With Again it does not matter.
	Revision int64
	// Again is the number of an earlier version whose graph is published again; 0 publishes the draft.
	Again int
	Note  string
	By    *models.UserID
	// Move asks that runs of other versions go on in this one, where they wait at a node that it has too.
	Move bool
}

// PublishFlow makes a graph an immutable version that new runs start on: the draft of a revision, or that of an earlier
// version. Publishing the graph that is published already gives that version again. The caller has linted this very graph.
// The doorbell is nil where no runs are to be moved. A *RevisionError when another draft is stored.
func (s *Store) PublishFlow(ctx context.Context, account models.AccountID, id models.FlowID, p Publication) (*models.FlowVersion, *contract.Doorbell, error) {
	var v *models.FlowVersion
	var bell *contract.Doorbell
	err := s.inTx(ctx, func(tx pgx.Tx) error {
		f, err := one[models.Flow](ctx, tx, "flow", `
			SELECT `+flowColumns+`, f.draft
			FROM flows f
			WHERE f.account_id = @account AND f.id = @id
			FOR UPDATE`,
			pgx.NamedArgs{"account": account, "id": id})
		if err != nil {
			return err
		}
		if p.Again == 0 && f.DraftRevision != p.Revision {
			return &RevisionError{Revision: f.DraftRevision}
		}
		if f.ArchivedAt != nil {
			return &models.Error{Code: models.CodeConflict, Key: "flow.archived", Message: "the flow is archived: restore it first"}
		}
		graph := f.Draft
		if p.Again != 0 {
			old, err := flowVersionIn(ctx, tx, account, id, p.Again)
			if err != nil {
				return err
			}
			graph = old.Graph
		}
		if v, err = s.versionOf(ctx, tx, f, graph, &p); err != nil {
			return err
		}
		if p.Move {
			if bell, err = s.moveRuns(ctx, tx, v, p.By); err != nil {
				return err
			}
		}
		return insertEvent(ctx, tx, account, models.EventFlowUpdated, nil, int64(id))
	})
	return v, bell, flowError(err)
}

// versionOf gives the version that has a graph: the published one, else a new one, which becomes the published one.
func (s *Store) versionOf(ctx context.Context, tx pgx.Tx, f *models.Flow, graph json.RawMessage, p *Publication) (*models.FlowVersion, error) {
	v, err := one[models.FlowVersion](ctx, tx, "flow_version", `
		SELECT `+flowVersionColumns+`
		FROM flow_versions v
		WHERE v.id = @published_version AND v.graph = @graph::jsonb`,
		pgx.NamedArgs{"published_version": f.PublishedVersionID, "graph": graph})
	if err == nil || !isNotFound(err) {
		return v, err
	}
	v, err = one[models.FlowVersion](ctx, tx, "flow_version", `
		INSERT INTO flow_versions AS v (account_id, flow_id, number, graph, note, published_by, created_at)
		SELECT @account, @flow, coalesce(max(number), 0) + 1, @graph, @note, @published_by, @now
		FROM flow_versions
		WHERE flow_id = @flow
		RETURNING `+flowVersionColumns,
		pgx.NamedArgs{
			"account": f.AccountID, "flow": f.ID, "graph": graph, "note": p.Note, "published_by": p.By, "now": s.Now(),
		})
	if err != nil {
		return nil, err
	}
	_, err = exec(ctx, tx, "flow", `
		UPDATE flows
		SET published_version_id = @published_version, updated_at = @now
		WHERE account_id = @account AND id = @id`,
		pgx.NamedArgs{"account": f.AccountID, "id": f.ID, "published_version": v.ID, "now": s.Now()})
	return v, err
}

// moveRuns asks that waiting runs go on in a version. An earlier move of the flow that still runs ends.
func (s *Store) moveRuns(ctx context.Context, tx pgx.Tx, v *models.FlowVersion, by *models.UserID) (*contract.Doorbell, error) {
	args := pgx.NamedArgs{"account": v.AccountID, "flow": v.FlowID, "version": v.ID, "by": by, "now": s.Now()}
	if _, err := exec(ctx, tx, "flow_move", `
		UPDATE flow_moves
		SET state = 'done', finished_at = @now
		WHERE account_id = @account AND flow_id = @flow AND state = 'running'`, args); err != nil {
		return nil, err
	}
	if _, err := exec(ctx, tx, "flow_move", `
		INSERT INTO flow_moves (account_id, flow_id, flow_version_id, asked_by, created_at)
		VALUES (@account, @flow, @version, @by, @now)`, args); err != nil {
		return nil, err
	}
	bell, err := insertDoorbell(ctx, tx, contract.FlowReleaseStart{AccountID: v.AccountID, FlowID: v.FlowID}.Doorbell())
	return &bell, err
}

// movesOfABatch is how many runs one transaction looks at.
const movesOfABatch = 200

// flowMove is a move of runs that is under way.
type flowMove struct {
	ID            int64
	FlowVersionID models.FlowVersionID
	Number        int
	AskedBy       *models.UserID
	LookedUpTo    models.FlowRunID
	MovedCount    int
	KeptCount     int
}

// FlowReleaseTurn does what is due for a flow in one transaction: it moves the next runs to the version that they shall go on
// in. A run stays where its node has gone, or is of another kind now. So does one that waits for another system.
func (s *Store) FlowReleaseTurn(ctx context.Context, start contract.FlowReleaseStart) (contract.FlowReleaseView, error) {
	var view contract.FlowReleaseView
	err := s.inTx(ctx, func(tx pgx.Tx) error {
		view = contract.FlowReleaseView{}
		m, err := one[flowMove](ctx, tx, "flow_move", `
			SELECT m.id, m.flow_version_id, v.number, m.asked_by, m.looked_up_to, m.moved_count, m.kept_count
			FROM flow_moves m
			JOIN flow_versions v ON v.id = m.flow_version_id AND v.account_id = m.account_id
			WHERE m.account_id = @account AND m.flow_id = @flow AND m.state = 'running'
			FOR UPDATE OF m`,
			pgx.NamedArgs{"account": start.AccountID, "flow": start.FlowID})
		if isNotFound(err) {
			return nil
		}
		if err != nil {
			return err
		}
		return s.moveBatch(ctx, tx, start, m, &view)
	})
	return view, asError(err, "flow_move")
}

// moveBatch moves the next runs and notes how far the move is. A step of a run waits for its row, and takes the version that
// it finds there.
func (s *Store) moveBatch(ctx context.Context, tx pgx.Tx, start contract.FlowReleaseStart, m *flowMove, view *contract.FlowReleaseView) error {
	var looked, moved int
	var last *models.FlowRunID
	err := tx.QueryRow(ctx, `
		WITH chosen AS (
			SELECT r.id, r.flow_version_id, btrim((r.state #> '{frames,0,node}')::text, '"') AS node
			FROM flow_runs r
			WHERE r.account_id = @account AND r.flow_id = @flow AND r.status = 'waiting'
				AND r.flow_version_id <> @version AND r.id > @after
			ORDER BY r.id
			LIMIT @limit
			FOR UPDATE
		), shared AS MATERIALIZED (
			SELECT o.id AS version, b.node ->> 'id' AS node
			FROM flow_versions o
			JOIN flow_versions n ON n.id = @version AND n.account_id = o.account_id
			CROSS JOIN LATERAL jsonb_array_elements(o.graph -> 'nodes') b(node)
			JOIN LATERAL jsonb_array_elements(n.graph -> 'nodes') a(node)
				ON a.node ->> 'id' = b.node ->> 'id' AND a.node ->> 'kind' = b.node ->> 'kind'
			WHERE o.account_id = @account AND o.id IN (SELECT flow_version_id FROM chosen)
		), moved AS (
			UPDATE flow_runs r
			SET flow_version_id = @version
			FROM chosen c
			WHERE r.account_id = @account AND r.id = c.id AND (c.flow_version_id, c.node) IN (SELECT version, node FROM shared)
			RETURNING r.id, r.conversation_id
		), told AS (
			INSERT INTO events (account_id, kind, conversation_id, entity_id)
			SELECT @account, @flow_run_updated, conversation_id, id
			FROM moved
		)
		SELECT (SELECT count(*) FROM chosen), (SELECT count(*) FROM moved), (SELECT max(id) FROM chosen)`,
		pgx.NamedArgs{
			"account": start.AccountID, "flow": start.FlowID, "version": m.FlowVersionID, "after": m.LookedUpTo,
			"limit": movesOfABatch, "flow_run_updated": models.EventFlowRunUpdated,
		}).Scan(&looked, &moved, &last)
	if err != nil {
		return err
	}
	view.Moved, view.Kept, view.More = m.MovedCount+moved, m.KeptCount+looked-moved, looked == movesOfABatch
	after, finished := m.LookedUpTo, (*time.Time)(nil)
	if last != nil {
		after = *last
	}
	now := s.Now()
	if !view.More {
		finished = &now
	}
	if _, err := exec(ctx, tx, "flow_move", `
		UPDATE flow_moves
		SET looked_up_to = @after, moved_count = @moved, kept_count = @kept, finished_at = @finished,
			state = CASE WHEN @finished::timestamptz IS NULL THEN 'running' ELSE 'done' END
		WHERE account_id = @account AND id = @id`,
		pgx.NamedArgs{"account": start.AccountID, "id": m.ID, "after": after, "moved": view.Moved, "kept": view.Kept, "finished": finished}); err != nil {
		return err
	}
	if view.More {
		return nil
	}
	if err := insertEvent(ctx, tx, start.AccountID, models.EventFlowUpdated, nil, int64(start.FlowID)); err != nil {
		return err
	}
	return insertAudit(ctx, tx, start.AccountID, AuditEntry{UserID: m.AskedBy, Action: "flow.runs_moved", Object: "flow/" + start.FlowID.String(),
		Data: map[string]any{"version": m.Number, "moved": view.Moved, "kept": view.Kept}}, now)
}
