package flow

import (
	"strings"
	"unicode"
)

// ParseCPF reads a CPF with or without punctuation and returns its eleven digits. Both check digits must be right, and a
// number of one repeated digit is none.
func ParseCPF(s string) (string, bool) {
	d, ok := onlyDigits(s, ".-/ ")
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
	for _, c := range strings.TrimSpace(s) {
		switch {
		case strings.ContainsRune("./- ", c):
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
	d, ok := onlyDigits(s, ".- ")
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
	s = strings.TrimSpace(s)
	international := strings.HasPrefix(s, "+")
	d, ok := onlyDigits(strings.TrimPrefix(s, "+"), " .-()/")
	if !ok || d == "" {
		return "", false
	}
	if strings.HasPrefix(d, "00") && len(d) > 10 {
		d, international = d[2:], true
	}
	if international && !strings.HasPrefix(d, "55") {
		return "+" + d, len(d) >= 8 && len(d) <= 15 && d[0] != '0'
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
	case len(d) != 10 && len(d) != 11, !brazilianAreas[d[:2]]:
		return "", false
	case len(d) == 11 && d[2] != '9':
		return "", false
	case len(d) == 10 && d[2] < '2':
		return "", false
	}
	return "+55" + d, true
}

// ParseEmail reads an e-mail address; the domain comes back in lower case.
func ParseEmail(s string) (string, bool) {
	s = strings.Trim(strings.TrimPrefix(strings.TrimSpace(s), "mailto:"), "<>.,; ")
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
	for _, c := range strings.TrimSpace(s) {
		switch {
		case c >= '0' && c <= '9':
			b.WriteRune(c)
		case strings.ContainsRune(punctuation, c) || c == '\u00a0' || c == '\u2011':
		default:
			return "", false
		}
	}
	return b.String(), true
}

var yesWords = wordSet("sim s ss si claro ok okay isso positivo aceito quero certo confirmo concordo com certeza pode ser uhum yes y yep yeah sure 👍 ✅",
	"com certeza", "pode ser", "isso mesmo", "sim, por favor", "sim por favor", "of course")

var noWords = wordSet("nao n nn negativo nunca nope no nah recuso cancelar 👎 ❌", "de jeito nenhum", "nao quero", "nao, obrigado", "nao obrigado",
	"no thanks", "nao, obrigada", "nao obrigada")

func wordSet(words string, phrases ...string) map[string]bool {
	m := map[string]bool{}
	for _, w := range append(strings.Fields(words), phrases...) {
		m[fold(w)] = true
	}
	return m
}

// ParseYesNo reads yes or no in Portuguese and English.
func ParseYesNo(s string) (yes, ok bool) {
	w := strings.TrimRight(fold(s), ".! ")
	switch {
	case yesWords[w], w == "1":
		return true, true
	case noWords[w], w == "2":
		return false, true
	}
	return false, false
}
