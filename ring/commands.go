package ring

import (
	"context"
	"errors"
	"time"

	"go.temporal.io/api/serviceerror"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/temporal"

	"github.com/perene/perene/contract"
	"github.com/perene/perene/models"
)

// Commands gives commands to workflows that run: updates that answer, or refuse. Errors carry models.CodeUnavailable when
// Temporal or its workers cannot be reached now, models.CodeNotFound when the workflow does not run.
type Commands struct {
	Starter
}

// commandTimeout is how long a person waits for a workflow's answer.
const commandTimeout = 8 * time.Second

// CommandRun lets a flow run take up a command from its mailbox; name is one of contract.UpdateMoveTo, UpdateSetVariable and
// UpdateStop.
func (c Commands) CommandRun(ctx context.Context, run models.FlowRunID, name string, event int64) error {
	return c.update(ctx, contract.FlowRunID(run), name, contract.CommandInput{EventID: event})
}

// RetryNow makes the next try of a failed message now.
func (c Commands) RetryNow(ctx context.Context, message models.MessageID) error {
	return c.update(ctx, contract.DeliveryRetryID(message), contract.UpdateRetryNow)
}

// CancelRetry gives the later tries of a message up.
func (c Commands) CancelRetry(ctx context.Context, message models.MessageID) error {
	return c.update(ctx, contract.DeliveryRetryID(message), contract.UpdateCancelRetry)
}

// CommandTicket lets a ticket take a command of its mailbox, and starts its workflow if that does not run. The answer to the
// command stands in its row. A workflow that ends at the same moment is started again.
func (c Commands) CommandTicket(ctx context.Context, ticket contract.TicketStart, kind models.TicketCommandKind, command models.TicketCommandID) error {
	var err error
	for range ticketTries {
		if _, err = c.command(ctx, ticket.Doorbell(), string(kind), "c/"+command.String(), command); err == nil || isFinal(err) || ctx.Err() != nil {
			break
		}
	}
	return asError(err)
}

// ticketTries is how often a command is offered to a ticket whose workflow ends under it.
const ticketTries = 3

// isFinal reports whether another try gives the same answer.
func isFinal(err error) bool {
	var refused *temporal.ApplicationError
	return errors.As(err, &refused) || outcomeOf(err) == "silent"
}

// SyncConnection reads templates, health and quality from the provider now. It starts the Connection workflow if it does
// not run.
func (c Commands) SyncConnection(ctx context.Context, start contract.ConnectionStart) error {
	if _, err := c.Starter.Update(ctx, start.Doorbell()); err != nil {
		return asError(err)
	}
	return c.update(ctx, contract.ConnectionID(start.ConnectionID), contract.UpdateSync)
}

func (c Commands) update(ctx context.Context, workflowID, name string, args ...any) error {
	ctx, cancel := context.WithTimeout(ctx, commandTimeout)
	defer cancel()
	h, err := c.Client.UpdateWorkflow(ctx, client.UpdateWorkflowOptions{WorkflowID: workflowID, UpdateName: name, Args: args,
		WaitForStage: client.WorkflowUpdateStageCompleted})
	if err != nil {
		return asError(err)
	}
	return asError(h.Get(ctx, nil))
}

// Ready tells whether Temporal answers.
func Ready(ctx context.Context, c client.Client) error {
	_, err := c.CheckHealth(ctx, &client.CheckHealthRequest{})
	return err
}

// asError gives a Temporal error a code.
func asError(err error) error {
	if err == nil {
		return nil
	}
	var notFound *serviceerror.NotFound
	if errors.As(err, &notFound) {
		return &models.Error{Code: models.CodeNotFound, Key: "workflow.not_running", Message: "this does not run any more", Err: err}
	}
	var refused *temporal.ApplicationError
	if errors.As(err, &refused) {
		return &models.Error{Code: models.CodeConflict, Key: "workflow.refused", Message: refused.Message(), Err: err}
	}
	return &models.Error{Code: models.CodeUnavailable, Key: "workflow.no_answer", Message: "nobody answers now: the work is kept and goes on by itself; look again in a moment", Err: err}
}
