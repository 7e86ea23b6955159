package schema

import (
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/perene/perene/flow"
)

var update = flag.Bool("update", false, "write the generated files anew")

// TestGeneratedFiles: the schema, the types and the page in the repository are those of the kinds.
func TestGeneratedFiles(t *testing.T) {
	schema, err := JSON()
	if err != nil {
		t.Fatal(err)
	}
	page, err := Page()
	if err != nil {
		t.Fatal(err)
	}
	for file, want := range map[string][]byte{
		"flow.schema.json": schema, "../../docs/flow-spec.md": page, "../../web/src/api/flow.gen.ts": TypeScript(),
	} {
		if *update {
			if err := os.WriteFile(file, want, 0o644); err != nil {
				t.Fatal(err)
			}
			continue
		}
		got, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(got, want) {
			t.Errorf("%s is not what the kinds give: run go test ./flow/schema -update", file)
		}
	}
	if *update {
		return
	}
	if !bytes.Equal(Document, schema) {
		t.Error("the embedded schema is another one")
	}
}

// TestEveryKindHasAnExample: each kind's example loads, and an editor accepts it.
func TestEveryKindHasAnExample(t *testing.T) {
	examples, err := Examples()
	if err != nil {
		t.Fatal(err)
	}
	nodes := []json.RawMessage{}
	for _, k := range flow.Kinds() {
		raw, ok := examples[k.Name]
		var node flow.NodeSpec
		if !ok || json.Unmarshal(raw, &node) != nil || node.Kind != k.Name {
			t.Errorf("examples.json has no example of %s", k.Name)
			continue
		}
		nodes = append(nodes, raw)
	}
	if len(examples) != len(flow.Kinds()) {
		t.Error("examples.json has examples of kinds that do not exist")
	}
	doc, err := json.Marshal(map[string]any{"spec_version": 1, "name": "Examples", "category": "manual", "start": "hello", "nodes": nodes, "variables": exampleVariables})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := flow.Load(doc); err != nil {
		t.Error(err)
	}
	if problems := check(t, doc); len(problems) > 0 {
		t.Errorf("the schema refuses the examples: %s", strings.Join(problems, "; "))
	}
}

// TestSchemaTellsFlowsApart: what the loader takes the schema takes, and what the loader refuses by a tag the schema refuses.
func TestSchemaTellsFlowsApart(t *testing.T) {
	golden, err := filepath.Glob("../testdata/kinds/*.json")
	if err != nil || len(golden) == 0 {
		t.Fatal("no golden files", err)
	}
	for _, file := range golden {
		raw, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		var g struct {
			Doc   json.RawMessage   `json:"doc"`
			Flows []json.RawMessage `json:"flows"`
		}
		if err := json.Unmarshal(raw, &g); err != nil {
			t.Fatal(err)
		}
		for _, doc := range append(g.Flows, g.Doc) {
			if problems := check(t, doc); len(problems) > 0 {
				t.Errorf("%s: %s", file, strings.Join(problems, "; "))
			}
		}
	}
	flowOf := func(node string) string {
		return `{"spec_version":1,"name":"T","category":"manual","start":"a","nodes":[` + node + `]}`
	}
	for _, bad := range []string{
		`{}`, `{"spec_version":2,"name":"T","category":"manual","start":"a","nodes":[]}`,
		flowOf(`{"id":"a b","kind":"end"}`), flowOf(`{"id":"a","kind":"magic"}`), flowOf(`{"id":"a","kind":"question"}`),
		flowOf(`{"id":"a","kind":"question","settings":{"text":"Oi","type":"color"}}`), flowOf(`{"id":"a","kind":"question","settings":{"text":"Oi","attempts":99}}`),
		flowOf(`{"id":"a","kind":"question","settings":{"text":"Oi","timeout":"soon"}}`), flowOf(`{"id":"a","kind":"end","settings":{"color":"red"}}`),
		flowOf(`{"id":"a","kind":"condition","settings":{"rules":[{"group":{"match":"some"}}]}}`),
	} {
		if problems := check(t, []byte(bad)); len(problems) == 0 {
			t.Errorf("the schema takes %s", bad)
		}
	}
}

func TestPageNamesEverything(t *testing.T) {
	page, err := Page()
	if err != nil {
		t.Fatal(err)
	}
	var want []string
	for _, c := range flow.Codes() {
		want = append(want, fmt.Sprintf("| `%s` |", c.Code))
	}
	for _, k := range flow.Kinds() {
		want = append(want, "#### `"+k.Name+"`\n")
	}
	for _, f := range flow.Filters() {
		want = append(want, "`"+f+"`")
	}
	for _, w := range want {
		if !bytes.Contains(page, []byte(w)) {
			t.Errorf("docs/flow-spec.md does not name %s", w)
		}
	}
	if bytes.Contains(page, []byte("<!--")) {
		t.Error("a place of page.md was not filled")
	}
}
