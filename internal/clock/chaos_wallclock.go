//go:build chaos_wallclock

package clock

const follows = false
