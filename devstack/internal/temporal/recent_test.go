package temporal

import (
	"fmt"
	"math/rand/v2"
	"reflect"
	"slices"
	"strings"
	"testing"

	persistencespb "go.temporal.io/server/api/persistence/v1"
	"go.temporal.io/server/common/dynamicconfig"
	"go.temporal.io/server/common/log"
	"go.temporal.io/server/common/persistence"
	"google.golang.org/protobuf/proto"
)

// token names the branch of node.
func token(t *testing.T) []byte {
	t.Helper()
	b, err := blobs.HistoryBranchToBlob(&persistencespb.HistoryBranch{TreeId: treeID, BranchId: branchID})
	if err != nil {
		t.Fatal(err)
	}
	return b.GetData()
}

// reading asks for the events from first to before next, as a turn does.
func reading(t *testing.T, shard int32, first, next int64) *persistence.InternalReadHistoryBranchRequest {
	t.Helper()
	return &persistence.InternalReadHistoryBranchRequest{
		BranchToken: token(t), BranchID: branchID, MinNodeID: first, MaxNodeID: next, PageSize: 256, ShardID: shard,
	}
}

// asTheTable reads by the store that remembers and by Temporal's own, and is whether the first answered from memory.
func asTheTable(t *testing.T, store *executions, request *persistence.InternalReadHistoryBranchRequest) bool {
	t.Helper()
	given := false
	store.recent.heard = func(_ *persistence.InternalReadHistoryBranchRequest, memory bool) { given = memory }
	got, err := store.ReadHistoryBranch(t.Context(), own(request))
	want, wanted := store.ExecutionStore.ReadHistoryBranch(t.Context(), own(request))
	if err != nil || wanted != nil {
		t.Fatalf("read %+v: %v, and by Temporal's own store: %v", request, err, wanted)
	}
	equal := slices.EqualFunc(got.Nodes, want.Nodes, func(a, b persistence.InternalHistoryNode) bool {
		return a.NodeID == b.NodeID && a.TransactionID == b.TransactionID && a.PrevTransactionID == b.PrevTransactionID && proto.Equal(a.Events, b.Events)
	})
	if !equal || !reflect.DeepEqual(got.NextPageToken, want.NextPageToken) {
		t.Errorf("read %+v:\n%+v\nwant:\n%+v", request, got, want)
	}
	return given
}

// own is a copy, as Temporal's own store may change what it is given.
func own(r *persistence.InternalReadHistoryBranchRequest) *persistence.InternalReadHistoryBranchRequest {
	mine := *r
	return &mine
}

// remembering is the store with a memory of its own.
func remembering(t *testing.T) *executions {
	t.Helper()
	own := ownStore(t)
	return &executions{ExecutionStore: own.ExecutionStore, pool: own.pool, recent: newRecent()}
}

// story writes a history at random, by the statement and by others.
type story struct {
	t                   *testing.T
	store               *executions
	chance              *rand.Rand
	shard               int32
	version, next, last int64 // of the row, of the events, of the transactions
	nodes               []persistence.InternalHistoryNode
}

// batch is what one write adds.
func (s *story) batch() (all []*persistence.InternalAppendHistoryNodesRequest) {
	for range 1 + s.chance.IntN(3) {
		n := node(s.shard, s.next, s.last, s.last+1, strings.Repeat("e", 1+s.chance.IntN(900)))
		s.next += 1 + s.chance.Int64N(4)
		s.last++
		all = append(all, n)
	}
	return all
}

func (s *story) request() *persistence.InternalUpdateWorkflowExecutionRequest {
	s.version++
	r := update(s.t, s.shard, s.version, running(), s.batch()...)
	r.UpdateWorkflowMutation.NextEventID = s.next
	for _, each := range r.UpdateWorkflowNewEvents {
		s.nodes = append(s.nodes, each.Node)
	}
	return r
}

// step does one thing.
func (s *story) step() {
	s.t.Helper()
	var err error
	switch s.chance.IntN(10) {
	case 0: // an update that Temporal's own store writes
		r := s.request()
		r.UpdateWorkflowMutation.NewBufferedEvents = blob("buffered")
		err = s.store.UpdateWorkflowExecution(s.t.Context(), r)
	case 1:
		for _, each := range s.batch() {
			s.nodes = append(s.nodes, each.Node)
			if err == nil {
				err = s.store.AppendHistoryNodes(s.t.Context(), each)
			}
		}
	case 2:
		if len(s.nodes) == 0 {
			return
		}
		at := s.nodes[max(0, len(s.nodes)-1-s.chance.IntN(4))]
		err = s.store.DeleteHistoryNodes(s.t.Context(), &persistence.InternalDeleteHistoryNodesRequest{
			BranchToken: token(s.t), ShardID: s.shard, NodeID: at.NodeID, TransactionID: at.TransactionID,
			BranchInfo: &persistencespb.HistoryBranch{TreeId: treeID, BranchId: branchID},
		})
	default:
		err = s.store.UpdateWorkflowExecution(s.t.Context(), s.request())
	}
	if err != nil {
		s.t.Fatal(err)
	}
}

