package flow

import (
	"maps"
	"reflect"
	"slices"
	"strconv"
	"strings"
)

// textUse is one text in a node's settings.
type textUse struct {
	at  string
	tpl *template
	// name is the setting's name; translate is set where the contact reads the text.
	name string
}

// eachText goes through every text of a settings struct, bodies included.
func eachText(v any, at string, f func(textUse)) { eachTextIn(reflect.ValueOf(v), at, "", f) }

func eachTextIn(v reflect.Value, at, name string, f func(textUse)) {
	switch v.Kind() {
	case reflect.Pointer, reflect.Interface:
		if !v.IsNil() {
			eachTextIn(v.Elem(), at, name, f)
		}
	case reflect.Struct:
		switch t := v.Interface().(type) {
		case Text:
			if t.tpl != nil {
				f(textUse{at, t.tpl, name})
			}
			return
		case RequestText:
			if t.tpl != nil {
				f(textUse{at, t.tpl, name})
			}
			return
		case JSONBody:
			eachBodyText(t.root, at, name, f)
			return
		}
		for i := range v.NumField() {
			field := v.Type().Field(i)
			key, _, _ := strings.Cut(field.Tag.Get("json"), ",")
			if !field.IsExported() || key == "-" {
				continue
			}
			to := at
			if !field.Anonymous {
				to = pointer(at, key)
			}
			eachTextIn(v.Field(i), to, key, f)
		}
	case reflect.Slice:
		for i := range v.Len() {
			eachTextIn(v.Index(i), pointer(at, strconv.Itoa(i)), name, f)
		}
	case reflect.Map:
		keys := v.MapKeys()
		slices.SortFunc(keys, func(a, b reflect.Value) int { return strings.Compare(a.String(), b.String()) })
		for _, k := range keys {
			eachTextIn(v.MapIndex(k), pointer(at, k.String()), name, f)
		}
	}
}

func eachBodyText(n *bodyNode, at, name string, f func(textUse)) {
	switch {
	case n == nil:
	case n.text != nil:
		if n.text.tpl != nil {
			f(textUse{at, n.text.tpl, name})
		}
	default:
		for i, e := range n.list {
			eachBodyText(e, pointer(at, strconv.Itoa(i)), name, f)
		}
		for i, e := range n.named {
			eachBodyText(e, pointer(at, n.keys[i]), name, f)
		}
	}
}

// read is one variable that a text reads; guarded is set where a default stands by.
type read struct {
	path    []string
	guarded bool
}

// reads lists the variables a text reads, by whole paths. Names that its tags make (assign, for) are no variables. What
// stands among tags counts as guarded: the tags may well have looked.
func (t *template) reads() []read {
	var out []read
	local := map[string]bool{"forloop": t.tagged}
	take := func(es ...liquidExpr) {
		for _, e := range es {
			eachPath(e, t.tagged, func(path []string, guarded bool) {
				if !local[path[0]] {
					out = append(out, read{path, guarded})
				}
			})
		}
	}
	eachNode(t.nodes, func(n textNode) {
		switch n := n.(type) {
		case *outputNode:
			take(n.expr)
		case *assignNode:
			take(n.value)
			local[n.name] = true
		case *branchNode:
			take(n.subject)
			for _, b := range n.branches {
				take(b.cond)
				take(b.whens...)
			}
		case *loopNode:
			take(n.list, n.limit, n.offset)
			local[n.name] = true
		}
	})
	return out
}

// names checks every name a node or trigger uses.
func (l *linter) names() {
	for i := range l.g.doc.Nodes {
		n := l.g.nodes[l.g.doc.Nodes[i].ID]
		l.n = n
		check := func(u textUse) {
			for _, r := range u.tpl.reads() {
				l.path(r.path, u.at)
			}
		}
		at := place(n) + "/settings"
		eachText(n.settings, at, check)
		for _, lang := range sortedKeys(n.locales) {
			l.inLocale(n, lang, func() { eachText(n.locales[lang], l.at, check) })
		}
		for _, p := range paths(n.settings, at) {
			l.path(p.path, p.at)
		}
	}
	l.n = nil
	l.types()
	l.unused()
}

