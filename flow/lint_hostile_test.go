package flow

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// denseDoc is the largest document there may be, every node leading to many others, every text reading many variables.
func denseDoc(t *testing.T, kind func(i int) obj) []byte {
	t.Helper()
	var nodes []any
	for i := range MaxNodes {
		n := kind(i)
		n["id"] = fmt.Sprintf("n%d", i)
		nodes = append(nodes, n)
	}
	raw, err := json.Marshal(obj{"spec_version": 1, "name": "x", "category": "initial", "start": "n0", "nodes": nodes})
	if err != nil {
		t.Fatal(err)
	}
	if len(raw) > MaxDocumentBytes {
		t.Fatalf("the document has %d bytes", len(raw))
	}
	return raw
}

// TestLintOfHostileGraphs: the linter follows every path of the worst graphs within bounds.
func TestLintOfHostileGraphs(t *testing.T) {
	menu := func(i int) obj {
		options, outputs := []any{}, obj{}
		for j := range 30 {
			options = append(options, obj{"id": fmt.Sprintf("o%d", j), "title": fmt.Sprintf("T%d", j)})
			outputs[fmt.Sprintf("o%d", j)] = fmt.Sprintf("n%d", (i*7+j*131+1)%MaxNodes)
		}
		outputs["timeout"] = fmt.Sprintf("n%d", (i+1)%MaxNodes)
		text := fmt.Sprintf("{v%d} {v%d} {v%d}", (i+1)%180, (i+50)%180, (i+90)%180)
		return obj{"kind": "menu", "settings": obj{"text": text, "options": options, "save_to": fmt.Sprintf("v%d", i%180)}, "outputs": outputs}
	}
	chain := func(i int) obj {
		return obj{"kind": "wait", "settings": obj{"duration": "1ms"}, "outputs": obj{"ok": fmt.Sprintf("n%d", (i+1)%MaxNodes)}}
	}
	split := func(i int) obj {
		branches, outputs := []any{}, obj{}
		for j := range 20 {
			branches = append(branches, obj{"id": fmt.Sprintf("b%d", j), "weight": 1})
			outputs[fmt.Sprintf("b%d", j)] = fmt.Sprintf("n%d", (i*3+j*97)%MaxNodes)
		}
		return obj{"kind": "split", "settings": obj{"branches": branches, "save_to": fmt.Sprintf("v%d", i%180)}, "outputs": outputs}
	}
	texts := func(i int) obj {
		return obj{"kind": "content", "settings": obj{"items": []any{obj{"kind": "text", "text": strings.Repeat("Bearer abcdefghijk ", 200)}}},
			"outputs": obj{"ok": fmt.Sprintf("n%d", (i+1)%MaxNodes)}}
	}
	for name, kind := range map[string]func(int) obj{"menus": menu, "a ring of waits": chain, "splits": split, "texts like keys": texts} {
		t.Run(name, func(t *testing.T) {
			doc := denseDoc(t, kind)
			bounded(t, 20*time.Second, 4<<30, func() { Lint(doc, nil) })
		})
	}
}

// TestLintOfAnyGraph: whatever loads can be linted, twice with the same result, and every problem points into the document.
func TestLintOfAnyGraph(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		doc, err := json.Marshal(drawDoc(rt, "1"))
		if err != nil {
			rt.Fatal(err)
		}
		var tree any
		if err := json.Unmarshal(doc, &tree); err != nil {
			rt.Fatal(err)
		}
		env := &LintEnv{Flow: func(string) (*Graph, bool) { g, err := Load(doc); return g, err == nil }, Channels: map[string]Capabilities{"WhatsApp": WhatsAppCloud(), "SMS": {}}}
		problems := Lint(doc, env)
		again := Lint(doc, env)
		if a, b := mustJSON(problems), mustJSON(again); a != b {
			rt.Fatalf("two lints differ:\n%s\n%s", a, b)
		}
		for _, p := range problems {
			parent := p.Pointer[:max(strings.LastIndex(p.Pointer, "/"), 0)] // what is missing has a parent at least
			if !pointsInto(tree, p.Pointer) && !pointsInto(tree, parent) && !strings.Contains(p.Pointer, "/outputs/") {
				rt.Fatalf("%s points at %q, which the document does not have", p.Code, p.Pointer)
			}
		}
	})
}

func pointsInto(tree any, ptr string) bool {
	for _, step := range strings.Split(ptr, "/")[1:] {
		step = strings.ReplaceAll(strings.ReplaceAll(step, "~1", "/"), "~0", "~")
		switch v := tree.(type) {
		case map[string]any:
			next, ok := v[step]
			if !ok {
				return false
			}
			tree = next
		case []any:
			var i int
			if _, err := fmt.Sscan(step, &i); err != nil || i < 0 || i >= len(v) {
				return false
			}
			tree = v[i]
		default:
			return false
		}
	}
	return true
}
