package house_test

import (
	"path/filepath"
	"strings"
	"testing"
)

// goalRow is how docs/security.md shows a row of the table of rules.
func goalRow(cells []string) string {
	shown := "not yet"
	if cells[3] != "" {
		shown = "`" + strings.ReplaceAll(cells[3], "; ", "`, `") + "`"
	}
	if cells[3] != "" && cells[4] != "" {
		shown += "; not yet: " + cells[4]
	}
	return "| " + cells[0] + " | " + cells[1] + " | " + shown + " |"
}

// docs/security.md shows every security goal as the table of rules has it, so its tests exist (TestTheRulesTableIsWhole).
func TestSecurityGoalsAreShown(t *testing.T) {
	t.Parallel()
	var want, got []string
	for line := range strings.SplitSeq(read(t, filepath.Join(root, table)), "\n") {
		if cells := strings.Split(line, "\t"); len(cells) == 5 && strings.HasPrefix(cells[0], "S") {
			want = append(want, goalRow(cells))
		}
	}
	for line := range strings.SplitSeq(read(t, filepath.Join(root, "docs/security.md")), "\n") {
		if strings.HasPrefix(line, "| S") {
			got = append(got, line)
		}
	}
	if len(want) != 25 {
		t.Fatalf("%s has %d security goals, want 25", table, len(want))
	}
	if a, b := strings.Join(got, "\n"), strings.Join(want, "\n"); a != b {
		t.Errorf("docs/security.md does not show the goals as %s has them; its rows are:\n%s", table, b)
	}
}
