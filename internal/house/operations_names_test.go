package house_test

import (
	"bytes"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// docs/operations.md names every table, metric, alert and command there is, and none that is gone.
func TestTheOperatorsPageNamesWhatThereIs(t *testing.T) {
	t.Parallel()
	page := read(t, "../../docs/operations.md")
	for _, c := range []struct {
		what    string
		there   []string
		section string // the heading under which the first column of a table names them
	}{
		{"table", found(t, "../../store/migrations", ".sql", `(?m)^CREATE (?:UNLOGGED )?TABLE ([a-z_]+)`), "### Tables"},
		{"metric", found(t, "../..", ".go", `(?:Name: *|NewDesc\()"(perene_[a-z_]+)"`), "### Figures by name"},
		{"command", commands(t), "### Commands"},
	} {
		if len(c.there) < 10 {
			t.Fatalf("only %d of kind %s were found in the program", len(c.there), c.what)
		}
		said := map[string]bool{}
		_, rest, ok := strings.Cut(page, c.section+"\n")
		if !ok {
			t.Errorf("docs/operations.md has no section %q", c.section)
			continue
		}
		rest, _, _ = strings.Cut(rest, "\n#")
		for _, row := range regexp.MustCompile(`(?m)^\| ([^|]+) \|`).FindAllStringSubmatch(rest, -1) {
			for _, name := range regexp.MustCompile("`([a-z_ -]+)`").FindAllStringSubmatch(row[1], -1) {
				said[name[1]] = true
			}
		}
		for _, name := range c.there {
			if !said[name] {
				t.Errorf("docs/operations.md, %s, does not name the %s %s", c.section, c.what, name)
			}
			delete(said, name)
		}
		for name := range said {
			t.Errorf("docs/operations.md, %s, names the %s %s, which is not there", c.section, c.what, name)
		}
	}
}

func read(t *testing.T, path string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Clean(path))
	if err != nil {
		t.Fatal(err)
	}
	return string(bytes.ReplaceAll(text, []byte("\r\n"), []byte("\n")))
}

// found gives what a pattern's group finds in the files of a folder, tests left out, each once.
func found(t *testing.T, folder, suffix, pattern string) []string {
	t.Helper()
	finds, seen := regexp.MustCompile(pattern), map[string]bool{}
	var names []string
	err := filepath.WalkDir(folder, func(path string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case d.IsDir() && (d.Name() == "node_modules" || (strings.HasPrefix(d.Name(), ".") && d.Name() != "..")):
			return filepath.SkipDir
		case d.IsDir() || !strings.HasSuffix(path, suffix) || strings.HasSuffix(path, "_test.go"):
			return nil
		}
		for _, m := range finds.FindAllStringSubmatch(read(t, path), -1) {
			if !seen[m[1]] {
				seen[m[1]] = true
				names = append(names, m[1])
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return names
}

// commands gives the program's commands and those of `perene flow` as they are typed.
func commands(t *testing.T) []string {
	t.Helper()
	var names []string
	field := regexp.MustCompile("(?m)^\\t([A-Z][A-Za-z]+) +[a-zA-Z]+ +`cmd:\"\"(?: name:\"([a-z-]+)\")?")
	for file, prefix := range map[string]string{"main.go": "", "flow_commands.go": "flow "} {
		for _, m := range field.FindAllStringSubmatch(read(t, "../../cmd/perene/"+file), -1) {
			name := m[2]
			if name == "" {
				name = strings.ToLower(m[1])
			}
			if name != "flow" {
				names = append(names, prefix+name)
			}
		}
	}
	return names
}
