package flow

import "testing"

// The tables here hold neighbours of the cases in understand_test.go: the same kinds in other languages and writings.

func TestNeighboursOfNumbers(t *testing.T) {
	for _, tc := range []struct {
		lang, in string
		want     any
	}{
		{"pt-BR", "R$1.234.567,89", 1234567.89}, {"es", "€ 1.234,50", 1234.5}, {"en", "$1,234.50", 1234.5}, {"pt-BR", "1 234 567", nil}, {"pt-BR", "1.234.567", 1234567.0},
		{"pt-BR", "uns 20", 20.0}, {"pt-BR", "vinte", 20.0}, {"es", "veinte", 20.0}, {"en", "twenty", 20.0}, {"pt-BR", "trinta e cinco", 35.0}, {"en", "twenty-five", 25.0}, {"pt-BR", "cem", 100.0},
		{"pt-BR", "meia dúzia", 6.0}, {"pt-BR", "1,5 mil", 1500.0}, {"pt-BR", "1 milhão", 1000000.0}, {"es", "2 mil", 2000.0}, {"en", "3k", 3000.0},
		{"pt-BR", "½", nil}, {"pt-BR", "vinte cinco", 25.0}, {"es", "treinta y cinco", 35.0}, {"pt-BR", "cento e vinte e dois", 122.0}, {"pt-BR", "dois três", nil}, {"pt-BR", "vinte e trinta", nil}, {"en", "about 40", 40.0}, {"pt-BR", "0800", 800.0}, {"pt-BR", "12 kg", 12.0}, {"pt-BR", "~15", 15.0}, {"pt-BR", "१२", 12.0}, {"pt-BR", "(5)", 5.0},
		{"pt-BR", "1/2", nil}, {"pt-BR", "1..5", nil}, {"pt-BR", "entre 2 e 3", nil}, {"pt-BR", "12:30", nil}, {"pt-BR", "2026-11-20", nil}, {"pt-BR", "1.2.3", nil}, {"es", "5 de mayo", nil}, {"en", "May 5", nil},
	} {
		got, ok := spokenNumber(tc.in, tc.lang)
		if want, number := tc.want.(float64); ok != number || (ok && got != want) {
			t.Errorf("%s %q = %v, %v; want %v", tc.lang, tc.in, got, ok, tc.want)
		}
	}
}

func TestNeighboursOfDates(t *testing.T) {
	for _, tc := range []struct{ lang, in, want string }{
		{"pt-BR", "anteontem", "2026-11-18"}, {"pt-BR", "ontem", "2026-11-19"}, {"en", "tomorrow morning", "2026-11-21"}, {"en", "the day after tomorrow", "2026-11-22"}, {"es", "pasado mañana", "2026-11-22"},
		{"pt-BR", "20 de novembro de 2026", "2026-11-20"}, {"pt-BR", "20 nov 2026", "2026-11-20"}, {"en", "20 November 2026", "2026-11-20"}, {"en", "Nov 20, 2026", "2026-11-20"}, {"es", "20 de noviembre de 2026", "2026-11-20"},
		{"pt-BR", "vinte de novembro", "2026-11-20"}, {"pt-BR", "20/nov/2026", "2026-11-20"}, {"pt-BR", "20.11.26", "2026-11-20"}, {"pt-BR", "sábado", "2026-11-21"}, {"pt-BR", "no próximo domingo", "2026-11-22"}, {"en", "on saturday", "2026-11-21"},
		{"es", "el próximo viernes", "2026-11-27"}, {"pt-BR", "semana que vem", ""}, {"pt-BR", "daqui uma semana", "2026-11-27"}, {"pt-BR", "daqui a duas semanas", "2026-12-04"}, {"en", "in three days", "2026-11-23"}, {"es", "en 3 días", "2026-11-23"},
		{"pt-BR", "fim do mês", ""}, {"pt-BR", "30/02", ""}, {"pt-BR", "32/01/2026", ""}, {"pt-BR", "00/10/2026", ""}, {"pt-BR", "2026-02-30", ""}, {"pt-BR", "entre 5 e 10", ""},
	} {
		got, ok := parseDate(tc.in, friday20, tc.lang, dateBounds{})
		if got != tc.want || ok != (tc.want != "") {
			t.Errorf("%s %q = %q, %v; want %q", tc.lang, tc.in, got, ok, tc.want)
		}
	}
}

