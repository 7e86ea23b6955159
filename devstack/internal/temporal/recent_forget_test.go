package temporal

import (
	"context"
	"errors"
	"reflect"
	"slices"
	"testing"

	persistencespb "go.temporal.io/server/api/persistence/v1"
	"go.temporal.io/server/common/persistence"
	"go.temporal.io/server/common/primitives"
)

// known is whether the events of a plain request could be read from memory.
func known(r *recent, request *persistence.InternalUpdateWorkflowExecutionRequest) bool {
	first := request.UpdateWorkflowNewEvents[0]
	return r.read(&persistence.InternalReadHistoryBranchRequest{
		ShardID: request.ShardID, BranchID: first.BranchInfo.GetBranchId(), PageSize: 256,
		MinNodeID: first.Node.NodeID, MaxNodeID: request.UpdateWorkflowMutation.NextEventID,
	}, first.BranchInfo.GetTreeId()) != nil
}

// elsewhere is a plain request of another run, with a history of its own.
func elsewhere(t *testing.T, shard int32) *persistence.InternalUpdateWorkflowExecutionRequest {
	t.Helper()
	state := running()
	state.RunId = primitives.NewUUID().String()
	events := node(shard, 2, 100, 101, "events")
	events.BranchInfo = &persistencespb.HistoryBranch{TreeId: primitives.NewUUID().String(), BranchId: primitives.NewUUID().String()}
	return update(t, shard, 2, state, events)
}

// others answers the calls that the statement does not; during runs meanwhile.
type others struct {
	persistence.ExecutionStore
	during func() error
}

func (o others) CreateWorkflowExecution(context.Context, *persistence.InternalCreateWorkflowExecutionRequest) (*persistence.InternalCreateWorkflowExecutionResponse, error) {
	return nil, o.during()
}
func (o others) UpdateWorkflowExecution(context.Context, *persistence.InternalUpdateWorkflowExecutionRequest) error {
	return o.during()
}
func (o others) ConflictResolveWorkflowExecution(context.Context, *persistence.InternalConflictResolveWorkflowExecutionRequest) error {
	return o.during()
}
func (o others) SetWorkflowExecution(context.Context, *persistence.InternalSetWorkflowExecutionRequest) error {
	return o.during()
}
func (o others) DeleteWorkflowExecution(context.Context, *persistence.DeleteWorkflowExecutionRequest) error {
	return o.during()
}
func (o others) DeleteCurrentWorkflowExecution(context.Context, *persistence.DeleteCurrentWorkflowExecutionRequest) error {
	return o.during()
}
func (o others) AppendHistoryNodes(context.Context, *persistence.InternalAppendHistoryNodesRequest) error {
	return o.during()
}
func (o others) DeleteHistoryNodes(context.Context, *persistence.InternalDeleteHistoryNodesRequest) error {
	return o.during()
}
func (o others) ForkHistoryBranch(context.Context, *persistence.InternalForkHistoryBranchRequest) error {
	return o.during()
}
func (o others) DeleteHistoryBranch(context.Context, *persistence.InternalDeleteHistoryBranchRequest) error {
	return o.during()
}

