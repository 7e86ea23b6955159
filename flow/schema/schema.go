// Package schema describes flow documents for editors, programs and people: a JSON Schema (2020-12), TypeScript types and a
// page of documentation, all made of the kinds' own settings structs. What the engine reads and what an editor completes
// cannot differ.
package schema

import (
	"bytes"
	_ "embed"
	"encoding/json"
	"fmt"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"github.com/perene/perene/flow"
)

// ID is the schema's own address: what a document's "$schema" may name.
const ID = "https://perene.dev/schema/flow.schema.json"

// Document is the schema as it is checked in.
//
//go:embed flow.schema.json
var Document []byte

// object keeps its members in the order in which they were put.
type object struct {
	keys   []string
	values map[string]any
}

func obj(pairs ...any) *object {
	o := &object{values: map[string]any{}}
	for i := 0; i+1 < len(pairs); i += 2 {
		o.put(pairs[i].(string), pairs[i+1])
	}
	return o
}

func (o *object) put(key string, v any) {
	if _, ok := o.values[key]; !ok {
		o.keys = append(o.keys, key)
	}
	o.values[key] = v
}

// MarshalJSON writes the members in order.
func (o *object) MarshalJSON() ([]byte, error) {
	var b bytes.Buffer
	b.WriteByte('{')
	for i, k := range o.keys {
		if i > 0 {
			b.WriteByte(',')
		}
		key, err := encode(k)
		if err != nil {
			return nil, err
		}
		value, err := encode(o.values[k])
		if err != nil {
			return nil, err
		}
		b.Write(key)
		b.WriteByte(':')
		b.Write(value)
	}
	b.WriteByte('}')
	return b.Bytes(), nil
}

// encode leaves <, > and & as they are: the file is for people too.
func encode(v any) ([]byte, error) {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	err := enc.Encode(v)
	return bytes.TrimSpace(b.Bytes()), err
}

// JSON writes the schema.
func JSON() ([]byte, error) {
	g := newGenerator()
	doc := g.document()
	defs := obj()
	for _, name := range g.order {
		defs.put(name, g.defs[name])
	}
	doc.put("$defs", defs)
	raw, err := encode(doc)
	if err != nil {
		return nil, err
	}
	var out bytes.Buffer
	if err := json.Indent(&out, raw, "", "  "); err != nil {
		return nil, err
	}
	out.WriteByte('\n')
	return out.Bytes(), nil
}

// generator collects the definitions.
type generator struct {
	defs  map[string]*object
	order []string
}

func newGenerator() *generator { return &generator{defs: map[string]*object{}} }

func (g *generator) define(name string, build func() *object) *object {
	if _, ok := g.defs[name]; !ok {
		g.defs[name] = nil // its members may need it
		g.order = append(g.order, name)
		g.defs[name] = build()
	}
	return obj("$ref", "#/$defs/"+name)
}

// document is the schema of a whole flow.
func (g *generator) document() *object {
	doc := obj("$schema", "https://json-schema.org/draft/2020-12/schema", "$id", ID, "title", "Perene flow",
		"description", "A drawn conversation. docs/flow-spec.md explains it.")
	body := g.structOf(reflect.TypeFor[flow.Document]())
	props := body.values["properties"].(*object)
	props.put("$schema", obj("type", "string"))
	props.put("spec_version", obj("const", flow.SpecVersion, "description", "Version of this specification"))
	props.put("nodes", obj("type", "array", "minItems", 1, "maxItems", flow.MaxNodes, "items", g.node()))
	props.put("triggers", obj("type", "array", "maxItems", 50, "items", g.trigger()))
	props.put("ui", obj("type", "object", "description", "Layout; the engine ignores it"))
	for _, k := range body.keys {
		doc.put(k, body.values[k])
	}
	doc.put("required", []string{"spec_version", "name", "category", "start", "nodes"})
	return doc
}

const idPattern = "^[A-Za-z0-9_-]{1,64}$"

