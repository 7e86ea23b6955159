package graph

import "time"

// Clock is the simulator's source of time. Tests hand in one that they move by hand.
type Clock interface {
	// Now returns the present instant.
	Now() time.Time
	// AfterFunc runs f in its own goroutine when d has passed and returns a function that cancels it.
	AfterFunc(d time.Duration, f func()) (stop func() bool)
}

type wallClock struct{}

func (wallClock) Now() time.Time { return time.Now() }

func (wallClock) AfterFunc(d time.Duration, f func()) func() bool {
	return time.AfterFunc(d, f).Stop
}
