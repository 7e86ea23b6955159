package store_test

import (
	"bytes"
	"context"
	"encoding/base64"
	"fmt"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/jackc/pgx/v5"

	"github.com/perene/perene/internal/seal"
	"github.com/perene/perene/models"
	"github.com/perene/perene/store"
	"github.com/perene/perene/store/storetest"
)

// masterKeys are the key before, and the new one that also opens what the one before sealed.
func masterKeys(t *testing.T) (before, both seal.Key) {
	t.Helper()
	keys := make([]seal.Key, 2)
	for i, text := range []string{"0123456789abcdefghijklmnopqrstuv", "zyxwvutsrqponmlkjihgfedcba543210"} {
		var err error
		if keys[i], err = seal.ParseKey(base64.StdEncoding.EncodeToString([]byte(text))); err != nil {
			t.Fatal(err)
		}
	}
	return keys[0], keys[1].With(keys[0])
}

// sealedAccount has connections and secrets that a key has sealed, each with its place as its word.
func sealedAccount(t *testing.T, key seal.Key, connections, secrets int) *storetest.Fixture {
	t.Helper()
	f := storetest.NewFixture(t, storetest.New(t, store.Options{}), "loja")
	for i := range connections {
		f.Exec(t, `INSERT INTO connections (id, account_id, key, name, channel) VALUES ($1, $2, $3, $3, 'whatsapp_cloud')`, 5000+i, f.Account, fmt.Sprint("c", i))
	}
	f.Exec(t, `UPDATE connections SET credentials = '{}'`)
	for _, id := range ids(t, f, `SELECT id FROM connections`) {
		credentials := map[string][]byte{}
		for _, field := range []string{models.SecretAccessToken, models.SecretAppSecret, models.PreviousSecret(models.SecretAppSecret)} {
			credentials[field] = sealFor(t, key, models.ConnectionSecretPlace(models.ConnectionID(id), field))
		}
		f.Exec(t, `UPDATE connections SET credentials = $2 WHERE id = $1`, id, credentials)
	}
	for i := range secrets {
		name := fmt.Sprintf("S%05d", i)
		f.Exec(t, `INSERT INTO account_secrets (account_id, name, sealed) VALUES ($1, $2, $3)`, f.Account, name, sealFor(t, key, models.AccountSecretPlace(f.Account, name)))
	}
	return f
}

// words tells two values of one place apart.
var words atomic.Int64

func sealFor(t *testing.T, key seal.Key, place string) []byte {
	t.Helper()
	sealed, err := key.Seal(place, fmt.Appendf(nil, "word %d of %s", words.Add(1), place))
	if err != nil {
		t.Fatal(err)
	}
	return sealed
}

