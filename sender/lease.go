package sender

import (
	"sync/atomic"
	"time"
)

// lease is what a session knows of its right to send.
type lease struct {
	leased    *leaseClock
	renewAt   time.Time
	unknownAt time.Time // when unknown sends are looked at next
}

// leaseClock tells how long a sender may believe that it alone sends. It runs on the monotonic clock, so a process that was
// frozen finds its lease over. Safe for concurrent use.
type leaseClock struct {
	base  time.Time
	until atomic.Int64 // nanoseconds after base
	span  time.Duration
}

// leaseSlack is kept free before the end of a lease: from the check to the last byte on the wire.
const leaseSlack = 2 * time.Second

func newLeaseClock(taken time.Time, lease time.Duration) *leaseClock {
	l := &leaseClock{base: taken, span: lease - min(leaseSlack, lease/4)}
	l.until.Store(int64(l.span))
	return l
}

// renewed notes that the lease was renewed by a request that began at begun.
func (l *leaseClock) renewed(begun time.Time) { l.until.Store(int64(begun.Sub(l.base) + l.span)) }

func (l *leaseClock) lose() { l.until.Store(-1) }

// fresh tells whether a byte may be written at now.
func (l *leaseClock) fresh(now time.Time) bool {
	return now.Sub(l.base) < time.Duration(l.until.Load())
}