// foreign are all calls that may write a history beside the statement, for the run and branch of main_test.go in a shard.
func foreign(t *testing.T, shard int32) map[string]func(persistence.ExecutionStore) error {
	t.Helper()
	branch := &persistencespb.HistoryBranch{TreeId: treeID, BranchId: branchID}
	otherBranch := &persistencespb.HistoryBranch{TreeId: treeID, BranchId: otherRun}
	ctx := t.Context()
	return map[string]func(persistence.ExecutionStore) error{
		"CreateWorkflowExecution": func(s persistence.ExecutionStore) error {
			_, err := s.CreateWorkflowExecution(ctx, &persistence.InternalCreateWorkflowExecutionRequest{
				ShardID: shard, NewWorkflowNewEvents: []*persistence.InternalAppendHistoryNodesRequest{node(shard, 3, 101, 102, "more")},
			})
			return err
		},
		"UpdateWorkflowExecution": func(s persistence.ExecutionStore) error {
			r := update(t, shard, 3, running())
			r.UpdateWorkflowMutation.ClearBufferedEvents = true
			return s.UpdateWorkflowExecution(ctx, r)
		},
		"UpdateWorkflowExecution, of the next run": func(s persistence.ExecutionStore) error {
			r := elsewhere(t, shard)
			r.NewWorkflowNewEvents = []*persistence.InternalAppendHistoryNodesRequest{node(shard, 3, 101, 102, "more")}
			return s.UpdateWorkflowExecution(ctx, r)
		},
		"ConflictResolveWorkflowExecution": func(s persistence.ExecutionStore) error {
			return s.ConflictResolveWorkflowExecution(ctx, &persistence.InternalConflictResolveWorkflowExecutionRequest{ShardID: shard})
		},
		"SetWorkflowExecution": func(s persistence.ExecutionStore) error {
			return s.SetWorkflowExecution(ctx, &persistence.InternalSetWorkflowExecutionRequest{
				ShardID: shard, SetWorkflowSnapshot: persistence.InternalWorkflowSnapshot{RunID: runID},
			})
		},
		"DeleteWorkflowExecution": func(s persistence.ExecutionStore) error {
			return s.DeleteWorkflowExecution(ctx, &persistence.DeleteWorkflowExecutionRequest{ShardID: shard, RunID: runID})
		},
		"DeleteWorkflowExecution, of a run without a name": func(s persistence.ExecutionStore) error {
			return s.DeleteWorkflowExecution(ctx, &persistence.DeleteWorkflowExecutionRequest{ShardID: shard})
		},
		"DeleteCurrentWorkflowExecution": func(s persistence.ExecutionStore) error {
			return s.DeleteCurrentWorkflowExecution(ctx, &persistence.DeleteCurrentWorkflowExecutionRequest{ShardID: shard, RunID: runID})
		},
		"AppendHistoryNodes": func(s persistence.ExecutionStore) error {
			return s.AppendHistoryNodes(ctx, node(shard, 3, 101, 102, "more"))
		},
		"AppendHistoryNodes, to a history without a name": func(s persistence.ExecutionStore) error {
			r := node(shard, 3, 101, 102, "more")
			r.BranchInfo = &persistencespb.HistoryBranch{TreeId: "this one"}
			return s.AppendHistoryNodes(ctx, r)
		},
		"DeleteHistoryNodes": func(s persistence.ExecutionStore) error {
			return s.DeleteHistoryNodes(ctx, &persistence.InternalDeleteHistoryNodesRequest{ShardID: shard, BranchInfo: branch, NodeID: 2, TransactionID: 101})
		},
		"ForkHistoryBranch": func(s persistence.ExecutionStore) error {
			return s.ForkHistoryBranch(ctx, &persistence.InternalForkHistoryBranchRequest{ShardID: shard, ForkBranchInfo: branch, NewBranchID: otherRun})
		},
		"DeleteHistoryBranch": func(s persistence.ExecutionStore) error {
			return s.DeleteHistoryBranch(ctx, &persistence.InternalDeleteHistoryBranchRequest{
				ShardID: shard, BranchInfo: otherBranch,
				BranchRanges: []persistence.InternalDeleteHistoryBranchRange{{BranchId: branchID, BeginNodeId: 1}},
			})
		},
	}
}

func TestWhateverElseMayWriteAHistoryForgetsIt(t *testing.T) {
	t.Parallel()
	failed := errors.New("nobody knows")
	for name, call := range foreign(t, 1) {
		for _, result := range []error{nil, failed} {
			r := newRecent()
			mine, other := update(t, 1, 2, running()), elsewhere(t, 2)
			r.write(mine)(true)
			r.write(other)(true)
			late := r.write(mine)
			r.write(mine)(true)
			if !known(r, mine) || !known(r, other) {
				t.Fatal("what was written is not known")
			}
			var under func(bool)
			store := &executions{recent: r, ExecutionStore: others{during: func() error {
				if known(r, mine) {
					t.Errorf("%s: known while it writes", name)
				}
				r.write(mine)(true)
				under = r.write(update(t, 1, 2, running()))
				return result
			}}}
			if err := call(store); !errors.Is(err, result) {
				t.Errorf("%s: %v", name, err)
			}
			under(true)
			late(true)
			if known(r, mine) {
				t.Errorf("%s: known after it, with %v", name, result)
			}
			if forgotten := !known(r, other); forgotten != (name == "AppendHistoryNodes, to a history without a name") {
				t.Errorf("%s: forgot another shard's history: %t", name, forgotten)
			}
		}
	}
}