func ids(t *testing.T, f *storetest.Fixture, sql string) []int64 {
	t.Helper()
	rows, err := f.Pool().Query(t.Context(), sql)
	if err != nil {
		t.Fatal(err)
	}
	out, err := pgx.CollectRows(rows, pgx.RowTo[int64])
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// opened are the words of every sealed value, by its connection and its name.
func opened(t *testing.T, f *storetest.Fixture, key seal.Key) map[string]string {
	t.Helper()
	rows, err := f.Pool().Query(t.Context(), `
		SELECT c.id, v.key, decode(v.value, 'base64')
		FROM connections c, jsonb_each_text(c.credentials) AS v
		UNION ALL
		SELECT 0, name, sealed
		FROM account_secrets`)
	if err != nil {
		t.Fatal(err)
	}
	out := map[string]string{}
	var (
		id     models.ConnectionID
		name   string
		sealed []byte
	)
	if _, err := pgx.ForEachRow(rows, []any{&id, &name, &sealed}, func() error {
		place := models.ConnectionSecretPlace(id, name)
		if id == 0 {
			place = models.AccountSecretPlace(f.Account, name)
		}
		plain, err := key.Open(place, sealed)
		out[fmt.Sprint(id, " ", name)] = string(plain)
		return err
	}); err != nil {
		t.Fatal(err)
	}
	return out
}

// S12: everything that is sealed gets the new master key, its words stay, and a second call finds nothing to do.
func TestEverythingSealedGetsTheNewKey(t *testing.T) {
	t.Parallel()
	before, both := masterKeys(t)
	f := sealedAccount(t, before, 150, 450)
	want := opened(t, f, before)
	if count, err := f.CountSealed(t.Context(), both); err != nil || count.Old != len(want) {
		t.Fatalf("%+v, %v: want all %d under the key before", count, err, len(want))
	}
	told := 0
	count, err := f.Reseal(t.Context(), both, func(string, store.SealedCount) { told++ })
	if err != nil || count.New != len(want) || count.Values != len(want) || count.LostValues > 0 || told < 4 {
		t.Fatalf("%+v after %d batches, %v: want %d sealed again", count, told, err, len(want))
	}
	got := opened(t, f, both.With(seal.Key{})) // with the new key alone
	if len(got) != len(want) {
		t.Fatalf("%d values, want %d", len(got), len(want))
	}
	for place, word := range want {
		if got[place] != word {
			t.Errorf("%s opens to %q", place, got[place])
		}
	}
	if n := f.Count(t, `SELECT count(*) FROM connections WHERE updated_at <> created_at`); n != 0 {
		t.Errorf("%d connections look changed: people changed nothing", n)
	}
	if count, err := f.Reseal(t.Context(), both, func(string, store.SealedCount) {}); err != nil || count.New != 0 || count.Old != 0 {
		t.Errorf("a second call: %+v, %v", count, err)
	}
	noneOf(t, f, before)
}

// noneOf looks through every column that can hold bytes or JSON for what the key has sealed, so that a new table with
// sealed values is not forgotten.
func noneOf(t *testing.T, f *storetest.Fixture, key seal.Key) {
	t.Helper()
	sample := sealFor(t, key, "x")[:5]
	rows, err := f.Pool().Query(t.Context(), `
		SELECT table_name, column_name, data_type
		FROM information_schema.columns
		WHERE table_schema = 'public' AND data_type IN ('bytea', 'jsonb', 'text', 'ARRAY')`)
	if err != nil {
		t.Fatal(err)
	}
	type column struct{ Table, Name, Type string }
	columns, err := pgx.CollectRows(rows, pgx.RowToStructByPos[column])
	if err != nil || len(columns) < 100 {
		t.Fatalf("only %d columns were found, %v", len(columns), err)
	}
	for _, c := range columns {
		column := pgx.Identifier{c.Name}.Sanitize()
		sql := `SELECT count(*) FROM ` + pgx.Identifier{c.Table}.Sanitize() + ` WHERE `
		if c.Type == "bytea" {
			sql += fmt.Sprintf(`substr(%s, 1, 5) = '\x%x'`, column, sample)
		} else {
			sql += fmt.Sprintf(`%s::text LIKE '%%%s%%'`, column, base64.StdEncoding.EncodeToString(sample)[:6])
		}
		if n := f.Count(t, sql); n > 0 {
			t.Errorf("%s.%s holds %d values under the key before", c.Table, c.Name, n)
		}
	}
}

// S12: a secret that is entered while its row waits to be sealed again is the one that stays.
func TestASecretEnteredWhileAllAreSealedAgainStays(t *testing.T) {
	t.Parallel()
	before, both := masterKeys(t)
	f := sealedAccount(t, before, 0, 3)
	tx, err := f.Pool().Begin(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = tx.Rollback(context.WithoutCancel(t.Context())) }()
	entered, err := both.Seal(models.AccountSecretPlace(f.Account, "S00001"), []byte("entered now"))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := tx.Exec(t.Context(), `UPDATE account_secrets SET sealed = $1 WHERE name = 'S00001'`, entered); err != nil {
		t.Fatal(err)
	}
	done := make(chan error, 1)
	go func() {
		_, err := f.Reseal(t.Context(), both, func(string, store.SealedCount) {})
		done <- err
	}()
	awaitLock(t, f)
	if err := tx.Commit(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := <-done; err != nil {
		t.Fatal(err)
	}
	if got := opened(t, f, both); got["0 S00001"] != "entered now" {
		t.Errorf("the secret is %q", got["0 S00001"])
	}
	noneOf(t, f, before)
}

// awaitLock returns when a statement of the test's database waits for a lock.
func awaitLock(t *testing.T, f *storetest.Fixture) {
	t.Helper()
	for range 20_000 {
		if f.Count(t, `SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'`) > 0 {
			return
		}
	}
	t.Fatal("no statement waits for a lock")
}

// A value that neither key opens is named by its place, and the others are sealed again all the same.
func TestAValueThatNoKeyOpensIsNamed(t *testing.T) {
	t.Parallel()
	before, both := masterKeys(t)
	f := sealedAccount(t, before, 2, 2)
	f.Exec(t, `UPDATE account_secrets SET sealed = (SELECT sealed FROM account_secrets WHERE name = 'S00001') WHERE name = 'S00000'`)
	count, err := f.Reseal(t.Context(), both, func(string, store.SealedCount) {})
	if err != nil || count.LostValues != 1 || count.New != count.Values-1 {
		t.Fatalf("%+v, %v", count, err)
	}
	if place := models.AccountSecretPlace(f.Account, "S00000"); len(count.Lost) != 1 || !strings.HasPrefix(count.Lost[0], place+": ") {
		t.Errorf("lost: %v, want %s", count.Lost, place)
	}
	if bytes.Contains([]byte(strings.Join(count.Lost, "")), []byte("word of")) {
		t.Error("a secret is shown")
	}
}
