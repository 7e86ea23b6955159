package graph

import "time"

// bucket is a token bucket: it holds what may still be sent now.
type bucket struct {
	level float64
	at    time.Time
}

// take removes one token if there is one; size is the burst, refill tokens come back per second.
func (b *bucket) take(now time.Time, size, refill float64) bool {
	if b.at.IsZero() {
		b.level = size
	} else if d := now.Sub(b.at); d > 0 {
		b.level = min(size, b.level+d.Seconds()*refill)
	}
	b.at = now
	if b.level < 1 {
		return false
	}
	b.level--
	return true
}

// The pair limit: one message every six seconds to the same person, of which 45 may be borrowed at once.
const (
	pairBurst  = 45
	pairRefill = 1.0 / 6
)
