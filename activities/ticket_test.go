package activities_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/perene/perene/contract"
	"github.com/perene/perene/models"
)

const suspendedFlow = `{"spec_version":1,"name":"Boas-vindas","category":"initial","start":"t","triggers":[{"id":"any","kind":"inbound"}],
 "nodes":[
  {"id":"t","kind":"action","settings":{"actions":[{"do":"open_ticket","mode":"agent","agent":"7","suspend":true}]},"outputs":{"closed":"fala","failed":"desculpe"}},
  {"id":"fala","kind":"content","settings":{"items":[{"kind":"text","text":"De volta ao robô"}]},"outputs":{"ok":"fim"}},
  {"id":"desculpe","kind":"content","settings":{"items":[{"kind":"text","text":"Ninguém pode atender"}]},"outputs":{"ok":"fim"}},
  {"id":"fim","kind":"end"}]}`

func (w *world) charge() string {
	w.t.Helper()
	var charge string
	if err := w.Pool().QueryRow(w.t.Context(), `SELECT in_charge FROM conversations`).Scan(&charge); err != nil {
		w.t.Fatal(err)
	}
	return charge
}

// A run that waits for its ticket and is moved says nothing while people are in charge. It goes there when they hand back.
func TestARunIsNotMovedWhilePeopleAreInCharge(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.Exec(t, `INSERT INTO users (id, account_id, email, name, role) VALUES (7, $1, 'ana@example.com', 'Ana', 'user')`, w.Account)
	w.Publish(t, "Boas-vindas", suspendedFlow)
	w.say(models.Content{Kind: models.ContentKindText, Text: "oi"})
	if got := w.charge(); got != "ticket" {
		t.Fatalf("%s is in charge, want a ticket", got)
	}
	run := models.FlowRunID(w.Count(t, `SELECT id FROM flow_runs`))
	for kind, data := range map[string]any{"move_to": map[string]string{"node": "fala"}} {
		mail, start, err := w.MailFlowRun(t.Context(), w.Account, run, kind, data)
		if err != nil {
			t.Fatal(err)
		}
		w.step(start.Doorbell())
		refusal, err := w.FlowRunMailRefusal(t.Context(), w.Account, mail)
		if diff := cmp.Diff("", refusal); diff != "" || err != nil {
			t.Errorf("%s: %v, refusal (-want +got):\n%s", kind, err, diff)
		}
	}
	if n := w.Count(t, `SELECT count(*) FROM messages WHERE direction = 'out'`); n != 0 || w.charge() != "ticket" {
		t.Errorf("the bot said %d things, and %s is in charge", n, w.charge())
	}
	w.ask(models.TicketHandBack, nil)
	if got := w.timeline(); got[len(got)-1] != "out text: De volta ao robô" {
		t.Errorf("after the hand-back the last line is %q", got[len(got)-1])
	}
}

// Another tenant's agent, or nobody, is refused: the flow goes on by "failed", agents are told, and nothing is tried again.
func TestARefusedTicketLeadsToFailed(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.Exec(t, `INSERT INTO accounts (id, slug, name) VALUES (999, 'other', 'other')`)
	w.Exec(t, `INSERT INTO users (id, account_id, email, name, role) VALUES (7, 999, 'ana@example.com', 'Ana', 'user')`)
	w.Publish(t, "Boas-vindas", suspendedFlow)
	w.say(models.Content{Kind: models.ContentKindText, Text: "oi"})
	want := []string{"in text: oi", "system system_note: ticket_refused \"t\"", "out text: Ninguém pode atender"}
	got := w.timeline()
	if len(got) == 3 && got[1] > got[2] { // of one step, lines for agents and messages for the contact have no order
		got[1], got[2] = got[2], got[1]
	}
	if len(want) == 3 && want[1] > want[2] {
		want[1], want[2] = want[2], want[1]
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("the timeline (-want +got):\n%s", diff)
	}
	if n := w.Count(t, `SELECT count(*) FROM tickets`); n != 0 || w.charge() != "idle" {
		t.Errorf("%d tickets, and %s is in charge", n, w.charge())
	}
}

// An agent who went after the surroundings were read: the next try reads them anew and leads to "failed".
func TestAnAgentWhoJustLeftIsNotTriedForEver(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.Exec(t, `INSERT INTO users (id, account_id, email, name, role) VALUES (7, $1, 'ana@example.com', 'Ana', 'user')`, w.Account)
	w.Publish(t, "Boas-vindas", suspendedFlow)
	w.receive(models.Content{Kind: models.ContentKindText, Text: "oi"})
	w.Exec(t, `UPDATE users SET disabled_at = now() WHERE id = 7`)
	var failed int
	for _, bell := range w.woken {
		if bell.WorkflowType != contract.WorkflowFlowRun {
			continue
		}
		for range 2 {
			if _, err := w.flows.StepFlow(t.Context(), contract.StepFlowInput{Run: w.input(bell), Step: 1}); err != nil {
				failed++
			}
		}
	}
	if failed > 1 || w.Count(t, `SELECT count(*) FROM flow_runs WHERE status = 'ended'`) != 1 {
		t.Errorf("%d tries failed; want at most the first, and the run at its end", failed)
	}
}

// The contact reads the number of the ticket and its place in the queue, in the step that opens it (rule 074).
func TestTheContactReadsThePlaceInTheQueue(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.Publish(t, "Boas-vindas", `{"spec_version":1,"name":"Boas-vindas","category":"initial","start":"t","triggers":[{"id":"any","kind":"inbound"}],
 "nodes":[{"id":"t","kind":"action","settings":{"actions":[{"do":"open_ticket","mode":"queue","queue":"Suporte Técnico",
   "announce":"{{ ticket.protocol }}: {{ ticket.queue }}, {{ ticket.position }}"}]}}]}`)
	w.say(models.Content{Kind: models.ContentKindText, Text: "oi"})
	var protocol, said, outcome string
	err := w.Pool().QueryRow(t.Context(), `
		SELECT t.protocol, m.content->>'text', r.outcome
		FROM tickets t, messages m, flow_runs r
		WHERE m.direction = 'out'`).Scan(&protocol, &said, &outcome)
	if err != nil {
		t.Fatal(err)
	}
	if want := protocol + ": Suporte Técnico, 1"; said != want || outcome != "ticket_opened" || w.charge() != "ticket" {
		t.Errorf("the contact reads %q, want %q; the run ended %s and %s is in charge", said, want, outcome, w.charge())
	}
}
