package main

import (
	"strings"
	"testing"

	"github.com/perene/perene/store"
	"github.com/perene/perene/store/storetest"
)

// S17: the command follows every account's chain, prints what to keep elsewhere, and fails where a chain does not hold.
func TestTheAuditCommandFindsAChangedLine(t *testing.T) {
	t.Parallel()
	f := storetest.NewFixture(t, storetest.New(t, store.Options{}), "audit")
	for range 2 {
		if err := f.Audit(t.Context(), f.Account, store.AuditEntry{Action: "label.created"}); err != nil {
			t.Fatal(err)
		}
	}
	var out strings.Builder
	if err := checkAudits(t.Context(), f.Store, &out); err != nil || !strings.Contains(out.String(), ": 2 lines, last hash ") || !strings.HasSuffix(out.String(), ": holds\n") {
		t.Errorf("%v, printed %s", err, out.String())
	}
	f.Exec(t, `ALTER TABLE audit_log DISABLE TRIGGER USER`)
	f.Exec(t, `UPDATE audit_log SET action = 'x' WHERE seq = 1`)
	out.Reset()
	if err := checkAudits(t.Context(), f.Store, &out); err == nil || !strings.Contains(out.String(), "line 1 was changed") {
		t.Errorf("%v, printed %s", err, out.String())
	}
}
