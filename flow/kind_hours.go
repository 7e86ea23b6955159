package flow

// hoursSettings choose by opening hours: "open", "closed" or "holiday" of a queue, a connection or the account
// (rules 019, 032; which one counts is Z6).
type hoursSettings struct {
	plain
	// Of says whose hours are meant; ID is the queue or connection, the conversation's own connection by default.
	Of HoursOwner `json:"of,omitempty" enum:"queue,connection,account" default:"connection" doc:"Whose hours"`
	ID Ref        `json:"id,omitempty" doc:"The queue or connection"`
}

// The outputs of opening hours.
const (
	OutOpen    = "open"
	OutClosed  = "closed"
	OutHoliday = "holiday"
)

func hoursKind() *Kind {
	return &Kind{
		Name: "hours", Family: FamilyLogic,
		Label: label("Horário de atendimento", "Business hours"),
		Doc: label("Segue por aberto, fechado ou feriado conforme o expediente da fila, da conexão ou da conta.",
			"Goes by open, closed or holiday as the hours of the queue, connection or account say."),
		make: func() behaviour { return &hoursSettings{} },
	}
}

func (s *hoursSettings) check(c *compiler) {
	if s.Of == "" {
		s.Of = HoursConnection
	}
	if s.Of == HoursQueue && s.ID == "" {
		c.problem("setting_missing", c.at+"/id", "id")
	}
}

func (s *hoursSettings) outputs() []Output {
	return []Output{{Name: OutOpen}, {Name: OutClosed}, {Name: OutHoliday, Quiet: true}}
}

func (s *hoursSettings) enter(r *run) next {
	cal := r.env.hours(s.Of, string(s.ID), r.ev.Conversation.ConnectionID)
	switch cal.At(r.now, r.zone) {
	case Open:
		return leave(OutOpen)
	case ClosedHoliday:
		return leaveOr(OutHoliday, OutClosed)
	}
	return leave(OutClosed)
}
