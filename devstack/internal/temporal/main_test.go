package temporal

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	commonpb "go.temporal.io/api/common/v1"
	enumspb "go.temporal.io/api/enums/v1"
	enumsspb "go.temporal.io/server/api/enums/v1"
	persistencespb "go.temporal.io/server/api/persistence/v1"
	"go.temporal.io/server/chasm"
	"go.temporal.io/server/common/config"
	"go.temporal.io/server/common/log"
	"go.temporal.io/server/common/metrics"
	"go.temporal.io/server/common/persistence"
	"go.temporal.io/server/common/persistence/serialization"
	"go.temporal.io/server/common/resolver"
	v12 "go.temporal.io/server/schema/postgresql/v12"
	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/perene/perene/devstack/internal/ports"
	"github.com/perene/perene/devstack/internal/postgres"
	"github.com/perene/perene/devstack/internal/process"
)

// TestMain ends the Postgres that the first test which needs one has started.
func TestMain(m *testing.M) {
	code := m.Run()
	if shared.end != nil {
		shared.end()
	}
	os.Exit(code)
}

// shared is the one private Postgres of these tests, with Temporal's schema; each test takes shards of its own.
var shared struct {
	once  sync.Once
	url   string
	err   error
	end   func()
	store *executions
	shard atomic.Int32
}

func serveShared() error {
	dir, err := os.MkdirTemp("", "devstack-temporal-")
	if err != nil {
		return err
	}
	supervisor := process.New(nil, nil)
	shared.end = func() {
		ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
		defer cancel()
		supervisor.Shutdown(ctx)
		_ = os.RemoveAll(dir)
	}
	if err := os.Chmod(dir, 0o755); err != nil { // Postgres may run as another user
		return err
	}
	free, err := ports.Free(1)
	if err != nil {
		return err
	}
	ctx := context.Background()
	cluster, err := postgres.Open(ctx, postgres.Config{
		Data: dir, Port: free[0], Password: "correct horse", Fast: true, Cache: dir, Say: func(string) {},
	})
	if err != nil {
		return err
	}
	if err := supervisor.Start(ctx, cluster.Spec(filepath.Join(dir, "postgres.log"))); err != nil {
		return err
	}
	if err := postgres.EnsureDatabases(ctx, cluster.URL("postgres"), "temporal"); err != nil {
		return err
	}
	shared.url = cluster.URL("temporal")
	if err := setUpSchema(ctx, shared.url, "temporal", "postgresql/v12/temporal", v12.Version, log.NewNoopLogger()); err != nil {
		return err
	}
	factory := stores{database: *datastore(shared.url, "temporal", 10), recent: newRecent()}.NewFactory(config.CustomDatastoreConfig{},
		resolver.NewNoopResolver(), "active", log.NewNoopLogger(), metrics.NoopMetricsHandler, blobs)
	made, err := factory.NewExecutionStore()
	if err != nil {
		return err
	}
	shared.store = made.(*executions)
	return nil
}

var blobs = serialization.NewSerializer()

// ownStore is the store that is tested; its embedded one is Temporal's.
func ownStore(t *testing.T) *executions {
	t.Helper()
	if shared.once.Do(func() { shared.err = serveShared() }); shared.err != nil {
		t.Fatal(shared.err)
	}
	return shared.store
}

// withoutBase is the store with nobody to leave an update to.
func withoutBase(t *testing.T) *executions {
	t.Helper()
	own := ownStore(t)
	return &executions{ExecutionStore: nobody{ExecutionStore: own.ExecutionStore, t: t}, pool: own.pool, recent: own.recent}
}

type nobody struct {
	persistence.ExecutionStore
	t *testing.T
}

func (n nobody) UpdateWorkflowExecution(context.Context, *persistence.InternalUpdateWorkflowExecutionRequest) error {
	n.t.Error("the update was left to Temporal's own store")
	return errors.New("left to Temporal's own store")
}

// open is a connection beside the pool.
func open(t *testing.T) *pgx.Conn {
	t.Helper()
	ownStore(t)
	conn, err := pgx.Connect(t.Context(), shared.url)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close(context.Background()) })
	return conn
}

// execute runs a statement on a connection of its own.
func execute(t *testing.T, sql string, args ...any) {
	t.Helper()
	conn := open(t)
	defer func() { _ = conn.Close(context.Background()) }()
	if _, err := conn.Exec(t.Context(), sql, args...); err != nil {
		t.Fatal(err)
	}
}

const (
	namespaceID = "5a1c9d6e-3b1f-4a55-8f0e-0d6e4f1a2b3c"
	runID       = "0c3f6a52-6d6f-4a8e-9a53-3f2b6a1d7e90"
	otherRun    = "7b0d8f14-2c54-4f7e-bb02-6a8d0f4c9e11"
	treeID      = "c5d2f7b8-91a4-4c1c-8d37-2e5f60b1a974"
	branchID    = "e94b1d30-7f2a-4d0b-a6c8-5b3f9d1e0c42"
	workflowID  = "conversation/1"
	rangeID     = 7
)

func blob(text string) *commonpb.DataBlob {
	return &commonpb.DataBlob{EncodingType: enumspb.ENCODING_TYPE_PROTO3, Data: []byte(text)}
}

