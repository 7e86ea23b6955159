package activities

import (
	"context"

	"github.com/perene/perene/contract"
)

// ReadRetry reads how a message stands that waits for a later try.
func (c *Connections) ReadRetry(ctx context.Context, in contract.RetryInput) (contract.RetryView, error) {
	view, err := c.store.RetryState(ctx, in.Retry.AccountID, in.Retry.MessageID)
	return view, asActivityError(err)
}

// RequeueRetry makes the next try of a message: it gets its place in the connection's queue again.
func (c *Connections) RequeueRetry(ctx context.Context, in contract.RetryInput) (contract.RetryView, error) {
	view, wake, err := c.store.RequeueRetry(ctx, in.Retry.AccountID, in.Retry.MessageID, in.Retries)
	if err != nil {
		return view, asActivityError(err)
	}
	c.waker.Wake(wake)
	return view, nil
}

// StopRetry gives a message up that waits for a later try.
func (c *Connections) StopRetry(ctx context.Context, in contract.RetryInput) (contract.RetryView, error) {
	view, wake, err := c.store.StopRetry(ctx, in.Retry.AccountID, in.Retry.MessageID)
	if err != nil {
		return view, asActivityError(err)
	}
	c.waker.Wake(wake)
	return view, nil
}
