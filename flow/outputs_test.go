package flow

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestOutputsOfEveryGoldenNode writes down what the engine says about the outputs of every node of the golden files and of
// the examples. The console's designer reads the file in its own tests, so both draw the same handles.
func TestOutputsOfEveryGoldenNode(t *testing.T) {
	type row struct {
		Kind     string          `json:"kind"`
		Settings json.RawMessage `json:"settings,omitempty"`
		Outputs  []Output        `json:"outputs"`
	}
	var rows []row
	add := func(doc []byte) {
		g, err := Load(doc)
		if err != nil {
			t.Fatal(err)
		}
		var d Document
		if err := json.Unmarshal(doc, &d); err != nil {
			t.Fatal(err)
		}
		for _, n := range d.Nodes {
			rows = append(rows, row{Kind: n.Kind, Settings: n.Settings, Outputs: append([]Output{}, g.Outputs(n.ID)...)})
		}
	}
	for _, pattern := range []string{"testdata/kinds/*.json", "../examples/flows/*/flow.json"} {
		files, err := filepath.Glob(pattern)
		if err != nil || len(files) == 0 {
			t.Fatalf("no files like %s: %v", pattern, err)
		}
		for _, file := range files {
			raw, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			var f golden
			if err := json.Unmarshal(raw, &f); err == nil && len(f.Doc) > 0 {
				raw = f.Doc
			}
			add(raw)
		}
	}
	var got bytes.Buffer
	enc := json.NewEncoder(&got)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", " ")
	if err := enc.Encode(rows); err != nil {
		t.Fatal(err)
	}
	const file = "testdata/outputs.json"
	if *update {
		if err := os.WriteFile(file, got.Bytes(), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got.String()); diff != "" {
		t.Errorf("outputs differ; run with -update and read them (-want +got):\n%s", diff)
	}
}
