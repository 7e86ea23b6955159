package temporal

import (
	"bytes"
	"container/list"
	"context"
	"sync"

	persistencespb "go.temporal.io/server/api/persistence/v1"
	"go.temporal.io/server/common/persistence"
	"go.temporal.io/server/common/primitives"
)

// recent keeps, for each history, the nodes that the statement of a turn wrote last: the next turn begins with reading just these
// (ADR 52). It answers only where the table would give the same nodes.
//
// Nodes are written once and never changed, so that what is kept can only be wrong where nodes were added beside it or were
// deleted. Both need a call of this store, of whichever service: all of them share what is kept, and each call that is not the
// statement forgets the history before it begins and after it ended, and with it a write by the statement that is under way.
// Another process can write only as the owner of the shard. What it adds comes after what was written here, as the statement locks the
// shard; what it deletes belongs to runs that ended. An answer from before is thus one that the table gave a moment ago, and whoever
// goes on with it is refused at its next write. Once this process owns the shard again, its first write forgets the whole shard.
//
// Nodes that a write of Temporal's own store left which failed afterwards may lie in the table beside those of the history. They
// have a lower transaction than the nodes written later in their place, by which Temporal leaves them out after each read.
type recent struct {
	mu      sync.Mutex
	tails   map[tree]*list.Element
	order   *list.List // of *tail, the last written first
	size    int
	writing map[tree]*tail
	owners  map[int32]int64 // the range of each shard with which the statement wrote last

	heard func(r *persistence.InternalReadHistoryBranchRequest, given bool) // set by tests; given is from memory
}

// recentSize is how much may be kept, in bytes, and what one turn may have at most: a turn takes some 1.3 kB, so that this is
// enough for the 1,500 workflows whose states are remembered (limits).
const (
	recentSize = 3 << 20
	tailSize   = 32 << 10
	tailFixed  = 500 // a tail and its nodes without their events
)

// tree is a history with all its branches, of which the one that was written last is kept.
type tree struct {
	shard int32
	id    [16]byte
}

// tail is the end of a branch: its nodes from the first to the event before next, all of them.
type tail struct {
	tree        tree
	branch, run [16]byte
	nodes       []persistence.InternalHistoryNode
	next        int64
	size        int
}

func newRecent() *recent {
	return &recent{tails: map[tree]*list.Element{}, order: list.New(), writing: map[tree]*tail{}, owners: map[int32]int64{}}
}

// write tells of a plain request before it is carried out. The function it returns tells whether it was written; where nobody
// knows it was not, as nothing is kept then.
func (r *recent) write(request *persistence.InternalUpdateWorkflowExecutionRequest) func(written bool) {
	end := tailOf(request)
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.owners[request.ShardID] != request.RangeID {
		r.drop(func(t *tail) bool { return t.tree.shard == request.ShardID })
		r.owners[request.ShardID] = request.RangeID
	}
	if end == nil { // which is refused
		return func(bool) {}
	}
	r.forget(end.tree)
	r.writing[end.tree] = end
	return func(written bool) {
		r.mu.Lock()
		defer r.mu.Unlock()
		if r.writing[end.tree] != end { // forgotten meanwhile, or another write began
			return
		}
		delete(r.writing, end.tree)
		if written && end.whole() {
			r.keep(end)
		}
	}
}

// tailOf is what a plain request writes.
func tailOf(request *persistence.InternalUpdateWorkflowExecutionRequest) *tail {
	branch := request.UpdateWorkflowNewEvents[0].BranchInfo
	ids, ok := parse(branch.GetTreeId(), branch.GetBranchId(), request.UpdateWorkflowMutation.ExecutionState.GetRunId())
	if !ok {
		return nil
	}
	end := &tail{
		tree: tree{shard: request.ShardID, id: ids[0]}, branch: ids[1], run: ids[2],
		next: request.UpdateWorkflowMutation.NextEventID, size: tailFixed,
	}
	for _, each := range request.UpdateWorkflowNewEvents {
		end.nodes = append(end.nodes, each.Node)
		end.size += len(each.Node.Events.GetData())
	}
	return end
}

// whole is whether its nodes follow one another and it is not too large to be kept.
func (t *tail) whole() bool {
	for i, each := range t.nodes {
		end := t.next
		if i+1 < len(t.nodes) {
			end = t.nodes[i+1].NodeID
		}
		if each.NodeID >= end {
			return false
		}
	}
	return t.size <= tailSize
}

