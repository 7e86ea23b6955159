package store_test

import (
	"encoding/json"
	"reflect"
	"testing"

	"github.com/perene/perene/models"
	"github.com/perene/perene/store"
	"github.com/perene/perene/store/storetest"
)

// What the provider tells and what admins set are different columns: neither side writes the other's.
func TestLearnedFactsAndSettingsAreApart(t *testing.T) {
	t.Parallel()
	f := storetest.NewFixture(t, storetest.New(t, store.Options{}), "apart")
	set := models.ConnectionSettings{SendReadReceipts: true, ChatbotTimeoutMinutes: 60}
	patch := func(p store.ConnectionPatch) {
		t.Helper()
		if _, err := f.UpdateConnection(t.Context(), f.Account, f.Connection.ID, p, nil); err != nil {
			t.Fatal(err)
		}
	}
	tell := func(health string) {
		t.Helper()
		if err := f.SaveHealth(t.Context(), f.Account, f.Connection.ID, json.RawMessage(health)); err != nil {
			t.Fatal(err)
		}
	}
	read := func() *models.Connection {
		t.Helper()
		v, err := f.Store.Connection(t.Context(), f.Account, f.Connection.ID)
		if err != nil {
			t.Fatal(err)
		}
		return &v.Connection
	}
	own := "+55 11 4000-0001"
	patch(store.ConnectionPatch{Settings: &set, DisplayPhone: &own})
	if got := *read().ShownPhone(); got != own {
		t.Errorf("shown: %s, want the admin's %s while the provider has told none", got, own)
	}

	tell(`{"coexistence": true, "per_second": 20, "display_phone": "+55 11 4000-9999"}`)
	c := read()
	if !reflect.DeepEqual(c.Settings, set) || *c.DisplayPhone != own {
		t.Errorf("the provider's facts changed the settings %+v or the phone %s", c.Settings, *c.DisplayPhone)
	}
	if got := *c.ShownPhone(); got != "+55 11 4000-9999" {
		t.Errorf("shown: %s, want the provider's", got)
	}

	patch(store.ConnectionPatch{Settings: &models.ConnectionSettings{ShowTyping: true}, DisplayPhone: new(string)})
	if got := read().Facts(); got != (models.ConnectionFacts{DisplayPhone: "+55 11 4000-9999", PerSecond: 20, Coexistence: true}) {
		t.Errorf("a change of the settings changed what the provider told: %+v", got)
	}

	tell(`{"coexistence": false, "per_second": 80}`)
	if got := read().Facts(); got.Coexistence || got.PerSecond != 80 {
		t.Errorf("the number left the app, and is still known as %+v", got)
	}
}

func TestCoexistenceMovesToTheLearnedFactsAndBack(t *testing.T) {
	t.Parallel()
	f := storetest.NewFixture(t, storetest.New(t, store.Options{}), "facts")
	if err := f.MigrateDownTo(t.Context(), 20); err != nil {
		t.Fatal(err)
	}
	f.Exec(t, `UPDATE connections SET settings = '{"coexistence": true, "show_typing": true}', health = '{"quality": "GREEN"}'`)
	f.Exec(t, `INSERT INTO connections (account_id, key, name, channel, settings) VALUES ($1, 'other', 'other', 'whatsapp_cloud', '{"coexistence": false}')`, f.Account)
	if _, err := f.Migrate(t.Context()); err != nil {
		t.Fatal(err)
	}
	for settings, health := range map[string]string{
		`{"show_typing": true}`: `{"quality": "GREEN", "coexistence": true}`,
		`{}`:                    `{}`,
	} {
		if n := f.Count(t, `SELECT count(*) FROM connections WHERE settings = $1 AND health = $2`, settings, health); n != 1 {
			t.Errorf("%d connections have the settings %s and the facts %s, want 1", n, settings, health)
		}
	}
	f.Exec(t, `UPDATE connections SET health = health || '{"display_phone": "+55 1"}' WHERE key <> 'other'`)
	if err := f.MigrateDownTo(t.Context(), 20); err != nil {
		t.Fatal(err)
	}
	if n := f.Count(t, `SELECT count(*) FROM connections WHERE settings = '{"coexistence": true, "show_typing": true}' AND display_phone = '+55 1'`); n != 1 {
		t.Errorf("%d connections coexist after the way down, want 1", n)
	}
	if n := f.Count(t, `SELECT count(*) FROM connections WHERE settings = '{}' AND display_phone IS NULL`); n != 1 {
		t.Errorf("%d connections have nothing after the way down, want 1", n)
	}
}
