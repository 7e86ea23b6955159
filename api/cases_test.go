package api

import (
	"bytes"
	"context"
	"encoding/json"
	"maps"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/jackc/pgx/v5"
)

// apiCase is a request with its answer and what the database holds afterwards, as data. The cases of one file run one after
// another in one world. `go test ./api -run Cases -update` writes answers and rows; look at the difference before committing.
type apiCase struct {
	Name     string            `json:"name"`
	As       string            `json:"as,omitempty"`
	Advance  string            `json:"advance,omitempty"` // of the clock, before the request
	SQL      string            `json:"sql,omitempty"`     // before the request
	Method   string            `json:"method,omitempty"`
	Path     string            `json:"path,omitempty"`
	Headers  map[string]string `json:"headers,omitempty"`
	Body     json.RawMessage   `json:"body,omitempty"`
	Status   int               `json:"status,omitempty"`
	ETag     string            `json:"etag,omitempty"`
	Response json.RawMessage   `json:"response,omitempty"`
	DB       []dbCheck         `json:"db,omitempty"`
}

type dbCheck struct {
	Query string  `json:"query"`
	Rows  [][]any `json:"rows"`
}

func TestCases(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("testdata/cases/*.json")
	if err != nil || len(files) < 6 {
		t.Fatalf("%d files of cases, %v", len(files), err)
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".json"), func(t *testing.T) {
			t.Parallel()
			raw, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			var cases []apiCase
			dec := json.NewDecoder(bytes.NewReader(raw))
			dec.DisallowUnknownFields()
			if err := dec.Decode(&cases); err != nil {
				t.Fatal(err)
			}
			w := newWorld(t)
			for i := range cases {
				w.runCase(t, &cases[i])
			}
			if *update {
				writeCases(t, file, cases)
			}
		})
	}
}

func (w *world) runCase(t *testing.T, c *apiCase) {
	t.Helper()
	if c.Advance != "" {
		d, err := time.ParseDuration(c.Advance)
		if err != nil {
			t.Fatal(err)
		}
		w.advance(d)
	}
	if c.SQL != "" {
		w.exec(c.SQL)
	}
	r := request{as: c.As, method: c.Method, path: c.Path, headers: map[string]string{"X-Request-Id": "case-request"}}
	maps.Copy(r.headers, c.Headers)
	if c.Body != nil {
		r.body = []byte(c.Body)
	}
	got := w.do(r)
	etag := got.headers.Get("ETag")
	if *update {
		c.Status, c.ETag, c.Response = got.status, etag, nil
		if len(got.body) > 0 {
			c.Response = got.body
		}
	}
	if got.status != c.Status || etag != c.ETag {
		t.Errorf("%s: status %d and ETag %s, want %d and %s: %s", c.Name, got.status, etag, c.Status, c.ETag, got.body)
	}
	if diff := cmp.Diff(decoded(t, c.Response), decoded(t, got.body)); diff != "" {
		t.Errorf("%s: the answer differs (-want +got):\n%s", c.Name, diff)
	}
	for i := range c.DB {
		rows := w.rows(c.DB[i].Query)
		if *update {
			c.DB[i].Rows = rows
		}
		if diff := cmp.Diff(c.DB[i].Rows, rows); diff != "" {
			t.Errorf("%s: %s (-want +got):\n%s", c.Name, c.DB[i].Query, diff)
		}
	}
}

func decoded(t *testing.T, raw []byte) any {
	t.Helper()
	if len(raw) == 0 {
		return nil
	}
	var v any
	if err := json.Unmarshal(raw, &v); err != nil {
		return string(raw)
	}
	return v
}

// rows reads rows as JSON has them.
func (w *world) rows(query string) [][]any {
	w.t.Helper()
	found, err := w.store.Pool().Query(context.Background(), query)
	if err != nil {
		w.t.Fatalf("%s: %v", query, err)
	}
	out, err := pgx.CollectRows(found, func(row pgx.CollectableRow) ([]any, error) { return row.Values() })
	if err != nil {
		w.t.Fatalf("%s: %v", query, err)
	}
	raw, err := json.Marshal(out)
	if err != nil {
		w.t.Fatal(err)
	}
	var rows [][]any
	if err := json.Unmarshal(raw, &rows); err != nil {
		w.t.Fatal(err)
	}
	return rows
}

func writeCases(t *testing.T, file string, cases []apiCase) {
	t.Helper()
	var out bytes.Buffer
	enc := json.NewEncoder(&out)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	if err := enc.Encode(cases); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, out.Bytes(), 0o644); err != nil {
		t.Fatal(err)
	}
}
