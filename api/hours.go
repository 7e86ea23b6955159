package api

import (
	"context"
	"net/http"
	"reflect"
	"time"

	"github.com/perene/perene/flow"
	"github.com/perene/perene/hours"
	"github.com/perene/perene/models"
	"github.com/perene/perene/store"
)

// HoursPage is every calendar of an account, with how each stands now.
type HoursPage struct {
	Enabled   bool            `json:"enabled" doc:"Whether opening hours count at all (rule 041). Off: always open."`
	Timezone  string          `json:"timezone" doc:"The account's zone, which counts where a calendar names none." example:"America/Sao_Paulo"`
	Holidays  []hours.Day     `json:"holidays" doc:"Days with hours of their own, for every calendar."`
	Calendars []OwnedCalendar `json:"calendars" doc:"The account's first, then the connections', then the queues'."`
}

// OwnedCalendar is the opening hours of one owner. A conversation goes by its queue's, else its connection's, else the account's,
// else it is always open (Z6).
type OwnedCalendar struct {
	Owner flow.HoursOwner `json:"owner" enum:"account,connection,queue"`
	ID    int64           `json:"id" doc:"Of the connection or queue; 0 for the account."`
	Name  string          `json:"name" doc:"Of the connection or queue; empty for the account."`
	Hours *CalendarHours  `json:"hours,omitempty" doc:"Its own hours. Without them it goes by the next owner's."`
	// Whose hours count now, and how they stand.
	From     string         `json:"from" enum:"account,connection,queue,none" doc:"Whose hours count; none: always open. A queue without hours goes by the conversation's connection."`
	State    flow.OpenState `json:"state,omitempty" enum:"open,closed,holiday" doc:"How it stands now; absent for a queue without hours."`
	OpensAt  *time.Time     `json:"opens_at,omitempty" doc:"When it opens next, while it is not open; absent: not within a year."`
	ClosesAt *time.Time     `json:"closes_at,omitempty" doc:"When it closes next, while it is open; absent: not within a year."`
}

// CalendarHours are weekly hours with exceptions by date.
type CalendarHours struct {
	Timezone   string                     `json:"timezone,omitempty" maxLength:"64" doc:"IANA; the account's if absent." example:"America/Manaus"`
	Days       map[string][]models.Period `json:"days" doc:"Periods by weekday, 0 (Sunday) to 6 (Saturday). A day that is absent is closed. A period that ends earlier than it begins goes on after midnight."`
	Exceptions []hours.Day                `json:"exceptions,omitempty" maxItems:"400" doc:"Days with hours of their own. They go before the account's holidays."`
}

type updateHoursIn struct {
	Body struct {
		Enabled    *bool          `json:"enabled,omitempty"`
		Holidays   []hours.Day    `json:"holidays,omitempty" maxItems:"400" doc:"All of them."`
		Hours      *CalendarHours `json:"hours,omitempty" doc:"The account's own."`
		AlwaysOpen bool           `json:"always_open,omitempty" doc:"Takes the account's own hours away."`
	}
}

type updateOwnHoursIn struct {
	Owner string `path:"owner" enum:"connection,queue"`
	ID    int64  `path:"id" minimum:"1"`
	Body  struct {
		Hours *CalendarHours `json:"hours,omitempty" doc:"Absent: it has none of its own, and goes by the next owner's."`
	}
}

type listHolidaysIn struct {
	Year int `query:"year" required:"true" minimum:"2000" maximum:"2199"`
}

// HolidayList is what an account can import as holidays.
type HolidayList struct {
	Country  string      `json:"country" example:"BR"`
	Year     int         `json:"year"`
	National []hours.Day `json:"national" doc:"By law; those that move are computed from Easter."`
	Optional []hours.Day `json:"optional" doc:"Carnival and Corpus Christi, on which many companies are closed."`
}

func (a *app) hoursOperations() {
	handle(a, operation{id: "read-hours", method: http.MethodGet, path: "/v1/hours", tag: "settings",
		summary: "Read all opening hours", doc: "Of the account, of each connection and of each queue, with how they stand now."},
		func(ctx context.Context, _ *struct{}) (*one[HoursPage], error) { return a.hoursNow(ctx) })
	handle(a, operation{id: "update-hours", method: http.MethodPatch, path: "/v1/hours", tag: "settings",
		summary: "Change the account's opening hours and holidays"}, a.updateHours)
	handle(a, operation{id: "update-own-hours", method: http.MethodPut, path: "/v1/hours/{owner}/{id}", tag: "settings",
		summary: "Change the opening hours of a connection or a queue"}, a.updateOwnHours)
	handle(a, operation{id: "list-holidays", method: http.MethodGet, path: "/v1/holidays", tag: "settings",
		summary: "List the holidays of Brazil in a year", doc: "For an import into the account's holidays. It changes nothing."},
		func(_ context.Context, in *listHolidaysIn) (*one[HolidayList], error) {
			return &one[HolidayList]{Body: HolidayList{Country: "BR", Year: in.Year, National: hours.Brazil(in.Year), Optional: hours.BrazilOptional(in.Year)}}, nil
		})
}

