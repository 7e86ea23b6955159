package api

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/danielgtaylor/huma/v2"
	"github.com/jackc/pgx/v5"
)

// change is one row that a request wrote.
type change struct {
	Table   string
	Action  string // INSERT, UPDATE or DELETE
	Account *int64
	Columns []string // that an update changed
	Row     json.RawMessage
}

// watchChanges lets triggers note every row of every table that is written from here on.
func (w *world) watchChanges() {
	w.t.Helper()
	w.exec(`
		CREATE TABLE test_changes (n bigserial, "table" text, action text, account bigint, columns text[], row jsonb);
		CREATE FUNCTION note_change() RETURNS trigger LANGUAGE plpgsql AS $$
		DECLARE
			was jsonb := CASE WHEN TG_OP <> 'INSERT' THEN to_jsonb(OLD) END;
			is_now jsonb := CASE WHEN TG_OP <> 'DELETE' THEN to_jsonb(NEW) END;
			changed text[];
		BEGIN
			IF TG_OP = 'UPDATE' THEN
				SELECT coalesce(array_agg(key ORDER BY key), '{}') INTO changed FROM jsonb_each(is_now) WHERE was -> key IS DISTINCT FROM value;
				IF changed = '{}' THEN RETURN NULL; END IF;
			END IF;
			INSERT INTO test_changes ("table", action, account, columns, row)
			VALUES (TG_TABLE_NAME, TG_OP, coalesce((is_now ->> 'account_id')::bigint, (was ->> 'account_id')::bigint), coalesce(changed, '{}'), coalesce(is_now, was));
			RETURN NULL;
		END $$;
		DO $$
		DECLARE name text;
		BEGIN
			FOR name IN SELECT c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
				WHERE n.nspname = 'public' AND c.relkind IN ('r', 'p') AND NOT c.relispartition AND c.relname NOT IN ('test_changes', 'goose_db_version') LOOP
				EXECUTE format('CREATE TRIGGER zz_changes AFTER INSERT OR UPDATE OR DELETE ON %I FOR EACH ROW EXECUTE FUNCTION note_change()', name);
			END LOOP;
		END $$`)
}

// changes are the rows that were written since the last call.
func (w *world) changes() []change {
	w.t.Helper()
	rows, err := w.store.Pool().Query(context.Background(), `
		WITH gone AS (DELETE FROM test_changes RETURNING *)
		SELECT "table", action, account, columns, row FROM gone ORDER BY n`)
	if err != nil {
		w.t.Fatal(err)
	}
	out, err := pgx.CollectRows(rows, pgx.RowToStructByPos[change])
	if err != nil {
		w.t.Fatal(err)
	}
	return out
}

// always are rows that any request may write: that it was there, how often it tried, and that it was refused.
func always(c change) bool {
	switch c.Table {
	case "sessions", "login_failures", "idempotency_keys":
		return c.Action != "DELETE"
	case "api_tokens":
		return slices.Equal(c.Columns, []string{"last_used_at"})
	case "users":
		return slices.Equal(c.Columns, []string{"last_seen_at"})
	case "audit_log", "audit_heads":
		return true // TestPermissionMatrix counts its lines
	}
	return false
}

// writes are what requests of an operation may write: the columns of rows, by table, and whether rows come or go.
type writes map[string]map[string]bool

func (w writes) add(changes []change) {
	for _, c := range changes {
		for _, what := range append(slices.Clone(c.Columns), c.Action) {
			if w[c.Table] == nil {
				w[c.Table] = map[string]bool{}
			}
			w[c.Table][what] = true
		}
	}
}

