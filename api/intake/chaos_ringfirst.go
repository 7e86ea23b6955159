//go:build chaos_ringfirst

package intake

import "github.com/perene/perene/store"

// ringEarly lets the store ring before COMMIT: a build that `go run ./chaos -plan sabotage` has to find out.
func ringEarly(w Waker) { store.RingEarly = w.Wake }