// A call that a later Temporal adds is looked at by nobody: until somebody has decided whether it may write a history, and either
// let it forget it or named it here, this test fails.
func TestEachCallOfTheStoreIsKnownToWriteAHistoryOrNot(t *testing.T) {
	t.Parallel()
	writesNone := []string{
		"Close", "GetName", "GetHistoryBranchUtil", "GetCurrentExecution", "GetWorkflowExecution", "ListConcreteExecutions",
		"AddHistoryTasks", "GetHistoryTasks", "CompleteHistoryTask", "RangeCompleteHistoryTasks", "PutReplicationTaskToDLQ",
		"GetReplicationTasksFromDLQ", "DeleteReplicationTaskFromDLQ", "RangeDeleteReplicationTaskFromDLQ", "IsReplicationDLQEmpty",
		"ReadHistoryBranch", "GetHistoryTreeContainingBranch", "GetAllHistoryTreeBranches",
	}
	tested := foreign(t, 1)
	for m := range reflect.TypeFor[persistence.ExecutionStore]().Methods() {
		if _, writes := tested[m.Name]; writes == slices.Contains(writesNone, m.Name) {
			t.Errorf("%s has to be either among the calls that forget or among those that write no history", m.Name)
		}
	}
}

func TestAnotherOwnerForgetsTheShard(t *testing.T) {
	t.Parallel()
	r := newRecent()
	one, two, elsewhereShard := elsewhere(t, 1), elsewhere(t, 1), elsewhere(t, 2)
	for _, each := range []*persistence.InternalUpdateWorkflowExecutionRequest{one, two, elsewhereShard} {
		r.write(each)(true)
	}
	late := elsewhere(t, 1)
	ended := r.write(late)
	two.RangeID++
	r.write(two)(true)
	ended(true)
	if known(r, one) || known(r, late) || !known(r, two) || !known(r, elsewhereShard) {
		t.Errorf("known: of the owner before %t, begun by it %t, of the new one %t, of another shard %t; want only the last two",
			known(r, one), known(r, late), known(r, two), known(r, elsewhereShard))
	}
}

func TestOnlyTheLastWriteThatBeganIsRemembered(t *testing.T) {
	t.Parallel()
	r := newRecent()
	one := elsewhere(t, 1)
	first, second := r.write(one), r.write(one)
	if first(true); known(r, one) {
		t.Error("known while another write is under way")
	}
	if second(true); !known(r, one) {
		t.Error("what the last write wrote is not known")
	}
	third := r.write(one)
	if known(r, one) {
		t.Error("known while it is written again")
	}
	if third(false); known(r, one) || len(r.writing) != 0 || r.size != 0 {
		t.Errorf("known after a write that failed: %+v", r)
	}
}

func TestWhatIsRememberedIsBounded(t *testing.T) {
	t.Parallel()
	r := newRecent()
	var all []*persistence.InternalUpdateWorkflowExecutionRequest
	for range 4000 {
		one := elsewhere(t, 1)
		one.UpdateWorkflowNewEvents[0].Node.Events.Data = make([]byte, 800)
		all = append(all, one)
		r.write(one)(true)
	}
	kept := 0
	for _, each := range all {
		if known(r, each) {
			kept++
		}
	}
	if kept < 2000 || r.size > recentSize || kept != len(r.tails) || kept != r.order.Len() || r.size != kept*(800+tailFixed) {
		t.Errorf("%d of %d are kept, in %d bytes", kept, len(all), r.size)
	}
	if known(r, all[0]) || !known(r, all[len(all)-1]) {
		t.Error("not those are kept that were written last")
	}
	large := elsewhere(t, 1)
	large.UpdateWorkflowNewEvents[0].Node.Events.Data = make([]byte, tailSize)
	if r.write(large)(true); known(r, large) || len(r.writing) != 0 {
		t.Error("a turn that is too large is kept")
	}
}

func TestNodesThatDoNotFollowOneAnotherAreNotRemembered(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		next  int64
		nodes []int64
		want  bool
	}{
		"one after the other": {6, []int64{2, 5}, true},
		"twice the same":      {6, []int64{2, 2}, false},
		"backwards":           {6, []int64{3, 2}, false},
		"beyond the end":      {5, []int64{2, 5}, false},
	} {
		r := newRecent()
		request := update(t, 1, 2, running(), node(1, c.nodes[0], 100, 101, "one"), node(1, c.nodes[1], 101, 102, "two"))
		request.UpdateWorkflowMutation.NextEventID = c.next
		if r.write(request)(true); known(r, request) != c.want {
			t.Errorf("%s: known %t, want %t", name, !c.want, c.want)
		}
	}
}
