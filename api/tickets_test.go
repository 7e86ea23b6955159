package api

import (
	"encoding/json"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/perene/perene/models"
)

// openFor opens a ticket in conversation 3 and gives its id.
func (w *world) openFor(as string, body obj) int64 {
	w.t.Helper()
	got := w.do(request{as: as, method: http.MethodPost, path: "/v1/conversations/1003/ticket", body: body})
	if got.status != http.StatusCreated {
		w.t.Fatalf("opening: %d %s", got.status, got.body)
	}
	return int64(got.json(w.t)["ticket"].(obj)["id"].(float64))
}

// command asks for something of a ticket.
func (w *world) command(as string, ticket int64, what string, body any) answer {
	w.t.Helper()
	return w.do(request{as: as, method: http.MethodPost, path: "/v1/tickets/" + models.TicketID(ticket).String() + what, body: body})
}

// ADR 69: where no worker answers, the command stays and the answer is 202. The doorbell is rung, and a repeat under the same
// client_ref is the same command.
func TestATicketsCommandWaitsForAWorker(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ticket := w.openFor("supervisor", obj{"queue_id": 1001})
	w.workflows.err = &models.Error{Code: models.CodeUnavailable, Message: "nobody answers"}
	got := w.command("user", ticket, "/accept", obj{"client_ref": "aceite-1"})
	command := got.json(t)["command"].(obj)
	if got.status != http.StatusAccepted || command["state"] != "waiting" || got.json(t)["conversation"] != nil {
		t.Fatalf("%d %s", got.status, got.body)
	}
	w.waker.mu.Lock()
	last := w.waker.wakes[len(w.waker.wakes)-1]
	w.waker.mu.Unlock()
	if len(last.Doorbells) != 1 || last.Doorbells[0].WorkflowID != "ticket/"+models.TicketID(ticket).String() || last.Doorbells[0].ID == 0 {
		t.Errorf("what was rung: %+v", last)
	}
	if n := w.value(`SELECT count(*) FROM tickets WHERE agent_id IS NOT NULL AND id = $1`, ticket); n != int64(0) {
		t.Error("the ticket has an agent already")
	}
	w.workflows.err = nil // a worker is back, and the agent tries again
	again := w.command("user", ticket, "/accept", obj{"client_ref": "aceite-1"})
	repeated := again.json(t)["command"].(obj)
	if again.status != http.StatusOK || repeated["id"] != command["id"] || repeated["state"] != "done" {
		t.Errorf("%d %s", again.status, again.body)
	}
	other := w.command("user", ticket, "/wake", obj{"client_ref": "aceite-1"})
	if other.status != http.StatusConflict {
		t.Errorf("the client_ref of another command: %d %s", other.status, other.body)
	}
}

// Of agents who accept at once exactly one has the ticket, and the others hear who it is and since when.
func TestAgentsAcceptAtOnce(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ticket := w.openFor("admin", obj{"queue_id": 1001})
	roles := []string{"user", "supervisor", "admin"}
	answers := make([]answer, len(roles))
	var group sync.WaitGroup
	for i, role := range roles {
		group.Go(func() { answers[i] = w.command(role, ticket, "/accept", nil) })
	}
	group.Wait()
	won := ""
	for i, got := range answers {
		if got.status == http.StatusOK {
			won += roles[i]
		}
	}
	for i, got := range answers {
		if roles[i] == won {
			continue
		}
		var p Problem
		if err := json.Unmarshal(got.body, &p); err != nil {
			t.Fatal(err)
		}
		if got.status != http.StatusConflict || p.Key != models.KeyTicketTaken || p.Args["agent"] == "" || p.Args["agent_id"] == "" || p.Args["at"] == "" {
			t.Errorf("%s: %d %s", roles[i], got.status, got.body)
		}
	}
	if w.value(`SELECT count(*) FROM ticket_events WHERE ticket_id = $1 AND kind = 'accepted'`, ticket) != int64(1) {
		t.Errorf("%q won, and the history has another number of acceptances", won)
	}
}

// Who transfers a ticket to a queue of others has done it, and no longer sees the conversation (rule 033).
func TestTransferringOutOfSight(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ticket := w.openFor("user", obj{})
	got := w.command("user", ticket, "/transfer", obj{"queue_id": 1002, "note": "Cliente com pressa."})
	if got.status != http.StatusOK || got.json(t)["conversation"] != nil {
		t.Errorf("%d %s", got.status, got.body)
	}
	if got := w.do(request{as: "user", method: http.MethodGet, path: "/v1/tickets/" + models.TicketID(ticket).String()}); got.status != http.StatusNotFound {
		t.Errorf("the ticket is still seen: %d", got.status)
	}
	if log := w.log.String(); strings.Contains(log, "pressa") {
		t.Error("the log has the note's words")
	}
}

// A client_ref opens at most one ticket, also after that ticket was closed.
func TestOpeningTwiceWithOneRef(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ticket := w.openFor("user", obj{"client_ref": "abrir-1"})
	if got := w.command("user", ticket, "/close", nil); got.status != http.StatusOK {
		t.Fatalf("%d %s", got.status, got.body)
	}
	w.advance(time.Minute)
	got := w.do(request{as: "user", method: http.MethodPost, path: "/v1/conversations/1003/ticket", body: obj{"client_ref": "abrir-1"}})
	if got.status != http.StatusOK || got.json(t)["ticket"] != nil {
		t.Errorf("%d %s", got.status, got.body)
	}
	if n := w.value(`SELECT count(*) FROM tickets WHERE conversation_id = 1003`); n != int64(1) {
		t.Errorf("%v tickets", n)
	}
}
