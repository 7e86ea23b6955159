package store_test

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/perene/perene/contract"
	"github.com/perene/perene/models"
	"github.com/perene/perene/store"
)

// Rules 141, 150, 154, 157 and 158: closing sends its text, asks for required fields, stores and deletes values, keeps the reason, and
// leaves nobody in charge, nothing unread and everything handled. Agent and queue no longer serve, and still decide who sees it.
func TestClosing(t *testing.T) {
	t.Parallel()
	fields := func(w *deskWorld) {
		w.Exec(w.t, `INSERT INTO custom_fields (account_id, entity, key, name, kind, on_closing) VALUES
			($1, 'contact', 'motivo', 'Motivo', 'text', 'required'), ($1, 'contact', 'plano', 'Plano', 'text', 'optional'),
			($1, 'ticket', 'nota', 'Nota', 'number', 'optional'), ($1, 'contact', 'outro', 'Outro', 'text', 'no')`, w.Account)
		w.Exec(w.t, `UPDATE contacts SET custom_values = '{"motivo":"velho","plano":"Ouro","outro":"x"}'`)
	}
	newOpen := func(t *testing.T) (*deskWorld, models.TicketID) {
		w := newDesk(t)
		id := w.open(ana, contract.TicketOpening{Mode: "queue", QueueID: ptr(vendas), AgentID: ptr(ana)})
		w.hear()
		return w, id
	}
	t.Run("rules 150, 154, 141: the text leaves, then it is closed", func(t *testing.T) {
		t.Parallel()
		w, id := newOpen(t)
		w.Exec(t, `INSERT INTO closing_reasons (id, account_id, name) VALUES (1, $1, 'Resolvido')`, w.Account)
		c, wake := w.command(ana, id, models.TicketClose, models.TicketClosing{ReasonID: 1, Text: "Obrigada, até logo"})
		if c.State != models.TicketCommandDone || len(wake.Connections) != 1 {
			t.Fatalf("closing is %s: %v, woke %v", c.State, c.Refusal(), wake)
		}
		w.stands("idle closed queue Vendas agent Ana")
		if n := w.Count(t, `SELECT count(*) FROM conversations WHERE unread_count = 0 AND handled_seq = inbound_seq AND handled_message_id >= (
			SELECT max(id) FROM messages WHERE direction = 'in') AND ticket_id IS NULL AND ticket_state IS NULL`); n != 1 {
			t.Error("something is left unread or unhandled")
		}
		if n := w.Count(t, `SELECT count(*) FROM messages m JOIN send_queue q ON q.message_id = m.id WHERE m.content->>'text' = 'Obrigada, até logo' AND m.author_id = 1`); n != 1 {
			t.Error("the text is not queued")
		}
		if n := w.Count(t, `SELECT count(*) FROM tickets WHERE closing_reason_id = 1 AND closed_by_kind = 'user' AND closed_by_id = 1 AND closed_at IS NOT NULL`); n != 1 {
			t.Error("the ticket lacks why and by whom it was closed")
		}
		line := texts(t, w.Fixture, `SELECT concat_ws(' ', content->'system_note'->>'code', content->'system_note'->'params'->>'by', content->'system_note'->'params'->>'reason')
			FROM messages ORDER BY id DESC LIMIT 1`)
		if diff := cmp.Diff([]string{"ticket_closed Ana Resolvido"}, line); diff != "" {
			t.Error(diff)
		}
		if n := w.Count(t, `SELECT count(*) FROM tickets`); n != 1 {
			t.Errorf("%d tickets: the text opened another", n)
		}
	})
	t.Run("a text that could not leave now is refused, and nothing has changed", func(t *testing.T) {
		t.Parallel()
		w, id := newOpen(t)
		w.pass(25 * time.Hour)
		if got := w.ask(ana, id, models.TicketClose, models.TicketClosing{Text: "tchau"}); got != models.KeyTicketWindowClosed {
			t.Errorf("closing is %s", got)
		}
		w.Exec(t, `UPDATE contacts SET blocked_at = now()`)
		if got := w.ask(ana, id, models.TicketClose, models.TicketClosing{Text: "tchau"}); got != "contact.blocked" {
			t.Errorf("closing with a blocked contact is %s", got)
		}
		w.stands("ticket open queue Vendas agent Ana")
		if got := w.ask(ana, id, models.TicketClose, models.TicketClosing{}); got != "done" {
			t.Errorf("closing without the text is %s", got)
		}
	})
	t.Run("rules 157, 158: fields are asked for, stored, kept with the ticket and deleted", func(t *testing.T) {
		t.Parallel()
		w, id := newOpen(t)
		fields(w)
		c, _ := w.command(ana, id, models.TicketClose, models.TicketClosing{Clear: []string{"motivo"}})
		if diff := cmp.Diff(map[string]string{"fields": "motivo"}, c.Args); diff != "" || *c.Code != models.KeyTicketFieldsMissing {
			t.Errorf("without the required field: %v %s", c.Code, diff)
		}
		for name, values := range map[string]map[string]any{
			"a field that closing does not ask for": {"motivo": "preço", "outro": "y"},
			"a value that its field refuses":        {"motivo": "preço", "nota": "dez"},
		} {
			if got := w.ask(ana, id, models.TicketClose, models.TicketClosing{Values: values}); got != "contact.custom_values" {
				t.Errorf("%s: %s", name, got)
			}
		}
		got := w.ask(ana, id, models.TicketClose, models.TicketClosing{Values: map[string]any{"motivo": "preço", "nota": 9}, Clear: []string{"plano", "outro"}})
		if got != "done" {
			t.Fatal(got)
		}
		stored := texts(t, w.Fixture, `SELECT custom_values::text FROM contacts`)
		if diff := cmp.Diff([]string{`{"outro": "x", "motivo": "preço"}`}, stored); diff != "" {
			t.Errorf("the contact's values (-want +got):\n%s", diff)
		}
		kept := texts(t, w.Fixture, `SELECT closing_values::text FROM tickets`)
		if diff := cmp.Diff([]string{`{"nota": 9, "motivo": "preço"}`}, kept); diff != "" {
			t.Errorf("the ticket's values (-want +got):\n%s", diff)
		}
	})
	t.Run("a reason that is archived or another account's is refused", func(t *testing.T) {
		t.Parallel()
		w, id := newOpen(t)
		w.Exec(t, `INSERT INTO closing_reasons (id, account_id, name, archived_at) VALUES (1, $1, 'Velho', now())`, w.Account)
		for _, reason := range []models.ClosingReasonID{1, 99} {
			if got := w.ask(ana, id, models.TicketClose, models.TicketClosing{ReasonID: reason}); got != models.KeyTicketReason {
				t.Errorf("reason %d: %s", reason, got)
			}
		}
		w.stands("ticket open queue Vendas agent Ana")
	})
	t.Run("rule 156: the closing flow starts, and not where a run goes on", func(t *testing.T) {
		t.Parallel()
		w, id := newOpen(t)
		w.Publish(t, "Inicial", `{"triggers":[{"id":"i","kind":"inbound"}]}`)
		closing := w.Publish(t, "Pesquisa", `{"triggers":[{"id":"c","kind":"closing"}]}`)
		if got := w.ask(ana, id, models.TicketClose, models.TicketClosing{}); got != "done" {
			t.Fatal(got)
		}
		if n := w.Count(t, `SELECT count(*) FROM flow_runs r JOIN conversations v ON v.flow_run_id = r.id WHERE r.flow_id = $1 AND v.in_charge = 'flow'
			AND r.trigger->'by'->>'kind' = 'closing' AND r.trigger->'by'->>'trigger' = 'c'`, closing.FlowID); n != 1 {
			t.Error("the closing flow does not run")
		}
		if _, err := w.answer(ana); err != nil { // takes over from it
			t.Fatal(err)
		}
		again := models.TicketID(w.Count(t, `SELECT max(id) FROM tickets`))
		if got := w.ask(ana, again, models.TicketClose, models.TicketClosing{}); got != "done" {
			t.Fatal(got)
		}
		if n := w.Count(t, `SELECT count(*) FROM flow_runs`); n != 1 {
			t.Errorf("%d runs: closing started another beside the one that goes on", n)
		}
	})
	t.Run("rule 108: what was not answered before counts on from its first message", func(t *testing.T) {
		t.Parallel()
		w, id := newOpen(t) // the contact wrote at noon
		w.pass(time.Hour)
		if got := w.ask(ana, id, models.TicketClose, models.TicketClosing{}); got != "done" {
			t.Fatal(got)
		}
		w.pass(time.Hour)
		w.hear()
		w.open(ana, contract.TicketOpening{Mode: "queue", QueueID: ptr(vendas)})
		if n := w.Count(t, `SELECT count(*) FROM conversations WHERE first_unanswered_at = $1`, noon); n != 1 {
			t.Errorf("it counts from %s, want %s", texts(t, w.Fixture, `SELECT first_unanswered_at::text FROM conversations`), noon)
		}
	})
	t.Run("rule 149: a flow starts no more once the chatbot is off", func(t *testing.T) {
		t.Parallel()
		w, id := newOpen(t)
		w.Publish(t, "Pesquisa", `{"triggers":[{"id":"c","kind":"closing"}]}`)
		if _, err := w.SwitchChatbot(t.Context(), w.Account, store.Viewer{User: bia}, w.conv, true); models.CodeOf(err) != models.CodeNotFound {
			t.Errorf("a user who does not see it switches the chatbot: %v", err)
		}
		if _, err := w.SwitchChatbot(t.Context(), w.Account, store.Viewer{User: ana}, w.conv, true); err != nil {
			t.Fatal(err)
		}
		w.ask(ana, id, models.TicketClose, models.TicketClosing{})
		w.hear()
		w.stands("idle closed queue Vendas agent Ana")
	})
}

