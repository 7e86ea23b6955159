package ring

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"slices"
	"strconv"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/perene/perene/contract"
	"github.com/perene/perene/models"
	"github.com/perene/perene/workflows"
)

type rows struct {
	mu        sync.Mutex
	answered  []int64
	postponed []int64
}

func (r *rows) DoorbellsAnswered(_ context.Context, ids []int64) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.answered = append(r.answered, ids...)
	return nil
}

func (r *rows) PostponeDoorbells(_ context.Context, ids []int64) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.postponed = append(r.postponed, ids...)
	return nil
}

func (r *rows) DueDoorbells(context.Context, int) ([]contract.Doorbell, error) { return nil, nil }

func bell(id int64, workflow string) contract.Doorbell {
	return contract.Doorbell{ID: id, WorkflowID: workflow, WorkflowType: contract.WorkflowFlowRun}
}

// Doorbells that come while a ring is under way are answered by one more ring, and their rows go only after it: the ring
// under way may have read Postgres before they were there.
func TestRingsWhileOneIsUnderWayAreOneMore(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var rung []int64
		r := &rows{}
		g := newRinger(func(_ context.Context, b contract.Doorbell) error {
			rung = append(rung, b.ID)
			time.Sleep(time.Second) // synctest's clock
			return nil
		}, r, slog.New(slog.DiscardHandler), nil)
		g.Ring(bell(1, "flow-run/1"))
		time.Sleep(500 * time.Millisecond)
		g.Ring(bell(2, "flow-run/1"), bell(3, "flow-run/1"), bell(4, "flow-run/1"))
		time.Sleep(700 * time.Millisecond)
		r.mu.Lock()
		if !slices.Equal(r.answered, []int64{1}) {
			t.Errorf("answered %v while the second ring is under way, want only the first", r.answered)
		}
		r.mu.Unlock()
		time.Sleep(3 * time.Second)
		synctest.Wait()
		if !slices.Equal(rung, []int64{1, 4}) {
			t.Errorf("rung in the names of %v, want 1 and 4: a repeated name would be answered without a step", rung)
		}
		if slices.Sort(r.answered); !slices.Equal(r.answered, []int64{1, 2, 3, 4}) {
			t.Errorf("answered %v", r.answered)
		}
		g.Close()
	})
}

// One who writes again as soon as the reply is there, as programs and quick hands do, waits behind those who wrote before:
// a ring is nobody's own.
func TestWhoWritesAgainWaitsBehindThoseWhoWait(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var mu sync.Mutex
		rung := map[string]int{}
		var g *Ringer
		g = newRinger(func(_ context.Context, b contract.Doorbell) error {
			time.Sleep(100 * time.Millisecond)
			mu.Lock()
			rung[b.WorkflowID]++
			mu.Unlock()
			g.Ring(bell(b.ID+10_000, b.WorkflowID)) // the reply has left, the ring is still under way
			return nil
		}, &rows{}, slog.New(slog.DiscardHandler), nil)
		defer g.Close()
		const people = 5 * ringers
		for i := range int64(people) {
			g.Ring(bell(i+1, "flow-run/"+strconv.FormatInt(i+1, 10)))
		}
		time.Sleep(1050 * time.Millisecond) // ten rounds of all rings: two for each of the people
		mu.Lock()
		defer mu.Unlock()
		for i := range int64(people) {
			if n := rung["flow-run/"+strconv.FormatInt(i+1, 10)]; n != 2 {
				t.Errorf("person %d was served %d times, want twice like everybody", i+1, n)
			}
		}
	})
}

// Doorbells of a workflow that waits to be rung are answered by that one ring.
func TestRingsBeforeOneBeginsAreOne(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := &rows{}
		rung := map[string]int{}
		var mu sync.Mutex
		g := newRinger(func(_ context.Context, b contract.Doorbell) error {
			mu.Lock()
			rung[b.WorkflowID]++
			mu.Unlock()
			time.Sleep(time.Second)
			return nil
		}, r, slog.New(slog.DiscardHandler), nil)
		defer g.Close()
		for i := range int64(ringers) {
			g.Ring(bell(100+i, "flow-run/"+strconv.FormatInt(100+i, 10)))
		}
		synctest.Wait()
		g.Ring(bell(1, "flow-run/1"), bell(2, "flow-run/1"), bell(3, "flow-run/1"))
		time.Sleep(5 * time.Second)
		synctest.Wait()
		mu.Lock()
		if rung["flow-run/1"] != 1 {
			t.Errorf("rung %d times, want once", rung["flow-run/1"])
		}
		mu.Unlock()
		r.mu.Lock()
		defer r.mu.Unlock()
		if slices.Sort(r.answered); !slices.Equal(r.answered[:3], []int64{1, 2, 3}) {
			t.Errorf("answered %v", r.answered)
		}
	})
}

