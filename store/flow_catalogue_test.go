package store_test

import (
	"testing"

	"github.com/perene/perene/flow"
	"github.com/perene/perene/models"
	"github.com/perene/perene/store"
	"github.com/perene/perene/store/storetest"
)

// TestLintEnv: a flow that names what the account lacks is found, one that names what it has is not, and nothing of another
// account counts.
func TestLintEnv(t *testing.T) {
	f := storetest.NewFixture(t, storetest.New(t, store.Options{}), "lint")
	other := storetest.NewFixture(t, f.Store, "other")
	for _, x := range []struct {
		account models.AccountID
		suffix  string
		conn    models.ConnectionID
	}{{f.Account, "", f.Connection.ID}, {other.Account, " alheia", other.Connection.ID}} {
		f.Exec(t, `INSERT INTO queues (account_id, name, bot_order) VALUES ($1, 'Vendas'||$2, 1)`, x.account, x.suffix)
		f.Exec(t, `INSERT INTO custom_fields (account_id, entity, key, name, kind) VALUES ($1, 'contact', 'plano'||replace($2, ' ', '_'), 'Plano', 'text')`, x.account, x.suffix)
		f.Exec(t, `INSERT INTO labels (account_id, name) VALUES ($1, 'vip'||$2)`, x.account, x.suffix)
		f.Exec(t, `INSERT INTO account_secrets (account_id, name, sealed) VALUES ($1, 'ERP'||replace($2, ' ', '_'), 'x')`, x.account, x.suffix)
		f.Exec(t, `INSERT INTO templates (account_id, connection_id, provider_template_id, name, language, category, status, components)
			VALUES ($1, $3, 'p'||$2, 'bom'||$2, 'pt_BR', 'UTILITY', 'APPROVED', '[{"type":"BODY","text":"Oi {{1}}"}]')`, x.account, x.suffix, x.conn)
	}
	f.Publish(t, "Cadastro", `{"spec_version":1,"name":"Cadastro","category":"manual","start":"a","triggers":[{"id":"t","kind":"keyword","settings":{"words":["Boleto"]}}],"nodes":[{"id":"a","kind":"end"}]}`)
	other.Publish(t, "Alheio", `{"spec_version":1,"name":"Alheio","category":"manual","start":"a","nodes":[{"id":"a","kind":"end"}]}`)

	env, err := f.LintEnv(t.Context(), f.Account, nil)
	if err != nil {
		t.Fatal(err)
	}
	doc := func(queue, field, label, secret, template, sub, word string) []byte {
		return []byte(`{"spec_version":1,"name":"T","category":"manual","start":"a","triggers":[{"id":"t","kind":"keyword","settings":{"words":["` + word + `"]}}],"nodes":[
			{"id":"a","kind":"template","settings":{"name":"` + template + `","params":{"1":"x"}},"outputs":{"ok":"b"}},
			{"id":"b","kind":"http","settings":{"url":"https://a.example/{{ secret.` + secret + ` }}","timeout":"5s"},"outputs":{"ok":"c","client_error":"c","server_error":"c","timeout":"c","failed":"c"}},
			{"id":"c","kind":"subflow","settings":{"flow":"` + sub + `"},"outputs":{"ok":"d","failed":"d"}},
			{"id":"d","kind":"action","settings":{"actions":[{"do":"set_field","field":"` + field + `","value":"1"},{"do":"add_label","label":"` + label + `"},{"do":"open_ticket","mode":"queue","queue":"` + queue + `"}]}}]}`)
	}
	codes := func(doc []byte) map[flow.Code]bool {
		out := map[flow.Code]bool{}
		for _, p := range flow.Lint(doc, env) {
			out[p.Code] = true
		}
		return out
	}
	wrong := []flow.Code{"queue_unknown", "field_unknown", "label_unknown", "secret_unknown", "template_unknown", "flow_unknown"}
	good := codes(doc("vendas", "plano", "vip", "ERP", "bom", "cadastro", "fatura"))
	for _, c := range append(wrong, "keyword_taken") {
		if good[c] {
			t.Errorf("%s is told of what the account has", c)
		}
	}
	bad := codes(doc("Vendas alheia", "plano_alheia", "vip alheia", "ERP_alheia", "bom alheia", "Alheio", "boleto"))
	for _, c := range append(wrong, "keyword_taken") {
		if !bad[c] {
			t.Errorf("%s is not told of what only another account has", c)
		}
	}
}
