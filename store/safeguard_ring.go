//go:build !chaos_ringfirst

package store

import (
	"context"

	"github.com/jackc/pgx/v5"

	"github.com/perene/perene/contract"
)

// beforeCommit has nothing to do: doorbells are rows, and rung after COMMIT.
func beforeCommit(context.Context, pgx.Tx, *contract.Wake) error { return nil }

// ringsBeforeCommit is false: COMMIT may ride with the last statements of a delivery.
const ringsBeforeCommit = false
