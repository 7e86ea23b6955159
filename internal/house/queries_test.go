//go:build stack

package house_test

import (
	"encoding/json"
	"maps"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
)

// savedQuery is what the test knows of a query that docs/operations.md writes: what stands for its examples, and what it finds.
type savedQuery struct {
	examples map[string]string // in the document, and here
	want     string            // SQL: ids of workflows by what Postgres says; "" where only Temporal's word is to be had
}

// Every saved query of docs/operations.md is one that Temporal takes, and finds what Postgres knows to be so.
func TestSavedQueriesFindWhatTheySay(t *testing.T) {
	s := theStack(t)
	db, err := pgx.Connect(t.Context(), s.DatabaseURL)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close(t.Context()) })
	text := func(sql string) string {
		var v string
		if err := db.QueryRow(t.Context(), sql).Scan(&v); err != nil {
			t.Fatalf("%s: %v", sql, err)
		}
		return v
	}
	flow := text(`SELECT id::text FROM flows WHERE name = 'Canary'`)
	late := text(`SELECT conversation_id::text FROM messages WHERE state = 'retry' LIMIT 1`)
	hour := func(ahead time.Duration) string { return time.Now().Add(ahead).UTC().Format(time.RFC3339) }
	known := map[string]savedQuery{
		"runs that need an operator": {nil, `SELECT 'flow-run/' || id FROM flow_runs WHERE status <> 'ended' AND wait_kind = 'operator'`},
		"runs under way of a flow's version 7": {map[string]string{"12/v7": flow + "/v1"},
			`SELECT 'flow-run/' || id FROM flow_runs WHERE status <> 'ended' AND flow_id = ` + flow},
		"all runs of a flow, whichever version": {map[string]string{"'12/'": "'" + flow + "/'"}, `SELECT 'flow-run/' || id FROM flow_runs WHERE flow_id = ` + flow},
		"all of a conversation": {map[string]string{"981": late}, `SELECT 'flow-run/' || id FROM flow_runs WHERE conversation_id = ` + late +
			` UNION ALL SELECT 'window/` + late + `' UNION ALL SELECT 'retry/' || id FROM messages WHERE state = 'retry' AND conversation_id = ` + late},
		"all later tries of a connection": {map[string]string{"= 3": "= " + text(`SELECT connection_id::text FROM messages WHERE state = 'retry' LIMIT 1`)},
			`SELECT 'retry/' || id FROM messages WHERE state = 'retry'`},
		"all held connections":               {nil, `SELECT 'connection/' || id FROM connections WHERE state = 'held'`},
		"connections an admin paused":        {nil, `SELECT 'connection/' || id FROM connections WHERE state = 'paused'`},
		"all tickets that wait for an agent": {nil, `SELECT 'ticket/' || id FROM tickets WHERE state = 'waiting'`},
		"all snoozed tickets":                {nil, `SELECT 'ticket/' || id FROM tickets WHERE state <> 'closed' AND snoozed_at IS NOT NULL`},
		"files that do not come":             {map[string]string{"2026-11-20T00:00:00Z": hour(time.Hour)}, `SELECT 'media/' || id FROM media WHERE state = 'pending'`},
		"what failed today":                  {map[string]string{"2026-11-20T00:00:00Z": hour(-time.Hour)}, `SELECT 'terminated/1'`},
		"workflows whose tasks fail":         {nil, ""}, // Temporal writes it after five failures, minutes later
	}
	document, err := os.ReadFile(root + "/docs/operations.md")
	if err != nil {
		t.Fatal(err)
	}
	_, section, _ := strings.Cut(string(document), "### Saved queries for Temporal Web")
	section, _, _ = strings.Cut(section, "\n#")
	written := map[string]string{}
	for _, row := range regexp.MustCompile("(?m)^\\| ([^|`]+) \\| `([^`]+)` \\|$").FindAllStringSubmatch(section, -1) {
		written[row[1]] = row[2]
	}
	if a, b := sortedKeys(written), sortedKeys(known); strings.Join(a, "\n") != strings.Join(b, "\n") {
		t.Fatalf("the document has the queries %q, the test knows %q", a, b)
	}
	try := func(question string) {
		query := written[question]
		for example, here := range known[question].examples {
			if !strings.Contains(query, example) {
				t.Errorf("%q has no %s", question, example)
			}
			query = strings.ReplaceAll(query, example, here)
		}
		if known[question].want == "" {
			s.ids(t, query) // Temporal takes it
			return
		}
		var want, got map[string]bool
		found := comes(t, func() bool {
			want, got = map[string]bool{}, s.ids(t, query)
			rows, err := db.Query(t.Context(), known[question].want)
			if err != nil {
				t.Fatal(err)
			}
			ids, err := pgx.CollectRows(rows, pgx.RowTo[string])
			if err != nil {
				t.Fatal(err)
			}
			for _, id := range ids {
				want[id] = true
			}
			return maps.Equal(want, got)
		})
		if !found {
			t.Errorf("%s: %s finds %v, Postgres says %v", question, query, sortedKeys(got), sortedKeys(want))
		}
		t.Logf("%s: %v", question, sortedKeys(got))
		if len(got) == 0 {
			t.Errorf("%q found nothing, so that it shows nothing", question)
		}
	}
	for _, question := range sortedKeys(known) {
		if question != "connections an admin paused" {
			try(question)
		}
	}
	s.post(t, "/v1/connections/"+text(`SELECT id::text FROM connections WHERE key = 'demo'`)+"/pause")
	try("connections an admin paused")
	s.post(t, "/v1/connections/"+text(`SELECT id::text FROM connections WHERE key = 'demo'`)+"/resume")

	// Temporal is not asked where a run waits: the API is.
	address := regexp.MustCompile("`GET (/v1/flow-runs\\?[^`]+)`").FindStringSubmatch(string(document))
	if address == nil {
		t.Fatal("the document does not say how to find runs that wait at a node")
	}
	waits := text(`SELECT id::text FROM flow_runs WHERE node = 'ask' AND status <> 'ended' ORDER BY id LIMIT 1`)
	ask := strings.NewReplacer("flow_id=12", "flow_id="+flow, "node=menu", "node=ask").Replace(address[1])
	listed := func() []string {
		var answer struct {
			Data []struct {
				WorkflowID string `json:"workflow_id"`
			} `json:"data"`
		}
		if err := json.Unmarshal(fetch(t, s.browser, s.URLs.Base+ask), &answer); err != nil {
			t.Fatal(err)
		}
		var ids []string
		for _, run := range answer.Data {
			ids = append(ids, run.WorkflowID)
		}
		return ids
	}
	if ids := listed(); len(ids) != 0 {
		t.Errorf("%v have waited for an hour already", ids)
	}
	text(`UPDATE flow_runs SET wait_since = wait_since - interval '1 hour' WHERE id = ` + waits + ` RETURNING node`)
	if ids := listed(); len(ids) != 1 || ids[0] != "flow-run/"+waits {
		t.Errorf("%s finds %v, not flow-run/%s", ask, ids, waits)
	}
}

