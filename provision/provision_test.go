package provision_test

import (
	"bytes"
	"fmt"
	"maps"
	"math/rand/v2"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/perene/perene/contract"
	"github.com/perene/perene/internal/password"
	"github.com/perene/perene/internal/seal"
	"github.com/perene/perene/models"
	"github.com/perene/perene/provision"
	"github.com/perene/perene/store"
	"github.com/perene/perene/store/storetest"
)

var now = time.Date(2026, 11, 20, 12, 0, 0, 0, time.UTC)

// secrets are what no output may ever show.
var secrets = map[string]string{
	"ERP_TOKEN": "canary-erp-0001", "WA_TOKEN": "canary-token-0002", "WA_SECRET": "canary-app-secret-0003",
	"WA_VERIFY": "canary-verify-0004", "ANA_PASSWORD": "canary-password-0005",
}

type world struct {
	t   *testing.T
	s   *store.Store
	key seal.Key
	env map[string]string
	out bytes.Buffer // everything that was ever said
}

func newWorld(t *testing.T) *world {
	t.Helper()
	key, err := seal.ParseKey("MDEyMzQ1Njc4OWFiY2RlZmdoaWprbG1ub3BxcnN0dXY=")
	if err != nil {
		t.Fatal(err)
	}
	w := &world{t: t, key: key, env: maps.Clone(secrets), s: storetest.New(t, store.Options{Now: func() time.Time { return now }})}
	t.Cleanup(func() {
		for name, value := range secrets {
			if strings.Contains(w.out.String(), value) {
				t.Errorf("the value of %s was shown", name)
			}
		}
	})
	return w
}

func (w *world) options() provision.Options {
	return provision.Options{
		ValuePrefixes: []string{"GRAPH_URL", "ERP", "PRECO", "NOT"},
		Dir:           "testdata", Random: rand.NewChaCha8([32]byte{7}),
		Env: func(name string) (string, bool) { v, ok := w.env[name]; return v, ok },
	}
}

func (w *world) file() string {
	w.t.Helper()
	text, err := os.ReadFile("testdata/account.yaml")
	if err != nil {
		w.t.Fatal(err)
	}
	return string(text)
}

func (w *world) try(text string, opts provision.Options) (*provision.Result, error) {
	w.t.Helper()
	r, err := provision.Apply(w.t.Context(), w.s, w.key, "loja.yaml", []byte(text), opts)
	if err != nil {
		fmt.Fprintln(&w.out, err)
		fmt.Fprintf(&w.out, "%+v %#v\n", err, err)
		return nil, err
	}
	r.Print(&w.out)
	fmt.Fprintf(&w.out, "%+v %#v\n", r, r)
	return r, nil
}

func (w *world) apply(text string) *provision.Result {
	w.t.Helper()
	r, err := w.try(text, w.options())
	if err != nil {
		w.t.Fatal(err)
	}
	return r
}

func said(r *provision.Result) []string {
	lines := make([]string, len(r.Changes))
	for i, c := range r.Changes {
		lines[i] = c.String()
	}
	return lines
}

func (w *world) says(r *provision.Result, want ...string) {
	w.t.Helper()
	if d := cmp.Diff(append([]string{}, want...), said(r)); d != "" {
		w.t.Errorf("changes (-want +got):\n%s", d)
	}
}

func (w *world) query(sql string, args ...any) string {
	w.t.Helper()
	var out *string
	if err := w.s.Pool().QueryRow(w.t.Context(), sql, args...).Scan(&out); err != nil {
		w.t.Fatalf("%s: %v", sql, err)
	}
	if out == nil {
		return "null"
	}
	return *out
}