// While more waits than can be rung at once, the dispatcher is asked for patience for what has not begun; where nobody
// answers, it is not.
func TestWhatWaitsToBeRungIsPostponed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := &rows{}
		takes := 1100 * time.Millisecond
		g := newRinger(func(ctx context.Context, _ contract.Doorbell) error {
			select {
			case <-time.After(takes):
				return nil
			case <-ctx.Done():
				return ctx.Err()
			}
		}, r, slog.New(slog.DiscardHandler), nil)
		ring := func(from int64) {
			for i := range int64(3 * ringers) {
				g.Ring(bell(from+i, "flow-run/"+strconv.FormatInt(from+i, 10)))
			}
		}
		ring(1)
		time.Sleep(1600 * time.Millisecond)
		r.mu.Lock()
		if got := slices.Compact(slices.Sorted(slices.Values(r.postponed))); len(got) != ringers || got[0] != 2*ringers+1 {
			t.Errorf("postponed %v after a second and a half, want the last third", got)
		}
		r.mu.Unlock()
		time.Sleep(10 * time.Second)
		r.mu.Lock()
		r.postponed = nil
		r.mu.Unlock()
		takes = time.Hour
		ring(1000)
		time.Sleep(10 * time.Second)
		r.mu.Lock()
		if len(r.postponed) != 0 {
			t.Errorf("postponed %d while nobody answers: the dispatcher's signals would be late", len(r.postponed))
		}
		r.mu.Unlock()
		g.Close()
	})
}

// A ring that fails leaves the row to the dispatcher.
func TestAFailedRingLeavesTheRow(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := &rows{}
		g := newRinger(func(context.Context, contract.Doorbell) error { return errors.New("away") }, r, slog.New(slog.DiscardHandler), nil)
		g.Ring(bell(1, "flow-run/1"), bell(2, "flow-run/2"))
		time.Sleep(10 * time.Second)
		synctest.Wait()
		if len(r.answered) != 0 {
			t.Errorf("answered %v", r.answered)
		}
		g.Ring(bell(3, "flow-run/1")) // and the workflow can be rung again
		time.Sleep(time.Second)
		g.mu.Lock()
		if len(g.pending) != 0 {
			t.Errorf("%d workflows pending", len(g.pending))
		}
		g.mu.Unlock()
		g.Close()
	})
}

// Tests under load force continue-as-new through what a workflow is started with.
func TestStarterAsksForContinueAsNew(t *testing.T) {
	b := contract.FlowRunStart{AccountID: 1, RunID: 42}.Doorbell()
	var in struct {
		RunID         models.FlowRunID `json:"run_id"`
		ContinueAfter int              `json:"continue_after"`
	}
	if err := json.Unmarshal(Starter{ContinueAfter: 5}.input(b), &in); err != nil || in.RunID != 42 || in.ContinueAfter != 5 {
		t.Errorf("%+v, %v", in, err)
	}
	if got := string(Starter{ContinueAfter: 5}.input(contract.HousekeepingStart{}.Doorbell())); got != `{"continue_after":5}` {
		t.Errorf("a start without data becomes %s", got)
	}
	in.ContinueAfter = 0
	if err := json.Unmarshal(Starter{}.input(b), &in); err != nil || in.RunID != 42 || in.ContinueAfter != workflows.FlowRunContinueAfter {
		t.Errorf("%+v, %v", in, err)
	}
	if got := string(Starter{}.input(contract.HousekeepingStart{}.Doorbell())); got != `{}` {
		t.Errorf("a workflow that counts by itself is started with %s", got)
	}
}
