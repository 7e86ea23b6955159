package api

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"github.com/perene/perene/models"
)

// sample is a request of account 1 that is right. Ids of the account are 1001 … 1999; the matrix puts account 2's in their
// place, one at a time.
type sample struct {
	path    string // with ids
	body    any
	headers map[string]string
	status  int    // of success; 0 means the contract's
	hidden  string // the path with ids that a user must not see (rule 033): another queue's
	before  string // SQL that makes what the request is about, $N and $NOW as in the fixture; it may run twice
	// listed is set on lists that an id of another account narrows to nothing instead of being refused.
	listed bool
	// idle is set where the sample is how things are already: nothing changes, and the audit log has no line.
	idle bool
}

// samples are the right requests of every operation, by operation id. An operation that is not here fails the test.
// The samples of each area are in a file of their own: samples_*_test.go.
var samples = func() map[string][]sample {
	all := map[string][]sample{}
	for _, area := range []map[string][]sample{
		accountSamples, connectionSamples, broadcastSamples, flowSamples, contactSamples, deskSamples, ticketSamples,
	} {
		maps.Copy(all, area)
	}
	return all
}()

type obj = map[string]any

func say(content obj) obj { return obj{"content": content} }

func begin(to, content obj) obj {
	body := say(content)
	maps.Copy(body, to)
	return body
}

const form = "--b\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a.png\"\r\n\r\n\x89PNG\r\n\x1a\n\r\n--b--\r\n"

// notIDs are integers of the contract whose names look like ids and are none of ours.
var notIDs = map[string]bool{}

// TestPermissionMatrix: every operation of the contract × every role × ids of the own and of another account, in path, query
// and body, and for users ids of another queue (S6, rules 005, 033, 051). What may not be done changes nothing.
func TestPermissionMatrix(t *testing.T) { //nolint:tparallel // its parts share worlds and follow each other
	spec := contractAlone()
	for path, item := range spec.Paths {
		for method, op := range operationsOf(item) {
			t.Run(op.OperationID, func(t *testing.T) {
				t.Parallel()
				list := samples[op.OperationID]
				if len(list) == 0 {
					t.Fatalf("%s %s is not in the permission matrix: add a sample", method, path)
				}
				checkIDsCovered(t, spec, op, list)
				unchanged := newWorld(t) // for requests that change nothing: reads, and what is refused
				for _, s := range list {
					for _, role := range []models.Role{models.RoleUser, models.RoleSupervisor, models.RoleAdmin} {
						w := unchanged
						if method != http.MethodGet && allowed(op, role) {
							w = newWorld(t)
						}
						checkRole(t, w, op, method, s, role)
					}
				}
			})
		}
	}
	for id := range samples {
		if _, ok := operationPermissions[id]; !ok {
			t.Errorf("the matrix has %q, which no operation is called", id)
		}
	}
}

// allowed tells whether a role may do an operation.
func allowed(op *huma.Operation, role models.Role) bool {
	permission := operationPermissions[op.OperationID]
	return permission == Public || permission == SignedIn || slices.Contains(RolePermissions(role), permission)
}

// listsNothing tells whether an answer is an empty list, or counts of nothing.
func listsNothing(t *testing.T, got answer) bool {
	t.Helper()
	body := got.json(t)
	if data, ok := body["data"].([]any); ok {
		return len(data) == 0
	}
	return !regexp.MustCompile(`"total":[1-9]`).Match(got.body)
}

