package activities

import (
	"context"
	"time"

	"go.temporal.io/sdk/activity"

	"github.com/perene/perene/contract"
)

// heartbeatEvery is how often a sender tells Temporal that it lives. The workflow's time-out is several times that.
const heartbeatEvery = 2 * time.Second

// SendPending runs the sender of a connection until that comes to rest, and tells Temporal meanwhile that it lives.
func (c *Connections) SendPending(ctx context.Context, in contract.SendPendingInput) (contract.SenderRest, error) {
	beating, stop := context.WithCancel(ctx)
	defer stop()
	go beat(beating)
	rest, err := c.sender.Run(ctx, activity.GetWorkerStopChannel(ctx), in.Connection.AccountID, in.Connection.ConnectionID)
	return rest, asActivityError(err)
}

// beat records heartbeats until the activity's context ends.
func beat(ctx context.Context) {
	tick := time.NewTicker(heartbeatEvery)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
			activity.RecordHeartbeat(ctx)
		}
	}
}
