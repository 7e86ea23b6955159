package ring

import (
	"context"
	"errors"
	"strconv"
	"testing"

	"go.temporal.io/api/serviceerror"
	"go.temporal.io/sdk/client"

	"github.com/perene/perene/contract"
)

// updates is a client of which only UpdateWorkflow may be called.
type updates struct {
	client.Client
	err   error
	calls int
	run   string
	id    string
}

func (u *updates) UpdateWorkflow(_ context.Context, o client.UpdateWorkflowOptions) (client.WorkflowUpdateHandle, error) {
	u.calls++
	u.run, u.id = o.RunID, o.UpdateID
	return answered{}, u.err
}

type answered struct{ client.WorkflowUpdateHandle }

func (answered) Get(context.Context, any) error { return nil }

// A workflow that answered once is rung by a plain Update; one that has ended meanwhile is started anew in the same ring.
func TestAnEndedWorkflowIsStartedAnew(t *testing.T) {
	started := 0
	c := &updates{}
	u := updater{client: c, running: map[string]string{},
		start: func(context.Context, contract.Doorbell) (string, error) {
			started++
			return "run " + strconv.Itoa(started), nil
		}}
	b := bell(1, "flow-run/1")
	for range 3 {
		if err := u.ring(t.Context(), b); err != nil {
			t.Fatal(err)
		}
	}
	if started != 1 || c.calls != 2 {
		t.Errorf("started %d times and updated %d times, want 1 and 2", started, c.calls)
	}
	if c.id != "1" {
		t.Errorf("the ring is called %q, want the number of its doorbell", c.id)
	}
	if c.run != "run 1" {
		t.Errorf("rang the run %q, want the one that was started", c.run)
	}
	c.err = serviceerror.NewNotFound("workflow execution already completed")
	if err := u.ring(t.Context(), b); err != nil || started != 2 {
		t.Errorf("an ended workflow: %v, started %d times, want 2", err, started)
	}
	c.err = serviceerror.NewDeadlineExceeded("nobody answers")
	if err := u.ring(t.Context(), b); !errors.Is(err, c.err) || started != 2 {
		t.Errorf("a silent workflow: %v, started %d times: the dispatcher rings it", err, started)
	}
}
