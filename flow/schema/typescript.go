package schema

import (
	"fmt"
	"reflect"
	"slices"
	"sort"
	"strconv"
	"strings"

	"github.com/perene/perene/flow"
)

// TypeScript writes the types of documents and the lists a designer needs (kinds with their labels, codes, operators).
func TypeScript() []byte {
	w := &typeWriter{written: map[string]bool{}}
	w.line("// Made by `perene flow schema --typescript` of the engine's own structs. Do not change it by hand.")
	w.line("")
	w.line("/** Text with Liquid: `{{ contact.name | default: 'você' }}`; `{nome}` is short for a name. */")
	w.line("export type Text = string")
	w.line("/** Text with Liquid that may name secrets: `{{ secret.NAME }}`. */")
	w.line("export type RequestText = string")
	w.line("/** An expr expression. */")
	w.line("export type Expression = string")
	w.line("/** A length of time such as `15m` or `1d12h`; a number counts seconds. */")
	w.line("export type Duration = string | number")
	w.line("/** An id or a name. */")
	w.line("export type Ref = string | number")
	w.line("export type JSONValue = string | number | boolean | null | JSONValue[] | { [key: string]: JSONValue }")
	w.line("")
	w.line("export const specVersion = %d", flow.SpecVersion)
	w.line("export const maxNodes = %d", flow.MaxNodes)
	w.line("")
	w.document()
	w.kinds()
	for len(w.todo) > 0 {
		t := w.todo[0]
		w.todo = w.todo[1:]
		w.declare(t.Name(), t)
	}
	w.lists()
	return []byte(w.b.String())
}

type typeWriter struct {
	b       strings.Builder
	written map[string]bool
	todo    []reflect.Type
}

func (w *typeWriter) line(format string, args ...any) {
	if len(args) == 0 {
		w.b.WriteString(format)
	} else {
		fmt.Fprintf(&w.b, format, args...)
	}
	w.b.WriteByte('\n')
}

func (w *typeWriter) document() {
	w.members("FlowDocument", "A flow as it is stored, exported and drawn.", reflect.TypeFor[flow.Document](), map[string]string{
		"nodes": "FlowNode[]", "triggers": "FlowTrigger[]", "ui": "JSONValue", "category": "'initial' | 'closing' | 'manual' | 'scheduled'",
		"spec_version": "number",
	})
	w.line("export type FlowTriggerKind = %s", union(flow.TriggerKinds))
	w.line("/** One way in. */")
	w.line("export type FlowTrigger = { id: string; node?: string } & (")
	for _, kind := range flow.TriggerKinds {
		settings := "Record<string, never>"
		if t, ok := triggerSettings[string(kind)]; ok {
			settings = t.Name()
			w.want(t)
		}
		w.line("  | { kind: '%s'; settings?: %s }", kind, settings)
	}
	w.line(")")
	w.line("")
}

func (w *typeWriter) kinds() {
	names := []string{}
	for _, k := range flow.Kinds() {
		names = append(names, k.Name)
	}
	w.line("export type FlowNodeKind = %s", union(names))
	w.line("/** What every node has. */")
	w.line("export interface FlowNodeBase {")
	w.line("  /** Stable for the life of the node. */")
	w.line("  id: string")
	w.line("  name?: string")
	w.line("  /** Output → id of the node it leads to. */")
	w.line("  outputs?: Record<string, string>")
	w.line("}")
	for _, k := range flow.Kinds() {
		w.line("/** %s */", k.Doc["en"])
		w.line("export interface %sNode extends FlowNodeBase {", camel(k.Name))
		w.line("  kind: '%s'", k.Name)
		w.line("  settings: %sSettings", camel(k.Name))
		w.line("}")
	}
	w.line("export type FlowNode =")
	for _, k := range flow.Kinds() {
		w.line("  | %sNode", camel(k.Name))
	}
	w.line("")
	for _, k := range flow.Kinds() {
		w.members(camel(k.Name)+"Settings", "Settings of the kind "+k.Name+".", reflect.TypeOf(k.Settings()).Elem(), nil)
	}
}

func (w *typeWriter) want(t reflect.Type) {
	if !w.written[t.Name()] {
		w.written[t.Name()] = true
		w.todo = append(w.todo, t)
	}
}

