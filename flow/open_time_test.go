package flow

import (
	"math/rand/v2"
	"testing"
	"time"
)

// TestOpenTimeIsTheSumOfItsMinutes holds OpenTime to At: each minute that At calls open counts once, also in nights in which
// the clocks go forward or back (rules 019, 032).
func TestOpenTimeIsTheSumOfItsMinutes(t *testing.T) {
	t.Parallel()
	random := rand.New(rand.NewPCG(1, 2)) //nolint:gosec // the same cases every time
	zones := []string{"America/Sao_Paulo", "America/New_York", "Europe/Lisbon", "Australia/Lord_Howe", "UTC", "Asia/Kathmandu"}
	starts := []time.Time{
		time.Date(2018, 11, 2, 12, 0, 0, 0, time.UTC), // São Paulo skips an hour at midnight of the 4th
		time.Date(2019, 2, 15, 12, 0, 0, 0, time.UTC), // and has it twice on the 17th
		time.Date(2026, 3, 7, 0, 0, 0, 0, time.UTC), time.Date(2026, 3, 28, 0, 0, 0, 0, time.UTC), time.Date(2026, 10, 31, 0, 0, 0, 0, time.UTC),
		time.Date(2026, 4, 4, 0, 0, 0, 0, time.UTC), time.Date(2026, 12, 24, 0, 0, 0, 0, time.UTC),
	}
	for range 60 {
		zone := mustZone(t, zones[random.IntN(len(zones))])
		c := randomCalendar(random)
		from := starts[random.IntN(len(starts))].Add(time.Duration(random.IntN(1440)) * time.Minute)
		to := from.Add(time.Duration(random.IntN(4*1440)) * time.Minute)
		var want time.Duration
		for at := from; at.Before(to); at = at.Add(time.Minute) {
			if c.At(at, zone) == Open {
				want += time.Minute
			}
		}
		if got := c.OpenTime(from, to, zone); got != want {
			t.Fatalf("%s to %s in %s: %v open, the minutes say %v: %+v", from, to, zone, got, want, c)
		}
		cut := from.Add(to.Sub(from) / 3)
		if sum := c.OpenTime(from, cut, zone) + c.OpenTime(cut, to, zone); sum != want {
			t.Fatalf("two parts are %v, the whole is %v", sum, want)
		}
	}
}

// TestNextCloseAndNextOpenMeet: nothing is open between them, and what they name is where At changes.
func TestNextCloseAndNextOpenMeet(t *testing.T) {
	t.Parallel()
	random := rand.New(rand.NewPCG(3, 4)) //nolint:gosec // the same cases every time
	zone := mustZone(t, "America/New_York")
	for range 200 {
		c := randomCalendar(random)
		at := time.Date(2026, 3, 1+random.IntN(40), random.IntN(24), random.IntN(60), 0, 0, time.UTC)
		closes, ok := c.NextClose(at, zone)
		if !ok {
			continue
		}
		if got := c.OpenTime(at, closes, zone); got != closes.Sub(at) {
			t.Fatalf("open for %v of the %v until it closes", got, closes.Sub(at))
		}
		if c.At(closes, zone) == Open {
			t.Fatalf("still open at %s", closes)
		}
		opens, ok := c.NextOpen(closes, zone)
		if !ok {
			continue
		}
		if got := c.OpenTime(closes, opens, zone); got != 0 {
			t.Fatalf("open for %v between closing %s and opening %s: %+v", got, closes, opens, c)
		}
	}
}

func TestOpenTimeOfNoCalendar(t *testing.T) {
	t.Parallel()
	var c *Calendar
	at := time.Date(2026, 12, 1, 0, 0, 0, 0, time.UTC)
	if got := c.OpenTime(at, at.Add(time.Hour), time.UTC); got != time.Hour {
		t.Errorf("always open is open for %v of an hour", got)
	}
	if got := c.OpenTime(at, at.Add(-time.Hour), time.UTC); got != 0 {
		t.Errorf("%v before the beginning", got)
	}
	if _, ok := c.NextClose(at, time.UTC); ok {
		t.Error("what is always open closes")
	}
}

func randomCalendar(random *rand.Rand) *Calendar {
	c := &Calendar{}
	spans := func() []Span {
		var out []Span
		for range random.IntN(3) {
			from := random.IntN(48) * 30
			out = append(out, Span{From: from, To: from + 30 + random.IntN(30)*30})
		}
		if random.IntN(6) == 0 {
			out = append(out, Span{From: 0, To: dayMinutes - 1})
		}
		return out
	}
	for day := range c.Week {
		c.Week[day] = spans()
	}
	for _, date := range []string{"2026-03-08", "12-25", "2018-11-04", "2019-02-16", "2026-11-01"} {
		if random.IntN(2) == 0 {
			c.Holidays = append(c.Holidays, Holiday{Date: date, Spans: spans()})
		}
	}
	c.Sort()
	return c
}

func mustZone(t *testing.T, name string) *time.Location {
	t.Helper()
	zone, err := time.LoadLocation(name)
	if err != nil {
		t.Fatal(err)
	}
	return zone
}