// node is one of the kinds; "kind" decides which settings and outputs there are.
func (g *generator) node() *object {
	return g.define("node", func() *object {
		kinds, rules := []any{}, []any{}
		for _, k := range flow.Kinds() {
			kinds = append(kinds, obj("const", k.Name, "title", k.Label["en"], "description", k.Doc["en"]))
			settings := g.define(k.Name+"_settings", func() *object {
				s := g.structOf(reflect.TypeOf(k.Settings()).Elem())
				s.put("title", k.Label["en"])
				s.put("description", k.Doc["en"])
				return s
			})
			then := obj("properties", obj("settings", settings))
			if s := g.defs[k.Name+"_settings"]; len(s.values["required"].([]string)) > 0 {
				then.put("required", []string{"settings"})
			}
			rules = append(rules, obj("if", obj("properties", obj("kind", obj("const", k.Name))), "then", then))
		}
		return obj("type", "object", "additionalProperties", false, "required", []string{"id", "kind"}, "properties", obj(
			"id", obj("type", "string", "pattern", idPattern, "description", "Stable for the life of the node"),
			"kind", obj("oneOf", kinds),
			"name", obj("type", "string", "description", "What people call it"),
			"settings", obj("type", "object"),
			"outputs", obj("type", "object", "additionalProperties", obj("type", "string"), "description", "Output → id of the node it leads to"),
		), "allOf", rules)
	})
}

// triggerSettings are the settings of the kinds of triggers that have any.
var triggerSettings = map[string]reflect.Type{
	"inbound": reflect.TypeFor[flow.InboundTrigger](), "keyword": reflect.TypeFor[flow.KeywordTrigger](), "button": reflect.TypeFor[flow.ButtonTrigger](),
}

func (g *generator) trigger() *object {
	return g.define("trigger", func() *object {
		rules := []any{}
		for _, kind := range flow.TriggerKinds {
			if t, ok := triggerSettings[string(kind)]; ok {
				settings := g.define(string(kind)+"_trigger", func() *object { return g.structOf(t) })
				rules = append(rules, obj("if", obj("properties", obj("kind", obj("const", kind))), "then", obj("properties", obj("settings", settings))))
			}
		}
		return obj("type", "object", "additionalProperties", false, "required", []string{"id", "kind"}, "properties", obj(
			"id", obj("type", "string", "pattern", idPattern),
			"kind", obj("enum", flow.TriggerKinds),
			"settings", obj("type", "object"),
			"node", obj("type", "string", "description", "Where this trigger leads; the flow's start by default"),
		), "allOf", rules)
	})
}

// scalars are the types that JSON writes as something else than Go has them.
var scalars = map[reflect.Type]struct {
	name   string
	schema *object
	ts     string
}{
	reflect.TypeFor[flow.Text](): {"text", obj("type", []string{"string", "number"},
		"description", "Text with Liquid: {{ contact.name | default: 'você' }}; {nome} is short for a name"), "Text"},
	reflect.TypeFor[flow.RequestText](): {"request_text", obj("type", []string{"string", "number"},
		"description", "Text with Liquid that may name secrets: {{ secret.NAME }}"), "RequestText"},
	reflect.TypeFor[flow.Expression](): {"expression", obj("type", "string", "description", "An expr expression: idade >= 18"), "Expression"},
	reflect.TypeFor[flow.Duration](): {"duration", obj("oneOf", []any{obj("type", "string", "pattern", "^( *[0-9]+ *(w|d|h|m|s|ms))+ *$|^ *0 *$"), obj("type", "number", "minimum", 0)},
		"description", "A length of time: 30s, 15m, 2h, 1d12h; a number counts seconds", "examples", []string{"30s", "15m", "2h", "1d"}), "Duration"},
	reflect.TypeFor[flow.Ref]():        {"ref", obj("type", []string{"string", "number"}, "description", "An id or a name"), "Ref"},
	reflect.TypeFor[flow.JSONBody]():   {"json_body", obj("description", "Any JSON; its texts may hold variables and secrets"), "JSONValue"},
	reflect.TypeFor[json.RawMessage](): {"any_json", obj("description", "Any JSON"), "JSONValue"},
}

