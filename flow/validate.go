package flow

import (
	"strings"
	"unicode"
)

// ParseCPF reads a CPF with or without punctuation and returns its eleven digits. Both check digits must be right, and a
// number of one repeated digit is none.
func ParseCPF(s string) (string, bool) {
	d, ok := onlyDigits(s, ".,-/ \n")
	if !ok || len(d) != 11 || strings.Count(d, d[:1]) == 11 {
		return "", false
	}
	for n := 9; n < 11; n++ {
		sum := 0
		for i := range n {
			sum += int(d[i]-'0') * (n + 1 - i)
		}
		if byte('0'+sum*10%11%10) != d[n] {
			return "", false
		}
	}
	return d, true
}

// ParseCNPJ reads a CNPJ with or without punctuation, in the numeric form and in the alphanumeric one in use since July
// 2026, and returns its fourteen characters in upper case.
func ParseCNPJ(s string) (string, bool) {
	var b strings.Builder
	for _, c := range strings.TrimSpace(readable(s)) {
		switch {
		case strings.ContainsRune(".,/- \n", c):
		case c >= '0' && c <= '9', c >= 'A' && c <= 'Z':
			b.WriteRune(c)
		case c >= 'a' && c <= 'z':
			b.WriteRune(unicode.ToUpper(c))
		default:
			return "", false
		}
	}
	d := b.String()
	if len(d) != 14 || strings.Count(d, d[:1]) == 14 {
		return "", false
	}
	for n := 12; n < 14; n++ {
		sum, weight := 0, 2
		for i := n - 1; i >= 0; i-- {
			sum += int(d[i]-'0') * weight // letters count as their code less that of "0"
			if weight++; weight > 9 {
				weight = 2
			}
		}
		digit := 11 - sum%11
		if digit >= 10 {
			digit = 0
		}
		if byte('0'+digit) != d[n] {
			return "", false
		}
	}
	return d, true
}

// ParseCEP reads a postal code and returns its eight digits.
func ParseCEP(s string) (string, bool) {
	d, ok := onlyDigits(s, ".- \n")
	return d, ok && len(d) == 8 && d != "00000000"
}

// brazilianAreas are the area codes in use.
var brazilianAreas = func() map[string]bool {
	m := map[string]bool{}
	for a := range strings.FieldsSeq("11 12 13 14 15 16 17 18 19 21 22 24 27 28 31 32 33 34 35 37 38 41 42 43 44 45 46 47 48 49 51 53 54 55 " +
		"61 62 63 64 65 66 67 68 69 71 73 74 75 77 79 81 82 83 84 85 86 87 88 89 91 92 93 94 95 96 97 98 99") {
		m[a] = true
	}
	return m
}()

// ParsePhone reads a phone number and returns it in E.164. Without a country code it is Brazilian; with "+" or "00" it may be
// of any country. A Brazilian number needs its area code; a mobile one has nine digits after it and begins with 9.
func ParsePhone(s string) (string, bool) {
	phone, why := readPhone(s)
	return phone, why == ""
}

// readPhone reads a phone number. why names what is wrong with it, as the text to say is called.
func readPhone(s string) (phone, why string) {
	const bad, short = "invalid_phone", "invalid_phone_short"
	s = strings.TrimSpace(readable(s))
	international := strings.HasPrefix(s, "+") || strings.HasPrefix(s, "(+")
	d, ok := onlyDigits(strings.Replace(s, "+", "", 1), " .-()/\n")
	if !ok || d == "" {
		return "", bad
	}
	if strings.HasPrefix(d, "00") && len(d) > 10 {
		d, international = d[2:], true
	}
	if international && !strings.HasPrefix(d, "55") {
		if len(d) < 8 || len(d) > 15 || d[0] == '0' {
			return "", bad
		}
		return "+" + d, ""
	}
	if international || len(d) >= 12 {
		d = strings.TrimPrefix(d, "55")
	}
	if strings.HasPrefix(d, "0") { // trunk prefix, perhaps with a carrier
		d = d[1:]
		if len(d) > 11 {
			d = d[2:]
		}
	}
	switch {
	case len(d) == 8 || len(d) == 9:
		return "", "invalid_phone_area"
	case len(d) != 10 && len(d) != 11, !brazilianAreas[d[:2]]:
		return "", bad
	case len(d) == 11 && d[2] != '9':
		return "", bad
	case len(d) == 10 && d[2] >= '6': // a mobile number without its ninth digit
		return "", short
	case len(d) == 10 && d[2] < '2':
		return "", bad
	}
	return "+55" + d, ""
}