func checkRole(t *testing.T, w *world, op *huma.Operation, method string, s sample, role models.Role) {
	t.Helper()
	call := func(as, path string, body any) answer {
		headers := map[string]string{}
		maps.Copy(headers, s.headers)
		if body == form {
			headers["Content-Type"] = "multipart/form-data; boundary=b"
		}
		return w.do(request{as: as, method: method, path: path, body: body, headers: headers})
	}
	for account := 1; account <= 2 && s.before != ""; account++ {
		user := map[models.Role]string{models.RoleUser: "001", models.RoleSupervisor: "002", models.RoleAdmin: "003"}[role]
		w.exec(strings.NewReplacer("$NOW", fixedNow.Format(time.RFC3339), "$USER", fmt.Sprint(account)+user, "$N", fmt.Sprint(account)).Replace(s.before))
	}
	permission := operationPermissions[op.OperationID]
	foreign := w.fingerprint(2)

	if permission != Public {
		if got := call("nobody", s.path, s.body); got.status != http.StatusUnauthorized {
			t.Errorf("nobody: %s: status %d, want 401", s.path, got.status)
		}
	}
	allowed := allowed(op, role)
	for _, v := range foreignVariants(t, s) {
		got := call(string(role), v.path, v.body)
		switch {
		case !allowed && got.status != http.StatusForbidden:
			t.Errorf("%s: %s %v: status %d, want 403", role, v.path, v.body, got.status)
		case allowed && s.listed:
			if got.status != http.StatusOK || !listsNothing(t, got) {
				t.Errorf("%s: %s lists another account's: %d %s", role, v.path, got.status, got.body)
			}
		case allowed && got.status != http.StatusNotFound && got.status != http.StatusUnprocessableEntity:
			t.Errorf("%s: %s %v: status %d, want 404 or 422: %s", role, v.path, v.body, got.status, got.body)
		}
	}
	if allowed && role == models.RoleUser && s.hidden != "" {
		got := call(string(role), s.hidden, s.body)
		if s.listed {
			if !listsNothing(t, got) {
				t.Errorf("user: %s lists another queue's: %s", s.hidden, got.body)
			}
		} else if got.status != http.StatusNotFound {
			t.Errorf("user: %s: status %d, want 404: %s", s.hidden, got.status, got.body)
		}
	}
	own, lines := w.fingerprint(1), w.value(auditLines)
	got := call(string(role), s.path, s.body)
	want := s.status
	if want == 0 {
		want = successOf(t, op)
	}
	switch {
	case !allowed && got.status != http.StatusForbidden:
		t.Errorf("%s: %s: status %d, want 403", role, s.path, got.status)
	case !allowed && w.fingerprint(1) != own:
		t.Errorf("%s: %s was refused and changed something", role, s.path)
	case allowed && got.status != want:
		t.Errorf("%s: %s: status %d, want %d: %s\n%s", role, s.path, got.status, want, got.body, lastLines(w.log.String(), 2))
	}
	audited := method != http.MethodGet && notAudited[op.OperationID] == "" && !auditedOfTokens[op.OperationID] && !s.idle
	if allowed && got.status == want && want < 300 && (w.value(auditLines) != lines) != audited {
		t.Errorf("%s: %s: a new line in the audit log: %v, want %v", role, s.path, !audited, audited)
	}
	if w.fingerprint(2) != foreign {
		t.Errorf("%s: %s changed another account", role, s.path)
	}
}

// auditLines counts what account 1 did, by the audit log (S17).
const auditLines = `SELECT count(*) FROM audit_log WHERE account_id = 1 AND action <> 'access.denied'`

// successOf is the status the contract promises.
func successOf(t *testing.T, op *huma.Operation) int {
	t.Helper()
	for _, status := range []int{http.StatusOK, http.StatusCreated, http.StatusAccepted, http.StatusNoContent} {
		if op.Responses[fmt.Sprint(status)] != nil {
			return status
		}
	}
	t.Fatalf("%s promises no success", op.OperationID)
	return 0
}

var ownID = regexp.MustCompile(`\b1[0-9]{3}\b`)

// foreignVariants puts an id of account 2 in the place of each id of account 1, one at a time.
func foreignVariants(t *testing.T, s sample) []sample {
	t.Helper()
	var out []sample
	for _, at := range ownID.FindAllStringIndex(s.path, -1) {
		v := s
		v.path = s.path[:at[0]] + "2" + s.path[at[0]+1:]
		out = append(out, v)
	}
	if body, ok := s.body.(obj); ok {
		raw, err := json.Marshal(body)
		if err != nil {
			t.Fatal(err)
		}
		for _, at := range ownID.FindAllIndex(raw, -1) {
			v := s
			v.body = string(raw[:at[0]]) + "2" + string(raw[at[0]+1:])
			out = append(out, v)
		}
	}
	if _, ok := s.body.(obj); ok && strings.Contains(s.path, "/read") { // up_to is a mark, not a reference
		out = slices.DeleteFunc(out, func(v sample) bool { return v.path == s.path })
	}
	return out
}