// ask is a read, near the end most often.
func (s *story) ask() *persistence.InternalReadHistoryBranchRequest {
	r := reading(s.t, s.shard, max(1, s.next-1-s.chance.Int64N(8)), s.next-s.chance.Int64N(3))
	switch s.chance.IntN(8) {
	case 0:
		r.ReverseOrder = true
	case 1:
		r.MetadataOnly = true
	case 2:
		r.MinNodeID = 1
	case 3:
		r.MaxNodeID++
	case 4:
		r.PageSize = 1 + s.chance.IntN(3)
	}
	return r
}

func TestMemoryGivesWhatTheTableGives(t *testing.T) {
	store, chance := remembering(t), rand.New(rand.NewPCG(3, 4))
	asked, given := 0, 0
	for range 12 {
		s := &story{t: t, store: store, chance: chance, shard: begin(t), version: 1, next: 2, last: 100}
		for range 25 {
			s.step()
			for range 8 {
				asked++
				if asTheTable(t, store, s.ask()) {
					given++
				}
			}
		}
	}
	if given < asked/10 {
		t.Errorf("%d of %d reads were answered from memory: the test looks at too few", given, asked)
	}
}

func TestATurnIsReadFromMemory(t *testing.T) {
	store, shard := remembering(t), begin(t)
	r := update(t, shard, 2, running(), node(shard, 2, 100, 101, "scheduled, started"), node(shard, 4, 101, 102, "completed, accepted"))
	r.UpdateWorkflowMutation.NextEventID = 6
	if err := store.UpdateWorkflowExecution(t.Context(), r); err != nil {
		t.Fatal(err)
	}
	whole := reading(t, shard, 2, 6)
	for name, c := range map[string]struct {
		change func(*persistence.InternalReadHistoryBranchRequest)
		given  bool
	}{
		"all of it":                {func(*persistence.InternalReadHistoryBranchRequest) {}, true},
		"its second half":          {func(r *persistence.InternalReadHistoryBranchRequest) { r.MinNodeID = 4 }, true},
		"its first half":           {func(r *persistence.InternalReadHistoryBranchRequest) { r.MaxNodeID = 4 }, true},
		"from the middle of one":   {func(r *persistence.InternalReadHistoryBranchRequest) { r.MinNodeID = 3 }, true},
		"no node":                  {func(r *persistence.InternalReadHistoryBranchRequest) { r.MinNodeID = 5 }, false},
		"an event before":          {func(r *persistence.InternalReadHistoryBranchRequest) { r.MinNodeID = 1 }, false},
		"an event that is not yet": {func(r *persistence.InternalReadHistoryBranchRequest) { r.MaxNodeID = 7 }, false},
		"a page that it fills":     {func(r *persistence.InternalReadHistoryBranchRequest) { r.PageSize = 2 }, false},
		"backwards":                {func(r *persistence.InternalReadHistoryBranchRequest) { r.ReverseOrder = true }, false},
		"without events":           {func(r *persistence.InternalReadHistoryBranchRequest) { r.MetadataOnly = true }, false},
		"another shard":            {func(r *persistence.InternalReadHistoryBranchRequest) { r.ShardID = -shard }, false},
		"another branch":           {func(r *persistence.InternalReadHistoryBranchRequest) { r.BranchID = otherRun }, false},
		"the next page": {func(r *persistence.InternalReadHistoryBranchRequest) {
			r.NextPageToken = []byte(`{"LastNodeID": 2, "LastTxnID": -101}`)
		}, false},
	} {
		request := *whole
		if c.change(&request); asTheTable(t, store, &request) != c.given {
			t.Errorf("%s: from memory %t, want %t", name, !c.given, c.given)
		}
	}
	// What is handed out is the reader's own.
	first, err := store.ReadHistoryBranch(t.Context(), whole)
	if err != nil {
		t.Fatal(err)
	}
	first.Nodes[0].Events.GetData()[0] = '#'
	first.Nodes[1].Events = nil
	if !asTheTable(t, store, whole) {
		t.Error("the second read was not answered from memory")
	}
}

