package flow

import (
	"encoding/json"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// hostile are pieces of what a person may type to get out of the place that a value has.
var hostile = []string{
	`../admin?x=1&y","role":"admin`, `","role":"admin","z":"`, "..", ".", "../", "%2e%2e", "/", "?", "#", "&", "=", "+", " ", `"`, `\`, `'`, "\r\nX-Admin: 1", "\n", "\r",
	"\u2028", "<", "{{ v }}", "{% if v %}", "é", "名", "\x7f", "\x01", ";", ":", "@", "//evil.example", "a", "1", "",
}

// around writes an output of v with tags around it, and a text that renders the same without; {} is the output.
var around = []string{
	"{}", "{% if v %}{}{% endif %}", "{{- v -}}", "{% assign w = v %}{{ w }}", "{% for c in l %}{{ c }}{% endfor %}", "{% unless f %}{}{% else %}x{% endunless %}",
	"{% case f %}{% when true %}x{% else %}{}{% endcase %}", "{% comment %}x{% endcomment %}{}", "{{ v | append: '' }}", "{{ v | default: 'x' }}", "{v}",
	"{% for p in o %}{{ p[1] }}{% endfor %}", "{{ l.first }}", "{% if f %}x{% elsif v == v %}{}{% endif %}",
}

func drawRequest(rt *rapid.T) (text string, vars map[string]any, v string) {
	v = strings.Join(rapid.SliceOfN(rapid.SampledFrom(hostile), 1, 4).Draw(rt, "v"), "")
	if strings.TrimSpace(v) == "" { // "default" would take its own
		v += "x"
	}
	text = strings.ReplaceAll(rapid.SampledFrom(around).Draw(rt, "around"), "{}", "{{ v }}")
	return text, map[string]any{"v": v, "l": []any{v}, "o": map[string]any{"k": v}, "f": false}, v
}

func requestIn(rt *rapid.T, r *run, source string, e escaping) string {
	tpl, err := compileText(source, true)
	if err != nil {
		rt.Fatalf("%s: %v", source, err)
	}
	return resolved(rt, r.request(RequestText{source: source, tpl: tpl}, e))
}

// resolved is a text with a secret that is as hostile as a person.
func resolved(rt *rapid.T, t SecretText) string {
	s, missing := t.Resolve(func(string) (string, bool) { return secretValue, true })
	if len(missing) > 0 {
		rt.Fatalf("missing %v", missing)
	}
	return s
}

const secretValue = `s"e&c/r?e=t ..`

// TestRequestsKeepTheDesignersStructure: whatever a person types and whatever tags stand around it, the request that is made
// has the designer's path, query, form, JSON and headers, and the value in exactly one place.
func TestRequestsKeepTheDesignersStructure(t *testing.T) {
	t.Run("address", rapid.MakeCheck(func(rt *rapid.T) {
		text, vars, v := drawRequest(rt)
		source := "https://api.example.com/a b/" + text + "/{{ secret.K }}/fim?q=" + text + "&s={{ secret.K }}&z=1#" + text
		u, err := url.Parse(strings.ReplaceAll(requestIn(rt, testRun(t, vars), source, escapeQuery), "a b", "a%20b"))
		if err != nil {
			rt.Fatal(err)
		}
		steps := strings.Split(u.EscapedPath(), "/")
		if u.Scheme != "https" || u.Host != "api.example.com" || u.User != nil || len(steps) != 5 || steps[1] != "a%20b" || steps[4] != "fim" {
			rt.Fatalf("the address became %s", u)
		}
		for i, want := range map[int]string{2: v, 3: secretValue} {
			if got, err := url.PathUnescape(steps[i]); err != nil || got != want || steps[i] == "." || steps[i] == ".." {
				rt.Fatalf("step %d of %s is %q (%v), want %q", i, u, got, err, want)
			}
		}
		if q, err := url.ParseQuery(u.RawQuery); err != nil || len(q) != 3 || q.Get("q") != v || q.Get("s") != secretValue || q.Get("z") != "1" || u.Fragment != v {
			rt.Fatalf("the query became %v (%v)", q, err)
		}
	}))
	t.Run("form and query fields", rapid.MakeCheck(func(rt *rapid.T) {
		text, vars, v := drawRequest(rt)
		tpl, err := compileText("a&b:"+text+"{{ secret.K }}", true)
		if err != nil {
			rt.Fatal(err)
		}
		pair := NamedText{Name: "no me&", Value: RequestText{tpl: tpl}}
		form, err := url.ParseQuery(resolved(rt, testRun(t, vars).pairs([]NamedText{pair, {Name: "z", Value: pair.Value}})))
		if want := "a&b:" + v + secretValue; err != nil || len(form) != 2 || form.Get("no me&") != want || form.Get("z") != want || len(form["z"]) != 1 {
			rt.Fatalf("the form became %v (%v), want %q", form, err, want)
		}
	}))
	t.Run("JSON", rapid.MakeCheck(func(rt *rapid.T) {
		text, vars, v := drawRequest(rt)
		doc := `{"role":"user","tagged":` + mustJSON(`x "y" \`+text+`{{ secret.K }}`) + `,"list":[1,` + mustJSON("é"+text) + `],"whole":"{{ v }}","k\"":null}`
		body := JSONBody{raw: json.RawMessage(doc)}
		c := &compiler{g: &Graph{}}
		if body.compile(c, ""); len(c.problems) > 0 {
			rt.Fatal(c.problems)
		}
		made := resolved(rt, testRun(t, vars).jsonBody(&body))
		var got any
		if err := json.Unmarshal([]byte(made), &got); err != nil {
			rt.Fatalf("%s: %v", made, err)
		}
		want := mustJSON(map[string]any{"role": "user", "tagged": `x "y" \` + v + secretValue, "list": []any{1, "é" + v}, "whole": v, `k"`: nil})
		if mustJSON(got) != want {
			rt.Fatalf("the body became %s\nwant %s", mustJSON(got), want)
		}
	}))
	t.Run("header", rapid.MakeCheck(func(rt *rapid.T) {
		text, vars, v := drawRequest(rt)
		req, err := http.NewRequest(http.MethodGet, "http://a.example", nil) //nolint:noctx // it is never sent
		if err != nil {
			rt.Fatal(err)
		}
		got := requestIn(rt, testRun(t, vars), "Bearer:"+text+":\r\nfim", escapeHeader)
		req.Header.Set("X-Value", got)
		var wire strings.Builder
		if err := req.Header.Write(&wire); err != nil {
			rt.Fatal(err)
		}
		want := "Bearer:" + strings.Map(func(r rune) rune {
			if r < ' ' || r == 0x7f {
				return ' '
			}
			return r
		}, v) + ":  fim"
		if wire.String() != "X-Value: "+want+"\r\n" || got != want {
			rt.Fatalf("the header became %q, want %q", wire.String(), want)
		}
	}))
}

// TestAddressThatIsAValue: a value that an address begins with is the address itself; what comes after it is data again.
func TestAddressThatIsAValue(t *testing.T) {
	vars := map[string]any{"base": " https://api.example.com/v1/ ", "v": "../a?b", "f": false}
	for source, want := range map[string]string{
		"{{ base }}x/{{ v }}":                                      "https://api.example.com/v1/x/..%2Fa%3Fb",
		"{% if f %}{% else %}{{ base }}{% endif %}{{ v }}":         "https://api.example.com/v1/..%2Fa%3Fb",
		"{% assign w = base %}{{ w }}{{ v }}":                      "https://api.example.com/v1/..%2Fa%3Fb",
		"https://x.example/{% if v %}{{ v }}{% endif %}{{ base }}": "https://x.example/..%2Fa%3Fb%20https%3A%2F%2Fapi.example.com%2Fv1%2F%20",
	} {
		tpl, err := compileText(source, true)
		if err != nil {
			t.Fatal(err)
		}
		if got := testRun(t, vars).request(RequestText{tpl: tpl}, escapeQuery).Redacted(); got != want {
			t.Errorf("%s\n gives %s\n want  %s", source, got, want)
		}
	}
}
