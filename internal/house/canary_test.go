//go:build stack

package house_test

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"
	"time"

	sdkpb "go.temporal.io/api/sdk/v1"
	"go.temporal.io/api/workflowservice/v1"
	"go.temporal.io/sdk/client"
	"google.golang.org/protobuf/proto"
)

// The words that must be found nowhere but in Postgres: S11, I12 of the reliability goals.
const (
	canaryText  = "CanaryWordsOfACustomer"
	canaryName  = "CanaryNameOfACustomer"
	canaryPhone = "5511987650123"
	deafPhone   = "5511987650999" // whom nothing can be sent to
	number      = "106540352242922"
)

const canaryAccount = `account: {slug: canary, name: Canary, timezone: America/Sao_Paulo, locale: pt-BR}
users: [{name: Ana, email: ana@loja.example, role: admin}]
secrets: {LOJA_TOKEN: "${PERENE_DEMO_TOKEN}"}
flows:
  - file: canary.json
    urls: {"https://loja.example/api": "${PERENE_SIM_URL}/control"}
connections:
  - name: Canary
    key: demo
    channel: whatsapp_cloud
    default: true
    graph_base_url: ${PERENE_DEMO_GRAPH_URL}
    phone_number_id: "106540352242922"
    waba_id: "102290129340398"
    display_phone: +55 11 4000-0001
    access_token: ${PERENE_DEMO_TOKEN}
    app_secret: ${PERENE_DEMO_APP_SECRET}
    verify_token: ${PERENE_DEMO_VERIFY}
    initial_flow: Canary
`

const canaryFlow = `{"spec_version": 1, "name": "Canary", "category": "initial", "language": "pt-BR",
 "settings": {"defaults": {"timeout": "end", "invalid": "end", "failed": "end", "window_closed": "end"}},
 "triggers": [{"id": "any", "kind": "inbound", "settings": {"on": "any"}}],
 "variables": [{"name": "said", "type": "text"}], "start": "ask",
 "nodes": [
  {"id": "ask", "kind": "question", "name": "Ask", "settings": {"text": "{{ contact.first_name }}?", "type": "text", "save_to": "said"}, "outputs": {"ok": "call"}},
  {"id": "call", "kind": "http", "name": "Call", "settings": {"method": "GET", "url": "https://loja.example/api/stats?said={{ said }}", "timeout": "5s",
   "headers": [{"name": "Authorization", "value": "Bearer {{ secret.LOJA_TOKEN }}"}]},
   "outputs": {"ok": "echo", "client_error": "echo", "server_error": "echo", "timeout": "echo", "failed": "echo"}},
  {"id": "echo", "kind": "content", "name": "Echo", "settings": {"items": [{"kind": "text", "text": "{{ said }}"}]}, "outputs": {"ok": "end"}},
  {"id": "end", "kind": "end", "name": "End", "settings": {"outcome": "completed"}}]}`

// canaryStack is a stack that runs the canary's account.
type canaryStack struct {
	URLs struct {
		Base          string `json:"base"`
		SimControl    string `json:"sim_control"`
		WorkerMetrics string `json:"worker_metrics"`
	} `json:"urls"`
	TemporalAddress   string `json:"temporal_address"`
	TemporalNamespace string `json:"temporal_namespace"`
	EnvFile           string `json:"env_file"`
	Logs              string `json:"logs"`
}

