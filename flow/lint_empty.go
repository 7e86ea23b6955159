package flow

import (
	"slices"
	"strings"
)

// emptiness looks for texts that read a variable which may hold nothing yet on some way there, without a default. It keeps,
// for every node, the names that surely hold something however the run came.
func (l *linter) emptiness() {
	start := holding{}
	for name, v := range l.g.vars {
		if v.Default != nil || (v.Input && v.Required) {
			start[name] = true
		}
	}
	known := map[*node]holding{}
	var todo []*node
	reach := func(n *node, h holding) {
		if n == nil {
			return
		}
		old, ok := known[n]
		if !ok {
			known[n] = h
			todo = append(todo, n)
			return
		}
		if both, changed := old.both(h); changed {
			known[n] = both
			todo = append(todo, n)
		}
	}
	for _, id := range l.roots() {
		reach(l.g.nodes[id], start)
	}
	for len(todo) > 0 {
		n := todo[0]
		todo = todo[1:]
		for _, m := range l.moves(n) {
			reach(m.to, gained(n, m.out, known[n]))
		}
	}
	for _, n := range l.ordered() {
		l.n = n
		l.emptyReads(n, known[n])
	}
	l.n = nil
}

// optionalContact are the contact's own fields that are often empty; a name and a language there almost always is.
var optionalContact = []string{"phone", "email", "birth_date", "cpf", "rg", "client_code", "default_agent"}

func (l *linter) emptyReads(n *node, h holding) {
	switch n.settings.(type) {
	case *contentSettings, *questionSettings, *menuSettings, *templateSettings, *httpSettings:
	default:
		return
	}
	if c, ok := n.settings.(*contentSettings); ok { // an item's answer is there for the items after it
		for i := range c.Items {
			if s := c.Items[i].Save; s != nil {
				h = h.with(s.SaveTo, contactName(s.Field))
			}
		}
	}
	eachText(n.settings, place(n)+"/settings", func(u textUse) {
		if _, isHTTP := n.settings.(*httpSettings); isHTTP && strings.Contains(u.at, "/settings/json") {
			return // an empty value is null there
		}
		for _, r := range u.tpl.reads() {
			if r.guarded {
				continue
			}
			path := r.path
			if alias, ok := aliases[path[0]]; ok && l.g.vars[path[0]].Name == "" {
				path = alias
			}
			full := strings.Join(path, ".")
			if path[0] == "vars" && len(path) > 1 {
				path = path[1:]
			}
			switch _, isVar := l.g.vars[path[0]]; {
			case isVar && !h[path[0]]:
				l.problem("variable_maybe_empty", u.at, path[0])
			case !isVar && path[0] == "contact" && len(path) == 2 && slices.Contains(optionalContact, path[1]) && !h[full]:
				l.problem("contact_field_maybe_empty", u.at, full)
			case !isVar && path[0] == "contact" && len(path) == 3 && path[1] == "fields" && !h["contact."+path[2]]:
				l.problem("contact_field_maybe_empty", u.at, full)
			}
		}
	})
}

func contactName(field string) string {
	if field == "" {
		return ""
	}
	return "contact." + field
}

// gained is what surely holds something after a node was left by an output.
func gained(n *node, out string, h holding) holding {
	answered := out != OutTimeout && out != OutInvalid && out != OutWindowClosed && out != OutFailed
	asked := func(a *Asking) holding {
		if !answered {
			return h
		}
		return h.with(a.SaveTo, contactName(a.Field))
	}
	switch s := n.settings.(type) {
	case *questionSettings:
		return asked(&s.Asking)
	case *menuSettings:
		return asked(&s.Asking)
	case *templateSettings:
		if len(s.Replies) > 0 && out != OutMissing && out != OutPaused && out != OutRejected {
			return asked(&s.Asking)
		}
	case *contentSettings:
		if !answered {
			return h
		}
		for i := range s.Items {
			if save := s.Items[i].Save; save != nil {
				h = h.with(save.SaveTo, contactName(save.Field))
			}
		}
		return asked(&s.Asking)
	case *waitSettings:
		if s.Mode == "reply" {
			return asked(&s.Asking)
		}
	case *httpSettings:
		return s.gained(out, h)
	case *setVariableSettings:
		return s.gained(out, h)
	case *splitSettings:
		return h.with(s.SaveTo)
	case *loopSettings:
		if out == OutItem {
			return h.with(s.Item, s.Index)
		}
		return h.without(s.Item)
	case *subflowSettings:
		if out == OutFailed {
			return h
		}
		for _, name := range s.Outputs {
			h = h.with(name)
		}
	case *actionSettings:
		for _, a := range s.Actions {
			switch a.Do {
			case "set_field":
				h = h.with(contactName(a.Field))
			case "clear_field":
				h = h.without(contactName(a.Field))
			}
		}
	case *conditionSettings:
		return s.gained(out, h)
	case *switchSettings:
		return s.gained(out, h)
	}
	return h
}

func (s *httpSettings) gained(out string, h holding) holding {
	switch out {
	case OutOK:
		for _, m := range s.Save {
			h = h.with(m.To)
		}
		return h.with(s.SaveStatus, s.SaveBody)
	case OutClientError, OutServerError:
		return h.with(s.SaveStatus, s.SaveBody)
	}
	return h
}

func (s *setVariableSettings) gained(out string, h holding) holding {
	if out != OutOK {
		return h
	}
	for _, a := range s.Assignments {
		if a.Op == "clear" {
			h = h.without(a.Name)
		} else {
			h = h.with(a.Name)
		}
	}
	return h
}

// gained is what a condition has looked at: on "true" the names that its rules compare with something, when all must hold;
// on "false" the names of rules "is empty", when any would do.
func (s *conditionSettings) gained(out string, h holding) holding {
	single := len(s.Rules) == 1
	for i := range s.Rules {
		u := &s.Rules[i]
		if u.Group != nil || !u.Expression.Empty() {
			continue
		}
		all, either := s.Match != "any" || single, s.Match == "any" || single
		if (out == OutTrue && all && u.Op.demands()) || (out == OutFalse && either && u.Op == OpIsEmpty) {
			h = h.with(lookedAt(u.Variable))
		}
	}
	return h
}

func (s *switchSettings) gained(out string, h holding) holding {
	path := s.Value.tpl.variable()
	if path == nil {
		return h
	}
	for _, k := range s.Cases {
		if k.ID == out && (k.Op == "" || k.Op.demands()) {
			return h.with(lookedAt(strings.Join(path, ".")))
		}
	}
	return h
}

// lookedAt is the name under which emptiness knows a path.
func lookedAt(path string) string {
	first, rest, _ := strings.Cut(path, ".")
	if alias, ok := aliases[first]; ok {
		return strings.Join(alias, ".")
	}
	if first == "contact" {
		return "contact." + strings.TrimPrefix(rest, "fields.")
	}
	if first == "vars" {
		first, _, _ = strings.Cut(rest, ".")
	}
	return first
}

// demands reports whether an operator holds only for a value that is there.
func (o Operator) demands() bool {
	switch o {
	case OpNotEqual, OpNotContains, OpNotIn, OpIsEmpty, OpNotMatches, OpHasLabel, OpHasNoLabel:
		return false
	}
	return true
}
