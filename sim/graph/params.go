package graph

import (
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"
)

// check collects the first fault found in a request.
type check struct{ err *apiError }

func (c *check) fail(e *apiError) {
	if c.err == nil {
		c.err = e
	}
}

// object is a JSON object of a request together with the way Meta names it in errors:
// interactive['action']['buttons'][0].
type object struct {
	c    *check
	path string
	m    map[string]any
}

func (o object) param(key string) string {
	if o.path == "" {
		return key
	}
	return o.path + "['" + key + "']"
}

// only refuses keys Meta does not know.
func (o object) only(keys ...string) object {
	for k := range o.m {
		if !slices.Contains(keys, k) {
			on := "the request"
			if o.path != "" {
				on = "param \"" + o.path + "\""
			}
			o.c.fail(&apiError{HTTP: 400, Code: 100, Title: fmt.Sprintf("Unexpected key %q on %s.", k, on)})
		}
	}
	return o
}

func (o object) has(key string) bool { v, ok := o.m[key]; return ok && v != nil }

// text returns a string; longest 0 means no limit (in characters).
func (o object) text(key string, longest int) string {
	v, ok := o.m[key]
	if !ok || v == nil {
		return ""
	}
	s, ok := v.(string)
	if !ok {
		o.c.fail(&apiError{HTTP: 400, Code: 100, Title: "Param " + o.param(key) + " must be a string."})
		return ""
	}
	if longest > 0 && len(s) > longest && utf8.RuneCountInString(s) > longest {
		o.c.fail(errInvalid(fmt.Sprintf("Param %s must be at most %d characters long.", o.param(key), longest)))
	}
	return s
}

// need is text that must be there and not be empty.
func (o object) need(key string, longest int) string {
	s := o.text(key, longest)
	if strings.TrimSpace(s) == "" {
		o.missing(key)
	}
	return s
}

// label is need for the short texts of interactive messages, whose excess Meta words differently.
func (o object) label(key, what string, longest int) string {
	s := o.text(key, 0)
	if n := utf8.RuneCountInString(strings.TrimSpace(s)); n < 1 || n > longest {
		o.c.fail(errValue(fmt.Sprintf("%s length invalid. Min length: 1, Max length: %d", what, longest)))
	}
	return s
}

func (o object) missing(key string) {
	o.c.fail(errMissing("Parameter '" + o.param(key) + "' is missing."))
}

// child returns a nested object; nothing there gives an empty one.
func (o object) child(key string) object {
	child := object{c: o.c, path: o.param(key)}
	v, ok := o.m[key]
	if !ok || v == nil {
		return child
	}
	m, ok := v.(map[string]any)
	if !ok {
		o.c.fail(&apiError{HTTP: 400, Code: 100, Title: "Param " + o.param(key) + " must be a JSON object."})
		return child
	}
	child.m = m
	return child
}

// needChild is child that must be there.
func (o object) needChild(key string) object {
	if !o.has(key) {
		o.missing(key)
	}
	return o.child(key)
}

// list returns the objects of an array.
func (o object) list(key string) []object {
	v, ok := o.m[key]
	if !ok || v == nil {
		return nil
	}
	items, ok := v.([]any)
	if !ok {
		o.c.fail(&apiError{HTTP: 400, Code: 100, Title: "Param " + o.param(key) + " must be an array."})
		return nil
	}
	out := make([]object, 0, len(items))
	for i, item := range items {
		path := fmt.Sprintf("%s[%d]", o.param(key), i)
		m, ok := item.(map[string]any)
		if !ok {
			o.c.fail(&apiError{HTTP: 400, Code: 100, Title: "Param " + path + " must be a JSON object."})
			continue
		}
		out = append(out, object{c: o.c, path: path, m: m})
	}
	return out
}

func (o object) number(key string) (float64, bool) {
	switch v := o.m[key].(type) {
	case nil:
		return 0, false
	case float64:
		return v, true
	case string:
		var f float64
		if _, err := fmt.Sscanf(v, "%g", &f); err == nil {
			return f, true
		}
	}
	o.c.fail(&apiError{HTTP: 400, Code: 100, Title: "Param " + o.param(key) + " must be a number."})
	return 0, false
}

// boolean checks that a parameter, if it is there, is true or false.
func (o object) boolean(key string) {
	switch o.m[key].(type) {
	case nil, bool:
	default:
		o.c.fail(&apiError{HTTP: 400, Code: 100, Title: "Param " + o.param(key) + " must be a boolean."})
	}
}

// oneOf is need with a closed set of values.
func (o object) oneOf(key string, values ...string) string {
	s := o.need(key, 0)
	if s != "" && !slices.Contains(values, s) {
		o.c.fail(&apiError{HTTP: 400, Code: 100, Title: fmt.Sprintf("Param %s must be one of {%s} - got %q.", o.param(key), strings.ToUpper(strings.Join(values, ", ")), s)})
	}
	return s
}
