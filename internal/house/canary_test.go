//go:build stack

package house_test

import (
	"bytes"
	"context"
	"encoding/hex"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"
	sdkpb "go.temporal.io/api/sdk/v1"
	"go.temporal.io/api/workflowservice/v1"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/temporal"
	"google.golang.org/protobuf/proto"
)

// canaries are what must be found nowhere, by what it is.
func (s *stack) canaries(t *testing.T) map[string]string {
	t.Helper()
	words := map[string]string{"text": canaryText, "name": canaryName, "phone": canaryPhone[4:], "phone of whom nothing reaches": deafPhone[4:],
		"phone of whom is written to later": latePhone[4:], "phone of whom lets the bot wait": calmPhone[4:], "phone of whom is followed": tracedPhone[4:], "sign-in link": s.token()}
	for _, cookie := range s.browser.Transport.(cookies) {
		words["sign-in"] = cookie.Value
	}
	for _, name := range []string{"PERENE_DEMO_TOKEN", "PERENE_DEMO_APP_SECRET", "PERENE_DEMO_VERIFY", "PERENE_MASTER_KEY"} {
		words[name] = s.secret(t, name)
	}
	for what, word := range words {
		if len(word) < 8 {
			t.Fatalf("the %s is too short to be looked for", what)
		}
	}
	return words
}

// search looks for canaries and tells of each it finds, with its surroundings and without itself.
type search struct {
	canaries map[string]string
	tell     func(where, what, around string)
	nodes    int // names of nodes that were seen: proves that what is looked at can be read
}

func (s *search) in(where string, text []byte) {
	s.nodes += bytes.Count(text, []byte(`"node":"ask"`))
	for what, canary := range s.canaries {
		for _, form := range []string{canary, hex.EncodeToString([]byte(canary)), url.QueryEscape(canary)} {
			at := bytes.Index(text, []byte(form))
			if at < 0 {
				continue
			}
			from, to := max(0, at-160), min(len(text), at+len(form)+60)
			s.tell(where, what, strings.ReplaceAll(string(text[from:to]), form, "▇▇▇"))
			break
		}
	}
}

// S11, I12: no words, names or numbers of customers and no secrets in workflow histories, ids, search attributes, memos,
// summaries, current details, pending failures, Temporal's databases, logs, metrics or traces.
func TestNothingPersonalLeavesPostgres(t *testing.T) {
	s := theStack(t)
	look := &search{canaries: s.canaries(t), tell: func(where, what, around string) { t.Errorf("%s holds a %s: %q", where, what, around) }}
	kinds := look.inTemporal(t, s.temporal)
	for _, kind := range []string{"FlowRun", "Connection", "SessionWindow", "DeliveryRetry", "MediaFetch", "Housekeeping"} {
		if kinds[kind] == 0 {
			t.Errorf("no %s was looked at", kind)
		}
	}
	if look.nodes == 0 {
		t.Error("the histories hold no node: they are not read as they are")
	}
	rows := look.inDatabase(t, s.DatabaseURL, s.TemporalDatabase) + look.inDatabase(t, s.DatabaseURL, s.VisibilityDatabase)
	logs := look.inLogs(t, s.Logs)
	exported := append(get(t, s.URLs.APIMetrics), get(t, s.URLs.WorkerMetrics)...)
	look.in("/metrics", exported)
	spans := look.inSpans(t, s.collector.Bodies())
	(&search{canaries: s.outside(t), tell: look.tell}).inSpans(t, s.collector.Bodies())
	if spans < 50 {
		t.Errorf("only %d spans were looked at", spans)
	}
	t.Logf("looked at %v, %d rows of Temporal's databases, %d logs, %d bytes of metrics, %d spans for %d canaries", kinds, rows, logs, len(exported), spans, len(look.canaries))
}

