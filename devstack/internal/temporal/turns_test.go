package temporal

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/worker"
	"go.temporal.io/sdk/workflow"
	"go.temporal.io/server/common/persistence"

	"github.com/perene/perene/devstack/internal/ports"
	"github.com/perene/perene/devstack/internal/postgres"
)

// serve runs a whole server on databases of its own, until the test ends.
func serve(t *testing.T, change func(*Options)) (client.Client, Options) {
	t.Helper()
	ownStore(t)
	name := fmt.Sprint("server_", shared.shard.Add(1))
	if err := postgres.EnsureDatabases(t.Context(), shared.url, name, name+"_visibility"); err != nil {
		t.Fatal(err)
	}
	free, err := ports.Free(3)
	if err != nil {
		t.Fatal(err)
	}
	opts := Options{
		DatabaseURL: shared.url, Database: name, VisibilityDatabase: name + "_visibility", Namespace: "perene",
		Port: free[0], WebPort: free[1], MetricsPort: free[2], Shards: 4, Partitions: 1, LogLevel: "fatal", recent: newRecent(),
	}
	change(&opts)
	ctx, cancel := context.WithCancel(context.Background())
	ready, ended := make(chan struct{}), make(chan error, 1)
	go func() { ended <- Run(ctx, opts, func() { close(ready) }) }()
	t.Cleanup(func() {
		cancel()
		if err := <-ended; err != nil {
			t.Errorf("the server ended with %v", err)
		}
	})
	select {
	case <-ready:
	case err := <-ended:
		ended <- err
		t.Fatal(err)
	}
	c, err := client.Dial(client.Options{HostPort: opts.address(), Namespace: opts.Namespace, Logger: quiet{}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	return c, opts
}

type quiet struct{}

func (quiet) Debug(string, ...any) {}
func (quiet) Info(string, ...any)  {}
func (quiet) Warn(string, ...any)  {}
func (quiet) Error(string, ...any) {}

// answers is a workflow that answers by update, as a flow run does: each answer does something in the worker and is its own turn.
func answers(ctx workflow.Context) error {
	done := 0
	if err := workflow.SetUpdateHandler(ctx, "answer", func(ctx workflow.Context, text string) (string, error) {
		ctx = workflow.WithLocalActivityOptions(ctx, workflow.LocalActivityOptions{StartToCloseTimeout: time.Minute})
		var said string
		err := workflow.ExecuteLocalActivity(ctx, echo, text).Get(ctx, &said)
		done++
		return said, err
	}); err != nil {
		return err
	}
	return workflow.Await(ctx, func() bool { return done < 0 })
}

func echo(_ context.Context, text string) (string, error) { return text, nil }

// begunTurns is a worker, and a run that waits for its first turn.
func begunTurns(t *testing.T, c client.Client) (turn func(text string)) {
	t.Helper()
	w := worker.New(c, "turns", worker.Options{})
	w.RegisterWorkflow(answers)
	if err := w.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(w.Stop)
	run, err := c.ExecuteWorkflow(t.Context(), client.StartWorkflowOptions{ID: "conversation/1", TaskQueue: "turns"}, answers)
	if err != nil {
		t.Fatal(err)
	}
	return func(text string) {
		t.Helper()
		handle, err := c.UpdateWorkflow(t.Context(), client.UpdateWorkflowOptions{
			WorkflowID: run.GetID(), RunID: run.GetRunID(), UpdateName: "answer", Args: []any{text}, WaitForStage: client.WorkflowUpdateStageCompleted,
		})
		var said string
		if err = errors.Join(err, get(t, handle, &said)); err != nil || said != text {
			t.Fatalf("a turn with %q answered %q, %v", text, said, err)
		}
	}
}

func get(t *testing.T, handle client.WorkflowUpdateHandle, said *string) error {
	t.Helper()
	if handle == nil {
		return nil
	}
	return handle.Get(t.Context(), said)
}

func TestTurnsReadNoHistoryFromTheTable(t *testing.T) {
	var mu sync.Mutex
	reads := map[string]map[bool]int{} // of each history; true are those from memory
	c, opts := serve(t, func(o *Options) {
		o.recent.heard = func(r *persistence.InternalReadHistoryBranchRequest, given bool) {
			mu.Lock()
			defer mu.Unlock()
			if reads[string(r.BranchToken)] == nil {
				reads[string(r.BranchToken)] = map[bool]int{}
			}
			reads[string(r.BranchToken)][given]++
		}
	})
	turn := begunTurns(t, c)
	turn("the first, behind the start of the run")
	turn("one")
	// Temporal has workflows of its own, too.
	mu.Lock()
	clear(reads)
	mu.Unlock()
	const turns = 20
	for i := range turns {
		turn(fmt.Sprint("turn ", i))
	}
	mu.Lock()
	defer mu.Unlock()
	var ours [][16]byte
	for branch, count := range reads {
		if count[true] == turns && count[false] == 0 {
			info, err := blobs.HistoryBranchFromBlob([]byte(branch))
			if err != nil {
				t.Fatal(err)
			}
			ids, _ := parse(info.GetTreeId())
			ours = append(ours, ids...)
		}
	}
	if len(ours) != 1 {
		t.Fatalf("%d turns were to read %d times from memory and never from the table; they read %v", turns, turns, reads)
	}
	for shard := range int32(opts.Shards) {
		if kept := opts.recent.find(tree{shard: shard + 1, id: ours[0]}); kept != nil {
			endsTheTable(t, opts, kept)
			return
		}
	}
	t.Error("the last turn is not remembered")
}

// endsTheTable looks whether the nodes that are remembered are the last ones in the table, and reach to where their run does.
func endsTheTable(t *testing.T, opts Options, kept *tail) {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), withDatabase(opts.DatabaseURL, opts.Database))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = conn.Close(context.Background()) }()
	queried, err := conn.Query(t.Context(), `SELECT n.node_id, -n.txn_id, e.next_event_id, n.data FROM history_node n
		JOIN executions e ON e.shard_id = n.shard_id AND e.run_id = $4
		WHERE n.shard_id = $1 AND n.tree_id = $2 AND n.branch_id = $3 AND n.node_id >= $5 ORDER BY n.node_id, n.txn_id`,
		kept.tree.shard, kept.tree.id[:], kept.branch[:], kept.run[:], kept.nodes[0].NodeID)
	if err != nil {
		t.Fatal(err)
	}
	rows, err := pgx.CollectRows(queried, pgx.RowToStructByPos[struct {
		Node, Transaction, Next int64
		Data                    []byte
	}])
	if err != nil || len(rows) != len(kept.nodes) {
		t.Fatalf("%d nodes are remembered, %d in the table: %v", len(kept.nodes), len(rows), err)
	}
	for i, row := range rows {
		n := kept.nodes[i]
		if row.Node != n.NodeID || row.Transaction != n.TransactionID || row.Next != kept.next || !bytes.Equal(row.Data, n.Events.GetData()) {
			t.Errorf("remembered is %+v, before event %d; in the table is %+v", n, kept.next, row)
		}
	}
}
