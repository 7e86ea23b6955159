package temporal

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	enumspb "go.temporal.io/api/enums/v1"
	"go.temporal.io/api/serviceerror"
	enumsspb "go.temporal.io/server/api/enums/v1"
	persistencespb "go.temporal.io/server/api/persistence/v1"
	"go.temporal.io/server/common/persistence"
	"google.golang.org/protobuf/types/known/timestamppb"
)

func TestPlainUpdatesWriteWhatTemporalsOwnStoreWrites(t *testing.T) {
	mine, theirs := begin(t), begin(t)
	ours, base := withoutBase(t), ownStore(t).ExecutionStore
	step := func(name string, request func(shard int32) *persistence.InternalUpdateWorkflowExecutionRequest) {
		t.Helper()
		if err := ours.UpdateWorkflowExecution(t.Context(), request(mine)); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if err := base.UpdateWorkflowExecution(t.Context(), request(theirs)); err != nil {
			t.Fatalf("%s, by Temporal's own store: %v", name, err)
		}
		same(t, name, rows(t, mine), rows(t, theirs))
	}
	// written is the transaction that wrote the row that says which run is the present one.
	written := func() (transaction string) {
		t.Helper()
		if err := open(t).QueryRow(t.Context(), "SELECT xmin::text FROM current_executions WHERE shard_id = $1", mine).Scan(&transaction); err != nil {
			t.Fatal(err)
		}
		return transaction
	}
	before := written()
	step("two nodes", func(shard int32) *persistence.InternalUpdateWorkflowExecutionRequest {
		return update(t, shard, 2, running(), node(shard, 2, 100, 101, "scheduled"), node(shard, 4, 101, 102, "started"))
	})
	step("what is known of the run, and no more", func(shard int32) *persistence.InternalUpdateWorkflowExecutionRequest {
		return update(t, shard, 3, running(), node(shard, 5, 102, 103, "completed"))
	})
	if got := written(); got != before {
		t.Error("the row of the present run was written, though nothing in it changed")
	}
	changed := running()
	changed.CreateRequestId, changed.RequestIds = "request 2", map[string]*persistencespb.RequestIDInfo{"request 2": {EventId: 5}}
	changed.State, changed.Status = enumsspb.WORKFLOW_EXECUTION_STATE_COMPLETED, enumspb.WORKFLOW_EXECUTION_STATUS_COMPLETED
	step("another state", func(shard int32) *persistence.InternalUpdateWorkflowExecutionRequest {
		return update(t, shard, 4, changed, node(shard, 6, 103, 104, "closed"))
	})
	step("a node once more, by another transaction", func(shard int32) *persistence.InternalUpdateWorkflowExecutionRequest {
		return update(t, shard, 5, changed, node(shard, 6, 103, 105, "closed otherwise"))
	})
	step("a node once more, by the same transaction", func(shard int32) *persistence.InternalUpdateWorkflowExecutionRequest {
		return update(t, shard, 6, changed, node(shard, 6, 102, 105, "closed otherwise again"))
	})
	// Each column of the row of the present run alone, and values at the ends of what they may be.
	version := int64(6)
	for name, change := range map[string]func(*persistencespb.WorkflowExecutionState){
		"no time of the start": func(s *persistencespb.WorkflowExecutionState) { s.StartTime = nil },
		"the first year":       func(s *persistencespb.WorkflowExecutionState) { s.StartTime = timestamppb.New(time.Time{}) },
		"before 1970": func(s *persistencespb.WorkflowExecutionState) {
			s.StartTime = timestamppb.New(time.Unix(-3, 999_999_999))
		},
		"paused":                 func(s *persistencespb.WorkflowExecutionState) { s.Status = enumspb.WORKFLOW_EXECUTION_STATUS_PAUSED },
		"a zombie":               func(s *persistencespb.WorkflowExecutionState) { s.State = enumsspb.WORKFLOW_EXECUTION_STATE_ZOMBIE },
		"no request":             func(s *persistencespb.WorkflowExecutionState) { s.CreateRequestId = "" },
		"the longest request":    func(s *persistencespb.WorkflowExecutionState) { s.CreateRequestId = strings.Repeat("ç", 255) },
		"only in the blob":       func(s *persistencespb.WorkflowExecutionState) { s.FirstExecutionRunId = otherRun },
		"back to how it started": func(*persistencespb.WorkflowExecutionState) {},
	} {
		state := running()
		change(state)
		version++
		step(name, func(shard int32) *persistence.InternalUpdateWorkflowExecutionRequest {
			return update(t, shard, version, state)
		})
	}
	chance := rand.New(rand.NewPCG(1, 2))
	for range 60 {
		state := running()
		state.CreateRequestId = fmt.Sprint("request ", chance.IntN(2))
		state.State = enumsspb.WorkflowExecutionState(chance.IntN(4))
		state.Status = enumspb.WorkflowExecutionStatus(chance.IntN(8))
		state.StartTime = timestamppb.New(time.Unix(chance.Int64N(2_000_000_000), chance.Int64N(1_000_000_000)))
		lastWrite, next, info := chance.Int64N(3), chance.Int64N(1_000_000), strings.Repeat("i", chance.IntN(3000))
		first, events := chance.Int64N(8), make([]string, 1+chance.IntN(4))
		for i := range events {
			events[i] = strings.Repeat("e", chance.IntN(2000))
		}
		version++
		step(fmt.Sprint("version ", version), func(shard int32) *persistence.InternalUpdateWorkflowExecutionRequest {
			nodes := make([]*persistence.InternalAppendHistoryNodesRequest, len(events))
			for i, text := range events {
				nodes[i] = node(shard, 100+first+int64(i), lastWrite, 200+first, text)
			}
			request := update(t, shard, version, state, nodes...)
			m := &request.UpdateWorkflowMutation
			m.LastWriteVersion, m.NextEventID, m.ExecutionInfoBlob = lastWrite, next, blob(info)
			return request
		})
	}
}