func TestApplyMakesTheAccountAndThenChangesNothing(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	first := w.apply(w.file())
	w.says(first,
		"created account loja-teste",
		"created queue Vendas", "created queue Suporte",
		"created label cliente", "created label robô",
		"created custom field contact.plano", "created custom field ticket.nota",
		"created closing reason Resolvido", "created closing reason Sem resposta",
		"created secret ERP_TOKEN",
		"created user ana@loja.example", "created user carla@loja.example",
		"published flow Boas-vindas v1 (new)", "created flow Rascunho",
		"created connection Comercial WhatsApp", "created connection Suporte WhatsApp 01",
	)
	if len(first.Doorbells) != 2 || first.Doorbells[0].WorkflowType != contract.WorkflowConnection {
		t.Errorf("doorbells: %+v, want one for each connection", first.Doorbells)
	}

	second := w.apply(w.file())
	w.says(second)
	if second.Unchanged != len(first.Changes) || len(second.Doorbells) != 0 {
		t.Errorf("second time: unchanged %d, doorbells %d; want %d and 0", second.Unchanged, len(second.Doorbells), len(first.Changes))
	}
	for sql, want := range map[string]string{
		`SELECT count(*)::text FROM flow_versions`:                                     "1",
		`SELECT count(*)::text FROM doorbells`:                                         "2",
		`SELECT count(*)::text FROM audit_log`:                                         "1",
		`SELECT timezone || ' ' || (settings->>'unknown_outcome_wait') FROM accounts`:  "America/Recife 90000000000",
		`SELECT string_agg(name, ',' ORDER BY name) FROM connections WHERE is_default`: "Suporte WhatsApp 01", // the first of the file (rule 008)
		`SELECT string_agg(q.name, ',' ORDER BY q.id) FROM queue_members m JOIN queues q ON q.id = m.queue_id JOIN users u ON u.id = m.user_id WHERE u.name = 'Ana'`: "Vendas,Suporte",
		`SELECT graph->'nodes'->0->'settings'->'items'->0->>'text' FROM flow_versions`:                                                                               "Olá {nome}, custa $5 ou ${PRECO}?",
		`SELECT (graph->'nodes'->1->'settings'->'actions'->1->>'queue' = (SELECT id::text FROM queues WHERE name = 'Suporte'))::text FROM flow_versions`:             "true",
		`SELECT (graph->'triggers'->0->'settings'->'connections'->>0 = (SELECT id::text FROM connections WHERE key = 'suporte-01'))::text FROM flow_versions`:        "true",
		`SELECT (initial_flow_id = (SELECT id FROM flows WHERE name = 'Boas-vindas'))::text FROM connections WHERE key = 'suporte-01'`:                               "true",
	} {
		if got := w.query(sql); got != want {
			t.Errorf("%s\n got %q, want %q", sql, got, want)
		}
	}
}

func TestSecretsAreSealedAndThePasswordHashed(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.apply(w.file())
	var id models.ConnectionID
	var account models.AccountID
	var access, app, erp []byte
	var hash string
	if err := w.s.Pool().QueryRow(t.Context(), `SELECT c.id, c.account_id, decode(credentials ->> 'access_token', 'base64'), decode(credentials ->> 'app_secret', 'base64'), s.sealed, u.password_hash
		FROM connections c, account_secrets s, users u WHERE c.key = 'suporte-01' AND u.name = 'Ana'`).Scan(&id, &account, &access, &app, &erp, &hash); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		place  string
		sealed []byte
		want   string
	}{
		{models.ConnectionSecretPlace(id, models.SecretAccessToken), access, secrets["WA_TOKEN"]},
		{models.ConnectionSecretPlace(id, models.SecretAppSecret), app, secrets["WA_SECRET"]},
		{models.AccountSecretPlace(account, "ERP_TOKEN"), erp, secrets["ERP_TOKEN"]},
	} {
		plain, err := w.key.Open(c.place, c.sealed)
		if err != nil || string(plain) != c.want {
			t.Errorf("%s does not open to what was set: %v", c.place, err)
		}
	}
	if ok, err := password.Verify(t.Context(), secrets["ANA_PASSWORD"], hash); !ok || err != nil {
		t.Errorf("the password does not fit its hash: %v", err)
	}
	// Nothing in the database holds a value in plain (S12).
	for _, table := range []string{"accounts", "users", "connections", "account_secrets", "flows", "flow_versions", "audit_log", "events", "doorbells"} {
		all := w.query(`SELECT coalesce(string_agg(t::text, ' '), '') FROM ` + table + ` t`)
		if strings.Contains(all, "canary") {
			t.Errorf("table %s holds a secret in plain", table)
		}
	}
}

