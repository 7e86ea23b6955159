package store_test

import (
	"context"
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
	if diff := cmp.Diff([]string{"2", "3", "4"}, texts(t, f, `SELECT id::text FROM media ORDER BY id`)); diff != "" {
		t.Errorf("files (-want +got):\n%s", diff)
	}
}
