package terminal

import (
	"flag"
	"os"
	"path/filepath"
	"testing"
)

var update = flag.Bool("update", false, "write what is expected anew")

// exampleFolders hold flows with tests.
var exampleFolders = []string{"../../examples/flows", "../../examples/demo"}

// TestExamples plays every saved conversation of the examples.
func TestExamples(t *testing.T) {
	played := 0
	for _, root := range exampleFolders {
		files, err := testFiles(root)
		if os.IsNotExist(err) {
			continue
		}
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range files {
			played++
			t.Run(f, func(t *testing.T) {
				r := RunTest(f, *update)
				if r.Err != nil {
					t.Fatal(r.Err)
				}
				if r.Diff != "" {
					t.Errorf("%s:\n%s", r.Name, r.Diff)
				}
			})
		}
	}
	if played < 18 {
		t.Errorf("only %d conversations were played", played)
	}
}

// TestExamplesLint: the examples have no problem at all, not even a hint.
func TestExamplesLint(t *testing.T) {
	flows, err := filepath.Glob("../../examples/flows/*/flow.json")
	if err != nil || len(flows) < 6 {
		t.Fatalf("%d example flows, %v", len(flows), err)
	}
	for _, f := range flows {
		results, err := LintFiles([]string{f}, "")
		if err != nil {
			t.Fatal(err)
		}
		for _, p := range results[0].Problems {
			t.Errorf("%s %s: %s %s (%s)", f, p.Pointer, p.Severity, p.In("en"), p.Code)
		}
		tests, err := filepath.Glob(filepath.Join(filepath.Dir(f), "tests", "*.yaml"))
		if err != nil || len(tests) < 3 {
			t.Errorf("%s has %d tests", f, len(tests))
		}
	}
}
