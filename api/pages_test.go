package api

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
)

// TestListsAreBoundedInBytes: F12. A page ends when it is long enough; following next_cursor gives each row once.
func TestListsAreBoundedInBytes(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	const rows, size = 40, 200 << 10
	w.exec(`INSERT INTO templates (account_id, connection_id, provider_template_id, name, language, category, status, components)
		SELECT 1, 1001, 'p' || n, 'large_' || n, 'pt_BR', 'UTILITY', 'APPROVED', jsonb_build_array(repeat('a', $1)) FROM generate_series(1, $2) n`, size, rows)
	seen := map[string]int{}
	path, pages := "/v1/templates?limit=100", 0
	for next := ""; ; pages++ {
		got := w.expect(http.StatusOK, request{as: "admin", method: "GET", path: path + next})
		if len(got.body) > pageBytes+size {
			t.Fatalf("a page of %d bytes", len(got.body))
		}
		page := got.json(t)
		for _, row := range page["data"].([]any) {
			seen[row.(obj)["name"].(string)]++
		}
		if page["has_more"] == false {
			break
		}
		next = "&cursor=" + url.QueryEscape(page["next_cursor"].(string))
		if !strings.Contains(got.headers.Get("Link"), `rel="next"`) {
			t.Error("no link to the next page")
		}
	}
	if len(seen) != rows+1 || pages < rows*size/pageBytes { // one is the fixture's
		t.Errorf("%d templates on %d pages", len(seen), pages+1)
	}
	for name, n := range seen {
		if n != 1 {
			t.Errorf("%s is there %d times", name, n)
		}
	}
}