func TestAnUpdateWhoseConditionDoesNotHoldWritesNothing(t *testing.T) {
	for name, c := range map[string]struct {
		spoil string // what somebody else writes before
		ask   func(*persistence.InternalUpdateWorkflowExecutionRequest)
		want  error
	}{
		"an earlier owner of the shard": {
			ask:  func(r *persistence.InternalUpdateWorkflowExecutionRequest) { r.RangeID-- },
			want: &persistence.ShardOwnershipLostError{},
		},
		"a later owner of the shard": {
			ask:  func(r *persistence.InternalUpdateWorkflowExecutionRequest) { r.RangeID++ },
			want: &persistence.ShardOwnershipLostError{},
		},
		"no such shard": {spoil: "DELETE FROM shards WHERE shard_id = $1", want: &serviceerror.Unavailable{}},
		"a version that was": {
			spoil: "UPDATE executions SET db_record_version = 9 WHERE shard_id = $1", want: &persistence.WorkflowConditionFailedError{},
		},
		"a version that is not yet": {
			ask: func(r *persistence.InternalUpdateWorkflowExecutionRequest) {
				r.UpdateWorkflowMutation.DBRecordVersion++
			},
			want: &persistence.WorkflowConditionFailedError{},
		},
		"another run is the present one": {
			spoil: "UPDATE current_executions SET run_id = '\\x7b0d8f142c544f7ebb026a8d0f4c9e11' WHERE shard_id = $1",
			want:  &persistence.CurrentWorkflowConditionFailedError{},
		},
		"no run is the present one": {spoil: "DELETE FROM current_executions WHERE shard_id = $1", want: &serviceerror.Unavailable{}},
		"no such run":               {spoil: "DELETE FROM executions WHERE shard_id = $1", want: &persistence.ConditionFailedError{}},
	} {
		t.Run(name, func(t *testing.T) {
			errs := map[string]error{}
			for who, store := range map[string]persistence.ExecutionStore{"ours": ownStore(t), "base": ownStore(t).ExecutionStore} {
				shard := begin(t)
				if c.spoil != "" {
					execute(t, c.spoil, shard)
				}
				// Another state and a node that is there: both would be seen.
				state := running()
				state.Status = enumspb.WORKFLOW_EXECUTION_STATUS_PAUSED
				request := update(t, shard, 2, state, node(shard, 1, 0, 100, "written over"), node(shard, 2, 100, 101, "new"))
				if c.ask != nil {
					c.ask(request)
				}
				before := rows(t, shard)
				errs[who] = store.UpdateWorkflowExecution(t.Context(), request)
				if who == "ours" {
					same(t, "after the refusal", rows(t, shard), before)
				}
			}
			if got, want := reflect.TypeOf(errs["ours"]), reflect.TypeOf(c.want); got != want || got != reflect.TypeOf(errs["base"]) {
				t.Errorf("got %T (%v), want %T; Temporal's own store gives %T", errs["ours"], errs["ours"], c.want, errs["base"])
			}
			// What the caller reads of it beside its text is the same, too.
			switch ours := errs["ours"].(type) { //nolint:errorlint // Temporal looks at the type itself, too
			case *persistence.WorkflowConditionFailedError:
				theirs := errs["base"].(*persistence.WorkflowConditionFailedError) //nolint:errorlint // the same
				if ours.DBRecordVersion != theirs.DBRecordVersion || ours.NextEventID != theirs.NextEventID || strings.Contains(ours.Msg, "-") {
					t.Errorf("got %+v, want %+v", ours, theirs)
				}
			case *persistence.CurrentWorkflowConditionFailedError:
				theirs := errs["base"].(*persistence.CurrentWorkflowConditionFailedError) //nolint:errorlint // the same
				if ours.RunID != otherRun || ours.Msg != theirs.Msg ||
					ours.State != theirs.State || !slices.Equal(slices.Collect(maps.Keys(ours.RequestIDs)), slices.Collect(maps.Keys(theirs.RequestIDs))) {
					t.Errorf("got %+v, want %+v", ours, theirs)
				}
			}
		})
	}
}

