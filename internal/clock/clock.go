// Package clock is the time of a process. Postgres's clock is everybody's: api and worker read it now and then and carry it
// on by their machine's monotonic clock, so they agree about when a 24-hour window, a lease or a session ends, and a system
// clock that is wrong or jumps moves nothing.
package clock

import (
	"context"
	"log/slog"
	"sync/atomic"
	"time"
)

const (
	// every is how often Postgres's clock is read: a machine that slept notices so late.
	every = 5 * time.Second
	// tolerance is how far the two may drift apart before the newer reading counts: time should not stutter.
	tolerance = 100 * time.Millisecond
	// slow is how long a reading may take: a slower one says too little about when it was made.
	slow = time.Second
	// wrong is how far the system clock may be from Postgres's before it is told of (perene doctor fails there too).
	wrong = 5 * time.Second
)

// Clock is the time of a process. Safe for concurrent use.
type Clock struct {
	wall func() time.Time     // the system's clock
	mono func() time.Duration // runs evenly from some beginning
	at   atomic.Pointer[reading]
	far  bool // the system clock was told to be wrong; of Follow alone
}

// reading is what Postgres's clock showed when ours ran for that long.
type reading struct {
	there time.Time
	here  time.Duration
}

// New makes a clock that shows the system's time until Postgres's was read.
func New(wall func() time.Time) *Clock {
	begun := time.Now()
	return &Clock{wall: wall, mono: func() time.Duration { return time.Since(begun) }}
}

// Now is the present instant.
func (c *Clock) Now() time.Time {
	r := c.at.Load()
	if r == nil {
		return c.wall()
	}
	return r.there.Add(c.mono() - r.here)
}

// Read takes one reading of Postgres's clock in. It returns how far the system's clock is from it; negative is behind.
func (c *Clock) Read(ctx context.Context, postgres func(context.Context) (time.Time, error)) (off time.Duration, err error) {
	ctx, cancel := context.WithTimeout(ctx, slow)
	defer cancel()
	begun := c.mono()
	there, err := postgres(ctx)
	if err != nil {
		return 0, err
	}
	here := c.mono()
	there = there.Add((here - begun) / 2)
	// The answer may be older or younger than it seems by half of the time that it took.
	if off := c.Now().Sub(there); follows && (c.at.Load() == nil || off.Abs() > tolerance+(here-begun)/2) {
		c.at.Store(&reading{there: there, here: here})
	}
	return c.wall().Sub(there), nil
}

// Follow reads Postgres's clock again and again until ctx ends, and logs once when the system's clock is far off and once
// when it is right again. While Postgres is away the monotonic clock goes on from the last reading.
func (c *Clock) Follow(ctx context.Context, log *slog.Logger, postgres func(context.Context) (time.Time, error)) {
	tick := time.NewTicker(every)
	defer tick.Stop()
	for {
		c.look(ctx, log, postgres)
		select {
		case <-tick.C:
		case <-ctx.Done():
			return
		}
	}
}

func (c *Clock) look(ctx context.Context, log *slog.Logger, postgres func(context.Context) (time.Time, error)) {
	off, err := c.Read(ctx, postgres)
	if err != nil {
		return // whoever needs Postgres tells that it is away
	}
	switch far := off.Abs() > wrong; {
	case far && !c.far:
		log.Warn("the system's clock differs from the database's, which counts: keep both with NTP", "seconds", off.Seconds())
	case !far && c.far:
		log.Info("the system's clock is right again", "seconds", off.Seconds())
	}
	c.far = off.Abs() > wrong
}
