package models

import "time"

// InboundPlan is what one message changes in its conversation.
type InboundPlan struct {
	Seq             int64 // the conversation's inbound number after it
	Direction       Direction
	Origin          Origin
	Arrival         Arrival
	At              time.Time // when it was written
	Now             time.Time // when it is stored
	WindowExpiresAt *time.Time
	WindowState     WindowState
	StartsWindow    bool // a SessionWindow workflow has to be started
	OpensService    bool // no session of service is open, and the message may open one (rule 093)
	Wakes           bool // it counts as an answer: it is unread, starts the no-reply counter and ends later tries
	Answers         bool // the business answered on its phone: the no-reply counter ends
	WakesRun        bool // the running flow run has something to read
	MayStartFlow    bool // the conversation is idle and the message counts as an answer
	MayOpenTicket   bool // nobody is in charge: where no flow starts, the connection's initial queue gets a ticket (rule 028)
	MayTellClosed   bool // nobody or people are in charge: outside the opening hours an automatic text answers (rule 019)
	WakesTicket     bool // a snoozed ticket may be woken by it
	NotifiesAgent   bool // the agent who serves is told (rule 233)
	CancelsClosing  bool // a closure is scheduled that an answer cancels (rule 152)
	HoldsSends      bool // something is scheduled that a message of the contact holds back
	AnswersSurvey   bool // a survey waits, and the message may be its answer
	// AnswersBroadcast tells that the latest broadcast of the conversation had no answer before.
	AnswersBroadcast bool
	FirstContact     bool // nobody wrote in this conversation before
	LastInboundAt    *time.Time
}

// clockAhead is how far ahead of ours a provider's clock may be. A message from further in the future counts as written now,
// so that it opens no window into the future.
const clockAhead = 10 * time.Minute

// PlanInbound decides what a message changes in its conversation, as both stand under the conversation's lock. blocked tells
// that the contact is blocked.
func PlanInbound(conn *Connection, conv *Conversation, blocked bool, m *InboundMessage, now time.Time) InboundPlan {
	p := InboundPlan{
		Seq: conv.InboundSeq, Direction: DirectionIn, Origin: OriginContact, At: m.At, Now: now,
		WindowExpiresAt: conv.WindowExpiresAt, WindowState: conv.WindowState,
		FirstContact: conv.InboundSeq == 0 || conv.LastInboundAt == nil, LastInboundAt: conv.LastInboundAt,
	}
	if p.At.IsZero() || p.At.After(now.Add(clockAhead)) {
		p.At = now
	}
	p.Arrival = m.arrivalAt(now.Sub(p.At), blocked || conn.Settings.RefuseMessages)
	if m.FromMe {
		p.Direction, p.Origin = DirectionOut, OriginPhone
		p.Answers = p.Arrival == ArrivalEcho && (m.Content.Kind.Answers() || m.Content.Kind == ContentKindCall)
		return p
	}
	p.Seq++
	if !p.Arrival.Counts() {
		return p
	}
	if m.Content.Kind.Says() {
		p.openWindow(conv, ChannelOf(conn.Channel).Window, now)
	}
	if p.Wakes = m.Content.Kind.Answers(); !p.Wakes {
		return p
	}
	p.HoldsSends = conv.SendsOnReply
	p.AnswersBroadcast = conv.BroadcastID != nil
	p.MayTellClosed = conv.InCharge != InChargeFlow && !conn.AlwaysOpen
	switch conv.InCharge {
	case InChargeFlow:
		p.AnswersSurvey = conv.SurveyWaits && m.Content.tapsSurvey() // words are the flow's
		p.WakesRun = conv.FlowRunID != nil && !p.AnswersSurvey
	case InChargeIdle:
		p.AnswersSurvey = conv.SurveyWaits
		p.MayStartFlow = conv.FlowsMayStart(now)
		p.MayOpenTicket = conn.InitialQueueID != nil
	case InChargeTicket:
		p.CancelsClosing = conv.ClosingOnReply
		p.NotifiesAgent = conv.AgentID != nil
		p.WakesTicket = conv.Snoozed // rule 159: people answer, and no flow starts
	}
	return p
}

// openWindow opens the channel's window, if it has one, for its time from the message, by the provider's clock (rules 088, 089, Z14). A late
// message never shortens it.
func (p *InboundPlan) openWindow(conv *Conversation, window Window, now time.Time) {
	if !window.Exists() {
		return
	}
	until := p.At.Add(window.Anybody)
	if p.WindowExpiresAt == nil || until.After(*p.WindowExpiresAt) {
		p.WindowExpiresAt = &until
	}
	if p.WindowExpiresAt.After(now) {
		p.StartsWindow = conv.WindowState != WindowOpen && conv.WindowState != WindowExpiring
		p.WindowState = WindowOpen
		p.OpensService = conv.ServiceUntil == nil || !conv.ServiceUntil.After(p.At)
	}
}

// arrivalAt says what a message was when it came: what the provider says, unless it is refused or late (rule 191, Z11).
func (m *InboundMessage) arrivalAt(age time.Duration, refused bool) Arrival {
	switch {
	case m.Arrival != ArrivalLive && m.Arrival != ArrivalLate:
		return m.Arrival
	case refused:
		return ArrivalRefused
	case age > LateAfter:
		return ArrivalLate
	}
	return m.Arrival
}
