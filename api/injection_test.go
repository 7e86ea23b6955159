package api

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/danielgtaylor/huma/v2"
)

// tryAll says that a test tries everything it can, as make soak asks. Otherwise each place gets its share of the values.
var tryAll = os.Getenv("PERENE_TRY_ALL") != ""

// attacks are our own corpus against SQL: every way out of a literal, followed by everything that would then show. It was
// written by the people who wrote the statements, so it stands for no program of others.
func attacks() []string {
	outs := []string{"", "'", `"`, "')", "'))", "%'", `\'`, "1", "1)", "x' ", "ʼ", "%27", "$$", "'::text"}
	then := []string{
		" OR 1=1 --", " OR 'a'='a", " AND 1=2 --", "/**/OR/**/TRUE", " OR id>0 #", "||'", " LIKE '%", "--", "/*", ";--",
		"; SELECT pg_sleep(60) --", " OR pg_sleep(60) IS NULL --", "||pg_sleep(60)||'", " AND 1=(SELECT 1 FROM pg_sleep(60)) --",
		"; CREATE TABLE pwned () --", "; UPDATE users SET role = 'admin' --", "; DROP TABLE contacts CASCADE --", "; COPY (SELECT 1) TO PROGRAM 'id' --",
		" UNION SELECT NULL --", " UNION ALL SELECT email FROM users --", " UNION SELECT version() --", " AND 1=CAST((SELECT version()) AS int) --",
		"||(SELECT version())||'", "||chr(80)||chr(119)||chr(78)||chr(101)||chr(68)||'", " ORDER BY 99 --", ",(SELECT pg_sleep(60))",
	}
	all := []string{
		"@account", "@account OR 1=1", ":name", "$1", "$1 OR 1=1", "{1,2}", "{'a'}", `$.** ? (@ == 1)`, `a' @> '{}`, "id; SELECT 1", "id DESC, (SELECT 1)",
		"(CASE WHEN (1=1) THEN id ELSE name END)", "name) FROM users --", "contacts.name", "custom->>'x'", "E'\\x27'", "U&'\\0027'", "\\", "\\\\'", "%", "_",
	}
	for _, out := range outs {
		for _, what := range then {
			all = append(all, out+what)
		}
	}
	return all
}

// shown is what an answer holds when an attack came through: words that only Postgres puts together, and rows of account 2.
var shown = regexp.MustCompile(`PwNeD|PostgreSQL 1\d|loja2\.example|[":\[,]200[1-9][",\]}]`)

// TestInjectionsAreWords: S14. Every query parameter, text of a path and place of a body gets attacks on SQL. They are
// refused where any word is refused, and are words where words are taken: no 5xx, no delay, no rows of others, no syntax
// that Postgres complains of. What was stored is read again by the lists.
func TestInjectionsAreWords(t *testing.T) {
	t.Parallel()
	all := attacks()
	if len(all) < 300 {
		t.Fatalf("only %d attacks", len(all))
	}
	spec := contractAlone()
	for path, item := range spec.Paths {
		for method, op := range operationsOf(item) {
			if op.OperationID == "end-sign-in" { // the others need it
				continue
			}
			t.Run(op.OperationID, func(t *testing.T) {
				t.Parallel()
				tryInjections(t, spec, op, method, path, all)
			})
		}
	}
}

// refused tells whether a word was refused for what it is, and not because of what is stored by now.
func refused(status int) bool {
	return status >= http.StatusBadRequest && status != http.StatusConflict && status != http.StatusTooManyRequests
}

// place is somewhere in a request where a value can stand.
type place struct {
	name string
	with func(value string) request
}