func (w *typeWriter) declare(name string, t reflect.Type) { w.members(name, "", t, nil) }

func (w *typeWriter) members(name, doc string, t reflect.Type, given map[string]string) {
	if doc != "" {
		w.line("/** %s */", doc)
	}
	w.line("export interface %s {", name)
	always := []string{"spec_version", "name", "category", "start", "nodes"}
	for _, f := range fields(t) {
		key := jsonName(f)
		typ := given[key]
		if typ == "" {
			typ = w.typeOf(f.Type)
			if e := f.Tag.Get("enum"); e != "" {
				typ = union(strings.Split(e, ","))
			}
		}
		optional := "?"
		if f.Tag.Get("required") == "true" || (name == "FlowDocument" && slices.Contains(always, key)) || !strings.Contains(f.Tag.Get("json"), ",omit") && name != "FlowDocument" {
			optional = ""
		}
		if d := f.Tag.Get("doc"); d != "" {
			if def := f.Tag.Get("default"); def != "" {
				d += "; " + def + " by default"
			}
			w.line("  /** %s */", d)
		}
		w.line("  %s%s: %s", key, optional, typ)
	}
	w.line("}")
	w.line("")
}

func (w *typeWriter) typeOf(t reflect.Type) string {
	if s, ok := scalars[t]; ok {
		return s.ts
	}
	switch t.Kind() {
	case reflect.Pointer:
		return w.typeOf(t.Elem())
	case reflect.String:
		return "string"
	case reflect.Bool:
		return "boolean"
	case reflect.Int, reflect.Int64, reflect.Float64:
		return "number"
	case reflect.Slice:
		inner := w.typeOf(t.Elem())
		if strings.Contains(inner, " ") {
			inner = "(" + inner + ")"
		}
		return inner + "[]"
	case reflect.Map:
		return "Record<string, " + w.typeOf(t.Elem()) + ">"
	case reflect.Struct:
		w.want(t)
		return t.Name()
	}
	return "JSONValue"
}

func union[T ~string](names []T) string {
	quoted := make([]string, len(names))
	for i, n := range names {
		quoted[i] = "'" + string(n) + "'"
	}
	return strings.Join(quoted, " | ")
}

func (w *typeWriter) lists() {
	w.line("export interface FlowKindInfo {")
	w.line("  family: 'message' | 'ask' | 'logic' | 'service' | 'data'")
	w.line("  label: { 'pt-BR': string; en: string }")
	w.line("  doc: { 'pt-BR': string; en: string }")
	w.line("}")
	w.line("/** The kinds by name, for the palette. */")
	w.line("export const flowKinds: Record<FlowNodeKind, FlowKindInfo> = {")
	for _, k := range flow.Kinds() {
		w.line("  %s: {", k.Name)
		w.line("    family: '%s',", k.Family)
		w.line("    label: { 'pt-BR': %s, en: %s },", quote(k.Label["pt-BR"]), quote(k.Label["en"]))
		w.line("    doc: { 'pt-BR': %s, en: %s },", quote(k.Doc["pt-BR"]), quote(k.Doc["en"]))
		w.line("  },")
	}
	w.line("}")
	w.line("/** The linter's codes with their severity. */")
	w.line("export const flowProblemCodes = {")
	for _, c := range flow.Codes() {
		w.line("  %s: '%s',", c.Code, c.Severity)
	}
	w.line("} as const")
	w.line("export type FlowProblemCode = keyof typeof flowProblemCodes")
	w.line("/** Operators with the number of values they take; -1 is a list. */")
	w.line("export const flowOperators = {")
	for _, o := range flow.Operators() {
		w.line("  %s: %d,", o, o.Takes())
	}
	w.line("} as const")
	w.line("export type FlowOperator = keyof typeof flowOperators")
	filters := flow.Filters()
	sort.Strings(filters)
	w.line("/** The filters that texts may use. */")
	w.line("export const flowFilters = [")
	for _, f := range filters {
		w.line("  %s,", quote(f))
	}
	w.line("] as const")
}

func quote(s string) string {
	q := strconv.Quote(s)
	if strings.Contains(s, "'") {
		return q
	}
	return "'" + q[1:len(q)-1] + "'"
}
