package flow

import "time"

// mostQuietSpans is how many spans of quiet hours are followed one after the other.
const mostQuietSpans = 8

// compileQuiet reads the quiet hours of a flow. Some time of the day must be left.
func (c *compiler) compileQuiet() {
	s := c.doc.Settings.QuietHours
	if s == "" {
		return
	}
	spans, err := ParseSpans(s)
	c.g.quiet = spans
	noon := time.Date(2026, 1, 15, 12, 0, 0, 0, time.UTC)
	if err != nil || len(spans) == 0 || len(spans) > mostQuietSpans || c.g.awake(noon, time.UTC).Sub(noon) >= 24*time.Hour {
		c.g.quiet = nil
		c.problem("quiet_hours", "/settings/quiet_hours", s)
	}
}

// awake is the instant itself, or the end of the quiet hours that it lies in, by the clocks of a zone.
func (g *Graph) awake(t time.Time, zone *time.Location) time.Time {
	zone = orUTC(zone)
	for range 2 * mostQuietSpans {
		end := g.quietEnd(t, zone)
		if end.IsZero() {
			break
		}
		t = end
	}
	return t
}

// quietEnd is the end of a span of quiet hours that an instant lies in; zero where it lies in none.
func (g *Graph) quietEnd(t time.Time, zone *time.Location) time.Time {
	local := t.In(zone)
	for _, s := range g.quiet {
		for _, ago := range []int{0, 1} { // a span that began yesterday may go on
			day := local.Day() - ago
			from := wallTime(local.Year(), local.Month(), day, s.From, zone)
			to := wallTime(local.Year(), local.Month(), day, s.end(), zone)
			if !t.Before(from) && t.Before(to) {
				return to.UTC()
			}
		}
	}
	return time.Time{}
}
