package store_test

import (
	"context"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/perene/perene/models"
	"github.com/perene/perene/store"
	"github.com/perene/perene/store/storetest"
)

// Of every kind one row is older than the instant and goes, one is younger and stays; a batch takes no more than it may.
func TestPruneRemovesWhatIsOldAndNothingElse(t *testing.T) { //nolint:tparallel // its parts follow each other
	t.Parallel()
	f := storetest.NewFixture(t, storetest.New(t, store.Options{Now: at(noon)}), "prune")
	var user models.UserID
	if err := f.Pool().QueryRow(t.Context(), `INSERT INTO users (account_id, email, name, role, password_hash) VALUES ($1, 'ana@loja.example', 'Ana', 'admin', 'x') RETURNING id`,
		f.Account).Scan(&user); err != nil {
		t.Fatal(err)
	}
	before := noon.Add(-24 * time.Hour)
	cases := []struct {
		name, table, insert string // $1 account, $2 a number, $3 the instant, $4 user, $5 connection
		prune               func(context.Context, time.Time, int) (int64, error)
	}{
		{"parked statuses", "parked_statuses", `INSERT INTO parked_statuses (account_id, connection_id, provider_message_id, status, at, body, created_at)
			SELECT $1, $5, $2::bigint, 'read', $3, '{}', $3 WHERE $4::bigint > 0`, f.PruneParked},
		{"idempotency keys", "idempotency_keys", `INSERT INTO idempotency_keys (account_id, key, operation, request_hash, created_at)
			SELECT $1, $2::bigint, 'x', '', $3 WHERE $4::bigint > 0 AND $5::bigint > 0`, f.PruneIdempotencyKeys},
		{"login failures", "login_failures", `INSERT INTO login_failures (email_hash, network, failed_at)
			SELECT '', $2::bigint, $3 WHERE $1::bigint > 0 AND $4::bigint > 0 AND $5::bigint > 0`, f.PruneLoginFailures},
		{"sessions", "sessions", `INSERT INTO sessions (token_hash, account_id, user_id, expires_at)
			SELECT int8send($2::bigint), $1, $4, $3 WHERE $5::bigint > 0`, f.PruneSignIns},
		{"login links", "login_links", `INSERT INTO login_links (token_hash, account_id, user_id, expires_at)
			SELECT int8send($2::bigint), $1, $4, $3 WHERE $5::bigint > 0`, f.PruneLoginLinks},
		{"media of no message", "media", `INSERT INTO media (account_id, connection_id, kind, filename, created_at)
			SELECT $1, $5, 'image', $2::bigint, $3 WHERE $4::bigint > 0`, f.PruneMedia},
		{"ids of uploads", "media_uploads", `WITH m AS (INSERT INTO media (account_id, state, kind, filename) VALUES ($1, 'stored', 'image', $2::bigint) RETURNING id)
			INSERT INTO media_uploads (media_id, connection_id, account_id, provider_media_id, expires_at) SELECT id, $5, $1, 'x', $3 FROM m WHERE $4::bigint > 0`, f.PruneUploads},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			for i, age := range []time.Duration{25 * time.Hour, 26 * time.Hour, 240 * time.Hour, 24 * time.Hour, time.Hour} {
				f.Exec(t, c.insert, f.Account, i, noon.Add(-age), user, f.Connection.ID)
			}
			for i, want := range []int64{2, 1, 0} {
				if n, err := c.prune(t.Context(), before, 2); err != nil || n != want {
					t.Errorf("batch %d removed %d rows, want %d: %v", i+1, n, want, err)
				}
			}
			if n := f.Count(t, `SELECT count(*) FROM `+c.table); n != 2 && c.table != "media" {
				t.Errorf("%d rows are left, want 2", n)
			}
		})
	}
}

