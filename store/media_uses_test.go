package store_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/perene/perene/models"
	"github.com/perene/perene/store"
	"github.com/perene/perene/store/storetest"
)

// 0072: old messages, contacts and flows use the files that their content names, and only their account's.
func TestOldFilesHaveUses(t *testing.T) {
	t.Parallel()
	f := oldShape(t, 72)
	f.Exec(t, `INSERT INTO accounts (id, slug, name) VALUES (1, 'a', 'a'), (2, 'b', 'b')`)
	f.Exec(t, `INSERT INTO connections (id, account_id, key, name, channel) VALUES (1, 1, 'k', 'n', 'whatsapp_cloud')`)
	f.Exec(t, `INSERT INTO custom_fields (account_id, entity, key, name, kind) VALUES (1, 'contact', 'foto', 'Foto', 'image')`)
	f.Exec(t, `INSERT INTO media (account_id, state, kind) SELECT 1, 'stored', 'image' FROM generate_series(1, 7)`)
	f.Exec(t, `INSERT INTO media (id, account_id, state, kind) VALUES (90, 2, 'stored', 'image')`)
	f.Exec(t, `INSERT INTO contacts (id, account_id, custom_values) VALUES (1, 1, '{"foto": "5"}'), (2, 1, '{"foto": "https://a.example/5"}')`)
	f.Exec(t, `INSERT INTO conversations (id, account_id, number, connection_id, contact_id) VALUES (1, 1, 1, 1, 1)`)
	const insert = `INSERT INTO messages (id, account_id, conversation_id, connection_id, contact_id, direction, origin, kind, content, state, media_id)
		VALUES ($1, 1, 1, 1, 1, 'out', 'agent', 'text', $2, 'accepted', $3)`
	f.Exec(t, insert, 1, `{"media": {"media_id": 1}}`, 1)
	f.Exec(t, insert, 2, `{"header": {"media": {"media_id": 2}}, "carousel": [{"header": {"media": {"media_id": 3}}}]}`, nil)
	f.Exec(t, insert, 3, `{"template": {"header": {"media": {"media_id": 4}}}, "media": {"media_id": 90}}`, nil)
	f.Exec(t, `INSERT INTO flows (id, account_id, name, draft) VALUES (1, 1, 'f', '{"nodes": [{"settings": {"items": [{"media": {"id": "6"}}, {"media": {"id": "90"}}]}}]}')`)
	want := []string{"1 message 1", "2 message 2", "3 message 2", "4 message 3", "5 contact 1", "6 flow 1"}
	for range 2 {
		migrate(t, f, 0)
		got := texts(t, f, `SELECT media_id || coalesce(' message ' || message_id, ' contact ' || contact_id, ' flow ' || flow_id) FROM media_uses ORDER BY 1`)
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("uses (-want +got):\n%s", diff)
		}
		if n := f.Count(t, `WITH f AS (INSERT INTO media (account_id, kind) VALUES (1, 'image') RETURNING id) SELECT id FROM f`); n < 1<<52 || n >= 1<<53 {
			t.Errorf("the id %d can be counted, or is no whole number in JavaScript", n)
		}
		f.Exec(t, `DELETE FROM media WHERE id > 1000`)
		migrate(t, f, 72)
		if n := f.Count(t, `WITH f AS (INSERT INTO media (account_id, kind) VALUES (1, 'image') RETURNING id) SELECT id FROM f`); n != 91 {
			t.Errorf("the old numbers go on with %d, want 91", n)
		}
		f.Exec(t, `DELETE FROM media WHERE id = 91`)
	}
}

