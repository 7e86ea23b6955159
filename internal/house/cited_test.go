package house_test

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// prose calls see for every file of ours that people write sentences in, tests' cases included. The tests of this check
// are left out: they cite what is not there.
func prose(t *testing.T, see func(path, text string)) {
	t.Helper()
	files := os.DirFS(root)
	folders := []string{".git", ".dev", "bin", "node_modules", "dist", "artifacts", "test-results"}
	written := []string{".go", ".ts", ".tsx", ".js", ".mjs", ".css", ".sql", ".md", ".yml", ".yaml"}
	seen := 0
	err := fs.WalkDir(files, ".", func(path string, d fs.DirEntry, err error) error {
		cases := strings.HasPrefix(path, "api/testdata/cases/") || strings.HasPrefix(path, "flow/testdata/kinds/")
		switch {
		case err != nil:
			return err
		case d.IsDir() && slices.Contains(folders, d.Name()):
			return fs.SkipDir
		case d.IsDir() || strings.Contains(path, ".gen.") || path == "internal/house/rules_test.go" || path == "internal/house/cited_test.go":
			return nil
		case !cases && (!slices.Contains(written, filepath.Ext(path)) || strings.Contains(path, "/testdata/")):
			return nil
		}
		text, err := fs.ReadFile(files, path)
		if err != nil {
			return err
		}
		seen++
		see(path, string(text))
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if seen < 300 {
		t.Errorf("only %d files were looked at", seen)
	}
}

var (
	ruleList    = regexp.MustCompile(`\b[Rr]ules? (\d{3}\b(?:(?:, and |, | and |–|-| to )\d{3}\b)*)`)
	threeDigits = regexp.MustCompile(`\d{3}`)
	// Letters that stand for something else elsewhere count only where they cannot be that: A-Z0 is a range.
	letterCodes = regexp.MustCompile(`(?:^|[^A-Za-z0-9_\-\[\]&#])([ZS]\d{1,2}|[DN]\d{2})\b`)
	triggerCode = regexp.MustCompile(`\btriggers? (T\d+)\b`)
)

// cited returns the codes of rules that a line cites.
func cited(line string) []string {
	var codes []string
	for _, m := range ruleList.FindAllStringSubmatch(line, -1) {
		codes = append(codes, threeDigits.FindAllString(m[1], -1)...)
	}
	for _, pattern := range []*regexp.Regexp{letterCodes, triggerCode} {
		for _, m := range pattern.FindAllStringSubmatch(line, -1) {
			codes = append(codes, m[1])
		}
	}
	return codes
}

// What code and documents cite is in the table of rules.
func TestCitedRulesAreInTheTable(t *testing.T) {
	t.Parallel()
	listed := map[string]bool{}
	for line := range strings.Lines(read(t, filepath.Join(root, table))) {
		code, _, _ := strings.Cut(line, "\t")
		listed[code] = true
	}
	found := map[string]bool{}
	prose(t, func(path, text string) {
		for i, line := range strings.Split(text, "\n") {
			for _, code := range cited(line) {
				found[code] = true
				if !listed[code] {
					t.Errorf("%s:%d cites %s, which docs/rules.tsv does not list", path, i+1, code)
				}
			}
		}
	})
	if len(found) < 60 {
		t.Errorf("only %d different codes were found", len(found))
	}
}

func TestCitationsAreFound(t *testing.T) {
	t.Parallel()
	for line, want := range map[string]string{
		"// Rules 111, 149 and 159, Z11: nobody is woken (S2).": "[111 149 159 Z11 S2]",
		"rules 126–130, rule 900":                               "[126 130 900]",
		"code 131049, rule 131050, regexp [^A-Z0-9]":            "[]",
		"it closes D04, N17 and trigger T4":                     "[D04 N17 T4]",
		`"Z99: a flag"`:                                         "[Z99]",
	} {
		if got := fmt.Sprint(cited(line)); got != want {
			t.Errorf("%q cites %s, want %s", line, got, want)
		}
	}
}

// houseRules is how many rules CONTRIBUTING.md numbers.
const houseRules = 12

var (
	document = regexp.MustCompile(`[A-Za-z0-9_*{},-]*[A-Za-z0-9_*}-]\.md\b`)
	section  = regexp.MustCompile(`\.md (?:§ ?|sections? )?\d|\b[Dd]esign(?:\.md)? (?:sections? |§ ?)?\d|\b[Ss]ections? \d|§ ?\d`)
	decision = regexp.MustCompile(`\bADR (\d+)`)
	// houseRule cites a rule of CONTRIBUTING.md by its number.
	houseRule = regexp.MustCompile(`\b[Hh]ouse rules? (\d+)`)
)

// astray says which documents a line sends its reader to that are not here: a page that does not exist, a numbered
// section (pages have headings, not numbers), a decision that was taken back. Nil decisions are all allowed.
func astray(line string, pages, decisions map[string]bool) []string {
	var problems []string
	for _, page := range document.FindAllString(line, -1) {
		if !pages[page] && !strings.ContainsAny(page, "*{}") {
			problems = append(problems, page+", which is not in the repository")
		}
	}
	if at := section.FindString(line); at != "" && !strings.Contains(line, "RFC ") {
		problems = append(problems, fmt.Sprintf("a numbered section (%q): name an ADR, a heading or a rule, or say it", strings.TrimSpace(at)))
	}
	for _, m := range houseRule.FindAllStringSubmatch(line, -1) {
		if n, err := strconv.Atoi(m[1]); err != nil || n < 1 || n > houseRules {
			problems = append(problems, "house rule "+m[1]+", which CONTRIBUTING.md does not have")
		}
	}
	for _, m := range decision.FindAllStringSubmatch(line, -1) {
		if decisions != nil && !decisions[m[1]] {
			problems = append(problems, "ADR "+m[1]+", which is not in docs/adr")
		}
	}
	return problems
}

// A comment or a page sends its reader only to what the repository has.
func TestNothingSendsReadersAstray(t *testing.T) {
	t.Parallel()
	_, rules, _ := strings.Cut(read(t, filepath.Join(root, "CONTRIBUTING.md")), "## House rules")
	if n := len(regexp.MustCompile(`(?m)^\d+\. `).FindAllString(strings.SplitN(rules, "\n## ", 2)[0], -1)); n != houseRules {
		t.Errorf("CONTRIBUTING.md numbers %d house rules, want %d", n, houseRules)
	}
	pages, decisions := map[string]bool{}, map[string]bool{}
	prose(t, func(path, _ string) {
		pages[filepath.Base(path)] = true
		if name, ok := strings.CutPrefix(path, "docs/adr/"); ok {
			n, _, _ := strings.Cut(name, "-")
			decisions[strings.TrimLeft(n, "0")] = true
		}
	})
	prose(t, func(path, text string) {
		if strings.HasPrefix(path, "flow/testdata/") || strings.HasPrefix(path, "api/testdata/") {
			return
		}
		known := decisions
		if strings.HasSuffix(path, ".md") {
			known = nil // what was measured with a decision stays on record when the decision goes
		}
		for i, line := range strings.Split(text, "\n") {
			for _, problem := range astray(line, pages, known) {
				t.Errorf("%s:%d sends its reader to %s", path, i+1, problem)
			}
		}
	})
}

func TestReadersWhoAreSentAstrayAreFound(t *testing.T) {
	t.Parallel()
	pages, decisions := map[string]bool{"architecture.md": true}, map[string]bool{"2": true}
	for line, want := range map[string]string{
		"stored without it (ADR 2); docs/architecture.md tells": "",
		"docs/runbooks/*.md, flow.{pt,en}.md":                   "",
		"(reliability-goals.md)":                                "reliability-goals.md, which is not in the repository",
		"see architecture.md 4.2":                               "a numbered section",
		"(design section 3)":                                    "a numbered section",
		"as section 3.2 has it":                                 "a numbered section",
		"RFC 6716, section 3.1":                                 "",
		"House rule 13: there is none":                          "house rule 13, which CONTRIBUTING.md does not have",
		"as ADR 99 has it":                                      "ADR 99, which is not in docs/adr",
	} {
		if got := strings.Join(astray(line, pages, decisions), "; "); (want == "") != (got == "") || !strings.Contains(got, want) {
			t.Errorf("%q sends its reader astray by %q, want %q", line, got, want)
		}
	}
}
