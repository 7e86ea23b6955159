package models_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/perene/perene/models"
)

// The rules of what comes in, one case each.
func TestPlanInbound(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 11, 30, 12, 0, 0, 0, time.UTC)
	run := models.FlowRunID(42)
	at := func(d time.Duration) *time.Time { t := now.Add(d); return &t }
	live := models.InboundMessage{Content: models.Content{Kind: models.ContentKindText, Text: "oi"}, At: now, Arrival: models.ArrivalLive}
	as := func(change func(*models.InboundMessage)) models.InboundMessage { m := live; change(&m); return m }
	of := func(kind models.ContentKind) models.InboundMessage {
		return as(func(m *models.InboundMessage) { m.Content.Kind = kind })
	}
	idle := models.Conversation{InCharge: models.InChargeIdle, WindowState: models.WindowNone}
	in := func(change func(*models.Conversation)) models.Conversation { c := idle; change(&c); return c }
	open := in(func(c *models.Conversation) {
		c.InboundSeq, c.WindowState, c.WindowExpiresAt, c.LastInboundAt = 3, models.WindowOpen, at(20*time.Hour), at(-4*time.Hour)
	})

	for name, c := range map[string]struct {
		conv    models.Conversation
		message models.InboundMessage
		blocked bool
		refuses bool
		want    models.InboundPlan
	}{
		"rule 088: a first message opens the window for 24 hours and may start a flow": {conv: idle, message: live, want: models.InboundPlan{
			Seq: 1, WindowExpiresAt: at(24 * time.Hour), WindowState: models.WindowOpen, StartsWindow: true, OpensService: true, Wakes: true, MayStartFlow: true, FirstContact: true}},
		"rule 089: the next one moves the end, and the window's workflow runs already": {conv: open, message: live, want: models.InboundPlan{
			Seq: 4, WindowExpiresAt: at(24 * time.Hour), WindowState: models.WindowOpen, OpensService: true, Wakes: true, MayStartFlow: true, LastInboundAt: at(-4 * time.Hour)}},
		"Z14: a late message never shortens the window": {conv: open,
			message: as(func(m *models.InboundMessage) { m.At = now.Add(-23 * time.Hour) }), want: models.InboundPlan{
				Seq: 4, Arrival: models.ArrivalLate, At: now.Add(-23 * time.Hour), WindowExpiresAt: at(20 * time.Hour), WindowState: models.WindowOpen,
				OpensService: true, Wakes: true, MayStartFlow: true, LastInboundAt: at(-4 * time.Hour)}},
		"rule 093: a session of service is open": {conv: in(func(c *models.Conversation) {
			c.InboundSeq, c.WindowState, c.WindowExpiresAt, c.LastInboundAt, c.ServiceUntil = 3, models.WindowOpen, at(20*time.Hour), at(-4*time.Hour), at(time.Second)
		}), message: live, want: models.InboundPlan{
			Seq: 4, WindowExpiresAt: at(24 * time.Hour), WindowState: models.WindowOpen, Wakes: true, MayStartFlow: true, LastInboundAt: at(-4 * time.Hour)}},
		"rule 093: it has ended": {conv: in(func(c *models.Conversation) {
			c.InboundSeq, c.WindowState, c.WindowExpiresAt, c.LastInboundAt, c.ServiceUntil = 3, models.WindowOpen, at(20*time.Hour), at(-4*time.Hour), at(0)
		}), message: live, want: models.InboundPlan{
			Seq: 4, WindowExpiresAt: at(24 * time.Hour), WindowState: models.WindowOpen, OpensService: true, Wakes: true, MayStartFlow: true, LastInboundAt: at(-4 * time.Hour)}},
		"a message from before its window leaves the state alone": {conv: idle,
			message: as(func(m *models.InboundMessage) { m.At = now.Add(-30 * time.Hour) }), want: models.InboundPlan{
				Seq: 1, Arrival: models.ArrivalLate, At: now.Add(-30 * time.Hour), WindowExpiresAt: at(-6 * time.Hour), WindowState: models.WindowNone,
				Wakes: true, MayStartFlow: true, FirstContact: true}},
		"a clock far ahead opens no window into the future": {conv: idle,
			message: as(func(m *models.InboundMessage) { m.At = now.Add(time.Hour) }), want: models.InboundPlan{
				Seq: 1, WindowExpiresAt: at(24 * time.Hour), WindowState: models.WindowOpen, StartsWindow: true, OpensService: true, Wakes: true, MayStartFlow: true, FirstContact: true}},
		"rule 149: the chatbot is off": {conv: in(func(c *models.Conversation) { c.ChatbotDisabled = true }), message: live, want: models.InboundPlan{
			Seq: 1, WindowExpiresAt: at(24 * time.Hour), WindowState: models.WindowOpen, StartsWindow: true, OpensService: true, Wakes: true, FirstContact: true}},
		"rule 159: people are in charge": {conv: in(func(c *models.Conversation) { c.InCharge = models.InChargeTicket }), message: live, want: models.InboundPlan{
			Seq: 1, WindowExpiresAt: at(24 * time.Hour), WindowState: models.WindowOpen, StartsWindow: true, OpensService: true, Wakes: true, FirstContact: true}},
		"a run is in charge and is woken": {conv: in(func(c *models.Conversation) { c.InCharge, c.FlowRunID = models.InChargeFlow, &run }), message: live,
			want: models.InboundPlan{Seq: 1, WindowExpiresAt: at(24 * time.Hour), WindowState: models.WindowOpen, StartsWindow: true, OpensService: true, Wakes: true,
				WakesRun: true, FirstContact: true}},
		"rule 191: a blocked contact": {conv: idle, message: live, blocked: true, want: models.InboundPlan{
			Seq: 1, Arrival: models.ArrivalRefused, WindowState: models.WindowNone, FirstContact: true}},
		"Z11: the connection refuses messages": {conv: open, message: live, refuses: true, want: models.InboundPlan{
			Seq: 4, Arrival: models.ArrivalRefused, WindowExpiresAt: at(20 * time.Hour), WindowState: models.WindowOpen, LastInboundAt: at(-4 * time.Hour)}},
		"rule 111: a reaction opens the window and is no answer": {conv: idle, message: of(models.ContentKindReaction), want: models.InboundPlan{
			Seq: 1, WindowExpiresAt: at(24 * time.Hour), WindowState: models.WindowOpen, StartsWindow: true, OpensService: true, FirstContact: true}},
		"Z17: a call opens the window and is no answer": {conv: idle, message: of(models.ContentKindCall), want: models.InboundPlan{
			Seq: 1, WindowExpiresAt: at(24 * time.Hour), WindowState: models.WindowOpen, StartsWindow: true, OpensService: true, FirstContact: true}},
		"imported history changes nothing": {conv: open, message: as(func(m *models.InboundMessage) { m.Arrival = models.ArrivalHistory }), want: models.InboundPlan{
			Seq: 4, Arrival: models.ArrivalHistory, WindowExpiresAt: at(20 * time.Hour), WindowState: models.WindowOpen, LastInboundAt: at(-4 * time.Hour)}},
		"a group's message opens no window": {conv: idle, message: as(func(m *models.InboundMessage) { m.Arrival = models.ArrivalGroup }), want: models.InboundPlan{
			Seq: 1, Arrival: models.ArrivalGroup, WindowState: models.WindowNone, FirstContact: true}},
		"rule 132: an echo from the phone answers": {conv: open,
			message: as(func(m *models.InboundMessage) { m.FromMe, m.Arrival = true, models.ArrivalEcho }), want: models.InboundPlan{
				Seq: 3, Direction: models.DirectionOut, Origin: models.OriginPhone, Arrival: models.ArrivalEcho, Answers: true,
				WindowExpiresAt: at(20 * time.Hour), WindowState: models.WindowOpen, LastInboundAt: at(-4 * time.Hour)}},
		"our own words in the history answer nobody": {conv: open,
			message: as(func(m *models.InboundMessage) { m.FromMe, m.Arrival = true, models.ArrivalHistory }), want: models.InboundPlan{
				Seq: 3, Direction: models.DirectionOut, Origin: models.OriginPhone, Arrival: models.ArrivalHistory,
				WindowExpiresAt: at(20 * time.Hour), WindowState: models.WindowOpen, LastInboundAt: at(-4 * time.Hour)}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if c.want.Direction == "" {
				c.want.Direction, c.want.Origin = models.DirectionIn, models.OriginContact
			}
			if c.want.Arrival == "" {
				c.want.Arrival = models.ArrivalLive
			}
			if c.want.At.IsZero() {
				c.want.At = now
			}
			c.want.Now = now
			conn := &models.Connection{Channel: models.ChannelWhatsAppCloud, AlwaysOpen: true, Settings: models.ConnectionSettings{RefuseMessages: c.refuses}}
			if diff := cmp.Diff(c.want, models.PlanInbound(conn, &c.conv, c.blocked, &c.message, now)); diff != "" {
				t.Errorf("plan (-want +got):\n%s", diff)
			}
		})
	}
}
