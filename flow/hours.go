package flow

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
)

// HoursOwner names whose opening hours are meant.
type HoursOwner string

// Whose opening hours there can be.
const (
	HoursQueue      HoursOwner = "queue"
	HoursConnection HoursOwner = "connection"
	HoursAccount    HoursOwner = "account"
)

// Calendar is a set of opening hours with holidays (rules 019, 032).
type Calendar struct {
	ID string `json:"id,omitempty"`
	// Zone is the calendar's time zone; nil means the account's.
	Zone *time.Location `json:"-"`
	// Week are the opening hours by weekday, Sunday first; a day without spans is closed.
	Week [7][]Span `json:"week"`
	// Holidays override their day.
	Holidays []Holiday `json:"holidays,omitempty"`
}

// Span is a stretch of time in minutes after midnight: From is inside, To is not. To may be 1440, and more than that where the
// span goes on after midnight: it belongs to the day on which it begins. 23:59 (1439) stands for the end of the day.
type Span struct {
	From int `json:"from"`
	To   int `json:"to"`
}

// Holiday is a day with hours of its own. Without spans it is closed all day.
type Holiday struct {
	// Date is YYYY-MM-DD, or MM-DD for a day of every year.
	Date  string `json:"date"`
	Name  string `json:"name,omitempty"`
	Spans []Span `json:"spans,omitempty"`
}

// OpenState says whether a calendar is open at an instant.
type OpenState string

// What a calendar can say. A holiday with hours of its own is open or closed as they say.
const (
	Open           OpenState = "open"
	Closed         OpenState = "closed"
	ClosedHoliday  OpenState = "holiday"
	holidayHorizon           = 370 // days searched for the next opening
)

// At says whether the calendar is open at t. A nil calendar is always open.
func (c *Calendar) At(t time.Time, zone *time.Location) OpenState {
	if c == nil {
		return Open
	}
	local := t.In(c.zone(zone))
	spans, holiday := c.day(local)
	minute := local.Hour()*60 + local.Minute()
	if within(spans, minute) {
		return Open
	}
	before, _ := c.day(local.AddDate(0, 0, -1))
	if within(before, minute+dayMinutes) || (holiday && reachesMidnight(before) && nightShift(c.Week[int(local.Weekday())], minute)) {
		return Open
	}
	if holiday && len(spans) == 0 {
		return ClosedHoliday
	}
	return Closed
}

const dayMinutes = 24 * 60

func (s Span) end() int {
	if s.To == dayMinutes-1 {
		return dayMinutes
	}
	return s.To
}

func within(spans []Span, minute int) bool {
	return slices.ContainsFunc(spans, func(s Span) bool { return s.From <= minute && minute < s.end() })
}

func reachesMidnight(spans []Span) bool {
	return slices.ContainsFunc(spans, func(s Span) bool { return s.end() == dayMinutes })
}

// nightShift reports whether the second half of a shift that is written as two spans is on: a holiday does not cut it.
func nightShift(spans []Span, minute int) bool {
	return slices.ContainsFunc(spans, func(s Span) bool { return s.From == 0 && minute < s.end() })
}

// ParseSpans reads opening hours of a day: "08:00-12:00 13:00-18:00". A span that ends before it begins goes on after
// midnight ("18:00-02:00"), and "24:00" is the end of the day.
func ParseSpans(s string) ([]Span, error) {
	var out []Span
	for _, f := range strings.FieldsFunc(readable(s), func(r rune) bool { return r == ' ' || r == ',' || r == ';' }) {
		from, to, ok := strings.Cut(f, "-")
		span, fits := NewSpan(from, to)
		if !ok || !fits {
			return nil, fmt.Errorf("hours %q: write 08:00-12:00 13:00-18:00, and 18:00-02:00 for hours that end after midnight", s)
		}
		out = append(out, span)
	}
	return out, nil
}

// NewSpan is the span between two times of day, "08:00" and "18:00". It goes on after midnight where the second is not later.
func NewSpan(from, to string) (Span, bool) {
	a, aok := clockMinutes(from)
	b, bok := clockMinutes(to)
	if !aok || !bok || a == b || a >= dayMinutes {
		return Span{}, false
	}
	if b < a {
		b += dayMinutes
	}
	return Span{From: a, To: b}, true
}

func clockMinutes(clock string) (int, bool) {
	h, m, _ := strings.Cut(strings.TrimSpace(clock), ":")
	hours, err := strconv.Atoi(h)
	mins := 0
	if err == nil && m != "" {
		mins, err = strconv.Atoi(m)
	}
	at := hours*60 + mins
	return at, err == nil && hours >= 0 && mins >= 0 && mins < 60 && at <= dayMinutes
}

