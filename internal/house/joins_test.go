package house_test

import (
	"path"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// byID is a join of a table by another row's column. The first group is the table, the last two are the columns compared.
var byID = regexp.MustCompile(`JOIN (\w+) (\w+) ON [^()]*?(\w+)\.id = (\w+)\.(\w+)(\s+AND \w+\.account_id = \w+\.account_id)?`)

// S6: a join by id compares the account too, so that a foreign id in a row shows nothing of another account.
func TestJoinsCompareTheAccount(t *testing.T) {
	t.Parallel()
	seen := 0
	sources(t, func(file string, text []byte) {
		if !strings.HasSuffix(file, ".go") || strings.HasSuffix(file, "_test.go") || !slices.Contains([]string{"store", "activities", "api", "sender"}, path.Dir(file)) {
			return
		}
		for _, m := range byID.FindAllSubmatch(text, -1) {
			seen++
			// An account is what the others belong to. A doorbell's run is looked up by its workflow's id, which carries no account.
			if string(m[1]) == "accounts" || string(m[5]) == "account_id" || string(m[4]) == "due" || string(m[6]) != "" {
				continue
			}
			t.Errorf("%s: %q does not compare account_id", file, m[0])
		}
	})
	if seen < 40 {
		t.Errorf("%d joins by id were found; there are more, so the pattern is blind", seen)
	}
}
