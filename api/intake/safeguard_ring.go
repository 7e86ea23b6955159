//go:build !chaos_ringfirst

package intake

// ringEarly has nothing to do: doorbells are rung after COMMIT.
func ringEarly(Waker) {}