// running is the state of the run after its start.
func running() *persistencespb.WorkflowExecutionState {
	return &persistencespb.WorkflowExecutionState{
		CreateRequestId: "request 1", RunId: runID, FirstExecutionRunId: runID,
		State: enumsspb.WORKFLOW_EXECUTION_STATE_RUNNING, Status: enumspb.WORKFLOW_EXECUTION_STATUS_RUNNING,
		StartTime:  timestamppb.New(time.Date(2026, 3, 1, 12, 0, 0, 123_456_789, time.UTC)),
		RequestIds: map[string]*persistencespb.RequestIDInfo{"request 1": {EventId: 1}},
	}
}

func stateBlob(t *testing.T, state *persistencespb.WorkflowExecutionState) *commonpb.DataBlob {
	t.Helper()
	b, err := blobs.WorkflowExecutionStateToBlob(state)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func node(shard int32, id, previous, transaction int64, events string) *persistence.InternalAppendHistoryNodesRequest {
	return &persistence.InternalAppendHistoryNodesRequest{
		BranchInfo: &persistencespb.HistoryBranch{TreeId: treeID, BranchId: branchID}, ShardID: shard,
		Node: persistence.InternalHistoryNode{NodeID: id, PrevTransactionID: previous, TransactionID: transaction, Events: blob(events)},
	}
}

// begin makes a shard with one run, by Temporal's own store.
func begin(t *testing.T) int32 {
	t.Helper()
	own := ownStore(t)
	shard := shared.shard.Add(1)
	execute(t, "INSERT INTO shards (shard_id, range_id, data, data_encoding) VALUES ($1, $2, '', 'Proto3')", shard, rangeID)
	first := node(shard, 1, 0, 100, "started")
	first.IsNewBranch, first.TreeInfo = true, blob("tree")
	_, err := own.ExecutionStore.CreateWorkflowExecution(t.Context(), &persistence.InternalCreateWorkflowExecutionRequest{
		ShardID: shard, RangeID: rangeID, Mode: persistence.CreateWorkflowModeBrandNew, ArchetypeID: chasm.WorkflowArchetypeID,
		NewWorkflowSnapshot: persistence.InternalWorkflowSnapshot{
			NamespaceID: namespaceID, WorkflowID: workflowID, RunID: runID, ExecutionInfo: &persistencespb.WorkflowExecutionInfo{},
			ExecutionInfoBlob: blob("info 1"), ExecutionState: running(), ExecutionStateBlob: stateBlob(t, running()),
			LastWriteVersion: 1, NextEventID: 2, DBRecordVersion: 1,
		},
		NewWorkflowNewEvents: []*persistence.InternalAppendHistoryNodesRequest{first},
	})
	if err != nil {
		t.Fatal(err)
	}
	return shard
}

// update is a plain request that makes the given version out of the one before.
func update(t *testing.T, shard int32, version int64, state *persistencespb.WorkflowExecutionState,
	events ...*persistence.InternalAppendHistoryNodesRequest,
) *persistence.InternalUpdateWorkflowExecutionRequest {
	t.Helper()
	if len(events) == 0 {
		events = append(events, node(shard, version, 100+version-2, 100+version-1, fmt.Sprint("events ", version)))
	}
	return &persistence.InternalUpdateWorkflowExecutionRequest{
		ShardID: shard, RangeID: rangeID, Mode: persistence.UpdateWorkflowModeUpdateCurrent, ArchetypeID: chasm.WorkflowArchetypeID,
		UpdateWorkflowMutation: persistence.InternalWorkflowMutation{
			NamespaceID: namespaceID, WorkflowID: workflowID, RunID: runID, ExecutionInfo: &persistencespb.WorkflowExecutionInfo{},
			ExecutionInfoBlob: blob(fmt.Sprint("info ", version)), ExecutionState: state, ExecutionStateBlob: stateBlob(t, state),
			NextEventID: version + 1, LastWriteVersion: 1, DBRecordVersion: version, Condition: version,
		},
		UpdateWorkflowNewEvents: events,
	}
}

// rows are all rows of a shard, in whichever table, without the shard's number and row.
func rows(t *testing.T, shard int32) []string {
	t.Helper()
	conn := open(t)
	defer func() { _ = conn.Close(context.Background()) }()
	queried, err := conn.Query(t.Context(), `SELECT format('SELECT %L || (to_jsonb(r) - ''shard_id'')::text FROM %I r WHERE shard_id = $1', table_name || ' ', table_name)
		FROM information_schema.columns WHERE table_schema = 'public' AND column_name = 'shard_id' AND table_name <> 'shards'`)
	if err != nil {
		t.Fatal(err)
	}
	tables, err := pgx.CollectRows(queried, pgx.RowTo[string])
	if err != nil || len(tables) < 10 {
		t.Fatalf("%d tables have shards: %v", len(tables), err)
	}
	queried, err = conn.Query(t.Context(), strings.Join(tables, " UNION ALL ")+" ORDER BY 1", shard)
	if err != nil {
		t.Fatal(err)
	}
	all, err := pgx.CollectRows(queried, pgx.RowTo[string])
	if err != nil {
		t.Fatal(err)
	}
	return all
}

func same(t *testing.T, what string, got, want []string) {
	t.Helper()
	if !slices.Equal(got, want) {
		t.Errorf("%s:\n%s\nwant:\n%s", what, strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}
