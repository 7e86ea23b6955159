package provision_test

import (
	"os"
	"strings"
	"testing"

	"github.com/perene/perene/provision"
)

// The demo is applied as `make dev` applies it, without a problem or a warning, and twice.
func TestTheDemoAppliesWithoutWarnings(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	opts := w.options()
	opts.Dir, opts.Development = "", true
	for n := range 2 {
		r, err := provision.ApplyFile(t.Context(), w.s, w.key, "../examples/demo/demo.yaml", opts)
		if err != nil {
			t.Fatal(err)
		}
		for _, warning := range r.Warnings {
			t.Errorf("warning: %s", warning)
		}
		if (n == 0) != (len(r.Changes) > 0) {
			t.Errorf("time %d changed: %v", n+1, said(r))
		}
	}
	// The simulator's business and the demo's connection are the same.
	sim, err := os.ReadFile("../sim/demo.json")
	if err != nil {
		t.Fatal(err)
	}
	for _, id := range []string{
		w.query(`SELECT provider_ref FROM connections WHERE key = 'demo'`), w.query(`SELECT portfolio_ref FROM connections WHERE key = 'demo'`),
		w.query(`SELECT display_phone FROM connections WHERE key = 'demo'`), "sim-token-loja-exemplo", "sim-app-secret-loja-exemplo-0001", "sim-verify",
	} {
		if !strings.Contains(string(sim), `"`+id+`"`) {
			t.Errorf("sim/demo.json does not know %s", id)
		}
	}
	// In production the demo's secrets are refused.
	opts.Development = false
	if _, err := provision.ApplyFile(t.Context(), w.s, w.key, "../examples/demo/demo.yaml", opts); err == nil || !strings.Contains(err.Error(), "a secret may not stand in the file") {
		t.Errorf("in production: %v", err)
	}
}
