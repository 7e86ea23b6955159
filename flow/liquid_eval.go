package flow

import (
	"reflect"
	"strconv"
	"strings"
)

// liquidExpr is an expression's tree. It yields the engine's own values and nothing else: nil, bool, float64, string,
// instant, []any and map[string]any.
type liquidExpr interface {
	eval(w *textWriter) (any, error)
}

type (
	// constExpr is a value as written.
	constExpr struct{ value any }

	// pathExpr is a variable and steps into it: contact.fields.plano.
	pathExpr struct{ path []string }

	// indexExpr is an item of what another expression yields.
	indexExpr struct{ of, at liquidExpr }

	// filterExpr is a filter at work.
	filterExpr struct {
		of    liquidExpr
		name  string
		apply liquidFilter
		args  []liquidExpr
	}

	// binaryExpr compares two values, or joins two conditions.
	binaryExpr struct {
		op   string
		a, b liquidExpr
	}
)

// eachPath visits the variables an expression reads; guarded is set where a default stands by.
func eachPath(e liquidExpr, guarded bool, f func(path []string, guarded bool)) {
	switch e := e.(type) {
	case *pathExpr:
		f(e.path, guarded)
	case *indexExpr:
		eachPath(e.of, guarded, f)
		eachPath(e.at, guarded, f)
	case *filterExpr:
		guarded = guarded || e.name == "default"
		eachPath(e.of, guarded, f)
		for _, a := range e.args {
			eachPath(a, guarded, f)
		}
	case *binaryExpr:
		eachPath(e.a, guarded, f)
		eachPath(e.b, guarded, f)
	}
}

func (e *constExpr) eval(*textWriter) (any, error) { return e.value, nil }

func (e *pathExpr) eval(w *textWriter) (any, error) {
	if !w.r.work(1) {
		return nil, errTooMuchWork
	}
	path := e.path
	if v, ok := w.names[path[0]]; ok {
		for _, step := range path[1:] {
			v = item(v, step)
		}
		return ours(v), nil
	}
	v := w.r.lookup(path)
	if last := len(path) - 1; v == nil && last > 0 {
		switch path[last] {
		case "first", "last", "size":
			v = item(ours(w.r.lookup(path[:last])), path[last])
		}
	}
	if w.spoken {
		v = w.r.inLanguage(path, v)
	}
	return ours(v), nil
}

func (e *indexExpr) eval(w *textWriter) (any, error) {
	of, err := e.of.eval(w)
	if err != nil {
		return nil, err
	}
	at, err := e.at.eval(w)
	if err != nil {
		return nil, err
	}
	switch at := at.(type) {
	case string:
		return ours(item(of, at)), nil
	case float64:
		if list, ok := of.([]any); ok {
			i := int(at)
			if i < 0 {
				i += len(list)
			}
			return ours(pickItem(list, i)), nil
		}
	}
	return nil, nil
}

func (e *filterExpr) eval(w *textWriter) (any, error) {
	v, err := e.of.eval(w)
	if err != nil {
		return nil, err
	}
	size := sizeOf(v)
	turns := countItems(v) // a list is walked item by item
	args := make(filterArgs, len(e.args))
	for i, a := range e.args {
		arg, err := a.eval(w)
		if err != nil {
			return nil, err
		}
		args[i] = arg
		size += sizeOf(args[i])
	}
	if !w.r.work(1 + kib(size) + turns/16) {
		return nil, errTooMuchWork
	}
	v, err = e.apply(w.writing, v, args)
	return ours(v), err
}

func (e *binaryExpr) eval(w *textWriter) (any, error) {
	a, err := e.a.eval(w)
	if err != nil {
		return nil, err
	}
	switch {
	case e.op == "and" && !truthy(a):
		return false, nil
	case e.op == "or" && truthy(a):
		return true, nil
	}
	b, err := e.b.eval(w)
	if err != nil {
		return nil, err
	}
	if !w.r.work(1 + kib(sizeOf(a)+sizeOf(b))) {
		return nil, errTooMuchWork
	}
	switch e.op {
	case "and", "or":
		return truthy(b), nil
	case "==":
		return same(a, b), nil
	case "!=":
		return !same(a, b), nil
	case "<":
		return before(a, b), nil
	case ">":
		return before(b, a), nil
	case "<=":
		return before(a, b) || same(a, b), nil
	case ">=":
		return before(b, a) || same(a, b), nil
	}
	return holdsItem(a, b), nil
}

// truthy is what Liquid takes for true: everything but nil and false.
func truthy(v any) bool { return v != nil && v != false }

// same compares two values the way Liquid does: a text is never a number.
func same(a, b any) bool {
	switch a := a.(type) {
	case []any:
		b, ok := b.([]any)
		if !ok || len(a) != len(b) {
			return false
		}
		for i := range a {
			if !same(a[i], b[i]) {
				return false
			}
		}
		return true
	case map[string]any:
		return false
	case string, instant:
		s, ok := bothTexts(a, b)
		return ok && s[0] == s[1]
	}
	switch b.(type) {
	case []any, map[string]any:
		return false
	}
	return a == b
}

// before orders numbers, texts, and false before true.
func before(a, b any) bool {
	switch x := a.(type) {
	case float64:
		y, ok := b.(float64)
		return ok && x < y
	case bool:
		y, ok := b.(bool)
		return ok && !x && y
	}
	s, ok := bothTexts(a, b)
	return ok && s[0] < s[1]
}

// bothTexts are two values that both are texts.
func bothTexts(a, b any) (out [2]string, ok bool) {
	for i, v := range [2]any{a, b} {
		switch v := v.(type) {
		case string:
			out[i] = v
		case instant:
			out[i] = string(v)
		default:
			return out, false
		}
	}
	return out, true
}

// holdsItem is Liquid's "contains".
func holdsItem(a, b any) bool {
	switch a := a.(type) {
	case string:
		return b != nil && strings.Contains(a, asText(b))
	case instant:
		return b != nil && strings.Contains(string(a), asText(b))
	case []any:
		for _, e := range a {
			if same(ours(e), b) {
				return true
			}
		}
	case map[string]any:
		key, ok := b.(string)
		_, has := a[key]
		return ok && has
	}
	return false
}

// item is one step into a value: a key, an item's number, or first, last and size.
func item(v any, step string) any {
	switch v := v.(type) {
	case map[string]any:
		if found, ok := v[step]; ok || step != "size" {
			return found
		}
		return float64(len(v))
	case []any:
		switch step {
		case "first":
			return pickItem(v, 0)
		case "last":
			return pickItem(v, len(v)-1)
		case "size":
			return float64(len(v))
		}
		i, err := strconv.Atoi(step)
		if err != nil {
			return nil
		}
		return pickItem(v, i)
	case string:
		if step == "size" {
			return float64(runes(v))
		}
	}
	return nil
}

// maxLiquidList is how many turns a loop of a text takes, and how many pieces split makes. Filters see lists as they are.
const maxLiquidList = 500

// maxNestedList is how many turns a loop takes that is inside another, or has another inside.
const maxNestedList = 100

// ours makes a value one of the engine's own.
func ours(v any) any {
	switch v := v.(type) {
	case nil, bool, string, instant, float64, []any, map[string]any:
		return v
	}
	switch rv := reflect.ValueOf(v); rv.Kind() { //nolint:exhaustive // the others are read below
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		return float64(rv.Int())
	case reflect.String:
		return rv.String()
	}
	return normalize(v)
}

// kib counts work by size.
func kib(bytes int) int { return bytes >> 10 }
