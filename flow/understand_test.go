package flow

import (
	"reflect"
	"testing"
	"time"
)

// friday is the day of the tests: Friday, 20 November 2026, in São Paulo.
var friday20 = time.Date(2026, 11, 20, 10, 0, 0, 0, time.FixedZone("-03", -3*3600))

// TestNumbersAsPeopleWriteThem: groups are checked, signs and currencies kept apart, and no number comes of two, of a date
// or of an address. What "1,234" is goes by the language.
func TestNumbersAsPeopleWriteThem(t *testing.T) {
	for _, tc := range []struct {
		lang, in string
		want     any
	}{
		{"pt-BR", "1.234,56", 1234.56}, {"pt-BR", "1,234.56", 1234.56}, {"en", "1.234,56", 1234.56}, {"pt-BR", "1.500", 1500.0}, {"en", "1.500", 1.5},
		{"pt-BR", "1,234", 1.234}, {"en", "1,234", 1234.0}, {"en-US", "12,345,678", 12345678.0}, {"es", "1.234", 1234.0}, {"es-MX", "1,234", 1234.0},
		{"pt-BR", "50,00.", 50.0}, {"pt-BR", "99,90,", 99.9}, {"pt-BR", "99,90!", 99.9}, {"pt-BR", "R$ 10", 10.0}, {"pt-BR", "r$10,50", 10.5}, {"pt-BR", "-R$ 10", -10.0},
		{"pt-BR", "R$ -10", -10.0}, {"pt-BR", "10 reais", 10.0}, {"pt-BR", "US$ 1.000", 1000.0}, {"pt-BR", "−5", -5.0}, {"pt-BR", "–5", -5.0}, {"pt-BR", "+5", 5.0}, {"pt-BR", "10%", 10.0},
		{"pt-BR", "１２", 12.0}, {"pt-BR", "1️⃣2️⃣", 12.0}, {"pt-BR", "🔟", 10.0}, {"pt-BR", "١٢", 12.0}, {"pt-BR", "\u200b12\u202c", 12.0}, {"pt-BR", ",5", 0.5}, {"pt-BR", ".5", 0.5},
		{"pt-BR", "3 pessoas", 3.0}, {"pt-BR", "dez", 10.0}, {"en", "three", 3.0}, {"pt-BR", "2 mil", 2000.0}, {"pt-BR", "12 345,67", 12345.67}, {"pt-BR", "quero 2", 2.0},
		{"pt-BR", "25.12.2026", nil}, {"pt-BR", "25/12", nil}, {"pt-BR", "3 4", nil}, {"pt-BR", "100 200", nil}, {"pt-BR", "1,234,56", nil}, {"pt-BR", "192.168.0.1", nil},
		{"pt-BR", "1.23.456", nil}, {"pt-BR", "2 ou 3", nil}, {"pt-BR", "5 de março", nil}, {"pt-BR", "5 março", nil}, {"pt-BR", "10h", nil}, {"pt-BR", "2-3", nil}, {"pt-BR", "--5", nil},
		{"pt-BR", "0.500", 0.5}, {"pt-BR", "1234.567", 1234.567}, {"pt-BR", "abc", nil}, {"pt-BR", "", nil}, {"pt-BR", "12a", nil},
	} {
		got, ok := spokenNumber(tc.in, tc.lang)
		if want, number := tc.want.(float64); ok != number || (ok && got != want) {
			t.Errorf("%s %q = %v, %v; want %v", tc.lang, tc.in, got, ok, tc.want)
		}
	}
}

