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
	operations, err := os.ReadFile(filepath.Join(root, "docs/operations.md"))
	if err != nil {
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
			if row := "| `" + r.Alert + "` | "; !strings.Contains(string(operations), row) || !strings.Contains(strings.SplitN(strings.SplitN(string(operations), row, 2)[1], "\n", 2)[0], r.Annotations.Runbook) {
				t.Errorf("docs/operations.md does not list %s with its runbook", r.Alert)
			}
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
		if page := "runbooks/" + filepath.Base(file); !named["docs/"+page] && !strings.Contains(string(operations), "("+page+")") {
			t.Errorf("no alert and no link in docs/operations.md lead to %s", file)
		}
	}
}

// Every alert is shown to fire and to keep quiet (scripts/alerts runs the cases).
func TestEveryAlertIsTriedBothWays(t *testing.T) {
	t.Parallel()
	var rules struct {
		Groups []struct {
			Rules []struct {
				Alert string `yaml:"alert"`
			} `yaml:"rules"`
		} `yaml:"groups"`
	}
	var cases struct {
		Tests []struct {
			Checks []struct {
				Alert  string `yaml:"alertname"`
				Expect []any  `yaml:"exp_alerts"`
			} `yaml:"alert_rule_test"`
		} `yaml:"tests"`
	}
	for file, into := range map[string]any{"alerts.yml": &rules, "alerts_test.yml": &cases} {
		text, err := os.ReadFile(filepath.Join(root, "deploy/prometheus", file))
		if err == nil {
			err = yaml.Unmarshal(text, into)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	fires, quiet := map[string]bool{}, map[string]bool{}
	for _, c := range cases.Tests {
		for _, check := range c.Checks {
			fires[check.Alert] = fires[check.Alert] || len(check.Expect) > 0
			quiet[check.Alert] = quiet[check.Alert] || len(check.Expect) == 0
		}
	}
	for _, g := range rules.Groups {
		for _, r := range g.Rules {
			if !fires[r.Alert] || !quiet[r.Alert] {
				t.Errorf("%s: alerts_test.yml shows it firing: %t, and quiet: %t", r.Alert, fires[r.Alert], quiet[r.Alert])
			}
		}
	}
}
