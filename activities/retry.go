package activities

import (
	"context"

	"github.com/perene/perene/contract"
	"github.com/perene/perene/models"
)

// retryStore is what later tries need of Postgres.
type retryStore interface {
	RetryState(ctx context.Context, account models.AccountID, id models.MessageID) (contract.RetryView, error)
	RequeueRetry(ctx context.Context, account models.AccountID, id models.MessageID, retries int) (contract.RetryView, contract.Wake, error)
	StopRetry(ctx context.Context, account models.AccountID, id models.MessageID) (contract.RetryView, contract.Wake, error)
}

// ReadRetry reads how a message stands that waits for a later try.
func (s *Sender) ReadRetry(ctx context.Context, in contract.RetryInput) (contract.RetryView, error) {
	view, err := s.Store.RetryState(ctx, in.Retry.AccountID, in.Retry.MessageID)
	return view, asActivityError(err)
}

// RequeueRetry makes the next try of a message: it gets its place in the connection's queue again.
func (s *Sender) RequeueRetry(ctx context.Context, in contract.RetryInput) (contract.RetryView, error) {
	view, wake, err := s.Store.RequeueRetry(ctx, in.Retry.AccountID, in.Retry.MessageID, in.Retries)
	if err != nil {
		return view, asActivityError(err)
	}
	s.Waker.Wake(wake)
	return view, nil
}

// StopRetry gives a message up that waits for a later try.
func (s *Sender) StopRetry(ctx context.Context, in contract.RetryInput) (contract.RetryView, error) {
	view, wake, err := s.Store.StopRetry(ctx, in.Retry.AccountID, in.Retry.MessageID)
	if err != nil {
		return view, asActivityError(err)
	}
	s.Waker.Wake(wake)
	return view, nil
}