// TestDatesAsPeopleWriteThem: words, days without a month, a time behind, politeness, years left open within bounds.
func TestDatesAsPeopleWriteThem(t *testing.T) {
	past := dateBounds{latest: "2026-11-20"}
	for _, tc := range []struct {
		in, want string
		within   dateBounds
	}{
		{"hoje", "2026-11-20", dateBounds{}}, {"hj", "2026-11-20", dateBounds{}}, {"Amanhã!", "2026-11-21", dateBounds{}}, {"amanhã às 10h", "2026-11-21", dateBounds{}},
		{"amanhã cedo", "2026-11-21", dateBounds{}}, {"hoje mesmo", "2026-11-20", dateBounds{}}, {"pode ser amanhã", "2026-11-21", dateBounds{}}, {"mañana", "2026-11-21", dateBounds{}},
		{"depois de amanhã", "2026-11-22", dateBounds{}}, {"dia 5", "2026-12-05", dateBounds{}}, {"dia 25", "2026-11-25", dateBounds{}}, {"no dia 31", "2026-12-31", dateBounds{}},
		{"dia 25/12", "2026-12-25", dateBounds{}}, {"5/3", "2027-03-05", dateBounds{}}, {"5/3", "2026-03-05", past}, {"dia 5", "2026-11-05", past}, {"5 de março", "2027-03-05", dateBounds{}},
		{"5 de marzo", "2027-03-05", dateBounds{}}, {"March 5", "2027-03-05", dateBounds{}}, {"1º de maio", "2027-05-01", dateBounds{}}, {"primeiro de maio", "2027-05-01", dateBounds{}},
		{"sexta que vem", "2026-11-27", dateBounds{}}, {"seg", "2026-11-23", dateBounds{}}, {"na terça", "2026-11-24", dateBounds{}}, {"próxima segunda-feira", "2026-11-23", dateBounds{}},
		{"next monday", "2026-11-23", dateBounds{}}, {"el lunes", "2026-11-23", dateBounds{}}, {"segunda", "2026-11-16", past}, {"daqui a 3 dias", "2026-11-23", dateBounds{}}, {"in 2 weeks", "2026-12-04", dateBounds{}},
		{"25/12/2026 10:00", "2026-12-25", dateBounds{}}, {"2026-12-25T10:00:00-03:00", "2026-12-25", dateBounds{}}, {"25–12–2026", "2026-12-25", dateBounds{}}, {"２５/１２/２０２６", "2026-12-25", dateBounds{}},
		{"29/02", "2028-02-29", dateBounds{}}, {"03/05/45", "1945-05-03", past}, {"03/05/30", "1930-05-03", past}, {"03/05/30", "2030-05-03", dateBounds{}}, {"25122026", "2026-12-25", dateBounds{}},
		{"31/02/2026", "", dateBounds{}}, {"29/02/2027", "", dateBounds{}}, {"boleto", "", dateBounds{}}, {"10", "", dateBounds{}}, {"25/13", "", dateBounds{}}, {"12:30", "", dateBounds{}}, {"", "", dateBounds{}},
	} {
		got, ok := parseDate(tc.in, friday20, "pt-BR", tc.within)
		if got != tc.want || ok != (tc.want != "") {
			t.Errorf("%q within %v = %q, %v; want %q", tc.in, tc.within, got, ok, tc.want)
		}
	}
	if got, _ := parseDate("12/25/2026", friday20, "en-US", dateBounds{}); got != "2026-12-25" {
		t.Errorf("the American order gives %q", got)
	}
}

func TestTimesAsPeopleWriteThem(t *testing.T) {
	for in, want := range map[string]string{
		"14h30": "14:30", "14:30": "14:30", "14h": "14:00", "às 9h": "09:00", "2 da tarde": "14:00", "duas da tarde": "14:00", "9 da manhã": "09:00", "8 da noite": "20:00", "12 da noite": "00:00",
		"12h da noite": "00:00", "3 da madrugada": "03:00", "meio-dia": "12:00", "meio-dia e meia": "12:30", "9 e meia": "09:30", "2 e meia da tarde": "14:30", "1430": "14:30", "930": "09:30",
		"2pm": "14:00", "12am": "00:00", "12 pm": "12:00", "2:30 p.m.": "14:30", "a las 2 de la tarde": "14:00", "2 y media": "02:30", "half past 9": "09:30", "１４ｈ３０": "14:30", "14h30min": "14:30", "9 horas": "09:00",
		"24:00": "00:00", "14h30!": "14:30", "pode ser às 15h": "15:00", "14:30:00": "14:30",
		"25h": "", "9h às 10h": "", "12:75": "", "14 30": "", "boleto": "", "": "",
	} {
		if got, ok := ParseTime(in); got != want || ok != (want != "") {
			t.Errorf("%q = %q, %v; want %q", in, got, ok, want)
		}
	}
}

