package temporal

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jmoiron/sqlx"
	"go.temporal.io/api/serviceerror"
	"go.temporal.io/server/common/config"
	"go.temporal.io/server/common/persistence"
)

// waiting returns when so many sessions wait for a lock, and gives their ids.
func waiting(t *testing.T, count int) []int {
	t.Helper()
	return sessions(t, "wait_event_type = 'Lock'", count)
}

func sessions(t *testing.T, which string, count int) []int {
	t.Helper()
	conn := open(t)
	defer func() { _ = conn.Close(context.Background()) }()
	tick := time.NewTicker(2 * time.Millisecond)
	defer tick.Stop()
	deadline := time.After(30 * time.Second)
	for {
		queried, err := conn.Query(t.Context(), "SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND "+which)
		if err != nil {
			t.Fatal(err)
		}
		found, err := pgx.CollectRows(queried, pgx.RowTo[int])
		if err != nil {
			t.Fatal(err)
		}
		if len(found) == count {
			return found
		}
		select {
		case <-tick.C:
		case <-deadline:
			t.Fatalf("%d sessions with %s, want %d", len(found), which, count)
		}
	}
}

// begun runs an update beside the test, which ends with what is sent.
func begun(ctx context.Context, store persistence.ExecutionStore, r *persistence.InternalUpdateWorkflowExecutionRequest) <-chan error {
	done := make(chan error, 1)
	go func() { done <- store.UpdateWorkflowExecution(ctx, r) }()
	return done
}

// hold keeps what a statement locks until the function it returns is called, which runs others before it commits.
func hold(t *testing.T, sql string, args ...any) (release func(sql ...string)) {
	t.Helper()
	conn := open(t)
	run := func(sql string, args ...any) {
		t.Helper()
		if _, err := conn.Exec(t.Context(), sql, args...); err != nil {
			t.Fatal(err)
		}
	}
	run("BEGIN")
	run(sql, args...)
	return func(more ...string) {
		t.Helper()
		for _, each := range append(more, "COMMIT") {
			run(each)
		}
	}
}

const (
	holdShard   = "SELECT FROM shards WHERE shard_id = $1 FOR UPDATE"
	holdPresent = "SELECT FROM current_executions WHERE shard_id = $1 FOR UPDATE"
	takeOver    = "UPDATE shards SET range_id = range_id + 1 WHERE shard_id = $1"
)

func unavailable(t *testing.T, err error) {
	t.Helper()
	var want *serviceerror.Unavailable
	if !errors.As(err, &want) {
		t.Errorf("got %T (%v), want Unavailable", err, err)
	}
}

// Nobody knows then whether it was written, so that a second try by another way might write over what came after it.
func TestAnUpdateWhoseEndIsUnknownIsTriedOnceOnly(t *testing.T) {
	shard := begin(t)
	before := rows(t, shard)
	store, request := withoutBase(t), update(t, shard, 2, running())

	ended, cancel := context.WithCancel(t.Context())
	cancel()
	unavailable(t, store.UpdateWorkflowExecution(ended, request))

	release := hold(t, holdShard, shard)
	impatient, cancel := context.WithCancel(t.Context())
	done := begun(impatient, store, request)
	pid := waiting(t, 1)[0]
	cancel()
	unavailable(t, <-done)
	execute(t, "SELECT pg_terminate_backend($1)", pid) // Postgres may not have heard of it yet
	waiting(t, 0)
	release()

	release = hold(t, holdShard, shard)
	done = begun(t.Context(), store, request)
	execute(t, "SELECT pg_terminate_backend($1)", waiting(t, 1)[0])
	unavailable(t, <-done)
	waiting(t, 0)
	release()
	same(t, "after three updates that did not come to their end", rows(t, shard), before)

	// Every connection of the pool is cut while nobody uses it.
	execute(t, "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()")
	sessions(t, "pid <> pg_backend_pid()", 0)
	// Those of the pool that look whole are found out by use, one each.
	err := store.UpdateWorkflowExecution(t.Context(), request)
	for range shared.store.pool.Load().Stats().MaxOpenConnections {
		if err == nil {
			break
		}
		unavailable(t, err)
		err = store.UpdateWorkflowExecution(t.Context(), request)
	}
	if err != nil {
		t.Errorf("with new connections: %v", err)
	}
	if slices.Equal(rows(t, shard), before) {
		t.Error("with new connections nothing was written")
	}

	closed, err := datastore(shared.url, "temporal", 1).Connect(&config.SQL{DatabaseName: "temporal"})
	if err != nil {
		t.Fatal(err)
	}
	_ = closed.Close()
	for name, pool := range map[string]*sqlx.DB{"a pool that is closed": closed, "no pool yet": nil} {
		lost := withoutBase(t)
		lost.pool = new(atomic.Pointer[sqlx.DB])
		lost.pool.Store(pool)
		before := rows(t, shard)
		unavailable(t, lost.UpdateWorkflowExecution(t.Context(), update(t, shard, 3, running())))
		same(t, name, rows(t, shard), before)
	}
}

