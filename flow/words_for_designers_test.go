package flow

import (
	"strings"
	"testing"
)

// TestProblemsSpeakOneLanguage, stand where the mistake is, and name what there is instead. One fault has one problem.
func TestProblemsSpeakOneLanguage(t *testing.T) {
	doc := func(top, node string) string {
		return `{"spec_version":1,"name":"x","category":"manual","start":"a",` + top + `"nodes":[` + node + `,{"id":"fim","kind":"end"}]}`
	}
	question := func(settings string) string {
		return `{"id":"a","kind":"question","settings":{` + settings + `},"outputs":{"ok":"fim","invalid":"fim","timeout":"fim"}}`
	}
	for _, tc := range []struct{ name, doc, at, pt, en string }{
		{"a duration", doc("", question(`"text":"?","timeout":"30min"`)), "/nodes/0/settings/timeout", "escreva números inteiros", "write whole numbers"},
		{"a duration further in", doc("", question(`"text":"?","reminders":[{"after":"1 hora","text":"oi"}]`)), "/nodes/0/settings/reminders/0/after", "escreva números inteiros", "write whole numbers"},
		{"a number", doc("", question(`"text":"?","type":"number","max":"dez"`)), "/nodes/0/settings/max", "era preciso um número, mas há um texto", "want a number, found a text"},
		{"a filter", doc("", question(`"text":"{{ contact.name | upcas }}"`)), "/nodes/0/settings/text", `não existe o filtro "upcas"; você quis dizer "upcase"?`, `did you mean "upcase"?`},
		{"a tag", doc("", question(`"text":"{% if a %}x"`)), "/nodes/0/settings/text", "sem {% endif %}", "without {% endif %}"},
		{"a setting", doc("", question(`"text":"?","atempts":2`)), "/nodes/0/settings/atempts", `Você quis dizer "attempts"?`, `Did you mean "attempts"?`},
		{"a flow setting", doc(`"settings":{"reply_timout":"1h"},`, question(`"text":"?"`)), "/settings/reply_timout", `Você quis dizer "reply_timeout"?`, `Did you mean "reply_timeout"?`},
		{"a key of the document", doc(`"trigers":[],`, question(`"text":"?"`)), "/trigers", `Você quis dizer "triggers"?`, `Did you mean "triggers"?`},
		{"a trigger's key", doc(`"triggers":[{"id":"t","kind":"keyword","settings":{"words":["a"],"mach":"equals"}}],`, question(`"text":"?"`)), "/triggers/0/settings/mach", `Você quis dizer "match"?`, `Did you mean "match"?`},
		{"a kind", doc("", `{"id":"a","kind":"menus","settings":{}}`), "/nodes/0/kind", `Você quis dizer "menu"?`, `Did you mean "menu"?`},
		{"an output", doc("", `{"id":"a","kind":"end","outputs":{"ok":"fim"}}`), "/nodes/0/outputs/ok", "Não há nenhum.", "There are none."},
		{"a variable", doc("", question(`"text":"?","save_to":"meu-nome"`)), "/nodes/0/settings/save_to", "use letras sem acento", "use letters without accents"},
		{"an expression", doc("", `{"id":"a","kind":"condition","settings":{"rules":[{"expression":"1 = 1"}]},"outputs":{"true":"fim","false":"fim"}}`), "/nodes/0/settings/rules/0/expression", "escreva == e não =", "unexpected token"},
		{"a name in an expression", doc("", `{"id":"a","kind":"condition","settings":{"rules":[{"expression":"idade > 1"}]},"outputs":{"true":"fim","false":"fim"}}`), "/nodes/0/settings/rules/0/expression", "não existe a variável idade", "unknown name idade"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			problems := Lint([]byte(tc.doc), nil)
			found := 0
			for _, p := range problems {
				if p.Severity == SeverityError || p.Code == "setting_unknown" {
					found++
					if p.Pointer != tc.at || !strings.Contains(p.In("pt-BR"), tc.pt) || !strings.Contains(p.In("en"), tc.en) {
						t.Errorf("at %s: %s / %s", p.Pointer, p.In("pt-BR"), p.In("en"))
					}
				}
			}
			if found != 1 {
				t.Errorf("%d problems of one fault: %v", found, problems)
			}
		})
	}
}

// TestSystemFieldsTakeTheirOwnValues: what is no date is no birth date, and agents read why.
func TestSystemFieldsTakeTheirOwnValues(t *testing.T) {
	for _, tc := range []struct{ field, in, want string }{
		{"birth_date", "03/05/45", "1945-05-03"}, {"birth_date", "não quero dizer", ""}, {"email", "ANA@Ex.com ", "ANA@ex.com"}, {"email", "ana", ""},
		{"phone", "(11) 91234-5678", "+5511912345678"}, {"phone", "nenhum", ""}, {"cpf", "111.444.777-35", "11144477735"}, {"cpf", "123", ""}, {"rg", "12.345-X", "12.345-X"},
	} {
		p := play(t, `{}`, `{"id":"q","kind":"question","settings":{"text":"?","field":"`+tc.field+`"},"outputs":{"ok":"end","invalid":"end","timeout":"end"}}`, nodeEnd)
		p.start()
		got, told := "", false
		for _, f := range p.say(tc.in) {
			if f.Field != nil {
				got, _ = f.Field.Value.(string)
			}
			told = told || f.Line != nil
		}
		if got != tc.want || told != (tc.want == "") {
			t.Errorf("%s %q stores %q, agents are told: %v", tc.field, tc.in, got, told)
		}
	}
}
