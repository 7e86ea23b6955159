package activities_test

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/perene/perene/contract"
	"github.com/perene/perene/models"
	"github.com/perene/perene/store"
)

// ask lets agent 7 give a command to the open or latest ticket, and steps what that wakes.
func (w *world) ask(kind models.TicketCommandKind, data any) *models.TicketCommand {
	w.t.Helper()
	body, err := json.Marshal(data)
	if err != nil {
		w.t.Fatal(err)
	}
	if data == nil {
		body = nil
	}
	ticket := models.TicketID(w.Count(w.t, `SELECT max(id) FROM tickets`))
	c, bell, err := w.AddTicketCommand(w.t.Context(), w.Account, models.TicketCommand{TicketID: ticket, Kind: kind, ActorKind: models.ActorUser, ActorID: 7, Data: body})
	if err != nil {
		w.t.Fatal(err)
	}
	var start contract.TicketStart
	if err := json.Unmarshal(bell.Input, &start); err != nil {
		w.t.Fatal(err)
	}
	_, wake, err := w.RunTicketCommand(w.t.Context(), start, c.ID, w.flows.Choose)
	if err != nil {
		w.t.Fatal(err)
	}
	w.Wake(wake)
	w.settle()
	if c, err = w.TicketCommand(w.t.Context(), w.Account, c.ID); err != nil {
		w.t.Fatal(err)
	}
	return c
}

// answer lets agent 7 write to the contact.
func (w *world) answer(text string) {
	w.t.Helper()
	conversation := models.ConversationID(w.Count(w.t, `SELECT id FROM conversations`))
	author := models.UserID(7)
	_, wake, err := w.EnqueueOutbound(w.t.Context(), w.Account, store.Outbound{ConversationID: conversation, Origin: models.OriginAgent, AuthorID: &author,
		Content: models.Content{Kind: models.ContentKindText, Text: text}})
	if err != nil {
		w.t.Fatal(err)
	}
	w.Wake(wake)
	w.settle()
}

func newTakeover(t *testing.T) *world {
	w := newWorld(t)
	w.Exec(t, `INSERT INTO users (id, account_id, email, name, role) VALUES (7, $1, 'ana@example.com', 'Ana', 'user')`, w.Account)
	w.Publish(t, "Boas-vindas", menuFlow)
	w.say(models.Content{Kind: models.ContentKindText, Text: "oi"})
	return w
}

// Rules 136 and 074, Z33 and Z34: an agent's message takes the conversation from the flow. What the flow had queued is taken back,
// nothing of it is said while people are in charge, and after the hand-back it stands at the same node: what the contact told the
// agent is no answer, and its deadlines have moved by the time that passed.
func TestAnAgentTakesOverAndHandsBack(t *testing.T) {
	t.Parallel()
	w := newTakeover(t)
	until := w.waitsUntil()
	w.answer("Oi, aqui é a Ana")
	if diff := cmp.Diff("ticket", w.charge()); diff != "" {
		t.Fatal(diff)
	}
	if n := w.Count(t, `SELECT count(*) FROM messages WHERE origin = 'bot' AND state = 'cancelled'`); n != 1 {
		t.Errorf("%d messages of the bot were taken back, want its menu", n)
	}
	for range 60 { // more than a step reads at once
		w.say(models.Content{Kind: models.ContentKindText, Text: "vendas"})
	}
	w.now = w.now.Add(20 * time.Hour) // far behind the menu's deadline
	w.stepRun()
	if n := w.Count(t, `SELECT count(*) FROM send_queue q JOIN messages m ON m.id = q.message_id WHERE m.origin = 'bot'`); n != 0 {
		t.Errorf("%d messages of the bot are queued while people are in charge", n)
	}
	if c := w.ask(models.TicketHandBack, nil); c.State != models.TicketCommandDone {
		t.Fatalf("the hand-back is %s: %v", c.State, c.Refusal())
	}
	if got := w.charge(); got != "flow" {
		t.Errorf("%s is in charge after the hand-back", got)
	}
	if diff := cmp.Diff(until.Add(20*time.Hour), w.waitsUntil()); diff != "" {
		t.Errorf("the menu's deadline (-want +got):\n%s", diff)
	}
	before := w.said()
	w.say(models.Content{Kind: models.ContentKindText, Text: "Vendas"})
	if diff := cmp.Diff([]string{"out text: Qual é o seu nome?"}, w.said()[len(before):]); diff != "" {
		t.Errorf("after the hand-back the contact's answer is taken at the menu (-want +got):\n%s", diff)
	}
}

