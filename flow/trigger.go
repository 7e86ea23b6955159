package flow

import "time"

// Candidate is one published flow that may start.
type Candidate struct {
	Graph *Graph
	// Priority orders flows that match equally well: lower first; then the order given.
	Priority int
	// LastStarted is when this flow last started by itself for the contact on any connection; zero means never. The
	// repeat guard of rules 027 and 182 counts from it.
	LastStarted time.Time
}

// Facts are what triggers look at besides the message.
type Facts struct {
	Now time.Time
	// FirstContact is set on the first message this contact ever sent on the connection.
	FirstContact bool
	// LastInbound is when the contact wrote before this message; zero means never. "First of the day" compares it with
	// Now in the account's zone.
	LastInbound time.Time
	// TicketOpen is set while a ticket is open: then no inbound trigger fires (rule 159).
	TicketOpen bool
	// ConnectionID is the connection the message came by.
	ConnectionID string
	// RepeatGuard is the connection's [Chatbot inicial timeout]; 0 is none (rules 027, 182; minutes by rule 1.Z Z18).
	RepeatGuard Duration
}

// Match is the flow that a message starts.
type Match struct {
	Graph *Graph
	// Node is where the run begins.
	Node string
	By   Started
}
