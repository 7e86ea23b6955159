package flow_test

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/perene/perene/flow"
)

// plainEvent has a value for every name of texts that has one outside of flows.
func plainEvent() *flow.Event {
	return &flow.Event{
		Now: time.Date(2026, 11, 30, 18, 0, 0, 0, time.UTC),
		Contact: flow.Contact{ID: "7", Name: "Ana Lima", FirstName: "Ana", Phone: "+5581988004422", Email: "ana@example.com", BirthDate: "1988-04-12",
			CPF: "12345678909", RG: "1", ClientCode: "C-9", Language: "pt-BR", Fields: map[string]any{"plano": "Ouro", "pontos": 12.5}},
		Conversation: flow.Conversation{ID: "3", Number: "33", ConnectionName: "Loja", Protocol: "2026113000001"},
	}
}

// Rules 112, 200: what an agent writes knows the names that the texts of flows know, and says which have no value.
func TestPlainTexts(t *testing.T) {
	t.Parallel()
	zone := time.FixedZone("BRT", -3*60*60)
	env := &flow.Env{Account: flow.Account{Name: "Loja 1", Zone: zone, Locale: "pt-BR"}}
	for _, c := range []struct {
		in, want string
		missing  []string
	}{
		{in: "Olá {nome}, protocolo {protocolo}.", want: "Olá Ana Lima, protocolo 2026113000001."},
		{in: "{plano} com {{ pontos }} e {{ contact.fields.plano | upcase }}", want: "Ouro com 12.5 e OURO"},
		{in: "{saudacao}! Hoje é {hoje}, aqui é a {empresa}.", want: "Boa tarde! Hoje é 2026-11-30, aqui é a Loja 1."},
		{in: "{desconto} para {nome}, {desconto}", want: "{desconto} para Ana Lima, {desconto}", missing: []string{"desconto"}},
		{in: "{{ apelido | default: 'cliente' }}", want: "cliente"},
		{in: "{{ apelido | upcase }}!", want: "!", missing: []string{"apelido"}},
		{in: "{% if plano == 'Ouro' %}VIP{% else %}{nada}{% endif %}", want: "VIP"},
		{in: "{% for x in contact.labels %}{{ x }}{% endfor %}ok", want: "ok"},
		{in: `{"a": 1} {resposta}`, want: `{"a": 1} {resposta}`, missing: []string{"resposta"}},
		{in: "<b>{nome}</b>", want: "<b>Ana Lima</b>"},
	} {
		got, missing, err := flow.RenderPlain(c.in, plainEvent(), env)
		if err != nil || got != c.want || !slices.Equal(missing, c.missing) {
			t.Errorf("%q: %q, missing %v, %v; want %q, missing %v", c.in, got, missing, err, c.want, c.missing)
		}
	}
	gaps := map[string]bool{"resposta": true} // the answer to a flow's question
	for name := range flow.Aliases() {
		got, missing, err := flow.RenderPlain("{"+name+"}", plainEvent(), env)
		if err != nil || (len(missing) > 0) != gaps[name] {
			t.Errorf("{%s}: %q, missing %v, %v", name, got, missing, err)
		}
	}
}

// What cannot be read, and what asks for too much work, is refused.
func TestPlainTextsRefused(t *testing.T) {
	t.Parallel()
	for _, source := range []string{"{{ secret.token }}", "{% if nome %}", "{{", strings.Repeat("a", 40<<10)} {
		if err := flow.CheckPlain(source); err == nil {
			t.Errorf("%.20q may be saved", source)
		}
		if _, _, err := flow.RenderPlain(source, plainEvent(), &flow.Env{}); err == nil {
			t.Errorf("%.20q was rendered", source)
		}
	}
	busy := strings.Repeat("{{ nome | upcase | downcase }}", 1_000)
	if _, _, err := flow.RenderPlain(busy, plainEvent(), &flow.Env{}); !errors.Is(err, flow.ErrTextWork) {
		t.Errorf("a text that does too much: %v", err)
	}
	event := plainEvent()
	event.Meter = flow.NewMeter(func() bool { return true })
	if _, _, err := flow.RenderPlain(busy, event, &flow.Env{}); !errors.Is(err, flow.ErrHalted) {
		t.Errorf("a text that was stopped: %v", err)
	}
	event = plainEvent()
	before := plainEvent()
	if _, _, err := flow.RenderPlain("{% assign x = 1 %}{{ x }}{nome}", event, &flow.Env{}); err != nil || cmp.Diff(before.Contact, event.Contact) != "" {
		t.Errorf("the event changed, %v", err)
	}
}

func TestPlainTextsNameOnlyWhatHasAValue(t *testing.T) {
	t.Parallel()
	fields := []flow.Field{{Key: "plano"}}
	for source, want := range map[string]string{
		"Olá, {nome}, {plano}! {protocolo} {{ contact.fields.plano }} {{ now | date: \"%H\" }}": "",
		"Aqui é {atendente}.":        "atendente",
		"{{ vars.total }}":           "vars.total",
		"{{ contact.fields.outro }}": "contact.fields.outro",
		"{% if x %}":                 "",
	} {
		unknown := flow.LintPlain(source, fields)
		if want == "" && len(unknown) > 0 {
			t.Errorf("%s: %v", source, unknown)
		}
		if want != "" && (len(unknown) != 1 || !strings.Contains(unknown[0].In("pt-BR"), want)) {
			t.Errorf("%s: got %v, want one about %s", source, unknown, want)
		}
	}
}