// Trap 3: a run that is stopped, or whose chatbot is switched off, leaves people in charge, and closing then leaves nobody.
func TestAStoppedRunNeverSpeaksAgain(t *testing.T) {
	t.Parallel()
	for name, stop := range map[string]func(w *world){
		"an operator stops it": func(w *world) {
			run := models.FlowRunID(w.Count(w.t, `SELECT id FROM flow_runs`))
			if _, _, err := w.MailFlowRun(w.t.Context(), w.Account, run, "stop", map[string]string{"reason": "stopped"}); err != nil {
				w.t.Fatal(err)
			}
			w.stepRun()
		},
		"rule 149: the chatbot is switched off": func(w *world) {
			conversation := models.ConversationID(w.Count(w.t, `SELECT id FROM conversations`))
			wake, err := w.SwitchChatbot(w.t.Context(), w.Account, store.Viewer{Everything: true}, conversation, true)
			if err != nil {
				w.t.Fatal(err)
			}
			w.Wake(wake)
			w.settle()
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newTakeover(t)
			w.t = t
			w.answer("Oi")
			stop(w)
			if got := w.charge(); got != "ticket" {
				t.Fatalf("%s is in charge after the stop", got)
			}
			if c := w.ask(models.TicketHandBack, nil); c.Code == nil || *c.Code != models.KeyTicketNoRun {
				t.Errorf("the hand-back is %s", c.State)
			}
			w.ask(models.TicketClose, models.TicketClosing{})
			if got := w.charge(); got != "idle" {
				t.Errorf("%s is in charge after closing", got)
			}
			if n := w.Count(t, `SELECT count(*) FROM flow_runs WHERE status <> 'ended'`); n != 0 {
				t.Errorf("%d runs are not over", n)
			}
			if said := w.said(); slices.ContainsFunc(said[1:], func(s string) bool { return strings.Contains(s, "ajudar") }) {
				t.Errorf("the bot spoke again: %q", said)
			}
		})
	}
}

// Rule 148 and Z25: forwarding to a flow closes the ticket and starts the flow. The run that waited behind the ticket ends silently.
func TestForwardingToAFlowReplacesTheSuspendedRun(t *testing.T) {
	t.Parallel()
	w := newTakeover(t)
	other := w.Publish(t, "Pesquisa", `{"spec_version":1,"name":"Pesquisa","category":"manual","start":"p","nodes":[
		{"id":"p","kind":"question","settings":{"text":"Que nota você dá?","save_to":"nota"},"outputs":{"ok":"fim","invalid":"fim","timeout":"fim"}},{"id":"fim","kind":"end"}]}`)
	w.answer("Oi")
	before := w.said()
	if c := w.ask(models.TicketSendToFlow, models.TicketToFlow{FlowID: other.FlowID}); c.State != models.TicketCommandDone {
		t.Fatalf("forwarding is %s: %v", c.State, c.Refusal())
	}
	if diff := cmp.Diff([]string{"out text: Que nota você dá?"}, w.said()[len(before):]); diff != "" {
		t.Errorf("said (-want +got):\n%s", diff)
	}
	got := w.Count(t, `SELECT count(*) FROM flow_runs r JOIN conversations v ON v.flow_run_id = r.id WHERE r.flow_id = $1 AND v.in_charge = 'flow'
		AND v.ticket_state IS NULL AND (SELECT count(*) FROM flow_runs WHERE status <> 'ended') = 1`, other.FlowID)
	if got != 1 {
		t.Error("the new run is not the only one in charge")
	}
}

// said is what was said to the contact.
func (w *world) said() []string {
	return slices.DeleteFunc(w.timeline(), func(line string) bool { return !strings.HasPrefix(line, "out ") })
}

// waitsUntil is the deadline of the only run.
func (w *world) waitsUntil() time.Time {
	w.t.Helper()
	var at time.Time
	if err := w.Pool().QueryRow(w.t.Context(), `SELECT wait_until FROM flow_runs ORDER BY id LIMIT 1`).Scan(&at); err != nil {
		w.t.Fatal(err)
	}
	return at.UTC()
}

// stepRun steps the oldest run, as its workflow does when an instant comes.
func (w *world) stepRun() {
	w.t.Helper()
	var start contract.FlowRunStart
	if err := w.Pool().QueryRow(w.t.Context(), `SELECT r.account_id, r.id, r.conversation_id, r.connection_id, r.flow_id, r.flow_version_id FROM flow_runs r ORDER BY id LIMIT 1`).
		Scan(&start.AccountID, &start.RunID, &start.ConversationID, &start.ConnectionID, &start.FlowID, &start.VersionID); err != nil {
		w.t.Fatal(err)
	}
	w.step(start.Doorbell())
}
