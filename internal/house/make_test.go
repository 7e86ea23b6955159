package house_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// `make help` names every target that people may call, with a sentence.
func TestMakeHelpNamesEveryTarget(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile(filepath.Join(root, "Makefile"))
	if err != nil {
		t.Fatal(err)
	}
	help := exec.CommandContext(t.Context(), "make", "--no-print-directory", "help")
	help.Dir = root
	out, err := help.Output()
	if err != nil {
		t.Fatal(err)
	}
	named := map[string]bool{}
	for line := range strings.Lines(string(out)) {
		if target, sentence, ok := strings.Cut(strings.TrimSpace(line), " "); ok && strings.TrimSpace(sentence) != "" {
			named[target] = true
		}
	}
	targets := regexp.MustCompile(`(?m)^\.PHONY: (.+)$`).FindAllStringSubmatch(string(text), -1)
	if len(targets) < 20 {
		t.Fatalf("only %d targets were found", len(targets))
	}
	for _, line := range targets {
		for target := range strings.FieldsSeq(line[1]) {
			if !strings.HasPrefix(target, "bin/") && !named[target] {
				t.Errorf("make help does not name %s", target)
			}
		}
	}
}
