package store_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/jackc/pgx/v5"

	"github.com/perene/perene/store"
	"github.com/perene/perene/store/storetest"
)

// oldShape gives an empty database at the version before a migration, with the account, connection and contact of old rows.
func oldShape(t *testing.T, version int64) *storetest.Fixture {
	t.Helper()
	s := storetest.New(t, store.Options{})
	f := &storetest.Fixture{Store: s}
	if err := s.MigrateDownTo(t.Context(), version-1); err != nil {
		t.Fatal(err)
	}
	return f
}

// migrate takes the schema up to the newest version, or down to before the given one.
func migrate(t *testing.T, f *storetest.Fixture, downBefore int64) {
	t.Helper()
	f.Pool().Reset() // its connections know the old columns
	var err error
	if downBefore == 0 {
		_, err = f.Migrate(t.Context())
	} else {
		err = f.MigrateDownTo(t.Context(), downBefore-1)
	}
	if err != nil {
		t.Fatal(err)
	}
	f.Pool().Reset()
}

// texts reads rows of one text column.
func texts(t *testing.T, f *storetest.Fixture, sql string, args ...any) []string {
	t.Helper()
	rows, err := f.Pool().Query(t.Context(), sql, args...)
	if err != nil {
		t.Fatal(err)
	}
	all, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// 0030: old rows say what they were, history takes its place in the order, and back.
func TestOldMessagesSayHowTheyArrived(t *testing.T) {
	t.Parallel()
	f := oldShape(t, 30)
	f.Exec(t, `INSERT INTO accounts (id, slug, name) VALUES (1, 'a', 'a')`)
	f.Exec(t, `INSERT INTO connections (id, account_id, key, name, channel, created_at) VALUES (1, 1, 'k', 'n', 'whatsapp_cloud', '2026-11-01')`)
	f.Exec(t, `INSERT INTO contacts (id, account_id) VALUES (1, 1)`)
	f.Exec(t, `INSERT INTO conversations (id, account_id, number, connection_id, contact_id, last_message_id, last_message_at)
		VALUES (1, 1, 1, 1, 1, 5, '2026-11-03')`)
	const insert = `INSERT INTO messages (id, account_id, conversation_id, connection_id, contact_id, direction, origin, kind, content, state, provider_at, created_at)
		VALUES ($1, 1, 1, 1, 1, $2, $3, 'text', '{}', 'received', $4::timestamptz, $5::timestamptz)`
	for _, row := range [][]any{
		{1, "in", "contact", "2026-11-02 00:00", "2026-11-02 00:01"},
		{2, "in", "contact", "2026-11-02 00:00", "2026-11-02 01:00"},
		{3, "out", "phone", "2026-11-02 02:00", "2026-11-02 02:00"},
		{4, "out", "agent", nil, "2026-11-02 03:00"},
		{5, "in", "contact", "2026-10-01 00:00", "2026-11-03 00:00"},
		{6, "out", "phone", "2026-10-02 00:00", "2026-11-03 00:00"},
	} {
		f.Exec(t, insert, row...)
	}
	const how = `SELECT id || ' ' || coalesce(arrival, '-') FROM messages ORDER BY created_at, id`
	want := []string{"5 history", "6 history", "1 live", "2 late", "3 echo", "4 -"}
	last := `SELECT last_message_id || ' ' || last_message_at::date FROM conversations`
	for range 2 {
		migrate(t, f, 0)
		if diff := cmp.Diff(want, texts(t, f, how)); diff != "" {
			t.Errorf("in their order (-want +got):\n%s", diff)
		}
		if diff := cmp.Diff([]string{"4 2026-11-02"}, texts(t, f, last)); diff != "" {
			t.Errorf("the inbox shows (-want +got):\n%s", diff)
		}
		migrate(t, f, 30)
		if diff := cmp.Diff([]string{"1", "2", "3", "4", "5", "6"}, texts(t, f, `SELECT id::text FROM messages ORDER BY created_at, id`)); diff != "" {
			t.Errorf("back in the old order (-want +got):\n%s", diff)
		}
		if diff := cmp.Diff([]string{"6 2026-11-03"}, texts(t, f, last)); diff != "" {
			t.Errorf("back in the old inbox (-want +got):\n%s", diff)
		}
	}
}

// 0031: an address for a phone or a user id, user ids in the scope of their portfolio, and back.
func TestOldAddressesAndIdentities(t *testing.T) {
	t.Parallel()
	f := oldShape(t, 31)
	f.Exec(t, `INSERT INTO accounts (id, slug, name) VALUES (1, 'a', 'a')`)
	f.Exec(t, `INSERT INTO connections (id, account_id, key, name, channel, waba_id) VALUES (1, 1, 'k', 'n', 'whatsapp_cloud', '77'), (2, 1, 'l', 'o', 'whatsapp_cloud', NULL)`)
	f.Exec(t, `INSERT INTO contacts (id, account_id) VALUES (1, 1), (2, 1), (3, 1)`)
	f.Exec(t, `INSERT INTO contact_identities (account_id, kind, value, contact_id, address) VALUES (1, 'phone', '5581988880001', 1, '558188880001'),
		(1, 'bsuid', 'BR.1', 1, 'BR.1'), (1, 'bsuid', 'BR.2', 2, 'BR.2'), (1, 'bsuid', 'BR.3', 3, 'BR.3')`)
	f.Exec(t, `INSERT INTO conversations (id, account_id, number, connection_id, contact_id, address_phone, address_user_id) VALUES
		(1, 1, 1, 1, 1, '558188880001', 'BR.1'), (2, 1, 2, 2, 1, '558188880001', NULL), (3, 1, 3, 1, 2, NULL, 'BR.2')`)
	identities := `SELECT concat_ws(' ', kind, nullif(scope, ''), value, contact_id) FROM contact_identities ORDER BY 1`
	for range 2 {
		migrate(t, f, 0)
		if diff := cmp.Diff([]string{"1 558188880001", "2 558188880001", "3 BR.2"}, texts(t, f, `SELECT id || ' ' || address FROM conversations ORDER BY id`)); diff != "" {
			t.Errorf("addresses (-want +got):\n%s", diff)
		}
		want := []string{"bsuid BR.3 3", "bsuid connection/2 BR.1 1", "bsuid portfolio/77 BR.1 1", "bsuid portfolio/77 BR.2 2", "phone 5581988880001 1"}
		if diff := cmp.Diff(want, texts(t, f, identities)); diff != "" {
			t.Errorf("identities (-want +got):\n%s", diff)
		}
		if got := texts(t, f, `SELECT DISTINCT kind FROM contacts`); len(got) != 1 || got[0] != "person" {
			t.Errorf("old contacts are %v", got)
		}
		migrate(t, f, 31)
		if diff := cmp.Diff([]string{"1 558188880001 BR.1", "2 558188880001 BR.1", "3 BR.2"},
			texts(t, f, `SELECT concat_ws(' ', id, address_phone, address_user_id) FROM conversations ORDER BY id`)); diff != "" {
			t.Errorf("old addresses (-want +got):\n%s", diff)
		}
		if n := f.Count(t, `SELECT count(*) FROM contact_identities`); n != 4 {
			t.Errorf("%d identities are back, want 4", n)
		}
	}
}

// 0032: what merges left behind names the contact that goes on, and a second conversation the one that goes on, and back.
func TestOldMergesAreFinished(t *testing.T) {
	t.Parallel()
	f := oldShape(t, 32)
	f.Exec(t, `INSERT INTO accounts (id, slug, name) VALUES (1, 'a', 'a')`)
	f.Exec(t, `INSERT INTO connections (id, account_id, key, name, channel) VALUES (1, 1, 'k', 'n', 'whatsapp_cloud'), (2, 1, 'l', 'o', 'whatsapp_cloud')`)
	f.Exec(t, `INSERT INTO contacts (id, account_id, merged_into_id) VALUES (1, 1, NULL), (2, 1, 1), (3, 1, 2), (4, 1, NULL)`)
	f.Exec(t, `INSERT INTO conversations (id, account_id, number, connection_id, contact_id) VALUES (1, 1, 1, 1, 1), (2, 1, 2, 1, 2), (3, 1, 3, 1, 3),
		(4, 1, 4, 2, 2), (5, 1, 5, 2, 3), (6, 1, 6, 1, 4)`)
	f.Exec(t, `INSERT INTO messages (account_id, conversation_id, connection_id, contact_id, direction, origin, kind, content, state)
		SELECT 1, id, connection_id, contact_id, 'out', 'agent', 'text', '{}', 'accepted' FROM conversations`)
	f.Exec(t, `INSERT INTO tickets (account_id, conversation_id, contact_id, protocol, state) SELECT 1, id, contact_id, id::text, 'closed' FROM conversations`)
	conversations := `SELECT concat_ws(' ', id, contact_id, superseded_by_id) FROM conversations ORDER BY id`
	for range 2 {
		migrate(t, f, 0)
		want := []string{"1 1", "2 1 1", "3 1 1", "4 1 5", "5 1", "6 4"}
		if diff := cmp.Diff(want, texts(t, f, conversations)); diff != "" {
			t.Errorf("conversations (-want +got):\n%s", diff)
		}
		for _, table := range []string{"messages", "tickets"} {
			if n := f.Count(t, `SELECT count(*) FROM `+table+` x JOIN conversations c ON c.id = x.conversation_id WHERE c.contact_id <> x.contact_id`); n != 0 {
				t.Errorf("%d %s name another contact than their conversation", n, table)
			}
		}
		if n := f.Count(t, `SELECT count(*) FROM contacts WHERE merged_into_id = 1`); n != 2 {
			t.Errorf("%d contacts name the one that goes on, want 2", n)
		}
		migrate(t, f, 32)
		if n := f.Count(t, `SELECT count(DISTINCT (contact_id, connection_id)) FROM conversations`); n != 6 {
			t.Errorf("%d pairs of contact and connection are back, want 6", n)
		}
	}
}
