package store_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/perene/perene/contract"
	"github.com/perene/perene/models"
	"github.com/perene/perene/store"
	"github.com/perene/perene/store/storetest"
)

// S16: every table with a quota refuses the row that is one too many, whatever makes it, and other accounts go on.
func TestQuotasAreKeptWhereRowsAreMade(t *testing.T) {
	t.Parallel()
	f := storetest.NewFixture(t, storetest.New(t, store.Options{}), "quotas")
	f.Exec(t, `INSERT INTO accounts (id, slug, name) VALUES (900, 'rival', 'Rival')`)
	f.Exec(t, `INSERT INTO account_quotas (account_id, name, most) VALUES ($1, 'labels', 2), ($1, 'flows', 0)`, f.Account)
	const label = `INSERT INTO labels (account_id, name) SELECT $1, $2 || n FROM generate_series(1, $3) n ON CONFLICT (account_id, name) DO NOTHING`
	f.Exec(t, label, f.Account, "a", 2)
	f.Exec(t, label, f.Account, "a", 2) // they are there already
	f.Exec(t, label, 900, "a", 3)
	_, err := f.CreateFlow(t.Context(), f.Account, "one too many", "manual", []byte(`{}`))
	if models.CodeOf(err) != models.CodeConflict || !strings.Contains(err.Error(), "flows") {
		t.Errorf("a flow too many: %v, want a sentence about flows", err)
	}
	quotas, err := f.Quotas(t.Context(), f.Account)
	if err != nil {
		t.Fatal(err)
	}
	told := map[string]store.Quota{}
	for _, q := range quotas {
		told[q.Name] = q
	}
	if q := told["labels"]; q.Used != 2 || q.Most != 2 {
		t.Errorf("labels are told as %+v", q)
	}
	if n := f.Count(t, `SELECT count(*) FROM quotas q WHERE q.name <> ALL ('{unused_upload_bytes,quarantine,quarantine_bytes,bulk_jobs_at_once,rows_of_a_bulk_job,broadcasts_at_once,recipients_of_a_broadcast}') AND NOT EXISTS (
		SELECT 1 FROM pg_trigger g WHERE g.tgrelid = q.name::regclass AND g.tgname = 'within_quota')`); n != 0 {
		t.Errorf("%d quotas are checked nowhere", n)
	}
}

// S16: files that nobody sends do not fill the store; what is sent counts no more.
func TestUnusedUploadsHaveAQuota(t *testing.T) {
	t.Parallel()
	f := storetest.NewFixture(t, storetest.New(t, store.Options{}), "uploads")
	f.Exec(t, `INSERT INTO users (id, account_id, email, name, role) VALUES (901, $1, 'up@load', 'Ana', 'user')`, f.Account)
	f.Exec(t, `INSERT INTO account_quotas (account_id, name, most) VALUES ($1, 'unused_upload_bytes', 100)`, f.Account)
	user, size := models.UserID(901), int64(60)
	upload := func() error {
		_, err := f.CreateStoredMedia(t.Context(), f.Account, models.Media{Kind: "image", MimeType: "image/png", Size: &size, UploaderID: &user})
		return err
	}
	if err := upload(); err != nil {
		t.Fatal(err)
	}
	if err := upload(); models.CodeOf(err) != models.CodeConflict {
		t.Errorf("an upload over the quota: %v, want a conflict", err)
	}
	f.Exec(t, `INSERT INTO users (id, account_id, email, name, role) VALUES (902, $1, 'other@load', 'Bia', 'user')`, f.Account)
	f.Exec(t, `INSERT INTO media (account_id, state, kind, mime_type, filename, size, uploader_id) VALUES ($1, 'stored', 'image', 'image/png', '', 20, 902)`, f.Account)
	quotas, err := f.Quotas(t.Context(), f.Account)
	if err != nil {
		t.Fatal(err)
	}
	if at := slices.IndexFunc(quotas, func(q store.Quota) bool { return q.Name == "unused_upload_bytes" }); at < 0 || quotas[at].Used != 60 || quotas[at].Most != 100 {
		t.Errorf("the limits are told as %+v, want 60 of 100 for the user who has most", quotas)
	}
	f.Exec(t, `WITH c AS (INSERT INTO contacts (account_id) VALUES ($1) RETURNING id)
		INSERT INTO media_uses (account_id, media_id, contact_id) SELECT $1, m.id, c.id FROM media m, c WHERE uploader_id = 901`, f.Account)
	if err := upload(); err != nil {
		t.Errorf("after the first one is used: %v", err)
	}
}

