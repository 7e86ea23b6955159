package provision_test

import (
	"bytes"
	"errors"
	"net/url"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/perene/perene/internal/token"
	"github.com/perene/perene/models"
	"github.com/perene/perene/provision"
)

const head = "account: {slug: loja-teste, name: Loja}\n"

func TestWrongFilesGiveSentencesWithLines(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for name, c := range map[string]struct {
		text string
		want []string
	}{
		"empty":             {"", []string{"loja.yaml: the file is empty"}},
		"not yaml":          {"account: [\n", []string{"loja.yaml:1: not YAML: did not find expected node content"}},
		"unknown field":     {head + "queues:\n  - nome: Vendas\n", []string{"loja.yaml:3: queues[0].nome: there is no such field; there are name, color, bot_order, write_lock, lease_minutes, hours"}},
		"unknown section":   {head + "filas: []\n", []string{"loja.yaml:2: filas: there is no such field; there are account, queues, users, labels, custom_fields, closing_reasons, secrets, secret_hosts, flows, connections, prune"}},
		"unknown setting":   {"account:\n  slug: loja-teste\n  settings:\n    botmenu: list\n", []string{"loja.yaml:4: account.settings.botmenu: there is no such field; there are bot_menu, "}},
		"twice":             {head + "queues: [{name: Vendas, name: Suporte}]\n", []string{"loja.yaml:2: queues[0].name: stands here twice"}},
		"no slug":           {"account: {name: Loja}\n", []string{"account.slug: the account's slug is missing or wrong: small letters"}},
		"no name":           {"account: {slug: loja-nova}\n", []string{`loja.yaml:1: account: there is no account "loja-nova" yet, and a new one needs a name`}},
		"zone":              {"account:\n  slug: loja-teste\n  timezone: Brasil\n", []string{`loja.yaml:3: account.timezone: there is no time zone "Brasil"; write it like America/Sao_Paulo`}},
		"not a number":      {head + "queues:\n  - name: Vendas\n    bot_order: first\n", []string{"loja.yaml:4: queues[0].bot_order: want a whole number"}},
		"not a list":        {head + "queues: {name: Vendas}\n", []string{"loja.yaml:2: queues: a list is wanted here"}},
		"not a boolean":     {head + "prune: sim\n", []string{"loja.yaml:2: prune: want true or false"}},
		"not fields":        {head + "queues: [Vendas]\n", []string{"loja.yaml:2: queues[0]: fields (name: value) are wanted here"}},
		"list for a value":  {head + "queues: [{name: [a]}]\n", []string{"loja.yaml:2: queues[0].name: one value is wanted here, not a list or a group of fields"}},
		"same queue":        {head + "queues:\n  - name: Vendas\n  - name: Vendas\n", []string{`loja.yaml:4: queues[1]: "Vendas" stands in queues[0] already`}},
		"colour":            {head + "labels: [{name: a, color: blue}]\n", []string{"labels[0].color: a colour is written like #2563eb"}},
		"hours":             {head + "queues: [{name: a, hours: {days: {\"7\": [], \"1\": [{from: \"18:00\", to: \"18:00\"}]}}}]\n", []string{"queues[0].hours.days.7: days are 0 (Sunday) to 6 (Saturday)", "queues[0].hours.days.1[0]: a period goes from one time of day to another"}},
		"user":              {head + "users: [{email: ana, name: \"\", role: boss}]\n", []string{"email is missing or no e-mail address", "name is missing", "role is missing or wrong: want user, supervisor or admin"}},
		"no such queue":     {head + "users: [{email: a@b.example, name: A, role: user, queues: [Nada]}]\n", []string{`users[0].queues[0]: there is no queue "Nada" in the account or the file`}},
		"password":          {head + "users: [{email: a@b.example, name: A, role: user, password_env: \"hunter 2\"}]\n", []string{"users[0].password_env: want the name of an environment variable, not a password"}},
		"no password":       {head + "users: [{email: a@b.example, name: A, role: user, password_env: NOT_SET}]\n", []string{"users[0].password_env: the environment variable NOT_SET is not set"}},
		"short password":    {head + "users: [{email: a@b.example, name: A, role: user, password_env: SHORT}]\n", []string{"the password in SHORT: a password has at least 8 characters"}},
		"field":             {head + "custom_fields: [{entity: pet, key: Nome, name: N, kind: cat}]\n", []string{"want contact, conversation or ticket", "small letters, digits and _", "want text, number,"}},
		"system field":      {head + "custom_fields: [{entity: contact, key: cpf, name: CPF, kind: text}]\n", []string{`custom_fields[0]: "cpf" is a field that every contact has`}},
		"field limits":      {head + "custom_fields: [{entity: contact, key: b, name: B, kind: list, options: [x, \"\", x]}, {entity: contact, key: c, name: C, kind: text, max_length: 5000}]\n", []string{"custom_fields[0].options[1]: an option is empty", "custom_fields[0].options[2]: an option is empty or stands here twice", "custom_fields[1].max_length: want 0 to 4096"}},
		"field kind":        {head + "custom_fields: [{entity: contact, key: a, name: A, kind: number, options: [x], max_length: 5}, {entity: contact, key: b}]\n", []string{"custom_fields[0].options: a field of kind number has no options", "custom_fields[0].max_length: only a text has a longest length", "custom_fields[1]: name is missing", "custom_fields[1]: kind is missing or wrong"}},
		"new user":          {head + "users: [{email: a@b.example}]\n", []string{"users[0]: name is missing", "users[0]: role is missing or wrong"}},
		"literal secret":    {head + "secrets: {ERP: plain-0000}\nconnections:\n  - name: A\n    access_token: plain-0001\n    app_secret: ${X:-plain-0002}\n", []string{"loja.yaml:2: secrets.ERP: a secret may not stand in the file", "loja.yaml:5: connections[0].access_token: a secret may not stand in the file", "loja.yaml:6: connections[0].app_secret: a secret may not stand in the file"}},
		"secret not set":    {head + "connections: [{name: A, access_token: \"${NOT_SET}\"}]\n", []string{"connections[0].access_token: the environment variable NOT_SET is not set"}},
		"value not set":     {head + "connections: [{name: A, graph_base_url: \"${NOT_SET}/graph\"}]\n", []string{"connections[0].graph_base_url: the environment variable NOT_SET is not set"}},
		"value not shown":   {head + "connections: [{name: \"${DATABASE_URL}\", graph_base_url: \"https://a.example/${HOME:-x}\"}]\n", []string{"connections[0].name: DATABASE_URL may not be shown: give the variable a name that begins with PERENE_VALUE_", "connections[0].graph_base_url: HOME may not be shown"}},
		"machine's secret":  {head + "secrets: {ERP: \"${PERENE_MASTER_KEY}\", DB: \"${DATABASE_URL}\", T: \"${TEMPORAL_API_KEY:-x}\"}\n", []string{"secrets.ERP: PERENE_MASTER_KEY is this machine's own", "secrets.DB: DATABASE_URL is this machine's own", "secrets.T: TEMPORAL_API_KEY is this machine's own"}},
		"broken variable":   {head + "connections: [{name: A, graph_base_url: \"${NOT SET}\"}]\n", []string{"${ wants the name of a variable and }"}},
		"channel":           {head + "connections: [{name: A, channel: telegram}]\n", []string{`connections[0].channel: there is no channel "telegram"; there is whatsapp_cloud`}},
		"plain http":        {head + "connections: [{name: A, graph_base_url: \"http://graph.example.com\"}]\n", []string{"the address must begin with https:// : tokens travel to it"}},
		"version":           {head + "connections: [{name: A, graph_version: \"25\"}]\n", []string{"a version is written like v25.0"}},
		"digits":            {head + "connections: [{name: A, phone_number_id: \"+55 11\"}]\n", []string{"connections[0].phone_number_id: want the digits Meta shows"}},
		"pace":              {head + "connections: [{name: A, rate_per_second: 2000}]\n", []string{"want 0 (the channel's own) to 1000"}},
		"two defaults":      {head + "connections: [{name: A, default: true}, {name: B, default: true}]\n", []string{"connections[1].default: exactly one connection is the default"}},
		"same key":          {head + "connections: [{name: A, key: same}, {name: B, key: same}]\n", []string{"connections[1].key: another connection has this key"}},
		"same number":       {head + "connections: [{name: A, phone_number_id: \"1\"}, {name: B, phone_number_id: \"1\"}]\n", []string{"another connection has this phone_number_id"}},
		"initial flow":      {head + "connections: [{name: A, initial_flow: Nada}]\n", []string{`connections[0].initial_flow: there is no flow "Nada" in the account or the file`}},
		"initial queue":     {head + "connections: [{name: A, initial_queue: Nada}]\n", []string{`connections[0].initial_queue: there is no queue "Nada" in the account or the file`}},
		"flow of nothing":   {head + "flows: [{name: A}]\n", []string{"flows[0]: a flow has either file or document"}},
		"flow file missing": {head + "flows: [{file: nada.json}]\n", []string{"flows[0].file: nada.json cannot be read: no such file or directory"}},
		"flow with errors": {head + "flows:\n  - name: A\n    document: {spec_version: 1, category: initial, start: nada, nodes: [{id: a, kind: content, settings: {}}]}\n",
			[]string{`loja.yaml:3: flows[0]: document /start: There is no node "nada". What exists: a. (node_unknown)`, `document /nodes/0/settings/items: Fill in "items". (setting_missing)`}},
		"flow names nothing": {head + "flows:\n  - name: A\n    document: {spec_version: 1, category: initial, start: a, nodes: [{id: a, kind: action, settings: {actions: [{do: open_ticket, mode: queue, queue: \"queue:Nada\"}]}}]}\n",
			[]string{`flows[0]: document /nodes/0/settings/actions/0/queue: there is no queue "Nada" in the account or the file`}},
		"flow category":  {head + "flows: [{name: A, document: {category: x}}]\n", []string{"document /category: want initial, closing, manual or scheduled"}},
		"error policies": {"account: {slug: loja-teste, name: L, error_policies: {nada: {steps: [1]}}}\n", []string{`account.error_policies: policy "nada" does not exist`}},
	} {
		w.env["SHORT"] = "short"
		_, err := w.try(c.text, w.options())
		var bad *provision.FileError
		if !errors.As(err, &bad) {
			t.Errorf("%s: got %v, want a FileError", name, err)
			continue
		}
		for _, want := range c.want {
			if !strings.Contains(err.Error(), want) {
				t.Errorf("%s: got\n%v\nwant %q", name, err, want)
			}
		}
		if strings.Contains(err.Error(), "plain-000") {
			t.Errorf("%s: a secret that stands in the file was shown: %v", name, err)
		}
	}
	if got := w.query(`SELECT count(*)::text FROM accounts`); got != "0" {
		t.Errorf("wrong files made %s accounts", got)
	}
}

