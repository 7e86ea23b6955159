package store_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

// 0096: who was known by an Argentine number without its 9 is known with it; two who were one person keep both, and the next
// message makes them one; and back.
func TestOldArgentineNumbers(t *testing.T) {
	t.Parallel()
	f := oldShape(t, 95)
	f.Exec(t, `INSERT INTO accounts (id, slug, name) VALUES (1, 'a', 'a')`)
	f.Exec(t, `INSERT INTO contacts (id, account_id, phone) VALUES (1, 1, '+541155550001'), (2, 1, '+541155550002'), (3, 1, '+5491155550002'), (4, 1, '+5581988880001')`)
	f.Exec(t, `INSERT INTO contact_identities (account_id, kind, value, contact_id, address) VALUES
		(1, 'phone', '541155550001', 1, '541155550001'), (1, 'phone', '541155550002', 2, '541155550002'),
		(1, 'phone', '5491155550002', 3, '5491155550002'), (1, 'phone', '5581988880001', 4, '5581988880001')`)
	for range 2 {
		migrate(t, f, 0)
		if diff := cmp.Diff([]string{"1 541155550001", "1 5491155550001", "2 541155550002", "3 5491155550002", "4 5581988880001"},
			texts(t, f, `SELECT contact_id || ' ' || value FROM contact_identities ORDER BY contact_id, length(value)`)); diff != "" {
			t.Errorf("identities (-want +got):\n%s", diff)
		}
		if diff := cmp.Diff([]string{"+5491155550001", "+5491155550002", "+5491155550002", "+5581988880001"}, texts(t, f, `SELECT phone FROM contacts ORDER BY id`)); diff != "" {
			t.Errorf("phones (-want +got):\n%s", diff)
		}
		migrate(t, f, 95)
		if n := f.Count(t, `SELECT count(*) FROM contact_identities`); n != 4 {
			t.Errorf("%d identities after going back, want 4", n)
		}
	}
}