func TestEveryChangeIsToldOnce(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.apply(w.file())
	replace := strings.NewReplacer(
		"color: \"#16a34a\", bot_order: 1", "color: \"#16a34b\", bot_order: 3",
		"name: Carla, role: user, queues: [Suporte]", "name: Carla Dias, role: supervisor, queues: [Vendas]",
		"graph_base_url: ${GRAPH_URL:-http://127.0.0.1:8090/graph}", "graph_base_url: https://graph.example\n    default: true\n    rate_per_second: 20",
		"options: [Básico, Completo]", "options: [Básico]",
		"outcome: feito", "outcome: pronto",
		"automation_only: true", "automation_only: false",
		"holidays: [\"12-25\"]", "holidays: []",
	)
	w.env["WA_SECRET"] = "canary-app-secret-rotated-0006"
	w.env["ERP_TOKEN"] = "canary-erp-rotated-0007"
	w.env["ANA_PASSWORD"] = "canary-password-new-0008"
	r := w.apply(replace.Replace(w.file()))
	w.says(r,
		"updated account loja-teste: settings",
		"updated queue Vendas: color, bot_order",
		"updated label robô: automation_only",
		"updated custom field contact.plano: options",
		"updated secret ERP_TOKEN: value",
		"updated user ana@loja.example: password",
		"updated user carla@loja.example: name, role, queues",
		"updated flow Rascunho: draft",
		"updated connection Suporte WhatsApp 01: graph_base_url, access_token, app_secret, rate_per_second",
	)
	if got := w.query(`SELECT (credentials ->> 'app_secret' <> credentials ->> 'app_secret_previous')::text FROM connections WHERE key = 'suporte-01'`); got != "true" {
		t.Errorf("the app secret before is not kept during the rotation")
	}
	if strings.Contains(w.out.String(), "canary") {
		t.Errorf("a secret was shown")
	}
}

func TestAPublishedFlowGetsANewVersionWhenItChanges(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.apply(w.file())
	dir := t.TempDir()
	doc, err := os.ReadFile("testdata/flows/welcome.json")
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Mkdir(dir+"/flows", 0o700); err != nil {
		t.Fatal(err)
	}
	changed := bytes.Replace(doc, []byte("Olá"), []byte("Oi"), 1)
	if err := os.WriteFile(dir+"/flows/welcome.json", changed, 0o600); err != nil {
		t.Fatal(err)
	}
	opts := w.options()
	opts.Dir = dir
	r, err := w.try(w.file(), opts)
	if err != nil {
		t.Fatal(err)
	}
	w.says(r, "published flow Boas-vindas v2 (changed)")
	if got := w.query(`SELECT count(*)::text FROM flow_versions v JOIN flows f ON f.id = v.flow_id WHERE f.name = 'Boas-vindas'`); got != "2" {
		t.Errorf("versions: %s, want 2: what was published stays", got)
	}
}

