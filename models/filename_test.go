package models_test

import (
	"strings"
	"testing"

	"github.com/perene/perene/models"
)

func TestCleanFilename(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]string{
		"relatório final (1).pdf":          "relatório final (1).pdf",
		"../../etc/passwd":                 "passwd",
		`C:\Users\a\contrato.docx`:         "contrato.docx",
		"\u202efdp.exe":                    "fdp.exe",
		"a\r\nContent-Type: x.pdf":         "aContent-Type: x.pdf",
		"..":                               "",
		"/":                                "",
		"":                                 "",
		"👩\u200d👩\u200d👧.png":              "👩\u200d👩\u200d👧.png",
		strings.Repeat("ã", 150) + ".xlsx": strings.Repeat("ã", 97) + ".xlsx",
	} {
		if got := models.CleanFilename(name); got != want {
			t.Errorf("%q becomes %q, want %q", name, got, want)
		}
	}
	if got := models.CleanName("Ana \u202eoãoJ\n  Silva"); got != "Ana oãoJ Silva" {
		t.Errorf("a name becomes %q", got)
	}
}
