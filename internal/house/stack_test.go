//go:build stack

package house_test

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"go.temporal.io/api/workflowservice/v1"
	"go.temporal.io/sdk/client"

	"github.com/perene/perene/internal/trace/tracetest"
)

// The words that must be found nowhere but in Postgres: S11, I12 of the reliability goals.
const (
	canaryText  = "CanaryWordsOfACustomer"
	canaryName  = "CanaryNameOfACustomer"
	canaryPhone = "5511987650123"
	deafPhone   = "5511987650999" // whom nothing can be sent to
	latePhone   = "5511987650888" // to whom the provider takes messages later
	calmPhone   = "5511987650777" // who lets the bot wait
	queuedPhone = "5511987650444" // whose ticket waits for an agent
	putOffPhone = "5511987650555" // whose ticket is snoozed
	number      = "106540352242922"
	heldNumber  = "106540352242999" // whose token is not accepted
)

const canaryAccount = `account: {slug: canary, name: Canary, timezone: America/Sao_Paulo, locale: pt-BR}
users: [{name: Ana, email: ana@loja.example, role: admin}]
secrets: {LOJA_TOKEN: "${PERENE_DEMO_TOKEN}"}
secret_hosts: {LOJA_TOKEN: ["${PERENE_SIM_URL}"]}
flows:
  - {file: canary.json, urls: &urls {"https://loja.example/api": "${PERENE_SIM_URL}/control"}}
  - {file: stuck.json, urls: *urls}
connections:
  - &canary
    name: Canary
    key: demo
    channel: whatsapp_cloud
    default: true
    graph_base_url: ${PERENE_DEMO_GRAPH_URL}
    phone_number_id: "` + number + `"
    waba_id: "102290129340398"
    display_phone: +55 11 4000-0001
    access_token: ${PERENE_DEMO_TOKEN}
    app_secret: ${PERENE_DEMO_APP_SECRET}
    verify_token: ${PERENE_DEMO_VERIFY}
    initial_flow: Canary
  - name: Held
    key: held
    channel: whatsapp_cloud
    graph_base_url: ${PERENE_DEMO_GRAPH_URL}
    phone_number_id: "` + heldNumber + `"
    waba_id: "102290129340398"
    display_phone: +55 11 4000-0999
    access_token: ${PERENE_DEMO_TOKEN}
    app_secret: ${PERENE_DEMO_APP_SECRET}
    verify_token: ${PERENE_DEMO_VERIFY}
    initial_flow: Stuck
`

// canaryFlow asks, calls the shop with what was said and says it again; then it ends.
const canaryFlow = `{"spec_version": 1, "name": "Canary", "category": "initial", "language": "pt-BR",
 "settings": {"defaults": {"timeout": "end", "invalid": "end", "failed": "end", "window_closed": "end"}},
 "variables": [{"name": "said", "type": "text"}], "start": "ask",
 "nodes": [
  {"id": "ask", "kind": "question", "name": "Ask", "settings": {"text": "{{ contact.first_name }}?", "type": "text", "save_to": "said"}, "outputs": {"ok": "call"}},
  {"id": "call", "kind": "http", "name": "Call", "settings": {"method": "GET", "url": "https://loja.example/api/stats?said={{ said }}", "timeout": "5s",
   "headers": [{"name": "Authorization", "value": "Bearer {{ secret.LOJA_TOKEN }}"}]},
   "outputs": {"ok": "echo", "client_error": "echo", "server_error": "echo", "timeout": "echo", "failed": "echo"}},
  {"id": "echo", "kind": "content", "name": "Echo", "settings": {"items": [{"kind": "text", "text": "{{ said }}"}]}, "outputs": {"ok": "end"}},
  {"id": "end", "kind": "end", "name": "End", "settings": {"outcome": "completed"}}]}`

