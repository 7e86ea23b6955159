package store_test

import (
	"strings"
	"testing"

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
	if n := f.Count(t, `SELECT count(*) FROM quotas q WHERE q.name <> 'unused_upload_bytes' AND NOT EXISTS (
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
	f.Exec(t, `WITH c AS (INSERT INTO contacts (account_id) VALUES ($1) RETURNING id)
		INSERT INTO media_uses (account_id, media_id, contact_id) SELECT $1, m.id, c.id FROM media m, c WHERE uploader_id = 901`, f.Account)
	if err := upload(); err != nil {
		t.Errorf("after the first one is used: %v", err)
	}
}
