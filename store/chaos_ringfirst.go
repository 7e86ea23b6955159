//go:build chaos_ringfirst

package store

import (
	"context"

	"github.com/jackc/pgx/v5"

	"github.com/perene/perene/contract"
)

// RingEarly rings what a delivery wakes; api/intake sets it.
var RingEarly func(contract.Wake)

// beforeCommit rings before COMMIT and keeps no rows, so that a ring which is lost stays lost: a build that
// `go run ./chaos -plan sabotage` has to find out.
func beforeCommit(ctx context.Context, tx pgx.Tx, wake *contract.Wake) error {
	ids := make([]int64, 0, len(wake.Doorbells))
	for _, b := range wake.Doorbells {
		ids = append(ids, b.ID)
	}
	if _, err := tx.Exec(ctx, `DELETE FROM doorbells WHERE id = ANY(@ids)`,
		pgx.NamedArgs{"ids": ids}); err != nil {
		return err
	}
	RingEarly(*wake)
	wake.Doorbells = nil
	return nil
}

const ringsBeforeCommit = true
