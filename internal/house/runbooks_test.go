package house_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"
)

// Every alert has a runbook that names it, and every runbook belongs to an alert.
func TestEveryAlertHasARunbook(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile(filepath.Join(root, "deploy/prometheus/alerts.yml"))
	if err != nil {
		t.Fatal(err)
	}
	var rules struct {
		Groups []struct {
			Rules []struct {
				Alert       string `yaml:"alert"`
				Expr        string `yaml:"expr"`
				Annotations struct {
					Summary string `yaml:"summary"`
					Runbook string `yaml:"runbook"`
				} `yaml:"annotations"`
			} `yaml:"rules"`
		} `yaml:"groups"`
	}
	if err := yaml.Unmarshal(text, &rules); err != nil {
		t.Fatal(err)
	}
	named, alerts := map[string]bool{}, 0
	for _, g := range rules.Groups {
		for _, r := range g.Rules {
			alerts++
			if r.Expr == "" || r.Annotations.Summary == "" {
				t.Errorf("%s has no expression or no summary", r.Alert)
			}
			named[r.Annotations.Runbook] = true
			runbook, err := os.ReadFile(filepath.Join(root, r.Annotations.Runbook))
			if err != nil || !strings.Contains(string(runbook), r.Alert) {
				t.Errorf("the runbook of %s is %q, which does not name it: %v", r.Alert, r.Annotations.Runbook, err)
			}
		}
	}
	if alerts < 7 {
		t.Errorf("only %d alerts", alerts)
	}
	files, err := filepath.Glob(filepath.Join(root, "docs/runbooks/*.md"))
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		if !named["docs/runbooks/"+filepath.Base(file)] {
			t.Errorf("no alert leads to %s", file)
		}
	}
}
