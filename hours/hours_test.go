package hours

import (
	"slices"
	"testing"
	"time"

	"github.com/perene/perene/flow"
	"github.com/perene/perene/models"
)

func TestEasterAndTheHolidaysThatMoveWithIt(t *testing.T) {
	t.Parallel()
	for year, want := range map[int]string{1999: "1999-04-04", 2000: "2000-04-23", 2008: "2008-03-23", 2024: "2024-03-31", 2025: "2025-04-20", 2026: "2026-04-05", 2027: "2027-03-28", 2038: "2038-04-25"} {
		if got := Easter(year).Format(time.DateOnly); got != want {
			t.Errorf("Easter %d is %s, want %s", year, got, want)
		}
	}
	dates := func(days []Day) (out []string) {
		for _, d := range days {
			out = append(out, d.Date)
		}
		return out
	}
	want := []string{"2027-01-01", "2027-03-26", "2027-04-21", "2027-05-01", "2027-09-07", "2027-10-12", "2027-11-02", "2027-11-15", "2027-11-20", "2027-12-25"}
	if got := dates(Brazil(2027)); !slices.Equal(got, want) {
		t.Errorf("holidays of 2027: %v, want %v", got, want)
	}
	if got := dates(BrazilOptional(2026)); !slices.Equal(got, []string{"2026-02-16", "2026-02-17", "2026-06-04"}) {
		t.Errorf("Carnival and Corpus Christi of 2026: %v", got)
	}
	if got := dates(Brazil(2023)); slices.Contains(got, "2023-11-20") {
		t.Error("the 20th of November is national since 2024")
	}
}

// TestWhichCalendarCounts: the queue's, else the connection's, else the account's, else always open (Z6), and the switch (041).
func TestWhichCalendarCounts(t *testing.T) {
	t.Parallel()
	week := func(from string) *models.WeekHours {
		return &models.WeekHours{Days: map[string][]models.Period{"2": {{From: from, To: "23:00"}}}}
	}
	tuesday := time.Date(2026, 12, 1, 12, 0, 0, 0, time.UTC)
	for _, c := range []struct {
		name                       string
		account, connection, queue *models.WeekHours
		off                        bool
		want                       flow.OpenState
	}{
		{"nothing is set", nil, nil, nil, false, flow.Open},
		{"the account's", week("13:00"), nil, nil, false, flow.Closed},
		{"the connection's before the account's", week("13:00"), week("08:00"), nil, false, flow.Open},
		{"the queue's before both", week("08:00"), week("08:00"), week("13:00"), false, flow.Closed},
		{"the switch is off", week("13:00"), week("13:00"), week("13:00"), true, flow.Open},
		{"a week without a day is closed", nil, &models.WeekHours{}, nil, false, flow.Closed},
	} {
		cal := Counting(&models.AccountSettings{Hours: c.account, HoursOff: c.off}, time.UTC, c.connection, c.queue)
		if got := cal.At(tuesday, time.UTC); got != c.want {
			t.Errorf("%s: %s, want %s", c.name, got, c.want)
		}
	}
}

func TestExceptionsGoBeforeHolidays(t *testing.T) {
	t.Parallel()
	account := &models.AccountSettings{Holidays: []string{"12-25 Natal", "2026-12-24 08:00-12:00 Véspera"}}
	h := &models.WeekHours{Days: map[string][]models.Period{"4": {{From: "08:00", To: "18:00"}}, "5": {{From: "08:00", To: "18:00"}}}, Exceptions: []string{"2026-12-25 10:00-14:00 Plantão"}}
	cal := Of(account, time.UTC, h)
	for at, want := range map[string]flow.OpenState{
		"2026-12-24T11:00:00Z": flow.Open, "2026-12-24T13:00:00Z": flow.Closed, "2026-12-25T09:00:00Z": flow.Closed,
		"2026-12-25T11:00:00Z": flow.Open, "2031-12-25T11:00:00Z": flow.ClosedHoliday,
	} {
		t0, err := time.Parse(time.RFC3339, at)
		if err != nil {
			t.Fatal(err)
		}
		if got := cal.At(t0, time.UTC); got != want {
			t.Errorf("%s: %s, want %s", at, got, want)
		}
	}
}

func TestCheckSaysWhatIsWrongAndWhere(t *testing.T) {
	t.Parallel()
	h := &models.WeekHours{Timezone: "America/Sao_Paulu", Exceptions: []string{"2026-02-30", "12-24 08:00-12:00 Véspera"},
		Days: map[string][]models.Period{"7": {}, "1": {{From: "18:00", To: "18:00"}, {From: "22:00", To: "02:00"}, {From: "8:00", To: "12:00"}}}}
	var got []string
	for _, p := range Check(h) {
		got = append(got, p.Path)
	}
	if want := []string{"timezone", "days.1[0]", "days.1[2]", "days.7", "exceptions[0]"}; !slices.Equal(got, want) {
		t.Errorf("problems at %v, want %v", got, want)
	}
	if got := Check(nil); got != nil {
		t.Errorf("no hours have problems: %v", got)
	}
}

func TestDaysAreReadAsTheyWereWritten(t *testing.T) {
	t.Parallel()
	in := []string{"12-25 Natal", "2026-12-24 08:00-12:00 13:00-18:00 Véspera de Natal", "2026-12-31 22:00-02:00"}
	if got := WriteDays(ReadDays(in)); !slices.Equal(got, in) {
		t.Errorf("%q became %q", in, got)
	}
}
