package store_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/perene/perene/models"
)

// sentTexts are the automatic texts of the world, oldest first.
func (w *deskWorld) sentTexts() []string {
	w.t.Helper()
	return texts(w.t, w.Fixture, `SELECT content->>'text' FROM messages WHERE direction = 'out' AND origin = 'system' AND state = 'queued' ORDER BY id`)
}

func (w *deskWorld) setsTexts(account, connection string) {
	w.t.Helper()
	w.Exec(w.t, `UPDATE accounts SET settings = settings || jsonb_build_object('texts', $1::jsonb)`, account)
	w.Exec(w.t, `UPDATE connections SET settings = settings || jsonb_build_object('texts', $1::jsonb)`, connection)
}

const allTexts = `{"greeting": "Olá {nome}, seu protocolo é {protocolo}{nada}.", "agent_greeting": "Vou atender você.", "transfer": "Transferindo.", "farewell": "Tchau da conta."}`

// TestAutomaticTextsOfATicket: each goes out once at its moment, in the transaction of what happened (rules 016 to 018, 047 to 049,
// Z7, Z8).
func TestAutomaticTextsOfATicket(t *testing.T) {
	t.Parallel()
	newWaiting := func(t *testing.T, connection string) (*deskWorld, models.TicketID) {
		w := newDesk(t)
		w.setsTexts(allTexts, connection)
		w.Connection.InitialQueueID = ptr(vendas)
		w.Exec(t, `UPDATE contacts SET name = 'Marina Souza'`)
		if wake := w.hear(); len(wake.Connections) != 1 {
			t.Errorf("the greeting wakes %v", wake.Connections)
		}
		return w, models.TicketID(w.Count(t, `SELECT id FROM tickets`))
	}
	t.Run("a whole ticket", func(t *testing.T) {
		t.Parallel()
		w, id := newWaiting(t, `{"farewell": "Tchau da conexão."}`)
		protocol := texts(t, w.Fixture, `SELECT protocol FROM tickets`)[0]
		want := []string{"Olá Marina Souza, seu protocolo é " + protocol + "."}
		step := func(by models.UserID, kind models.TicketCommandKind, data any, more ...string) {
			t.Helper()
			if got := w.ask(by, id, kind, data); got != "done" {
				t.Fatalf("%s: %s", kind, got)
			}
			want = append(want, more...)
			if diff := cmp.Diff(want, w.sentTexts()); diff != "" {
				t.Fatalf("%s: %s", kind, diff)
			}
		}
		w.hear() // a second message greets nobody again
		step(ana, models.TicketAccept, nil, "Vou atender você.")
		step(ana, models.TicketTransferToQueue, models.TicketToQueue{QueueID: vendas}, "Transferindo.")
		step(ana, models.TicketAccept, nil) // once a ticket
		step(ana, models.TicketTransferToUser, models.TicketToUser{UserID: carla}, "Transferindo.")
		if n := w.Count(t, `SELECT count(*) FROM conversations WHERE first_unanswered_at IS NOT NULL`); n != 1 {
			t.Error("an automatic text counts as an answer")
		}
		step(carla, models.TicketClose, models.TicketClosing{}, "Tchau da conexão.")
		w.stands("idle closed agent Carla")
		if n := w.Count(t, `SELECT count(*) FROM tickets`); n != 1 {
			t.Errorf("%d tickets: a text opened another", n)
		}
	})
	for name, c := range map[string]struct {
		own, connection string
		closing         models.TicketClosing
		want            []string
	}{
		"the text of the dialog goes before all": {"Tchau da Ana.", `{}`, models.TicketClosing{Text: "Escrito agora."}, nil},
		"the agent's own goes before the rest":   {"Tchau da Ana.", `{"farewell": "x"}`, models.TicketClosing{}, []string{"Tchau da Ana."}},
		"the account's is the last":              {"", `{}`, models.TicketClosing{}, []string{"Tchau da conta."}},
		"a connection has none on purpose":       {"", `{"farewell": ""}`, models.TicketClosing{}, nil},
		"silence is silence":                     {"Tchau da Ana.", `{}`, models.TicketClosing{Silent: true}, nil},
	} {
		t.Run("one farewell: "+name, func(t *testing.T) {
			t.Parallel()
			w, id := newWaiting(t, c.connection)
			w.Exec(t, `UPDATE users SET closing_text = nullif($1, '') WHERE id = 1`, c.own)
			before := len(w.sentTexts())
			if got := w.ask(ana, id, models.TicketClose, c.closing); got != "done" {
				t.Fatal(got)
			}
			if got := w.sentTexts()[before:]; !cmp.Equal(append([]string{}, c.want...), append([]string{}, got...)) {
				t.Errorf("sent %q, want %q", got, c.want)
			}
		})
	}
	t.Run("a closed window and a blocked contact hear nothing, and nothing is refused", func(t *testing.T) {
		t.Parallel()
		w, id := newWaiting(t, `{}`)
		w.pass(25 * time.Hour)
		if got := w.ask(ana, id, models.TicketAccept, nil); got != "done" {
			t.Fatal(got)
		}
		w.Exec(t, `UPDATE contacts SET blocked_at = now()`)
		if got := w.ask(ana, id, models.TicketClose, models.TicketClosing{}); got != "done" {
			t.Fatal(got)
		}
		if got := w.sentTexts(); len(got) != 1 {
			t.Errorf("sent %q", got)
		}
	})
}

