package flow

import (
	"strings"
	"testing"
	"time"
)

// testRun is a run in the middle of a step, for tests of texts and expressions.
func testRun(t testing.TB, vars map[string]any) *run {
	t.Helper()
	zone, err := time.LoadLocation("America/Sao_Paulo")
	if err != nil {
		t.Fatal(err)
	}
	g, err := Load([]byte(`{"spec_version":1,"id":"1","name":"T","category":"manual","start":"a","nodes":[{"id":"a","kind":"end"}]}`))
	if err != nil {
		t.Fatal(err)
	}
	return &run{
		g: g, root: g, env: &Env{Account: Account{Name: "Padaria"}}, lim: DefaultLimits, zone: zone, now: time.Date(2026, 11, 20, 13, 5, 0, 0, time.UTC),
		ev: &Event{Conversation: Conversation{Protocol: "2026112000017", ConnectionName: "Suporte"}},
		s:  State{Run: "42", Language: "pt-BR", Frames: []Frame{{Flow: "1", Node: "a", Visit: 1, Vars: vars}}},
		contact: Contact{
			ID: "9", Name: "MARIA da Silva", Phone: "+5511912345678", CPF: "52998224725", BirthDate: "1990-05-02", Labels: []string{"vip", "lead"},
			Fields: map[string]any{"plano": "Ouro", "foto": "file-7", "pontos": 1234567.5},
		},
	}
}

func renderIn(t testing.TB, r *run, source string) string {
	t.Helper()
	tpl, err := compileText(source, false)
	if err != nil {
		t.Fatalf("%s: %v", source, err)
	}
	return r.text(Text{source: source, tpl: tpl})
}

func TestTexts(t *testing.T) {
	r := testRun(t, map[string]any{
		"itens": []any{map[string]any{"nome": "Pão", "preco": 1.5}, map[string]any{"nome": "Leite", "preco": 12.0}}, "n": 3.0, "vazio": "",
		"quando": "2026-12-25T18:00:00Z", "dia": "2026-12-25", "ok": true, "nome_longo": "JOÃO DOS SANTOS E SILVA",
	})
	for source, want := range map[string]string{
		"sem nada {}{ x} { 1 }":                                   "sem nada {} { 1 }", // "{ x}" is an alias of nothing
		"{nome}":                                                  "MARIA da Silva",    // rules 112, 183
		"{primeiro_nome}, {plano} {foto}":                         "MARIA, Ouro file-7",
		"{{contact.fields.plano}}":                                "Ouro", // rule 202
		"{{ plano }} {{ vars.n }}":                                "Ouro 3",
		"{cpf} {telefone} {protocolo}":                            "52998224725 +5511912345678 2026112000017",
		"{empresa} {conexao}":                                     "Padaria Suporte",
		"{saudacao}":                                              "Bom dia",
		"{hoje} {agora}":                                          "2026-11-20 20/11/2026 10:05",
		"{{ itens.1.nome }} {{ itens.size }}":                     "Leite 2",
		"{{ pontos }}":                                            "1234567.5",
		"{{ pontos | number }}":                                   "1.234.567,5",
		"{{ pontos | currency }}":                                 "R$ 1.234.567,50",
		"{{ n | currency: 'USD' }}":                               "US$ 3,00",
		"{{ vazio | default: 'nada' }}":                           "nada",
		"{{ sumiu | default: n }}":                                "3",
		"{{ quando | date: 'datetime' }}":                         "25/12/2026 15:00",
		"{{ quando | date: '%d de %B, %A, %Hh%M' }}":              "25 de dezembro, sexta-feira, 15h00",
		"{{ dia | date: 'long' }} {{ dia | add_days: 7 | date }}": "25 de dezembro de 2026 01/01/2027",
		"{{ data_nascimento | date }}":                            "02/05/1990",
		"{{ cpf | cpf }} {{ telefone | phone }} {{ '01310100' | cep }}":                               "529.982.247-25 +55 (11) 91234-5678 01310-100",
		"{{ '12345678' | mask: '####-####' }} {{ '123' | mask: '##' }}":                               "1234-5678 123",
		"{{ nome_longo | title }}":                                                                    "João dos Santos e Silva",
		"{{ itens | map: 'nome' | join: ' e ' | upcase }}":                                            "PÃO E LEITE",
		"{{ itens | where: 'nome', 'Pão' | size }}":                                                   "1",
		"{{ n | plus: 2 | times: 10 | divided_by: 4 | round: 1 }}":                                    "12.5",
		"{{ ok }} {{ ok | yes_no }} {{ n }}":                                                          "true sim 3",
		"{{ contact.labels }} {{ contact.labels.0 }}":                                                 "vip, lead vip",
		"{% for i in itens %}{{ forloop.index }}. {{ i.nome }} {{ i.preco | currency }};{% endfor %}": "1. Pão R$ 1,50;2. Leite R$ 12,00;",
		"{% if n > 2 and ok %}sim {nome}{% else %}não{% endif %}":                                     "sim MARIA da Silva",
		"{% assign x = n | times: 2 %}{{ x }} {{ pontos }}":                                           "6 1234567.5",
		"a {{- n -}} b": "a3b",
		"{{ nome | truncate: 5 }} {{ nome | first_word | downcase | capitalize }}": "MARI… Maria",
		"{{ 'a,b,c' | split: ',' | reverse | join: '' }}":                          "cba",
	} {
		if got := renderIn(t, r, source); got != want {
			t.Errorf("%s\n gives %q\n want  %q", source, got, want)
		}
	}
}

