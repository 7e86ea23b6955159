package temporal

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/stdlib"
	"github.com/jmoiron/sqlx"
	"go.temporal.io/api/serviceerror"
	"go.temporal.io/server/chasm"
	"go.temporal.io/server/common/config"
	"go.temporal.io/server/common/log"
	"go.temporal.io/server/common/metrics"
	"go.temporal.io/server/common/persistence"
	"go.temporal.io/server/common/persistence/serialization"
	"go.temporal.io/server/common/persistence/sql"
	"go.temporal.io/server/common/primitives"
	"go.temporal.io/server/common/resolver"
)

// stores is Temporal's own store on Postgres with two differences: what a turn of a conversation changes is written by one
// statement (ADR 50), and its events are remembered until the next turn reads them (ADR 52).
type stores struct {
	database config.SQL
	recent   *recent
}

// NewFactory makes the store of one of the services.
func (s stores) NewFactory(_ config.CustomDatastoreConfig, r resolver.ServiceResolver, cluster string, logger log.Logger,
	handler metrics.Handler, serializer serialization.Serializer,
) persistence.DataStoreFactory {
	var pool atomic.Pointer[sqlx.DB]
	database, connect := s.database, s.database.Connect
	// Temporal connects anew where it thinks that a pool is of no use any more.
	database.Connect = func(cfg *config.SQL) (*sqlx.DB, error) {
		db, err := connect(cfg)
		if err == nil {
			pool.Store(db)
		}
		return db, err
	}
	return &store{Factory: sql.NewFactory(database, r, cluster, logger, handler, serializer), pool: &pool, recent: s.recent}
}

type store struct {
	*sql.Factory
	pool   *atomic.Pointer[sqlx.DB]
	recent *recent
}

// NewExecutionStore returns the store of workflows and their histories.
func (s *store) NewExecutionStore() (persistence.ExecutionStore, error) {
	own, err := s.Factory.NewExecutionStore()
	if err != nil {
		return nil, err
	}
	return &executions{ExecutionStore: own, pool: s.pool, recent: s.recent}, nil
}

// executions writes plain updates of a workflow itself, remembers their events until the next turn, and leaves everything else to
// Temporal's own store.
type executions struct {
	persistence.ExecutionStore
	pool   *atomic.Pointer[sqlx.DB]
	recent *recent
}

// UpdateWorkflowExecution writes what Temporal's own store would write, under the same locks and conditions. Where a
// condition does not hold nothing is written, and Temporal's own store says what is wrong.
func (e *executions) UpdateWorkflowExecution(ctx context.Context, request *persistence.InternalUpdateWorkflowExecutionRequest) error {
	if plain(request) {
		ended := e.recent.write(request)
		done, err := e.update(ctx, request)
		ended(done)
		if done || err != nil {
			return err
		}
		if err := e.refusal(ctx, request); err != nil {
			return err
		}
	}
	return e.otherwise(ctx, request)
}

// noVersion is expected of a row by nobody, and no row has the version before it.
const noVersion = -1

// refusal asks Temporal's own store which condition of a plain request does not hold. It is asked without the events, which it
// would write before it looks, and for a version that no row has, so that it writes nothing. Nil where all hold by now:
// the statement looks at one moment, and waited since then for somebody who wrote what it expects.
func (e *executions) refusal(ctx context.Context, r *persistence.InternalUpdateWorkflowExecutionRequest) error {
	asked := *r
	asked.UpdateWorkflowNewEvents = nil
	asked.UpdateWorkflowMutation.DBRecordVersion = noVersion
	err := e.ExecutionStore.UpdateWorkflowExecution(ctx, &asked)
	var other *persistence.WorkflowConditionFailedError
	if !errors.As(err, &other) {
		return err
	}
	expected := r.UpdateWorkflowMutation.DBRecordVersion - 1
	if other.DBRecordVersion == expected {
		return nil
	}
	other.Msg = fmt.Sprintf("write a workflow: its DBRecordVersion is %d, expected %d", other.DBRecordVersion, expected)
	return other
}

// plain is whether a request adds events to one run and changes its row, and nothing else.
func plain(r *persistence.InternalUpdateWorkflowExecutionRequest) bool {
	m := &r.UpdateWorkflowMutation
	if r.Mode != persistence.UpdateWorkflowModeUpdateCurrent || r.ArchetypeID != chasm.WorkflowArchetypeID ||
		r.NewWorkflowSnapshot != nil || len(r.NewWorkflowNewEvents) > 0 || m.DBRecordVersion == 0 ||
		len(m.UpsertActivityInfos) > 0 || len(m.DeleteActivityInfos) > 0 || len(m.UpsertTimerInfos) > 0 || len(m.DeleteTimerInfos) > 0 ||
		len(m.UpsertChildExecutionInfos) > 0 || len(m.DeleteChildExecutionInfos) > 0 ||
		len(m.UpsertRequestCancelInfos) > 0 || len(m.DeleteRequestCancelInfos) > 0 ||
		len(m.UpsertSignalInfos) > 0 || len(m.DeleteSignalInfos) > 0 || len(m.UpsertChasmNodes) > 0 || len(m.DeleteChasmNodes) > 0 ||
		len(m.UpsertSignalRequestedIDs) > 0 || len(m.DeleteSignalRequestedIDs) > 0 || m.NewBufferedEvents != nil || m.ClearBufferedEvents {
		return false
	}
	for _, tasks := range m.Tasks {
		if len(tasks) > 0 {
			return false
		}
	}
	for _, events := range r.UpdateWorkflowNewEvents {
		if events.IsNewBranch || events.ShardID != r.ShardID ||
			events.BranchInfo.GetTreeId() != r.UpdateWorkflowNewEvents[0].BranchInfo.GetTreeId() ||
			events.BranchInfo.GetBranchId() != r.UpdateWorkflowNewEvents[0].BranchInfo.GetBranchId() {
			return false
		}
	}
	return len(r.UpdateWorkflowNewEvents) > 0
}