// A new field of a later Temporal may ask for something that memory does not look at.
func TestMemoryKnowsAllThatAReadMayAskFor(t *testing.T) {
	t.Parallel()
	var got []string
	for f := range reflect.TypeFor[persistence.InternalReadHistoryBranchRequest]().Fields() {
		got = append(got, f.Name)
	}
	want := strings.Fields("BranchToken BranchID MinNodeID MaxNodeID PageSize NextPageToken ShardID MetadataOnly ReverseOrder")
	if !slices.Equal(got, want) {
		t.Errorf("a read has the fields %q, recent.go knows %q", got, want)
	}
}

// What Temporal's own store left of a write that failed is beside the history in the table and not in memory; the manager that
// reads it leaves it out.
func TestWhatAFailedWriteLeftIsReadByNobody(t *testing.T) {
	store, chance := remembering(t), rand.New(rand.NewPCG(5, 6))
	manager := func(s persistence.ExecutionStore) persistence.ExecutionManager {
		return persistence.NewExecutionManager(s, blobs, nil, log.NewNoopLogger(), dynamicconfig.GetIntPropertyFn(1<<20), dynamicconfig.GetBoolPropertyFn(false))
	}
	ours, base := manager(store), manager(store.ExecutionStore)
	given := false
	store.recent.heard = func(_ *persistence.InternalReadHistoryBranchRequest, memory bool) { given = memory }
	for range 8 {
		s := &story{t: t, store: store, chance: chance, shard: begin(t), version: 1, next: 2, last: 100}
		for range 12 {
			if chance.IntN(2) == 0 { // of nodes that are written again, as nothing says that they are there
				next := s.next
				for _, each := range s.batch() {
					if err := store.AppendHistoryNodes(t.Context(), each); err != nil {
						t.Fatal(err)
					}
				}
				s.next = next
			}
			first := s.next
			if err := store.UpdateWorkflowExecution(t.Context(), s.request()); err != nil {
				t.Fatal(err)
			}
			request := persistence.ReadHistoryBranchRequest{ShardID: s.shard, BranchToken: token(t), MinEventID: first, MaxEventID: s.next, PageSize: 256}
			theirs := request
			got, err := ours.ReadRawHistoryBranch(t.Context(), &request)
			want, wanted := base.ReadRawHistoryBranch(t.Context(), &theirs)
			if err != nil || wanted != nil || !given {
				t.Fatalf("%v, %v, from memory: %t", err, wanted, given)
			}
			if fmt.Sprint(got) != fmt.Sprint(want) {
				t.Errorf("got %v, want %v", got, want)
			}
		}
	}
}

func TestAnUpdateThatWasNotWrittenIsNotRemembered(t *testing.T) {
	store, shard := remembering(t), begin(t)
	written := func(version int64) {
		t.Helper()
		if err := store.UpdateWorkflowExecution(t.Context(), update(t, shard, version, running())); err != nil {
			t.Fatal(err)
		}
		if !asTheTable(t, store, reading(t, shard, version, version+1)) {
			t.Fatalf("what version %d wrote was not read from memory", version)
		}
	}
	fromTheTable := func(what string, version int64) {
		t.Helper()
		for first := version; first <= version+1; first++ {
			if asTheTable(t, store, reading(t, shard, first, first+1)) {
				t.Errorf("%s: event %d was read from memory", what, first)
			}
		}
	}
	written(2)
	if err := store.UpdateWorkflowExecution(t.Context(), update(t, shard, 9, running(), node(shard, 3, 101, 102, "refused"))); err == nil {
		t.Error("an update of a version that is not yet was written")
	}
	fromTheTable("after a refusal", 2)

	written(3)
	release := hold(t, holdShard, shard)
	done := begun(t.Context(), store, update(t, shard, 4, running()))
	pid := waiting(t, 1)[0]
	fromTheTable("while it is written", 3)
	execute(t, "SELECT pg_terminate_backend($1)", pid)
	unavailable(t, <-done)
	waiting(t, 0)
	release()
	fromTheTable("after an update whose end is unknown", 3)

	written(4)
	execute(t, takeOver, shard)
	if err := store.UpdateWorkflowExecution(t.Context(), update(t, shard, 5, running())); err == nil {
		t.Error("an update of an earlier owner was written")
	}
	fromTheTable("after another owner", 4)
}