func TestTextsRefused(t *testing.T) {
	for source, want := range map[string]string{
		"{{ nome":                                 "without",
		"{{ }}":                                   "empty",
		"{{ nome | explode }}":                    "no filter",
		"{{ nome | upcase | }}":                   "not understood",
		"{{ secret.KEY }}":                        "only in the address",
		"{% include 'x' %}":                       "no tag",
		"{% capture x %}{% endcapture %}":         "no tag",
		"{% for i in (1..1000000) %}{% endfor %}": "ranges",
		"{% for a in x %}{% for b in x %}{% for c in x %}{% endfor %}{% endfor %}{% endfor %}": "nested",
		"{% if x %}":                         "",
		"{% if secret.KEY %}{% endif %}":     "secret",
		"a\x00b":                             "NUL",
		strings.Repeat("x", maxTextSource+1): "longer",
	} {
		_, err := compileText(source, false)
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%.60s: error %v, want one with %q", source, err, want)
		}
	}
}

// TestPlainAndTagsAgree: a text renders the same with and without a tag, that is with and without Liquid's own renderer.
func TestPlainAndTagsAgree(t *testing.T) {
	r := testRun(t, map[string]any{"n": 1e6, "f": 0.1, "l": []any{1.0, "x", true}, "o": map[string]any{"a": 1.0}, "i": "2026-12-25T18:00:00Z", "b": false})
	for _, source := range []string{"{{ n }}", "{{ f }}", "{{ l }}", "{{ o }}", "{{ agora }}", "{{ i }}", "{{ b }}", "{{ sumiu }}", "{nome} {{ l | json }}", "{{ n | plus: 0.5 }}"} {
		plain, tagged := renderIn(t, r, source), renderIn(t, r, source+"{% if b %}{% endif %}")
		if plain != tagged {
			t.Errorf("%s: %q without a tag, %q with one", source, plain, tagged)
		}
	}
}

// TestSecretText: secrets stay references, and what a contact types is text whatever it looks like.
func TestSecretText(t *testing.T) {
	r := testRun(t, map[string]any{"texto": `{{secret.KEY}} "aspas"`})
	tpl, err := compileText(`Bearer {{ secret.KEY }} {{ texto }}`, true)
	if err != nil {
		t.Fatal(err)
	}
	got := r.request(RequestText{tpl: tpl}, escapeJSON)
	text, missing := got.Resolve(func(name string) (string, bool) { return "s3\"cr3t", name == "KEY" })
	if want := `Bearer s3\"cr3t {{secret.KEY}} \"aspas\"`; text != want || len(missing) > 0 {
		t.Errorf("resolved to %q, missing %v; want %q", text, missing, want)
	}
	if want := `Bearer {{secret.KEY}} {{secret.KEY}} \"aspas\"`; got.Redacted() != want {
		t.Errorf("redacted to %q, want %q", got.Redacted(), want)
	}
	if _, missing := got.Resolve(func(string) (string, bool) { return "", false }); len(missing) != 1 || missing[0] != "KEY" {
		t.Errorf("missing secrets are %v", missing)
	}
}

func TestExpressions(t *testing.T) {
	vars := map[string]VariableSpec{
		"n": {Name: "n", Type: TypeNumber}, "s": {Name: "s", Type: TypeText}, "l": {Name: "l", Type: TypeList}, "x": {Name: "x", Type: TypeAny},
		"b": {Name: "b", Type: TypeBoolean}, "none": {Name: "none", Type: TypeNumber},
	}
	r := testRun(t, map[string]any{"n": 20.0, "s": "Olá", "l": []any{3.0, 1.0, 2.0}, "x": map[string]any{"y": 5.0}, "b": true})
	names := newScope(vars)
	for source, want := range map[string]any{
		"n >= 18 && b":                             true,
		"n + 1":                                    21.0,
		"fold(s) == 'ola'":                         true,
		"sum(l) > 5":                               true,
		"any(l, # > 2)":                            true,
		"x.y * 2":                                  10.0,
		"none > 3":                                 nil, // a missing value fails, which reads as false
		"none ?? 7":                                7.0,
		"has(none)":                                false,
		"'vip' in contact.labels":                  true,
		"contact.fields.plano == 'Ouro'":           true,
		"contact.name matches '^MARIA'":            true,
		"days_between(hoje, '2026-12-25')":         35.0,
		"add_days(hoje, 10)":                       "2026-11-30",
		"hour(now) < 12 && weekday(now) == 5":      true,
		"number('1.234,5') + 1":                    1235.5,
		"b ? 'a' : 'b'":                            "a",
		"len(filter(l, # > 1)) == 2 and not false": true,
	} {
		e, err := compileExpression(&compiler{}, source, names, false)
		if err != nil {
			t.Errorf("%s: %v", source, err)
			continue
		}
		if got, _ := r.eval(e); got != want {
			t.Errorf("%s = %v (%T), want %v", source, got, got, want)
		}
	}
}

func TestExpressionsRefused(t *testing.T) {
	names := newScope(map[string]VariableSpec{"n": {Name: "n", Type: TypeNumber}, "s": {Name: "s", Type: TypeText}, "l": {Name: "l", Type: TypeList}})
	for _, source := range []string{
		"n +", "sumiu > 1", "n > 'a'", "n", "contact.sumiu == ''", "now() != ''", "keys(contact.fields) == []", "let a = s; a == a",
		"any(l, any(l, true))", "s matches s", "s matches '('", "repeat(s, 1000000) == s", "reduce(l, #acc + #) > 1", "2 ** 1000 > 1", "date(s) == s",
		"replace(s, '', s) == s", strings.Repeat("n > 1 && ", 200) + "true", strings.Repeat("(", 5000), "env", "$env.n > 1 && $env['x'] == 1",
	} {
		if _, err := compileExpression(&compiler{}, source, names, true); err == nil {
			t.Errorf("%.60s is accepted", source)
		}
	}
}
