package temporal

import (
	"encoding/json"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
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

// What the server makes of it, tools/temporal tests with the server's own code.
func TestFaultsAreDrawnMethodByMethod(t *testing.T) {
	t.Parallel()
	if got := Faults(nil).setting(7); got != "" {
		t.Errorf("without faults the server is told %s", got)
	}
	methods := decoded(t, evenFaults(.05).setting(7))
	kept, err := os.ReadFile("testdata/faults.json") // the server reads it in a test of tools/temporal
	if err != nil || !reflect.DeepEqual(decoded(t, string(kept)), methods) {
		t.Errorf("testdata/faults.json is not %s: %v", evenFaults(.05).setting(7), err)
	}
	seeds := map[int64]bool{}
	for method, m := range methods {
		if m.Errors["Timeout"] != .05 {
			t.Errorf("%s times out with chance %v", method, m.Errors["Timeout"])
		}
		if seeds[m.Seed] || m.Seed == 0 { // 0 would take the clock's
			t.Errorf("%s draws by seed %d", method, m.Seed)
		}
		seeds[m.Seed] = true
	}
	if len(seeds) != 6 {
		t.Errorf("%d methods fail, want 6", len(seeds))
	}
	if again, other := evenFaults(.05).setting(7), evenFaults(.05).setting(8); !reflect.DeepEqual(decoded(t, again), methods) || reflect.DeepEqual(decoded(t, other), methods) {
		t.Error("the same seed draws others, or another seed the same ones")
	}
}

// decoded are the methods of the server's setting.
func decoded(t *testing.T, setting string) map[string]fault {
	t.Helper()
	var s struct {
		Targets struct {
			DataStores map[string]struct {
				Methods map[string]fault `json:"methods"`
			} `json:"dataStores"`
		} `json:"targets"`
	}
	if err := json.Unmarshal([]byte(setting), &s); err != nil {
		t.Fatal(err)
	}
	return s.Targets.DataStores[executionStore].Methods
}