func startCanaryStack(t *testing.T) *canaryStack {
	t.Helper()
	folder := t.TempDir()
	for name, text := range map[string]string{"canary.yaml": canaryAccount, "canary.json": canaryFlow} {
		if err := os.WriteFile(filepath.Join(folder, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	// Not the temporary folder of the test: Postgres refuses root, so its user must be able to reach the data.
	data, err := os.MkdirTemp("", "perene-canary-")
	if err != nil {
		t.Fatal(err)
	}
	perene := os.Getenv("CANARY_PERENE")
	if perene == "" {
		perene = "bin/perene"
	}
	c := exec.Command("bin/devstack", "up", "--json", "--free-ports", "--fast", "--data", filepath.Join(data, "data"), "--perene", perene, "--seed", filepath.Join(folder, "canary.yaml"))
	c.Dir = root
	var said bytes.Buffer
	c.Stderr = &said
	c.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} // Ctrl-C ends the test, which then ends the stack in order
	out, err := c.StdoutPipe()
	if err == nil {
		err = c.Start()
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = c.Process.Signal(syscall.SIGINT)
		_ = c.Wait()
		_ = os.RemoveAll(data)
	})
	line, err := bufio.NewReader(out).ReadBytes('\n')
	s := &canaryStack{}
	if err == nil {
		err = json.Unmarshal(line, s)
	}
	if err != nil {
		t.Fatalf("the stack did not start: %v\n%s", err, said.String())
	}
	return s
}

// control calls the simulator.
func (s *canaryStack) control(t *testing.T, method, path string, in any) []byte {
	t.Helper()
	body, err := json.Marshal(in)
	if err != nil {
		t.Fatal(err)
	}
	req, err := http.NewRequestWithContext(t.Context(), method, s.URLs.SimControl+path, bytes.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	if method == http.MethodPost {
		req.Header.Set("Content-Type", "application/json")
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	text, _ := io.ReadAll(res.Body)
	if res.StatusCode != http.StatusOK {
		t.Fatalf("%s %s: %s", method, path, text)
	}
	return text
}

func (s *canaryStack) says(t *testing.T, person, text string) {
	t.Helper()
	s.control(t, http.MethodPost, "/inbound", map[string]any{"number": number, "person": person, "text": text})
}

// until waits for something that the stack is to do, for half a minute.
func until(t *testing.T, what string, done func() bool) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	tick := time.NewTicker(100 * time.Millisecond)
	defer tick.Stop()
	for !done() {
		select {
		case <-ctx.Done():
			t.Fatalf("in 30 s it did not happen that %s", what)
		case <-tick.C:
		}
	}
}

func get(t *testing.T, url string) []byte {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url, nil)
	if err != nil {
		t.Fatal(err)
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	text, err := io.ReadAll(res.Body)
	if err != nil || res.StatusCode != http.StatusOK {
		t.Fatalf("%s: %d %v", url, res.StatusCode, err)
	}
	return text
}

// S11, I12: no words, names or numbers of customers and no secrets in workflow histories, search attributes, memos,
// summaries, current details, logs or metrics; and every metric that dashboards and alerts name exists.
func TestNothingPersonalLeavesPostgres(t *testing.T) {
	s := startCanaryStack(t)
	env, err := os.ReadFile(s.EnvFile)
	if err != nil {
		t.Fatal(err)
	}
	canaries := map[string]string{"text": canaryText, "name": canaryName, "phone": canaryPhone[4:], "phone of whom nothing reaches": deafPhone[4:]}
	for _, name := range []string{"PERENE_DEMO_TOKEN", "PERENE_DEMO_APP_SECRET", "PERENE_DEMO_VERIFY", "PERENE_MASTER_KEY"} {
		m := regexp.MustCompile(name + `='?([^'\n]+)`).FindSubmatch(env)
		if m == nil {
			t.Fatalf("the stack gives no %s", name)
		}
		canaries[name] = string(m[1])
	}

	s.control(t, http.MethodPost, "/people", map[string]any{"id": "canary", "phone": canaryPhone, "name": canaryName})
	s.control(t, http.MethodPost, "/people", map[string]any{"id": "deaf", "phone": deafPhone, "name": canaryName})
	s.control(t, http.MethodPost, "/faults", map[string]any{"match": map[string]any{"person": "deaf", "path": "messages"}, "action": map[string]any{"kind": "error", "code": 131000, "details": canaryText}})
	s.says(t, "canary", canaryText)
	s.says(t, "deaf", canaryText)
	until(t, "the bot asks by name", func() bool { // the simulator's ledger holds no words either
		return regexp.MustCompile(`"person":"canary","type":"text"[^{}]*"outcome":"accepted"`).Match(s.control(t, http.MethodGet, "/ledger", nil))
	})
	s.says(t, "canary", canaryText)
	metrics := func() string { return string(get(t, s.URLs.WorkerMetrics)) }
	until(t, "a send fails", func() bool { return strings.Contains(metrics(), `code="131000"`) })

	c, err := client.Dial(client.Options{HostPort: s.TemporalAddress, Namespace: s.TemporalNamespace})
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	for what, query := range map[string]string{"a run ends": "WorkflowType = 'FlowRun' AND ExecutionStatus = 'Completed'", "the house is kept": "WorkflowType = 'Housekeeping'"} {
		until(t, what, func() bool {
			n, err := c.CountWorkflow(t.Context(), &workflowservice.CountWorkflowExecutionsRequest{Query: query})
			return err == nil && n.GetCount() > 0
		})
	}

	seen := 0 // proves that what is looked at can be read: the name of a node is to be found
	found := func(where string, text []byte) {
		seen += bytes.Count(text, []byte(`"node":"ask"`))
		for what, canary := range canaries {
			if at := bytes.Index(text, []byte(canary)); at >= 0 {
				from, to := max(0, at-160), min(len(text), at+len(canary)+60)
				t.Errorf("%s holds a %s: %q", where, what, strings.ReplaceAll(string(text[from:to]), canary, "▇▇▇"))
			}
		}
	}
	kinds := searchTemporal(t, c, found)
	for _, kind := range []string{"FlowRun", "Connection", "SessionWindow", "Housekeeping"} {
		if kinds[kind] == 0 {
			t.Errorf("no %s was looked at", kind)
		}
	}
	if seen == 0 {
		t.Error("the histories hold no node: they are not read as they are")
	}
	logs, err := filepath.Glob(filepath.Join(s.Logs, "*.log"))
	if err != nil || len(logs) < 6 {
		t.Fatalf("%d logs, %v", len(logs), err)
	}
	for _, file := range logs {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		found(filepath.Base(file), text)
	}
	exported := append(get(t, s.URLs.Base+"/metrics"), metrics()...)
	found("/metrics", exported)
	t.Logf("looked at %v, %d logs, %d bytes of metrics for %d canaries", kinds, len(logs), len(exported), len(canaries))
	alertsNameMetricsThatExist(t, string(exported))
}

// searchTemporal shows every byte that Temporal holds of every workflow to found, and counts them by type.
func searchTemporal(t *testing.T, c client.Client, found func(where string, text []byte)) map[string]int {
	t.Helper()
	list, err := c.ListWorkflow(t.Context(), &workflowservice.ListWorkflowExecutionsRequest{PageSize: 1000})
	if err != nil {
		t.Fatal(err)
	}
	kinds := map[string]int{}
	for _, one := range list.GetExecutions() {
		id, run := one.GetExecution().GetWorkflowId(), one.GetExecution().GetRunId()
		kinds[one.GetType().GetName()]++
		show := func(what string, m proto.Message) {
			raw, err := proto.Marshal(m)
			if err != nil {
				t.Fatal(err)
			}
			found(fmt.Sprintf("%s of %s", what, id), raw)
		}
		show("the entry in the list", one) // search attributes and memo
		about, err := c.DescribeWorkflowExecution(t.Context(), id, run)
		if err != nil {
			t.Fatal(err)
		}
		show("the description", about) // static summary, details, pending activities with their failures
		for events := c.GetWorkflowHistory(t.Context(), id, run, false, 0); events.HasNext(); {
			e, err := events.Next()
			if err != nil {
				t.Fatal(err)
			}
			show("event "+e.GetEventType().String(), e)
		}
		details, err := c.QueryWorkflow(t.Context(), id, run, "__temporal_workflow_metadata")
		if err != nil {
			t.Fatal(err)
		}
		var metadata sdkpb.WorkflowMetadata
		if err := details.Get(&metadata); err != nil {
			t.Fatal(err)
		}
		show("the current details", &metadata)
	}
	return kinds
}

// alertsNameMetricsThatExist looks up every metric that alert rules and the dashboard name. A counter of what has not
// happened yet is not exported before it does.
func alertsNameMetricsThatExist(t *testing.T, exported string) {
	t.Helper()
	later := regexp.MustCompile(`^temporal_.*(failed|failure|error|panic)`)
	for _, file := range []string{"deploy/prometheus/alerts.yml", "deploy/grafana/perene.json"} {
		text, err := os.ReadFile(filepath.Join(root, file))
		if err != nil {
			t.Fatal(err)
		}
		names := regexp.MustCompile(`\b(perene|temporal)_[a-z0-9_]+`).FindAllString(string(text), -1)
		if len(names) < 5 {
			t.Errorf("%s names only the metrics %v", file, names)
		}
		for _, name := range names {
			base := regexp.MustCompile(`_(bucket|sum|count)$`).ReplaceAllString(name, "")
			if !strings.Contains(exported, "# TYPE "+base+" ") && !later.MatchString(base) {
				t.Errorf("%s names %s, which nothing exports", file, name)
			}
		}
	}
}
