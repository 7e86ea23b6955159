package flow

import (
	"bytes"
	"encoding/json"
	"maps"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"go.yaml.in/yaml/v3"
)

// lintCase is a document with the places at which a code must stand.
type lintCase struct {
	Code Code           `yaml:"code"`
	Raw  string         `yaml:"raw"`
	Doc  map[string]any `yaml:"doc"`
	At   []string       `yaml:"at"`
	None []any          `yaml:"none"`
	With struct {
		Fields      []string          `yaml:"fields"`
		Queues      []string          `yaml:"queues"`
		Archived    []string          `yaml:"archived_queues"`
		Agents      []string          `yaml:"agents"`
		Labels      []string          `yaml:"labels"`
		Secrets     []string          `yaml:"secrets"`
		Reasons     []string          `yaml:"reasons"`
		Connections []string          `yaml:"connections"`
		Files       []string          `yaml:"files"`
		Keywords    map[string]string `yaml:"keywords"`
		Templates   []any             `yaml:"templates"`
		Flows       bool              `yaml:"flows"`
		TextChannel bool              `yaml:"text_channel"`
	} `yaml:"with"`
}

// document is the smallest flow with what the case changes.
func (c *lintCase) document(t *testing.T, changes map[string]any) []byte {
	t.Helper()
	if c.Raw != "" {
		return []byte(c.Raw)
	}
	doc := map[string]any{"spec_version": 1, "name": "T", "category": "manual", "start": "a", "nodes": []any{map[string]any{"id": "a", "kind": "end"}}}
	maps.Copy(doc, changes)
	raw, err := json.Marshal(doc)
	if err != nil {
		t.Fatal(err)
	}
	return raw
}

func nameSet(names []string) map[string]bool {
	if names == nil {
		return nil
	}
	out := map[string]bool{}
	for _, n := range names {
		out[n] = true
	}
	return out
}

func (c *lintCase) env(t *testing.T) *LintEnv {
	t.Helper()
	w := &c.With
	e := &LintEnv{Agents: nameSet(w.Agents), Labels: nameSet(w.Labels), Secrets: nameSet(w.Secrets), Connections: nameSet(w.Connections), Files: nameSet(w.Files), Reasons: nameSet(w.Reasons), Keywords: w.Keywords}
	if w.Fields != nil {
		e.Fields = []Field{} // known, and maybe none
	}
	for _, f := range w.Fields {
		e.Fields = append(e.Fields, Field{Key: f})
	}
	for _, q := range w.Queues {
		e.Queues = append(e.Queues, Queue{ID: "1", Name: q})
	}
	for _, q := range w.Archived {
		e.Queues = append(e.Queues, Queue{ID: "9", Name: q, Archived: true})
	}
	if w.TextChannel {
		e.Channels = map[string]Capabilities{"SMS": {}}
	}
	if w.Flows {
		other, err := Load([]byte(`{"spec_version":1,"id":"2","name":"Cadastro","category":"manual","start":"a","variables":[
			{"name":"cpf","type":"text","input":true,"required":true},{"name":"cliente","type":"object","output":true}],
			"nodes":[{"id":"a","kind":"end","settings":{"outcome":"novo"}}]}`))
		if err != nil {
			t.Fatal(err)
		}
		e.Flow = func(id string) (*Graph, bool) { return other, id == "2" || id == "Cadastro" }
	}
	if w.Templates != nil {
		raw, err := json.Marshal(w.Templates)
		if err != nil {
			t.Fatal(err)
		}
		var list []Template
		if err := json.Unmarshal(raw, &list); err != nil {
			t.Fatal(err)
		}
		e.Template = func(name, language string) (Template, bool) {
			for _, tpl := range list {
				if tpl.Name == name && tpl.Language == language {
					return tpl, true
				}
			}
			return Template{}, false
		}
	}
	return e
}

func lintCases(t *testing.T) []lintCase {
	t.Helper()
	raw, err := os.ReadFile("testdata/lint.yaml")
	if err != nil {
		t.Fatal(err)
	}
	var cases []lintCase
	dec := yaml.NewDecoder(bytes.NewReader(raw))
	dec.KnownFields(true)
	if err := dec.Decode(&cases); err != nil {
		t.Fatal(err)
	}
	return cases
}

func at(problems []Problem, code Code) []string {
	var out []string
	for _, p := range problems {
		if p.Code == code {
			out = append(out, p.Pointer)
		}
	}
	slices.Sort(out)
	return out
}

// TestLint: every case's code stands exactly where the case says, with words in both languages.
func TestLint(t *testing.T) {
	for _, c := range lintCases(t) {
		t.Run(string(c.Code), func(t *testing.T) {
			problems := Lint(c.document(t, c.Doc), c.env(t))
			slices.Sort(c.At)
			if d := cmp.Diff(c.At, at(problems, c.Code)); d != "" {
				t.Errorf("places of %s (-want +got):\n%s\nall: %+v", c.Code, d, problems)
			}
			for _, p := range problems {
				for _, text := range []string{p.In("pt-BR"), p.In("en")} {
					if text == "" || strings.Contains(text, "{0}") || strings.Contains(text, "{1}") || strings.Contains(text, "{2}") {
						t.Errorf("%s says %q", p.Code, text)
					}
				}
			}
			for i, doc := range c.None {
				if got := at(Lint(c.document(t, doc.(map[string]any)), c.env(t)), c.Code); got != nil {
					t.Errorf("document %d has %s at %v", i, c.Code, got)
				}
			}
		})
	}
}

// TestEveryCodeHasACase: no code is without a document that shows it. Two cannot stand in a file of documents: their
// documents are too large.
func TestEveryCodeHasACase(t *testing.T) {
	shown := map[Code]bool{"document_too_large": true, "too_many_nodes": true}
	for _, c := range lintCases(t) {
		if !slices.ContainsFunc(Codes(), func(i CodeInfo) bool { return i.Code == c.Code }) {
			t.Errorf("testdata/lint.yaml has a case for %s, which is no code", c.Code)
		}
		shown[c.Code] = true
	}
	for _, i := range Codes() {
		if !shown[i.Code] {
			t.Errorf("testdata/lint.yaml has no case for %s", i.Code)
		}
	}
}

func TestLintOfLargeDocuments(t *testing.T) {
	if got := at(Lint(make([]byte, MaxDocumentBytes+1), nil), "document_too_large"); len(got) != 1 {
		t.Error("a document over the limit is not told")
	}
	var nodes []any
	for i := range MaxNodes + 1 {
		nodes = append(nodes, map[string]any{"id": "n" + string(rune('a'+i%26)), "kind": "end"})
	}
	c := lintCase{}
	if got := at(Lint(c.document(t, map[string]any{"nodes": nodes}), nil), "too_many_nodes"); len(got) != 1 {
		t.Error("too many nodes are not told")
	}
}

// TestLintOrder: errors come before warnings, warnings before hints, whatever the order of the checks.
func TestLintOrder(t *testing.T) {
	rank := map[Severity]int{SeverityError: 0, SeverityWarning: 1, SeverityHint: 2}
	for _, c := range lintCases(t) {
		last := 0
		for _, p := range Lint(c.document(t, c.Doc), c.env(t)) {
			if rank[p.Severity] < last {
				t.Fatalf("%s: %s comes after a lesser problem", c.Code, p.Code)
			}
			last = rank[p.Severity]
		}
	}
}
