package store

import (
	"context"
	"encoding/json"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/perene/perene/models"
)

// FlowRunView is a run with the names a list shows. State and Graph are nil in lists.
type FlowRunView struct {
	models.FlowRun
	FlowName           string
	Version            int
	ConversationNumber int64
	ContactName        string
	ContactPhone       *string
	ContactBlocked     bool
	NodeName           string
	Graph              json.RawMessage
}

// nodeName is a subselect of the name of the node that run r is at, in its version's graph.
const nodeName = `coalesce((SELECT n->>'name' FROM jsonb_array_elements(w.graph->'nodes') n WHERE n->>'id' = r.node LIMIT 1), '') AS node_name`

const flowRunViewColumns = `r.id, r.account_id, r.flow_id, r.flow_version_id, r.conversation_id, r.contact_id, r.connection_id, r.trigger, r.status, r.step,
	r.node, r.wait_kind, r.wait_since, r.wait_until, r.outcome, r.end_reason, r.started_at, r.ended_at,
	f.name AS flow_name, w.number AS version, v.number AS conversation_number, k.name AS contact_name, k.phone AS contact_phone,
	k.blocked_at IS NOT NULL AS contact_blocked, ` + nodeName

const flowRunViewFrom = ` FROM flow_runs r JOIN flows f ON f.id = r.flow_id AND f.account_id = r.account_id JOIN flow_versions w ON w.id = r.flow_version_id AND w.account_id = r.account_id
	JOIN conversations v ON v.id = r.conversation_id AND v.account_id = r.account_id JOIN contacts k ON k.id = v.contact_id AND k.account_id = v.account_id `

// FlowRunFilter narrows a list of runs.
type FlowRunFilter struct {
	Status         string // waiting, calling, ended, or active for the first two
	WaitKind       string
	FlowID         models.FlowID
	ConversationID models.ConversationID
	Node           string
	WaitedFor      time.Duration    // only runs that have waited where they are for at least that long
	Before         models.FlowRunID // 0: from the newest
	Limit          int
}

// FlowRuns lists runs, newest first.
func (s *Store) FlowRuns(ctx context.Context, account models.AccountID, w Viewer, f FlowRunFilter) ([]FlowRunView, error) {
	where := []string{`r.account_id = @account`, visible}
	add := func(on bool, sql string) {
		if on {
			where = append(where, sql)
		}
	}
	add(f.Status == "active", `r.status <> 'ended'`)
	add(f.Status != "" && f.Status != "active", `r.status = @status`)
	add(f.WaitKind != "", `r.wait_kind = @wait_kind`)
	add(f.FlowID != 0, `r.flow_id = @flow`)
	add(f.ConversationID != 0, `r.conversation_id = @conversation`)
	add(f.Node != "", `r.node = @node`)
	add(f.WaitedFor > 0, `r.status <> 'ended' AND r.wait_since <= @waits_since`)
	add(f.Before != 0, `r.id < @before`)
	return list[FlowRunView](ctx, s.pool, "flow_run", `SELECT `+flowRunViewColumns+flowRunViewFrom+`WHERE `+strings.Join(where, " AND ")+` ORDER BY r.id DESC LIMIT @limit`,
		w.args(account, pgx.NamedArgs{"status": f.Status, "wait_kind": f.WaitKind, "flow": f.FlowID, "conversation": f.ConversationID, "node": f.Node,
			"waits_since": s.Now().Add(-f.WaitedFor), "before": f.Before, "limit": f.Limit}))
}

// FlowRun reads one run with its state and its version's graph.
func (s *Store) FlowRun(ctx context.Context, account models.AccountID, w Viewer, id models.FlowRunID) (*FlowRunView, error) {
	return one[FlowRunView](ctx, s.pool, "flow_run", `SELECT `+flowRunViewColumns+`, r.state, w.graph AS graph`+flowRunViewFrom+`WHERE r.account_id = @account AND r.id = @id AND `+visible,
		w.args(account, pgx.NamedArgs{"id": id}))
}

// FlowRunCommand is what an operator asked of a run.
type FlowRunCommand struct {
	ID        int64
	Kind      string
	TakenStep *int64
	Refused   *string
	CreatedAt time.Time
}

// FlowRunCommands lists what operators asked of a run, newest first, at most 50.
func (s *Store) FlowRunCommands(ctx context.Context, account models.AccountID, id models.FlowRunID) ([]FlowRunCommand, error) {
	return list[FlowRunCommand](ctx, s.pool, "flow_run", `
		SELECT id, kind, taken_step, refused, created_at
		FROM flow_run_events
		WHERE account_id = @account AND flow_run_id = @flow_run AND kind IN ('move_to', 'set_variable', 'stop')
		ORDER BY id DESC
		LIMIT 50`,
		pgx.NamedArgs{"account": account, "flow_run": id})
}
