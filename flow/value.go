package flow

import (
	"encoding/json"
	"fmt"
	"math"
	"sort"
	"strconv"
	"strings"
	"time"
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
		return exactly(v)
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

// exactly is a number as a float64 where that keeps every digit, else as it was written: numbers of orders and the like are
// longer than a float64 is exact.
func exactly(n json.Number) any {
	s := n.String()
	f, err := n.Float64()
	if err != nil {
		return clean(s)
	}
	if len(s) <= 15 || strings.ContainsAny(s, "eE") {
		return f
	}
	if whole, frac, ok := strings.Cut(s, "."); ok {
		s = strings.TrimSuffix(whole+"."+strings.TrimRight(frac, "0"), ".")
	}
	if strconv.FormatFloat(f, 'f', -1, 64) == s {
		return f
	}
	return n
}

// textual writes the numbers of a value that no float64 holds as texts; it changes lists and objects in place.
func textual(v any) any {
	switch v := v.(type) {
	case json.Number:
		return v.String()
	case []any:
		for i, e := range v {
			v[i] = textual(e)
		}
	case map[string]any:
		for k, e := range v {
			v[k] = textual(e)
		}
	}
	return v
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
	case json.Number:
		return len(v)
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
	case json.Number:
		return v.String()
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

// toNumber reads a number from a value; texts may be written the Brazilian way ("1.234,56") or the English way.
func toNumber(v any) (float64, bool) {
	switch v := v.(type) {
	case float64:
		return v, true
	case int:
		return float64(v), true
	case json.Number:
		f, err := v.Float64()
		return f, err == nil
	case bool:
		return 0, false
	case string:
		return parseNumber(v, "")
	}
	return 0, false
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
			if t, err := time.ParseInLocation(layout, s, time.UTC); err == nil {
				at := wallTime(t.Year(), t.Month(), t.Day(), t.Hour()*60+t.Minute(), orUTC(zone))
				return at.Add(time.Duration(t.Second()) * time.Second), true
			}
		}
	}
	return time.Time{}, false
}

// toLocal reads an instant by a zone's clock.
func toLocal(v any, zone *time.Location) (time.Time, bool) {
	t, ok := toInstant(v, zone)
	return t.In(orUTC(zone)), ok
}

// toDay reads an instant or a date where only the day counts. Midnight in UTC is how programs write a day without a time, so
// that it is the day that is written, whatever the zone.
func toDay(v any, zone *time.Location) (time.Time, bool) {
	s, isText := v.(string)
	if isText {
		s = strings.TrimSpace(s)
		for _, midnight := range []string{"T00:00:00Z", "T00:00:00.000Z", "T00:00:00+00:00", "T00:00:00.000+00:00"} {
			if day, ok := strings.CutSuffix(s, midnight); ok {
				return toInstant(day, orUTC(zone))
			}
		}
	}
	return toLocal(v, zone)
}

var instantLayouts = []string{
	"2006-01-02T15:04:05", "2006-01-02T15:04", "2006-01-02 15:04:05", "2006-01-02 15:04", "2006-01-02",
	"02/01/2006 15:04:05", "02/01/2006 15:04", "02/01/2006", "2/1/2006 15:04", "2/1/2006", "02.01.2006", "02-01-2006",
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
