package store_test

import (
	"fmt"
	"testing"

	"github.com/perene/perene/models"
	"github.com/perene/perene/store"
	"github.com/perene/perene/store/storetest"
)

// TestListsReadNoTableWhole: on a table with statistics no list reads all conversations, whatever the view, the filter and the order,
// for who sees everything and for who sees little.
func TestListsReadNoTableWhole(t *testing.T) {
	t.Parallel()
	s := storetest.New(t, store.Options{MaxConns: 1}) // one session, whose own counts are exact
	f := storetest.NewFixture(t, s, "planos")
	exec := func(sql string, args ...any) {
		t.Helper()
		if _, err := s.Pool().Exec(t.Context(), sql, args...); err != nil {
			t.Fatalf("%s: %v", sql, err)
		}
	}
	exec(`INSERT INTO users (id, account_id, email, name, role) VALUES (901, $1, 'p1@x.example', 'Ana', 'user'), (902, $1, 'p2@x.example', 'Bia', 'admin')`, f.Account)
	exec(`INSERT INTO queues (id, account_id, name) SELECT 900 + g, $1, 'Fila ' || g FROM generate_series(1, 20) g`, f.Account)
	exec(`INSERT INTO queue_members (account_id, queue_id, user_id) VALUES ($1, 901, 901)`, f.Account)
	exec(`INSERT INTO labels (id, account_id, name) VALUES (901, $1, 'comum'), (902, $1, 'rara')`, f.Account)
	exec(`INSERT INTO contacts (id, account_id, name) SELECT 100000 + g, $1, 'Pessoa ' || g FROM generate_series(1, 30000) g`, f.Account)
	exec(`INSERT INTO contact_labels (account_id, contact_id, label_id) SELECT $1, 100000 + g, CASE WHEN g % 500 = 0 THEN 902 ELSE 901 END
		FROM generate_series(1, 30000) g WHERE g % 4 = 0`, f.Account)
	exec(`INSERT INTO conversations (id, account_id, number, connection_id, contact_id, last_message_at, queue_id, agent_id, ticket_state, snoozed, unread_count)
		SELECT 100000 + g, $1, g, $2, 100000 + g, now() - g * interval '1 minute', CASE WHEN g % 3 > 0 THEN 901 + g % 20 END,
			CASE WHEN g % 100 < 2 THEN 901 + g % 2 END, CASE WHEN g % 100 < 2 THEN 'open' WHEN g % 100 < 4 THEN 'waiting' END, g % 1000 = 1, CASE WHEN g % 50 = 0 THEN 1 ELSE 0 END
		FROM generate_series(1, 30000) g`, f.Account, f.Connection.ID)
	exec(`INSERT INTO tickets (id, account_id, conversation_id, contact_id, protocol, state)
		SELECT id, account_id, id, contact_id, id::text, coalesce(ticket_state, 'closed') FROM conversations WHERE number % 3 > 0`)
	exec(`UPDATE conversations SET last_ticket_id = id WHERE number % 3 > 0`)
	exec(`VACUUM (ANALYZE) conversations, contacts, contact_labels, tickets, queue_members`)
	read := func() (n int64) {
		exec(`SELECT pg_stat_force_next_flush()`)
		if err := s.Pool().QueryRow(t.Context(), `SELECT seq_tup_read FROM pg_stat_user_tables WHERE relname = 'conversations'`).Scan(&n); err != nil {
			t.Fatal(err)
		}
		return n
	}
	filters := map[string]store.ConversationFilter{"none": {}, "label": {LabelID: 901}, "rare label": {LabelID: 902}, "queue": {QueueID: 905}, "agent": {AgentID: 902},
		"campaign": {FlowID: 1}, "channel": {ConnectionID: f.Connection.ID}, "unread": {Unread: true}, "name": {Query: "pessoa 777"}}
	for name, body := range map[string]string{
		"view of my queue or mine": `{"or": [{"field": "queue", "op": "in", "value": [905]}, {"field": "agent", "op": "in", "value": ["me", 902]}]}`,
		"view of who waits":        `{"and": [{"field": "waiting_since", "op": "older_than", "value": 30}, {"field": "state", "op": "in", "value": ["waiting", "open"]}]}`,
		"view of a rare label":     `{"and": [{"field": "label", "op": "in", "value": [902]}, {"field": "unread", "op": "is", "value": true}]}`,
		"view of what is open":     `{"not": {"or": [{"field": "state", "op": "in", "value": ["none"]}, {"field": "priority", "op": "in", "value": ["none"]}]}}`,
	} {
		filters[name] = store.ConversationFilter{Tree: []*models.Filter{tree(t, body)}}
	}
	before := read()
	for name, filter := range filters {
		for _, viewer := range []store.Viewer{{User: 901}, {User: 902, Everything: true}} {
			for _, view := range models.Views {
				for _, order := range models.ListOrders {
					filter.View = view
					if _, err := s.Conversations(t.Context(), f.Account, viewer, filter, store.ConversationPage{Order: order, Limit: 51}); err != nil {
						t.Fatal(err)
					}
					now := read()
					if now-before > 5000 { // of 30,000
						t.Errorf("%s reads %d rows one after the other", fmt.Sprint(viewer, view, name, order), now-before)
					}
					before = now
				}
			}
		}
	}
}
