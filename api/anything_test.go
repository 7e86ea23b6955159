package api

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/danielgtaylor/huma/v2"

	"github.com/perene/perene/flow/terminal"
	"github.com/perene/perene/models"
)

// strange are values for any place of a request, as JSON has them. What is no string there goes into paths, queries and
// headers as it is written.
var strange = []string{
	`""`, `" "`, `"\u0000"`, `"a\u0000b"`, "\"\xff\xfe\"", `"\ud83d"`, `"\ude00\ud83d"`, `"\ufffe"`, `"%00"`, `"%ff"`, `"%"`, `"%_\\"`, `"'"`, `"'; DROP TABLE contacts; --"`, `"$1"`, `"@account"`,
	`"{{ x }}"`, `"../../etc/passwd"`, `"\r\nX: y"`, `"0"`, `"-1"`, `"1.5"`, `"NaN"`, `"+5581999990000"`, `"infinity"`, `"0001-01-01T00:00:00Z"`, `"9999-12-31T23:59:59Z"`, `"2026-02-30T00:00:00Z"`,
	`0`, `-1`, `1`, `1.5`, `2147483647`, `2147483648`, `-2147483649`, `4294967296`, `9007199254740993`, `9223372036854775807`, `-9223372036854775808`, `9223372036854775808`, `1e400`, `1e-400`, `1E+2`, `-0`,
	`null`, `true`, `[]`, `{}`, `[null]`, `[[]]`, `{"":""}`, `{"a":{"a":{"a":{}}}}`, `{"a":1e400000}`, `{"kind":null}`, `{"a\u0000":1}`, `{"__proto__":{}}`,
}

// long are texts and structures that are large for their place.
var long = []string{
	`"` + strings.Repeat("a", 20_000) + `"`, `"` + strings.Repeat("👋🏽", 3_000) + `"`, strings.Repeat("[", 10_000) + strings.Repeat("]", 10_000),
	strings.Repeat(`{"a":`, 10_000) + "1" + strings.Repeat("}", 10_000), `[` + strings.Repeat("1,", 20_000) + `1]`, strings.Repeat("9", 5_000),
}

// TestNothingAsksForA500: F18. Every operation of the contract, as an administrator, with every strange value in every
// place: in the path, in each query, in each header, instead of the body and instead of each part of it. No answer is 5xx,
// and what went in comes out of no log.
func TestNothingAsksForA500(t *testing.T) {
	t.Parallel()
	w := newWorld(t, func(d *Deps) {
		d.RunRecord = func(context.Context, models.AccountID, models.FlowRunID) (*terminal.Record, error) {
			return nil, models.NotFound("flow_run")
		}
	})
	spec := contractAlone()
	paths := slices.Sorted(maps.Keys(spec.Paths))
	tried := 0
	for _, path := range paths {
		for method, op := range operationsOf(spec.Paths[path]) {
			if op.OperationID == "end-sign-in" { // the others need it
				continue
			}
			for _, r := range strangeRequests(spec, op, method, path) {
				tried++
				r.as = "admin"
				if got, err := w.tryStrange(r); err == nil && got.status >= http.StatusInternalServerError {
					t.Errorf("%s: %s %.200s, headers %.100v, body %.200s: %d %s\n%s", op.OperationID, r.method, r.path, r.headers, r.body, got.status, got.body, lastLines(w.log.String(), 2))
				}
			}
		}
	}
	if tried < 5_000 {
		t.Errorf("only %d requests were tried", tried)
	}
	if strings.Contains(w.log.String(), "DROP TABLE") {
		t.Error("the log holds what was sent")
	}
}

// tryStrange sends a request; an error means that it is none that a client could send.
func (w *world) tryStrange(r request) (answer, error) {
	if _, err := url.ParseRequestURI(r.path); err != nil {
		return answer{}, err
	}
	for _, value := range r.headers {
		if strings.ContainsFunc(value, func(c rune) bool { return c < ' ' }) {
			return answer{}, fmt.Errorf("no header: %q", value)
		}
	}
	return w.do(r), nil
}

