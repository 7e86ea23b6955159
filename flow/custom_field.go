package flow

import (
	"encoding/json"
	"math"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"
)

// Kinds of custom fields that no variable has.
const (
	fieldLink  VariableType = "link"
	fieldImage VariableType = "image"
)

// FieldKinds are the kinds of custom fields (rules 201, 202).
var FieldKinds = []VariableType{TypeText, TypeNumber, TypeBoolean, TypeDate, TypeTime, TypeInstant, TypeList, fieldLink, fieldImage}

// FieldMaxLength is the longest text of a custom field in characters. A field may have a smaller limit.
const FieldMaxLength = 4096

// Limits of values that no definition changes.
const (
	longestLink = 2048
	mostChoices = 100
)

// Field is the definition of a custom field of contacts (rules 201, 202).
type Field struct {
	Key   string       `json:"key"`
	Label string       `json:"label,omitempty"`
	Type  VariableType `json:"type"`
	// Options are what a list takes; without options it takes any text.
	Options []string `json:"options,omitempty"`
	// Required refuses to clear the field. Contacts that never had a value may go without one.
	Required bool `json:"required,omitempty"`
	// MaxLength is the longest text in characters; 0 means FieldMaxLength.
	MaxLength int `json:"max_length,omitempty"`
}

// FieldError is why a custom field refuses a value. It never repeats the value.
type FieldError struct {
	Field string // the name that people know
	why   string // a key of fieldWords
	limit int
}

// Error implements error: a sentence in English without the field's name.
func (e *FieldError) Error() string {
	return strings.ReplaceAll(fieldWords[e.why], "{0}", strconv.Itoa(e.limit))
}

// line is what agents read.
func (e *FieldError) line() SystemLine {
	values := map[string]string{"field": e.Field}
	if e.limit > 0 {
		values["limit"] = strconv.Itoa(e.limit)
	}
	return SystemLine{Code: fieldLine(e.why), Values: values, Alert: true}
}

// UnknownField is the refusal of a key that no definition has.
func UnknownField(key string) *FieldError { return &FieldError{Field: key, why: "unknown"} }

// Check tells why the field refuses a value, or nil. A value has the types of JSON: a number is no text. Nil clears.
func (f *Field) Check(v any) *FieldError {
	if isEmpty(v) && f.Required {
		return f.refuse("required", 0)
	}
	if v == nil {
		return nil
	}
	ok := true
	s, isText := v.(string)
	switch f.Type {
	case TypeNumber:
		n, isNumber := v.(float64)
		ok = isNumber && !math.IsNaN(n) && !math.IsInf(n, 0)
	case TypeBoolean:
		_, ok = v.(bool)
	case TypeDate:
		ok = isText && parses(time.DateOnly, s)
	case TypeTime:
		ok = isText && (parses("15:04", s) || parses(time.TimeOnly, s))
	case TypeInstant:
		ok = isText && parses(time.RFC3339, s)
	case TypeList:
		return f.checkList(v)
	case fieldLink:
		ok = isText && isLink(s)
	case fieldImage:
		ok = isText && (isLink(s) || isMediaID(s))
	default:
		limit := f.MaxLength
		if limit == 0 {
			limit = FieldMaxLength
		}
		if isText && utf8.RuneCountInString(s) > limit {
			return f.refuse("long", limit)
		}
		if !isText {
			return f.refuse(string(TypeText), 0)
		}
	}
	if !ok {
		return f.refuse(string(f.Type), 0)
	}
	return nil
}

func (f *Field) refuse(why string, limit int) *FieldError {
	name := f.Label
	if name == "" {
		name = f.Key
	}
	return &FieldError{Field: name, why: why, limit: limit}
}