// fill is a value of a type that is not empty.
func fill(t *testing.T, of reflect.Type) reflect.Value {
	t.Helper()
	v := reflect.New(of).Elem()
	switch of.Kind() {
	case reflect.Bool:
		v.SetBool(true)
	case reflect.Int, reflect.Int32, reflect.Int64:
		v.SetInt(77)
	case reflect.Uint32:
		v.SetUint(77)
	case reflect.String:
		v.SetString("x")
	case reflect.Pointer:
		v.Set(reflect.New(of.Elem()))
	case reflect.Slice:
		v.Set(reflect.Append(v, fill(t, of.Elem())))
	case reflect.Map:
		v.Set(reflect.MakeMap(of))
		v.SetMapIndex(reflect.Zero(of.Key()), fill(t, of.Elem()))
	case reflect.Struct: // as a value of a map
	default:
		t.Fatalf("a field is of the new kind %s: make one that is not empty", of)
	}
	return v
}

// A field that a later Temporal adds is none that the statement writes: until somebody has decided about it, and either left its
// requests to Temporal's own store or named it here, this test fails.
func TestOnlyWhatTheStatementWritesIsPlain(t *testing.T) {
	t.Parallel()
	plainOne := func() *persistence.InternalUpdateWorkflowExecutionRequest { return update(t, 1, 2, running()) }
	if !plain(plainOne()) {
		t.Fatal("a plain request is not taken for one")
	}
	for _, c := range []struct {
		of    func(*persistence.InternalUpdateWorkflowExecutionRequest) any
		known string
	}{
		{
			of: func(r *persistence.InternalUpdateWorkflowExecutionRequest) any { return r },
			// Those that hold others are looked at below.
			known: "ShardID RangeID UpdateWorkflowMutation UpdateWorkflowNewEvents",
		},
		{
			of: func(r *persistence.InternalUpdateWorkflowExecutionRequest) any { return &r.UpdateWorkflowMutation },
			known: "NamespaceID WorkflowID ExecutionInfoBlob ExecutionState ExecutionStateBlob NextEventID LastWriteVersion DBRecordVersion " +
				// Temporal's own store takes the run from ExecutionState, and the rest from ExecutionInfoBlob.
				"RunID ExecutionInfo " +
				// It has no column for these, and looks at Condition only where there is no DBRecordVersion.
				"StartVersion Checksum Condition",
		},
		{
			of: func(r *persistence.InternalUpdateWorkflowExecutionRequest) any { return r.UpdateWorkflowNewEvents[0] },
			// BranchToken and Info say what BranchInfo and TreeInfo do; TreeInfo is of a new branch.
			known: "ShardID BranchInfo Node BranchToken Info TreeInfo",
		},
		{
			of: func(r *persistence.InternalUpdateWorkflowExecutionRequest) any {
				return &r.UpdateWorkflowNewEvents[0].Node
			},
			known: "NodeID TransactionID PrevTransactionID Events",
		},
	} {
		of := reflect.TypeOf(c.of(plainOne())).Elem()
		known := strings.Fields(c.known)
		for _, name := range known {
			if _, there := of.FieldByName(name); !there {
				t.Errorf("%s has no field %s any more", of, name)
			}
		}
		for field := range of.Fields() {
			if slices.Contains(known, field.Name) {
				continue
			}
			request := plainOne()
			reflect.ValueOf(c.of(request)).Elem().FieldByIndex(field.Index).Set(fill(t, field.Type))
			if plain(request) {
				t.Errorf("a request whose %s.%s is set counts as plain, but the statement does not write that", of, field.Name)
			}
		}
	}
}

