package flow

import (
	"cmp"
	"encoding/json"
	"errors"
	"math"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

// writing is what filters need to know of the run: its zone and its language.
type writing struct {
	zone *time.Location
	lang string
}

// liquidFilter makes a value of another one. It gets the engine's own values only, lists as they are.
type liquidFilter func(w writing, v any, args filterArgs) (any, error)

// liquidFilters are the filters of texts. Each is bounded: none makes more than maxFilterText bytes, none reads a clock,
// a file or the machine's locale. They are given a zone and a language, because dates and money depend on them.
var liquidFilters = map[string]liquidFilter{
	// values
	"default": func(_ writing, v any, args filterArgs) (any, error) {
		if isEmpty(v) || v == false {
			return args.at(0), nil
		}
		return v, nil
	},
	"json":    func(_ writing, v any, _ filterArgs) (any, error) { return toJSON(v), nil },
	"as_text": func(w writing, v any, _ filterArgs) (any, error) { return format(v, w.zone), nil },
	"yes_no":  func(w writing, v any, _ filterArgs) (any, error) { return yesNo(w.lang, v), nil },

	// texts
	"upcase":      text1(strings.ToUpper),
	"downcase":    text1(strings.ToLower),
	"capitalize":  text1(capitalize),
	"title":       text1(titleCase),
	"strip":       text1(strings.TrimSpace),
	"first_word":  text1(firstWord),
	"digits":      text1(digits),
	"url_encode":  text1(url.QueryEscape),
	"escape_json": text1(escapeJSON.apply),
	"cpf":         text1(func(s string) string { return digitMask(s, "###.###.###-##") }),
	"cnpj":        text1(cnpjMask),
	"cep":         text1(func(s string) string { return digitMask(s, "#####-###") }),
	"phone":       text1(phoneMask),
	"mask":        text2(mask),
	"append":      text2(func(s, t string) string { return s + t }),
	"prepend":     text2(func(s, t string) string { return t + s }),
	"remove":      text2(func(s, t string) string { return strings.ReplaceAll(s, t, "") }),
	"truncate":    truncate,
	"replace":     replaceAll,
	"split":       split,
	"strip_html":  text1(stripTags),
	"slice":       slice,
	"add_days":    addDays,
	"date":        writing.date,
	"currency":    writing.currency,
	"number":      writing.number,

	// numbers
	"abs":        number1(math.Abs),
	"ceil":       number1(math.Ceil),
	"floor":      number1(math.Floor),
	"plus":       number2(func(a, b float64) float64 { return a + b }),
	"minus":      number2(func(a, b float64) float64 { return a - b }),
	"times":      number2(func(a, b float64) float64 { return a * b }),
	"divided_by": divide(func(a, b float64) float64 { return a / b }),
	"modulo":     divide(math.Mod),
	"round":      round,
	"at_least":   number2(math.Max),
	"at_most":    number2(math.Min),

	// lists
	"size":    func(_ writing, v any, _ filterArgs) (any, error) { return size(v), nil },
	"first":   list1(func(l []any) any { return pickItem(l, 0) }),
	"last":    list1(func(l []any) any { return pickItem(l, len(l)-1) }),
	"join":    join,
	"reverse": list1(func(l []any) any { return reverse(l) }),
	"sort":    list1(func(l []any) any { return sortList(l) }),
	"uniq":    list1(func(l []any) any { return unique(l) }),
	"map":     mapKey,
	"where": func(_ writing, v any, args filterArgs) (any, error) {
		l, err := asList(v)
		return where(l, args.text(0, ""), args.at(1)), err
	},
	"compact": list1(func(l []any) any { return where(l, "", nil) }),
}

// filterArgs are what stands after a filter's colon.
type filterArgs []any

func (a filterArgs) at(i int) any {
	if i < len(a) {
		return a[i]
	}
	return nil
}

func (a filterArgs) text(i int, otherwise string) string {
	if i < len(a) {
		return cut(asText(a[i]))
	}
	return otherwise
}

func (a filterArgs) whole(i, otherwise int) int {
	if f, ok := toNumber(a.at(i)); ok {
		return int(min(max(f, -maxFilterText), maxFilterText))
	}
	return otherwise
}

const maxFilterText = 64 << 10

func text1(f func(string) string) liquidFilter {
	return func(_ writing, v any, _ filterArgs) (any, error) { return cut(f(cut(asText(v)))), nil }
}

func text2(f func(a, b string) string) liquidFilter {
	return func(_ writing, v any, args filterArgs) (any, error) {
		return cut(f(cut(asText(v)), args.text(0, ""))), nil
	}
}

func number1(f func(float64) float64) liquidFilter {
	return func(_ writing, v any, _ filterArgs) (any, error) { return finite(f(asNumber(v))), nil }
}

func number2(f func(a, b float64) float64) liquidFilter {
	return func(_ writing, v any, args filterArgs) (any, error) {
		return finite(f(asNumber(v), asNumber(args.at(0)))), nil
	}
}

func list1(f func([]any) any) liquidFilter {
	return func(_ writing, v any, _ filterArgs) (any, error) {
		l, err := asList(v)
		if err != nil {
			return nil, err
		}
		return f(l), nil
	}
}

var (
	errDivision = errors.New("division by zero")
	errNotList  = errors.New("this is no list")
)

func divide(f func(a, b float64) float64) liquidFilter {
	return func(_ writing, v any, args filterArgs) (any, error) {
		b := asNumber(args.at(0))
		if b == 0 {
			return nil, errDivision
		}
		return finite(f(asNumber(v), b)), nil
	}
}

func finite(f float64) any {
	if math.IsNaN(f) || math.IsInf(f, 0) {
		return nil
	}
	return f
}

func asNumber(v any) float64 {
	f, _ := machineFirst(v)
	return f
}

// machineFirst reads a number where a text most likely comes from another system: "1.500" is one and a half.
func machineFirst(v any) (float64, bool) {
	if s, ok := v.(string); ok {
		if f, ok := machineNumber(s); ok {
			return f, true
		}
	}
	return toNumber(v)
}

func asText(v any) string { return format(v, nil) }

// asList is a list as it is; nothing is a list of nothing.
func asList(v any) ([]any, error) {
	switch v := v.(type) {
	case nil:
		return nil, nil
	case []any:
		return v, nil
	}
	return nil, errNotList
}

func cut(s string) string {
	if len(s) <= maxFilterText {
		return s
	}
	return strings.ToValidUTF8(s[:maxFilterText], "")
}

func toJSON(v any) string {
	raw, err := json.Marshal(v)
	if err != nil {
		return ""
	}
	return cut(string(raw))
}

func yesNo(lang string, v any) string {
	if v == true {
		return inLanguage(lang, [3]string{"sim", "yes", "sí"})
	}
	return inLanguage(lang, [3]string{"não", "no", "no"})
}

func capitalize(s string) string {
	r, n := utf8.DecodeRuneInString(s)
	if n == 0 {
		return s
	}
	return string(unicode.ToUpper(r)) + s[n:]
}

var smallWords = map[string]bool{"da": true, "de": true, "do": true, "das": true, "dos": true, "e": true, "of": true, "and": true}

// titleCase writes a name the Portuguese way: "MARIA DA SILVA" becomes "Maria da Silva".
func titleCase(s string) string {
	words := strings.Fields(strings.ToLower(s))
	for i, w := range words {
		if i > 0 && smallWords[w] {
			continue
		}
		words[i] = capitalParts(w)
	}
	return strings.Join(words, " ")
}

// capitalParts begins a word with a capital, and each part of it after a hyphen or an apostrophe: "ana-maria", "d'ávila". A
// short part at the end does not count: "Levi's".
func capitalParts(w string) string {
	begins := true
	r := []rune(w)
	for i, c := range r {
		switch {
		case begins && unicode.IsLetter(c):
			r[i], begins = unicode.ToUpper(c), false
		case c == '-', strings.ContainsRune("'’‘´\"(“", c) && len(r)-i > 2:
			begins = true
		case unicode.IsLetter(c) || unicode.IsDigit(c):
			begins = false
		}
	}
	return string(r)
}

func firstWord(s string) string {
	f := strings.Fields(s)
	if len(f) == 0 {
		return ""
	}
	return f[0]
}

func digits(s string) string {
	return strings.Map(func(r rune) rune {
		if r >= '0' && r <= '9' {
			return r
		}
		return -1
	}, s)
}

// mask writes the letters and digits of s into a pattern at its "#"; a text that does not fill it stays as it is.
func mask(s, pattern string) string {
	var chars []rune
	for _, r := range s {
		if unicode.IsLetter(r) || unicode.IsDigit(r) {
			chars = append(chars, r)
		}
	}
	if len(chars) != strings.Count(pattern, "#") {
		return s
	}
	var b strings.Builder
	for _, r := range pattern {
		if r == '#' {
			b.WriteRune(chars[0])
			chars = chars[1:]
			continue
		}
		b.WriteRune(r)
	}
	return b.String()
}

// digitMask writes a number into a pattern; a text with letters stays as it is.
func digitMask(s, pattern string) string {
	if strings.IndexFunc(s, unicode.IsLetter) >= 0 {
		return s
	}
	return mask(s, pattern)
}

// cnpjMask writes a CNPJ, which may have letters but ends in two digits; any other text stays as it is.
func cnpjMask(s string) string {
	plain := strings.ToUpper(strings.TrimSpace(s))
	for _, c := range plain {
		if c >= 0x80 || !(digitByte(byte(c)) || letter(byte(c)|0x20) || strings.ContainsRune("./- ", c)) {
			return s
		}
	}
	bare := strings.NewReplacer(".", "", "/", "", "-", "", " ", "").Replace(plain)
	if n := len(bare); n != 14 || !digitByte(bare[12]) || !digitByte(bare[13]) {
		return s
	}
	return mask(bare, "##.###.###/####-##")
}

func phoneMask(s string) string {
	if strings.IndexFunc(s, unicode.IsLetter) >= 0 {
		return s
	}
	d := digits(s)
	country := ""
	if strings.HasPrefix(strings.TrimSpace(s), "+55") || (len(d) > 11 && strings.HasPrefix(d, "55")) {
		country, d = "+55 ", d[2:]
	}
	switch len(d) {
	case 10:
		return country + mask(d, "(##) ####-####")
	case 11:
		return country + mask(d, "(##) #####-####")
	}
	return s
}

func truncate(_ writing, v any, args filterArgs) (any, error) {
	r := []rune(cut(asText(v)))
	limit, end := max(args.whole(0, 50), 0), args.text(1, "…")
	if len(r) <= limit {
		return string(r), nil
	}
	keep := max(limit-utf8.RuneCountInString(end), 0)
	return string(r[:keep]) + end, nil
}

func replaceAll(_ writing, v any, args filterArgs) (any, error) {
	s, old, with := cut(asText(v)), args.text(0, ""), args.text(1, "")
	if old == "" {
		return s, nil
	}
	if n := strings.Count(s, old); len(s)+n*(len(with)-len(old)) > maxFilterText {
		return s, nil
	}
	return strings.ReplaceAll(s, old, with), nil
}

func split(_ writing, v any, args filterArgs) (any, error) {
	parts := strings.SplitN(cut(asText(v)), args.text(0, ""), maxLiquidList)
	out := make([]any, len(parts))
	for i, p := range parts {
		out[i] = p
	}
	return out, nil
}

func slice(_ writing, v any, args filterArgs) (any, error) {
	r := []rune(cut(asText(v)))
	start := args.whole(0, 0)
	if start < 0 {
		start += len(r)
	}
	if start < 0 || start >= len(r) {
		return "", nil
	}
	return string(r[start:min(start+max(args.whole(1, 1), 0), len(r))]), nil
}

func stripTags(s string) string {
	var b strings.Builder
	in := false
	for _, r := range s {
		switch {
		case r == '<':
			in = true
		case r == '>' && in:
			in = false
		case !in:
			b.WriteRune(r)
		}
	}
	return b.String()
}

func round(_ writing, v any, args filterArgs) (any, error) {
	p := math.Pow10(min(max(args.whole(0, 0), 0), 9))
	return finite(math.Round(asNumber(v)*p) / p), nil
}

func size(v any) float64 {
	switch v := v.(type) {
	case nil:
		return 0
	case []any:
		return float64(len(v))
	case map[string]any:
		return float64(len(v))
	}
	return float64(runes(asText(v)))
}

func pickItem(v []any, i int) any {
	if i < 0 || i >= len(v) {
		return nil
	}
	return v[i]
}

func join(w writing, v any, args filterArgs) (any, error) {
	l, err := asList(v)
	parts := make([]string, len(l))
	total, s := 0, args.text(0, ", ")
	for i, e := range l {
		parts[i] = format(e, w.zone)
		if total += len(parts[i]) + len(s); total > maxFilterText {
			return strings.Join(parts[:i], s), nil
		}
	}
	return strings.Join(parts, s), err
}

func reverse(v []any) []any {
	out := make([]any, len(v))
	for i, e := range v {
		out[len(v)-1-i] = e
	}
	return out
}

// sortList orders numbers as numbers and all else as folded text; each item is read once.
func sortList(v []any) []any {
	type keyed struct {
		item   any
		num    float64
		number bool
		text   string
	}
	keys := make([]keyed, len(v))
	for i, e := range v {
		k := keyed{item: e, text: fold(asText(e))}
		k.num, k.number = machineFirst(e)
		keys[i] = k
	}
	slices.SortStableFunc(keys, func(a, b keyed) int {
		if a.number && b.number {
			return cmp.Compare(a.num, b.num)
		}
		return strings.Compare(a.text, b.text)
	})
	out := make([]any, len(v))
	for i := range keys {
		out[i] = keys[i].item
	}
	return out
}

func unique(v []any) []any {
	seen := map[string]bool{}
	var out []any
	for _, e := range v {
		k := toJSON(e)
		if !seen[k] {
			seen[k] = true
			out = append(out, e)
		}
	}
	return out
}

func mapKey(_ writing, v any, args filterArgs) (any, error) {
	l, err := asList(v)
	key := args.text(0, "")
	out := make([]any, 0, len(l))
	for _, e := range l {
		if m, ok := e.(map[string]any); ok {
			out = append(out, m[key])
		}
	}
	return out, err
}

// where keeps the items whose key equals a value; with no key it drops empty items.
func where(v []any, key string, want any) []any {
	var out []any
	for _, e := range v {
		if key == "" {
			if !isEmpty(e) {
				out = append(out, e)
			}
			continue
		}
		if m, ok := e.(map[string]any); ok && asText(m[key]) == asText(want) {
			out = append(out, e)
		}
	}
	return out
}

func (w writing) currency(v any, args filterArgs) (any, error) {
	c := args.text(0, "BRL")
	symbol, ok := map[string]string{"BRL": "R$ ", "USD": "US$ ", "EUR": "€ "}[c]
	if !ok {
		symbol = c + " "
	}
	f := asNumber(v)
	sign := ""
	if f < 0 {
		sign, f = "-", -f
	}
	return sign + symbol + w.decimal(f, 2), nil
}

func (w writing) number(v any, args filterArgs) (any, error) {
	f := asNumber(v)
	n := args.whole(0, -1)
	if n < 0 {
		n = 0
		if s := strconv.FormatFloat(f, 'f', -1, 64); strings.Contains(s, ".") {
			n = min(len(s)-strings.Index(s, ".")-1, 6)
		}
	}
	return w.decimal(f, min(n, 9)), nil
}

func (w writing) decimal(f float64, places int) string {
	thousands, point := ".", ","
	if dotDecimal(w.lang) {
		thousands, point = ",", "."
	}
	s := strconv.FormatFloat(math.Abs(f), 'f', places, 64)
	whole, frac, _ := strings.Cut(s, ".")
	var b strings.Builder
	if f < 0 {
		b.WriteByte('-')
	}
	for i, c := range whole {
		if i > 0 && (len(whole)-i)%3 == 0 {
			b.WriteString(thousands)
		}
		b.WriteRune(c)
	}
	if frac != "" {
		b.WriteString(point)
		b.WriteString(frac)
	}
	return b.String()
}

func addDays(w writing, v any, args filterArgs) (any, error) {
	t, ok := toInstant(v, w.zone)
	days := args.whole(0, 0)
	if !ok || days > 36600 || days < -36600 {
		return v, nil
	}
	t = t.In(orUTC(w.zone)).AddDate(0, 0, days)
	if s, isText := v.(string); isText && len(s) == len("2006-01-02") {
		return t.Format("2006-01-02"), nil
	}
	return instant(t.Format(time.RFC3339)), nil
}