// ParseHoliday reads a holiday: a date ("2026-12-25", or "12-25" for every year), perhaps with hours of its own behind it
// ("2026-12-24 08:00-12:00") and a name.
func ParseHoliday(s string) (Holiday, error) {
	date, rest, _ := strings.Cut(strings.TrimSpace(s), " ")
	_, full := time.Parse(time.DateOnly, date)
	_, yearly := time.Parse(time.DateOnly, "2024-"+date)
	if full != nil && yearly != nil {
		return Holiday{}, fmt.Errorf("holiday %q: write 2026-12-25, 12-25 for every year, or 2026-12-24 08:00-12:00 for a day with hours of its own", s)
	}
	h := Holiday{Date: date}
	hours, name := cutHours(rest)
	h.Name = name
	if hours == "" {
		return h, nil
	}
	var err error
	h.Spans, err = ParseSpans(hours)
	return h, err
}

// cutHours takes the hours from the beginning of a holiday's text; what follows is its name.
func cutHours(s string) (hours, name string) {
	words := strings.Fields(s)
	n := 0
	for n < len(words) && strings.Trim(readable(words[n]), "0123456789:-,;") == "" && strings.ContainsAny(words[n], "0123456789") {
		n++
	}
	return strings.Join(words[:n], " "), strings.Join(words[n:], " ")
}

// wallTime is the instant at which the clocks of a zone show a time of day. Where they skip it, it is as long after the last
// minute before the gap: 02:30 becomes 03:30 on the night they go forward.
func wallTime(year int, month time.Month, day, minute int, loc *time.Location) time.Time {
	t := time.Date(year, month, day, 0, minute, 0, 0, loc)
	want := time.Date(year, month, day, 0, minute, 0, 0, time.UTC)
	shown := time.Date(t.Year(), t.Month(), t.Day(), t.Hour(), t.Minute(), 0, 0, time.UTC)
	if shown.Before(want) {
		t = t.Add(want.Sub(shown))
	}
	return t
}

// NextOpen is the first instant at or after t when the calendar is open; ok is false when it does not open within a year.
func (c *Calendar) NextOpen(t time.Time, zone *time.Location) (at time.Time, ok bool) {
	if c.At(t, zone) == Open {
		return t, true
	}
	loc := c.zone(zone)
	local := t.In(loc)
	for d := range holidayHorizon {
		day := time.Date(local.Year(), local.Month(), local.Day()+d, 12, 0, 0, 0, loc) // noon is there on every day
		spans, _ := c.day(day)
		best := time.Time{}
		for _, s := range spans {
			if s.To <= s.From {
				continue
			}
			// Built from the wall clock, so that a day of 23 or 25 hours opens when its clocks say so.
			open := wallTime(day.Year(), day.Month(), day.Day(), s.From, loc)
			if open.Before(t) || c.At(open, zone) != Open {
				continue
			}
			if best.IsZero() || open.Before(best) {
				best = open
			}
		}
		if !best.IsZero() {
			return best.UTC(), true
		}
	}
	return time.Time{}, false
}

func (c *Calendar) zone(fallback *time.Location) *time.Location {
	switch {
	case c.Zone != nil:
		return c.Zone
	case fallback != nil:
		return fallback
	}
	return time.UTC
}

func (c *Calendar) day(local time.Time) (spans []Span, holiday bool) {
	full, yearly := local.Format("2006-01-02"), local.Format("01-02")
	for _, h := range c.Holidays {
		if h.Date == full || h.Date == yearly {
			return h.Spans, true
		}
	}
	return c.Week[int(local.Weekday())], false
}

// queueID is the id of a queue that is named by its id or by its name.
func (e *Env) queueID(ref string) string {
	for i := range e.Queues {
		if e.Queues[i].ID == ref {
			return ref
		}
	}
	for i := range e.Queues {
		if fold(e.Queues[i].Name) == fold(ref) {
			return e.Queues[i].ID
		}
	}
	return ref
}

// connectionID is the id of a connection that is named by its id or by its name.
func (e *Env) connectionID(ref string) string {
	for _, c := range e.Connections {
		if c.ID == ref {
			return ref
		}
	}
	for _, c := range e.Connections {
		if fold(c.Name) == fold(ref) {
			return c.ID
		}
	}
	return ref
}

// hours finds the calendar that counts for an owner: the queue's, else the connection's, else the account's (Z6).
func (e *Env) hours(owner HoursOwner, id, connection string) *Calendar {
	if e.Hours == nil {
		return nil
	}
	switch owner {
	case HoursQueue:
		id = e.queueID(id)
	case HoursConnection:
		id = e.connectionID(id)
	}
	if owner == HoursQueue {
		if c, ok := e.Hours(HoursQueue, id); ok {
			return c
		}
		owner, id = HoursConnection, connection
	}
	if owner == HoursConnection {
		if id == "" {
			id = connection
		}
		if c, ok := e.Hours(HoursConnection, id); ok {
			return c
		}
	}
	if c, ok := e.Hours(HoursAccount, ""); ok {
		return c
	}
	return nil
}
