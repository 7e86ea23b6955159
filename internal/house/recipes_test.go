package house_test

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// recipes are the pages that lead contributors through the code.
func recipes(t *testing.T) []string {
	t.Helper()
	pages, err := filepath.Glob(filepath.Join(root, "docs/how-to/*.md"))
	if err != nil || len(pages) < 5 {
		t.Fatalf("%d recipes, %v", len(pages), err)
	}
	return append(pages, filepath.Join(root, "CONTRIBUTING.md"))
}

var (
	quotedCode = regexp.MustCompile("`([^`]+)`")
	ourPath    = regexp.MustCompile(`^[A-Za-z0-9_.-]+(/[A-Za-z0-9_.-]+)*/?$`)
)

// A recipe leads through files and tests that are there. What stands for a name is written <name> or NAME.
func TestRecipesNameWhatThereIs(t *testing.T) {
	t.Parallel()
	missing := missingTest(t)
	paths, tests := 0, 0
	for _, page := range recipes(t) {
		for i, line := range strings.Split(read(t, page), "\n") {
			for _, m := range quotedCode.FindAllStringSubmatch(line, -1) {
				name := m[1]
				switch {
				case goTest.MatchString(name):
					tests++
					if why := missing(name); why != "" {
						t.Errorf("%s:%d names the test %s: %s", filepath.Base(page), i+1, name, why)
					}
				case ourPath.MatchString(name) && strings.Contains(name, "/") && name[0] != '/' && inARoom(t, name):
					paths++
					if _, err := os.Stat(filepath.Join(root, name)); err != nil {
						t.Errorf("%s:%d names %s, which is not there", filepath.Base(page), i+1, name)
					}
				}
			}
		}
	}
	if paths < 30 || tests < 10 {
		t.Errorf("only %d paths and %d tests were found", paths, tests)
	}
}

// inARoom reports whether a path begins with a folder of ours; others are module paths and values.
func inARoom(t *testing.T, path string) bool {
	t.Helper()
	first, _, _ := strings.Cut(path, "/")
	info, err := os.Stat(filepath.Join(root, first))
	return err == nil && info.IsDir()
}