// A file of a message that never came is failed, which shows on the message; nothing of the message goes.
func TestPruneFailsFilesOfMessagesThatNeverCame(t *testing.T) {
	t.Parallel()
	f := storetest.NewFixture(t, storetest.New(t, store.Options{Now: at(noon)}), "late")
	in := storetest.Text("wamid.1", "5581988880001", "", noon)
	in.Message.Content = models.Content{Kind: models.ContentKindImage}
	in.Message.Media = &models.InboundMedia{ProviderMediaID: "77", Kind: "image"}
	if _, err := f.Receive(t.Context(), f.Connection, delivery(in), nil); err != nil {
		t.Fatal(err)
	}
	f.Exec(t, `UPDATE media SET created_at = $1`, noon.Add(-31*24*time.Hour))
	events := f.Count(t, `SELECT count(*) FROM events WHERE kind = 'message.updated'`)
	if n, err := f.PruneMedia(t.Context(), noon.Add(-30*24*time.Hour), 10); err != nil || n != 1 {
		t.Fatalf("%d, %v", n, err)
	}
	if n := f.Count(t, `SELECT count(*) FROM media f JOIN messages m ON m.id = f.message_id WHERE f.state = 'failed' AND f.error IS NOT NULL`); n != 1 {
		t.Errorf("%d files of messages are failed, want 1", n)
	}
	if n := f.Count(t, `SELECT count(*) FROM events WHERE kind = 'message.updated'`) - events; n != 1 {
		t.Errorf("%d events tell of it, want 1", n)
	}
}

// A place in the outbox is behind a number that is used up and on disk, so that no transaction after a crash gets it, or an
// earlier one, again: the place would be taken for kept although what these wrote is missing.
func TestAPlaceIsBehindANumberThatIsOnDisk(t *testing.T) {
	t.Parallel()
	f := storetest.NewFixture(t, storetest.New(t, store.Options{Now: at(noon)}), "places")
	for range 3 { // on a quiet database too, where no transaction but these gets a number
		place, err := f.EventsNow(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		next := f.Count(t, `SELECT pg_snapshot_xmax(pg_current_snapshot())::text::bigint`)
		if uint64(next) <= place.XID {
			t.Errorf("the place is at %d and the next number is %d: a crash would give the place's out again", place.XID, next)
		}
	}
}

// Events go from the beginning and without holes, and a reader who stopped among them learns it.
func TestPruneEventsStopsAtTheFirstYoungOne(t *testing.T) {
	t.Parallel()
	f := storetest.NewFixture(t, storetest.New(t, store.Options{Now: at(noon)}), "events")
	f.Exec(t, `DELETE FROM events`)
	if kept, err := f.EventsKept(t.Context(), models.Cursor{}); err != nil || kept {
		t.Fatalf("a new outbox has kept what was before it: %t, %v", kept, err)
	}
	start, err := f.EventsNow(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, days := range []int{9, 8, 1, 10, 10} {
		f.Exec(t, `INSERT INTO events (account_id, kind, created_at) VALUES ($1, 'x', $2)`, f.Account, noon.Add(-time.Duration(days)*24*time.Hour))
	}
	week := noon.Add(-7 * 24 * time.Hour)
	for i, want := range []int64{1, 1, 0} {
		if n, err := f.PruneEvents(t.Context(), week, 1); err != nil || n != want {
			t.Errorf("batch %d removed %d events, want %d: %v", i+1, n, want, err)
		}
	}
	if kept, err := f.EventsKept(t.Context(), start); err != nil || kept {
		t.Errorf("two events went after the beginning, yet: %t, %v", kept, err)
	}
	rows, err := f.Pool().Query(t.Context(), `SELECT xid::text::bigint, seq FROM events ORDER BY xid, seq`)
	if err != nil {
		t.Fatal(err)
	}
	left, err := pgx.CollectRows(rows, pgx.RowToStructByPos[models.Cursor])
	if err != nil || len(left) != 3 {
		t.Fatalf("%d events are left, want 3: %v", len(left), err)
	}
	if kept, err := f.EventsKept(t.Context(), left[0]); err != nil || !kept {
		t.Errorf("what comes after the first that is left is kept: %t, %v", kept, err)
	}
	if n, err := f.PruneEvents(t.Context(), noon.Add(time.Hour), 10); err != nil || n != 3 {
		t.Errorf("%d of the last three went: %v", n, err)
	}
	if kept, err := f.EventsKept(t.Context(), left[1]); err != nil || kept {
		t.Errorf("an event after the second is gone, yet: %t, %v", kept, err)
	}
	if kept, err := f.EventsKept(t.Context(), left[2]); err != nil || !kept {
		t.Errorf("nothing came after the last one, yet: %t, %v", kept, err)
	}
}