func (g *generator) typeOf(t reflect.Type) *object {
	if s, ok := scalars[t]; ok {
		return g.define(s.name, func() *object { return s.schema })
	}
	switch t.Kind() {
	case reflect.Pointer:
		return g.typeOf(t.Elem())
	case reflect.String:
		return obj("type", "string")
	case reflect.Bool:
		return obj("type", "boolean")
	case reflect.Int, reflect.Int64:
		return obj("type", "integer")
	case reflect.Float64:
		return obj("type", "number")
	case reflect.Slice:
		return obj("type", "array", "items", g.typeOf(t.Elem()))
	case reflect.Map:
		return obj("type", "object", "additionalProperties", g.typeOf(t.Elem()))
	case reflect.Struct:
		return g.define(snake(t.Name()), func() *object { return g.structOf(t) })
	}
	return obj() // anything
}

// structOf describes a struct by its fields and their tags: the same tags that the loader checks.
func (g *generator) structOf(t reflect.Type) *object {
	props, required := obj(), []string{}
	for _, f := range fields(t) {
		s := g.typeOf(f.Type)
		constrain(s, f)
		if d := f.Tag.Get("doc"); d != "" {
			s.put("description", d)
		}
		props.put(jsonName(f), s)
		if f.Tag.Get("required") == "true" {
			required = append(required, jsonName(f))
		}
	}
	return obj("type", "object", "additionalProperties", false, "required", required, "properties", props)
}

func constrain(s *object, f reflect.StructField) {
	if e := f.Tag.Get("enum"); e != "" {
		s.put("enum", strings.Split(e, ","))
	}
	t := f.Type
	if t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	number := t.Kind() == reflect.Int || t.Kind() == reflect.Int64 || t.Kind() == reflect.Float64
	for tag, key := range map[string]string{"min": "minimum", "max": "maximum"} {
		if n, err := strconv.ParseFloat(f.Tag.Get(tag), 64); err == nil && number && t != reflect.TypeFor[flow.Duration]() {
			s.put(key, n)
		}
	}
	if n, err := strconv.Atoi(f.Tag.Get("len")); err == nil && t.Kind() == reflect.Slice {
		s.put("maxItems", n)
	}
	switch d := f.Tag.Get("default"); {
	case d == "":
	case d == "true" || d == "false":
		s.put("default", d == "true")
	default:
		if n, err := strconv.ParseFloat(d, 64); err == nil && number {
			s.put("default", n)
		} else {
			s.put("default", d)
		}
	}
	slices.Sort(s.keys) // map order is not an order
}

// fields are a struct's settings, those of embedded structs in their place.
func fields(t reflect.Type) []reflect.StructField {
	var out []reflect.StructField
	for f := range t.Fields() {
		if f.Anonymous && f.Type.Kind() == reflect.Struct {
			out = append(out, fields(f.Type)...)
			continue
		}
		if f.IsExported() && jsonName(f) != "-" && jsonName(f) != "" {
			out = append(out, f)
		}
	}
	return out
}

func jsonName(f reflect.StructField) string {
	name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
	return name
}

// snake writes a Go name the way our JSON names things.
func snake(s string) string {
	var b strings.Builder
	for i, r := range s {
		if i > 0 && r >= 'A' && r <= 'Z' {
			b.WriteByte('_')
		}
		b.WriteString(strings.ToLower(string(r)))
	}
	return b.String()
}

// camel writes one of our names the way TypeScript names types.
func camel(s string) string {
	var b strings.Builder
	for w := range strings.SplitSeq(s, "_") {
		if w != "" {
			fmt.Fprintf(&b, "%s%s", strings.ToUpper(w[:1]), w[1:])
		}
	}
	return b.String()
}
