package workflows_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"go.temporal.io/sdk/activity"
	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/testsuite"
	"go.temporal.io/sdk/workflow"

	"github.com/perene/perene/contract"
	"github.com/perene/perene/models"
	"github.com/perene/perene/workflows"
)

var connection3 = contract.ConnectionStart{AccountID: 1, ConnectionID: 3}

// fakeConnection plays the activities of a connection and notes when each was asked for.
type fakeConnection struct {
	t     *testing.T
	mu    sync.Mutex
	env   *testsuite.TestWorkflowEnvironment
	begun time.Time
	asked []string
	send  func(n int) (contract.SenderRest, error)
	probe func(n int) contract.SenderRest
	read  func(n int) contract.SenderRest
	last  contract.SenderRest // what the newest activity told
	syncs func(n int) (contract.SyncConnectionResult, error)
	count map[string]int
	stops time.Duration // when the connection is removed
}

func newFakeConnection(t *testing.T) *fakeConnection {
	f := &fakeConnection{t: t, count: map[string]int{}}
	f.send = func(int) (contract.SenderRest, error) {
		return contract.SenderRest{State: models.ConnectionActive}, nil
	}
	f.read = func(int) contract.SenderRest { return f.last }
	f.syncs = func(int) (contract.SyncConnectionResult, error) {
		return contract.SyncConnectionResult{Templates: 2, Quality: "GREEN", Limit: "TIER_2K", CanSend: "AVAILABLE"}, nil
	}
	return f
}

func (f *fakeConnection) note(what string) int {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.asked = append(f.asked, fmt.Sprintf("%v %s", f.env.Now().Sub(f.begun).Round(time.Second), what))
	f.count[what]++
	return f.count[what]
}

// environment makes a test environment whose time goes on where the one before stopped.
func (f *fakeConnection) environment(start time.Time) *testsuite.TestWorkflowEnvironment {
	f.env = newEnv()
	if !start.IsZero() {
		f.env.SetStartTime(start)
	}
	if f.begun.IsZero() {
		f.begun = f.env.Now()
	}
	f.env.RegisterWorkflowWithOptions(workflows.Connection, workflow.RegisterOptions{Name: contract.WorkflowConnection})
	register := func(name string, a any) { f.env.RegisterActivityWithOptions(a, activity.RegisterOptions{Name: name}) }
	register(contract.ActivitySendPending, func(context.Context, contract.SendPendingInput) (contract.SenderRest, error) {
		if f.stops > 0 && f.env.Now().Sub(f.begun) >= f.stops {
			return contract.SenderRest{State: models.ConnectionRemoved}, nil
		}
		rest, err := f.send(f.note("send"))
		f.last = rest
		return rest, err
	})
	register(contract.ActivityProbeConnection, func(context.Context, contract.ConnectionCheckInput) (contract.SenderRest, error) {
		f.last = f.probe(f.note("probe"))
		return f.last, nil
	})
	register(contract.ActivitySyncConnection, func(context.Context, contract.ConnectionCheckInput) (contract.SyncConnectionResult, error) {
		return f.syncs(f.note("sync"))
	})
	register(contract.ActivityReadConnection, func(context.Context, contract.ConnectionCheckInput) (contract.SenderRest, error) {
		return f.read(f.note("read")), nil
	})
	register(contract.ActivityPauseConnection, func(context.Context, contract.ConnectionCheckInput) (contract.SenderRest, error) {
		f.note("pause")
		f.last = contract.SenderRest{State: models.ConnectionPaused}
		return f.last, nil
	})
	register(contract.ActivityResumeConnection, func(context.Context, contract.ConnectionCheckInput) (contract.SenderRest, error) {
		f.note("resume")
		return contract.SenderRest{State: models.ConnectionActive}, nil
	})
	return f.env
}

func (f *fakeConnection) ring(at time.Duration) {
	f.env.RegisterDelayedCallback(func() { f.env.UpdateWorkflow(contract.UpdateRing, "", silent{f.t}) }, at)
}

// remove ends the connection.
func (f *fakeConnection) remove(at time.Duration) {
	f.stops = at
	f.ring(at)
}

