package store_test

import "testing"

// 0109: uses of files stay, and a conversation has nothing scheduled; and back, without the uses of what is scheduled.
func TestOldUsesOfFilesWithSchedules(t *testing.T) {
	t.Parallel()
	f := oldShape(t, 109)
	f.Exec(t, `INSERT INTO accounts (id, slug, name) VALUES (1, 'a', 'a')`)
	f.Exec(t, `INSERT INTO users (id, account_id, email, name, role) VALUES (1, 1, 'a@a', 'Ana', 'user')`)
	f.Exec(t, `INSERT INTO connections (id, account_id, key, name, channel) VALUES (1, 1, 'k', 'n', 'whatsapp_cloud')`)
	f.Exec(t, `INSERT INTO contacts (id, account_id) VALUES (1, 1)`)
	f.Exec(t, `INSERT INTO conversations (id, account_id, number, connection_id, contact_id) VALUES (1, 1, 1, 1, 1)`)
	f.Exec(t, `INSERT INTO media (id, account_id, kind, state) VALUES (1, 1, 'image', 'stored')`)
	f.Exec(t, `INSERT INTO library_files (id, account_id, media_id, name) VALUES (1, 1, 1, 'a')`)
	f.Exec(t, `INSERT INTO media_uses (account_id, media_id, library_file_id) VALUES (1, 1, 1)`)
	for range 2 {
		migrate(t, f, 0)
		if n := f.Count(t, `SELECT count(*) FROM conversations WHERE scheduled_count = 0 AND NOT sends_on_reply`); n != 1 {
			t.Error("an old conversation has something scheduled")
		}
		f.Exec(t, `INSERT INTO scheduled_sends (id, account_id, conversation_id, kind, due_at, timezone, first_at, by_kind, by_id, created_at, updated_at)
			VALUES (1, 1, 1, 'message', now(), 'UTC', now(), 'user', 1, now(), now())`)
		f.Exec(t, `INSERT INTO media_uses (account_id, media_id, scheduled_send_id) VALUES (1, 1, 1)`)
		migrate(t, f, 109)
		if n := f.Count(t, `SELECT count(*) FROM media_uses`); n != 1 {
			t.Errorf("%d uses of files after going back, want 1", n)
		}
	}
}
