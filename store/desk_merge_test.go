package store_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/perene/perene/contract"
	"github.com/perene/perene/models"
	"github.com/perene/perene/store/storetest"
)

// Two conversations that turn out to be one person's: the open ticket goes on in the one that goes on, with its history, its agent and
// who follows it, and commands find it there. Of two open tickets the one that goes no further closes.
func TestAMergeMovesTheOpenTicket(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		both bool
		want []string
	}{
		"one open ticket":  {false, []string{"goes on: ticket open Ana", "goes no further: idle"}},
		"two open tickets": {true, []string{"goes on: ticket waiting", "goes no further: idle closed Ana"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newDesk(t) // known by the phone
			if _, err := w.answer(ana); err != nil {
				t.Fatal(err)
			}
			id := models.TicketID(w.Count(t, `SELECT id FROM tickets`))
			w.Exec(t, `INSERT INTO conversation_followers (account_id, conversation_id, user_id) VALUES ($1, $2, 2)`, w.Account, w.conv)
			w.Exec(t, `INSERT INTO drafts (account_id, user_id, conversation_id, mode, body) VALUES ($1, 1, $2, 'reply', '{"text":"quase"}')`, w.Account, w.conv)
			hear := func(id string, p models.PersonHint) {
				t.Helper()
				e := storetest.Text(id, "", "oi", w.now())
				e.Message.Person = p
				if _, err := w.Receive(t.Context(), w.Connection, delivery(e), w.choose); err != nil {
					t.Fatal(err)
				}
			}
			hear("user", storetest.Person("", "BR.9"))
			if c.both {
				other := models.ConversationID(w.Count(t, `SELECT max(id) FROM conversations`))
				if _, _, _, err := w.OpenTicket(t.Context(), w.Account, other, contract.TicketOpening{Mode: "unassigned"}); err != nil {
					t.Fatal(err)
				}
			}
			hear("both", storetest.Person("5581988880001", "BR.9"))
			got := texts(t, w.Fixture, `SELECT CASE WHEN v.superseded_by_id IS NULL THEN 'goes on: ' ELSE 'goes no further: ' END ||
				concat_ws(' ', v.in_charge, t.state, u.name) FROM conversations v LEFT JOIN tickets t ON t.id = v.last_ticket_id LEFT JOIN users u ON u.id = t.agent_id
				ORDER BY v.superseded_by_id NULLS FIRST`)
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Errorf("after the merge (-want +got):\n%s", diff)
			}
			if n := w.Count(t, `SELECT count(*) FROM conversations v JOIN conversation_followers f ON f.conversation_id = v.id JOIN drafts d ON d.conversation_id = v.id
				WHERE v.superseded_by_id IS NULL AND f.user_id = 2 AND d.user_id = 1`); n != 1 {
				t.Error("followers and drafts do not go on")
			}
			if _, err := w.answer(ana); models.KeyOf(err) != models.KeyTicketRefused {
				t.Errorf("an answer in the conversation that goes no further: %v", err)
			}
			if c.both {
				if got := w.ask(ana, id, models.TicketReopen, nil); got != models.KeyTicketNotLatest {
					t.Errorf("opening its ticket again is %s", got)
				}
				return
			}
			if got := w.ask(ana, id, models.TicketClose, models.TicketClosing{}); got != "done" {
				t.Errorf("closing it afterwards is %s", got)
			}
			if n := w.Count(t, `SELECT count(*) FROM ticket_events e JOIN conversations v ON v.id = e.conversation_id WHERE v.superseded_by_id IS NOT NULL`); n != 0 {
				t.Errorf("%d facts stayed behind", n)
			}
		})
	}
}