func TestUpdatesThatTheStatementCannotWriteAreNotPlain(t *testing.T) {
	t.Parallel()
	for name, change := range map[string]func(*persistence.InternalUpdateWorkflowExecutionRequest){
		"without events": func(r *persistence.InternalUpdateWorkflowExecutionRequest) { r.UpdateWorkflowNewEvents = nil },
		"of a row without version": func(r *persistence.InternalUpdateWorkflowExecutionRequest) {
			r.UpdateWorkflowMutation.DBRecordVersion = 0
		},
		"of a run that is not the present one": func(r *persistence.InternalUpdateWorkflowExecutionRequest) {
			r.Mode = persistence.UpdateWorkflowModeBypassCurrent
		},
		"of whichever run": func(r *persistence.InternalUpdateWorkflowExecutionRequest) {
			r.Mode = persistence.UpdateWorkflowModeIgnoreCurrent
		},
		"with events in another shard": func(r *persistence.InternalUpdateWorkflowExecutionRequest) {
			r.UpdateWorkflowNewEvents[1].ShardID++
		},
		"with events in another tree": func(r *persistence.InternalUpdateWorkflowExecutionRequest) {
			r.UpdateWorkflowNewEvents[1].BranchInfo.TreeId = otherRun
		},
		"with events in another branch": func(r *persistence.InternalUpdateWorkflowExecutionRequest) {
			r.UpdateWorkflowNewEvents[1].BranchInfo.BranchId = otherRun
		},
		"with a new branch": func(r *persistence.InternalUpdateWorkflowExecutionRequest) {
			r.UpdateWorkflowNewEvents[1].IsNewBranch = true
		},
	} {
		request := update(t, 1, 2, running(), node(1, 2, 100, 101, "one"), node(1, 3, 101, 102, "two"))
		if change(request); plain(request) {
			t.Errorf("an update %s counts as plain", name)
		}
	}
}