// types looks for nodes that put something else into a variable than the flow declares.
func (l *linter) types() {
	declared := map[string]VariableType{}
	for _, v := range l.g.doc.Variables {
		declared[v.Name] = v.Type
	}
	for i := range l.g.doc.Nodes {
		n := l.g.nodes[l.g.doc.Nodes[i].ID]
		for _, v := range n.settings.stores() {
			want, ok := declared[v.Name]
			if ok && want != "" && want != TypeAny && v.Type != TypeAny && v.Type != want {
				l.on(n, "variable_type_other", place(n)+"/settings", v.Name, string(want), string(v.Type))
			}
		}
	}
}

// pathUse is a variable named without a text around it.
type pathUse struct {
	path []string
	at   string
}

// paths lists the variables that settings name outside of texts.
func paths(b behaviour, at string) []pathUse {
	var out []pathUse
	add := func(path, at string) {
		if pathPattern.MatchString(path) {
			out = append(out, pathUse{strings.Split(path, "."), at})
		}
	}
	dynamic := func(d *ListSource) {
		if d != nil {
			add(d.From, at+"/dynamic/from")
		}
	}
	switch s := b.(type) {
	case *conditionSettings:
		s.RuleGroup.each(at, func(u *Rule, at string) {
			if u.Op != OpHasLabel && u.Op != OpHasNoLabel {
				add(u.Variable, at+"/variable")
			}
		})
	case *loopSettings:
		add(s.List, at+"/list")
	case *setVariableSettings:
		for i, a := range s.Assignments {
			add(a.From, at+"/assignments/"+strconv.Itoa(i)+"/from")
		}
	case *questionSettings:
		dynamic(s.Dynamic)
	case *menuSettings:
		dynamic(s.Dynamic)
		if s.HeaderMedia != nil {
			add(s.HeaderMedia.Media.Variable, at+"/header_media/media/variable")
		}
	case *contentSettings:
		for i, it := range s.Items {
			to := at + "/items/" + strconv.Itoa(i)
			if it.Dynamic != nil {
				add(it.Dynamic.From, to+"/dynamic/from")
			}
			if it.Media != nil {
				add(it.Media.Variable, to+"/media/variable")
			}
			if it.HeaderMedia != nil {
				add(it.HeaderMedia.Media.Variable, to+"/header_media/media/variable")
			}
			for j := range it.Cards {
				add(it.Cards[j].Media.Variable, to+"/cards/"+strconv.Itoa(j)+"/media/variable")
			}
		}
	}
	return out
}

// each visits every rule of a group and of the groups inside.
func (g *RuleGroup) each(at string, f func(u *Rule, at string)) {
	for i := range g.Rules {
		u, to := &g.Rules[i], at+"/rules/"+strconv.Itoa(i)
		switch {
		case u.Group != nil:
			u.Group.each(to+"/group", f)
		case u.Expression.Empty():
			f(u, to)
		}
	}
}

// path checks one name.
func (l *linter) path(path []string, at string) {
	full := strings.Join(path, ".")
	root, rest := path[0], path[1:]
	if _, ok := l.g.vars[root]; ok {
		return
	}
	if _, ok := aliases[root]; ok {
		if len(rest) > 0 {
			l.problem("variable_unknown", at, full)
		}
		return
	}
	known := true
	switch root {
	case "now", "today", "greeting":
		known = len(rest) == 0
	case "answer":
	case "answers":
		known = len(rest) == 0 || l.asks(rest[0])
	case "vars":
		if len(rest) > 0 {
			_, known = l.g.vars[rest[0]]
		}
	case "contact":
		l.contactPath(rest, at, full)
		return
	case visitsName:
		known = len(rest) == 1 && l.g.nodes[rest[0]] != nil
	case "conversation", "trigger", "account", "flow", "run", "ticket":
		if len(rest) > 0 {
			_, known = shapes[root][rest[0]]
		}
	default:
		l.field(root, at, full)
		return
	}
	if !known {
		l.problem("variable_unknown", at, full)
	}
}