func (r *recent) keep(t *tail) {
	r.tails[t.tree] = r.order.PushFront(t)
	r.size += t.size
	for r.size > recentSize {
		r.forget(r.order.Back().Value.(*tail).tree)
	}
}

func (r *recent) forget(t tree) {
	delete(r.writing, t)
	if kept, ok := r.tails[t]; ok {
		delete(r.tails, t)
		r.size -= r.order.Remove(kept).(*tail).size
	}
}

func (r *recent) drop(which func(*tail) bool) {
	for key, t := range r.writing {
		if which(t) {
			delete(r.writing, key)
		}
	}
	for key, kept := range r.tails {
		if which(kept.Value.(*tail)) {
			r.forget(key)
		}
	}
}

// read gives what the table would give, or nil where that is not known.
func (r *recent) read(request *persistence.InternalReadHistoryBranchRequest, history string) []persistence.InternalHistoryNode {
	ids, ok := parse(history, request.BranchID)
	if !ok {
		return nil
	}
	t := r.find(tree{shard: request.ShardID, id: ids[0]})
	if t == nil || t.branch != ids[1] || request.MinNodeID < t.nodes[0].NodeID || request.MaxNodeID > t.next {
		return nil
	}
	var found []persistence.InternalHistoryNode
	for _, each := range t.nodes {
		if each.NodeID >= request.MinNodeID && each.NodeID < request.MaxNodeID {
			// Whoever reads gets bytes of its own, as from the table.
			each.Events = persistence.NewDataBlob(bytes.Clone(each.Events.GetData()), each.Events.GetEncodingType().String())
			found = append(found, each)
		}
	}
	if len(found) >= request.PageSize { // the table would give a token to go on with
		return nil
	}
	return found
}

func (r *recent) find(key tree) *tail {
	r.mu.Lock()
	defer r.mu.Unlock()
	if kept, ok := r.tails[key]; ok {
		return kept.Value.(*tail)
	}
	return nil
}

// without forgets histories before another writes them; the function it returns forgets them after that.
func (r *recent) without(shard int32, branches ...*persistencespb.HistoryBranch) func() {
	return twice(func() {
		r.mu.Lock()
		defer r.mu.Unlock()
		for _, branch := range branches {
			ids, ok := parse(branch.GetTreeId())
			if !ok {
				r.drop(func(*tail) bool { return true })
				return
			}
			r.forget(tree{shard: shard, id: ids[0]})
		}
	})
}

// withoutRun is without for a call that names a run instead of its history, and withoutShard for one that touches several.
func (r *recent) withoutRun(shard int32, run string) func() {
	ids, ok := parse(run)
	return r.withoutThose(func(t *tail) bool { return t.tree.shard == shard && (!ok || t.run == ids[0]) })
}

func (r *recent) withoutShard(shard int32) func() {
	return r.withoutThose(func(t *tail) bool { return t.tree.shard == shard })
}

func (r *recent) withoutThose(which func(*tail) bool) func() {
	return twice(func() {
		r.mu.Lock()
		defer r.mu.Unlock()
		r.drop(which)
	})
}

func twice(do func()) func() {
	do()
	return do
}

func parse(texts ...string) ([][16]byte, bool) {
	ids := make([][16]byte, len(texts))
	for i, text := range texts {
		id, err := primitives.ParseUUID(text)
		if err != nil || len(id) != len(ids[i]) {
			return nil, false
		}
		ids[i] = [16]byte(id)
	}
	return ids, true
}

// ReadHistoryBranch answers from memory where that is what the table would give.
func (e *executions) ReadHistoryBranch(ctx context.Context, r *persistence.InternalReadHistoryBranchRequest) (*persistence.InternalReadHistoryBranchResponse, error) {
	nodes := e.remembered(r)
	if e.recent.heard != nil {
		e.recent.heard(r, nodes != nil)
	}
	if nodes != nil {
		return &persistence.InternalReadHistoryBranchResponse{Nodes: nodes}, nil
	}
	return e.ExecutionStore.ReadHistoryBranch(ctx, r)
}

