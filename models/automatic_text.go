package models

import (
	"time"
	"unicode/utf8"
)

// AutoText names a text that goes out when something happens, without a person or a flow writing it.
type AutoText string

// The automatic texts.
const (
	TextGreeting      AutoText = "greeting"       // a ticket opens by itself and waits for an agent (rule 016)
	TextAgentGreeting AutoText = "agent_greeting" // an agent accepts the ticket (rule 047)
	TextTransfer      AutoText = "transfer"       // a ticket moves to another queue or agent (rules 018, 048)
	TextFarewell      AutoText = "farewell"       // a person closes the ticket (rules 017, 049)
	TextOutOfHours    AutoText = "out_of_hours"   // a contact writes while the calendar is closed (rules 019, 046)
)

// AutoTexts are all automatic texts, in the order in which they happen.
var AutoTexts = []AutoText{TextGreeting, TextAgentGreeting, TextTransfer, TextFarewell, TextOutOfHours}

// AutomaticTexts are the texts that one owner sets. A text that is absent is the next owner's. An empty one means none.
type AutomaticTexts map[AutoText]string

// TextOwner says who set the text that goes out.
type TextOwner string

// Who sets texts, the most specific one first (Z8).
const (
	TextOfUser       TextOwner = "user"
	TextOfConnection TextOwner = "connection"
	TextOfAccount    TextOwner = "account"
	TextOfNobody     TextOwner = "none"
)

// Choose gives the one text that goes out, and whose it is: the user's own, which only a farewell has, else the connection's, else
// the account's (Z8). An owner's empty text means that none goes out.
func (t AutoText) Choose(own string, connection, account AutomaticTexts) (string, TextOwner) {
	if own != "" && t == TextFarewell {
		return own, TextOfUser
	}
	if text, ok := connection[t]; ok {
		return text, TextOfConnection
	}
	if text, ok := account[t]; ok {
		return text, TextOfAccount
	}
	return "", TextOfNobody
}

// LongestAutoText is the longest automatic text in characters.
const LongestAutoText = 2000

// CheckAutoText says why a text cannot be an automatic one; empty where it can.
func CheckAutoText(kind AutoText, text string) string {
	known := false
	for _, each := range AutoTexts {
		known = known || each == kind
	}
	switch {
	case !known:
		return "there is no such text; there are greeting, agent_greeting, transfer, farewell, out_of_hours"
	case utf8.RuneCountInString(text) > LongestAutoText:
		return "at most 2000 characters"
	}
	return ""
}

// How often a contact is told that nobody is there.
const (
	closedAgain  = 24 * time.Hour // at the latest, in one long closed time
	agentPresent = time.Hour      // after an agent's message nobody is told
)

// ClosedHours is what decides whether a contact who writes while the calendar is closed is told so.
type ClosedHours struct {
	Now         time.Time
	ToldAt      *time.Time // when they were told last; nil: never
	OpenedSince bool       // the calendar was open between ToldAt and Now
	AgentAt     *time.Time // the last message of an agent; nil: none
}

// Tells reports whether the text goes out: once in each closed time, again after 24 hours of one, and not while an agent is
// talking.
func (c ClosedHours) Tells() bool {
	if c.AgentAt != nil && c.Now.Sub(*c.AgentAt) < agentPresent {
		return false
	}
	return c.ToldAt == nil || c.OpenedSince || c.Now.Sub(*c.ToldAt) >= closedAgain
}