// checkList takes one of the options, or a list of some of them.
func (f *Field) checkList(v any) *FieldError {
	chosen, many := v.([]any)
	if !many {
		chosen = []any{v}
	}
	if len(chosen) > mostChoices {
		return f.refuse("choices", mostChoices)
	}
	for i, c := range chosen {
		s, ok := c.(string)
		switch {
		case !ok || utf8.RuneCountInString(s) > FieldMaxLength:
			return f.refuse(string(TypeList), 0)
		case len(f.Options) > 0 && !slices.Contains(f.Options, s):
			return f.refuse("option", 0)
		case slices.Contains(chosen[:i], c):
			return f.refuse("twice", 0)
		}
	}
	return nil
}

// IsImage tells whether the field holds a picture (rule 202).
func (f *Field) IsImage() bool { return f.Type == fieldImage }

// MediaID gives the id of the file that a value names, where the field is an image and the value is no link.
func (f *Field) MediaID(v any) (int64, bool) {
	s, _ := v.(string)
	if f.Type != fieldImage || !isMediaID(s) {
		return 0, false
	}
	id, err := strconv.ParseInt(s, 10, 64)
	return id, err == nil
}

func parses(layout, s string) bool {
	_, err := time.Parse(layout, s)
	return err == nil
}

func isLink(s string) bool {
	u, err := url.Parse(s)
	return err == nil && len(s) <= longestLink && u.Host != "" && (u.Scheme == "https" || u.Scheme == "http")
}

func isMediaID(s string) bool {
	return s != "" && len(s) <= 18 && strings.Trim(s, "0123456789") == ""
}

// fieldValue reads a flow's value as a custom field takes it. A flow's values often are texts, so numbers, dates and the
// like are read from them.
func (r *run) fieldValue(key string, v any) (any, *FieldError) {
	if r.env.Fields == nil {
		return v, nil
	}
	i := slices.IndexFunc(r.env.Fields, func(f Field) bool { return f.Key == key })
	switch {
	case i < 0 && v == nil:
		return nil, nil // what is left of a field that was deleted may be cleared
	case i < 0:
		return nil, UnknownField(key)
	}
	f := &r.env.Fields[i]
	if s, _ := v.(string); f.Type == fieldImage && isMediaID(s) && !r.sent(s) {
		return v, f.refuse(string(fieldImage), 0)
	}
	if read, ok := f.read(v, r.now.In(orUTC(r.zone))); ok {
		v = read
	}
	return v, f.Check(v)
}

// read turns a text into the field's type; false where it cannot.
func (f *Field) read(v any, now time.Time) (any, bool) {
	s, isText := v.(string)
	if n, long := v.(json.Number); long && f.Type == TypeNumber {
		return toNumber(n)
	}
	switch {
	case f.Type == TypeText && v != nil:
		return format(v, now.Location()), true
	case !isText:
		return nil, false
	case s == "" && f.Type != TypeText:
		return nil, true
	}
	switch f.Type {
	case TypeNumber:
		return toNumber(s)
	case TypeBoolean:
		b := convert(s, TypeBoolean, now.Location())
		return b, b != nil
	case TypeDate:
		return ParseDate(s, now)
	case TypeTime:
		return ParseTime(s)
	case TypeInstant:
		t, ok := toInstant(s, now.Location())
		return t.Format(time.RFC3339), ok
	}
	return nil, false
}

// fieldWords say what is wrong with a value, for those who write it by the API. Agents read a line with the same key.
var fieldWords = map[string]string{
	"unknown":  "the account has no such field",
	"required": "it is required and cannot be empty",
	"long":     "the text is longer than {0} characters",
	"text":     "want a text",
	"number":   "want a number",
	"boolean":  "want true or false",
	"date":     "want a date such as 2026-12-25",
	"time":     "want a time of day such as 14:30",
	"instant":  "want an instant such as 2026-12-25T14:30:00Z",
	"list":     "want a text or a list of texts",
	"option":   "want one of the field's options, or a list of them",
	"choices":  "want at most {0} options",
	"twice":    "the same option stands there twice",
	"link":     "want a web address that begins with https:// or http://",
	"image":    "want the id of an uploaded file, or a web address",
}