func TestAddressesOfFlowsAreThoseOfTheInstallation(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.env["ERP"] = "https://erp.test.example"
	text := head + `flows:
  - name: A
    urls: {"https://erp.example": "${ERP}", "https://erp.example/v2": "${ERP}/new"}
    document:
      spec_version: 1
      category: manual
      start: a
      nodes:
        - {id: a, kind: http, settings: {url: "https://erp.example/v2/stock"}, outputs: {ok: b, client_error: b, server_error: b, timeout: b, failed: b}}
        - {id: b, kind: content, settings: {items: [{kind: text, text: "https://erp.example"}]}, outputs: {ok: c}}
        - {id: c, kind: end, settings: {outcome: done}}
`
	w.apply(text)
	if got := w.query(`SELECT graph->'nodes'->0->'settings'->>'url' FROM flow_versions`); got != "https://erp.test.example/new/stock" {
		t.Errorf("address: %s", got)
	}
	if got := w.query(`SELECT graph->'nodes'->1->'settings'->'items'->0->>'text' FROM flow_versions`); got != "https://erp.example" {
		t.Errorf("a text was changed: %s", got)
	}
	w.says(w.apply(text))
}

func TestInDevelopmentASecretMayStandInTheFile(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	opts := w.options()
	opts.Development = true
	r, err := w.try(head+"connections: [{name: A, access_token: \"${X:-sim-token}\", app_secret: sim-secret}]\n", opts)
	if err != nil {
		t.Fatal(err)
	}
	w.says(r, "created account loja-teste", "created connection A")
	if strings.Contains(w.out.String(), "sim-token") || strings.Contains(w.out.String(), "sim-secret") {
		t.Errorf("a secret was shown")
	}
}