// ParseEmail reads an e-mail address; the domain comes back in lower case.
func ParseEmail(s string) (string, bool) {
	s = strings.NewReplacer(" @", "@", "@ ", "@").Replace(strings.TrimSpace(readable(s)))
	s = strings.Trim(strings.TrimPrefix(s, "mailto:"), "<>.,;:!?()[]*_\"' ")
	local, domain, ok := strings.Cut(s, "@")
	if !ok || local == "" || len(local) > 64 || len(domain) > 253 || strings.ContainsAny(s, " \t\n,;:<>()[]\\\"") ||
		strings.Contains(domain, "@") || strings.HasPrefix(local, ".") || strings.HasSuffix(local, ".") || strings.Contains(s, "..") {
		return "", false
	}
	domain = strings.ToLower(domain)
	labels := strings.Split(domain, ".")
	if len(labels) < 2 || len(labels[len(labels)-1]) < 2 {
		return "", false
	}
	for _, l := range labels {
		if l == "" || len(l) > 63 || l[0] == '-' || l[len(l)-1] == '-' {
			return "", false
		}
		for _, c := range l {
			if c != '-' && !unicode.IsLetter(c) && !unicode.IsDigit(c) {
				return "", false
			}
		}
	}
	return local + "@" + domain, true
}

// onlyDigits drops the punctuation given and reports whether nothing but digits is left.
func onlyDigits(s, punctuation string) (string, bool) {
	var b strings.Builder
	for _, c := range strings.TrimSpace(readable(s)) {
		switch {
		case c >= '0' && c <= '9':
			b.WriteRune(c)
		case strings.ContainsRune(punctuation, c):
		default:
			return "", false
		}
	}
	return b.String(), true
}

// findIn reads a value that may stand among words: "meu CPF é 111.444.777-35". It reads the whole text, then each line, each
// word, and each stretch of digits with what may stand between them. Two different values are none.
func findIn(text string, read func(string) (string, bool)) (string, bool) {
	text = strings.Trim(readable(text), " *_~\"'`.,;:!?\n\t")
	if v, ok := readEach(text, read); ok {
		return v, true
	}
	if len(text) > 500 {
		return "", false
	}
	found := map[string]bool{}
	pieces := strings.FieldsFunc(text, func(r rune) bool { return r == ' ' || r == '\n' || r == '\t' })
	for _, w := range pieces {
		if v, ok := read(strings.Trim(w, "*_~\"'`.,;:!?()")); ok {
			found[v] = true
		}
	}
	if len(found) == 0 {
		for _, stretch := range stretches(text) {
			if v, ok := read(stretch); ok {
				found[v] = true
			}
		}
	}
	if len(found) != 1 {
		return "", false
	}
	for v := range found {
		return v, true
	}
	return "", false
}

// stretches are the parts of a text that hold digits and what stands between digits.
func stretches(text string) []string {
	var out []string
	for _, s := range strings.FieldsFunc(text, func(r rune) bool { return !strings.ContainsRune("0123456789.,-/()+ \n", r) }) {
		if s = strings.Trim(s, " .,-/\n"); strings.ContainsAny(s, "0123456789") {
			out = append(out, s)
		}
	}
	return out
}

