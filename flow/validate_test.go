package flow

import (
	"testing"
	"time"
)

func TestParseAnswers(t *testing.T) {
	friday := time.Date(2026, 11, 20, 10, 0, 0, 0, time.UTC)
	date := func(s string) (string, bool) { return ParseDate(s, friday) }
	yesNo := func(s string) (string, bool) {
		yes, ok := ParseYesNo(s)
		if !ok {
			return "", false
		}
		return map[bool]string{true: "yes", false: "no"}[yes], true
	}
	number := func(s string) (string, bool) {
		f, ok := parseNumber(s, "")
		return formatNumber(f), ok
	}
	for _, tc := range []struct {
		name  string
		parse func(string) (string, bool)
		in    string
		want  string // "" means refused
	}{
		{"cpf", ParseCPF, "529.982.247-25", "52998224725"},
		{"cpf plain", ParseCPF, " 52998224725 ", "52998224725"},
		{"cpf wrong digit", ParseCPF, "529.982.247-26", ""},
		{"cpf repeated", ParseCPF, "111.111.111-11", ""},
		{"cpf short", ParseCPF, "5299822472", ""},
		{"cpf letters", ParseCPF, "5299822472a", ""},
		{"cnpj", ParseCNPJ, "11.222.333/0001-81", "11222333000181"},
		{"cnpj alphanumeric", ParseCNPJ, "12.abc.345/01de-35", "12ABC34501DE35"},
		{"cnpj wrong digit", ParseCNPJ, "11.222.333/0001-82", ""},
		{"cnpj letter in the check digits", ParseCNPJ, "12ABC34501DE3A", ""},
		{"cep", ParseCEP, "01310-100", "01310100"},
		{"cep short", ParseCEP, "1310-100", ""},
		{"phone with area", ParsePhone, "(11) 91234-5678", "+5511912345678"},
		{"phone of ten digits", ParsePhone, "11 3123-4567", "+551131234567"},
		{"phone with country", ParsePhone, "+55 11 91234 5678", "+5511912345678"},
		{"phone with country, no plus", ParsePhone, "5511912345678", "+5511912345678"},
		{"phone with trunk and carrier", ParsePhone, "0 15 11 91234-5678", "+5511912345678"},
		{"phone abroad", ParsePhone, "+351 912 345 678", "+351912345678"},
		{"phone without area", ParsePhone, "91234-5678", ""},
		{"phone of an area that is not", ParsePhone, "(20) 91234-5678", ""},
		{"phone, mobile without its 9", ParsePhone, "(11) 81234-56789", ""},
		{"phone of words", ParsePhone, "meu telefone", ""},
		{"email", ParseEmail, "Maria.Souza@Exemplo.COM.br", "Maria.Souza@exemplo.com.br"},
		{"email in brackets", ParseEmail, "<a@b.co>.", "a@b.co"},
		{"email without domain", ParseEmail, "maria@", ""},
		{"email without dot", ParseEmail, "maria@exemplo", ""},
		{"email with two ats", ParseEmail, "a@b@c.com", ""},
		{"email with a space", ParseEmail, "a b@c.com", ""},
		{"date", date, "25/12/2026", "2026-12-25"},
		{"date, day first", date, "01/02/2027", "2027-02-01"},
		{"date with dots and two digits", date, "2.5.90", "1990-05-02"},
		{"date, two digits ahead", date, "1/1/30", "2030-01-01"},
		{"date in words", date, "25 de Dezembro", "2026-12-25"},
		{"date in words with a year", date, "1º de março de 2027", "2027-03-01"},
		{"date in English", date, "December 25, 2026", "2026-12-25"},
		{"date without year, past this year", date, "10/01", "2027-01-10"},
		{"date today", date, "Hoje", "2026-11-20"},
		{"date tomorrow", date, "amanhã", "2026-11-21"},
		{"date, next weekday", date, "próxima terça", "2026-11-24"},
		{"date, the same weekday is a week away", date, "sexta-feira", "2026-11-27"},
		{"date ISO", date, "2026-12-25", "2026-12-25"},
		{"date run together", date, "25122026", "2026-12-25"},
		{"date that is not", date, "31/02/2026", ""},
		{"date, leap day", date, "29/02/2028", "2028-02-29"},
		{"date of words", date, "qualquer dia", ""},
		{"time", ParseTime, "14:30", "14:30"},
		{"time Brazilian", ParseTime, "às 14h30", "14:30"},
		{"time whole hour", ParseTime, "9h", "09:00"},
		{"time in the afternoon", ParseTime, "2 da tarde", "14:00"},
		{"time in the morning", ParseTime, "9 da manhã", "09:00"},
		{"time pm", ParseTime, "2:15pm", "14:15"},
		{"time noon", ParseTime, "Meio-dia", "12:00"},
		{"time that is not", ParseTime, "25:00", ""},
		{"time of one minute digit", ParseTime, "14:3", ""},
		{"yes", yesNo, "SIM!", "yes"},
		{"yes in words", yesNo, "com certeza", "yes"},
		{"yes in English", yesNo, "yep", "yes"},
		{"no", yesNo, "Não", "no"},
		{"no, thanks", yesNo, "não, obrigada", "no"},
		{"neither", yesNo, "talvez", ""},
		{"number Brazilian", number, "1.234,56", "1234.56"},
		{"number English", number, "1,234.56", "1234.56"},
		{"number with a comma", number, "10,5", "10.5"},
		{"number with a dot", number, "10.5", "10.5"},
		{"number, a dot before three digits is for thousands", number, "1.500", "1500"},
		{"number, less than one", number, "0.125", "0.125"},
		{"money", number, "R$ 1.234,00", "1234"},
		{"percent", number, "-3%", "-3"},
		{"number of words", number, "dez", ""},
		{"number with two commas and a dot", number, "1,2,3.4,5", ""},
	} {
		got, ok := tc.parse(tc.in)
		if ok != (tc.want != "") || (ok && got != tc.want) {
			t.Errorf("%s: %q gives %q, %v; want %q", tc.name, tc.in, got, ok, tc.want)
		}
	}
}

