package flow

import (
	"encoding/json"
	"fmt"
	"math"
	"sort"
	"strconv"
	"strings"
	"time"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// instant is a point in time as a text in RFC 3339. It is a type of its own so that a text shows it the way people read
// it. It is no time.Time because Liquid and expr would offer its methods, Local among them, which read the machine.
type instant string

// normalize turns a value into what JSON has (nil, bool, float64, string, []any, map[string]any), so that a state is the
// same before and after marshalling. NUL, which no database takes and no person types, is dropped from texts.
func normalize(v any) any {
	switch v := v.(type) {
	case nil, bool:
		return v
	case string:
		return clean(v)
	case float64:
		if math.IsNaN(v) || math.IsInf(v, 0) {
			return nil
		}
		return v
	case int:
		return float64(v)
	case int64:
		return float64(v)
	case float32:
		return normalize(float64(v))
	case json.Number:
		f, err := v.Float64()
		if err != nil {
			return clean(v.String())
		}
		return f
	case instant:
		return string(v)
	case time.Time:
		return v.Format(time.RFC3339)
	case []string:
		out := make([]any, len(v))
		for i, s := range v {
			out[i] = clean(s)
		}
		return out
	case []any:
		out := make([]any, len(v))
		for i, e := range v {
			out[i] = normalize(e)
		}
		return out
	case map[string]any:
		out := make(map[string]any, len(v))
		for k, e := range v {
			out[clean(k)] = normalize(e)
		}
		return out
	}
	raw, err := json.Marshal(v)
	if err != nil {
		return nil
	}
	var out any
	if json.Unmarshal(raw, &out) != nil {
		return nil
	}
	return normalize(out)
}

func clean(s string) string {
	s = strings.ToValidUTF8(s, "\uFFFD")
	if strings.IndexByte(s, 0) < 0 {
		return s
	}
	return strings.ReplaceAll(s, "\x00", "")
}

// sizeOf estimates the bytes a value takes as JSON, without making it.
func sizeOf(v any) int {
	switch v := v.(type) {
	case string:
		return len(v) + 2
	case []any:
		n := 2
		for _, e := range v {
			n += sizeOf(e) + 1
		}
		return n
	case map[string]any:
		n := 2
		for k, e := range v {
			n += len(k) + 4 + sizeOf(e)
		}
		return n
	case float64:
		return 8
	}
	return 5
}

// format writes a value as a text shows it: numbers without exponents, lists with commas, objects as JSON.
func format(v any, zone *time.Location) string {
	switch v := v.(type) {
	case nil:
		return ""
	case string:
		return v
	case bool:
		return strconv.FormatBool(v)
	case float64:
		return formatNumber(v)
	case int:
		return strconv.Itoa(v)
	case instant:
		t, _ := toInstant(string(v), zone)
		return t.Format("02/01/2006 15:04")
	case []any:
		parts := make([]string, len(v))
		for i, e := range v {
			parts[i] = format(e, zone)
		}
		return strings.Join(parts, ", ")
	case map[string]any:
		if t, ok := v["title"].(string); ok {
			return t
		}
		if t, ok := v["name"].(string); ok {
			return t
		}
		raw, err := json.Marshal(v)
		if err != nil {
			return ""
		}
		return string(raw)
	}
	return fmt.Sprint(v)
}

func formatNumber(f float64) string {
	if f == math.Trunc(f) && math.Abs(f) < 1e15 {
		return strconv.FormatInt(int64(f), 10)
	}
	return strconv.FormatFloat(f, 'f', -1, 64)
}

func orUTC(z *time.Location) *time.Location {
	if z == nil {
		return time.UTC
	}
	return z
}

// fold drops accents, case and the space around a text, so that "Não ", "nao" and "NÃO" are equal.
func fold(s string) string {
	s = strings.TrimSpace(s)
	ascii := true
	upper := false
	for i := range len(s) {
		c := s[i]
		if c >= 0x80 {
			ascii = false
			break
		}
		upper = upper || ('A' <= c && c <= 'Z') || c == '\t' || c == '\n' || (c == ' ' && i+1 < len(s) && s[i+1] == ' ')
	}
	if ascii && !upper {
		return s
	}
	if !ascii {
		s = norm.NFD.String(s)
	}
	var b strings.Builder
	b.Grow(len(s))
	space := false
	for _, r := range s {
		switch {
		case unicode.Is(unicode.Mn, r):
			continue
		case unicode.IsSpace(r):
			space = true
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

// toNumber reads a number from a value; texts may be written the Brazilian way ("1.234,56") or the English way.
func toNumber(v any) (float64, bool) {
	switch v := v.(type) {
	case float64:
		return v, true
	case int:
		return float64(v), true
	case bool:
		return 0, false
	case string:
		return parseNumber(v)
	}
	return 0, false
}

// parseNumber reads "1.234,56", "1,234.56", "1234.5", "R$ 10", "-3" and "10%". A single dot or comma followed by
// exactly three digits is a thousands separator when it is a dot ("1.500" is fifteen hundred in Brazil).
func parseNumber(s string) (float64, bool) {
	s = strings.TrimSpace(s)
	s = strings.TrimPrefix(s, "R$")
	s = strings.TrimSuffix(strings.TrimSpace(s), "%")
	s = strings.Map(func(r rune) rune {
		if r == ' ' || r == '\u00a0' {
			return -1
		}
		return r
	}, s)
	if s == "" || len(s) > 40 {
		return 0, false
	}
	for i, r := range s {
		if (r < '0' || r > '9') && r != '.' && r != ',' && (i != 0 || (r != '-' && r != '+')) {
			return 0, false
		}
	}
	dot, comma := strings.LastIndexByte(s, '.'), strings.LastIndexByte(s, ',')
	dots, commas := strings.Count(s, "."), strings.Count(s, ",")
	switch {
	case dots > 0 && commas > 0:
		thousands, decimal := ".", ","
		if dot > comma {
			thousands, decimal = ",", "."
		}
		if strings.Count(s, decimal) > 1 || strings.LastIndex(s, thousands) > strings.Index(s, decimal) {
			return 0, false
		}
		s = strings.ReplaceAll(s, thousands, "")
		s = strings.Replace(s, decimal, ".", 1)
	case commas == 1:
		s = strings.Replace(s, ",", ".", 1)
	case commas > 1:
		s = strings.ReplaceAll(s, ",", "")
	case dots > 1:
		s = strings.ReplaceAll(s, ".", "")
	case dots == 1 && len(s)-dot-1 == 3 && strings.TrimLeft(s[:dot], "+-") != "0" && strings.TrimLeft(s[:dot], "+-") != "":
		s = strings.Replace(s, ".", "", 1)
	}
	f, err := strconv.ParseFloat(s, 64)
	if err != nil || math.IsInf(f, 0) || math.IsNaN(f) {
		return 0, false
	}
	return f, true
}

// isEmpty reports whether a value counts as empty: nil, a blank text, an empty list or object.
func isEmpty(v any) bool {
	switch v := v.(type) {
	case nil:
		return true
	case string:
		return strings.TrimSpace(v) == ""
	case []any:
		return len(v) == 0
	case map[string]any:
		return len(v) == 0
	}
	return false
}

// toInstant reads an instant or a date: RFC 3339, YYYY-MM-DD with or without a time, or DD/MM/YYYY. A text without an
// offset means the zone.
func toInstant(v any, zone *time.Location) (time.Time, bool) {
	switch v := v.(type) {
	case time.Time:
		return v, true
	case instant:
		return toInstant(string(v), zone)
	case string:
		s := strings.TrimSpace(v)
		if len(s) < 8 || len(s) > 40 {
			return time.Time{}, false
		}
		if t, err := time.Parse(time.RFC3339Nano, s); err == nil {
			return t, true
		}
		for _, layout := range instantLayouts {
			if t, err := time.ParseInLocation(layout, s, orUTC(zone)); err == nil {
				return t, true
			}
		}
	}
	return time.Time{}, false
}

var instantLayouts = []string{
	"2006-01-02T15:04:05", "2006-01-02T15:04", "2006-01-02 15:04:05", "2006-01-02 15:04", "2006-01-02",
	"02/01/2006 15:04:05", "02/01/2006 15:04", "02/01/2006", "2/1/2006 15:04", "2/1/2006",
}

// sortedKeys are the keys of a map in order: a map's own order differs from run to run.
func sortedKeys[V any](m map[string]V) []string {
	keys := make([]string, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	sort.Strings(keys)
	return keys
}
