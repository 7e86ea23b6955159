package house_test

import (
	"bytes"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// hardLimit is the number of lines that no source file may have (house rule 10).
const hardLimit = 600

// sources calls see for every source file of ours, with its path from the root.
func sources(t *testing.T, see func(path string, text []byte)) {
	t.Helper()
	root := os.DirFS("../..")
	skip := []string{".git", ".dev", "bin", "node_modules", "dist", "testdata", "artifacts", "test-results"}
	seen := 0
	err := fs.WalkDir(root, ".", func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() {
			if slices.Contains(skip, d.Name()) {
				return fs.SkipDir
			}
			return nil
		}
		if !slices.Contains([]string{".go", ".ts", ".tsx", ".js", ".mjs", ".css", ".sql"}, filepath.Ext(path)) || strings.Contains(path, ".gen.") {
			return nil
		}
		text, err := fs.ReadFile(root, path)
		if err != nil {
			return err
		}
		seen++
		see(path, text)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if seen < 100 {
		t.Errorf("only %d files were looked at", seen)
	}
}

func TestNoFileIsTooLongToRead(t *testing.T) {
	t.Parallel()
	sources(t, func(path string, text []byte) {
		if lines := bytes.Count(text, []byte("\n")); lines > hardLimit {
			t.Errorf("%s has %d lines; near 500 at most, never more than %d", path, lines, hardLimit)
		}
	})
}

// skipped finds tests that do not run; a test that cannot run here is not a test.
var skipped = regexp.MustCompile(`\bt\.Skip(Now|f)?\(|\b(it|test|describe)\.skip\(|\btest\.fixme\(`)

func TestNoTestIsSkipped(t *testing.T) {
	t.Parallel()
	sources(t, func(path string, text []byte) {
		if strings.HasPrefix(path, "internal/house/") {
			return
		}
		if at := skipped.FindIndex(text); at != nil {
			t.Errorf("%s:%d skips a test", path, 1+bytes.Count(text[:at[0]], []byte("\n")))
		}
	})
}