func TestAnAddressOfAnotherAccountIsRefused(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.apply(w.file())
	_, err := w.try("account: {slug: outra, name: Outra}\nusers: [{email: ANA@loja.example, name: A, role: admin}]\n", w.options())
	if err == nil || !strings.Contains(err.Error(), "loja.yaml:2: users[0]: this e-mail address belongs to a user of another account") {
		t.Errorf("got %v", err)
	}
	_, err = w.try("account: {slug: outra, name: Outra}\nconnections: [{name: X, key: suporte-01}]\n", w.options())
	if err == nil || !strings.Contains(err.Error(), "another connection has this key") {
		t.Errorf("got %v", err)
	}
}

func TestARemovedConnectionComesBackByItsName(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.apply(w.file())
	w.apply("account: {slug: loja-teste}\nprune: true\n")
	r := w.apply(head + "connections: [{name: Comercial WhatsApp}]\n")
	w.says(r, "updated account loja-teste: name", "restored connection Comercial WhatsApp: default")
	if len(r.Doorbells) != 1 {
		t.Errorf("doorbells: %+v", r.Doorbells)
	}
}

func TestApplyFileReadsFlowsBesideTheFile(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	opts := w.options()
	opts.Dir = ""
	if _, err := provision.ApplyFile(t.Context(), w.s, w.key, "testdata/account.yaml", opts); err != nil {
		t.Fatal(err)
	}
	if _, err := provision.ApplyFile(t.Context(), w.s, w.key, "testdata/nothing.yaml", opts); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("got %v", err)
	}
}