// Rules 033, 052, 061, 141 and 143, Z32: who sees a conversation, while a ticket is open and after it closed; the same holds for its
// contact. Who cannot see it learns nothing.
func TestSightOutlivesTickets(t *testing.T) {
	t.Parallel()
	w := newDesk(t)
	contact := models.ContactID(w.Count(t, `SELECT id FROM contacts`))
	sees := func() string {
		t.Helper()
		var who []string
		for _, v := range []struct {
			name string
			store.Viewer
		}{{"Ana", store.Viewer{User: ana}}, {"Bia", store.Viewer{User: bia}}, {"all", store.Viewer{User: carla, Everything: true}}} {
			conversation, err := w.VisibleConversation(t.Context(), w.Account, v.Viewer, w.conv)
			if err != nil {
				t.Fatal(err)
			}
			scene, err := w.Scene(t.Context(), w.Account, nil, []models.ContactID{contact})
			if err != nil {
				t.Fatal(err)
			}
			listed, err := w.Contacts(t.Context(), w.Account, v.Viewer, store.ContactFilter{Limit: 9})
			if err != nil {
				t.Fatal(err)
			}
			_, err = w.Contact(t.Context(), w.Account, v.Viewer, contact)
			if got := []bool{scene.SeesContact(v.Viewer, contact), len(listed) == 1, err == nil}; !cmp.Equal(got, []bool{conversation, conversation, conversation}) {
				t.Errorf("%s sees the conversation: %v, and the contact: %v", v.name, conversation, got)
			}
			name := "renamed by " + v.name
			if err := w.UpdateContact(t.Context(), w.Account, contact, store.ContactPatch{Viewer: v.Viewer, Name: &name}); (err == nil) != conversation {
				t.Errorf("%s changes the contact: %v", v.name, err)
			}
			if conversation {
				who = append(who, v.name)
			}
		}
		return strings.Join(who, " ")
	}
	want := func(when, who string) {
		t.Helper()
		if got := sees(); got != who {
			t.Errorf("%s: seen by %s, want %s", when, got, who)
		}
	}
	want("without a ticket ever", "Ana Bia all")
	id := w.open(carla, contract.TicketOpening{Mode: "queue", QueueID: ptr(suporte)})
	want("in the queue of Bia", "Bia all")
	w.ask(carla, id, models.TicketClose, models.TicketClosing{})
	want("after it closed", "Bia all")
	w.Exec(t, `UPDATE contacts SET default_agent_id = 1`)
	want("with Ana as default agent", "Ana Bia all")
	w.Exec(t, `UPDATE contacts SET default_agent_id = NULL`)
	w.ask(carla, id, models.TicketReopen, nil)
	w.ask(carla, id, models.TicketAssign, models.TicketToUser{UserID: ana})
	want("given to Ana", "Ana all")
	w.ask(carla, id, models.TicketTransferToQueue, models.TicketToQueue{QueueID: suporte})
	want("given back to the queue of Bia", "Bia all")
}