// checkIDsCovered makes sure that every id the contract takes is in a sample, so that the matrix tries another account's.
func checkIDsCovered(t *testing.T, spec *huma.OpenAPI, op *huma.Operation, list []sample) {
	t.Helper()
	all := ""
	for _, s := range list {
		raw, err := json.Marshal(s.body)
		if err != nil {
			t.Fatal(err)
		}
		all += s.path + string(raw)
	}
	for _, p := range op.Parameters {
		if p.In == "path" && p.Schema.Type == huma.TypeInteger && !ownID.MatchString(list[0].path) {
			t.Errorf("the path's %s has no id in the sample", p.Name)
		}
		if p.In == "query" && p.Schema.Type == huma.TypeInteger && strings.HasSuffix(p.Name, "_id") && !strings.Contains(all, p.Name+"=1") {
			t.Errorf("the query's %s is in no sample", p.Name)
		}
	}
	if op.RequestBody == nil || op.RequestBody.Content["application/json"] == nil {
		return
	}
	for name := range idsOf(spec, op.RequestBody.Content["application/json"].Schema, map[string]bool{}) {
		if !strings.Contains(all, `"`+name+`":1`) && !notIDs[name] && !serverSet[name] {
			t.Errorf("the body's %s is in no sample", name)
		}
	}
}

// serverSet are ids inside content that a client may write but that the server sets itself.
var serverSet = map[string]bool{"template_id": true}

// idsOf lists the names of integer ids in a schema, through its references.
func idsOf(spec *huma.OpenAPI, s *huma.Schema, seen map[string]bool) map[string]bool {
	out := map[string]bool{}
	if s == nil {
		return out
	}
	if s.Ref != "" {
		if seen[s.Ref] {
			return out
		}
		seen[s.Ref] = true
		s = spec.Components.Schemas.SchemaFromRef(s.Ref)
		if s == nil {
			return out
		}
	}
	for name, p := range s.Properties {
		if p.Type == huma.TypeInteger && strings.HasSuffix(name, "_id") {
			out[name] = true
		}
		maps.Copy(out, idsOf(spec, p, seen))
	}
	maps.Copy(out, idsOf(spec, s.Items, seen))
	return out
}

// fingerprint sums up every row of an account, apart from what merely notes that somebody was here.
func (w *world) fingerprint(account int) string {
	w.t.Helper()
	var b strings.Builder
	for _, table := range []string{"users", "queues", "queue_members", "api_tokens", "connections", "contacts", "conversations", "messages", "send_queue", "media",
		"templates", "broadcasts", "broadcast_recipients", "flows", "flow_versions", "flow_runs", "flow_run_events", "tickets", "ticket_commands", "ticket_events", "conversation_followers",
		"doorbells", "events", "quarantine", "media_uses", "message_mentions", "canned_responses", "canned_response_files", "labels", "custom_fields",
		"closing_reasons", "contact_notes", "contact_labels", "contact_identities", "drafts", "notifications", "saved_views", "saved_view_queues", "saved_view_places", "bulk_jobs",
		"bulk_job_rows", "library_files", "scheduled_sends", "scheduled_closures", "webhook_endpoints", "webhook_events", "webhook_deliveries"} {
		row := "t::text"
		if table == "api_tokens" {
			row = "(to_jsonb(t) - 'last_used_at')::text"
		}
		fmt.Fprintln(&b, table, w.value(fmt.Sprintf(`SELECT coalesce(md5(string_agg(%s, '|' ORDER BY t::text)), '') FROM %s t WHERE account_id = $1`, row, table), account))
	}
	return b.String()
}
