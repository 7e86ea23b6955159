package flow

import (
	"strings"
	"time"
)

// waitSettings make the run stand still: for a while, until an instant, until a clock time, until opening hours, or until
// the contact writes.
type waitSettings struct {
	Asking
	// Mode says what is waited for.
	Mode string `json:"mode,omitempty" enum:"duration,until,clock,hours,reply" default:"duration" doc:"What is waited for"`
	// Duration is how long (mode duration).
	Duration Duration `json:"duration,omitempty" most:"400d" doc:"How long"`
	// Until is an instant or a date, usually a variable; Offset is added to it (mode until).
	Until  Text   `json:"until,omitzero" doc:"Instant or date, usually a variable"`
	Offset string `json:"offset,omitempty" doc:"Added to the instant, for example -1d or 2h"`
	// Clock is a time of day "HH:MM"; Weekdays narrow it, 0 is Sunday (mode clock).
	Clock    string `json:"clock,omitempty" doc:"Time of day HH:MM"`
	Weekdays []int  `json:"weekdays,omitempty" len:"7" doc:"Days of the week, 0 is Sunday"`
	// Of and ID say whose opening hours are waited for (mode hours).
	Of HoursOwner `json:"of,omitempty" enum:"queue,connection,account" default:"connection" doc:"Whose hours"`
	ID Ref        `json:"id,omitempty" doc:"The queue or connection"`
	// CancelOnReply ends the wait by "cancelled" when the contact writes; the message is kept for the next wait for a reply.
	CancelOnReply bool `json:"cancel_on_reply,omitempty" doc:"A message of the contact ends the wait"`
	// CancelIf is looked at when the wait is over: if it holds the output is "cancelled".
	CancelIf Expression `json:"cancel_if,omitzero" bool:"true" doc:"Leave by cancelled if this holds at the end"`

	offset time.Duration
}

func waitKind() *Kind {
	return &Kind{
		Name: "wait", Family: FamilyLogic,
		Label: label("Espera", "Wait"),
		Doc: label("Espera um tempo, uma data, um horário, o expediente abrir ou a resposta do contato.",
			"Waits for a while, a date, a clock time, opening hours, or the contact's reply."),
		make: func() behaviour { return &waitSettings{} },
	}
}

func (s *waitSettings) check(c *compiler) {
	if s.Mode == "" {
		s.Mode = "duration"
	}
	if s.Of == "" {
		s.Of = HoursConnection
	}
	missing := func(bad bool, name string) {
		if bad {
			c.problem("setting_missing", pointer(c.at, name), name)
		}
	}
	switch s.Mode {
	case "duration":
		missing(s.Duration == 0, "duration")
	case "until":
		missing(s.Until.Empty(), "until")
	case "clock":
		missing(s.Clock == "", "clock")
		if _, ok := ParseTime(s.Clock); s.Clock != "" && !ok {
			c.problem("setting_shape", c.at+"/clock", s.Clock)
		}
	}
	for _, d := range s.Weekdays {
		if d < 0 || d > 6 {
			c.problem("setting_range", c.at+"/weekdays", "weekdays", "0", "6")
		}
	}
	if s.Offset != "" {
		d, err := ParseDuration(strings.TrimLeft(s.Offset, "+-"))
		if err != nil {
			c.problem("setting_shape", c.at+"/offset", err.Error())
		}
		if s.offset = d.Std(); strings.HasPrefix(s.Offset, "-") {
			s.offset = -s.offset
		}
	}
}

func (s *waitSettings) outputs() []Output {
	if s.Mode == "reply" {
		return []Output{{Name: OutOK}, {Name: OutTimeout}}
	}
	out := []Output{{Name: OutOK}}
	if s.CancelOnReply || !s.CancelIf.Empty() {
		out = append(out, Output{Name: OutCancelled})
	}
	if s.Mode == "until" || s.Mode == "hours" {
		out = append(out, Output{Name: OutFailed, Quiet: true})
	}
	return out
}

func (s *waitSettings) stores() []VariableSpec { return s.stored(TypeAny) }

func (s *waitSettings) enter(r *run) next {
	if s.Mode == "reply" {
		return s.begin(r)
	}
	at, ok := s.instant(r)
	if !ok {
		r.note("no_instant") // going on now would do at once what was to be done later
		return leave(OutFailed)
	}
	if !at.After(r.now) {
		return s.over(r)
	}
	at = at.UTC()
	return stay(Wait{For: WaitTimer, Until: &at, Interruptible: s.CancelOnReply})
}

// instant is when the wait is over.
func (s *waitSettings) instant(r *run) (time.Time, bool) {
	local := r.now.In(orUTC(r.zone))
	switch s.Mode {
	case "until":
		t, ok := toInstant(r.value(s.Until), r.zone)
		return t.Add(s.offset), ok && t.Year() < 3000
	case "clock":
		hhmm, ok := ParseTime(s.Clock)
		if !ok {
			return time.Time{}, false
		}
		minute, _ := clockMinutes(hhmm)
		for d := range 8 {
			day := time.Date(local.Year(), local.Month(), local.Day()+d, 12, 0, 0, 0, local.Location())
			t := wallTime(day.Year(), day.Month(), day.Day(), minute, local.Location())
			if t.After(r.now) && s.onDay(day.Weekday()) {
				return t, true
			}
		}
		return time.Time{}, false
	case "hours":
		return r.env.hours(s.Of, string(s.ID), r.ev.Conversation.ConnectionID).NextOpen(r.now, r.zone)
	}
	return r.now.Add(s.Duration.Std()), true
}

func (s *waitSettings) onDay(day time.Weekday) bool {
	if len(s.Weekdays) == 0 {
		return true
	}
	for _, d := range s.Weekdays {
		if time.Weekday(d) == day {
			return true
		}
	}
	return false
}

func (s *waitSettings) over(r *run) next {
	if !s.CancelIf.Empty() && r.holds(s.CancelIf) {
		return leave(OutCancelled)
	}
	return leave(OutOK)
}

func (s *waitSettings) resume(r *run, in input) next {
	switch {
	case in.kind == inInterrupt:
		return leave(OutCancelled)
	case s.Mode != "reply":
		return s.over(r)
	case in.kind == inAlarm:
		return s.alarm(r)
	}
	s.accept(r, answer{value: anyAnswer(&in.msg)})
	return leave(OutOK)
}