// TestPhonesAsPeopleWriteThem: what is refused says why.
func TestPhonesAsPeopleWriteThem(t *testing.T) {
	for _, tc := range []struct{ in, want, why string }{
		{"(11) 9 8765-4321", "+5511987654321", ""}, {"+55 11 98765-4321", "+5511987654321", ""}, {"55 11 98765 4321", "+5511987654321", ""}, {"011 98765-4321", "+5511987654321", ""},
		{"0 15 11 98765-4321", "+5511987654321", ""}, {"\u202a+55 11 91234‑5678\u202c", "+5511912345678", ""}, {"11 91234–5678", "+5511912345678", ""}, {"１１９１２３４５６７８", "+5511912345678", ""},
		{"tel: 11 91234-5678", "+5511912345678", ""}, {"meu número é (11) 91234-5678!", "+5511912345678", ""}, {"(11) 3123-4567", "+551131234567", ""}, {"+1 (202) 555-0123", "+12025550123", ""}, {"oi\n11 91234-5678", "+5511912345678", ""},
		{"1191234567", "", "invalid_phone_short"}, {"91234-5678", "", "invalid_phone_area"}, {"11 91234-5678 ou 11 98888-7777", "", "invalid_phone"}, {"10 91234-5678", "", "invalid_phone"}, {"não tenho", "", "invalid_phone"},
	} {
		ans, why := readWith(tc.in, readPhone)
		if got, _ := ans.value.(string); got != tc.want || why != tc.why {
			t.Errorf("%q = %q, %q; want %q, %q", tc.in, got, why, tc.want, tc.why)
		}
	}
}

// TestDocumentsAmongWords: documents, codes and addresses with any dash, invisible characters, labels and in sentences.
func TestDocumentsAmongWords(t *testing.T) {
	for _, tc := range []struct {
		name  string
		parse func(string) (string, bool)
		in    string
		want  string
	}{
		{"cpf", ParseCPF, "111.444.777–35", "11144477735"}, {"cpf", ParseCPF, "111.444.777‐35", "11144477735"}, {"cpf", ParseCPF, "CPF 111.444.777-35", "11144477735"}, {"cpf", ParseCPF, "meu cpf é 11144477735.", "11144477735"},
		{"cpf", ParseCPF, "１１１４４４７７７３５", "11144477735"}, {"cpf", ParseCPF, "\u202a111.444.777-35\u202c", "11144477735"}, {"cpf", ParseCPF, "111.444.\n777-35", "11144477735"}, {"cpf", ParseCPF, "é esse\n111.444.777-35", "11144477735"},
		{"cpf", ParseCPF, "111.444.777-35 e 529.982.247-25", ""}, {"cpf", ParseCPF, "111.444.777-36", ""}, {"cpf", ParseCPF, "não sei", ""},
		{"cnpj", ParseCNPJ, "12.ABC.345/01DE–35", "12ABC34501DE35"}, {"cnpj", ParseCNPJ, "cnpj: 12abc34501de35", "12ABC34501DE35"}, {"cnpj", ParseCNPJ, "CNPJ 11.222.333/0001-81", "11222333000181"},
		{"either", parseDocument, "111.444.777-35", "11144477735"}, {"either", parseDocument, "11.222.333/0001-81", "11222333000181"}, {"either", parseDocument, "123", ""},
		{"cep", ParseCEP, "CEP 01310-100", "01310100"}, {"cep", ParseCEP, "01310–100", "01310100"}, {"cep", ParseCEP, "1310-100", ""},
		{"email", ParseEmail, "ana@gmail.com\u200b", "ana@gmail.com"}, {"email", ParseEmail, "meu email é ana@ex.com.", "ana@ex.com"}, {"email", ParseEmail, "ana @gmail.com", "ana@gmail.com"}, {"email", ParseEmail, "Ana.Maria@Gmail.COM obrigada", "Ana.Maria@gmail.com"},
		{"email", ParseEmail, "a@b.co ou c@d.co", ""}, {"email", ParseEmail, "ana", ""},
	} {
		got, ok := findIn(tc.in, tc.parse)
		if got != tc.want || ok != (tc.want != "") {
			t.Errorf("%s %q = %q, %v; want %q", tc.name, tc.in, got, ok, tc.want)
		}
	}
}

