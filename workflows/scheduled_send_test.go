package workflows_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"go.temporal.io/sdk/activity"
	"go.temporal.io/sdk/testsuite"
	"go.temporal.io/sdk/workflow"

	"github.com/perene/perene/contract"
	"github.com/perene/perene/models"
	"github.com/perene/perene/workflows"
)

// sendRow plays the row of a scheduled send, by a clock that may be behind.
type sendRow struct {
	env   *testsuite.TestWorkflowEnvironment
	begun time.Time
	view  contract.ScheduledSendView
	late  time.Duration // of the clock that decides
	every time.Duration // it recurs
	times int
	seen  []string
}

func newSendRow(t *testing.T, due time.Duration) *sendRow {
	t.Helper()
	env := newEnv()
	env.RegisterWorkflowWithOptions(workflows.ScheduledSend, workflow.RegisterOptions{Name: contract.WorkflowScheduledSend})
	r := &sendRow{env: env, begun: env.Now(), times: 1}
	r.view = contract.ScheduledSendView{State: models.ScheduledWaiting, DueAt: r.begun.Add(due)}
	act := func(name string, do func()) {
		env.RegisterActivityWithOptions(func(_ context.Context, in contract.ScheduledInput) (contract.ScheduledSendView, error) {
			if in.Send.SendID != 17 {
				t.Errorf("asks for %+v", in)
			}
			do()
			r.seen = append(r.seen, r.env.Now().Sub(r.begun).Round(time.Second).String()+" "+name+" "+string(r.view.State))
			return r.view, nil
		}, activity.RegisterOptions{Name: name})
	}
	act(contract.ActivityReadScheduled, func() {})
	act(contract.ActivitySendDue, func() {
		if r.view.State != models.ScheduledWaiting || env.Now().Add(-r.late).Before(r.view.DueAt) {
			return
		}
		r.view.Occurrence++
		r.view.DueAt = r.view.DueAt.Add(r.every)
		if r.view.Occurrence == r.times {
			r.view.State = models.ScheduledSent
		}
	})
	return r
}

// change changes the row after a time, and rings.
func (r *sendRow) change(after time.Duration, do func(*contract.ScheduledSendView)) {
	r.env.RegisterDelayedCallback(func() {
		do(&r.view)
		r.env.SignalWorkflow(contract.SignalRing, nil)
	}, after)
}

func (r *sendRow) run(in contract.ScheduledSendInput) {
	in.ScheduledSendStart = contract.ScheduledSendStart{AccountID: 1, SendID: 17, ConversationID: 9, ConnectionID: 3}
	r.env.ExecuteWorkflow(contract.WorkflowScheduledSend, in)
}

// Rules 167, 169 and 172: it sends at its instant and not before, at another one when the row changes, and again while the
// worker's clock is behind. A held one waits for a person. A cancelled one ends.
func TestScheduledSendWaitsForItsInstant(t *testing.T) {
	due := 30 * time.Minute
	for name, c := range map[string]struct {
		set  func(*sendRow)
		want []string
	}{
		"sends at its instant": {set: func(*sendRow) {}, want: []string{"0s ReadScheduled waiting", "30m0s SendDue sent"}},
		"is cancelled": {
			set: func(r *sendRow) {
				r.change(10*time.Minute, func(v *contract.ScheduledSendView) { v.State = models.ScheduledCancelled })
			},
			want: []string{"0s ReadScheduled waiting", "10m0s ReadScheduled cancelled"},
		},
		"is put off, and looks once at the old instant": {
			set: func(r *sendRow) {
				r.change(10*time.Minute, func(v *contract.ScheduledSendView) { v.DueAt = r.begun.Add(time.Hour) })
			},
			want: []string{"0s ReadScheduled waiting", "10m0s ReadScheduled waiting", "30m0s ReadScheduled waiting", "1h0m0s SendDue sent"},
		},
		"comes earlier": {
			set: func(r *sendRow) {
				r.change(10*time.Minute, func(v *contract.ScheduledSendView) { v.DueAt = r.begun.Add(20 * time.Minute) })
			},
			want: []string{"0s ReadScheduled waiting", "10m0s ReadScheduled waiting", "20m0s SendDue sent"},
		},
		"is held over its instant, and let go": {
			set: func(r *sendRow) {
				r.change(10*time.Minute, func(v *contract.ScheduledSendView) { v.State = models.ScheduledHeld })
				r.change(2*time.Hour, func(v *contract.ScheduledSendView) {
					v.State, v.DueAt = models.ScheduledWaiting, r.begun.Add(3*time.Hour)
				})
			},
			want: []string{"0s ReadScheduled waiting", "10m0s ReadScheduled held", "2h0m0s ReadScheduled waiting", "3h0m0s SendDue sent"},
		},
		"asks a clock that is late": {
			set:  func(r *sendRow) { r.late = 1500 * time.Millisecond },
			want: []string{"0s ReadScheduled waiting", "30m0s SendDue waiting", "30m1s SendDue waiting", "30m2s SendDue sent"},
		},
		"recurs": {
			set:  func(r *sendRow) { r.every, r.times = 24*time.Hour, 3 },
			want: []string{"0s ReadScheduled waiting", "30m0s SendDue waiting", "24h30m0s SendDue waiting", "48h30m0s SendDue sent"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			r := newSendRow(t, due)
			c.set(r)
			r.run(contract.ScheduledSendInput{})
			if err := r.env.GetWorkflowError(); err != nil {
				t.Fatal(err)
			}
			var out contract.ScheduledSendView
			if err := r.env.GetWorkflowResult(&out); err != nil || out.State != r.view.State || out.Occurrence != r.view.Occurrence {
				t.Errorf("ended with %+v, %v", out, err)
			}
			if diff := cmp.Diff(c.want, r.seen); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// A late one is sent late, and once.
func TestScheduledSendThatIsLate(t *testing.T) {
	r := newSendRow(t, -time.Hour)
	r.run(contract.ScheduledSendInput{})
	if diff := cmp.Diff([]string{"0s ReadScheduled waiting", "0s SendDue sent"}, r.seen); r.env.GetWorkflowError() != nil || diff != "" {
		t.Error(r.env.GetWorkflowError(), diff)
	}
}

// A history that grew long is continued: the row says everything.
func TestScheduledSendContinuesAsNew(t *testing.T) {
	r := newSendRow(t, time.Minute)
	r.every, r.times = 24*time.Hour, 100
	r.run(contract.ScheduledSendInput{ContinueAfter: 2})
	var again *workflow.ContinueAsNewError
	if err := r.env.GetWorkflowError(); !errors.As(err, &again) || again.WorkflowType.Name != contract.WorkflowScheduledSend {
		t.Fatalf("ended with %v", err)
	}
	if r.view.Occurrence != 2 || r.view.State != models.ScheduledWaiting {
		t.Errorf("continues at %+v", r.view)
	}
}
