package models

import (
	"strings"
	"testing"
	"time"
)

// TestOneTextIsChosen: the most specific owner's text goes out, and an empty one means none (Z8).
func TestOneTextIsChosen(t *testing.T) {
	t.Parallel()
	texts := func(kind AutoText, text string) AutomaticTexts { return AutomaticTexts{kind: text} }
	for _, c := range []struct {
		name                string
		kind                AutoText
		own                 string
		connection, account AutomaticTexts
		want                string
		owner               TextOwner
	}{
		{"none set", TextGreeting, "", nil, nil, "", TextOfNobody},
		{"the account's", TextGreeting, "", nil, texts(TextGreeting, "a"), "a", TextOfAccount},
		{"the connection's before it", TextGreeting, "", texts(TextGreeting, "c"), texts(TextGreeting, "a"), "c", TextOfConnection},
		{"a connection without one on purpose", TextGreeting, "", texts(TextGreeting, ""), texts(TextGreeting, "a"), "", TextOfConnection},
		{"another text of the connection", TextGreeting, "", texts(TextTransfer, "c"), texts(TextGreeting, "a"), "a", TextOfAccount},
		{"the user's farewell before all", TextFarewell, "u", texts(TextFarewell, "c"), texts(TextFarewell, "a"), "u", TextOfUser},
		{"a user has a farewell alone", TextTransfer, "u", texts(TextTransfer, "c"), nil, "c", TextOfConnection},
	} {
		if text, owner := c.kind.Choose(c.own, c.connection, c.account); text != c.want || owner != c.owner {
			t.Errorf("%s: %q of %s, want %q of %s", c.name, text, owner, c.want, c.owner)
		}
	}
}

// TestHowOftenAContactIsToldThatItIsClosed (rules 019, 046).
func TestHowOftenAContactIsToldThatItIsClosed(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 12, 1, 22, 0, 0, 0, time.UTC)
	before := func(d time.Duration) *time.Time { at := now.Add(-d); return &at }
	for _, c := range []struct {
		name  string
		told  *time.Time
		since bool
		agent *time.Time
		want  bool
	}{
		{"never told", nil, false, nil, true},
		{"told this evening", before(time.Hour), false, nil, false},
		{"it was open since", before(10 * time.Hour), true, nil, true},
		{"a whole day of one closed weekend", before(24 * time.Hour), false, nil, true},
		{"an agent is talking", nil, false, before(59 * time.Minute), false},
		{"the agent left an hour ago", nil, false, before(time.Hour), true},
	} {
		if got := (ClosedHours{Now: now, ToldAt: c.told, OpenedSince: c.since, AgentAt: c.agent}).Tells(); got != c.want {
			t.Errorf("%s: %v, want %v", c.name, got, c.want)
		}
	}
}

func TestCheckAutoText(t *testing.T) {
	t.Parallel()
	if CheckAutoText("hello", "x") == "" || CheckAutoText(TextGreeting, strings.Repeat("é", LongestAutoText+1)) == "" {
		t.Error("an unknown or too long text passes")
	}
	if why := CheckAutoText(TextGreeting, strings.Repeat("é", LongestAutoText)); why != "" {
		t.Error(why)
	}
}

// TestWhereNobodyOrPeopleServeItMayBeClosed: a flow in charge speaks for itself, and where no hours are set there is nothing to look up.
func TestWhereNobodyOrPeopleServeItMayBeClosed(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 12, 1, 22, 0, 0, 0, time.UTC)
	run := FlowRunID(1)
	for charge, want := range map[InCharge]bool{InChargeIdle: true, InChargeTicket: true, InChargeFlow: false} {
		m := &InboundMessage{Content: Content{Kind: ContentKindText, Text: "oi"}, At: now, Arrival: ArrivalLive}
		conv := &Conversation{InCharge: charge, FlowRunID: &run}
		if got := PlanInbound(&Connection{}, conv, false, m, now).MayTellClosed; got != want {
			t.Errorf("%s in charge: %v, want %v", charge, got, want)
		}
		if PlanInbound(&Connection{AlwaysOpen: true}, conv, false, m, now).MayTellClosed {
			t.Errorf("%s in charge: always open is looked up", charge)
		}
	}
}
