package meta

import (
	"bytes"
	"encoding/json"
	"reflect"
	"strconv"
	"strings"
	"time"
)

// The types below read what Meta writes now as a string and now as a number.
// A value of another kind (object, array, boolean) is an error, except for
// Time, which no element fails for.

// String is an id or word that may come as a number.
type String string

// UnmarshalJSON implements json.Unmarshaler.
func (s *String) UnmarshalJSON(b []byte) error {
	if bytes.Equal(b, []byte("null")) {
		return nil
	}
	if len(b) > 0 && (b[0] == '-' || b[0] >= '0' && b[0] <= '9') {
		*s = String(b)
		return nil
	}
	var text string
	if err := json.Unmarshal(b, &text); err != nil {
		return err
	}
	*s = String(text)
	return nil
}

// Int is a whole number that may come as a string. What is no number, or does
// not fit, is 0.
type Int int64

// UnmarshalJSON implements json.Unmarshaler.
func (n *Int) UnmarshalJSON(b []byte) error {
	var s String
	if err := s.UnmarshalJSON(b); err != nil {
		return err
	}
	text := strings.TrimSpace(string(s))
	if v, err := strconv.ParseInt(text, 10, 64); err == nil {
		*n = Int(v)
	} else if f, err := strconv.ParseFloat(text, 64); err == nil && f > -1<<62 && f < 1<<62 {
		*n = Int(f)
	}
	return nil
}

// Time is a moment in seconds since 1970 (or milliseconds, told by size). What
// cannot be a moment of this or the next decades is the zero time.
type Time struct{ time.Time }

// earliest and latest bound a believable moment: WhatsApp's first year, 2100.
const (
	earliest = 1230768000
	latest   = 4102444800
)

// UnmarshalJSON implements json.Unmarshaler; it never fails.
func (t *Time) UnmarshalJSON(b []byte) error {
	t.Time = time.Time{}
	var s String
	if s.UnmarshalJSON(b) != nil {
		return nil //nolint:nilerr // a time nobody can read is no time
	}
	text := strings.TrimSpace(string(s))
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil {
		for _, layout := range []string{time.RFC3339, "2006-01-02T15:04:05-0700", "January 2, 2006", time.DateOnly} {
			if at, err := time.Parse(layout, text); err == nil && at.Unix() >= earliest && at.Unix() < latest {
				t.Time = at.UTC()
				return nil
			}
		}
		return nil
	}
	switch {
	case n >= earliest && n < latest:
		t.Time = time.Unix(n, 0).UTC()
	case n >= earliest*1000 && n < latest*1000:
		t.Time = time.UnixMilli(n).UTC()
	}
	return nil
}

// Number is a decimal number that may come as a string, kept as written; one
// that no price or quantity can be is empty.
type Number string

// UnmarshalJSON implements json.Unmarshaler.
func (n *Number) UnmarshalJSON(b []byte) error {
	var s String
	if err := s.UnmarshalJSON(b); err != nil {
		return err
	}
	text := decimal(string(s))
	if len(text) <= 24 && json.Valid([]byte(text)) && !strings.ContainsAny(text, "eE") && text != "" && (text[0] == '-' || text[0] >= '0' && text[0] <= '9') {
		*n = Number(text)
	}
	return nil
}

// decimal writes a number with a dot: "10,50" as people in Brazil write it, and "1.234,56" and "1,234.56" with their groups.
func decimal(text string) string {
	text = strings.TrimSpace(text)
	if text == "" || strings.Trim(text, "0123456789.,+-") != "" {
		return text
	}
	dots, commas := strings.Count(text, "."), strings.Count(text, ",")
	switch {
	case commas == 0:
		return text
	case dots == 0 && commas == 1, commas == 1 && strings.LastIndex(text, ",") > strings.LastIndex(text, "."):
		return strings.Replace(strings.ReplaceAll(text, ".", ""), ",", ".", 1)
	case dots <= 1 && strings.LastIndex(text, ".") > strings.LastIndex(text, ","), dots == 0:
		return strings.ReplaceAll(text, ",", "")
	}
	return text
}

// JSON gives the number for a struct of ours; "0" if it is empty.
func (n Number) JSON() json.Number {
	if n == "" {
		return "0"
	}
	return json.Number(n)
}

// Bool is a truth that may come as a string or a number. What is neither is false.
type Bool bool

// UnmarshalJSON implements json.Unmarshaler. It never fails.
func (v *Bool) UnmarshalJSON(b []byte) error {
	text := strings.Trim(string(b), `"`)
	*v = Bool(strings.EqualFold(text, "true") || text == "1")
	return nil
}

// Float is a decimal number that may come as a string. What is no number is an error.
type Float float64

// UnmarshalJSON implements json.Unmarshaler.
func (f *Float) UnmarshalJSON(b []byte) error {
	var s String
	if err := s.UnmarshalJSON(b); err != nil || s == "" {
		return err
	}
	v, err := strconv.ParseFloat(decimal(string(s)), 64)
	if err != nil || v != v || v > 1e9 || v < -1e9 {
		return &json.UnmarshalTypeError{Value: "string", Type: reflect.TypeFor[float64]()}
	}
	*f = Float(v)
	return nil
}

// Text is JSON that comes as a string which holds JSON, or as the JSON itself. It never fails.
type Text string

// UnmarshalJSON implements json.Unmarshaler.
func (t *Text) UnmarshalJSON(b []byte) error {
	var s String
	if s.UnmarshalJSON(b) == nil {
		*t = Text(s)
		return nil
	}
	*t = Text(b)
	return nil
}

// Deref gives what a pointer to a value of Meta's holds, and zero for none.
func Deref[T any](p *T) T {
	if p == nil {
		var none T
		return none
	}
	return *p
}