func (f *fakeConnection) run() {
	f.t.Helper()
	f.env.ExecuteWorkflow(contract.WorkflowConnection, contract.ConnectionInput{ConnectionStart: connection3})
	if err := f.env.GetWorkflowError(); err != nil {
		f.t.Fatal(err)
	}
}

// want compares what was asked for; what is due at the same instant may come in any order.
func (f *fakeConnection) want(asked ...string) {
	f.t.Helper()
	slices.Sort(asked)
	slices.Sort(f.asked)
	if diff := cmp.Diff(asked, f.asked); diff != "" {
		f.t.Error(diff)
	}
}

func TestConnectionSendsWhenRungAndWhenADelayedMessageIsReady(t *testing.T) {
	f := newFakeConnection(t)
	env := f.environment(time.Time{})
	f.send = func(n int) (contract.SenderRest, error) {
		rest := contract.SenderRest{State: models.ConnectionActive}
		if n == 2 {
			rest.WakeAt = env.Now().Add(90 * time.Second)
		}
		return rest, nil
	}
	f.ring(time.Hour)
	f.ring(2 * time.Hour)
	f.remove(3 * time.Hour)
	f.run()
	f.want("0s send", "0s sync", "1h0m0s send", "1h1m30s send", "2h0m0s send")
}

func TestConnectionIsRungBySignalToo(t *testing.T) {
	f := newFakeConnection(t)
	env := f.environment(time.Time{})
	env.RegisterDelayedCallback(func() { env.SignalWorkflow(contract.SignalRing, nil) }, time.Hour)
	f.remove(2 * time.Hour)
	f.run()
	f.want("0s send", "0s sync", "1h0m0s send")
}

// A connection that is held is not sent for, is probed later each time, and goes on by itself.
func TestHeldConnectionIsProbedAndResumes(t *testing.T) {
	f := newFakeConnection(t)
	env := f.environment(time.Time{})
	held := func(wait time.Duration) contract.SenderRest {
		return contract.SenderRest{State: models.ConnectionHeld, Scope: models.HoldAll, Code: 131042, ProbeAt: env.Now().Add(wait)}
	}
	f.send = func(n int) (contract.SenderRest, error) {
		if n == 1 {
			return held(time.Minute), nil
		}
		return contract.SenderRest{State: models.ConnectionActive}, nil
	}
	f.probe = func(n int) contract.SenderRest {
		if n < 3 {
			return held(time.Duration(n) * 2 * time.Minute)
		}
		return contract.SenderRest{State: models.ConnectionActive}
	}
	f.ring(30 * time.Second) // new messages change nothing while it is held; the row is looked at
	env.RegisterDelayedCallback(func() {
		got, err := env.QueryWorkflow(contract.QueryState)
		if err != nil {
			t.Error(err)
			return
		}
		var state contract.ConnectionState
		if err := got.Get(&state); err != nil || state.State != models.ConnectionHeld || state.Code != 131042 || state.Sending {
			t.Errorf("%+v, %v", state, err)
		}
	}, 5*time.Minute)
	f.remove(time.Hour)
	f.run()
	f.want("0s send", "0s sync", "30s read", "1m0s probe", "3m0s probe", "7m0s probe", "7m0s send")
}

// A hold of templates alone lets replies go on while the probe is waited for.
func TestTemplateHoldGoesOnSendingReplies(t *testing.T) {
	f := newFakeConnection(t)
	env := f.environment(time.Time{})
	begun := env.Now()
	f.send = func(int) (contract.SenderRest, error) {
		if env.Now().Sub(begun) >= time.Hour {
			return contract.SenderRest{State: models.ConnectionActive}, nil
		}
		return contract.SenderRest{State: models.ConnectionHeld, Scope: models.HoldTemplates, Code: 131048, ProbeAt: begun.Add(time.Hour)}, nil
	}
	f.probe = func(int) contract.SenderRest { return contract.SenderRest{State: models.ConnectionActive} }
	f.ring(10 * time.Minute)
	f.ring(90 * time.Minute)
	f.remove(2 * time.Hour)
	f.run()
	f.want("0s send", "0s sync", "10m0s send", "1h0m0s probe", "1h30m0s send")
}

type answer struct {
	t    *testing.T
	into *error
}

func (answer) Accept()            {}
func (a answer) Reject(err error) { *a.into = fmt.Errorf("refused: %w", err) }
func (a answer) Complete(_ any, err error) {
	if err != nil {
		*a.into = err
	}
}

