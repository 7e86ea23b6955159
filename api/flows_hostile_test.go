package api

import (
	"fmt"
	"net/http"
	"runtime"
	"strings"
	"testing"
)

// TestLintOfHostileDocuments: 181 KB of words that stand for millions of instructions, and texts that count to a billion, are
// refused over HTTP with a place and words in both languages, and cost what a document does. It runs alone, as it counts what is allocated.
func TestLintOfHostileDocuments(t *testing.T) {
	w := newWorld(t)
	var triggers []any
	for i := range 4 {
		var words []string
		for j := range 100 {
			words = append(words, fmt.Sprintf("%s%013d", strings.Repeat("(?:a?){1000}", 34), i*100+j))
		}
		triggers = append(triggers, obj{"id": fmt.Sprintf("t%d", i), "kind": "keyword", "settings": obj{"match": "regex", "words": words}})
	}
	document := obj{"spec_version": 1, "name": "x", "category": "initial", "start": "a", "triggers": triggers, "nodes": []any{
		obj{"id": "a", "kind": "question", "settings": obj{"text": "{{ (-1..2000000000) | join }}", "invalid_text": "a{% for i in (a[0]..9) %}{% endfor %}b"}},
	}}
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	answer := w.expect(http.StatusOK, request{as: "supervisor", method: "POST", path: "/v1/flows/lint", body: obj{"document": document}}).json(t)
	runtime.ReadMemStats(&after)
	if made := after.TotalAlloc - before.TotalAlloc; made > 256<<20 {
		t.Errorf("linting made %d MB", made>>20)
	}
	said := fmt.Sprint(answer)
	for _, want := range []string{"pattern_too_large", "text_range", "/triggers/0/settings/words/0", "/nodes/0/settings/invalid_text", "Diminua repetições", "Make repeats"} {
		if !strings.Contains(said, want) {
			t.Errorf("the answer lacks %q", want)
		}
	}
}
