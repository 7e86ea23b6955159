package main

import (
	"net/http"
	"slices"
	"strings"
	"testing"
)

// goodTickets is a ticket that Bia (5) accepted and closed, that Caio (6) reopened, and that waits for its end.
func goodTickets() ([]told, *ticketTruth) {
	return []told{
			{ref: "a", kind: "accept", ticket: 1, status: http.StatusOK, command: 11},
			{ref: "b", kind: "accept", ticket: 1, status: http.StatusConflict},
			{ref: "c", kind: "close", ticket: 1, status: http.StatusAccepted, command: 13},
			{ref: "d", kind: "reopen", ticket: 1, status: http.StatusOK, command: 14},
			{ref: "e", kind: "wake", ticket: 1},
		}, &ticketTruth{
			commands: []commandRow{{11, 1, "accept", "done", "a"}, {12, 1, "accept", "refused", "b"}, {13, 1, "close", "done", "c"}, {14, 1, "reopen", "done", "d"}},
			tickets:  []ticketRow{{ID: 1, Conversation: 7, Agent: 6, State: "open", Shown: 1, ShownAgent: 6, ShownState: "open"}},
			events: []ticketEventRow{{1, "opened", 0, 0}, {1, "accepted", 5, 0}, {1, "snoozed", 5, 5}, {1, "closed", 5, 5},
				{1, "reopened", 6, 5}},
		}
}

// TestTicketsAreCompared: whatever is wrong with a ticket or with the answer to a command is found (I8).
func TestTicketsAreCompared(t *testing.T) {
	answers, truth := goodTickets()
	if found := ticketFaults(answers, truth); len(found) != 0 {
		t.Fatalf("the good ones: %q", found)
	}
	for want, spoil := range map[string]func(a []told, t *ticketTruth) []told{
		"has no answer":                    func(a []told, t *ticketTruth) []told { t.commands[1].State = "waiting"; return a[:1] },
		"a is stored 2 times":              func(a []told, t *ticketTruth) []told { t.commands[1].Ref = "a"; return a[:1] },
		"answered with 409 and is not":     func(a []told, t *ticketTruth) []told { t.commands = slices.Delete(t.commands, 1, 2); return a },
		"answered with 200 and is refused": func(a []told, t *ticketTruth) []told { t.commands[0].State = "refused"; return a },
		"answered with 409 and is done":    func(a []told, t *ticketTruth) []told { t.commands[1].State = "done"; return a },
		"answered as command 99":           func(a []told, _ *ticketTruth) []told { a[0].command = 99; return a },
		"open tickets 1 and 2": func(a []told, t *ticketTruth) []told {
			t.tickets = append(t.tickets, ticketRow{ID: 2, Conversation: 7, State: "waiting"})
			return a
		},
		"it was not woken":                  func(a []told, t *ticketTruth) []told { t.tickets[0].Overdue = true; return a },
		"shows ticket 1, agent 5":           func(a []told, t *ticketTruth) []told { t.tickets[0].ShownAgent = 5; return a },
		"shows ticket 0":                    func(a []told, t *ticketTruth) []told { t.tickets[0].Shown = 0; return a },
		"accepted by 6 while it was of 5":   func(a []told, t *ticketTruth) []told { t.events[2] = ticketEventRow{1, "accepted", 6, 5}; return a },
		"the fact before it left agent 5":   func(a []told, t *ticketTruth) []told { t.events[2].FromAgent = 0; return a },
		"closed twice":                      func(a []told, t *ticketTruth) []told { t.events[2].Kind = "closed"; return a },
		"1 ends and 1 reopenings were done": func(a []told, t *ticketTruth) []told { t.events = t.events[:4]; return a },
		"closure 3 of ticket 1 is overdue": func(a []told, t *ticketTruth) []told {
			t.closures = []closureRow{{3, 1, "waiting", true}}
			return a
		},
		"2 ends and 1 reopenings were done": func(a []told, t *ticketTruth) []told {
			t.closures = []closureRow{{3, 1, "done", false}}
			return a
		},
		"has no history": func(a []told, t *ticketTruth) []told { t.events = nil; return a },
		"its history ends closed false with agent 6": func(a []told, t *ticketTruth) []told {
			t.tickets[0].Agent, t.tickets[0].ShownAgent = 5, 5
			return a
		},
	} {
		answers, truth := goodTickets()
		answers = spoil(answers, truth)
		if found := strings.Join(ticketFaults(answers, truth), "\n"); !strings.Contains(found, want) {
			t.Errorf("nothing tells that it %s: %s", want, found)
		}
	}
}