// stuckFlow says something and then cannot go on: the shop does not know the address, and nobody drew what happens then.
const stuckFlow = `{"spec_version": 1, "name": "Stuck", "category": "initial", "language": "pt-BR",
 "start": "greet",
 "nodes": [
  {"id": "greet", "kind": "content", "name": "Greet", "settings": {"items": [{"kind": "text", "text": "{{ contact.first_name }}!"}]}, "outputs": {"ok": "call"}},
  {"id": "call", "kind": "http", "name": "Call", "settings": {"method": "GET", "url": "https://loja.example/api/nowhere", "timeout": "5s"}, "outputs": {"ok": "end"}},
  {"id": "end", "kind": "end", "name": "End", "settings": {"outcome": "completed"}}]}`

// stack is a running stack in which everything that operators look for has happened once.
type stack struct {
	URLs struct {
		Console       string `json:"console"`
		Base          string `json:"base"`
		SimControl    string `json:"sim_control"`
		APIMetrics    string `json:"api_metrics"`
		WorkerMetrics string `json:"worker_metrics"`
	} `json:"urls"`
	DatabaseURL        string `json:"database_url"`
	TemporalDatabase   string `json:"temporal_database"`
	VisibilityDatabase string `json:"visibility_database"`
	TemporalAddress    string `json:"temporal_address"`
	TemporalNamespace  string `json:"temporal_namespace"`
	EnvFile            string `json:"env_file"`
	Logs               string `json:"logs"`

	temporal  client.Client
	browser   *http.Client // signed in as Ana
	watcher   *prometheusServer
	collector *tracetest.Receiver // takes the traces of all processes
	end       []func()
}

var (
	shared   *stack
	startIt  sync.Once
	errStart = errors.New("the stack was to be started by a test that failed")
)

// TestMain ends the stack that the tests share.
func TestMain(m *testing.M) {
	code := m.Run()
	if shared != nil {
		for i := len(shared.end) - 1; i >= 0; i-- {
			shared.end[i]()
		}
	}
	os.Exit(code)
}

// theStack starts the stack and lets everything happen, once for all tests.
func theStack(t *testing.T) *stack {
	t.Helper()
	startIt.Do(func() {
		shared = &stack{}
		shared.start(t)
		shared.live(t)
		errStart = nil
	})
	if errStart != nil {
		t.Fatal(errStart)
	}
	return shared
}