func TestExportAppliesAsUnchanged(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.apply(w.file())
	file, err := provision.Export(t.Context(), w.s, "loja-teste")
	if err != nil {
		t.Fatal(err)
	}
	w.out.Write(file)
	for _, want := range []string{"access_token: ${PERENE_SUPORTE_01_ACCESS_TOKEN}", "ERP_TOKEN: ${PERENE_SECRET_ERP_TOKEN}", "queue: queue:Suporte", "initial_flow: Boas-vindas"} {
		if !strings.Contains(string(file), want) {
			t.Errorf("the export lacks %q:\n%s", want, file)
		}
	}
	// With the same values in the environment nothing changes.
	for name, of := range map[string]string{"SUPORTE_01_ACCESS_TOKEN": "WA_TOKEN", "SUPORTE_01_APP_SECRET": "WA_SECRET", "SUPORTE_01_VERIFY_TOKEN": "WA_VERIFY", "SECRET_ERP_TOKEN": "ERP_TOKEN"} {
		w.env["PERENE_"+name] = secrets[of]
	}
	if r := w.apply(string(file)); len(r.Changes) != 0 || r.Unchanged == 0 {
		t.Errorf("applying the export changed: %v", said(r))
	}
	// Without them what the account has is kept, and said so.
	w.env = map[string]string{}
	for _, line := range said(w.apply(string(file))) {
		if !strings.HasPrefix(line, "kept secret") {
			t.Errorf("applying the export without variables: %s", line)
		}
	}
	again, err := provision.Export(t.Context(), w.s, "loja-teste")
	if err != nil || !bytes.Equal(file, again) {
		t.Errorf("a second export differs: %v", err)
	}
	// In another database, with other ids, the export makes the same account.
	other := newWorld(t)
	other.env = map[string]string{"PERENE_SUPORTE_01_ACCESS_TOKEN": "x", "PERENE_SUPORTE_01_APP_SECRET": "x", "PERENE_SUPORTE_01_VERIFY_TOKEN": "x", "PERENE_SECRET_ERP_TOKEN": "x"}
	if _, err := other.s.Pool().Exec(t.Context(), `ALTER TABLE queues ALTER id RESTART 700`); err != nil {
		t.Fatal(err)
	}
	other.apply(string(file))
	moved, err := provision.Export(t.Context(), other.s, "loja-teste")
	if err != nil || cmp.Diff(string(file), string(moved)) != "" {
		t.Errorf("the account made of the export differs: %v\n%s", err, cmp.Diff(string(file), string(moved)))
	}
	if _, err := provision.Export(t.Context(), w.s, "nobody"); models.CodeOf(err) != models.CodeNotFound {
		t.Errorf("exporting nobody: %v", err)
	}
}

func TestADryRunTellsEverythingAndChangesNothing(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	opts := w.options()
	opts.DryRun = true
	r, err := w.try(w.file(), opts)
	if err != nil {
		t.Fatal(err)
	}
	if len(r.Changes) != 16 || len(r.Doorbells) != 0 || r.Account != 0 {
		t.Errorf("dry run: %d changes, %d doorbells, account %d", len(r.Changes), len(r.Doorbells), r.Account)
	}
	if got := w.query(`SELECT ((SELECT count(*) FROM accounts) + (SELECT count(*) FROM doorbells) + (SELECT count(*) FROM audit_log))::text`); got != "0" {
		t.Errorf("a dry run wrote %s rows", got)
	}
	if !strings.Contains(w.out.String(), "dry run: nothing was changed") {
		t.Errorf("a dry run does not say that it was one")
	}
}

func TestPruneTakesAwayOnlyWhenAsked(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.apply(w.file())
	small := "account: {slug: loja-teste}\nusers: [{email: ana@loja.example, name: Ana, role: admin, queues: []}]\nqueues: [{name: Vendas}]\n"
	w.says(w.apply(small), "updated user ana@loja.example: queues")
	w.says(w.apply(small+"prune: true\n"),
		"removed connection Comercial WhatsApp", "removed connection Suporte WhatsApp 01",
		"removed flow Boas-vindas: archived", "removed flow Rascunho: archived",
		"removed user carla@loja.example: disabled",
		"removed label cliente: archived", "removed label robô: archived", "removed custom field contact.plano: archived",
		"removed custom field ticket.nota: archived", "removed closing reason Resolvido: archived", "removed closing reason Sem resposta: archived",
		"removed secret ERP_TOKEN", "removed queue Suporte: archived",
	)
}
