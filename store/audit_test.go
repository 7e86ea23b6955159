package store_test

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"testing"

	"github.com/jackc/pgx/v5/pgconn"

	"github.com/perene/perene/models"
	"github.com/perene/perene/store"
	"github.com/perene/perene/store/storetest"
)

// logged writes lines of the audit log.
func logged(t *testing.T, f *storetest.Fixture, n int) {
	t.Helper()
	for i := range n {
		if err := f.Audit(t.Context(), f.Account, store.AuditEntry{Action: "label.created", Object: fmt.Sprintf("label/%d", i), Data: map[string]any{"z": 1, "a": "ção"}}); err != nil {
			t.Fatal(err)
		}
	}
}

func checkAudit(t *testing.T, f *storetest.Fixture, last int64) *store.AuditChain {
	t.Helper()
	c, err := f.CheckAudit(t.Context(), f.Account, last)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// S17: what was written to the audit log stays as it was. Changing, removing and emptying is refused by the database.
func TestLinesOfTheAuditLogAreNeverChanged(t *testing.T) {
	t.Parallel()
	f := storetest.NewFixture(t, storetest.New(t, store.Options{}), "audit")
	logged(t, f, 3)
	for _, statement := range []string{
		`UPDATE audit_log SET object = 'label/9'`, `DELETE FROM audit_log WHERE seq = 3`, `TRUNCATE audit_log`,
		`UPDATE audit_heads SET seq = seq - 1`, `UPDATE audit_heads SET seq = seq + 1`, `DELETE FROM audit_heads`, `TRUNCATE audit_heads`,
	} {
		_, err := f.Pool().Exec(t.Context(), statement)
		if pg, ok := err.(*pgconn.PgError); !ok || pg.Code != "42501" { //nolint:errorlint // as pgx gives it
			t.Errorf("%s: %v, want it refused", statement, err)
		}
	}
	if c := checkAudit(t, f, 0); c.Broken != "" || c.Lines != 3 || len(c.Head) != 32 {
		t.Errorf("the chain is %+v", c)
	}
}

// S17: lines that are written at the same time, also in transactions that are rolled back, make one chain for each account.
func TestTheAuditLogIsOneChain(t *testing.T) {
	t.Parallel()
	f := storetest.NewFixture(t, storetest.New(t, store.Options{}), "audit")
	other := storetest.NewFixture(t, f.Store, "rival")
	var all sync.WaitGroup
	for i := range 40 {
		all.Go(func() {
			account := f.Account
			if i%4 == 0 {
				account = other.Account
			}
			if err := f.Audit(context.Background(), account, store.AuditEntry{Action: "label.created"}); err != nil {
				t.Error(err)
			}
			if tx, err := f.Pool().Begin(context.Background()); err != nil {
				t.Error(err)
			} else if _, err = tx.Exec(context.Background(), `INSERT INTO audit_log (account_id, action) VALUES ($1, 'taken back')`, account); err != nil {
				t.Error(err)
			} else if err = tx.Rollback(context.Background()); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	for _, in := range []struct {
		f     *storetest.Fixture
		lines int64
	}{{f, 30}, {other, 10}} {
		if c := checkAudit(t, in.f, 0); c.Broken != "" || c.Lines != in.lines {
			t.Errorf("the chain is %+v, want %d lines", c, in.lines)
		}
		if c := checkAudit(t, in.f, 5); c.Broken != "" || c.Lines != 5 {
			t.Errorf("its end is %+v, want 5 lines", c)
		}
	}
	empty := models.AccountID(0)
	if c, err := f.CheckAudit(t.Context(), empty, 0); err != nil || c.Broken != "" || c.Lines != 0 {
		t.Errorf("an account without lines: %+v, %v", c, err)
	}
}

// S17: somebody who owns the table and switches the triggers off is found: a changed line, a lost one, one between, and an end that was
// cut off.
func TestAChangedAuditLogIsFound(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ statement, says string }{
		"changed":               {`UPDATE audit_log SET object = 'label/7' WHERE seq = 3`, "line 3 was changed"},
		"when":                  {`UPDATE audit_log SET created_at = created_at - interval '1 hour' WHERE seq = 5`, "line 5 was changed"},
		"changed with its hash": {`UPDATE audit_log SET action = 'x' WHERE seq = 3; UPDATE audit_log l SET hash = audit_hash(l) WHERE seq = 3`, "line 4 does not follow from line 3"},
		"another hash":          {`UPDATE audit_log SET hash = sha256('x') WHERE seq = 4`, "line 4 was changed"},
		"lost":                  {`DELETE FROM audit_log WHERE seq = 2`, "line 2 is missing"},
		"the first is lost":     {`DELETE FROM audit_log WHERE seq = 1`, "line 1 is missing"},
		"the end is cut off":    {`DELETE FROM audit_log WHERE seq > 3`, "line 4 is missing"},
		"all of it":             {`DELETE FROM audit_log`, "line 1 is missing"},
		"one more":              {`INSERT INTO audit_log (account_id, action, seq, previous, hash) SELECT account_id, 'x', 6, hash, hash FROM audit_log WHERE seq = 5`, "line 6 was changed"},
		"two changed places":    {`UPDATE audit_log SET seq = 9 - seq WHERE seq IN (4, 5)`, "line 4"},
		"the head was changed":  {`UPDATE audit_heads SET hash = sha256('x')`, "is not the one that the head names"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := storetest.NewFixture(t, storetest.New(t, store.Options{}), "audit")
			logged(t, f, 5)
			f.Exec(t, `ALTER TABLE audit_log DISABLE TRIGGER USER`)
			f.Exec(t, `ALTER TABLE audit_heads DISABLE TRIGGER USER`)
			f.Exec(t, `ALTER TABLE audit_log DROP CONSTRAINT audit_log_chain`)
			for statement := range strings.SplitSeq(c.statement, ";") {
				f.Exec(t, statement)
			}
			if got := checkAudit(t, f, 0); !strings.Contains(got.Broken, c.says) {
				t.Errorf("found %q, want %q", got.Broken, c.says)
			}
		})
	}
}

// 0101: lines of before are chained in their order, account by account, and back.
func TestOldLinesAreChained(t *testing.T) {
	t.Parallel()
	f := oldShape(t, 101)
	f.Exec(t, `INSERT INTO accounts (id, slug, name) VALUES (1, 'a', 'a'), (2, 'b', 'b')`)
	f.Exec(t, `INSERT INTO audit_log (account_id, action, data) VALUES (1, 'x', '{"b": 1, "a": "é"}'), (2, 'y', '{}'), (1, 'z', '{}')`)
	for range 2 {
		migrate(t, f, 0)
		for account, lines := range map[models.AccountID]int64{1: 2, 2: 1} {
			if c, err := f.CheckAudit(t.Context(), account, 0); err != nil || c.Broken != "" || c.Lines != lines {
				t.Errorf("account %d: %+v (%v), want %d lines", account, c, err, lines)
			}
		}
		if n := f.Count(t, `SELECT seq FROM audit_log WHERE action = 'z'`); n != 2 {
			t.Errorf("the later line has number %d", n)
		}
		migrate(t, f, 101)
	}
}
