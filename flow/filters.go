package flow

import (
	"encoding/json"
	"errors"
	"io"
	"math"
	"net/url"
	"reflect"
	"sort"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/osteele/liquid/expressions"
	"github.com/osteele/liquid/render"
	"github.com/osteele/liquid/tags"
)

// writing is what filters need to know of the run: its zone and its language.
type writing struct {
	zone *time.Location
	lang string
}

// liquidFilters are the filters of texts. Each is bounded: none makes more than maxFilterText bytes, none reads a clock,
// a file or the machine's locale. They are made for a zone and a language, because dates and money depend on them.
var liquidFilters = map[string]func(w writing) any{
	// values
	"default": func(writing) any {
		return func(v, other any) any {
			if isEmpty(v) || v == false {
				return other
			}
			return v
		}
	},
	"json":    func(writing) any { return toJSON },
	"as_text": func(w writing) any { return func(v any) string { return format(fromLiquid(v), w.zone) } },
	"yes_no": func(w writing) any {
		return func(v any) string { return yesNo(w.lang, v) }
	},

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
	"cpf":         text1(func(s string) string { return mask(s, "###.###.###-##") }),
	"cnpj":        text1(func(s string) string { return mask(s, "##.###.###/####-##") }),
	"cep":         text1(func(s string) string { return mask(s, "#####-###") }),
	"phone":       text1(phoneMask),
	"mask":        func(writing) any { return func(v any, pattern string) string { return mask(asText(v), pattern) } },
	"append":      text2(func(s, t string) string { return s + t }),
	"prepend":     text2(func(s, t string) string { return t + s }),
	"remove":      text2(func(s, t string) string { return strings.ReplaceAll(s, t, "") }),
	"truncate":    func(writing) any { return truncate },
	"replace":     func(writing) any { return replaceAll },
	"split":       func(writing) any { return split },
	"strip_html":  text1(stripTags),
	"slice":       func(writing) any { return slice },
	"add_days":    func(w writing) any { return w.addDays },
	"date":        func(w writing) any { return w.date },
	"currency":    func(w writing) any { return w.currency },
	"number":      func(w writing) any { return w.number },
	"abs":         number1(math.Abs),
	"ceil":        number1(math.Ceil),
	"floor":       number1(math.Floor),
	"plus":        number2(func(a, b float64) float64 { return a + b }),
	"minus":       number2(func(a, b float64) float64 { return a - b }),
	"times":       number2(func(a, b float64) float64 { return a * b }),
	"divided_by":  func(writing) any { return divide(func(a, b float64) float64 { return a / b }) },
	"modulo":      func(writing) any { return divide(math.Mod) },
	"round":       func(writing) any { return round },
	"at_least":    number2(math.Max),
	"at_most":     number2(math.Min),
	"size":        func(writing) any { return size },
	"first":       func(writing) any { return func(v []any) any { return pickItem(v, 0) } },
	"last":        func(writing) any { return func(v []any) any { return pickItem(v, len(v)-1) } },
	"join":        func(w writing) any { return w.join },
	"reverse":     func(writing) any { return reverse },
	"sort":        func(writing) any { return sortList },
	"uniq":        func(writing) any { return unique },
	"map":         func(writing) any { return mapKey },
	"where":       func(writing) any { return where },
	"compact":     func(writing) any { return func(v []any) []any { return where(v, "", nil) } },
}

const maxFilterText = 64 << 10

// parsingConfig knows the tags; filters are added for each run.
var parsingConfig = newLiquidConfig()

func newLiquidConfig() render.Config {
	c := render.NewConfig()
	tags.AddStandardTags(c)
	c.AddTag("include", func(string) (func(io.Writer, render.Context) error, error) { // it would read files
		return nil, errors.New("there is no tag include")
	})
	return c
}

// liquidConfig is the tags with the filters named, made for this run: in its zone and language, at its expense.
func (r *run) liquidConfig(filters []string) render.Config {
	if r.liquidFor == nil {
		c := parsingConfig
		c.Config.Config = expressions.NewConfig()
		r.liquidFor, r.filtersMade = &c, map[string]bool{}
	}
	for _, name := range filters {
		if !r.filtersMade[name] {
			r.filtersMade[name] = true
			r.liquidFor.AddFilter(name, r.counted(liquidFilters[name](writing{zone: orUTC(r.zone), lang: r.s.Language})))
		}
	}
	return *r.liquidFor
}

// counted makes a filter that counts as work: one for the call and one for each KiB it is given. It fails when the step
// has done too much, which ends the text.
func (r *run) counted(filter any) any {
	f := reflect.ValueOf(filter)
	in := make([]reflect.Type, f.Type().NumIn())
	for i := range in {
		in[i] = f.Type().In(i)
	}
	t := reflect.FuncOf(in, []reflect.Type{f.Type().Out(0), reflect.TypeFor[error]()}, false)
	return reflect.MakeFunc(t, func(args []reflect.Value) []reflect.Value {
		n := 1
		for _, a := range args {
			if a.Kind() == reflect.Func {
				continue
			}
			n += sizeOf(fromLiquid(a.Interface())) >> 10
		}
		if !r.work(n) {
			return []reflect.Value{reflect.Zero(t.Out(0)), reflect.ValueOf(&errTooMuchWork).Elem()}
		}
		out := f.Call(args)
		if len(out) == 1 {
			out = append(out, reflect.Zero(t.Out(1)))
		}
		return out
	}).Interface()
}