func (a *app) updateHours(ctx context.Context, in *updateHoursIn) (*one[HoursPage], error) {
	p, b := who(ctx), &in.Body
	week, err := b.Hours.model()
	if err != nil {
		return nil, err
	}
	holidays := hours.WriteDays(b.Holidays)
	if err := invalidDays(hours.CheckDays("holidays", holidays)); err != nil {
		return nil, err
	}
	changed := false
	err = a.Store.ChangeAccountSettings(ctx, p.account(), auditorOf(ctx, p), func(s *models.AccountSettings) (fields []string) {
		note := func(name string, differs bool, set func()) {
			if differs {
				set()
				fields = append(fields, name)
			}
		}
		if b.Enabled != nil {
			note("hours_off", s.HoursOff == *b.Enabled, func() { s.HoursOff = !*b.Enabled })
		}
		if b.Holidays != nil {
			note("holidays", !reflect.DeepEqual(append([]string{}, s.Holidays...), holidays), func() { s.Holidays = holidays })
		}
		if b.AlwaysOpen || week != nil {
			note("hours", !sameHours(s.Hours, week), func() { s.Hours = week })
		}
		changed = len(fields) > 0
		return fields
	})
	return a.hoursChanged(ctx, changed, err)
}

func (a *app) updateOwnHours(ctx context.Context, in *updateOwnHoursIn) (*one[HoursPage], error) {
	p := who(ctx)
	week, err := in.Body.Hours.model()
	if err != nil {
		return nil, err
	}
	changed := false
	set := func(h **models.WeekHours) []string {
		if sameHours(*h, week) {
			return nil
		}
		*h, changed = week, true
		return []string{"hours"}
	}
	if in.Owner == string(flow.HoursQueue) {
		err = a.Store.ChangeQueueSettings(ctx, p.account(), models.QueueID(in.ID), auditorOf(ctx, p), func(q *models.Queue) []string { return set(&q.Hours) })
	} else {
		err = a.Store.ChangeConnectionSettings(ctx, p.account(), models.ConnectionID(in.ID), auditorOf(ctx, p),
			func(s *models.ConnectionSettings) []string { return set(&s.Hours) })
	}
	return a.hoursChanged(ctx, changed, err)
}

// hoursChanged answers with all hours as they are now.
func (a *app) hoursChanged(ctx context.Context, changed bool, err error) (*one[HoursPage], error) {
	if err != nil {
		return nil, err
	}
	if !changed {
		changedNothing(ctx)
	}
	a.hooks.forgetAccount(who(ctx).account())
	return a.hoursNow(ctx)
}

func (a *app) hoursNow(ctx context.Context) (*one[HoursPage], error) {
	s, err := a.Store.ServiceSettings(ctx, who(ctx).account())
	if err != nil {
		return nil, err
	}
	return &one[HoursPage]{Body: hoursPage(s, a.Now())}, nil
}

func hoursPage(s *store.ServiceSettings, now time.Time) HoursPage {
	zone, err := time.LoadLocation(s.Timezone)
	if err != nil {
		zone = time.UTC
	}
	out := HoursPage{Enabled: !s.Account.HoursOff, Timezone: s.Timezone, Holidays: hours.ReadDays(s.Account.Holidays)}
	add := func(owner flow.HoursOwner, id int64, name string, own *models.WeekHours) {
		c := OwnedCalendar{Owner: owner, ID: id, Name: name, Hours: calendarHoursOf(own), From: string(owner)}
		counts := own
		switch {
		case own != nil:
		case owner == flow.HoursQueue:
			c.From = string(flow.HoursConnection)
			out.Calendars = append(out.Calendars, c)
			return
		case s.Account.Hours != nil:
			c.From, counts = string(flow.HoursAccount), s.Account.Hours
		default:
			c.From = "none"
		}
		cal := hours.Of(&s.Account, zone, counts)
		if c.State = cal.At(now, zone); c.State == flow.Open {
			if at, ok := cal.NextClose(now, zone); ok {
				c.ClosesAt = &at
			}
		} else if at, ok := cal.NextOpen(now, zone); ok {
			c.OpensAt = &at
		}
		out.Calendars = append(out.Calendars, c)
	}
	add(flow.HoursAccount, 0, "", s.Account.Hours)
	for i := range s.Connections {
		c := &s.Connections[i]
		add(flow.HoursConnection, int64(c.ID), c.Name, c.Settings.Hours)
	}
	for i := range s.Queues {
		q := &s.Queues[i]
		add(flow.HoursQueue, int64(q.ID), q.Name, q.Hours)
	}
	return out
}

// model is the hours as they are stored. Hours that make no sense are CodeInvalid.
func (c *CalendarHours) model() (*models.WeekHours, error) {
	if c == nil {
		return nil, nil //nolint:nilnil // there are none
	}
	h := &models.WeekHours{Timezone: c.Timezone, Days: map[string][]models.Period{}}
	for day, periods := range c.Days {
		if len(periods) > 0 {
			h.Days[day] = periods
		}
	}
	if len(c.Exceptions) > 0 {
		h.Exceptions = hours.WriteDays(c.Exceptions)
	}
	problems := hours.Check(h)
	for i := range problems {
		problems[i].Path = "hours." + problems[i].Path
	}
	return h, invalidDays(problems)
}

func calendarHoursOf(h *models.WeekHours) *CalendarHours {
	if h == nil {
		return nil
	}
	out := &CalendarHours{Timezone: h.Timezone, Days: h.Days}
	if out.Days == nil {
		out.Days = map[string][]models.Period{}
	}
	if len(h.Exceptions) > 0 {
		out.Exceptions = hours.ReadDays(h.Exceptions)
	}
	return out
}

func invalidDays(problems []hours.Problem) error {
	if len(problems) == 0 {
		return nil
	}
	e := &models.Error{Code: models.CodeInvalid, Key: "settings.hours", Message: "these opening hours make no sense"}
	for _, p := range problems {
		e.Fields = append(e.Fields, models.Field{Path: "body." + p.Path, Message: p.Why})
	}
	return e
}

func sameHours(a, b *models.WeekHours) bool {
	return reflect.DeepEqual(calendarHoursOf(a), calendarHoursOf(b))
}