func TestOfTwoUpdatesOfTheSameVersionOneWins(t *testing.T) {
	for _, theirs := range []persistence.ExecutionStore{ownStore(t), ownStore(t).ExecutionStore} {
		shard := begin(t)
		release := hold(t, holdPresent, shard)
		ours := begun(t.Context(), ownStore(t), update(t, shard, 2, running(), node(shard, 2, 100, 101, "one")))
		waiting(t, 1)
		other := begun(t.Context(), theirs, update(t, shard, 2, running(), node(shard, 2, 100, 102, "the other")))
		waiting(t, 2)
		release()
		errs := []error{<-ours, <-other}
		var refused *persistence.WorkflowConditionFailedError
		if wins := slices.IndexFunc(errs, func(err error) bool { return err == nil }); wins < 0 || !errors.As(errs[1-wins], &refused) || refused.DBRecordVersion != 2 {
			t.Errorf("the two ended with %v and %v", errs[0], errs[1])
		}
	}
	// Without anybody who orders them, too.
	for range 50 {
		shard := begin(t)
		var ends []<-chan error
		for i := range 4 {
			ends = append(ends, begun(t.Context(), ownStore(t), update(t, shard, 2, running(), node(shard, 2, 100, int64(101+i), "events"))))
		}
		won := 0
		for _, end := range ends {
			var refused *persistence.WorkflowConditionFailedError
			if err := <-end; err == nil {
				won++
			} else if !errors.As(err, &refused) {
				t.Errorf("one that lost got %T: %v", err, err)
			}
		}
		nodes := 0
		for _, row := range rows(t, shard) {
			if strings.HasPrefix(row, "history_node ") {
				nodes++
			}
		}
		if won != 1 || nodes != 2 {
			t.Errorf("%d of four won, and %d nodes are there; want one, and the two of the start and of the one that won", won, nodes)
		}
	}
}

func TestAnUpdateIsBeforeANewOwnerOfTheShardOrRefused(t *testing.T) {
	shard := begin(t)
	before := rows(t, shard)
	release := hold(t, takeOver, shard)
	done := begun(t.Context(), ownStore(t), update(t, shard, 2, running()))
	waiting(t, 1)
	release()
	var lost *persistence.ShardOwnershipLostError
	if err := <-done; !errors.As(err, &lost) || lost.ShardID != shard {
		t.Errorf("after the new owner: %v", err)
	}
	same(t, "after the new owner", rows(t, shard), before)

	// The other way about: an update that holds the shard keeps the new owner waiting until it has written.
	shard = begin(t)
	release = hold(t, holdPresent, shard)
	done = begun(t.Context(), withoutBase(t), update(t, shard, 2, running()))
	waiting(t, 1)
	taken := make(chan int64, 1)
	conn := open(t)
	go func() {
		defer close(taken)
		var version int64
		if _, err := conn.Exec(t.Context(), takeOver, shard); err != nil {
			t.Error(err)
		}
		if err := conn.QueryRow(t.Context(), "SELECT db_record_version FROM executions WHERE shard_id = $1", shard).Scan(&version); err != nil {
			t.Error(err)
		}
		taken <- version
	}()
	waiting(t, 2)
	release()
	if err := <-done; err != nil {
		t.Errorf("before the new owner: %v", err)
	}
	if version := <-taken; version != 2 {
		t.Errorf("the new owner saw version %d of a workflow that was written as version 2", version)
	}

	// The owner's own notes in the shard's row keep nobody from it.
	shard = begin(t)
	release = hold(t, "UPDATE shards SET data = 'notes' WHERE shard_id = $1", shard)
	done = begun(t.Context(), withoutBase(t), update(t, shard, 2, running()))
	waiting(t, 1)
	release()
	if err := <-done; err != nil {
		t.Errorf("after the owner's notes: %v", err)
	}
}

// The statement sees the version of one moment; what it waited for may have brought the one it expects.
func TestAnUpdateThatWaitedForTheVersionItExpectsIsWritten(t *testing.T) {
	shard := begin(t)
	release := hold(t, holdPresent, shard)
	done := begun(t.Context(), ownStore(t), update(t, shard, 3, running()))
	waiting(t, 1)
	release(fmt.Sprint("UPDATE executions SET db_record_version = 2 WHERE shard_id = ", shard))
	if err := <-done; err != nil {
		t.Error(err)
	}
	var version, nodes int64
	if err := open(t).QueryRow(t.Context(), `SELECT db_record_version, (SELECT count(*) FROM history_node WHERE shard_id = $1)
		FROM executions WHERE shard_id = $1`, shard).Scan(&version, &nodes); err != nil || version != 3 || nodes != 2 {
		t.Errorf("version %d with %d nodes, %v; want version 3 with those of the start and of the update", version, nodes, err)
	}
}