func (e *executions) remembered(r *persistence.InternalReadHistoryBranchRequest) []persistence.InternalHistoryNode {
	if r.ReverseOrder || r.MetadataOnly || len(r.NextPageToken) > 0 {
		return nil
	}
	branch, err := e.GetHistoryBranchUtil().ParseHistoryBranchInfo(r.BranchToken)
	if err != nil {
		return nil
	}
	return e.recent.read(r, branch.GetTreeId())
}

// branches are those that events are added to.
func branches(events ...*persistence.InternalAppendHistoryNodesRequest) (all []*persistencespb.HistoryBranch) {
	for _, each := range events {
		all = append(all, each.BranchInfo)
	}
	return all
}

// CreateWorkflowExecution forgets the histories it adds to, as does each of those below.
func (e *executions) CreateWorkflowExecution(ctx context.Context, r *persistence.InternalCreateWorkflowExecutionRequest) (*persistence.InternalCreateWorkflowExecutionResponse, error) {
	defer e.recent.without(r.ShardID, branches(r.NewWorkflowNewEvents...)...)()
	return e.ExecutionStore.CreateWorkflowExecution(ctx, r)
}

// otherwise is an update that Temporal's own store writes.
func (e *executions) otherwise(ctx context.Context, r *persistence.InternalUpdateWorkflowExecutionRequest) error {
	defer e.recent.without(r.ShardID, branches(r.UpdateWorkflowNewEvents...)...)()
	defer e.recent.without(r.ShardID, branches(r.NewWorkflowNewEvents...)...)()
	return e.ExecutionStore.UpdateWorkflowExecution(ctx, r)
}

// ConflictResolveWorkflowExecution writes up to three runs.
func (e *executions) ConflictResolveWorkflowExecution(ctx context.Context, r *persistence.InternalConflictResolveWorkflowExecutionRequest) error {
	defer e.recent.withoutShard(r.ShardID)()
	return e.ExecutionStore.ConflictResolveWorkflowExecution(ctx, r)
}

// SetWorkflowExecution writes a run.
func (e *executions) SetWorkflowExecution(ctx context.Context, r *persistence.InternalSetWorkflowExecutionRequest) error {
	defer e.recent.withoutRun(r.ShardID, r.SetWorkflowSnapshot.RunID)()
	return e.ExecutionStore.SetWorkflowExecution(ctx, r)
}

// DeleteWorkflowExecution deletes a run.
func (e *executions) DeleteWorkflowExecution(ctx context.Context, r *persistence.DeleteWorkflowExecutionRequest) error {
	defer e.recent.withoutRun(r.ShardID, r.RunID)()
	return e.ExecutionStore.DeleteWorkflowExecution(ctx, r)
}

// DeleteCurrentWorkflowExecution deletes which run is the present one.
func (e *executions) DeleteCurrentWorkflowExecution(ctx context.Context, r *persistence.DeleteCurrentWorkflowExecutionRequest) error {
	defer e.recent.withoutRun(r.ShardID, r.RunID)()
	return e.ExecutionStore.DeleteCurrentWorkflowExecution(ctx, r)
}

// AppendHistoryNodes adds to a history.
func (e *executions) AppendHistoryNodes(ctx context.Context, r *persistence.InternalAppendHistoryNodesRequest) error {
	defer e.recent.without(r.ShardID, r.BranchInfo)()
	return e.ExecutionStore.AppendHistoryNodes(ctx, r)
}

// DeleteHistoryNodes takes away from a history.
func (e *executions) DeleteHistoryNodes(ctx context.Context, r *persistence.InternalDeleteHistoryNodesRequest) error {
	defer e.recent.without(r.ShardID, r.BranchInfo)()
	return e.ExecutionStore.DeleteHistoryNodes(ctx, r)
}

// ForkHistoryBranch begins another branch.
func (e *executions) ForkHistoryBranch(ctx context.Context, r *persistence.InternalForkHistoryBranchRequest) error {
	defer e.recent.without(r.ShardID, r.ForkBranchInfo)()
	return e.ExecutionStore.ForkHistoryBranch(ctx, r)
}

// DeleteHistoryBranch deletes branches of one tree.
func (e *executions) DeleteHistoryBranch(ctx context.Context, r *persistence.InternalDeleteHistoryBranchRequest) error {
	defer e.recent.without(r.ShardID, r.BranchInfo)()
	return e.ExecutionStore.DeleteHistoryBranch(ctx, r)
}