// strangeRequests makes the requests of one operation: the sample's, with one place changed in each.
func strangeRequests(spec *huma.OpenAPI, op *huma.Operation, method, path string) []request {
	var out []request
	for _, s := range samples[op.OperationID] {
		right := request{method: method, path: s.path, headers: s.headers, body: s.body}
		if s.body == form {
			right.headers = map[string]string{"Content-Type": "multipart/form-data; boundary=b"}
		}
		out = append(out, right)
		add := func(change func(r *request)) {
			r := right
			r.headers = maps.Clone(right.headers)
			if r.headers == nil {
				r.headers = map[string]string{}
			}
			change(&r)
			out = append(out, r)
		}
		for _, p := range op.Parameters {
			for _, value := range strange {
				value = bare(value)
				switch p.In {
				case "path":
					add(func(r *request) {
						r.path = strings.Replace(path, "{"+p.Name+"}", url.PathEscape(value), 1)
						r.path = strings.NewReplacer("{id}", "1001", "{number}", "1").Replace(r.path)
					})
				case "query":
					add(func(r *request) { r.path = withQuery(s.path, p.Name, value) })
				case "header":
					add(func(r *request) { r.headers[p.Name] = value })
				}
			}
			if p.Name == "cursor" {
				for _, place := range append(slices.Clone(strange), `"2147483648"`, `"9223372036854775807"`, `"2026-11-20T12:00:00Z,9223372036854775807"`, `"1,1"`, `"1/1"`) {
					add(func(r *request) { r.path = withQuery(s.path, "cursor", encodeCursor(bare(place))) })
				}
			}
		}
		if op.RequestBody == nil || op.RequestBody.Content["application/json"] == nil {
			continue
		}
		for _, value := range strange {
			for _, body := range withEach(spec, op.RequestBody.Content["application/json"].Schema, s.body, value) {
				add(func(r *request) { r.body = body })
			}
		}
		for i, value := range long { // each in another place
			bodies := withEach(spec, op.RequestBody.Content["application/json"].Schema, s.body, value)
			for at := i % len(bodies); at < len(bodies); at += len(long) {
				add(func(r *request) { r.body = bodies[at] })
			}
		}
	}
	return out
}

// bare is a value as it stands outside of JSON.
func bare(value string) string {
	var s string
	if json.Unmarshal([]byte(value), &s) == nil && strings.HasPrefix(value, `"`) {
		if strings.IndexByte(value, 0xff) >= 0 {
			return "\xff\xfe"
		}
		return s
	}
	return value
}

func withQuery(path, name, value string) string {
	u, err := url.Parse(path)
	if err != nil {
		panic(err)
	}
	q := u.Query()
	q.Set(name, value)
	u.RawQuery = q.Encode()
	return u.String()
}

// withEach gives a body once instead of the whole and once for each place of it: those that it has, to any depth, and the
// fields of the contract that it has not.
func withEach(spec *huma.OpenAPI, schema *huma.Schema, body any, value string) []string {
	const mark = "\"\U0001F4CD\""
	out := []string{value}
	raw, err := json.Marshal(body)
	if err != nil {
		panic(err)
	}
	var whole any
	if err := json.Unmarshal(raw, &whole); err != nil {
		panic(err)
	}
	written := func() {
		text, err := json.Marshal(whole)
		if err != nil {
			panic(err)
		}
		out = append(out, strings.Replace(string(text), mark, value, 1))
	}
	var walk func(at any, set func(any), schema *huma.Schema)
	walk = func(at any, set func(any), schema *huma.Schema) {
		if set != nil {
			set("\U0001F4CD")
			written()
			set(at)
		}
		if schema != nil && schema.Ref != "" {
			schema = spec.Components.Schemas.SchemaFromRef(schema.Ref)
		}
		switch v := at.(type) {
		case map[string]any:
			for _, name := range slices.Sorted(maps.Keys(v)) {
				walk(v[name], func(x any) { v[name] = x }, propertyOf(schema, name))
			}
			if schema == nil {
				return
			}
			for _, name := range slices.Sorted(maps.Keys(schema.Properties)) {
				if _, there := v[name]; !there {
					v[name] = "\U0001F4CD"
					written()
					delete(v, name)
				}
			}
		case []any:
			for i := range v {
				var items *huma.Schema
				if schema != nil {
					items = schema.Items
				}
				walk(v[i], func(x any) { v[i] = x }, items)
			}
		}
	}
	walk(whole, nil, schema)
	return out
}

func propertyOf(schema *huma.Schema, name string) *huma.Schema {
	if schema == nil {
		return nil
	}
	return schema.Properties[name]
}