// TestYesAndNoAsPeopleSayThem in Portuguese, English and Spanish; what takes a word back, and what says neither.
func TestYesAndNoAsPeopleSayThem(t *testing.T) {
	for in, want := range map[string]string{
		"sim": "yes", "SIM!": "yes", "sim, quero": "yes", "sim sim": "yes", "sim 😊": "yes", "blz": "yes", "👍🏽": "yes", "✅": "yes", "com certeza": "yes", "pode ser": "yes", "claro que sim": "yes", "sim\npor favor": "yes", "sim, tenho certeza": "yes",
		"yes please": "yes", "of course": "yes", "sí, por favor": "yes", "claro que sí": "yes", "1": "yes",
		"não": "no", "nao, valeu": "no", "agora não": "no", "não, obrigado": "no", "não cancelar": "no", "👎🏿": "no", "no thanks": "no", "no, gracias": "no", "2": "no", "nunca": "no", "ｎãｏ": "no",
		"com": "", "ser": "", "cancelar": "", "não sei": "", "não tenho certeza": "", "sim não": "", "não, quer dizer, sim": "", "talvez": "", "sim\nnão": "", "no sé": "", "boleto": "", "": "", "pode": "yes",
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
	for _, tc := range []struct {
		question, in string
		want         bool
	}{
		{"Deseja cancelar o pedido?", "cancelar", true}, {"Deseja cancelar?", "quero cancelar", true}, {"Do you want to cancel?", "cancel", true}, {"¿Quieres continuar?", "continuar", true},
		{"Confirma o pedido?", "cancelar", false}, {"Deseja cancelar ou manter?", "manter", false}, {"Confirma com o gerente?", "com", false}, {"Confirma o pedido?", "pedido", false},
	} {
		if yes, ok := echoes(tc.question, tc.in); ok != tc.want || yes != tc.want {
			t.Errorf("%q to %q is %v, %v", tc.in, tc.question, yes, ok)
		}
	}
}

// offered makes options of titles.
func offered(style MenuStyle, titles ...string) *offering {
	o := &offering{style: style}
	for _, title := range titles {
		o.all = append(o.all, Option{ID: title, Title: title})
	}
	return o
}

// TestOptionsAsPeopleNameThem: titles before places, the line as it was shown, punctuation, politeness, numbers in words.
func TestOptionsAsPeopleNameThem(t *testing.T) {
	sectors := offered(MenuText, "Vendas", "Suporte técnico", "📦 Pedidos")
	buttons := offered(MenuList, "2x", "3x", "12x")
	rooms := offered(MenuList, "101", "102", "3")
	shown := offered(MenuText, "3", "6", "12")
	blood := offered(MenuList, "A+", "A-", "C", "C++")
	again := offered(MenuList, "Suporte técnico", "2ª via de boleto", "Falar com atendente")
	for _, tc := range []struct {
		o    *offering
		in   string
		want string
	}{
		{sectors, "1", "Vendas"}, {sectors, "１", "Vendas"}, {sectors, "2\u200e", "Suporte técnico"}, {sectors, "2️⃣", "Suporte técnico"}, {sectors, "*1*", "Vendas"}, {sectors, "1!", "Vendas"}, {sectors, "1,", "Vendas"}, {sectors, "nº 2", "Suporte técnico"},
		{sectors, "1 - Vendas", "Vendas"}, {sectors, "1- vendas", "Vendas"}, {sectors, "1️⃣ Vendas", "Vendas"}, {sectors, "3 - 📦 Pedidos", "📦 Pedidos"}, {sectors, "2) suporte tecnico.", "Suporte técnico"}, {sectors, "2 - Vendas", ""},
		{sectors, "Vendas.", "Vendas"}, {sectors, "“vendas”", "Vendas"}, {sectors, "vendas 😊", "Vendas"}, {sectors, "ＶＥＮＤＡＳ", "Vendas"}, {sectors, "\ufeffVendas", "Vendas"}, {sectors, "quero vendas, por favor", "Vendas"}, {sectors, "pedidos", "📦 Pedidos"},
		{sectors, "um", "Vendas"}, {sectors, "a primeira", "Vendas"}, {sectors, "opção 3", "📦 Pedidos"}, {sectors, "the second", "Suporte técnico"}, {sectors, "la primera", "Vendas"}, {sectors, "bom dia\n1", "Vendas"}, {sectors, "*Ana:*\n1", "Vendas"}, {sectors, "1\nvendas", "Vendas"},
		{sectors, "1\n2", ""}, {sectors, "4", ""}, {sectors, "0", ""}, {sectors, "vendas e suporte", ""}, {sectors, "1 2", ""}, {sectors, "?", ""},
		{buttons, "3", "3x"}, {buttons, "12", "12x"}, {buttons, "12 vezes", "12x"}, {buttons, "3x", "3x"}, {buttons, "1", ""},
		{rooms, "101", "101"}, {rooms, "3", "3"}, {rooms, "102!", "102"}, {shown, "3", "3"}, {shown, "12", "12"}, {shown, "2", "6"},
		{blood, "A-", "A-"}, {blood, "a+", "A+"}, {blood, "a", ""}, {blood, "c", "C"}, {blood, "C++", "C++"},
		{again, "2", "2ª via de boleto"}, {again, "1", "Suporte técnico"}, {again, "quero falar com atendente", "Falar com atendente"},
	} {
		i, _, ok := (&run{env: &Env{Channel: WhatsAppCloud()}}).chosen(&Inbound{Kind: InboundText, Text: tc.in}, tc.o)
		got := ""
		if ok {
			got = tc.o.all[i].Title
		}
		if got != tc.want {
			t.Errorf("%q among %v is %q, want %q", tc.in, tc.o.all, got, tc.want)
		}
	}
}

func TestSeveralOptionsAsPeopleNameThem(t *testing.T) {
	o := offered(MenuText, "Cama e mesa", "Banho", "Bolo, doces", "E-mail")
	for in, want := range map[string][]int{
		"1, 3": {0, 2}, "1 e 3": {0, 2}, "1 3": {0, 2}, "1/2": {0, 1}, "1;2.": {0, 1}, "Cama e mesa": {0}, "Bolo, doces": {2}, "banho e cama e mesa": {1, 0}, "bolo, doces, banho e e-mail": {2, 1, 3}, "1\n2": {0, 1}, "- Banho\n- Cama e mesa": {1, 0},
		"todas": {0, 1, 2, 3}, "1 - Cama e mesa, 2 - Banho": {0, 1}, "quero 1 e 2 por favor": {0, 1}, "2 and 3": {1, 2}, "1 y 3": {0, 2}, "１、２": nil, "1 e 1": {0},
		"13": nil, "1-3": nil, "cama": nil, "1 e 9": nil, "": nil, "banhocama e mesa": nil,
	} {
		caps := WhatsAppCloud()
		got, ok := o.several(in, &caps)
		if ok != (want != nil) || (ok && !reflect.DeepEqual(got, want)) {
			t.Errorf("%q = %v, %v; want %v", in, got, ok, want)
		}
	}
}

func TestRatingsAsPeopleWriteThem(t *testing.T) {
	for in, want := range map[string]float64{"9": 9, "nota 9": 9, "9/10": 9, "9 de 10": 9, "🔟": 10, "dez": 10, "９": 9, "⭐⭐⭐": 3, "9!": 9, "9/5": -1, "1 a 5": -1, "ótimo": -1} {
		if got, ok := rating(in, 10, "pt-BR"); ok != (want >= 0) || (ok && got != want) {
			t.Errorf("%q = %v, %v; want %v", in, got, ok, want)
		}
	}
}
