package ring

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"go.temporal.io/sdk/client"

	"github.com/perene/perene/contract"
)

// signals is a client of which only SignalWithStartWorkflow may be called.
type signals struct {
	client.Client
	takes time.Duration
	fails func(workflow string) bool

	mu    sync.Mutex
	asked []string
}

func (s *signals) SignalWithStartWorkflow(_ context.Context, workflow, _ string, _ any, _ client.StartWorkflowOptions, _ any, _ ...any) (client.WorkflowRun, error) {
	s.mu.Lock()
	s.asked = append(s.asked, workflow)
	s.mu.Unlock()
	time.Sleep(s.takes)
	if s.fails != nil && s.fails(workflow) {
		return nil, errors.New("away")
	}
	return nil, nil
}

// left gives out what a crash left behind, once.
type left struct {
	rows
	bells []contract.Doorbell
}

func (l *left) DueDoorbells(context.Context, int) ([]contract.Doorbell, error) {
	due := l.bells
	l.bells = nil
	return due, nil
}

func leftBehind(workflows, each int) *left {
	l := &left{}
	for i := range workflows * each {
		l.bells = append(l.bells, bell(int64(i+1), fmt.Sprintf("flow-run/%d", i%workflows)))
	}
	return l
}

// What a crash left behind is rung within seconds also where Temporal takes long for each signal (P1): several abreast, one
// for all rows of a workflow.
func TestARoundDoesNotWaitForSlowSignals(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l, c := leftBehind(200, 2), &signals{takes: 500 * time.Millisecond}
		d := Dispatcher{Starter: Starter{Client: c}, Rows: l, Log: slog.New(slog.DiscardHandler)}
		begun := time.Now()
		if n, err := d.Round(t.Context()); n != 400 || err != nil {
			t.Fatalf("%d rows, %v", n, err)
		}
		if took := time.Since(begun); took > 10*time.Second {
			t.Errorf("200 signals of half a second took %v", took)
		}
		slices.Sort(l.answered)
		if len(c.asked) != 200 || len(slices.Compact(l.answered)) != 400 {
			t.Errorf("%d signals, %d rows answered", len(c.asked), len(l.answered))
		}
	})
}

// While Temporal is away a round ends after a few failures, and only what was rung goes.
func TestARoundEndsWhereTemporalIsAway(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := leftBehind(300, 1)
		c := &signals{takes: 10 * time.Second, fails: func(workflow string) bool { return workflow != "flow-run/3" }}
		d := Dispatcher{Starter: Starter{Client: c}, Rows: l, Log: slog.New(slog.DiscardHandler)}
		begun := time.Now()
		if _, err := d.Round(t.Context()); err == nil {
			t.Error("nobody was told that Temporal is away")
		}
		if took := time.Since(begun); took > 20*time.Second || len(c.asked) > failedMost+2*abreast {
			t.Errorf("%d signals in %v", len(c.asked), took)
		}
		if !slices.Equal(l.answered, []int64{4}) {
			t.Errorf("answered %v, want the one that was rung", l.answered)
		}
	})
}