func TestConnectionPausesAndResumes(t *testing.T) {
	f := newFakeConnection(t)
	env := f.environment(time.Time{})
	var failed error
	env.RegisterDelayedCallback(func() { env.UpdateWorkflow(contract.UpdatePause, "", answer{t, &failed}) }, time.Minute)
	f.ring(2 * time.Minute)
	env.RegisterDelayedCallback(func() { env.UpdateWorkflow(contract.UpdateResume, "", answer{t, &failed}) }, 3*time.Minute)
	f.remove(time.Hour)
	f.run()
	f.want("0s send", "0s sync", "1m0s pause", "2m0s read", "3m0s resume", "3m0s send")
	if failed != nil {
		t.Error(failed)
	}
}

// The API pauses and resumes by the row and rings: a ring while the connection rests makes it look.
func TestConnectionResumedInItsRowSendsWhenItIsRung(t *testing.T) {
	f := newFakeConnection(t)
	f.environment(time.Time{})
	f.send = func(n int) (contract.SenderRest, error) {
		if n == 2 {
			return contract.SenderRest{State: models.ConnectionPaused}, nil // an admin paused it meanwhile
		}
		return contract.SenderRest{State: models.ConnectionActive}, nil
	}
	f.read = func(n int) contract.SenderRest {
		if n == 1 {
			return contract.SenderRest{State: models.ConnectionPaused}
		}
		return contract.SenderRest{State: models.ConnectionActive}
	}
	f.ring(time.Minute)
	f.ring(2 * time.Minute) // a message was queued
	f.ring(3 * time.Minute) // an admin resumed it
	f.remove(time.Hour)
	f.run()
	f.want("0s send", "0s sync", "1m0s send", "2m0s read", "3m0s read", "3m0s send")
}

func TestConnectionSynchronisesEverySixHoursAndOnDemand(t *testing.T) {
	f := newFakeConnection(t)
	env := f.environment(time.Time{})
	f.syncs = func(n int) (contract.SyncConnectionResult, error) {
		if n == 2 {
			return contract.SyncConnectionResult{}, temporal.NewNonRetryableApplicationError("provider says no", "provider_rejected", nil)
		}
		return contract.SyncConnectionResult{Templates: 7, Quality: "GREEN"}, nil
	}
	var failed error
	env.RegisterDelayedCallback(func() { env.UpdateWorkflow(contract.UpdateSync, "", answer{t, &failed}) }, 8*time.Hour)
	f.remove(15 * time.Hour)
	f.run()
	f.want("0s send", "0s sync", "6h0m0s sync", "8h0m0s sync", "14h0m0s sync")
	if failed != nil {
		t.Error(failed)
	}
}

func TestSenderThatHasMoreGoesOnAtOnce(t *testing.T) {
	f := newFakeConnection(t)
	f.environment(time.Time{})
	f.send = func(n int) (contract.SenderRest, error) {
		return contract.SenderRest{State: models.ConnectionActive, More: n < 4}, nil
	}
	f.remove(time.Hour)
	f.run()
	f.want("0s send", "0s sync", "0s send", "0s send", "0s send")
}

func TestSenderThatCannotBeginWaitsForTheNextRing(t *testing.T) {
	f := newFakeConnection(t)
	f.environment(time.Time{})
	f.send = func(n int) (contract.SenderRest, error) {
		if n == 1 {
			return contract.SenderRest{}, temporal.NewNonRetryableApplicationError("the token cannot be opened", "secret", nil)
		}
		return contract.SenderRest{State: models.ConnectionActive}, nil
	}
	f.ring(10 * time.Minute)
	f.remove(time.Hour)
	f.run()
	f.want("0s send", "0s sync", "10m0s send")
}

