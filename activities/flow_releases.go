package activities

import (
	"context"

	"github.com/perene/perene/contract"
)

// ReleaseStore is what releases of flows need of Postgres.
type ReleaseStore interface {
	FlowReleaseTurn(ctx context.Context, start contract.FlowReleaseStart) (contract.FlowReleaseView, error)
}

// Releases does what publications of flows left to do.
type Releases struct{ store ReleaseStore }

// NewReleases makes a Releases.
func NewReleases(s ReleaseStore) *Releases { return &Releases{store: s} }

// FlowReleaseTurn does what is due for a flow in one transaction. Idempotent.
func (r *Releases) FlowReleaseTurn(ctx context.Context, in contract.FlowReleaseStart) (contract.FlowReleaseView, error) {
	view, err := r.store.FlowReleaseTurn(ctx, in)
	return view, asActivityError(err)
}
