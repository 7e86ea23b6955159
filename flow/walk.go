package flow

import (
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"github.com/expr-lang/expr/types"
)

// walk goes through a settings struct, compiles its texts and expressions and checks what the struct tags say:
//
//	required:"true"  enum:"a,b"  min:"1"  max:"10"  len:"20" (characters of a text's constant, or items of a list)
//	bool:"true" on an Expression that must be a condition, names:"answer" on one that sees a call's answer
//
// The same tags feed the schema, so that an editor and the engine agree.
func (c *compiler) walk(v any, at string) { c.walkValue(reflect.ValueOf(v), at, "") }

func (c *compiler) walkValue(v reflect.Value, at string, tag reflect.StructTag) {
	switch v.Kind() {
	case reflect.Pointer, reflect.Interface:
		if !v.IsNil() {
			c.walkValue(v.Elem(), at, tag)
		}
		return
	case reflect.Struct:
		if v.CanAddr() {
			switch t := v.Addr().Interface().(type) {
			case *Text:
				c.compileText(t, at, tag)
				return
			case *RequestText:
				c.compileRequest(t, at)
				return
			case *Expression:
				c.compileExpression(t, at, tag)
				return
			}
		}
		for i := range v.NumField() {
			f := v.Type().Field(i)
			if !f.IsExported() {
				continue
			}
			name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
			if name == "-" {
				continue
			}
			to := at
			if !f.Anonymous {
				to = pointer(at, name)
			}
			c.checkTags(v.Field(i), to, name, f.Tag)
			c.walkValue(v.Field(i), to, f.Tag)
		}
	case reflect.Slice:
		for i := range v.Len() {
			c.walkValue(v.Index(i), pointer(at, strconv.Itoa(i)), "")
		}
	case reflect.Map:
		for _, k := range v.MapKeys() {
			e := v.MapIndex(k)
			// A map's values cannot be addressed: compile a copy and put it back.
			if e.Kind() == reflect.Struct {
				cp := reflect.New(e.Type()).Elem()
				cp.Set(e)
				c.walkValue(cp, pointer(at, k.String()), "")
				v.SetMapIndex(k, cp)
			}
		}
	}
}

func (c *compiler) checkTags(v reflect.Value, at, name string, tag reflect.StructTag) {
	if tag.Get("required") == "true" && v.IsZero() {
		c.problem("setting_missing", at, name)
		return
	}
	if enum := tag.Get("enum"); enum != "" && v.Kind() == reflect.String && v.String() != "" {
		if !slices.Contains(strings.Split(enum, ","), v.String()) {
			c.problem("setting_enum", at, v.String(), strings.ReplaceAll(enum, ",", ", "))
		}
	}
	if n, ok := numberOf(v); ok && !v.IsZero() {
		if lo, err := strconv.ParseFloat(tag.Get("min"), 64); err == nil && n < lo {
			c.problem("setting_range", at, name, tag.Get("min"), orDash(tag.Get("max")))
		} else if hi, err := strconv.ParseFloat(tag.Get("max"), 64); err == nil && n > hi {
			c.problem("setting_range", at, name, orDash(tag.Get("min")), tag.Get("max"))
		}
	}
	if limit, err := strconv.Atoi(tag.Get("len")); err == nil && v.Kind() == reflect.Slice && v.Len() > limit {
		c.problem("setting_too_many", at, strconv.Itoa(limit))
	}
	if d := tag.Get("most"); d != "" && v.Kind() == reflect.Int64 {
		if limit, err := ParseDuration(d); err == nil && Duration(v.Int()) > limit {
			c.problem("setting_range", at, name, "0s", d)
		}
	}
}

func orDash(s string) string {
	if s == "" {
		return "-"
	}
	return s
}

func numberOf(v reflect.Value) (float64, bool) {
	switch v.Kind() {
	case reflect.Int, reflect.Int64:
		if v.Type() == reflect.TypeFor[Duration]() {
			return 0, false
		}
		return float64(v.Int()), true
	case reflect.Float64:
		return v.Float(), true
	case reflect.Pointer:
		if !v.IsNil() {
			return numberOf(v.Elem())
		}
	}
	return 0, false
}

func (c *compiler) compileText(t *Text, at string, tag reflect.StructTag) {
	tpl, err := compileText(t.source, false)
	if err != nil {
		c.complain(err, "text_invalid", at)
		return
	}
	t.tpl = tpl
	if s, ok := tpl.literal(); ok && tag.Get("len") != "" {
		if limit, err := strconv.Atoi(tag.Get("len")); err == nil && len([]rune(s)) > limit {
			c.problem("text_too_long", at, fmt.Sprint(limit))
		}
	}
}

func (c *compiler) compileRequest(t *RequestText, at string) {
	tpl, err := compileText(t.source, true)
	if err != nil {
		c.complain(err, "text_invalid", at)
		return
	}
	t.tpl = tpl
	for _, name := range tpl.secretNames() {
		if c.g.secrets == nil {
			c.g.secrets = map[string]bool{}
		}
		c.g.secrets[name] = true
	}
}

func (c *compiler) compileExpression(e *Expression, at string, tag reflect.StructTag) {
	if e.Empty() {
		return
	}
	names := c.names
	if tag.Get("names") == "answer" {
		names = maps.Clone(names)
		names["body"], names["status"], names["headers"] = types.Any, types.Float64, types.Map{types.Extra: types.Any}
	}
	out, err := compileExpression(c, e.source, names, tag.Get("bool") == "true")
	if err != nil {
		c.complain(err, "expression_invalid", at)
		return
	}
	*e = out
	for _, id := range e.visits {
		c.count(id)
		if c.g.nodes[id] == nil {
			c.noNode(at, id)
		}
	}
}