func TestFold(t *testing.T) {
	for in, want := range map[string]string{
		" Não ": "nao", "ÀÉÎÕÜÇ": "aeiouc", "a  b\tc": "a b c", "Straße": "straße", "": "", "OK 👍": "ok 👍", "ja\u0301": "ja",
	} {
		if got := fold(in); got != want {
			t.Errorf("fold(%q) = %q, want %q", in, got, want)
		}
	}
}

func TestDuration(t *testing.T) {
	for in, want := range map[string]string{
		"90s": "1m30s", "1d12h": "1d12h", "1w": "7d", "36h": "1d12h", "0": "0s", " 15m ": "15m", "500ms": "500ms", //nolint:gocritic // the spaces are the point
		"": "", "15": "", "1.5h": "", "-1h": "", "999999999999d": "", "4000d": "", "1y": "", "h": "",
	} {
		d, err := ParseDuration(in)
		if (err == nil) != (want != "") || (err == nil && d.String() != want) {
			t.Errorf("ParseDuration(%q) = %s, %v; want %q", in, d, err, want)
		}
	}
}

func TestWholeNumber(t *testing.T) {
	for in, want := range map[string]int{
		"2": 2, "2.": 2, "2)": 2, "opcao 3": 3, "nº 4": 4, "#5": 5, "2\ufe0f\u20e3": 2, "10": 10, "": -1, "dois": -1, "2 coisas": -1, "12345": 12345, "1234567": -1,
	} {
		n, ok := wholeNumber(said(in))
		if !ok {
			n = -1
		}
		if n != want {
			t.Errorf("wholeNumber(%q) = %d, want %d", in, n, want)
		}
	}
}
