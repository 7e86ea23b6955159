package ring

import (
	"context"
	"testing"

	"github.com/google/go-cmp/cmp"
	"go.temporal.io/api/serviceerror"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/temporal"

	"github.com/perene/perene/contract"
	"github.com/perene/perene/models"
)

// offers is a client of which only Update-with-start may be called. It answers with one error after the other.
type offers struct {
	client.Client
	errs []error
	made []client.UpdateWorkflowOptions
	ids  []string
}

func (o *offers) NewWithStartWorkflowOperation(options client.StartWorkflowOptions, _ any, _ ...any) client.WithStartWorkflowOperation {
	o.ids = append(o.ids, options.ID)
	return nil
}

func (o *offers) UpdateWithStartWorkflow(_ context.Context, options client.UpdateWithStartWorkflowOptions) (client.WorkflowUpdateHandle, error) {
	o.made = append(o.made, options.UpdateOptions)
	err := o.errs[0]
	o.errs = o.errs[1:]
	return decided{}, err
}

type decided struct{ answered }

func (decided) RunID() string { return "run" }

// ADR 69: a command is an update named by its kind and by its id, with the id alone as argument. It starts the workflow.
func TestCommandTicket(t *testing.T) {
	t.Parallel()
	ticket := contract.TicketStart{AccountID: 1, TicketID: 17, ConversationID: 7, ConnectionID: 3}
	ended := serviceerror.NewNotFound("workflow execution already completed")
	for _, c := range []struct {
		what  string
		errs  []error
		tries int
		code  models.Code
	}{
		{"answered", []error{nil}, 1, ""},
		{"a workflow that ended under it", []error{ended, nil}, 2, ""},
		{"a workflow that ends every time", []error{ended, ended, ended}, 3, models.CodeNotFound},
		{"no worker", []error{serviceerror.NewDeadlineExceeded("no answer")}, 1, models.CodeUnavailable},
		{"a defect", []error{temporal.NewApplicationError("not done", "defect")}, 1, models.CodeConflict},
	} {
		t.Run(c.what, func(t *testing.T) {
			t.Parallel()
			o := &offers{errs: c.errs}
			err := Commands{Starter{Client: o}}.CommandTicket(t.Context(), ticket, models.TicketClose, 36)
			var code models.Code
			if err != nil {
				code = models.CodeOf(err)
			}
			if code != c.code {
				t.Errorf("%v, want code %q", err, c.code)
			}
			if len(o.made) != c.tries {
				t.Fatalf("offered %d times, want %d", len(o.made), c.tries)
			}
			made := o.made[len(o.made)-1]
			if made.UpdateName != "close" || made.UpdateID != "c/36" || made.WorkflowID != "ticket/17" || o.ids[0] != "ticket/17" {
				t.Errorf("offered %+v to %v", made, o.ids)
			}
			if diff := cmp.Diff([]any{models.TicketCommandID(36)}, made.Args); diff != "" {
				t.Error(diff)
			}
		})
	}
}
