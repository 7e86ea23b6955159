package activities

import (
	"context"

	"go.temporal.io/sdk/activity"

	"github.com/perene/perene/contract"
)

// BroadcastStore is what broadcasts need of Postgres.
type BroadcastStore interface {
	// StepBroadcast does what is due. progress is called after each recipient.
	StepBroadcast(ctx context.Context, start contract.BroadcastStart, progress func()) (contract.BroadcastView, contract.Wake, error)
}

// Broadcasts does the steps of broadcasts. Safe for concurrent use.
type Broadcasts struct {
	store BroadcastStore
	waker Waker
}

// NewBroadcasts makes a Broadcasts.
func NewBroadcasts(s BroadcastStore, w Waker) *Broadcasts { return &Broadcasts{store: s, waker: w} }

// StepBroadcast does what is due of a broadcast, and wakes the sender of its connection. It may be repeated at any point.
func (b *Broadcasts) StepBroadcast(ctx context.Context, in contract.BroadcastStepInput) (contract.BroadcastView, error) {
	n := 0
	view, wake, err := b.store.StepBroadcast(ctx, in.Broadcast, func() {
		n++
		activity.RecordHeartbeat(ctx, n)
	})
	b.waker.Wake(wake)
	return view, asActivityError(err)
}
