package api

import (
	"regexp"
	"strings"
	"testing"
)

// TestDocsNeedNothingElse: the documentation shows every operation and schema, links to nothing outside, runs no script and
// styles nothing in place, so that it works offline and under its policy.
func TestDocsNeedNothingElse(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	got := w.expect(200, request{method: "GET", path: "/docs"})
	page := string(got.body)
	for id := range operationPermissions {
		if !strings.Contains(page, `<article id="`+id+`">`) {
			t.Errorf("%s is not documented", id)
		}
	}
	for name := range contractAlone().Components.Schemas.Map() {
		if !strings.Contains(page, `<article id="schema-`+name+`">`) {
			t.Errorf("the schema %s is not documented", name)
		}
	}
	for _, ref := range regexp.MustCompile(`(?:href|src)="([^"]*)"`).FindAllStringSubmatch(page, -1) {
		target, isAnchor := strings.CutPrefix(ref[1], "#")
		switch {
		case isAnchor && !strings.Contains(page, `id="`+target+`"`):
			t.Errorf("%s leads nowhere", ref[1])
		case !isAnchor && ref[1] != "/docs/style.css" && ref[1] != "/openapi.json":
			t.Errorf("the page needs %s", ref[1])
		}
	}
	if got := string(marked("give `<b>` & `x`")); got != "give <code>&lt;b&gt;</code> &amp; <code>x</code>" {
		t.Errorf("a text with code is shown as %s", got)
	}
	for _, bad := range []string{"`", "<script", " style=", "<style", " onclick", "ZgotmplZ"} {
		if strings.Contains(page, bad) {
			t.Errorf("the page has %q", bad)
		}
	}
	if csp := got.headers.Get("Content-Security-Policy"); !strings.Contains(csp, "default-src 'none'") || strings.Contains(csp, "unsafe") {
		t.Errorf("policy %q", csp)
	}
	if style := w.expect(200, request{method: "GET", path: "/docs/style.css"}); !strings.HasPrefix(style.headers.Get("Content-Type"), "text/css") {
		t.Error("the style sheet is not CSS")
	}
}
