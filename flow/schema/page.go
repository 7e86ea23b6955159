package schema

import (
	_ "embed"
	"encoding/json"
	"fmt"
	"reflect"
	"slices"
	"strings"

	"github.com/perene/perene/flow"
)

//go:embed examples.json
var examplesJSON []byte

// Examples are one node of each kind, as a designer would write it.
func Examples() (map[string]json.RawMessage, error) {
	var out map[string]json.RawMessage
	err := json.Unmarshal(examplesJSON, &out)
	return out, err
}

//go:embed page.md
var pageText string

// Page writes the documentation: the words of page.md, with what the kinds say of themselves in their places.
func Page() ([]byte, error) {
	examples, err := Examples()
	if err != nil {
		return nil, err
	}
	p := &page{examples: examples}
	parts := map[string]func(){
		"document": func() { p.settings(reflect.TypeFor[flow.Document]()) },
		"flow_settings": func() {
			p.settings(reflect.TypeFor[flow.FlowSettings]())
		},
		"node":     func() { p.settings(reflect.TypeFor[flow.NodeSpec]()) },
		"trigger":  func() { p.settings(reflect.TypeFor[flow.TriggerSpec]()) },
		"variable": func() { p.settings(reflect.TypeFor[flow.VariableSpec]()) },
		"triggers": p.triggers, "kinds": p.kinds, "structs": p.structs, "aliases": p.aliases, "filters": p.filters,
		"operators": p.operators, "codes": p.codes, "limits": p.limits,
	}
	for _, piece := range strings.SplitAfter(pageText, "\n") {
		name := strings.TrimSuffix(strings.TrimPrefix(strings.TrimSpace(piece), "<!-- "), " -->")
		if write, ok := parts[name]; ok && strings.HasPrefix(piece, "<!--") {
			write()
			continue
		}
		p.b.WriteString(piece)
	}
	return []byte(p.b.String()), nil
}

type page struct {
	b        strings.Builder
	examples map[string]json.RawMessage
	used     []reflect.Type
}

func (p *page) line(format string, args ...any) {
	if len(args) == 0 {
		p.b.WriteString(format)
	} else {
		fmt.Fprintf(&p.b, format, args...)
	}
	p.b.WriteByte('\n')
}

func (p *page) kinds() {
	families := []struct {
		family flow.Family
		name   string
	}{
		{flow.FamilyMessage, "Messages · Mensagens"}, {flow.FamilyAsk, "Questions · Perguntas"}, {flow.FamilyLogic, "Logic · Lógica"},
		{flow.FamilyService, "Service · Atendimento"}, {flow.FamilyData, "Data · Dados"},
	}
	for _, f := range families {
		p.line("### %s", f.name)
		p.line("")
		for _, k := range flow.Kinds() {
			if k.Family == f.family {
				p.kind(k)
			}
		}
	}
}

func (p *page) kind(k *flow.Kind) {
	p.line("#### `%s`", k.Name)
	p.line("")
	p.line("**%s · %s.** %s", k.Label["en"], k.Label["pt-BR"], k.Doc["en"])
	p.line("_%s_", k.Doc["pt-BR"])
	p.line("")
	p.settings(reflect.TypeOf(k.Settings()).Elem())
	p.outputs(k)
	for _, n := range k.Needs {
		p.line("- without `%s`: %s", n.Capability, n.Fallback["en"])
	}
	if len(k.Needs) > 0 {
		p.line("")
	}
	p.line("```json")
	p.line("%s", p.examples[k.Name])
	p.line("```")
	p.line("")
}

// outputs lists the outputs of the example, which says more than those of empty settings.
func (p *page) outputs(k *flow.Kind) {
	var node flow.NodeSpec
	if json.Unmarshal(p.examples[k.Name], &node) != nil {
		return
	}
	doc, err := json.Marshal(flow.Document{SpecVersion: flow.SpecVersion, Name: "x", Category: flow.CategoryManual, Start: node.ID, Nodes: []flow.NodeSpec{{
		ID: node.ID, Kind: node.Kind, Settings: node.Settings,
	}}, Variables: exampleVariables})
	if err != nil {
		return
	}
	g, err := flow.Load(doc)
	if err != nil {
		return
	}
	var names []string
	for _, o := range g.Outputs(node.ID) {
		name := "`" + o.Name + "`"
		if o.Quiet {
			name += " (may stay without an edge)"
		}
		names = append(names, name)
	}
	if len(names) == 0 {
		p.line("Outputs: none; the run ends or goes on elsewhere.")
	} else {
		p.line("Outputs of the example: %s.", strings.Join(names, ", "))
	}
	p.line("")
}

// exampleVariables are declared for the examples, which stand alone.
var exampleVariables = []flow.VariableSpec{
	{Name: "idade", Type: flow.TypeNumber}, {Name: "boletos", Type: flow.TypeList}, {Name: "cidade", Type: flow.TypeText},
}

func (p *page) triggers() {
	for _, kind := range flow.TriggerKinds {
		p.line("- `%s`", kind)
		if t, ok := triggerSettings[string(kind)]; ok {
			p.line("")
			p.settings(t)
		}
	}
	p.line("")
}