// beyond are the changes that neither the right requests make nor a field of the contract names.
func (w writes) beyond(changes []change, fields map[string]bool) []string {
	var out []string
	for _, c := range changes {
		switch {
		case always(c):
		case c.Account != nil && *c.Account != 1:
			out = append(out, fmt.Sprintf("%s in account %d's %s", c.Action, *c.Account, c.Table))
		case w[c.Table] == nil || !w[c.Table][c.Action]:
			out = append(out, c.Action+" of "+c.Table)
		default:
			for _, column := range c.Columns {
				if !w[c.Table][column] && !fields[column] {
					out = append(out, c.Table+"."+column)
				}
			}
		}
	}
	return out
}

// propertyNames are the names of all properties of a schema, through its references.
func propertyNames(spec *huma.OpenAPI, s *huma.Schema, seen map[string]bool) map[string]bool {
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
	}
	for name, p := range s.Properties {
		out[name] = true
		maps.Copy(out, propertyNames(spec, p, seen))
	}
	maps.Copy(out, propertyNames(spec, s.Items, seen))
	if more, ok := s.AdditionalProperties.(*huma.Schema); ok {
		maps.Copy(out, propertyNames(spec, more, seen))
	}
	return out
}

// alsoWrites is what a taken request may write that no sample does, as table and action or column, by operation.
var alsoWrites = map[string][][2]string{
	"update-connection":        {{"connections", "provider_ref"}, {"connections", "portfolio_ref"}}, // phone_number_id and waba_id
	"create-note":              toldAgain,                                                           // several mentions are one line of the bell
	"transfer-ticket":          toldAgain,
	"republish-flow-version":   {{"flow_moves", "INSERT"}, {"doorbells", "INSERT"}},                                                     // move_runs
	"order-views":              {{"saved_view_places", "DELETE"}},                                                                       // an empty order
	"start-flow-run":           {{"flow_run_events", "INSERT"}},                                                                         // the run before is stopped
	"send-survey":              {{"survey_answers", "UPDATE"}, {"survey_answers", "state"}, {"survey_answers", "ended_at"}},             // the survey before ends
	"schedule-ticket-closing":  {{"scheduled_closures", "UPDATE"}, {"scheduled_closures", "state"}, {"scheduled_closures", "ended_at"}}, // the closure before is replaced
	"update-scheduled-message": {{"conversations", "UPDATE"}, {"conversations", "sends_on_reply"}},                                      // how many wait for a reply
	"update-automatic-texts":   {{"accounts", "UPDATE"}, {"accounts", "settings"}},                                                      // without a connection
}

// toldAgain is what a person has in the bell already, of the same conversation and kind.
var toldAgain = [][2]string{{"notifications", "UPDATE"}, {"notifications", "message_id"}, {"notifications", "count"}, {"notifications", "at"}, {"notifications", "seen_at"}}

// refusedWrites is what a refused request may write: a command of a ticket is a row with its answer (ADR 69).
func refusedWrites(path string) writes {
	if !strings.HasPrefix(path, "/v1/tickets/") {
		return writes{}
	}
	return writes{
		"ticket_commands": {"INSERT": true, "UPDATE": true, "state": true, "code": true, "args": true, "answered_at": true},
		"doorbells":       {"INSERT": true, "DELETE": true},
	}
}

// foreignFields are names of columns that no client may set. A body that has one where the contract has none is refused.
var foreignFields = []string{"account_id", "id", "role", "state", "created_at", "password_hash", "published_version_id", "credentials", "updated_at"}

// withForeign puts each name into each object of a body where the contract has closed it.
func withForeign(spec *huma.OpenAPI, schema *huma.Schema, body any) []string {
	raw, err := json.Marshal(body)
	if err != nil {
		panic(err)
	}
	var whole any
	if err := json.Unmarshal(raw, &whole); err != nil {
		panic(err)
	}
	var out []string
	var walk func(at any, schema *huma.Schema)
	walk = func(at any, schema *huma.Schema) {
		if schema != nil && schema.Ref != "" {
			schema = spec.Components.Schemas.SchemaFromRef(schema.Ref)
		}
		if schema == nil {
			return
		}
		switch v := at.(type) {
		case map[string]any:
			closed, isBool := schema.AdditionalProperties.(bool)
			for _, name := range foreignFields {
				if _, known := schema.Properties[name]; known || !isBool || closed || len(schema.Properties) == 0 {
					continue
				}
				v[name] = 2001
				text, err := json.Marshal(whole)
				if err != nil {
					panic(err)
				}
				out = append(out, string(text))
				delete(v, name)
			}
			for name, inner := range v {
				walk(inner, schema.Properties[name])
			}
		case []any:
			for _, inner := range v {
				walk(inner, schema.Items)
			}
		}
	}
	walk(whole, schema)
	return out
}