// Words of yes and of no, in Portuguese, English and Spanish. Each is one word or one phrase as a whole.
var (
	yesWords = phraseSet("sim, s, ss, sss, si, sí, sii, siim, simm, claro, claro que sim, ok, okay, oki, okey, isso, isso mesmo, isso ai, exato, exatamente, positivo, aceito, eu aceito, quero, eu quero, " +
		"quero sim, certo, certinho, confirmo, confirmado, concordo, de acordo, certeza, pode ser, com certeza, pode, pode sim, por favor, uhum, aham, blz, beleza, " +
		"fechado, combinado, perfeito, afirmativo, bora, com prazer, tenho, tenho sim, sou, sou eu, sou sim, gostaria, gostaria sim, yes, y, yep, yeah, yup, sure, of course, correct, right, absolutely, " +
		"claro que si, por supuesto, vale, dale, bueno, de acuerdo, correcto, acepto, quiero, así es, obvio, logico")
	noWords = phraseSet("nao, n, nn, nao nao, naum, nem, nunca, negativo, jamais, de jeito nenhum, de forma alguma, de maneira nenhuma, nem pensar, nem a pau, ni hablar, para nada, no way, nao quero, nao quero nao, nao aceito, nao concordo, nope, no, nah, recuso, " +
		"agora nao, ainda nao, hoje nao, acho que nao, prefiro nao, melhor nao, no thanks, not now, never, ahora no, todavia no, nada, nenhum, nenhuma, no quiero, claro que nao, claro que no")
	yesMarks = "👍✅✔☑👌"
	noMarks  = "👎❌✖🚫"
	// unsureWords make no answer of a text that begins with yes or no.
	unsureWords = phraseSet("talvez, depende, maybe, perhaps, quizas, acho")
	// unknowing take back a no: "não sei" says neither.
	unknowing = phraseSet("sei, entendi, entendo, lembro, certeza, know, understand, remember, sure, se, entiendo, recuerdo")
	// answersFirst are the words that may begin an answer that goes on.
	yesFirst = phraseSet("sim, s, si, yes, yep, claro, ok, isso, quero, aceito, confirmo, pode")
	noFirst  = phraseSet("nao, n, no, nunca, nope, negativo")
)

// ParseYesNo reads yes or no in Portuguese, English and Spanish: a word, a phrase, a sign, or either before other words that
// do not take it back ("sim, quero", "não, obrigado").
func ParseYesNo(s string) (yes, ok bool) {
	if len(s) > 200 {
		return false, false
	}
	return readEach(s, parseYesNo)
}

func parseYesNo(s string) (yes, ok bool) {
	if yes, ok := yesNoMark(s); ok {
		return yes, true
	}
	w := said(s)
	if w == "1" || w == "2" {
		return w == "1", true
	}
	found := courteous(words1(w), func(w string) bool {
		yes, ok = yesWords[w], yesWords[w] != noWords[w]
		return ok
	})
	if found {
		return yes, true
	}
	return firstYesNo(tokens(w))
}

// yesNoMark reads a sign that says yes or no when no word stands beside it.
func yesNoMark(s string) (yes, ok bool) {
	if len(s) > 40 || len(tokens(s)) > 0 {
		return false, false
	}
	yes, no := strings.ContainsAny(s, yesMarks), strings.ContainsAny(s, noMarks)
	return yes, yes != no
}

// firstYesNo reads an answer that begins or ends with yes or no and goes on. Both in one text are none.
func firstYesNo(words []string) (yes, ok bool) {
	if len(words) < 2 || len(words) > 12 {
		return false, false
	}
	anyYes, anyNo := false, false
	for _, w := range words[1:] {
		anyYes = anyYes || yesFirst[w] && w != "pode" && w != "quero"
		anyNo = anyNo || noFirst[w] && w != "n" && w != "nunca"
	}
	unsure, unknown := false, false
	for _, w := range words {
		unsure, unknown = unsure || unsureWords[w], unknown || unknowing[w]
	}
	switch first := words[0]; {
	case yesFirst[first]:
		return true, !anyNo && !unsure
	case noFirst[first]:
		return false, !anyYes && !unsure && !unknown
	}
	return false, false
}

// echoes reads an answer that repeats the verb of the question: "cancelar" to "Deseja cancelar?" is yes, "não cancelar" no.
// A question with "or" in it asks for one of two things, so an echo does not answer it.
func echoes(question, reply string) (yes, ok bool) {
	asked := tokens(question)
	have := map[string]bool{}
	for _, w := range asked {
		if w == "ou" || w == "or" || w == "o" && strings.Contains(question, "¿") {
			return false, false
		}
		have[w] = true
	}
	courteous(words1(said(reply)), func(w string) bool {
		all := strings.Fields(w)
		if len(all) == 0 || len(all) > 4 || !verb(all[0], asked) {
			return false
		}
		for _, w := range all {
			if !have[w] {
				return false
			}
		}
		ok = true
		return true
	})
	return ok, ok
}

// verb reports whether a word is what the question asks to do.
func verb(w string, question []string) bool {
	if len(w) < 4 {
		return false
	}
	for i, q := range question {
		if q == w {
			return strings.HasSuffix(w, "ar") || strings.HasSuffix(w, "er") || strings.HasSuffix(w, "ir") || (i > 0 && question[i-1] == "to")
		}
	}
	return false
}