// placesOf are the places of an operation: with gives the request in which a value stands there.
func placesOf(spec *huma.OpenAPI, op *huma.Operation, method, path string, s sample) []place {
	right := request{as: "admin", method: method, path: s.path, body: s.body, headers: s.headers}
	if s.body == form {
		right.headers = map[string]string{"Content-Type": "multipart/form-data; boundary=b"}
	}
	var out []place
	add := func(name string, change func(r *request, value string)) {
		out = append(out, place{name, func(value string) request {
			r := right
			change(&r, value)
			return r
		}})
	}
	for _, p := range op.Parameters {
		switch {
		case p.In == "query":
			add("query "+p.Name, func(r *request, value string) { r.path = withQuery(s.path, p.Name, value) })
			if p.Name == "cursor" {
				add("place in the cursor", func(r *request, value string) { r.path = withQuery(s.path, "cursor", encodeCursor(value)) })
			}
		case p.In == "path":
			add("path "+p.Name, func(r *request, value string) { r.path = pathWith(path, p.Name, value) })
		}
	}
	if op.RequestBody == nil || op.RequestBody.Content["application/json"] == nil {
		return out
	}
	schema := op.RequestBody.Content["application/json"].Schema
	for i := range withEach(spec, schema, s.body, "1") {
		out = append(out, place{fmt.Sprint("body ", i), func(value string) request {
			text, err := json.Marshal(value)
			if err != nil {
				panic(err)
			}
			r := right
			r.body = withEach(spec, schema, s.body, string(text))[i]
			return r
		}})
	}
	return out
}

// pathWith is a path of the contract with a value in one place and ids of the fixture in the others.
func pathWith(path, name, value string) string {
	path = strings.Replace(path, "{"+name+"}", url.PathEscape(value), 1)
	return pathPlaces.ReplaceAllStringFunc(path, func(place string) string {
		switch place {
		case "{number}":
			return "1"
		case "{mode}":
			return "reply"
		}
		return "1001"
	})
}

var pathPlaces = regexp.MustCompile(`\{[a-z_]+\}`)

func tryInjections(t *testing.T, spec *huma.OpenAPI, op *huma.Operation, method, path string, all []string) {
	t.Helper()
	w := newWorld(t)
	w.server.Client().Timeout = 25 * time.Second // an attack sleeps for longer
	foreign := w.fingerprint(2)
	before := func(s sample) {
		if s.before != "" {
			w.exec(strings.NewReplacer("$NOW", fixedNow.Format(time.RFC3339), "$USER", "1003", "$N", "1").Replace(s.before))
		}
	}
	share, next := 6, len(op.OperationID)*37 // each operation begins elsewhere in the corpus
	if tryAll {
		share = len(all)
	}
	for _, s := range samples[op.OperationID] {
		before(s)
		for _, p := range placesOf(spec, op, method, path, s) {
			word := w.do(p.with(fmt.Sprint("palavra", next)))
			if refused(word.status) { // as long as an attack
				word = w.do(p.with(fmt.Sprint("umapalavraquenaoacabamais", next)))
			}
			for range share {
				attack := all[next%len(all)]
				next++
				got, err := w.tryStrange(p.with(attack))
				switch {
				case err != nil:
				case got.status >= http.StatusInternalServerError:
					t.Errorf("%s: %q: %d %s\n%s", p.name, attack, got.status, got.body, lastLines(w.log.String(), 2))
				case got.status < http.StatusBadRequest && refused(word.status):
					t.Errorf("%s: %q: %d, where a word is refused: %d %.300s", p.name, attack, got.status, word.status, word.body)
				case shown.Match(got.body):
					t.Errorf("%s: %q shows what it must not: %.300s", p.name, attack, got.body)
				}
			}
		}
	}
	if method != http.MethodGet { // what was stored is read again
		for id, list := range samples {
			if strings.HasPrefix(id, "list-") && strings.HasPrefix(path, strings.SplitAfterN(list[0].path, "?", 2)[0]) || id == "list-conversations" {
				if got := w.do(request{as: "admin", method: http.MethodGet, path: list[0].path}); got.status >= http.StatusInternalServerError || shown.Match(got.body) {
					t.Errorf("%s afterwards: %d %.300s", id, got.status, got.body)
				}
			}
		}
	}
	if strings.Contains(w.log.String(), "SQLSTATE 42") {
		t.Errorf("Postgres complains of what was asked:\n%s", lastLines(w.log.String(), 5))
	}
	if w.fingerprint(2) != foreign || w.value(`SELECT to_regclass('pwned') IS NULL AND to_regclass('contacts') IS NOT NULL`) != true ||
		w.value(`SELECT count(*) FROM users WHERE role = 'admin'`) != int64(2) {
		t.Error("an attack changed what it must not")
	}
}