// S16: what one account has in quarantine is bounded in rows and bytes. The oldest is dropped, what was resolved first, and the
// count is told. Nothing is refused, and other accounts keep theirs.
func TestTheQuarantineHasALimit(t *testing.T) {
	t.Parallel()
	f := storetest.NewFixture(t, storetest.New(t, store.Options{}), "quarantine")
	other := storetest.NewFixture(t, f.Store, "rival")
	f.Exec(t, `INSERT INTO account_quotas (account_id, name, most) VALUES ($1, 'quarantine', 3), ($1, 'quarantine_bytes', 10)`, f.Account)
	arrives := func(in *storetest.Fixture, body string) {
		t.Helper()
		if _, err := in.Receive(t.Context(), in.Connection, delivery(contract.InboundElement{Reason: "no object", Raw: []byte(body)}), nil); err != nil {
			t.Fatal(err)
		}
	}
	holds := func(want string, rows, bytes, dropped, droppedBytes int64) {
		t.Helper()
		if got := strings.Join(texts(t, f, `SELECT convert_from(body, 'UTF8') FROM quarantine WHERE account_id = `+f.Account.String()+` ORDER BY id`), " "); got != want {
			t.Errorf("in quarantine: %s, want %s", got, want)
		}
		quotas, err := f.Quotas(t.Context(), f.Account)
		if err != nil {
			t.Fatal(err)
		}
		for _, q := range quotas {
			switch {
			case q.Name == "quarantine" && (q != store.Quota{Name: q.Name, Most: 3, Used: rows, Dropped: dropped}),
				q.Name == "quarantine_bytes" && (q != store.Quota{Name: q.Name, Most: 10, Used: bytes, Dropped: droppedBytes}):
				t.Errorf("told: %+v", q)
			}
		}
	}
	arrives(other, "a")
	for _, body := range []string{"a", "b", "c"} {
		arrives(f, body)
	}
	holds("a b c", 3, 3, 0, 0)
	f.Exec(t, `UPDATE quarantine SET resolved_at = now() WHERE account_id = $1 AND body = 'b'`, f.Account)
	arrives(f, "d")
	holds("a c d", 3, 3, 1, 1)
	arrives(f, "eeeeeeeee")
	holds("d eeeeeeeee", 2, 10, 3, 3)
	arrives(f, "ffffffffffff") // larger than all the account may have
	holds("", 0, 0, 6, 25)
	if n := f.Count(t, `SELECT count(*) FROM quarantine WHERE account_id = $1`, other.Account); n != 1 {
		t.Errorf("another account has %d, want 1", n)
	}
}

// 0094: old rows in quarantine are counted, and the table goes back to what it was.
func TestOldQuarantineIsCounted(t *testing.T) {
	t.Parallel()
	f := oldShape(t, 94)
	f.Exec(t, `INSERT INTO accounts (id, slug, name) VALUES (1, 'a', 'a')`)
	f.Exec(t, `INSERT INTO connections (id, account_id, key, name, channel) VALUES (1, 1, 'k', 'n', 'whatsapp_cloud')`)
	f.Exec(t, `INSERT INTO quarantine (account_id, connection_id, reason, body) VALUES (1, 1, 'x', 'abc')`)
	for range 2 {
		migrate(t, f, 0)
		if n := f.Count(t, `SELECT bytes FROM quarantine`); n != 3 {
			t.Errorf("an old row has %d bytes, want 3", n)
		}
		migrate(t, f, 94)
	}
}
