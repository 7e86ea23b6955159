//go:build !chaos_wallclock

package clock

// follows: Postgres's clock counts. Builds with chaos_wallclock believe their own machine; chaos has to find them out.
const follows = true
