package flow

import (
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// readable writes a text that a person typed the way it is meant: full-width, boxed and foreign digits as digits, every
// dash as "-", every quote as "'" or '"', every space as a space, and without characters that nobody sees.
func readable(s string) string {
	if isPlain(s) {
		return s
	}
	return spelled(norm.NFKC.String(strings.ReplaceAll(s, "´", "'")))
}

// isPlain reports whether a text has printable ASCII, spaces and line breaks only.
func isPlain(s string) bool {
	for i := range len(s) {
		if c := s[i]; c >= 0x7f || (c < ' ' && c != '\n' && c != '\t') {
			return false
		}
	}
	return true
}

// spelled writes each character of a normalised text as its plain kin.
func spelled(s string) string {
	var b strings.Builder
	b.Grow(len(s))
	for _, r := range s {
		switch {
		case r < 0x7f && r >= ' ', r == '\n', r == '\t':
			b.WriteRune(r)
		case unseen(r):
		case unicode.Is(unicode.Nd, r):
			b.WriteByte('0' + digitOf(r))
		case unicode.Is(unicode.Pd, r), r == '\u2212', r == '\u2043':
			b.WriteByte('-')
		case strings.ContainsRune("‘’‚‛′`ʼ", r):
			b.WriteByte('\'')
		case strings.ContainsRune("“”„‟″«»", r):
			b.WriteByte('"')
		case r == '\u2028' || r == '\u2029' || r == '\u0085':
			b.WriteByte('\n')
		case unicode.IsSpace(r):
			b.WriteByte(' ')
		case r == '🔟' || r == '❿' || r == '➉' || r == '➓':
			b.WriteString("10")
		case r >= '❶' && r <= '➒': // three rows of ten
			b.WriteByte('1' + byte((r-'❶')%10))
		default:
			b.WriteRune(r)
		}
	}
	return b.String()
}

// unseen reports whether a character shows nothing of its own: marks of direction, joiners, fillers, variants, skin tones.
func unseen(r rune) bool {
	switch {
	case r >= 0xfe00 && r <= 0xfe0f, r == '\u20e3', r >= 0x1f3fb && r <= 0x1f3ff, r >= 0xe0100 && r <= 0xe01ef:
		return true
	case r == '\u034f', r == '\u115f', r == '\u1160', r == '\u3164', r == '\uffa0', r == '\u2800':
		return true
	}
	return unicode.Is(unicode.Cf, r) || unicode.IsControl(r)
}

// digitOf is the value of a decimal digit of any script: each has ten in a row.
func digitOf(r rune) byte {
	for _, t := range unicode.Nd.R16 {
		if r >= rune(t.Lo) && r <= rune(t.Hi) {
			return byte((r - rune(t.Lo)) % 10)
		}
	}
	for _, t := range unicode.Nd.R32 {
		if r >= rune(t.Lo) && r <= rune(t.Hi) {
			return byte((r - rune(t.Lo)) % 10)
		}
	}
	return 0
}

// answered is a text that is stored as the contact wrote it, without characters that nobody sees. Joiners and variants stay:
// emoji are made of them.
func answered(s string) string {
	s = strings.TrimSpace(s)
	if isPlain(s) {
		return s
	}
	return strings.TrimSpace(strings.Map(func(r rune) rune {
		switch {
		case r == '\u200d' || r == '\ufe0f':
			return r
		case unicode.Is(unicode.Cf, r) || (unicode.IsControl(r) && r != '\n' && r != '\t'):
			return -1
		}
		return r
	}, norm.NFC.String(s)))
}

// fold drops accents, case and the space around a text, so that "Não ", "nao" and "ＮÃＯ" are equal.
func fold(s string) string {
	s = strings.TrimSpace(s)
	plain, change := true, false
	for i := range len(s) {
		c := s[i]
		if c >= 0x7f || (c < ' ' && c != '\n' && c != '\t') {
			plain = false
			break
		}
		change = change || ('A' <= c && c <= 'Z') || c == '\t' || c == '\n' || (c == ' ' && i+1 < len(s) && s[i+1] == ' ')
	}
	if plain && !change {
		return s
	}
	if !plain {
		s = spelled(norm.NFKD.String(strings.ReplaceAll(s, "´", "'")))
	}
	var b strings.Builder
	b.Grow(len(s))
	space := false
	for _, r := range s {
		switch {
		case r >= 0x80 && unicode.Is(unicode.Mn, r):
			continue
		case unicode.IsSpace(r):
			space = b.Len() > 0
			continue
		}
		if space {
			b.WriteByte(' ')
			space = false
		}
		b.WriteRune(unicode.ToLower(r))
	}
	return b.String()
}

// bare is a folded text without what people put around words: punctuation, stars, quotes, bullets, emoji. A text of
// nothing else stays as it is.
func bare(folded string) string {
	s := strings.TrimFunc(folded, adorns)
	for {
		t := strings.TrimFunc(strings.TrimSuffix(strings.TrimPrefix(s, "- "), " -"), adorns)
		if t == s {
			break
		}
		s = t
	}
	if s == "" {
		return folded
	}
	return s
}

// adorns reports whether a character is no part of a word at its edge. Signs that tell words apart ("A+", "C#", "10%") are.
func adorns(r rune) bool {
	if r < 0x80 {
		return r == ' ' || strings.ContainsRune(".,;:!?\"'`*_~()[]{}<>|=^\\\n\t", r)
	}
	return unicode.IsPunct(r) || unicode.IsSpace(r) || unicode.Is(unicode.So, r) || unicode.Is(unicode.Sk, r) || (r >= 0x2190 && r <= 0x21ff)
}

// said is what a person typed, as answers are compared: folded and bare.
func said(s string) string { return bare(fold(s)) }

// Words of courtesy that people write around an answer, in Portuguese, English and Spanish.
var (
	courtesyBefore = []string{
		"quero", "queria", "eu quero", "eu queria", "gostaria de", "gostaria", "preciso de", "preciso", "pode ser", "prefiro", "escolho", "seria",
		"a opcao", "opcao", "falar com", "falar sobre", "sobre", "para", "pra", "por favor", "favor", "por gentileza", "oi", "ola", "bom dia", "boa tarde", "boa noite",
		"a", "o", "as", "os", "i want", "i would like", "i'd like", "i need", "please", "the", "option", "hi", "hello", "hey",
		"quiero", "quisiera", "necesito", "prefiero", "la opcion", "opcion", "el", "la", "los", "las", "hola", "buenos dias", "buenas tardes", "buenas noches",
	}
	courtesyAfter = []string{
		"por favor", "por gentileza", "pf", "pfv", "pfvr", "se possivel", "obrigado", "obrigada", "obg", "muito obrigado", "muito obrigada", "valeu", "vlw",
		"mesmo", "please", "pls", "thanks", "thank you", "gracias", "muchas gracias",
	}
)

// courteous yields a text, and the text with one word of courtesy after the other taken away. The shorter ones come last.
func courteous(text string, yield func(string) bool) bool {
	for range 6 {
		if yield(text) {
			return true
		}
		less, ok := lessCourteous(text)
		if !ok {
			return false
		}
		text = less
	}
	return false
}

func lessCourteous(text string) (string, bool) {
	best := ""
	take := func(rest string, ok bool) {
		if !ok || rest == "" {
			return
		}
		if rest = bare(rest); best == "" || len(rest) < len(best) {
			best = rest
		}
	}
	for _, w := range courtesyBefore {
		if rest, ok := strings.CutPrefix(text, w); ok && (rest == "" || !wordRune(firstRune(rest))) {
			take(rest, true)
		}
	}
	if best != "" {
		return best, true
	}
	for _, w := range courtesyAfter {
		if rest, ok := strings.CutSuffix(text, w); ok && (rest == "" || !wordRune(lastRune(rest))) {
			take(rest, true)
		}
	}
	return best, best != ""
}

func wordRune(r rune) bool { return unicode.IsLetter(r) || unicode.IsDigit(r) }

func firstRune(s string) rune {
	for _, r := range s {
		return r
	}
	return 0
}

func lastRune(s string) rune {
	r := []rune(s)
	if len(r) == 0 {
		return 0
	}
	return r[len(r)-1]
}

// greetingWords are what people say before they say anything.
var greetingWords = phraseSet("oi, ola, oie, oii, oiii, opa, e ai, eai, bom dia, boa tarde, boa noite, bom dia tudo bem, boa tarde tudo bem, boa noite tudo bem, oi tudo bem, " +
	"ola tudo bem, tudo bem, tudo bom, td bem, blz tudo bem, como vai, alo, alguem ai, tem alguem ai, oi bom dia, oi boa tarde, oi boa noite, ola bom dia, ola boa tarde, ola boa noite, " +
	"hi, hello, hey, hi there, hello there, good morning, good afternoon, good evening, how are you, anybody there, " +
	"hola, buenas, buenos dias, buen dia, buenas tardes, buenas noches, hola buenos dias, hola buen dia, hola buenas, que tal, como estas, hola que tal")

// isGreeting reports whether a message says nothing but hello, in each of its lines.
func isGreeting(text string) bool {
	if len(text) > 200 {
		return false
	}
	found := false
	for line := range strings.SplitSeq(text, "\n") {
		w := words1(line)
		if w == "" {
			continue
		}
		if !greetingWords[w] {
			return false
		}
		found = true
	}
	return found
}

// words1 are the folded words of a text with single spaces between them and nothing else.
func words1(s string) string { return strings.Join(tokens(s), " ") }

// phraseSet is the set of phrases that commas separate, as words1 gives them.
func phraseSet(list string) map[string]bool {
	m := map[string]bool{}
	for p := range strings.SplitSeq(list, ",") {
		if w := words1(p); w != "" {
			m[w] = true
		}
	}
	return m
}

// readEach reads a text as a whole, then line by line: people send one answer in several messages. Lines that are no answer
// do not count, and lines that answer differently are none.
func readEach[T comparable](text string, read func(string) (T, bool)) (v T, ok bool) {
	if v, ok = read(text); ok || !strings.Contains(text, "\n") {
		return v, ok
	}
	var zero T
	lines := 0
	for line := range strings.SplitSeq(text, "\n") {
		if lines++; lines > 50 {
			return zero, false
		}
		got, fits := read(line)
		switch {
		case !fits:
		case ok && got != v:
			return zero, false
		default:
			v, ok = got, true
		}
	}
	return v, ok
}