// A file that nothing uses is removed after a time, in both places, and one that cannot be removed stays in both.
func TestUnusedFilesAreRemoved(t *testing.T) {
	t.Parallel()
	f := storetest.NewFixture(t, storetest.New(t, store.Options{Now: at(noon)}), "unused")
	f.Exec(t, `INSERT INTO contacts (id, account_id) VALUES (1, $1)`, f.Account)
	f.Exec(t, `INSERT INTO media (id, account_id, state, kind, blob_key, created_at) VALUES (1, $1, 'stored', 'image', 'old', $2), (2, $1, 'stored', 'image', 'used', $2),
		(3, $1, 'stored', 'image', 'new', $3), (4, $1, 'pending', 'image', NULL, $2)`, f.Account, noon.Add(-8*24*time.Hour), noon)
	f.Exec(t, `INSERT INTO media_uses (account_id, media_id, contact_id) VALUES ($1, 2, 1)`, f.Account)
	f.Exec(t, `INSERT INTO users (id, account_id, email, name, role) VALUES (1, $1, 'a@b.example', 'Ana', 'user')`, f.Account)
	f.Exec(t, `INSERT INTO conversations (id, account_id, number, connection_id, contact_id) VALUES (1, $1, 1, $2, 1)`, f.Account, f.Connection.ID)
	f.Exec(t, `INSERT INTO media (id, account_id, state, kind, blob_key, created_at, uploader_id) VALUES (5, $1, 'stored', 'image', 'draft', $2, 1)`, f.Account, noon.Add(-8*24*time.Hour))
	f.Exec(t, `INSERT INTO drafts (account_id, user_id, conversation_id, mode, body) VALUES ($1, 1, 1, 'reply', '{"media_ids": [5]}')`, f.Account)
	var removed []string
	fail := models.Errorf(models.CodeConflict, "the disk is full")
	for _, answer := range []error{fail, nil, nil} {
		n, err := f.PruneUnusedMedia(t.Context(), noon.Add(-7*24*time.Hour), 10, func(_ context.Context, key string) error {
			removed = append(removed, key)
			return answer
		})
		if (err != nil) != (answer != nil && n == 0) {
			t.Errorf("%d removed, %v", n, err)
		}
	}
	if diff := cmp.Diff([]string{"old", "old"}, removed); diff != "" {
		t.Errorf("removed (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]string{"2", "3", "4", "5"}, texts(t, f, `SELECT id::text FROM media ORDER BY id`)); diff != "" {
		t.Errorf("files (-want +got):\n%s", diff)
	}
}

// S6: a use ends when a contact's field or a flow drops the file, whatever changes it, and a merge moves the uses.
func TestAUseEndsWhenTheFileIsDropped(t *testing.T) {
	t.Parallel()
	f := storetest.NewFixture(t, storetest.New(t, store.Options{Now: at(noon)}), "dropped")
	f.Exec(t, `INSERT INTO custom_fields (account_id, entity, key, name, kind) VALUES ($1, 'contact', 'foto', 'Foto', 'image'), ($1, 'contact', 'rg', 'RG', 'image')`, f.Account)
	f.Exec(t, `INSERT INTO media (id, account_id, state, kind) SELECT n, $1, 'stored', 'image' FROM generate_series(1, 9) n`, f.Account)
	f.Exec(t, `INSERT INTO contacts (id, account_id, phone) VALUES (1, $1, '5581977770001'), (2, $1, '5581977770002')`, f.Account)
	uses := func(want ...string) {
		t.Helper()
		got := texts(t, f, `SELECT media_id || coalesce(' contact ' || contact_id, ' flow ' || flow_id, ' canned ' || canned_response_id) FROM media_uses ORDER BY 1`)
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("uses (-want +got):\n%s", diff)
		}
	}
	f.Exec(t, `INSERT INTO users (id, account_id, email, name, role) VALUES (1, $1, 'a@b.example', 'Ana', 'admin')`, f.Account)
	all := store.Viewer{User: 1, Everything: true}
	set := func(id models.ContactID, values map[string]any) {
		t.Helper()
		if err := f.UpdateContact(t.Context(), f.Account, id, store.ContactPatch{Viewer: all, CustomValues: values}); err != nil {
			t.Fatal(err)
		}
	}
	set(1, map[string]any{"foto": "1"})
	set(1, map[string]any{"foto": "2", "rg": "3"})
	set(1, map[string]any{"rg": nil})
	set(2, map[string]any{"foto": "4", "rg": "5"})
	uses("2 contact 1", "4 contact 2", "5 contact 2")

	document := func(file string) []byte {
		return []byte(`{"nodes": [{"settings": {"media": {"id": "` + file + `"}}}]}`)
	}
	flow, err := f.CreateFlow(t.Context(), f.Account, "Fotos", "manual", document("6"))
	if err != nil {
		t.Fatal(err)
	}
	f.Exec(t, `INSERT INTO flow_versions (account_id, flow_id, number, graph) VALUES ($1, $2, 1, $3)`, f.Account, flow, document("6"))
	for _, file := range []string{"7", "8"} { // the version goes on using 6
		f.Exec(t, `UPDATE flows SET draft = $1 WHERE id = $2`, document(file), flow)
	}
	flows := "6 flow " + flow.String()
	uses("2 contact 1", "4 contact 2", "5 contact 2", flows, "8 flow "+flow.String())

	code, text := "foto", "veja"
	canned, err := f.CreateCannedResponse(t.Context(), f.Account, all, store.CannedPatch{Code: &code, Text: &text, Files: []models.MediaID{9}})
	if err != nil {
		t.Fatal(err)
	}
	uses("2 contact 1", "4 contact 2", "5 contact 2", flows, "8 flow "+flow.String(), fmt.Sprint("9 canned ", canned))
	if err := f.UpdateCannedResponse(t.Context(), f.Account, all, canned, store.CannedPatch{Files: []models.MediaID{}}); err != nil {
		t.Fatal(err)
	}
	f.Exec(t, `UPDATE flows SET draft = '{}' WHERE id = $1`, flow)
	uses("2 contact 1", "4 contact 2", "5 contact 2", flows)
	f.Exec(t, `DELETE FROM contacts WHERE id IN (1, 2)`)
	uses(flows)
	receive := func(id string, p models.PersonHint) models.ContactID {
		t.Helper()
		e := storetest.Text(id, "x", "oi", noon)
		e.Message.Person = p
		if _, err := f.Receive(t.Context(), f.Connection, delivery(e), first); err != nil {
			t.Fatal(err)
		}
		return models.ContactID(f.Count(t, `SELECT contact_id FROM messages WHERE provider_message_id = $1`, id))
	}
	one, other := receive("user", storetest.Person("", "BR.2")), receive("phone", storetest.Person("5581977770002", ""))
	set(one, map[string]any{"foto": "1"})
	set(other, map[string]any{"foto": "4", "rg": "5"})
	into := receive("merged", storetest.Person("5581977770002", "BR.2"))
	if into != one {
		t.Fatalf("the contact that stays is %d, want %d", into, one)
	}
	uses("1 contact "+into.String(), "5 contact "+into.String(), flows) // its photo stays, so that the other's photo is dropped
}