// updateQuery locks the shard against a new owner, the present run against another one, and the run's row, in the order of
// Temporal's own store, and writes only where all three are as the caller knows them. The row that says which run is the
// present one is written where it changes, which Temporal's own store does each time.
const updateQuery = `
WITH owned AS MATERIALIZED (
  SELECT 1 FROM shards WHERE shard_id = $1 AND range_id = $2 FOR SHARE
), present AS MATERIALIZED (
  SELECT 1 FROM current_executions c, owned
  WHERE c.shard_id = $1 AND c.namespace_id = $3 AND c.workflow_id = $4 AND c.run_id = $5 FOR UPDATE OF c
), changed AS (
  UPDATE executions e SET db_record_version = $6, next_event_id = $7, last_write_version = $8, data = $9, data_encoding = $10,
    state = $11, state_encoding = $12
  FROM present
  WHERE e.shard_id = $1 AND e.namespace_id = $3 AND e.workflow_id = $4 AND e.run_id = $5 AND e.db_record_version = $6 - 1
  RETURNING 1
), marked AS (
  UPDATE current_executions c SET create_request_id = $13, state = $14, status = $15, start_time = $16, last_write_version = $8,
    data = $11, data_encoding = $12
  FROM changed
  WHERE c.shard_id = $1 AND c.namespace_id = $3 AND c.workflow_id = $4 AND c.run_id = $5
    AND (c.create_request_id, c.state, c.status, c.start_time, c.last_write_version, c.data, c.data_encoding)
      IS DISTINCT FROM ($13, $14, $15, $16, $8, $11, $12)
), history AS (
  INSERT INTO history_node (shard_id, tree_id, branch_id, node_id, prev_txn_id, txn_id, data, data_encoding)
  SELECT $1, $17::bytea, $18::bytea, n.* FROM changed, unnest($19::bigint[], $20::bigint[], $21::bigint[], $22::bytea[], $23::text[]) AS n
  ON CONFLICT (shard_id, tree_id, branch_id, node_id, txn_id) DO UPDATE
  SET prev_txn_id = excluded.prev_txn_id, data = excluded.data, data_encoding = excluded.data_encoding
)
SELECT 1 FROM changed`

// update says whether a plain request was written. With an error nobody knows, as where a COMMIT is not answered.
func (e *executions) update(ctx context.Context, r *persistence.InternalUpdateWorkflowExecutionRequest) (bool, error) {
	m := &r.UpdateWorkflowMutation
	state := m.ExecutionState
	branch := r.UpdateWorkflowNewEvents[0].BranchInfo
	ids := make([]primitives.UUID, 0, 4)
	for _, text := range []string{m.NamespaceID, state.GetRunId(), branch.GetTreeId(), branch.GetBranchId()} {
		id, err := primitives.ParseUUID(text)
		if err != nil {
			return false, serviceerror.NewInternalf("write a workflow: %v", err)
		}
		ids = append(ids, id)
	}
	var started *time.Time
	if state.GetStartTime() != nil {
		at := state.GetStartTime().AsTime().Truncate(time.Microsecond) // in UTC, and as Postgres keeps it
		started = &at
	}
	count := len(r.UpdateWorkflowNewEvents)
	nodes, previous, transactions := make([]int64, count), make([]int64, count), make([]int64, count)
	events, encodings := make([][]byte, count), make([]string, count)
	for i, each := range r.UpdateWorkflowNewEvents {
		nodes[i], previous[i] = each.Node.NodeID, each.Node.PrevTransactionID
		transactions[i] = -each.Node.TransactionID // as in the column: the newest of a node comes first
		events[i], encodings[i] = each.Node.Events.GetData(), each.Node.Events.GetEncodingType().String()
	}
	written := false
	err := e.raw(ctx, func(conn *pgx.Conn) error {
		tag, err := conn.Exec(ctx, updateQuery, r.ShardID, r.RangeID, []byte(ids[0]), m.WorkflowID, []byte(ids[1]),
			m.DBRecordVersion, m.NextEventID, m.LastWriteVersion, m.ExecutionInfoBlob.GetData(), m.ExecutionInfoBlob.GetEncodingType().String(),
			m.ExecutionStateBlob.GetData(), m.ExecutionStateBlob.GetEncodingType().String(),
			state.GetCreateRequestId(), int32(state.GetState()), int32(state.GetStatus()), started,
			[]byte(ids[2]), []byte(ids[3]), nodes, previous, transactions, events, encodings)
		written = tag.RowsAffected() == 1
		return err
	})
	if err != nil {
		return false, serviceerror.NewUnavailablef("write a workflow: %v", err)
	}
	return written, nil
}

// raw lends a connection of Temporal's own pool.
func (e *executions) raw(ctx context.Context, use func(*pgx.Conn) error) error {
	pool := e.pool.Load()
	if pool == nil {
		return fmt.Errorf("there is no connection to Postgres yet")
	}
	conn, err := pool.Conn(ctx)
	if err != nil {
		return err
	}
	defer func() { _ = conn.Close() }()
	return conn.Raw(func(driver any) error {
		own, ok := driver.(*stdlib.Conn)
		if !ok {
			return fmt.Errorf("%T is no connection of pgx", driver)
		}
		return use(own.Conn())
	})
}