// Continued as new every few turns, under load, no ring is lost and no deadline forgotten.
func TestConnectionContinuesAsNewWithoutLosingARing(t *testing.T) {
	f := newFakeConnection(t)
	rings := map[time.Duration]bool{}
	for i := range 60 {
		rings[time.Duration(i*i)*time.Second+time.Duration(i%3)*700*time.Millisecond] = true
	}
	delayed := false
	f.send = func(n int) (contract.SenderRest, error) {
		rest := contract.SenderRest{State: models.ConnectionActive}
		if n == 20 { // a delayed message, far beyond several hand-overs
			rest.WakeAt, delayed = f.env.Now().Add(3*time.Hour), true
		}
		if delayed && n > 20 && f.env.Now().Sub(f.begun) < 3*time.Hour {
			rest.WakeAt = f.begun.Add(3*time.Hour + 17*time.Second)
		}
		return rest, nil
	}
	f.stops = 5 * time.Hour
	in := contract.ConnectionInput{ConnectionStart: connection3, ContinueAfter: 3}
	var now time.Time
	for runs := 0; ; runs++ {
		if runs > 200 {
			t.Fatal("it never ends")
		}
		env := f.environment(now)
		since := env.Now().Sub(f.begun)
		for at := range rings {
			if at >= since {
				f.ring(at - since)
			}
		}
		f.ring(f.stops + time.Second - since)
		env.ExecuteWorkflow(contract.WorkflowConnection, in)
		now = env.Now()
		for at := range rings { // what rang during this run is answered or carried
			if at < now.Sub(f.begun) {
				delete(rings, at)
			}
		}
		err := env.GetWorkflowError()
		if err == nil {
			break
		}
		var next *workflow.ContinueAsNewError
		if !errors.As(err, &next) {
			t.Fatal(err)
		}
		in = contract.ConnectionInput{}
		decode(t, next, &in)
		if in.Carried == nil || in.ContinueAfter != 3 || in.ConnectionID != 3 {
			t.Fatalf("carried %+v", in)
		}
	}
	if len(rings) != 0 {
		t.Errorf("%d rings came to nobody", len(rings))
	}
	all := strings.Join(f.asked, "\n")
	if !strings.Contains(all, "3h0m17s send") {
		t.Errorf("the delayed message was forgotten:\n%s", all)
	}
	if n := f.count["sync"]; n != 1 {
		t.Errorf("synchronised %d times in five hours", n)
	}
	for i := 1; i < 60; i++ {
		at := time.Duration(i*i)*time.Second + time.Duration(i%3)*700*time.Millisecond
		if want := fmt.Sprintf("%v send", at.Round(time.Second)); !strings.Contains(all, want) {
			t.Errorf("nobody sent after the ring at %v", at)
		}
	}
}

// Somebody who asks for a synchronisation while the history is being handed over gets an answer.
func TestConnectionAnswersBeforeItContinuesAsNew(t *testing.T) {
	f := newFakeConnection(t)
	env := f.environment(time.Time{})
	failed := errors.New("no answer")
	f.send = func(int) (contract.SenderRest, error) { // the hand-over waits for the sender; meanwhile somebody asks
		env.UpdateWorkflow(contract.UpdateSync, "asked", heardBack{&failed})
		return contract.SenderRest{State: models.ConnectionActive}, nil
	}
	env.ExecuteWorkflow(contract.WorkflowConnection, contract.ConnectionInput{ConnectionStart: connection3, ContinueAfter: 1})
	var next *workflow.ContinueAsNewError
	if err := env.GetWorkflowError(); !errors.As(err, &next) {
		t.Fatal(err)
	}
	if failed != nil || f.count["sync"] != 1 {
		t.Errorf("%v after %d synchronisations", failed, f.count["sync"])
	}
}

// heardBack clears its error when the update completes.
type heardBack struct{ into *error }

func (heardBack) Accept()                     {}
func (a heardBack) Reject(err error)          { *a.into = err }
func (a heardBack) Complete(_ any, err error) { *a.into = err }

// A retry that is asked for while the message has arrived meanwhile ends; it does not spin.
func TestRetryNowOfAMessageThatArrivedMeanwhile(t *testing.T) {
	f := newFakeRetry(t, 24*time.Hour)
	failed := errors.New("no answer")
	f.env.RegisterDelayedCallback(func() {
		f.row.State = models.MessageAccepted // told by a status whose ring is still on its way
		f.env.UpdateWorkflow(contract.UpdateRetryNow, "now", heardBack{&failed})
	}, time.Hour)
	if out := f.run(); out.State != models.MessageAccepted || len(f.asked) != 0 || failed != nil {
		t.Errorf("%+v, asked %v, %v", out, f.asked, failed)
	}
}
