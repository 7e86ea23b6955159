package flow

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"reflect"
	"slices"
	"strconv"
	"strings"
)

// checkJSON walks the tokens once, so that depth and number are bounded before anything is built.
func checkJSON(raw []byte) error {
	dec := json.NewDecoder(bytes.NewReader(raw))
	dec.UseNumber()
	depth := 0
	for n := 0; ; n++ {
		if n > maxTokens {
			return fmt.Errorf("more than %d values", maxTokens)
		}
		tok, err := dec.Token()
		if errors.Is(err, io.EOF) && depth == 0 {
			return nil
		}
		if err != nil {
			return errors.New("not a JSON document")
		}
		if d, ok := tok.(json.Delim); ok {
			if d == '{' || d == '[' {
				depth++
			} else {
				depth--
			}
			if depth > maxDepth {
				return fmt.Errorf("nested more than %d deep", maxDepth)
			}
		}
		if depth == 0 && dec.More() {
			return errors.New("more than one JSON value")
		}
	}
}

func explainJSON(err error) (at, text string) {
	var typeErr *json.UnmarshalTypeError
	if errors.As(err, &typeErr) {
		return jsonPlace(typeErr.Field), "want " + kindOf(typeErr.Type) + ", found " + foundKind(typeErr.Value)
	}
	return "", strings.TrimPrefix(err.Error(), "json: ")
}

// kindOf is a word for what a place takes.
func kindOf(t reflect.Type) string {
	switch t.Kind() { //nolint:exhaustive // the others are texts
	case reflect.Int, reflect.Int64:
		return "a whole number"
	case reflect.Float64:
		return "a number"
	case reflect.Bool:
		return "yes or no"
	case reflect.Slice, reflect.Array:
		return "a list"
	case reflect.Struct, reflect.Map:
		return "an object"
	}
	return "a text"
}

// foundKind is a word for what stands there.
func foundKind(value string) string {
	word, _, _ := strings.Cut(value, " ")
	switch word {
	case "string":
		return "a text"
	case "number":
		return "a number"
	case "bool":
		return "yes or no"
	case "array":
		return "a list"
	case "object":
		return "an object"
	}
	return value
}

// jsonPlace turns a path of Go's decoder into a JSON pointer. The decoder names embedded structs too; the document does not.
func jsonPlace(path string) string {
	at := ""
	for step := range strings.SplitSeq(path, ".") {
		switch step {
		case "Asking", "QuestionRules", "RuleGroup", "Reach":
		default:
			at = pointer(at, step)
		}
	}
	return at
}

// replaceAt puts a text at a JSON pointer that already holds a text.
func replaceAt(tree any, ptr, text string) bool {
	steps := strings.Split(strings.TrimPrefix(ptr, "/"), "/")
	for i, s := range steps {
		s = strings.ReplaceAll(strings.ReplaceAll(s, "~1", "/"), "~0", "~")
		last := i == len(steps)-1
		switch t := tree.(type) {
		case map[string]any:
			v, ok := t[s]
			if !ok {
				return false
			}
			if last {
				if _, isText := v.(string); !isText {
					return false
				}
				t[s] = text
				return true
			}
			tree = v
		case []any:
			n, err := strconv.Atoi(s)
			if err != nil || n < 0 || n >= len(t) {
				return false
			}
			if last {
				if _, isText := t[n].(string); !isText {
					return false
				}
				t[n] = text
				return true
			}
			tree = t[n]
		default:
			return false
		}
	}
	return false
}

// placeOf is the pointer to where settings name a variable that they fill.
func placeOf(settings json.RawMessage, at, name string) string {
	var tree any
	if json.Unmarshal(orEmpty(settings), &tree) != nil {
		return at
	}
	var find func(v any, at string) string
	find = func(v any, at string) string {
		switch v := v.(type) {
		case map[string]any:
			for _, k := range sortedKeys(v) {
				if v[k] == name && slices.Contains([]string{"save_to", "to", "name", "item", "index", "save_status", "save_body"}, k) {
					return pointer(at, k)
				}
				if to := find(v[k], pointer(at, k)); to != "" {
					return to
				}
			}
		case []any:
			for i, e := range v {
				if to := find(e, pointer(at, strconv.Itoa(i))); to != "" {
					return to
				}
			}
		}
		return ""
	}
	if to := find(tree, at); to != "" {
		return to
	}
	return at
}
