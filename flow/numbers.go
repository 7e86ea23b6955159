package flow

import (
	"maps"
	"math"
	"strconv"
	"strings"
)

// currencies are what people write before or after an amount.
var currencies = []string{"r$", "us$", "u$s", "$", "€", "£", "brl", "usd", "eur", "reais", "real", "dolares", "dolar", "dollars", "dollar", "euros", "euro", "pesos", "peso"}

// dotDecimal reports whether a language writes decimals with a dot: English, and Spanish where it is spoken so.
func dotDecimal(lang string) bool {
	tag := strings.ToLower(strings.ReplaceAll(lang, "_", "-"))
	base, region, _ := strings.Cut(tag, "-")
	switch base {
	case "en":
		return true
	case "es":
		switch region {
		case "mx", "us", "pr", "do", "gt", "hn", "ni", "pa", "pe", "sv", "cr":
			return true
		}
	}
	return false
}

// parseNumber reads a number as people of a language write it: "1.234,56", "1,234.56", "1234.5", "R$ 10", "-3", "10%". Groups
// must be of three digits. What both languages write differently ("1.500") goes by the language; the default is Portuguese.
func parseNumber(s, lang string) (float64, bool) {
	w := said(s)
	if w == "" || len(w) > 60 {
		return 0, false
	}
	if plain := strings.TrimSpace(readable(s)); len(plain) > 1 && (plain[0] == '.' || plain[0] == ',') && digitByte(plain[1]) {
		w = "0." + w
	}
	sign := 1.0
	w, negative := cutSign(w)
	w = cutCurrency(w)
	w, negative2 := cutSign(w)
	if negative && negative2 {
		return 0, false
	}
	if negative || negative2 {
		sign = -1
	}
	w = strings.TrimSpace(strings.TrimSuffix(w, "%"))
	w = cutCurrency(w)
	if at := strings.LastIndexAny(w, ".,"); at > 0 && grouped(w[:at], " ") { // "12 345,67"; without decimals it may be two numbers
		w = strings.ReplaceAll(w, " ", "")
	}
	f, ok := plainNumber(w, lang)
	return sign * f, ok
}

func cutSign(w string) (rest string, negative bool) {
	if rest, ok := strings.CutPrefix(w, "-"); ok {
		return strings.TrimSpace(rest), true
	}
	return strings.TrimSpace(strings.TrimPrefix(w, "+")), false
}

// cutCurrency takes a currency from before or after an amount.
func cutCurrency(w string) string {
	for _, c := range currencies {
		if rest, ok := strings.CutPrefix(w, c); ok && rest != "" && !letter(rest[0]) {
			return strings.TrimSpace(rest)
		}
		if rest, ok := strings.CutSuffix(w, c); ok && rest != "" && !letter(rest[len(rest)-1]) {
			return strings.TrimSpace(rest)
		}
	}
	return w
}

func digitByte(c byte) bool { return c >= '0' && c <= '9' }

func letter(c byte) bool { return c >= 'a' && c <= 'z' }

// plainNumber reads digits with their separators. It never makes one number of two, of a date or of an address.
func plainNumber(s, lang string) (float64, bool) {
	if s == "" || len(s) > 40 || strings.Trim(s, "0123456789.,") != "" {
		return 0, false
	}
	dots, commas := strings.Count(s, "."), strings.Count(s, ",")
	whole, frac := s, ""
	switch {
	case dots+commas == 0:
	case dots > 0 && commas > 0:
		decimal := strings.LastIndexAny(s, ".,")
		group := ","
		if s[decimal] == ',' {
			group = "."
		}
		if strings.Count(s, s[decimal:decimal+1]) > 1 || !grouped(s[:decimal], group) {
			return 0, false
		}
		whole, frac = strings.ReplaceAll(s[:decimal], group, ""), s[decimal+1:]
	default:
		sep := "."
		if commas > 0 {
			sep = ","
		}
		groups := sep == ","
		if !dotDecimal(lang) {
			groups = sep == "."
		}
		at := strings.Index(s, sep)
		switch {
		case grouped(s, sep) && (groups || dots+commas > 1):
			whole = strings.ReplaceAll(s, sep, "")
		case dots+commas > 1:
			return 0, false
		default:
			whole, frac = s[:at], s[at+1:]
		}
	}
	if whole == "" {
		whole = "0"
	}
	f, err := strconv.ParseFloat(whole+"."+frac+"0", 64)
	return f, err == nil && !math.IsInf(f, 0)
}

// grouped reports whether digits stand in groups of three after the first, which does not begin with a zero.
func grouped(s, sep string) bool {
	parts := strings.Split(s, sep)
	if len(parts) < 2 || parts[0] == "" || len(parts[0]) > 3 || (parts[0][0] == '0') {
		return false
	}
	for _, p := range parts[1:] {
		if len(p) != 3 {
			return false
		}
	}
	return true
}

// machineNumber reads a number in a text that a program wrote: a dot is the decimal mark, there are no groups.
func machineNumber(s string) (float64, bool) {
	s = strings.TrimSpace(s)
	if s == "" || len(s) > 60 || strings.Trim(s, "0123456789.+-") != "" || !strings.ContainsAny(s, "0123456789") {
		return 0, false
	}
	f, err := strconv.ParseFloat(s, 64)
	return f, err == nil && !math.IsInf(f, 0) && !math.IsNaN(f)
}

