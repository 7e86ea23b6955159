package flow

import "time"

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

// Span is a stretch of one day in minutes after midnight: From is inside, To is not. To may be 1440.
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
	for _, s := range spans {
		if s.From <= minute && minute < s.To {
			return Open
		}
	}
	if holiday {
		return ClosedHoliday
	}
	return Closed
}

// NextOpen is the first instant at or after t when the calendar is open; ok is false when it does not open within a year.
func (c *Calendar) NextOpen(t time.Time, zone *time.Location) (at time.Time, ok bool) {
	if c.At(t, zone) == Open {
		return t, true
	}
	loc := c.zone(zone)
	local := t.In(loc)
	for d := range holidayHorizon {
		day := time.Date(local.Year(), local.Month(), local.Day()+d, 0, 0, 0, 0, loc)
		spans, _ := c.day(day)
		best := time.Time{}
		for _, s := range spans {
			if s.To <= s.From {
				continue
			}
			// Built from the wall clock, so that a day of 23 or 25 hours opens when its clocks say so.
			open := time.Date(day.Year(), day.Month(), day.Day(), 0, s.From, 0, 0, loc)
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

// hours finds the calendar that counts for an owner: the queue's, else the connection's, else the account's (Z6).
func (e *Env) hours(owner HoursOwner, id, connection string) *Calendar {
	if e.Hours == nil {
		return nil
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
