package store_test

import (
	"encoding/json"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/perene/perene/models"
	"github.com/perene/perene/store"
	"github.com/perene/perene/store/storetest"
)

// A number belongs to whom the provider has shown it: who only writes it down neither takes it nor learns that another
// account has it.
func TestANumberBelongsToWhoeverHasShownIt(t *testing.T) {
	t.Parallel()
	f := storetest.NewFixture(t, storetest.New(t, store.Options{}), "proven")
	f.Exec(t, `INSERT INTO accounts (id, slug, name) VALUES (900, 'rival', 'Rival')`)
	f.Exec(t, `INSERT INTO connections (id, account_id, key, name, channel) VALUES
		(901, $1, 'own-key-901', 'Own', 'whatsapp_cloud'), (902, 900, 'rival-key-902', 'Rival', 'whatsapp_cloud'), (903, $1, 'own-key-903', 'Twin', 'whatsapp_cloud')`, f.Account)
	write := func(account models.AccountID, id models.ConnectionID, fields map[string]string) error {
		_, err := f.UpdateConnection(t.Context(), account, id, store.ConnectionPatch{Fields: fields}, nil)
		return err
	}
	number := map[string]string{"phone_number_id": "7411"}
	if err := write(900, 902, number); err != nil {
		t.Fatalf("writing a number down: %v", err)
	}
	if err := write(f.Account, 901, number); err != nil {
		t.Errorf("another account has only written it down, and it is taken: %v", err)
	}
	if err := write(f.Account, 903, number); models.CodeOf(err) != models.CodeConflict {
		t.Errorf("a second connection of one account with the number: %v, want a conflict", err)
	}
	standing := func() []string {
		return texts(t, f, `SELECT concat_ws(' ', id, proven_at IS NOT NULL, health -> 'claimed_elsewhere') FROM connections WHERE id IN (901, 902) ORDER BY id`)
	}
	show := func(account models.AccountID, id models.ConnectionID) {
		if err := f.SaveHealth(t.Context(), account, id, json.RawMessage(`{"quality": "GREEN"}`)); err != nil {
			t.Fatalf("the provider shows it: %v", err)
		}
	}
	show(f.Account, 901)
	show(900, 902)
	if diff := cmp.Diff([]string{"901 t false", "902 f true"}, standing()); diff != "" {
		t.Errorf("both were shown (-want +got):\n%s", diff)
	}
	if err := write(f.Account, 901, map[string]string{"graph_base_url": "https://graph.partner.example"}); err != nil {
		t.Fatal(err)
	}
	show(900, 902)
	if diff := cmp.Diff([]string{"901 f false", "902 t false"}, standing()); diff != "" {
		t.Errorf("after the first one's new address (-want +got):\n%s", diff)
	}
}

// 0087: a number that the provider has shown stays its connection's; going back leaves each number with one connection.
func TestOldNumbersAreProven(t *testing.T) {
	t.Parallel()
	f := oldShape(t, 87)
	f.Exec(t, `INSERT INTO accounts (id, slug, name) VALUES (1, 'a', 'a'), (2, 'b', 'b')`)
	f.Exec(t, `INSERT INTO connections (id, account_id, key, name, channel, provider_ref, health_at) VALUES
		(1, 1, 'k1', 'n', 'whatsapp_cloud', '1', NULL), (2, 2, 'k2', 'n', 'whatsapp_cloud', '2', now())`)
	for range 2 {
		migrate(t, f, 0)
		if diff := cmp.Diff([]string{"1 f", "2 t"}, texts(t, f, `SELECT id || ' ' || (CASE WHEN proven_at IS NULL THEN 'f' ELSE 't' END) FROM connections WHERE id < 3 ORDER BY id`)); diff != "" {
			t.Errorf("proven (-want +got):\n%s", diff)
		}
		f.Exec(t, `INSERT INTO connections (id, account_id, key, name, channel, provider_ref) VALUES (3, 1, 'k3', 'o', 'whatsapp_cloud', '2')`)
		migrate(t, f, 87)
		if diff := cmp.Diff([]string{"1 1", "2 2", "3"}, texts(t, f, `SELECT concat_ws(' ', id, provider_ref) FROM connections ORDER BY id`)); diff != "" {
			t.Errorf("back (-want +got):\n%s", diff)
		}
		f.Exec(t, `DELETE FROM connections WHERE id = 3`)
	}
}
