package flow

import (
	"iter"
	"slices"
	"time"
)

// OpenTime is how long the calendar is open between two instants. It is exact: a night of 23 or 25 hours counts as it was.
// It is zero where to is not after from. A nil calendar is always open.
func (c *Calendar) OpenTime(from, to time.Time, zone *time.Location) time.Duration {
	if !to.After(from) {
		return 0
	}
	if c == nil {
		return to.Sub(from)
	}
	var open time.Duration
	for s := range c.stretches(from, to, zone) {
		if s.state == Open {
			open += s.to.Sub(s.from)
		}
	}
	return open
}

// NextClose is the first instant at or after t when the calendar is not open. The answer is false where it does not close
// within a year.
func (c *Calendar) NextClose(t time.Time, zone *time.Location) (at time.Time, ok bool) {
	if c == nil {
		return time.Time{}, false
	}
	for s := range c.stretches(t, t.AddDate(0, 0, holidayHorizon), zone) {
		if s.state != Open {
			return s.from.UTC(), true
		}
	}
	return time.Time{}, false
}

// stretch is a time in which the calendar says one thing.
type stretch struct {
	from, to time.Time
	state    OpenState
}

// stretches are the times between two instants, in order and without gaps. Two that follow each other may say the same.
func (c *Calendar) stretches(from, to time.Time, zone *time.Location) iter.Seq[stretch] {
	loc := c.zone(zone)
	return func(yield func(stretch) bool) {
		for at := from; at.Before(to); {
			local := at.In(loc)
			_, ends := local.ZoneBounds()
			until := to
			if !ends.IsZero() && ends.Before(until) {
				until = ends
			}
			// Between two changes of the zone its clocks run evenly, so that each minute of the day comes once.
			_, offset := local.Zone()
			even := time.FixedZone("", offset)
			for at.Before(until) {
				next := c.nextEdge(at.In(even))
				if next.After(until) {
					next = until
				}
				if !yield(stretch{at, next, c.At(at, zone)}) {
					return
				}
				at = next
			}
		}
	}
}

// nextEdge is the next instant after local at which the calendar may say something else, by the clock of local's zone.
func (c *Calendar) nextEdge(local time.Time) time.Time {
	midnight := time.Date(local.Year(), local.Month(), local.Day(), 0, 0, 0, 0, local.Location())
	minute := local.Hour()*60 + local.Minute()
	next := dayMinutes
	edges := func(spans []Span, shift int) {
		for _, s := range spans {
			for _, edge := range [...]int{s.From - shift, s.end() - shift} {
				if edge > minute && edge < next {
					next = edge
				}
			}
		}
	}
	before := local.AddDate(0, 0, -1)
	today, holiday := c.day(local)
	yesterday, _ := c.day(before)
	edges(today, 0)
	edges(yesterday, dayMinutes)
	if holiday {
		edges(c.Week[int(local.Weekday())], 0) // the second half of a night shift
	}
	return midnight.Add(time.Duration(next) * time.Minute)
}

// Sort puts the days that name their year before those of every year: of two for one date the first counts.
func (c *Calendar) Sort() {
	slices.SortStableFunc(c.Holidays, func(a, b Holiday) int { return len(b.Date) - len(a.Date) })
}
