// Package recurrence says when something comes again: an RRULE of RFC 5545, counted in one time zone and always bounded.
package recurrence

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/teambition/rrule-go"
)

// The bounds of a rule.
const (
	// MostTimes is how often a rule may come.
	MostTimes = 366
	// Longest is how long after its first instant a rule ends.
	Longest = 2 * 366 * 24 * time.Hour
	longest = 500 // bytes of a rule
)

// Rule is a rule that was read. It counts wall-clock time in its zone: nine o'clock stays nine o'clock over daylight saving.
type Rule struct {
	rule *rrule.RRule
}

// Errors of rules.
var (
	errWords   = errors.New("this is no RRULE, such as FREQ=WEEKLY;BYDAY=MO;COUNT=10")
	errOften   = errors.New("it comes daily, weekly, monthly or yearly at most, at the hour of its first instant")
	errBounded = fmt.Errorf("it ends: by COUNT of 2 to %d, or by UNTIL within two years", MostTimes)
	errNever   = errors.New("it never comes again")
)

// Parse reads a rule that begins at an instant, in a zone. It refuses rules that do not end, that come more often than daily, or
// that never come again.
func Parse(text string, first time.Time, zone *time.Location) (*Rule, error) {
	upper := strings.ToUpper(strings.TrimSpace(text))
	if upper == "" || len(upper) > longest || strings.ContainsAny(upper, "\r\n") || strings.Contains(upper, "DTSTART") {
		return nil, errWords
	}
	o, err := rrule.StrToROptionInLocation(strings.TrimPrefix(upper, "RRULE:"), zone)
	if err != nil {
		return nil, errWords
	}
	switch {
	case o.Freq > rrule.DAILY || len(o.Byhour)+len(o.Byminute)+len(o.Bysecond) > 0:
		return nil, errOften
	case o.Count == 0 && o.Until.IsZero(), o.Count == 1, o.Count > MostTimes, o.Until.After(first.Add(Longest)), o.Interval > 1000:
		return nil, errBounded
	}
	o.Dtstart = first.In(zone)
	if end := first.Add(Longest); o.Until.IsZero() {
		o.Until = end // a rule that hardly ever matches is not searched for to the end of time
	}
	r, err := rrule.NewRRule(*o)
	if err != nil {
		return nil, errWords
	}
	out := &Rule{rule: r}
	if out.After(first).IsZero() {
		return nil, errNever
	}
	return out, nil
}

// After is the first instant of the rule after t; zero when none is left.
func (r *Rule) After(t time.Time) time.Time {
	return r.rule.After(t, false)
}

// Next are the next instants of the rule after t, at most n.
func (r *Rule) Next(t time.Time, n int) []time.Time {
	out := []time.Time{}
	next := r.rule.Iterator()
	for len(out) < n {
		at, more := next()
		if !more {
			break
		}
		if at.After(t) {
			out = append(out, at)
		}
	}
	return out
}
