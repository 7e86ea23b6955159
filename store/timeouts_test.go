package store_test

import (
	"errors"
	"testing"

	"github.com/jackc/pgx/v5/pgconn"

	"github.com/perene/perene/store"
	"github.com/perene/perene/store/storetest"
)

// Postgres itself ends what the program leaves running or standing: every connection of ours says so.
func TestConnectionsHaveTimeouts(t *testing.T) {
	t.Parallel()
	url := storetest.NewURL(t)
	open := func(url string) *store.Store {
		s, err := store.Open(t.Context(), url, store.Options{MaxConns: 2})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(s.Close)
		return s
	}
	setting := func(s *store.Store, name string) (value string) {
		if err := s.Pool().QueryRow(t.Context(), `SELECT current_setting($1)`, name).Scan(&value); err != nil {
			t.Fatal(err)
		}
		return value
	}
	s := open(url)
	if a, b := setting(s, "statement_timeout"), setting(s, "idle_in_transaction_session_timeout"); a != "30s" || b != "20s" {
		t.Errorf("a statement may take %s, a transaction may stand idle for %s", a, b)
	}
	short := open(url + "&statement_timeout=20&idle_in_transaction_session_timeout=20")
	if a, b := setting(short, "statement_timeout"), setting(short, "idle_in_transaction_session_timeout"); a != "20ms" || b != "20ms" {
		t.Errorf("the address sets %s and %s, want 20ms", a, b)
	}

	_, err := short.Pool().Exec(t.Context(), `SELECT pg_sleep(60)`)
	if pg := (*pgconn.PgError)(nil); !errors.As(err, &pg) || pg.Code != "57014" || !store.IsUnavailable(err) {
		t.Errorf("a statement that takes too long ends with %v", err)
	}
	tx, err := short.Pool().Begin(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = tx.Rollback(t.Context()) }()
	var pid int
	if err := tx.QueryRow(t.Context(), `SELECT pg_backend_pid()`).Scan(&pid); err != nil {
		t.Fatal(err)
	}
	for left := 1; left > 0; { // each round asks Postgres
		if err := s.Pool().QueryRow(t.Context(), `SELECT count(*) FROM pg_stat_activity WHERE pid = $1`, pid).Scan(&left); err != nil {
			t.Fatal(err)
		}
	}
	if _, err = tx.Exec(t.Context(), `SELECT 1`); !store.IsUnavailable(err) {
		t.Errorf("a transaction that stood idle for too long ends with %v", err)
	}
}
