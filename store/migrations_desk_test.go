package store_test

import (
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// 0080: old tickets keep their meaning, and a conversation remembers queue and agent of its latest one; and back.
func TestOldTicketsAtTheDesk(t *testing.T) {
	t.Parallel()
	f := oldShape(t, 80)
	f.Exec(t, `INSERT INTO accounts (id, slug, name) VALUES (1, 'a', 'a')`)
	f.Exec(t, `INSERT INTO users (id, account_id, email, name, role) VALUES (1, 1, 'a@a', 'Ana', 'user')`)
	f.Exec(t, `INSERT INTO queues (id, account_id, name) VALUES (1, 1, 'Vendas')`)
	f.Exec(t, `INSERT INTO connections (id, account_id, key, name, channel) VALUES (1, 1, 'k', 'n', 'whatsapp_cloud')`)
	f.Exec(t, `INSERT INTO contacts (id, account_id) VALUES (1, 1), (2, 1), (3, 1), (4, 1)`)
	f.Exec(t, `INSERT INTO conversations (id, account_id, number, connection_id, contact_id, in_charge) VALUES
		(1, 1, 1, 1, 1, 'ticket'), (2, 1, 2, 1, 2, 'ticket'), (3, 1, 3, 1, 3, 'idle'), (4, 1, 4, 1, 4, 'idle')`)
	f.Exec(t, `INSERT INTO tickets (id, account_id, conversation_id, contact_id, protocol, state, queue_id, agent_id, closed_at) VALUES
		(1, 1, 1, 1, 'p1', 'closed', NULL, 1, now()), (2, 1, 1, 1, 'p2', 'waiting', 1, NULL, NULL),
		(3, 1, 2, 2, 'p3', 'waiting', NULL, 1, NULL), (4, 1, 3, 3, 'p4', 'closed', 1, 1, now())`)
	f.Exec(t, `UPDATE conversations v SET ticket_id = t.id FROM tickets t WHERE t.conversation_id = v.id AND t.state <> 'closed'`)
	for range 2 {
		migrate(t, f, 0)
		want := []string{"1 waiting queue 1 last 2 p2", "2 open agent 1 last 3 p3", "3 queue 1 agent 1 last 4 p4", "4"}
		if diff := cmp.Diff(want, texts(t, f, `SELECT concat_ws(' ', id, ticket_state, 'queue ' || queue_id, 'agent ' || agent_id, 'last ' || last_ticket_id, protocol)
			FROM conversations ORDER BY id`)); diff != "" {
			t.Errorf("conversations (-want +got):\n%s", diff)
		}
		if diff := cmp.Diff([]string{"1 closed", "2 waiting", "3 open", "4 closed"}, texts(t, f, `SELECT id || ' ' || state FROM tickets ORDER BY id`)); diff != "" {
			t.Errorf("tickets (-want +got):\n%s", diff)
		}
		migrate(t, f, 80)
		if n := f.Count(t, `SELECT count(*) FROM tickets WHERE state <> 'closed'`); n != 2 {
			t.Errorf("%d tickets are open after going back, want 2", n)
		}
	}
}

// 0103: a ticket's history takes facts about scheduled closures, and gives them up on the way back.
func TestOldTicketHistories(t *testing.T) {
	t.Parallel()
	f := oldShape(t, 103)
	f.Exec(t, `INSERT INTO accounts (id, slug, name) VALUES (1, 'a', 'a')`)
	f.Exec(t, `INSERT INTO connections (id, account_id, key, name, channel) VALUES (1, 1, 'k', 'k', 'whatsapp_cloud')`)
	f.Exec(t, `INSERT INTO contacts (id, account_id) VALUES (1, 1)`)
	f.Exec(t, `INSERT INTO conversations (id, account_id, number, connection_id, contact_id) VALUES (1, 1, 1, 1, 1)`)
	f.Exec(t, `INSERT INTO tickets (id, account_id, conversation_id, contact_id, protocol) VALUES (1, 1, 1, 1, 'p')`)
	const fact = `INSERT INTO ticket_events (account_id, ticket_id, conversation_id, kind, actor_kind, at) VALUES (1, 1, 1, '%s', 'system', now())`
	f.Exec(t, fmt.Sprintf(fact, "snoozed"))
	for range 2 {
		migrate(t, f, 0)
		f.Exec(t, fmt.Sprintf(fact, "closing_scheduled"))
		f.Exec(t, fmt.Sprintf(fact, "closing_cancelled"))
		migrate(t, f, 103)
		if diff := cmp.Diff([]string{"snoozed"}, texts(t, f, `SELECT kind FROM ticket_events`)); diff != "" {
			t.Errorf("after going back (-want +got):\n%s", diff)
		}
	}
}