// A search that finds nothing must be able to find: a word of a customer is planted in every place that is looked at.
func TestTheCanaryIsFoundWhereverItIsPlanted(t *testing.T) {
	s := theStack(t)
	planted := "PlantedWordsOfACustomer"
	flow := temporal.NewSearchAttributeKeyKeyword("PereneFlow")
	_, err := s.temporal.ExecuteWorkflow(t.Context(), client.StartWorkflowOptions{
		ID: "planted/" + planted, TaskQueue: "nobody-works-here", Memo: map[string]any{"note": planted}, StaticSummary: planted + " summary", StaticDetails: planted + " details",
		TypedSearchAttributes: temporal.NewSearchAttributes(flow.ValueSet(planted)),
	}, "Planted", planted)
	if err != nil {
		t.Fatal(err)
	}
	until(t, "the planted workflow is listed", func() bool { return s.count(t, "WorkflowType = 'Planted'") > 0 })

	logs := t.TempDir()
	for i, line := range []string{"", "", "", "", "", `{"level":"ERROR","msg":"GET /v1/contacts?q=` + planted + `"}`} {
		if err := os.WriteFile(filepath.Join(logs, fmt.Sprintf("%d.log", i)), []byte(line), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	places := map[string]bool{}
	look := &search{canaries: map[string]string{"word": planted}, tell: func(where, _, _ string) { places[strings.Fields(where)[0]+" "+strings.Fields(where)[1]] = true }}
	look.inTemporal(t, s.temporal)
	look.inDatabase(t, s.DatabaseURL, s.TemporalDatabase)
	look.inDatabase(t, s.DatabaseURL, s.VisibilityDatabase)
	look.inLogs(t, logs)
	look.in("metrics api", []byte(`perene_sends_total{connection_id="`+planted+`"} 1`))
	look.inSpans(t, [][]byte{plantedSpan(t, planted)})
	for _, place := range []string{"id planted/" + planted, "entry of", "description of", "event WorkflowExecutionStarted", "memo of", "attribute PereneFlow", "summary of", "details of",
		"table executions_visibility", "table history_node", "log 5.log", "metrics api", "spans of"} {
		if !places[place] {
			t.Errorf("the word that was planted was not found in: %s", place)
		}
	}
}

// inTemporal looks at every byte that Temporal tells of every workflow, and counts them by type.
func (s *search) inTemporal(t *testing.T, c client.Client) map[string]int {
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
			s.in(what+" of "+id, raw)
		}
		s.in("id "+id, []byte(id))
		for name, value := range one.GetSearchAttributes().GetIndexedFields() {
			s.in("attribute "+name+" of "+id, value.GetData())
		}
		show("memo", one.GetMemo())
		show("entry", one)
		about, err := c.DescribeWorkflowExecution(t.Context(), id, run)
		if err != nil {
			t.Fatal(err)
		}
		show("summary", about.GetExecutionConfig().GetUserMetadata().GetSummary())
		show("details", about.GetExecutionConfig().GetUserMetadata().GetDetails())
		show("description", about) // pending activities with their failures, too
		for events := c.GetWorkflowHistory(t.Context(), id, run, false, 0); events.HasNext(); {
			e, err := events.Next()
			if err != nil {
				t.Fatal(err)
			}
			show("event "+e.GetEventType().String(), e)
		}
		if strings.HasPrefix(one.GetTaskQueue(), "nobody") || one.GetType().GetName() == "NobodyKnows" {
			continue // there is nobody to ask for current details
		}
		show("current details", currentDetails(t, c, id, run))
	}
	return kinds
}

// currentDetails are what a workflow says of itself in Temporal Web.
func currentDetails(t *testing.T, c client.Client, id, run string) *sdkpb.WorkflowMetadata {
	t.Helper()
	value, err := c.QueryWorkflow(t.Context(), id, run, "__temporal_workflow_metadata")
	if err != nil {
		t.Fatalf("ask %s for its details: %v", id, err)
	}
	var metadata sdkpb.WorkflowMetadata
	if err := value.Get(&metadata); err != nil {
		t.Fatal(err)
	}
	return &metadata
}

// inDatabase looks at every row of a database beside Perene's own and counts them.
func (s *search) inDatabase(t *testing.T, perene, name string) int {
	t.Helper()
	config, err := pgx.ParseConfig(perene)
	if err != nil || name == "" || name == config.Database {
		t.Fatalf("Temporal's database %q: %v", name, err)
	}
	config.Database = name
	db, err := pgx.ConnectConfig(t.Context(), config)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = db.Close(context.WithoutCancel(t.Context())) }()
	rows, err := db.Query(t.Context(), `SELECT table_schema || '.' || table_name FROM information_schema.tables WHERE table_schema = 'public' AND table_type = 'BASE TABLE'`)
	if err != nil {
		t.Fatal(err)
	}
	tables, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		t.Fatal(err)
	}
	seen := 0
	for _, table := range tables {
		rows, err := db.Query(t.Context(), fmt.Sprintf(`SELECT t::text FROM %s t`, table)) // bytes are written in hexadecimal
		if err != nil {
			t.Fatal(err)
		}
		var text string
		if _, err := pgx.ForEachRow(rows, []any{&text}, func() error {
			seen++
			s.in("table "+strings.TrimPrefix(table, "public."), []byte(text))
			return nil
		}); err != nil {
			t.Fatal(err)
		}
	}
	if seen < 20 {
		t.Errorf("the database %s has only %d rows", name, seen)
	}
	return seen
}

// inLogs looks at what every process of the stack has written and counts the files.
func (s *search) inLogs(t *testing.T, folder string) int {
	t.Helper()
	logs, err := filepath.Glob(filepath.Join(folder, "*.log"))
	if err != nil || len(logs) < 6 {
		t.Fatalf("%d logs, %v", len(logs), err)
	}
	for _, file := range logs {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		s.in("log "+filepath.Base(file), text)
	}
	return len(logs)
}
