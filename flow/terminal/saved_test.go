package terminal

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/perene/perene/flow"
)

const asksPrice = `{"spec_version": 1, "name": "Preço", "category": "initial", "triggers": [{"id": "inbound", "kind": "inbound"}], "start": "ask",
	"variables": [{"name": "price", "type": "number"}], "nodes": [
	{"id": "ask", "kind": "http", "settings": {"method": "GET", "url": "https://loja.example/preco", "save": [{"path": "price", "to": "price"}]}, "outputs": {"ok": "say", "failed": "bye", "timeout": "bye"}},
	{"id": "say", "kind": "content", "settings": {"items": [{"kind": "text", "text": "Custa {{price}}"}]}, "outputs": {"ok": "bye"}},
	{"id": "bye", "kind": "end"}], "ui": {"pins": {"ask": {"json": {"price": 12}}, "other": {"status": 500}}}}`

// D11: a conversation becomes a test that stands in the document. Its pinned answers travel with it, a change of words is told
// as the first difference, and the command plays it from the document's file.
func TestASavedTestStandsInTheDocument(t *testing.T) {
	t.Parallel()
	g, err := flow.Load([]byte(asksPrice))
	if err != nil {
		t.Fatal(err)
	}
	s := Simulation{Steps: []Step{{Say: "oi"}}, Pins: PinsOf(json.RawMessage(asksPrice))}
	kept, err := s.Keep("Diz o preço", map[string]any{"now": "2026-11-20T10:00"}, g)
	if err != nil {
		t.Fatal(err)
	}
	if len(kept.Pins) != 1 || kept.Steps[0].Expect == nil || len(kept.Steps[0].Expect.Messages) != 1 || kept.Steps[0].Expect.Messages[0] != "Custa 12" {
		t.Fatalf("kept %+v", kept)
	}
	document := func(words string) []byte {
		t.Helper()
		var doc map[string]any
		if err := json.Unmarshal([]byte(strings.Replace(asksPrice, "Custa", words, 1)), &doc); err != nil {
			t.Fatal(err)
		}
		doc["ui"] = map[string]any{"tests": []any{kept}, "tests_block": true} // and no pins
		raw, err := json.Marshal(doc)
		if err != nil {
			t.Fatal(err)
		}
		return raw
	}
	file := filepath.Join(t.TempDir(), "preco.json")
	for words, want := range map[string]string{"Custa": "", "Vale": "step 1, say \"oi\":"} {
		if err := os.WriteFile(file, document(words), 0o600); err != nil {
			t.Fatal(err)
		}
		for _, root := range []string{file, filepath.Dir(file)} {
			results, err := RunTests(root, false)
			if err != nil || len(results) != 1 || results[0].Name != "Diz o preço" || !strings.HasPrefix(results[0].Diff, want) || (want == "") != results[0].OK() {
				t.Errorf("%s, %s: %+v, %v", words, root, results, err)
			}
		}
	}
	if saved := TestsOf(document("Custa")); !saved.Block || len(saved.Tests) != 1 {
		t.Errorf("%+v", saved)
	}
}

// What is no test fails and stops nothing, and a step that cannot happen is not kept.
func TestASavedTestThatCannotBePlayed(t *testing.T) {
	t.Parallel()
	g, err := flow.Load([]byte(asksPrice))
	if err != nil {
		t.Fatal(err)
	}
	for raw, want := range map[string]string{
		`{"steps": 3}`: "the test cannot be read", `{"name": "x"}`: "the conversation has no steps",
		`{"steps": [{}]}`: "write exactly one", `{"steps": [{"tap": "nada"}], "world": {"wat": 1}}`: "world:",
	} {
		saved := TestsOf(json.RawMessage(`{"ui": {"tests": [` + raw + `]}}`))
		failure, err := saved.Tests[0].Play(Simulation{}, g)
		if err != nil || failure == nil || !strings.HasPrefix(failure.Why, want) {
			t.Errorf("%s: %+v, %v", raw, failure, err)
		}
	}
	s := Simulation{Steps: []Step{{TicketClosed: true}}}
	if _, err := s.Keep("x", nil, g); err == nil {
		t.Error("a step that cannot happen is kept")
	}
}
