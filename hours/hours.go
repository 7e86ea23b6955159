// Package hours makes calendars of the opening hours that an account sets, for flows and for the desk alike.
package hours

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/perene/perene/flow"
	"github.com/perene/perene/models"
)

// Of is the calendar of one owner's hours. It is nil, which is always open, where the owner has none or the account has
// switched opening hours off (rule 041). The owner's own exceptions count before the account's holidays. Zone is the account's.
func Of(account *models.AccountSettings, zone *time.Location, h *models.WeekHours) *flow.Calendar {
	if h == nil || account.HoursOff {
		return nil
	}
	cal := &flow.Calendar{Zone: zone}
	if h.Timezone != "" {
		if z, err := time.LoadLocation(h.Timezone); err == nil {
			cal.Zone = z
		}
	}
	for day := range 7 {
		for _, p := range h.Days[strconv.Itoa(day)] {
			if span, ok := flow.NewSpan(p.From, p.To); ok {
				cal.Week[day] = append(cal.Week[day], span)
			}
		}
	}
	own := &flow.Calendar{Holidays: days(h.Exceptions)}
	all := &flow.Calendar{Holidays: days(account.Holidays)}
	own.Sort()
	all.Sort()
	cal.Holidays = slices.Concat(own.Holidays, all.Holidays)
	return cal
}

// Counting is the calendar that counts for a conversation (Z6): the queue's, else the connection's, else the account's, else nil.
func Counting(account *models.AccountSettings, zone *time.Location, connection, queue *models.WeekHours) *flow.Calendar {
	for _, h := range []*models.WeekHours{queue, connection, account.Hours} {
		if h != nil {
			return Of(account, zone, h)
		}
	}
	return nil
}

func days(written []string) []flow.Holiday {
	var out []flow.Holiday
	for _, date := range written {
		if h, err := flow.ParseHoliday(date); err == nil {
			out = append(out, h)
		}
	}
	return out
}

// Problem says what is wrong with opening hours, and where: days.1[0], timezone.
type Problem struct{ Path, Why string }

var clock = regexp.MustCompile(`^([01]\d|2[0-3]):[0-5]\d$|^24:00$`)

// The bounds of a calendar.
const (
	maxPeriods    = 12
	maxExceptions = 400
)

// Check lists what is wrong with opening hours; nothing for none.
func Check(h *models.WeekHours) []Problem {
	if h == nil {
		return nil
	}
	var out []Problem
	wrong := func(path, why string, args ...any) { out = append(out, Problem{path, fmt.Sprintf(why, args...)}) }
	if h.Timezone != "" {
		if why := CheckZone(h.Timezone); why != "" {
			wrong("timezone", "%s", why)
		}
	}
	names := make([]string, 0, len(h.Days))
	for day := range h.Days {
		names = append(names, day)
	}
	slices.Sort(names)
	for _, day := range names {
		at := "days." + day
		if n, err := strconv.Atoi(day); err != nil || n < 0 || n > 6 || len(day) != 1 {
			wrong(at, "days are 0 (Sunday) to 6 (Saturday)")
		}
		if len(h.Days[day]) > maxPeriods {
			wrong(at, "a day has at most %d periods", maxPeriods)
		}
		for i, p := range h.Days[day] {
			if !clock.MatchString(p.From) || !clock.MatchString(p.To) || p.From == p.To || p.From == "24:00" {
				wrong(fmt.Sprintf("%s[%d]", at, i), "a period goes from one time of day to another: {from: \"08:00\", to: \"18:00\"}; "+
					"one that ends earlier goes on after midnight, and 24:00 is the end of the day")
			}
		}
	}
	return append(out, CheckDays("exceptions", h.Exceptions)...)
}

// CheckZone says why a name is no time zone; empty where it is one.
func CheckZone(name string) string {
	if name == "" || name == "Local" {
		return "a time zone is written like America/Sao_Paulo"
	}
	if _, err := time.LoadLocation(name); err != nil {
		return fmt.Sprintf("there is no time zone %q; write it like America/Sao_Paulo", name)
	}
	return ""
}

// CheckDays lists what is wrong with days that have hours of their own: holidays, exceptions. Each date stands once.
func CheckDays(path string, written []string) []Problem {
	var out []Problem
	if len(written) > maxExceptions {
		return []Problem{{path, fmt.Sprintf("at most %d days", maxExceptions)}}
	}
	for i, day := range written {
		if h, err := flow.ParseHoliday(day); err != nil || len(h.Name) > 100 || strings.ContainsAny(day, "\n\r") {
			out = append(out, Problem{fmt.Sprintf("%s[%d]", path, i),
				"a holiday is written like 2026-12-25, 12-25 for every year, or 2026-12-24 08:00-12:00 for hours of its own"})
		}
	}
	return out
}

// Day is a date with hours of its own, taken apart: as people edit it.
type Day struct {
	Date    string          `json:"date" doc:"YYYY-MM-DD, or MM-DD for every year." example:"2026-12-25"`
	Name    string          `json:"name,omitempty" maxLength:"100"`
	Periods []models.Period `json:"periods" doc:"Without periods it is closed all day."`
}

// ReadDays takes written days apart. What cannot be read is left out.
func ReadDays(written []string) []Day {
	out := []Day{}
	for _, h := range days(written) {
		d := Day{Date: h.Date, Name: h.Name, Periods: []models.Period{}}
		for _, s := range h.Spans {
			d.Periods = append(d.Periods, models.Period{From: wall(s.From), To: wall(s.To)})
		}
		out = append(out, d)
	}
	return out
}

func wall(minute int) string {
	if minute > 24*60 {
		minute -= 24 * 60
	}
	return fmt.Sprintf("%02d:%02d", minute/60, minute%60)
}

// WriteDays writes days as they are stored, in the order of their dates.
func WriteDays(in []Day) []string {
	out := make([]string, 0, len(in))
	for _, d := range in {
		line := []string{strings.TrimSpace(d.Date)}
		for _, p := range d.Periods {
			line = append(line, p.From+"-"+p.To)
		}
		if name := strings.Join(strings.Fields(d.Name), " "); name != "" {
			line = append(line, name)
		}
		out = append(out, strings.Join(line, " "))
	}
	slices.Sort(out)
	return out
}