// TestOutsideTheOpeningHours: the text goes out once in a closed time, and a ticket opens where the account says so (rules 019, 046, Z9).
func TestOutsideTheOpeningHours(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		opens bool
		stand string
	}{
		"no ticket opens": {false, "idle"},
		"a ticket opens":  {true, "ticket waiting queue Vendas"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newDesk(t)
			w.setsTexts(`{"greeting": "Olá!", "out_of_hours": "Estamos fechados."}`, `{}`)
			w.Connection.InitialQueueID = ptr(vendas)
			w.Exec(t, `UPDATE connections SET initial_queue_id = $1`, vendas)
			// Closed on every day but Wednesday, by the queue's hours, though the account is always open.
			w.Exec(t, `UPDATE queues SET hours = '{"timezone": "UTC", "days": {"3": [{"from": "00:00", "to": "24:00"}]}}' WHERE id = $1`, vendas)
			w.Exec(t, `UPDATE accounts SET settings = settings || jsonb_build_object('out_of_hours_opens_tickets', $1::boolean)`, c.opens)
			for w.now().UTC().Weekday() != time.Thursday {
				w.pass(time.Hour)
			}
			w.hear()
			w.stands(c.stand)
			w.pass(time.Hour)
			w.hear()
			if diff := cmp.Diff([]string{"Estamos fechados."}, w.sentTexts()); diff != "" {
				t.Fatal(diff)
			}
			w.pass(24 * time.Hour)
			w.hear()
			if got := len(w.sentTexts()); got != 2 {
				t.Errorf("%d texts after a day of one closed time, want 2", got)
			}
		})
	}
	t.Run("a flow that starts speaks for itself", func(t *testing.T) {
		t.Parallel()
		w := newDesk(t)
		w.setsTexts(`{"out_of_hours": "Estamos fechados."}`, `{}`)
		w.Exec(t, `UPDATE accounts SET settings = settings || '{"hours": {"days": {}}}'`)
		w.Publish(t, "Boas-vindas", `{}`)
		w.hear()
		if got := w.sentTexts(); len(got) != 0 {
			t.Errorf("sent %q", got)
		}
	})
	t.Run("a connection read by its key says whether hours are set", func(t *testing.T) {
		t.Parallel()
		w := newDesk(t)
		read := func() bool {
			c, err := w.Store.ConnectionByKey(t.Context(), w.Connection.Key)
			if err != nil {
				t.Fatal(err)
			}
			return c.AlwaysOpen
		}
		if !read() {
			t.Error("no hours are set, and it is not always open")
		}
		w.Exec(t, `UPDATE queues SET hours = '{"days": {}}'`)
		if read() {
			t.Error("a queue has hours, and it is always open")
		}
		w.Exec(t, `UPDATE accounts SET settings = settings || '{"hours_off": true}'`)
		if !read() {
			t.Error("hours are switched off, and it is not always open")
		}
	})
}