// asks reports whether a node keeps an answer.
func (l *linter) asks(id string) bool {
	n := l.g.nodes[id]
	return n != nil && l.pauses(n)
}

func (l *linter) contactPath(rest []string, at, full string) {
	switch {
	case len(rest) == 0 || rest[0] == "labels" || slices.Contains(contactKeys, rest[0]):
	case rest[0] == "fields":
		if len(rest) > 1 {
			l.field(rest[1], at, full)
		}
	default:
		l.field(rest[0], at, full)
	}
}

// field checks the key of a custom field (rule 202). Where the account's fields are not known, a name that is nothing else
// is worth a hint.
func (l *linter) field(key, at, full string) {
	switch {
	case slices.ContainsFunc(l.env.Fields, func(f Field) bool { return f.Key == key }):
	case l.env.Fields != nil:
		l.problem("variable_unknown", at, full)
	case full == key: // written without "contact."
		l.problem("variable_maybe_field", at, full)
	}
}

// unused looks for declared variables that nothing sets and nothing reads.
func (l *linter) unused() {
	used := map[string]bool{}
	for _, n := range l.g.nodes {
		for _, v := range n.settings.stores() {
			used[v.Name] = true
		}
		take := func(u textUse) {
			for _, r := range u.tpl.reads() {
				used[r.path[0]] = true
				if r.path[0] == "vars" && len(r.path) > 1 {
					used[r.path[1]] = true
				}
			}
		}
		eachText(n.settings, "", take)
		for _, b := range n.locales {
			eachText(b, "", take)
		}
		for _, p := range paths(n.settings, "") {
			used[p.path[0]] = true
		}
		for _, name := range expressionNames(n.settings) {
			used[name] = true
		}
	}
	for i, v := range l.g.doc.Variables {
		if !used[v.Name] && !v.Output && !v.Input { // an input is the caller's, whatever becomes of it
			l.problem("variable_unused", "/variables/"+strconv.Itoa(i), v.Name)
		}
	}
}

// expressionNames are the names that the expressions of settings use.
func expressionNames(b behaviour) []string {
	var out []string
	switch s := b.(type) {
	case *conditionSettings:
		var walk func(g *RuleGroup)
		walk = func(g *RuleGroup) {
			for i := range g.Rules {
				out = append(out, g.Rules[i].Expression.roots...)
				if sub := g.Rules[i].Group; sub != nil {
					walk(sub)
				}
			}
		}
		walk(&s.RuleGroup)
	case *setVariableSettings:
		for i := range s.Assignments {
			out = append(out, s.Assignments[i].Expression.roots...)
		}
	case *httpSettings:
		for i := range s.Save {
			out = append(out, s.Save[i].Expression.roots...)
		}
	case *waitSettings:
		out = append(out, s.CancelIf.roots...)
	}
	return out
}

// holding is the set of names that surely hold something.
type holding map[string]bool

func (h holding) with(names ...string) holding {
	out := maps.Clone(h)
	for _, n := range names {
		if n != "" {
			out[n] = true
		}
	}
	return out
}

func (h holding) without(names ...string) holding {
	out := maps.Clone(h)
	for _, n := range names {
		delete(out, n)
	}
	return out
}

// both keeps what is in both sets; changed reports whether h lost something.
func (h holding) both(other holding) (out holding, changed bool) {
	out = holding{}
	for n := range h {
		if other[n] {
			out[n] = true
		}
	}
	return out, len(out) != len(h)
}
