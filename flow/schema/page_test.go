package schema

import (
	"encoding/json"
	"regexp"
	"strings"
	"testing"

	"github.com/perene/perene/flow"
)

// TestAnchorsLeadSomewhere: every link of the page names a heading of it.
func TestAnchorsLeadSomewhere(t *testing.T) {
	page, err := Page()
	if err != nil {
		t.Fatal(err)
	}
	headings := map[string]bool{}
	for _, m := range regexp.MustCompile(`(?m)^#+ (.+)$`).FindAllStringSubmatch(string(page), -1) {
		name := strings.ToLower(regexp.MustCompile(`[^\pL\pN -]`).ReplaceAllString(m[1], ""))
		headings[strings.ReplaceAll(name, " ", "-")] = true
	}
	links := regexp.MustCompile(`\]\(#([^)]+)\)`).FindAllStringSubmatch(string(page), -1)
	if len(links) < 10 {
		t.Fatalf("the page has %d links", len(links))
	}
	for _, m := range links {
		if !headings[m[1]] {
			t.Errorf("#%s leads nowhere", m[1])
		}
	}
}

// TestExamplesOfThePageCompile: the flow, the texts and the expressions that the page shows.
func TestExamplesOfThePageCompile(t *testing.T) {
	page, err := Page()
	if err != nil {
		t.Fatal(err)
	}
	head, _, _ := strings.Cut(string(page), "## Kinds of nodes")
	flows, texts, expressions := 0, 0, 0
	for _, m := range regexp.MustCompile("(?s)```json\n(.+?)```").FindAllStringSubmatch(head, -1) {
		flows++
		if _, err := flow.Load([]byte(m[1])); err != nil {
			t.Errorf("%s: %v", m[1], err)
		}
	}
	load := func(node map[string]any) error {
		doc, err := json.Marshal(map[string]any{"spec_version": flow.SpecVersion, "name": "x", "category": "manual", "start": "a", "nodes": []any{node},
			"variables": []any{map[string]any{"name": "idade", "type": "number"}, map[string]any{"name": "total", "type": "number"}, map[string]any{"name": "vencimento", "type": "date"}}})
		if err != nil {
			t.Fatal(err)
		}
		_, err = flow.Load(doc)
		return err
	}
	for _, m := range regexp.MustCompile("`([^`\n]+)`").FindAllStringSubmatch(head, -1) {
		switch code := m[1]; {
		case strings.HasPrefix(code, "{{ ") && !strings.Contains(code, "secret"):
			texts++
			if err := load(map[string]any{"id": "a", "kind": "content", "settings": map[string]any{"items": []any{map[string]any{"kind": "text", "text": code}}}}); err != nil {
				t.Errorf("%s: %v", code, err)
			}
		case strings.Contains(code, " && ") || strings.Contains(code, " contains "):
			expressions++
			if err := load(map[string]any{"id": "a", "kind": "condition", "settings": map[string]any{"rules": []any{map[string]any{"expression": code}}}}); err != nil {
				t.Errorf("%s: %v", code, err)
			}
		}
	}
	if flows == 0 || texts < 3 || expressions == 0 {
		t.Errorf("the page shows %d flows, %d texts and %d expressions", flows, texts, expressions)
	}
}