func TestLoginLinkSignsInOnce(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	opts := provision.LinkOptions{PublicURL: "http://localhost:8080", Random: bytes.NewReader(bytes.Repeat([]byte{1, 2, 3}, 100))}
	if _, err := provision.LoginLink(t.Context(), w.s, opts); models.CodeOf(err) != models.CodeNotFound {
		t.Errorf("without an account: %v", err)
	}
	w.apply(w.file())
	link, err := provision.LoginLink(t.Context(), w.s, opts)
	if err != nil {
		t.Fatal(err)
	}
	u, err := url.Parse(link.URL)
	if err != nil || u.Host != "localhost:8080" || u.Path != "/entrar" || link.Email != "ana@loja.example" || !link.ExpiresAt.Equal(now.Add(15*time.Minute)) {
		t.Errorf("link: %+v, %v", link, err)
	}
	if u.RawQuery != "" {
		t.Errorf("the link's query is sent to servers: %q", u.RawQuery)
	}
	_, user, err := w.s.UseLoginLink(t.Context(), token.Hash(strings.TrimPrefix(u.Fragment, "t=")))
	if err != nil || w.query(`SELECT email FROM users WHERE id = $1`, user) != "ana@loja.example" {
		t.Errorf("the link does not sign Ana in: %v", err)
	}
	if _, _, err := w.s.UseLoginLink(t.Context(), token.Hash(strings.TrimPrefix(u.Fragment, "t="))); models.CodeOf(err) != models.CodeGone {
		t.Errorf("the link works twice: %v", err)
	}
	if strings.Contains(w.query(`SELECT string_agg(l::text, ' ') FROM login_links l`), strings.TrimPrefix(u.Fragment, "t=")) {
		t.Errorf("the token is kept in plain")
	}

	opts.Email = "carla@loja.example"
	if link, err = provision.LoginLink(t.Context(), w.s, opts); err != nil || link.Email != "carla@loja.example" {
		t.Errorf("for Carla: %+v, %v", link, err)
	}
	opts.Email = "nobody@loja.example"
	if _, err = provision.LoginLink(t.Context(), w.s, opts); models.CodeOf(err) != models.CodeNotFound {
		t.Errorf("for nobody: %v", err)
	}
	w.apply("account: {slug: outra, name: Outra}\n")
	if _, err = provision.LoginLink(t.Context(), w.s, provision.LinkOptions{PublicURL: opts.PublicURL}); err == nil || !strings.Contains(err.Error(), "choose one: loja-teste, outra") {
		t.Errorf("with two accounts: %v", err)
	}
	if _, err = provision.LoginLink(t.Context(), w.s, provision.LinkOptions{Account: "outra", PublicURL: opts.PublicURL}); err == nil || !strings.Contains(err.Error(), "no administrator") {
		t.Errorf("without an administrator: %v", err)
	}
	if _, err = provision.LoginLink(t.Context(), w.s, provision.LinkOptions{}); err == nil || !strings.Contains(err.Error(), "PERENE_PUBLIC_URL is not set") {
		t.Errorf("without a public URL: %v", err)
	}
}
