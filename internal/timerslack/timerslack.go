// Package timerslack lets Linux put a program's timers off a little.
//
// Go's scheduler has a thread of its own (sysmon) that looks every 20 µs, as long as anything runs, whether somebody has run
// for too long, and begins so anew each time the program wakes. A program that does a little often, as Perene does, spends
// more than half of its changes of task on that. With a slack of some milliseconds the kernel wakes the thread later, or
// together with something else.
package timerslack

import "time"

// Wide is the slack of Perene's processes: timers may come so much later than asked for. It is below all that Perene
// times (milliseconds only where it paces sends, which makes up for a late timer), and half of the 10 ms after which Go
// takes the processor from a goroutine.
const Wide = 5 * time.Millisecond

// kernels is the slack that Linux gives who says nothing.
const kernels = 50_000