// settings writes a table of a struct's members and remembers the structs they are made of.
func (p *page) settings(t reflect.Type) {
	fs := fields(t)
	if len(fs) == 0 {
		p.line("No settings.")
		p.line("")
		return
	}
	p.line("| Setting | Type | Meaning |")
	p.line("|---|---|---|")
	for _, f := range fs {
		name := "`" + jsonName(f) + "`"
		if f.Tag.Get("required") == "true" {
			name += " *"
		}
		p.line("| %s | %s | %s |", name, p.typeName(f), strings.Join(notes(f), "; "))
	}
	p.line("")
}

func notes(f reflect.StructField) []string {
	var out []string
	if d := f.Tag.Get("doc"); d != "" {
		out = append(out, d)
	}
	if e := f.Tag.Get("enum"); e != "" {
		out = append(out, "one of `"+strings.ReplaceAll(e, ",", "` `")+"`")
	}
	if d := f.Tag.Get("default"); d != "" {
		out = append(out, "`"+d+"` by default")
	}
	if lo, hi := f.Tag.Get("min"), f.Tag.Get("max"); lo != "" || hi != "" {
		out = append(out, "from "+lo+" to "+hi)
	}
	if n := f.Tag.Get("len"); n != "" {
		unit := "characters"
		if f.Type.Kind() == reflect.Slice {
			unit = "items"
		}
		out = append(out, "at most "+n+" "+unit)
	}
	if d := f.Tag.Get("most"); d != "" {
		out = append(out, "at most "+d)
	}
	return out
}

func (p *page) typeName(f reflect.StructField) string {
	t := f.Type
	suffix := ""
	for {
		if s, ok := scalars[t]; ok {
			return s.ts + suffix
		}
		switch t.Kind() {
		case reflect.Pointer:
			t = t.Elem()
			continue
		case reflect.Slice:
			t, suffix = t.Elem(), suffix+"[]"
			continue
		case reflect.Map:
			t, suffix = t.Elem(), suffix+" by name"
			continue
		case reflect.Struct:
			if !slices.Contains(p.used, t) {
				p.used = append(p.used, t)
			}
			anchor := strings.ToLower(t.Name())
			if a, ok := sections[t.Name()]; ok {
				anchor = a
			}
			return fmt.Sprintf("[%s](#%s)%s", t.Name(), anchor, suffix)
		case reflect.String:
			return "text" + suffix
		case reflect.Bool:
			return "yes or no" + suffix
		case reflect.Interface:
			return "any" + suffix
		}
		return "number" + suffix
	}
}

// sections are the sections of the page that describe a part of the document.
var sections = map[string]string{"FlowSettings": "settings-of-the-flow", "VariableSpec": "variables", "NodeSpec": "nodes", "TriggerSpec": "triggers"}

// structs writes the parts that settings are made of.
func (p *page) structs() {
	for i := 0; i < len(p.used); i++ { //nolint:intrange,modernize // settings adds to p.used
		if t := p.used[i]; sections[t.Name()] == "" {
			p.line("#### %s", t.Name())
			p.line("")
			p.settings(t)
		}
	}
}

func (p *page) aliases() {
	all := flow.Aliases()
	names := make([]string, 0, len(all))
	for n := range all {
		names = append(names, n)
	}
	slices.Sort(names)
	p.line("| Short | Stands for |")
	p.line("|---|---|")
	for _, n := range names {
		p.line("| `{%s}` | `{{ %s }}` |", n, all[n])
	}
	p.line("")
}

func (p *page) filters() {
	p.line("`%s`", strings.Join(flow.Filters(), "` `"))
	p.line("")
}

func (p *page) operators() {
	var out []string
	for _, o := range flow.Operators() {
		out = append(out, "`"+string(o)+"`")
	}
	p.line("%s", strings.Join(out, " "))
	p.line("")
}

func (p *page) codes() {
	p.line("| Code | Severity | Meaning | Significado |")
	p.line("|---|---|---|---|")
	for _, c := range flow.Codes() {
		p.line("| `%s` | %s | %s | %s |", c.Code, c.Severity, cell(c.Text["en"]), cell(c.Text["pt-BR"]))
	}
	p.line("")
}

func cell(s string) string { return strings.ReplaceAll(s, "|", "\\|") }

func (p *page) limits() {
	d := flow.DefaultLimits
	p.line("| Limit | Value |")
	p.line("|---|---|")
	for _, l := range []struct {
		name  string
		value any
	}{
		{"document", fmt.Sprintf("%d MiB, %d nodes", flow.MaxDocumentBytes>>20, flow.MaxNodes)}, {"nodes entered in one turn", d.StepVisits},
		{"nodes entered in a run", d.Visits}, {"messages in one turn", d.StepSends}, {"messages of a run", d.Sends}, {"messages kept for the next wait", d.Inbox},
		{"flows inside each other", d.Stack}, {"rendered text", fmt.Sprintf("%d KiB", d.Text>>10)}, {"one variable", fmt.Sprintf("%d KiB", d.Value>>10)},
		{"all variables of a flow", fmt.Sprintf("%d KiB", d.Vars>>10)}, {"answer of another system", fmt.Sprintf("%d KiB", d.CallBody>>10)},
	} {
		p.line("| %s | %v |", l.name, l.value)
	}
	p.line("")
}