func (s *stack) start(t *testing.T) {
	t.Helper()
	// Not the temporary folder of the test: Postgres refuses root, so its user must be able to reach the data.
	folder, err := os.MkdirTemp("", "perene-house-")
	if err != nil {
		t.Fatal(err)
	}
	s.end = append(s.end, func() { _ = os.RemoveAll(folder) })
	for name, text := range map[string]string{"canary.yaml": canaryAccount, "canary.json": canaryFlow, "stuck.json": stuckFlow} {
		if err := os.WriteFile(filepath.Join(folder, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	perene := os.Getenv("CANARY_PERENE")
	if perene == "" {
		perene = "bin/perene"
	}
	s.collector = tracetest.New(nil)
	s.end = append(s.end, s.collector.Close)
	c := exec.Command("bin/devstack", "up", "--json", "--free-ports", "--fast", "--data", filepath.Join(folder, "data"), "--perene", perene, "--seed", filepath.Join(folder, "canary.yaml"))
	c.Dir = root
	c.Env = append(os.Environ(), "DATABASE_URL=", "TEMPORAL_ADDRESS=", // nobody else's servers
		"OTEL_EXPORTER_OTLP_ENDPOINT="+s.collector.URL, "OTEL_BSP_SCHEDULE_DELAY=200") // milliseconds
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
	s.end = append(s.end, func() {
		_ = c.Process.Signal(syscall.SIGINT)
		_ = c.Wait()
	})
	line, err := bufio.NewReader(out).ReadBytes('\n')
	if err == nil {
		err = json.Unmarshal(line, s)
	}
	if err != nil {
		t.Fatalf("the stack did not start: %v\n%s", err, said.String())
	}
	if s.temporal, err = client.Dial(client.Options{HostPort: s.TemporalAddress, Namespace: s.TemporalNamespace}); err != nil {
		t.Fatal(err)
	}
	s.end = append(s.end, s.temporal.Close)
	s.watcher = startPrometheus(t, s)
	s.end = append(s.end, s.watcher.stop)
}

// live lets everything happen once that operators look for: runs that wait, end and need an operator; messages that are
// taken, refused and put off; a connection that is held; a file that does not come; what cannot be taken in; a workflow
// that was terminated, and one whose tasks fail.
func (s *stack) live(t *testing.T) {
	t.Helper()
	t.Cleanup(func() {
		if t.Failed() {
			s.tellRuns(t)
		}
	})
	s.signIn(t)
	verify := s.secret(t, "PERENE_DEMO_VERIFY")
	s.control(t, http.MethodPost, "/wabas/102290129340398/numbers", map[string]any{"id": heldNumber, "display_phone_number": "+55 11 4000-0999", "verified_name": "Held"})
	s.control(t, http.MethodPost, "/numbers/"+heldNumber+"/webhook", map[string]any{"url": s.URLs.Base + "/webhooks/meta/held", "verify_token": verify, "verify": true})
	for id, phone := range map[string]string{"canary": canaryPhone, "deaf": deafPhone, "late": latePhone, "calm": calmPhone,
		"queued": queuedPhone, "put-off": putOffPhone} {
		s.control(t, http.MethodPost, "/people", map[string]any{"id": id, "phone": phone, "name": canaryName})
	}
	fault := func(match, action map[string]any) {
		s.control(t, http.MethodPost, "/faults", map[string]any{"match": match, "action": action})
	}
	fault(map[string]any{"person": "deaf", "path": "messages"}, map[string]any{"kind": "error", "code": 131026, "details": canaryText})
	fault(map[string]any{"person": "late", "path": "messages"}, map[string]any{"kind": "error", "code": 132069, "details": canaryText})
	fault(map[string]any{"number": heldNumber, "path": "messages"}, map[string]any{"kind": "error", "code": 190, "details": canaryText})

	s.says(t, number, "canary", canaryText)
	s.says(t, number, "deaf", canaryText)
	s.says(t, number, "late", canaryText)
	s.says(t, number, "calm", canaryText)
	s.says(t, heldNumber, "canary", canaryText)
	s.serve(t)
	until(t, "the bot asks by name", func() bool { // the simulator's ledger holds no words either
		return regexp.MustCompile(`"person":"canary","type":"text"[^{}]*"outcome":"accepted"`).Match(s.control(t, http.MethodGet, "/ledger", nil))
	})
	s.says(t, number, "canary", canaryText)
	until(t, "a send fails", func() bool { return strings.Contains(string(get(t, s.URLs.WorkerMetrics)), `code="131026"`) })
	// A file whose address cannot be asked for, and a message that names nobody.
	fault(map[string]any{"path": "object"}, map[string]any{"kind": "http", "status": 500, "body": "html"})
	s.control(t, http.MethodPost, "/inbound", map[string]any{"number": number, "person": "canary", "type": "image",
		"content": map[string]any{"id": "1234567890", "mime_type": "image/jpeg", "sha256": "qg==", "caption": canaryText}})
	s.control(t, http.MethodPost, "/events", map[string]any{"number": number, "field": "messages", "value": map[string]any{
		"messaging_product": "whatsapp", "metadata": map[string]any{"phone_number_id": number, "display_phone_number": "551140000999"},
		"messages": []any{map[string]any{"id": "wamid.astray", "timestamp": strconv.FormatInt(time.Now().Unix(), 10), "type": "text", "text": map[string]any{"body": canaryText}}}}})
	// Somebody who guesses at the webhook and at the console.
	for _, path := range []string{"/webhooks/meta/demo?hub.mode=subscribe&hub.challenge=1&hub.verify_token=" + verify + "x" + canaryText, "/entrar?t=" + canaryText, "/v1/contacts?q=" + canaryPhone} {
		if res, err := s.browser.Get(s.URLs.Base + path); err == nil {
			_ = res.Body.Close()
		}
	}
	// A workflow of a type that no worker knows: its tasks fail. And one that is terminated.
	if _, err := s.temporal.ExecuteWorkflow(t.Context(), client.StartWorkflowOptions{ID: "nobody-knows/1", TaskQueue: "perene"}, "NobodyKnows"); err != nil {
		t.Fatal(err)
	}
	if _, err := s.temporal.ExecuteWorkflow(t.Context(), client.StartWorkflowOptions{ID: "terminated/1", TaskQueue: "nobody-works-here"}, "NobodyKnows"); err != nil {
		t.Fatal(err)
	}
	if err := s.temporal.TerminateWorkflow(t.Context(), "terminated/1", "", "a trial"); err != nil {
		t.Fatal(err)
	}
	for _, query := range []string{
		"WorkflowType = 'FlowRun' AND ExecutionStatus = 'Completed'", "WorkflowType = 'Housekeeping'", "WorkflowType = 'DeliveryRetry'", "WorkflowType = 'MediaFetch'",
		"WorkflowType = 'Ticket' AND PereneState = 'snoozed'", "WorkflowType = 'Connection' AND PereneState = 'held'", "WorkflowType = 'FlowRun' AND PereneState = 'needs_operator'", "ExecutionStatus = 'Terminated'",
	} {
		until(t, "a workflow is found by "+query, func() bool { return s.count(t, query) > 0 })
	}
	until(t, "an element is quarantined", func() bool {
		return regexp.MustCompile(`perene_quarantine_elements [1-9]`).Match(get(t, s.URLs.WorkerMetrics))
	})
}

// serve opens two tickets: one waits in a queue, and one is snoozed with words that nothing but Postgres may hold.
func (s *stack) serve(t *testing.T) {
	t.Helper()
	db, err := pgx.Connect(t.Context(), s.DatabaseURL)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = db.Close(context.WithoutCancel(t.Context())) }()
	var queue, snoozed struct {
		ID     int64 `json:"id"`
		Ticket struct {
			ID int64 `json:"id"`
		} `json:"ticket"`
	}
	s.ask(t, "/v1/queues", map[string]any{"name": "Fila", "color": "#16a34a"}, &queue)
	open := func(person, phone string, body map[string]any, into any) {
		s.says(t, number, person, canaryText)
		var conversation int64
		until(t, person+" has a conversation", func() bool {
			return db.QueryRow(t.Context(), `SELECT v.id FROM conversations v JOIN contacts k ON k.id = v.contact_id WHERE k.phone = '+' || $1`, phone).Scan(&conversation) == nil
		})
		s.ask(t, fmt.Sprintf("/v1/conversations/%d/ticket", conversation), body, into)
	}
	open("queued", queuedPhone, map[string]any{"queue_id": queue.ID}, nil)
	open("put-off", putOffPhone, map[string]any{}, &snoozed)
	s.ask(t, fmt.Sprintf("/v1/tickets/%d/snooze", snoozed.Ticket.ID), map[string]any{"until": time.Now().Add(24 * time.Hour).UTC().Format(time.RFC3339), "reason": canaryText}, nil)
}

// ask posts as Ana and reads the answer.
func (s *stack) ask(t *testing.T, path string, in, out any) {
	t.Helper()
	body, err := json.Marshal(in)
	if err != nil {
		t.Fatal(err)
	}
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, s.URLs.Base+path, bytes.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/json")
	res, err := s.browser.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = res.Body.Close() }()
	text, err := io.ReadAll(res.Body)
	if err != nil || res.StatusCode >= http.StatusMultipleChoices {
		t.Fatalf("%s: %s %s %v", path, res.Status, text, err)
	}
	if out == nil {
		return
	}
	if err := json.Unmarshal(text, out); err != nil {
		t.Fatal(err)
	}
}

// tellRuns writes how all runs stand and what they called, for whoever looks into a failure.
func (s *stack) tellRuns(t *testing.T) {
	t.Helper()
	ctx := context.WithoutCancel(t.Context())
	db, err := pgx.Connect(ctx, s.DatabaseURL)
	if err != nil {
		t.Log(err)
		return
	}
	defer func() { _ = db.Close(ctx) }()
	for _, sql := range []string{
		`SELECT format('run %s of flow %s: %s at %s, waits for %s until %s, %s %s', id, flow_id, status, node, wait_kind, wait_until, outcome, end_reason) FROM flow_runs ORDER BY id`,
		`SELECT to_jsonb(c) - 'request' - 'response' #>> '{}' FROM flow_calls c`,
	} {
		rows, err := db.Query(ctx, sql)
		if err != nil {
			t.Log(err)
			continue
		}
		lines, err := pgx.CollectRows(rows, pgx.RowTo[string])
		t.Log(strings.Join(lines, "\n"), err)
	}
}

func (s *stack) count(t *testing.T, query string) int64 {
	t.Helper()
	n, err := s.temporal.CountWorkflow(t.Context(), &workflowservice.CountWorkflowExecutionsRequest{Query: query})
	if err != nil {
		t.Fatalf("%s: %v", query, err)
	}
	return n.GetCount()
}

// secret reads a value that the stack made.
func (s *stack) secret(t *testing.T, name string) string {
	t.Helper()
	env, err := os.ReadFile(s.EnvFile)
	if err != nil {
		t.Fatal(err)
	}
	m := regexp.MustCompile(name + `='?([^'\n]+)`).FindSubmatch(env)
	if m == nil {
		t.Fatalf("the stack gives no %s", name)
	}
	return string(m[1])
}

// token is the one-time token of the link that signs Ana in.
func (s *stack) token() string {
	_, token, _ := strings.Cut(s.URLs.Console, "#t=")
	return token
}

// signIn makes s.browser Ana's.
func (s *stack) signIn(t *testing.T) {
	t.Helper()
	body, err := json.Marshal(map[string]string{"token": s.token()})
	if err != nil {
		t.Fatal(err)
	}
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, s.URLs.Base+"/v1/sign-in/link", bytes.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/json")
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	if text, _ := io.ReadAll(res.Body); res.StatusCode != http.StatusCreated {
		t.Fatalf("sign in: %s", text)
	}
	s.browser = &http.Client{Timeout: patience, Transport: cookies(res.Cookies())}
}

// cookies send themselves along.
type cookies []*http.Cookie

// RoundTrip implements http.RoundTripper.
func (c cookies) RoundTrip(r *http.Request) (*http.Response, error) {
	r = r.Clone(r.Context())
	for _, cookie := range c {
		r.AddCookie(cookie)
	}
	return http.DefaultTransport.RoundTrip(r)
}

// control calls the simulator.
func (s *stack) control(t *testing.T, method, path string, in any) []byte {
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

func (s *stack) says(t *testing.T, number, person, text string) {
	t.Helper()
	s.control(t, http.MethodPost, "/inbound", map[string]any{"number": number, "person": person, "text": text})
}

// until waits for something that the stack is to do, as long as patience lasts.
func until(t *testing.T, what string, done func() bool) {
	t.Helper()
	if !comes(t, done) {
		t.Fatalf("in %s it did not happen that %s", patience, what)
	}
}

// patience is for a machine that is slow and has other things to do: nothing here promises how soon.
const patience = 3 * time.Minute

// comes waits for something that the stack is to do and tells whether it did.
func comes(t *testing.T, done func() bool) bool {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	tick := time.NewTicker(100 * time.Millisecond)
	defer tick.Stop()
	for !done() {
		select {
		case <-ctx.Done():
			return false
		case <-tick.C:
		}
	}
	return true
}

func get(t *testing.T, url string) []byte {
	t.Helper()
	return fetch(t, http.DefaultClient, url)
}

func fetch(t *testing.T, c *http.Client, url string) []byte {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url, nil)
	if err != nil {
		t.Fatal(err)
	}
	res, err := c.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	text, err := io.ReadAll(res.Body)
	if err != nil || res.StatusCode != http.StatusOK {
		t.Fatalf("%s: %d %v %s", url, res.StatusCode, err, text)
	}
	return text
}

// ids are the workflow ids that a query finds, as a set.
func (s *stack) ids(t *testing.T, query string) map[string]bool {
	t.Helper()
	list, err := s.temporal.ListWorkflow(t.Context(), &workflowservice.ListWorkflowExecutionsRequest{Query: query, PageSize: 1000})
	if err != nil {
		t.Fatalf("%s: %v", query, err)
	}
	found := map[string]bool{}
	for _, one := range list.GetExecutions() {
		found[one.GetExecution().GetWorkflowId()] = true
	}
	return found
}