// numberWords are small numbers as people write them out.
var numberWords = func() map[string]int {
	m := map[string]int{}
	add := func(first int, list string) {
		for i, alternatives := range strings.Fields(list) {
			for w := range strings.SplitSeq(alternatives, "/") {
				if _, taken := m[w]; !taken {
					m[w] = first + i
				}
			}
		}
	}
	add(0, "zero um/uma dois/duas tres quatro cinco seis sete oito nove dez onze doze treze catorze/quatorze quinze dezesseis dezessete dezoito dezenove vinte")
	add(0, "cero uno/una/un dos tres cuatro cinco seis siete ocho nueve diez once doce trece catorce quince dieciseis diecisiete dieciocho diecinueve veinte")
	add(0, "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen twenty")
	maps.Copy(m, map[string]int{"trinta": 30, "quarenta": 40, "cinquenta": 50, "sessenta": 60, "setenta": 70, "oitenta": 80, "noventa": 90, "cem": 100, "cento": 100, "ciento": 100, "hundred": 100,
		"treinta": 30, "cuarenta": 40, "cincuenta": 50, "sesenta": 60, "ochenta": 80, "cien": 100, "thirty": 30, "forty": 40, "fifty": 50,
		"sixty": 60, "seventy": 70, "eighty": 80, "ninety": 90, "meia": 6})
	return m
}()

// placeWords are places in a list as people write them out.
var placeWords = func() map[string]int {
	m := map[string]int{}
	for _, list := range []string{
		"primeiro segundo terceiro quarto quinto sexto setimo oitavo nono decimo", "primeira segunda terceira quarta quinta sexta setima oitava nona decima",
		"primero segundo tercero cuarto quinto sexto septimo octavo noveno decimo", "primera segunda tercera cuarta quinta sexta septima octava novena decima",
		"first second third fourth fifth sixth seventh eighth ninth tenth",
	} {
		for i, w := range strings.Fields(list) {
			m[w] = i + 1
		}
	}
	return m
}()

// spokenNumber reads a number in an answer: as parseNumber does, written out ("dez", "2 mil"), or with the one word that
// says of what ("3 pessoas"). A word that makes a date or a time of it does not do.
func spokenNumber(s, lang string) (f float64, ok bool) {
	if f, ok = parseNumber(s, lang); ok {
		return f, true
	}
	courteous(about(said(s)), func(w string) bool {
		if n, known := writtenNumber(w); known {
			f, ok = float64(n), true
			return true
		}
		if f, ok = parseNumber(w, lang); ok {
			return true
		}
		if thousands, k := strings.CutSuffix(w, "k"); k {
			f, ok = parseNumber(thousands, lang)
			f *= 1e3
			return ok
		}
		head, word, two := strings.Cut(w, " ")
		if !two || strings.Contains(word, " ") || strings.Trim(word, "abcdefghijklmnopqrstuvwxyz") != "" || (len(word) < 3 && !shortUnits[word]) || notUnits[word] {
			return false
		}
		n, number := parseNumber(head, lang)
		if written, known := numberWords[head]; known && !number && word != "e" && numberWords[word] == 0 {
			n, number = float64(written), true
		}
		if !number {
			return false
		}
		switch word {
		case "duzia", "duzias", "dozen", "dozens", "docena", "docenas":
			if n *= 12; head == "meia" { // half a dozen, and no six of them
				n = 6
			}
		case "mil", "thousand":
			n *= 1e3
		case "milhao", "milhoes", "million", "millon", "millones":
			n *= 1e6
		}
		f, ok = n, true
		return true
	})
	return f, ok
}

// about takes away the word that makes a number a rough one.
func about(w string) string {
	for _, p := range []string{"uns ", "umas ", "cerca de ", "mais ou menos ", "aproximadamente ", "por volta de ", "unos ", "unas ", "mas o menos ", "about ", "around ", "~"} {
		if rest, ok := strings.CutPrefix(w, p); ok {
			return strings.TrimSpace(rest)
		}
	}
	return w
}

// writtenNumber reads a number written out: one word, or a hundred, tens and ones after each other ("trinta e cinco").
func writtenNumber(w string) (int, bool) {
	if n, known := numberWords[w]; known {
		return n, w != "meia"
	}
	sum, before := 0, 0
	for word := range strings.FieldsSeq(strings.ReplaceAll(w, "-", " ")) {
		if word == "e" || word == "y" || word == "and" {
			continue
		}
		n, known := numberWords[word]
		switch {
		case !known || word == "meia":
			return 0, false
		case before == 0 && (n == 100 || (n >= 20 && n < 100)):
		case before == 100 && n > 0 && n < 100:
		case before >= 20 && before < 100 && n > 0 && n < 10:
		default: // two numbers
			return 0, false
		}
		sum, before = sum+n, n
	}
	return sum, sum > before
}

// shortUnits are units of two letters after a number. Other short words make something else of it.
var shortUnits = map[string]bool{"kg": true, "km": true, "cm": true, "mm": true, "ml": true, "gb": true, "mb": true, "un": true}

// notUnits are words after a number that make something else of it: a month, a day, a time, a part of another number.
var notUnits = func() map[string]bool {
	m := map[string]bool{}
	for w := range monthNumbers {
		m[w] = true
	}
	for w := range weekdayNumbers {
		m[w] = true
	}
	for w := range strings.FieldsSeq("hora hour hrs min ponto virgula point comma meia media ou and com manha tarde noite") {
		m[w] = true
	}
	return m
}()
