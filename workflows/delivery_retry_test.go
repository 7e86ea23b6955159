package workflows_test

import (
	"context"
	"fmt"
	"strings"
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

// fakeRetry plays Postgres for one message that waits for later tries.
type fakeRetry struct {
	t     *testing.T
	env   *testsuite.TestWorkflowEnvironment
	begun time.Time
	row   contract.RetryView
	asked []string
}

func newFakeRetry(t *testing.T, first time.Duration) *fakeRetry {
	f := &fakeRetry{t: t, env: newEnv()}
	f.begun = f.env.Now()
	f.row = contract.RetryView{State: models.MessageRetry, RetryAt: f.begun.Add(first), Code: 131049}
	f.env.RegisterWorkflowWithOptions(workflows.DeliveryRetry, workflow.RegisterOptions{Name: contract.WorkflowDeliveryRetry})
	register := func(name string, a any) { f.env.RegisterActivityWithOptions(a, activity.RegisterOptions{Name: name}) }
	register(contract.ActivityReadRetry, func(context.Context, contract.RetryInput) (contract.RetryView, error) { return f.row, nil })
	register(contract.ActivityRequeueRetry, func(_ context.Context, in contract.RetryInput) (contract.RetryView, error) {
		if in.Retries != f.row.Retries {
			t.Errorf("asked for try %d, the message has had %d", in.Retries+1, f.row.Retries)
		}
		f.note("try")
		f.row.State, f.row.RetryAt = models.MessageQueued, time.Time{}
		f.row.Retries++
		return f.row, nil
	})
	register(contract.ActivityStopRetry, func(context.Context, contract.RetryInput) (contract.RetryView, error) {
		f.note("stop")
		f.row.State = models.MessageFailed
		return f.row, nil
	})
	return f
}

func (f *fakeRetry) note(what string) {
	f.asked = append(f.asked, fmt.Sprintf("%v %s", f.env.Now().Sub(f.begun).Round(time.Second), what))
}

// happens changes the row at an instant and rings, as a status or an inbound message does.
func (f *fakeRetry) happens(at time.Duration, change func(*contract.RetryView)) {
	f.env.RegisterDelayedCallback(func() {
		change(&f.row)
		f.env.UpdateWorkflow(contract.UpdateRing, "", silent{f.t})
	}, at)
}

func (f *fakeRetry) run() contract.DeliveryRetryResult {
	f.t.Helper()
	f.env.ExecuteWorkflow(contract.WorkflowDeliveryRetry, contract.DeliveryRetryInput{DeliveryRetryStart: contract.DeliveryRetryStart{AccountID: 1, MessageID: 55102, ConversationID: 7, ConnectionID: 3}})
	if err := f.env.GetWorkflowError(); err != nil {
		f.t.Fatal(err)
	}
	var out contract.DeliveryRetryResult
	if err := f.env.GetWorkflowResult(&out); err != nil {
		f.t.Fatal(err)
	}
	return out
}

// Rule 128, Z15: 24, 48, 96 h; each failure finds the same workflow and waits longer.
func TestDeliveryRetryWaitsLongerEachTime(t *testing.T) {
	f := newFakeRetry(t, 24*time.Hour)
	f.happens(24*time.Hour+time.Minute, func(r *contract.RetryView) {
		r.State, r.RetryAt = models.MessageRetry, f.env.Now().Add(48*time.Hour)
	})
	f.happens(72*time.Hour+2*time.Minute, func(r *contract.RetryView) {
		r.State, r.RetryAt = models.MessageRetry, f.env.Now().Add(96*time.Hour)
	})
	f.happens(168*time.Hour+3*time.Minute, func(r *contract.RetryView) { r.State = models.MessageAccepted })
	out := f.run()
	if diff := cmp.Diff([]string{"24h0m0s try", "72h1m0s try", "168h2m0s try"}, f.asked); diff != "" {
		t.Error(diff)
	}
	if out.State != models.MessageAccepted || out.Retries != 3 || out.Reason != "settled" {
		t.Errorf("%+v", out)
	}
	if took := f.env.Now().Sub(f.begun); took < 168*time.Hour+time.Hour {
		t.Errorf("it ended after %v, before a late failure could find it", took)
	}
}

func TestDeliveryRetryStopsWhenThePersonReplies(t *testing.T) {
	f := newFakeRetry(t, 24*time.Hour)
	f.happens(5*time.Hour, func(r *contract.RetryView) { r.Replied = true })
	if out := f.run(); out.Reason != "replied" || out.State != models.MessageFailed {
		t.Errorf("%+v", out)
	}
	if diff := cmp.Diff([]string{"5h0m0s stop"}, f.asked); diff != "" {
		t.Error(diff)
	}
}

func TestDeliveryRetryNowAndCancel(t *testing.T) {
	f := newFakeRetry(t, 24*time.Hour)
	var now, refused, cancelled error
	at := func(d time.Duration, name string, into *error) {
		f.env.RegisterDelayedCallback(func() { f.env.UpdateWorkflow(name, "", answer{t, into}) }, d)
	}
	at(time.Hour, contract.UpdateRetryNow, &now)
	at(time.Hour+time.Minute, contract.UpdateCancelRetry, &refused) // it is on its way: nothing waits
	f.happens(time.Hour+2*time.Minute, func(r *contract.RetryView) {
		r.State, r.RetryAt = models.MessageRetry, f.env.Now().Add(48*time.Hour)
	})
	at(3*time.Hour, contract.UpdateCancelRetry, &cancelled)
	out := f.run()
	if diff := cmp.Diff([]string{"1h0m0s try", "3h0m0s stop"}, f.asked); diff != "" {
		t.Error(diff)
	}
	if now != nil || cancelled != nil || out.Reason != "cancelled" {
		t.Errorf("retry now %v, cancel %v, %+v", now, cancelled, out)
	}
	if refused == nil || !strings.Contains(refused.Error(), "does not wait") {
		t.Errorf("a cancel of what is on its way: %v", refused)
	}
}

// A ring for a message that is settled already, such as a doorbell rung twice, ends at once.
func TestDeliveryRetryOfASettledMessageEnds(t *testing.T) {
	f := newFakeRetry(t, time.Hour)
	f.row.State = models.MessageAccepted
	if out := f.run(); len(f.asked) != 0 || out.Reason != "settled" {
		t.Errorf("%v, %+v", f.asked, out)
	}
	if took := f.env.Now().Sub(f.begun); took > time.Minute {
		t.Errorf("it took %v", took)
	}
}
