// Package timerslack lets Linux put a program's timers off a little, as github.com/perene/perene/internal/timerslack does for
// Perene's processes and for the same reason; devstack imports nothing of Perene's.
package timerslack

import "time"

// Wide is the slack of the Temporal server: its timers, which wait for seconds and more, may come so much later.
const Wide = 5 * time.Millisecond

// kernels is the slack that Linux gives who says nothing.
const kernels = 50_000
