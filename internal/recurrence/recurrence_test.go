package recurrence_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/perene/perene/internal/recurrence"
)

func at(t *testing.T, text string) time.Time {
	t.Helper()
	when, err := time.Parse(time.RFC3339, text)
	if err != nil {
		t.Fatal(err)
	}
	return when
}

// Z29: a rule keeps the hour of its zone, also over the change of the clocks, and ends.
func TestARuleKeepsTheHourOfItsZone(t *testing.T) {
	t.Parallel()
	lisbon, err := time.LoadLocation("Europe/Lisbon")
	if err != nil {
		t.Fatal(err)
	}
	first := at(t, "2026-10-23T09:00:00+01:00") // the clocks change on the 25th
	for name, c := range map[string]struct {
		rule string
		want []string
	}{
		"daily":         {"FREQ=DAILY;COUNT=4", []string{"2026-10-24T09:00:00+01:00", "2026-10-25T09:00:00Z", "2026-10-26T09:00:00Z"}},
		"on weekdays":   {"RRULE:FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR;COUNT=3", []string{"2026-10-26T09:00:00Z", "2026-10-27T09:00:00Z"}},
		"until a day":   {"FREQ=WEEKLY;UNTIL=20261031T000000Z", []string{"2026-10-30T09:00:00Z"}},
		"the last day":  {"freq=monthly;bymonthday=-1;count=3", []string{"2026-10-31T09:00:00Z", "2026-11-30T09:00:00Z", "2026-12-31T09:00:00Z"}},
		"every 2 weeks": {"FREQ=WEEKLY;INTERVAL=2;COUNT=2", []string{"2026-11-06T09:00:00Z"}},
	} {
		r, err := recurrence.Parse(c.rule, first, lisbon)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		got := []string{}
		for _, when := range r.Next(first, 10) {
			got = append(got, when.Format(time.RFC3339))
		}
		if diff := cmp.Diff(c.want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
		if next := r.After(first).Format(time.RFC3339); next != c.want[0] {
			t.Errorf("%s: after the first comes %s, want %s", name, next, c.want[0])
		}
	}
}

func TestRulesThatAreRefused(t *testing.T) {
	t.Parallel()
	first := at(t, "2026-12-01T12:00:00Z")
	for _, rule := range []string{
		"", "every day", "FREQ=DAILY", "FREQ=DAILY;COUNT=1", "FREQ=DAILY;COUNT=367", "FREQ=DAILY;UNTIL=20300101T000000Z",
		"FREQ=HOURLY;COUNT=3", "FREQ=DAILY;BYHOUR=1,2,3;COUNT=3", "FREQ=DAILY;COUNT=3\nDTSTART:20200101T000000Z",
		"FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30;COUNT=3", "FREQ=DAILY;UNTIL=20200101T000000Z", "FREQ=YEARLY;INTERVAL=9000;COUNT=3",
	} {
		if r, err := recurrence.Parse(rule, first, time.UTC); err == nil {
			t.Errorf("%q is taken, and comes at %v", rule, r.Next(first, 3))
		}
	}
}
