//go:build stack

package house_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math"
	"net"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
)

// prometheusServer is a real Prometheus on loopback that watches the stack every second and holds our alert rules.
type prometheusServer struct {
	url  string
	stop func()
}

func startPrometheus(t *testing.T, s *stack) *prometheusServer {
	t.Helper()
	program, err := exec.LookPath("prometheus")
	if err != nil {
		t.Fatal("prometheus is missing: run scripts/setup test")
	}
	folder, err := os.MkdirTemp("", "perene-prometheus-")
	if err != nil {
		t.Fatal(err)
	}
	rules, err := filepath.Abs(filepath.Join(root, "deploy/prometheus/alerts.yml"))
	if err != nil {
		t.Fatal(err)
	}
	jobs := ""
	for job, address := range map[string]string{"perene-api": s.URLs.APIMetrics, "perene-worker": s.URLs.WorkerMetrics} {
		u, err := url.Parse(address)
		if err != nil {
			t.Fatal(err)
		}
		jobs += fmt.Sprintf("  - {job_name: %s, static_configs: [{targets: [%q]}]}\n", job, u.Host)
	}
	config := filepath.Join(folder, "prometheus.yml")
	text := "global: {scrape_interval: 1s, evaluation_interval: 1s}\nrule_files: [" + strconv.Quote(rules) + "]\nscrape_configs:\n" + jobs
	if err := os.WriteFile(config, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	port, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address := port.Addr().String()
	_ = port.Close()
	c := exec.Command(program, "--config.file="+config, "--storage.tsdb.path="+filepath.Join(folder, "data"), "--web.listen-address="+address, "--log.level=warn")
	var said bytes.Buffer
	c.Stderr = &said
	c.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	p := &prometheusServer{url: "http://" + address, stop: func() {
		_ = c.Process.Signal(syscall.SIGTERM)
		_ = c.Wait()
		_ = os.RemoveAll(folder)
	}}
	if !comes(t, func() bool {
		res, err := http.Get(p.url + "/-/ready")
		if err == nil {
			_ = res.Body.Close()
		}
		return err == nil && res.StatusCode == http.StatusOK
	}) {
		_ = c.Process.Kill()
		_ = c.Wait()
		t.Fatalf("Prometheus did not start: %s", said.String())
	}
	return p
}

// api asks Prometheus and decodes the data of its answer.
func (p *prometheusServer) api(t *testing.T, path string, into any) {
	t.Helper()
	answer := struct {
		Data any `json:"data"`
	}{into}
	if err := json.Unmarshal(get(t, p.url+"/api/v1/"+path), &answer); err != nil {
		t.Fatal(err)
	}
}

// series gives the values that an expression has now.
func (p *prometheusServer) series(t *testing.T, expr string) []float64 {
	t.Helper()
	var data struct {
		Result []struct {
			Value []any `json:"value"`
		} `json:"result"`
	}
	p.api(t, "query?query="+url.QueryEscape(expr), &data)
	var values []float64
	for _, one := range data.Result {
		v, err := strconv.ParseFloat(one.Value[1].(string), 64)
		if err != nil {
			t.Fatal(err)
		}
		values = append(values, v)
	}
	return values
}

// told are the alerts that fire, or also those that will if it goes on like that.
func (p *prometheusServer) told(t *testing.T, pending bool) []string {
	t.Helper()
	var data struct {
		Alerts []struct {
			Labels map[string]string `json:"labels"`
			State  string            `json:"state"`
		} `json:"alerts"`
	}
	p.api(t, "alerts", &data)
	var names []string
	for _, a := range data.Alerts {
		if pending || a.State == "firing" {
			names = append(names, a.Labels["alertname"])
		}
	}
	return names
}

// rare are conditions of alerts that a healthy stack does not meet: no series has these labels, but the metric has.
var rare = map[string]string{
	`perene_ring_seconds_count{outcome!="answered"}`:                "every ring was answered",
	`perene_webhook_deliveries_total{result=~"unavailable|failed"}`: "no delivery was refused",
	`perene_sends_total{result="unknown"}`:                          "no answer was lost",
}

// Every panel of the dashboard shows something of a stack in which everything happened once, and what alerts look at exists.
func TestDashboardsAndAlertsFindTheirSeries(t *testing.T) {
	s := theStack(t)
	exprs := dashboardExpressions(t)
	if len(exprs) < 15 {
		t.Fatalf("only %d expressions", len(exprs))
	}
	dark, asked := sortedKeys(exprs), 0
	comes(t, func() bool {
		if asked++; asked%10 == 1 {
			s.says(t, number, "canary", canaryText) // a rate needs something that goes on
		}
		dark = slices.DeleteFunc(dark, func(expr string) bool {
			return slices.ContainsFunc(s.watcher.series(t, expr), func(v float64) bool { return !math.IsNaN(v) })
		})
		return len(dark) == 0
	})
	for _, expr := range dark {
		t.Errorf("the panel %q shows nothing: %s", exprs[expr], expr)
	}

	var rules struct {
		Groups []struct {
			Rules []struct {
				Name   string `json:"name"`
				Query  string `json:"query"`
				Health string `json:"health"`
				Error  string `json:"lastError"`
			} `json:"rules"`
		} `json:"groups"`
	}
	s.watcher.api(t, "rules", &rules)
	if len(rules.Groups) != 1 {
		t.Fatalf("%d groups of rules", len(rules.Groups))
	}
	looked := map[string]bool{}
	for _, r := range rules.Groups[0].Rules {
		if r.Health != "ok" {
			t.Errorf("%s: %s %s", r.Name, r.Health, r.Error)
		}
		for _, selector := range selectors(r.Query) {
			looked[selector] = true
			if len(s.watcher.series(t, "count("+selector+")")) > 0 {
				continue
			}
			name, matchers, _ := strings.Cut(strings.TrimSuffix(selector, "}"), "{")
			if _, ok := rare[selector]; !ok {
				t.Errorf("%s looks at %s, which finds nothing", r.Name, selector)
			}
			for _, label := range regexp.MustCompile(`([a-z_]+)(?:=~|!~|!=|=)"`).FindAllStringSubmatch(matchers, -1) {
				if len(s.watcher.series(t, fmt.Sprintf(`count(%s{%s!=""})`, name, label[1]))) == 0 {
					t.Errorf("%s looks at %s of %s, which is not exported", r.Name, label[1], name)
				}
			}
		}
	}
	if len(looked) < 10 {
		t.Errorf("alerts look only at %v", sortedKeys(looked))
	}
}

// What is wrong with this stack is told, and nothing else is.
func TestAlertsTellWhatIsWrong(t *testing.T) {
	s := theStack(t)
	want := []string{"PereneConnectionHeld", "PereneQuarantine", "PereneWorkflowTasksFail"}
	until(t, "all of "+strings.Join(want, ", ")+" are told", func() bool {
		is := s.watcher.told(t, true)
		return !slices.ContainsFunc(want, func(name string) bool { return !slices.Contains(is, name) })
	})
	for _, name := range s.watcher.told(t, false) {
		if !slices.Contains(want, name) {
			t.Errorf("%s is told of a stack in which that is not so", name)
		}
	}
}

// dashboardExpressions are the expressions of all panels, with the panel's title.
func dashboardExpressions(t *testing.T) map[string]string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(root, "deploy/grafana/perene.json"))
	if err != nil {
		t.Fatal(err)
	}
	var dashboard struct {
		Panels []struct {
			Title   string `json:"title"`
			Targets []struct {
				Expr string `json:"expr"`
			} `json:"targets"`
		} `json:"panels"`
	}
	if err := json.Unmarshal(text, &dashboard); err != nil {
		t.Fatal(err)
	}
	exprs := map[string]string{}
	for _, p := range dashboard.Panels {
		for _, target := range p.Targets {
			exprs[target.Expr] = p.Title
		}
	}
	return exprs
}

// selectors are the series that an expression names, with their conditions.
func selectors(expr string) []string {
	return regexp.MustCompile(`\b(?:(?:perene|temporal|process|go)_[a-z0-9_]+|up)\b(?:\{[^}]*\})?`).FindAllString(expr, -1)
}

func sortedKeys[V any](m map[string]V) []string {
	keys := make([]string, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}
