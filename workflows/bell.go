package workflows

import (
	"fmt"

	"go.temporal.io/sdk/workflow"

	"github.com/perene/perene/contract"
)

// listen registers how a workflow is reached from outside: ring is called when somebody rings, by the update or by the signal,
// and state answers the query. commands register what else there is, between the two ways to ring: recorded histories hold
// that order. Call it before the first wait.
func listen[S any](ctx workflow.Context, ring func(), state func() S, commands ...func() error) error {
	if err := workflow.SetUpdateHandler(ctx, contract.UpdateRing, func(workflow.Context) error { ring(); return nil }); err != nil {
		return fmt.Errorf("register %s: %w", contract.UpdateRing, err)
	}
	for _, register := range commands {
		if err := register(); err != nil {
			return err
		}
	}
	rang := workflow.GetSignalChannel(ctx, contract.SignalRing)
	workflow.Go(ctx, func(ctx workflow.Context) {
		for rang.Receive(ctx, nil) {
			ring()
		}
	})
	if err := workflow.SetQueryHandler(ctx, contract.QueryState, func() (S, error) { return state(), nil }); err != nil {
		return fmt.Errorf("register %s: %w", contract.QueryState, err)
	}
	return nil
}
