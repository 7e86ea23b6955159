package workflows

import (
	"fmt"
	"time"

	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/workflow"

	"github.com/perene/perene/contract"
)

// mediaLives is how long a provider keeps a file that a person sent (Meta: 7 days); trying for longer is of no use.
const mediaLives = 7 * 24 * time.Hour

var mediaFetchType = define(definition[contract.MediaFetchStart]{
	run:      MediaFetch,
	versions: []string{"initial"},
	summary: func(s contract.MediaFetchStart) string {
		return fmt.Sprintf("fetch file %d · connection %d · account %d", s.MediaID, s.ConnectionID, s.AccountID)
	},
	details: "Fetches one file of one inbound message.",
	found: func(s contract.MediaFetchStart) attributes {
		return attributes{account: s.AccountID, connection: s.ConnectionID}
	},
})

// MediaFetch fetches one file of an inbound message. One activity whose tries grow from a second to hours, for as long as
// the provider keeps the file.
func MediaFetch(ctx workflow.Context, in contract.MediaFetchStart) (contract.FetchMediaResult, error) {
	var out contract.FetchMediaResult
	// Ringing again tells nothing new: the activity reads the row.
	if err := listen(ctx, func() {}, func() contract.FetchMediaResult { return out }); err != nil {
		return out, err
	}
	workflow.SetCurrentDetails(ctx, fmt.Sprintf("**Fetching file %d**\n\n- tries grow from a second to 4 hours, until %s; “Pending Activities” has the last failure and the next try\n\naccount %d · connection %d",
		in.MediaID, stamp(workflow.Now(ctx).Add(mediaLives)), in.AccountID, in.ConnectionID))
	actx := workflow.WithActivityOptions(ctx, workflow.ActivityOptions{
		TaskQueue:              contract.MediaTaskQueue,
		ScheduleToCloseTimeout: mediaLives,
		StartToCloseTimeout:    10 * time.Minute,
		HeartbeatTimeout:       30 * time.Second,
		RetryPolicy:            &temporal.RetryPolicy{InitialInterval: time.Second, BackoffCoefficient: 2, MaximumInterval: 4 * time.Hour},
		Summary:                fmt.Sprintf("file %d", in.MediaID),
	})
	err := workflow.ExecuteActivity(actx, contract.ActivityFetchMedia, contract.FetchMediaInput{Media: in}).Get(ctx, &out)
	if err != nil {
		return out, err
	}
	workflow.SetCurrentDetails(ctx, fmt.Sprintf("**File %d: %s**\n\naccount %d · connection %d", in.MediaID, out.State, in.AccountID, in.ConnectionID))
	return out, workflow.Await(ctx, func() bool { return workflow.AllHandlersFinished(ctx) })
}
