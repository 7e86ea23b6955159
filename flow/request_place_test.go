package flow

import (
	"encoding/json"
	"testing"
)

// A body that the designer writes as JSON text keeps its shape whatever a value holds: a value is the inside of a string, or
// one whole value.
func TestARawJSONBodyKeepsItsShape(t *testing.T) {
	t.Parallel()
	evil := `","admin":true,"x":"\`
	vars := map[string]any{"v": evil, "n": 12.5, "object": map[string]any{"a": "b"}, "none": nil}
	source := `{"text":"a \"{{ v }}","bare":{{ v }},"n":{{ n }},"list":[{{ object | json }}{% if n %},"{{ v }}"{% endif %}],"k":"{{ secret.K }}","s":{{ secret.K }}}`
	for _, kind := range []string{"application/json", "application/json; charset=utf-8", "application/vnd.api+json"} {
		s := httpSettings{ContentType: kind}
		tpl, err := compileText(source, true)
		if err != nil {
			t.Fatal(err)
		}
		made, missing := testRun(t, vars).request(RequestText{tpl: tpl}, s.rawEscaping()).Resolve(func(string) (string, bool) { return evil, true })
		var got struct {
			Text, Bare, K, S string
			N                float64
			List             []any
			Admin            *bool
		}
		if err := json.Unmarshal([]byte(made), &got); err != nil || len(missing) > 0 {
			t.Fatalf("%s: %s: %v", kind, made, err)
		}
		if got.Text != `a "`+evil || got.Bare != evil || got.K != evil || got.S != evil || got.N != 12.5 || got.Admin != nil ||
			len(got.List) != 2 || got.List[1] != evil {
			t.Errorf("%s: the body became %s", kind, made)
		}
	}
	s := httpSettings{ContentType: "text/plain"}
	if got := s.rawEscaping(); got != escapeNone {
		t.Errorf("a plain text is escaped as %q", got)
	}
}

// Where a link button leads is an address: values are data there.
func TestALinkButtonsValuesAreData(t *testing.T) {
	t.Parallel()
	vars := map[string]any{"base": "https://example.com/a", "v": "../x?y=1#z&"}
	for source, want := range map[string]string{
		"https://example.com/p/{{ v }}?q={v}": "https://example.com/p/..%2Fx%3Fy%3D1%23z%26?q=..%2Fx%3Fy%3D1%23z%26",
		"{{ base }}/{{ v }}":                  "https://example.com/a/..%2Fx%3Fy%3D1%23z%26",
		"https://example.com/fixed?a=1":       "https://example.com/fixed?a=1",
	} {
		tpl, err := compileText(source, false)
		if err != nil {
			t.Fatal(err)
		}
		item := &ContentItem{Kind: "cta_url", URL: Text{source: source, tpl: tpl}}
		c, skip := (&contentSettings{}).content(testRun(t, vars), item)
		if skip || c.CTA.URL != want {
			t.Errorf("%s\n gives %s\n want  %s", source, c.CTA.URL, want)
		}
	}
}