func text1(f func(string) string) func(writing) any {
	return func(writing) any { return func(v any) string { return cut(f(cut(asText(v)))) } }
}

func text2(f func(a, b string) string) func(writing) any {
	return func(writing) any { return func(v, t any) string { return cut(f(cut(asText(v)), cut(asText(t)))) } }
}

func number1(f func(float64) float64) func(writing) any {
	return func(writing) any {
		return func(v any) any { return finite(f(asNumber(v))) }
	}
}

func number2(f func(a, b float64) float64) func(writing) any {
	return func(writing) any {
		return func(v, w any) any { return finite(f(asNumber(v), asNumber(w))) }
	}
}

var errDivision = errors.New("division by zero")

func divide(f func(a, b float64) float64) func(v, w any) (any, error) {
	return func(v, w any) (any, error) {
		b := asNumber(w)
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
	return toLiquid(f)
}

func asNumber(v any) float64 {
	f, _ := toNumber(fromLiquid(v))
	return f
}

func asText(v any) string { return format(fromLiquid(v), nil) }

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
	yes, no := "sim", "não"
	if strings.HasPrefix(lang, "en") {
		yes, no = "yes", "no"
	}
	if v == true {
		return yes
	}
	return no
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
		words[i] = capitalize(w)
	}
	return strings.Join(words, " ")
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

func phoneMask(s string) string {
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

func truncate(v any, n func(int) int, more func(string) string) string {
	r := []rune(cut(asText(v)))
	limit, end := max(n(50), 0), more("…")
	if len(r) <= limit {
		return string(r)
	}
	keep := max(limit-utf8.RuneCountInString(end), 0)
	return string(r[:keep]) + end
}

func replaceAll(v, old, with any) string {
	s, o, w := cut(asText(v)), cut(asText(old)), cut(asText(with))
	if o == "" {
		return s
	}
	if n := strings.Count(s, o); len(s)+n*(len(w)-len(o)) > maxFilterText {
		return s
	}
	return strings.ReplaceAll(s, o, w)
}

func split(v, sep any) []any {
	parts := strings.SplitN(cut(asText(v)), asText(sep), maxLiquidList)
	out := make([]any, len(parts))
	for i, p := range parts {
		out[i] = p
	}
	return out
}

func slice(v any, start int, n func(int) int) string {
	r := []rune(cut(asText(v)))
	if start < 0 {
		start += len(r)
	}
	if start < 0 || start >= len(r) {
		return ""
	}
	return string(r[start:min(start+max(n(1), 0), len(r))])
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

func round(v any, places func(int) int) any {
	p := math.Pow10(min(max(places(0), 0), 9))
	return finite(math.Round(asNumber(v)*p) / p)
}

func size(v any) int {
	switch v := v.(type) {
	case nil:
		return 0
	case []any:
		return len(v)
	case map[string]any:
		return len(v)
	}
	return utf8.RuneCountInString(asText(v))
}

func pickItem(v []any, i int) any {
	if i < 0 || i >= len(v) {
		return nil
	}
	return v[i]
}

func (w writing) join(v []any, sep func(string) string) string {
	parts := make([]string, len(v))
	total, s := 0, sep(", ")
	for i, e := range v {
		parts[i] = format(fromLiquid(e), w.zone)
		if total += len(parts[i]) + len(s); total > maxFilterText {
			return strings.Join(parts[:i], s)
		}
	}
	return strings.Join(parts, s)
}

func reverse(v []any) []any {
	out := make([]any, len(v))
	for i, e := range v {
		out[len(v)-1-i] = e
	}
	return out
}

func sortList(v []any) []any {
	out := append([]any(nil), v...)
	sort.SliceStable(out, func(i, j int) bool {
		a, aok := toNumber(fromLiquid(out[i]))
		b, bok := toNumber(fromLiquid(out[j]))
		if aok && bok {
			return a < b
		}
		return fold(asText(out[i])) < fold(asText(out[j]))
	})
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

func mapKey(v []any, key string) []any {
	out := make([]any, 0, len(v))
	for _, e := range v {
		if m, ok := e.(map[string]any); ok {
			out = append(out, m[key])
		}
	}
	return out
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

func (w writing) currency(v any, code func(string) string) string {
	c := code("BRL")
	symbol, ok := map[string]string{"BRL": "R$ ", "USD": "US$ ", "EUR": "€ "}[c]
	if !ok {
		symbol = c + " "
	}
	f := asNumber(v)
	sign := ""
	if f < 0 {
		sign, f = "-", -f
	}
	return sign + symbol + w.decimal(f, 2)
}

func (w writing) number(v any, places func(int) int) string {
	f := asNumber(v)
	n := places(-1)
	if n < 0 {
		n = 0
		if s := strconv.FormatFloat(f, 'f', -1, 64); strings.Contains(s, ".") {
			n = min(len(s)-strings.Index(s, ".")-1, 6)
		}
	}
	return w.decimal(f, min(n, 9))
}

func (w writing) decimal(f float64, places int) string {
	thousands, point := ".", ","
	if strings.HasPrefix(w.lang, "en") {
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

func (w writing) addDays(v any, days int) any {
	t, ok := toInstant(v, w.zone)
	if !ok || days > 36600 || days < -36600 {
		return v
	}
	t = t.In(orUTC(w.zone)).AddDate(0, 0, days)
	if s, isText := v.(string); isText && len(s) == len("2006-01-02") {
		return t.Format("2006-01-02")
	}
	return instant(t.Format(time.RFC3339))
}