func TestNeighboursOfTimes(t *testing.T) {
	for in, want := range map[string]string{
		"14.30": "14:30", "14h e 30": "14:30", "14 horas e 30 minutos": "14:30", "quinze para as três": "02:45", "meia-noite": "00:00", "meia noite": "00:00", "midnight": "00:00", "noon": "12:00", "mediodía": "12:00", "medianoche": "00:00",
		"quarter past 9": "09:15", "9 e quinze": "09:15", "três da tarde": "15:00", "8pm.": "20:00", "08h00": "08:00", "8 hs": "08:00", "at 5 pm": "17:00", "a las 9 y media": "09:30", "las 8 de la noche": "20:00",
		"26:00": "", "14h60": "", "9 ou 10h": "", "13 da manhã": "", "13pm": "13:00", "9 to 10": "", "três menos cuarto": "02:45", "10 para as 9 da noite": "20:50",
	} {
		if got, ok := ParseTime(in); got != want || ok != (want != "") {
			t.Errorf("%q = %q, %v; want %q", in, got, ok, want)
		}
	}
}

func TestNeighboursOfPhonesAndDocuments(t *testing.T) {
	for _, tc := range []struct{ in, want string }{
		{"wa.me/5511987654321", "+5511987654321"}, {"https://wa.me/5511987654321", "+5511987654321"}, {"+351 912 345 678", "+351912345678"}, {"00 351 912 345 678", "+351912345678"}, {"+54 9 11 2345-6789", "+5491123456789"}, {"(11)98765.4321", "+5511987654321"},
		{"11 98765-4321 (whatsapp)", "+5511987654321"}, {"🇧🇷 +55 11 98765-4321", "+5511987654321"}, {"98765-4321 ddd 11", ""},
	} {
		ans, _ := readWith(tc.in, readPhone)
		if got, _ := ans.value.(string); got != tc.want {
			t.Errorf("phone %q = %q, want %q", tc.in, got, tc.want)
		}
	}
	for _, tc := range []struct {
		name  string
		parse func(string) (string, bool)
		in    string
		want  string
	}{
		{"cpf", ParseCPF, "111 444 777 35", "11144477735"}, {"cpf", ParseCPF, "111/444/777-35", "11144477735"}, {"cpf", ParseCPF, "cpf n° 111.444.777-35", "11144477735"}, {"cpf", ParseCPF, "*111.444.777-35*", "11144477735"}, {"cpf", ParseCPF, "111.111.111-11", ""},
		{"cnpj", ParseCNPJ, "11 222 333 0001 81", "11222333000181"}, {"cnpj", ParseCNPJ, "11.222.333/0001-80", ""}, {"cnpj", ParseCNPJ, "00.000.000/0000-00", ""},
		{"cep", ParseCEP, "01.310-100", "01310100"}, {"cep", ParseCEP, "meu cep é 01310100, obrigado", "01310100"}, {"cep", ParseCEP, "01310 100", "01310100"}, {"cep", ParseCEP, "01310-100 / 04538-133", ""},
		{"email", ParseEmail, "<ana@ex.com>", "ana@ex.com"}, {"email", ParseEmail, "mailto:ana@ex.com", "ana@ex.com"}, {"email", ParseEmail, "ana+loja@ex.com.br", "ana+loja@ex.com.br"}, {"email", ParseEmail, "ana@ex,com", ""}, {"email", ParseEmail, "ana@@ex.com", ""}, {"email", ParseEmail, "ａｎａ＠ｅｘ.com", "ana@ex.com"}, {"email", ParseEmail, "ana arroba gmail ponto com", ""},
	} {
		got, ok := findIn(tc.in, tc.parse)
		if got != tc.want || ok != (tc.want != "") {
			t.Errorf("%s %q = %q, %v; want %q", tc.name, tc.in, got, ok, tc.want)
		}
	}
}

func TestNeighboursOfYesAndNo(t *testing.T) {
	for in, want := range map[string]string{
		"isso": "yes", "isso mesmo": "yes", "ok": "yes", "okay": "yes", "confirmo": "yes", "positivo": "yes", "ss": "yes", "s": "yes", "y": "yes", "yep": "yes", "dale": "yes", "vale": "yes", "👌": "yes", "sim!!!": "yes", "sIm": "yes", "perfeito": "yes", "sure": "yes",
		"n": "no", "nn": "no", "negativo": "no", "nope": "no", "de jeito nenhum": "no", "❌": "no", "hoje não": "no", "não quero": "no", "nem pensar": "no", "not now": "no", "para nada": "no",
		"simples": "", "nota": "", "sinto": "", "depende": "", "não entendi": "", "quem sabe": "", "maybe": "", "quizás": "", "depois": "",
	} {
		yes, ok := ParseYesNo(in)
		got := ""
		if ok {
			got = map[bool]string{true: "yes", false: "no"}[yes]
		}
		if got != want {
			t.Errorf("%q is %q, want %q", in, got, want)
		}
	}
}
