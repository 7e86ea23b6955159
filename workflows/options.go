package workflows

import (
	"time"

	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/workflow"

	"github.com/perene/perene/contract"
)

// forYears is longer than any outage. It bounds what is repeated for as long as Postgres is away.
const forYears = 365 * 24 * time.Hour

// How soon a short transaction is tried again: soon where a person waits for what follows, else calmly.
var (
	soon   = temporal.RetryPolicy{InitialInterval: 200 * time.Millisecond, BackoffCoefficient: 2, MaximumInterval: 30 * time.Second}
	calmly = temporal.RetryPolicy{InitialInterval: 500 * time.Millisecond, BackoffCoefficient: 2, MaximumInterval: time.Minute}
)

// transaction gives the options of a local activity that is one short transaction. It is repeated for as long as Postgres is
// away; nothing is lost meanwhile.
func transaction(ctx workflow.Context, again temporal.RetryPolicy, summary string) workflow.Context {
	return workflow.WithLocalActivityOptions(ctx, workflow.LocalActivityOptions{
		StartToCloseTimeout:    10 * time.Second,
		ScheduleToCloseTimeout: forYears,
		RetryPolicy:            &again,
		Summary:                summary,
	})
}

// askProvider gives the options of an activity of a connection that asks its provider, for at most `within` each time.
func askProvider(ctx workflow.Context, within time.Duration, again temporal.RetryPolicy, summary string) workflow.Context {
	return workflow.WithActivityOptions(ctx, workflow.ActivityOptions{
		TaskQueue:           contract.SenderTaskQueue,
		StartToCloseTimeout: within,
		RetryPolicy:         &again,
		Summary:             summary,
	})
}
