package house_test

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// A decision is said in about 150 words. Its title and a few words more are free.
const decisionWords = 160

// longDecisions are older than the limit. Their words may only become fewer, and a decision that is short enough leaves
// the list.
var longDecisions = map[string]int{
	"0002-doorbells-rung-by-update-with-start.md":                218,
	"0003-a-step-is-one-transaction-in-a-local-activity.md":      172,
	"0030-one-sender-a-connection-behind-a-fence-in-postgres.md": 219,
	"0033-an-unknown-outcome-by-class.md":                        177,
	"0044-news-is-taken-once.md":                                 237,
	"0045-no-more-rings-than-waiting-pollers.md":                 228,
	"0047-the-outbox-is-not-in-the-log.md":                       289,
}

func TestDecisionsAreShort(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob(filepath.Join(root, "docs/adr/*.md"))
	if err != nil || len(files) < 30 {
		t.Fatalf("%d decisions, %v", len(files), err)
	}
	for name := range longDecisions {
		if !slices.Contains(files, filepath.Join(root, "docs/adr", name)) {
			t.Errorf("docs/adr/%s does not exist: take it off the list", name)
		}
	}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		_, body, _ := strings.Cut(string(text), "\n")
		name, words := filepath.Base(file), len(strings.Fields(body))
		if listed := longDecisions[name]; listed > 0 && words <= decisionWords {
			t.Errorf("docs/adr/%s is short enough: take it off the list", name)
		}
		if limit := max(longDecisions[name], decisionWords); words > limit {
			t.Errorf("docs/adr/%s has %d words, at most %d: figures belong into a page of docs/", name, words, limit)
		}
	}
}