// post sends an empty command as Ana.
func (s *stack) post(t *testing.T, path string) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, s.URLs.Base+path, strings.NewReader("{}"))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/json")
	res, err := s.browser.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	_ = res.Body.Close()
	if res.StatusCode >= http.StatusBadRequest {
		t.Fatalf("%s: %s", path, res.Status)
	}
}

// An operator who reads no code knows from Temporal Web, for any run: which account, connection, conversation, flow and
// version; at which node, waiting for what, since when, until when; what happened last; and how to get to the console.
func TestWorkflowsSayHowTheyStand(t *testing.T) {
	s := theStack(t)
	db, err := pgx.Connect(t.Context(), s.DatabaseURL)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close(t.Context()) })
	const instant = `20\d\d-\d\d-\d\d \d\d:\d\d:\d\d UTC`
	link := func(path string) string { return `\]\(` + regexp.QuoteMeta(s.URLs.Base) + path + `\)` }
	ids := `account \d+ · connection \d+`
	for _, c := range []struct {
		what, id string
		current  []string
		static   []string
	}{
		{"a run that waits", `SELECT 'flow-run/' || id FROM flow_runs WHERE node = 'ask' AND status <> 'ended' ORDER BY id LIMIT 1`,
			[]string{`\*\*Waiting for the contact's reply\*\* · node .ask. \(Ask\)`, `- since ` + instant, `- until ` + instant, `- \d\d:\d\d:\d\d step 1, started`,
				ids + ` · conversation \d+ · flow \d+ v1`, link(`/execucoes/\d+`), link(`/conversa/\d+`), link(`/fluxos/\d+`)},
			[]string{`way through one version of a flow`, link(`/execucoes/\d+`)}},
		{"a run that needs an operator", `SELECT 'flow-run/' || id FROM flow_runs WHERE wait_kind = 'operator' AND status <> 'ended'`,
			[]string{`\*\*Stopped: needs an operator\*\* · node .call. \(Call\)`, `- until an operator moves it`, `- reason: [a-z_]+`, `call ended`}, nil},
		{"a held connection", `SELECT 'connection/' || id FROM connections WHERE state = 'held'`,
			[]string{`\*\*Held: the access token is not accepted\*\* · error 190`, `- since ` + instant, `- next probe ` + instant, ids, link(`/conexoes`)}, []string{link(`/conexoes`)}},
		{"a later try", `SELECT 'retry/' || id FROM messages WHERE state = 'retry' ORDER BY id LIMIT 1`,
			[]string{`\*\*Waiting for the next try\*\* · error 132069`, `next try or look: ` + instant, ids + ` · conversation \d+ · message \d+`, link(`/conversa/\d+`)}, []string{link(`/conversa/\d+`)}},
		{"a snoozed ticket", `SELECT 'ticket/' || id FROM tickets WHERE snoozed_at IS NOT NULL`,
			[]string{`\*\*Ticket \d+: snoozed\*\* · user \d+`, `- since ` + instant, `until ` + instant + `: the snooze ends`, `snooze · command \d+: snoozed`,
				ids + ` · conversation \d+`, link(`/conversa/\d+`)}, []string{`One ticket while it is not closed`, link(`/conversa/\d+`)}},
		{"a window", `SELECT 'window/' || id FROM conversations WHERE window_state = 'open' ORDER BY id LIMIT 1`,
			[]string{`\*\*Window open\*\*`, `- ends ` + instant, `- looks again ` + instant, ids + ` · conversation \d+`, link(`/conversa/\d+`)}, []string{link(`/conversa/\d+`)}},
		{"a file that does not come", `SELECT 'media/' || id FROM media WHERE state = 'pending'`, []string{`\*\*Fetching file \d+\*\*`, `until ` + instant, ids}, nil},
	} {
		var id string
		if err := db.QueryRow(t.Context(), c.id).Scan(&id); err != nil {
			t.Fatalf("%s: %v", c.what, err)
		}
		var current string
		missing := c.current
		comes(t, func() bool {
			current = currentDetails(t, s.temporal, id, "").GetCurrentDetails()
			missing = slices.DeleteFunc(slices.Clone(c.current), func(part string) bool { return regexp.MustCompile(part).MatchString(current) })
			return len(missing) == 0
		})
		for _, part := range missing {
			t.Errorf("%s does not say %s", c.what, part)
		}
		about, err := s.temporal.DescribeWorkflow(t.Context(), id, "")
		if err != nil {
			t.Fatal(err)
		}
		details, err := about.GetStaticDetails()
		if err != nil {
			t.Fatal(err)
		}
		for _, part := range c.static {
			if !regexp.MustCompile(part).MatchString(details) {
				t.Errorf("%s: %q does not say %s", c.what, details, part)
			}
		}
		t.Logf("%s, %s:\n%s\n---\n%s", c.what, id, details, current)
	}
}

// Every piece of SQL in the runbooks and in docs/operations.md is one that Postgres takes.
func TestSQLOfTheDocumentsIsValid(t *testing.T) {
	s := theStack(t)
	db, err := pgx.Connect(t.Context(), s.DatabaseURL)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close(t.Context()) })
	files, err := filepath.Glob(root + "/docs/runbooks/*.md")
	if err != nil {
		t.Fatal(err)
	}
	tried := 0
	for _, file := range append(files, root+"/docs/operations.md") {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for _, found := range regexp.MustCompile("`(SELECT [^`]+)`|(?s:```sql\n(.+?)\n```)").FindAllStringSubmatch(string(text), -1) {
			tried++
			if _, err := db.Exec(t.Context(), "EXPLAIN "+found[1]+found[2]); err != nil {
				t.Errorf("%s: %s%s: %v", filepath.Base(file), found[1], found[2], err)
			}
		}
	}
	if tried < 6 {
		t.Errorf("only %d pieces were found", tried)
	}
}
