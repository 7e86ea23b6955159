package store_test

import (
	"maps"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/perene/perene/store"
	"github.com/perene/perene/store/storetest"
)

// keyless lists references between rows of an account that have no key in Postgres, each with the reason. A key on a
// hot reference was measured: 1,000 turns of 8 clients, each two messages of one connection.
var keyless = map[string]string{
	"conversations.handled_message_id":   "a place in the order of messages; 0 before the first",
	"conversations.last_message_id":      "written in each turn, from the conversation's own messages",
	"events.conversation_id":             "several rows a turn, read under the account and joined with it",
	"events.entity_id":                   "names rows of several tables, by kind",
	"messages.connection_id":             "copied from the conversation; with contact_id 15 % more log and a multixact a turn",
	"messages.contact_id":                "copied from the conversation; with connection_id 15 % more log and a multixact a turn",
	"send_queue.connection_id":           "copied from the message by the statement that writes both",
	"send_queue.conversation_id":         "copied from the message by the statement that writes both",
	"send_queue.message_id":              "the message is written by the same statement",
	"ticket_events.actor_id":             "names rows of several tables, by kind",
	"notifications.actor_id":             "names rows of several tables, by kind",
	"webhook_deliveries.conversation_id": "copied from the event by the statement that writes both",
	"tickets.closed_by_id":               "names rows of several tables, by kind",
	"tickets.opened_by_id":               "names rows of several tables, by kind",
}

// S6: every reference between rows of an account has a key with the account, or a reason to have none. A reference is a
// column of numbers named …_id, or one with a key.
func TestReferencesNameTheAccount(t *testing.T) {
	t.Parallel()
	f := &storetest.Fixture{Store: storetest.New(t, store.Options{})}
	loose := texts(t, f, `
		WITH tenant AS (
			SELECT a.attrelid AS id FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid AND c.relkind = 'r'
			WHERE c.relnamespace = 'public'::regnamespace AND a.attname = 'account_id' AND NOT a.attisdropped
		), reference AS (
			SELECT a.attrelid, a.attnum, a.attname FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid AND c.relkind = 'r'
			WHERE c.relnamespace = 'public'::regnamespace AND NOT a.attisdropped AND a.attname <> 'account_id' AND c.relname <> 'goose_db_version'
				AND (a.attname LIKE '%\_id' AND a.atttypid = 'bigint'::regtype OR EXISTS (
					SELECT 1 FROM pg_constraint f WHERE f.contype = 'f' AND f.conrelid = a.attrelid AND a.attnum = ANY (f.conkey)))
		)
		SELECT r.attrelid::regclass || '.' || r.attname FROM reference r
		WHERE NOT EXISTS (
			SELECT 1 FROM pg_constraint f
			WHERE f.contype = 'f' AND f.convalidated AND f.conrelid = r.attrelid AND r.attnum = ANY (f.conkey)
				AND (SELECT array_agg(a.attname::text || '=' || b.attname ORDER BY a.attname = 'account_id' DESC)
					FROM unnest(f.conkey, f.confkey) AS k (child, parent)
					JOIN pg_attribute a ON a.attrelid = f.conrelid AND a.attnum = k.child
					JOIN pg_attribute b ON b.attrelid = f.confrelid AND b.attnum = k.parent) = ARRAY['account_id=account_id', r.attname || '=id'])
			OR r.attrelid NOT IN (SELECT id FROM tenant)
		ORDER BY 1`)
	var unexplained []string
	left := maps.Clone(keyless)
	for _, reference := range loose {
		if left[reference] == "" {
			unexplained = append(unexplained, reference)
		}
		delete(left, reference)
	}
	if len(unexplained) > 0 {
		t.Errorf("these references may name rows of another account; give them FOREIGN KEY (account_id, …): %s", strings.Join(unexplained, ", "))
	}
	for reference := range left {
		t.Errorf("%s has a key, or is gone: take it off the list of those without", reference)
	}
}

// 0070: what names another account's row, or nothing, names nothing from then on; keys come with the account, and back.
func TestOldReferencesOfOtherAccounts(t *testing.T) {
	t.Parallel()
	f := oldShape(t, 70)
	f.Exec(t, `INSERT INTO accounts (id, slug, name) VALUES (1, 'a', 'a'), (2, 'b', 'b')`)
	f.Exec(t, `INSERT INTO users (id, account_id, email, name, role) VALUES (1, 1, 'a@a', 'Ana', 'user'), (2, 2, 'b@b', 'Bia', 'user')`)
	f.Exec(t, `INSERT INTO connections (id, account_id, key, name, channel) VALUES (1, 1, 'k', 'n', 'whatsapp_cloud'), (2, 2, 'l', 'n', 'whatsapp_cloud')`)
	f.Exec(t, `INSERT INTO contacts (id, account_id) VALUES (1, 1)`)
	f.Exec(t, `INSERT INTO conversations (id, account_id, number, connection_id, contact_id) VALUES (1, 1, 1, 1, 1)`)
	f.Exec(t, `INSERT INTO tickets (id, account_id, conversation_id, contact_id, protocol, state, agent_id, flow_run_id)
		VALUES (1, 1, 1, 1, 'p1', 'closed', 1, NULL), (2, 1, 1, 1, 'p2', 'open', 2, 99)`)
	f.Exec(t, `UPDATE conversations SET ticket_id = 2`)
	f.Exec(t, `INSERT INTO parked_statuses (connection_id, provider_message_id, status, at, body) VALUES (2, 'w', 'read', now(), '{}'), (3, 'w', 'read', now(), '{}')`)
	f.Exec(t, `INSERT INTO send_attempts (attempt_id, account_id, connection_id, message_id, outcome, started_at)
		VALUES (gen_random_uuid(), 1, 1, 77, 'unknown', now())`)
	keys := func() []string {
		return texts(t, f, `SELECT conrelid::regclass || ' ' || pg_get_constraintdef(oid) FROM pg_constraint WHERE contype IN ('f', 'p') ORDER BY 1`)
	}
	old := keys()
	for range 2 {
		migrate(t, f, 0)
		want := []string{"ticket 1 1", "ticket 2", "conversation 1 2", "parked 2"}
		got := append(texts(t, f, `SELECT concat_ws(' ', 'ticket', id, agent_id, flow_run_id) FROM tickets ORDER BY id`),
			texts(t, f, `SELECT concat_ws(' ', 'conversation', id, ticket_id) FROM conversations
				UNION ALL SELECT 'parked ' || account_id FROM parked_statuses UNION ALL SELECT 'attempt' FROM send_attempts`)...)
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("rows (-want +got):\n%s", diff)
		}
		if _, err := f.Pool().Exec(t.Context(), `UPDATE tickets SET agent_id = 2 WHERE id = 1`); err == nil {
			t.Error("a ticket took another account's user")
		}
		migrate(t, f, 70)
		if diff := cmp.Diff(old, keys()); diff != "" {
			t.Errorf("keys are not as they were (-want +got):\n%s", diff)
		}
	}
}