// TestAWriteChangesOnlyWhatItNames: S7. Every operation with a body gets every strange value in every place, fields that
// are columns but not in its contract, and ids of another account. What is refused writes nothing. What is taken writes
// only rows of its own account, in tables that right requests write, and of existing rows only columns that right requests
// change or that a field of the contract names.
func TestAWriteChangesOnlyWhatItNames(t *testing.T) {
	t.Parallel()
	spec := contractAlone()
	for path, item := range spec.Paths {
		for method, op := range operationsOf(item) {
			if op.RequestBody == nil || op.RequestBody.Content["application/json"] == nil {
				continue
			}
			t.Run(op.OperationID, func(t *testing.T) {
				t.Parallel()
				checkWrites(t, spec, op, method, path)
			})
		}
	}
}

func checkWrites(t *testing.T, spec *huma.OpenAPI, op *huma.Operation, method, path string) {
	t.Helper()
	schema := op.RequestBody.Content["application/json"].Schema
	fields := propertyNames(spec, schema, map[string]bool{})
	fields["updated_at"] = true
	w := newWorld(t)
	w.watchChanges()
	allowed := writes{}
	before := func(s sample) {
		w.exec(strings.NewReplacer("$NOW", fixedNow.Format("2006-01-02T15:04:05Z07:00"), "$USER", "1003", "$N", "1").Replace(s.before))
		w.changes()
	}
	for _, s := range samples[op.OperationID] {
		before(s)
		w.do(request{as: "admin", method: method, path: s.path, body: s.body, headers: s.headers})
		allowed.add(w.changes())
	}
	for _, also := range alsoWrites[op.OperationID] {
		allowed.add([]change{{Table: also[0], Action: also[1]}})
	}
	try := func(r request, mustRefuse bool) {
		r.as = "admin"
		got, err := w.tryStrange(r)
		if err != nil {
			return
		}
		changes := w.changes()
		switch {
		case got.status < http.StatusBadRequest && mustRefuse:
			t.Errorf("%s %s with %.200s: %d, want it refused", r.method, r.path, r.body, got.status)
		case got.status < http.StatusBadRequest:
			if beyond := allowed.beyond(changes, fields); len(beyond) > 0 {
				t.Errorf("%s %s with %.200s was taken (%d) and changed %v", r.method, r.path, r.body, got.status, beyond)
			}
		default:
			if beyond := refusedWrites(r.path).beyond(changes, nil); len(beyond) > 0 {
				t.Errorf("%s %s with %.200s was refused (%d) and changed %v", r.method, r.path, r.body, got.status, beyond)
			}
		}
	}
	for _, s := range samples[op.OperationID] {
		before(s)
		for _, body := range withForeign(spec, schema, s.body) {
			try(request{method: method, path: s.path, body: body, headers: s.headers}, true)
		}
		for _, v := range foreignVariants(t, s) {
			if !s.listed {
				try(request{method: method, path: v.path, body: v.body, headers: s.headers}, true)
			}
		}
	}
	for i, r := range strangeRequests(spec, op, method, path) {
		if i%40 == 0 {
			before(samples[op.OperationID][0])
		}
		if tryAll || i%3 == 0 { // TestNothingAsksForA500 sends all of them
			try(r, false)
		}
	}
}