// 0093: uses of before that nothing names any more go, and those of merged contacts move.
func TestOldUsesEnd(t *testing.T) {
	t.Parallel()
	f := oldShape(t, 93)
	f.Exec(t, `INSERT INTO accounts (id, slug, name) VALUES (1, 'a', 'a')`)
	f.Exec(t, `INSERT INTO media (id, account_id, state, kind) SELECT n, 1, 'stored', 'image' FROM generate_series(1, 7) n`)
	f.Exec(t, `INSERT INTO contacts (id, account_id, custom_values) VALUES (1, 1, '{"foto": "1", "rg": "3"}')`)
	f.Exec(t, `INSERT INTO contacts (id, account_id, custom_values, merged_into_id) VALUES (2, 1, '{"foto": "4", "rg": "3"}', 1)`)
	f.Exec(t, `INSERT INTO media_uses (account_id, media_id, contact_id) VALUES (1, 1, 1), (1, 2, 1), (1, 3, 2), (1, 4, 2)`)
	f.Exec(t, `INSERT INTO flows (id, account_id, name, draft) VALUES (1, 1, 'f', '{"nodes": [{"media": {"id": "5"}}, {"header_media": {"id": "7"}}]}')`)
	f.Exec(t, `INSERT INTO media_uses (account_id, media_id, flow_id) VALUES (1, 6, 1)`)
	want := []string{"1 contact 1", "3 contact 1", "5 flow 1", "7 flow 1"}
	for range 2 {
		migrate(t, f, 0)
		got := texts(t, f, `SELECT media_id || coalesce(' contact ' || contact_id, ' flow ' || flow_id) FROM media_uses ORDER BY 1`)
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("uses (-want +got):\n%s", diff)
		}
		migrate(t, f, 93)
	}
}
