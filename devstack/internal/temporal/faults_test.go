package temporal

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"go.temporal.io/server/common/config"
)

func TestFaultsAreReadAndChecked(t *testing.T) {
	t.Parallel()
	file := func(text string) string {
		path := filepath.Join(t.TempDir(), "faults.json")
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	for name, c := range map[string]struct{ setting, wrong string }{
		"none":                 {"", ""},
		"a chance":             {"0.05", ""},
		"a file":               {file(`{"ExecutionStore": {"UpdateWorkflowExecution": {"Timeout": 0.05}}}`), ""},
		"everything fails":     {"0.5", "lets every"},
		"no file":              {"no-such-file", "neither a chance"},
		"no JSON":              {file("a: b"), "is not JSON"},
		"an unknown store":     {file(`{"Executions": {"Update": {"Timeout": 0.05}}}`), "ExecutionStore"},
		"an unknown error":     {file(`{"ExecutionStore": {"UpdateWorkflowExecution": {"Late": 0.05}}}`), "ExecuteAndTimeout"},
		"an impossible chance": {file(`{"ExecutionStore": {"UpdateWorkflowExecution": {"Timeout": -1}}}`), "from 0 to 1"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := ReadFaults(c.setting)
			if (err == nil) != (c.wrong == "") || (err != nil && !strings.Contains(err.Error(), c.wrong)) {
				t.Errorf("%q gives %v", c.setting, err)
			}
		})
	}
}

// The server's own names: a method that it does not know would be left alone without a word.
func TestFaultsAreThoseOfTheServer(t *testing.T) {
	t.Parallel()
	known := config.DefaultFaultInjection().Targets.DataStores[config.ExecutionStoreName].Methods
	ours := evenFaults(.05).config(7).Targets.DataStores[config.ExecutionStoreName].Methods
	if len(ours) != len(known) {
		t.Errorf("%d methods, the server's own list has %d", len(ours), len(known))
	}
	seeds := map[int64]bool{}
	for method, m := range ours {
		if _, ok := known[method]; !ok {
			t.Errorf("the server's own list has no %s", method)
		}
		if m.Errors["Timeout"] != .05 {
			t.Errorf("%s times out with chance %v", method, m.Errors["Timeout"])
		}
		if seeds[m.Seed] || m.Seed == 0 { // 0 would take the clock's
			t.Errorf("%s draws by seed %d", method, m.Seed)
		}
		seeds[m.Seed] = true
	}
	if Faults(nil).config(7) != nil {
		t.Error("without faults the stores are wrapped")
	}
}
