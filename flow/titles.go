package flow

// optionsOf are the fixed options of a node's settings.
func optionsOf(b behaviour) []ChoiceOption {
	switch s := b.(type) {
	case *menuSettings:
		return s.Options
	case *questionSettings:
		return s.Options
	case *contentSettings:
		return s.last().Options
	}
	return nil
}

// compileTitles notes which nodes have titles in several languages, by the variables that get them.
func (c *compiler) compileTitles() {
	for i := range c.doc.Nodes {
		n := c.g.nodes[c.doc.Nodes[i].ID]
		if n == nil || n.index != i || n.locales == nil || len(optionsOf(n.settings)) == 0 {
			continue
		}
		if c.g.titled == nil {
			c.g.titled = map[string][]*node{}
		}
		for _, v := range n.settings.stores() {
			c.g.titled[v.Name] = append(c.g.titled[v.Name], n)
		}
		c.g.titled[answersName+n.id] = []*node{n}
	}
}

// answersName begins the names under which the nodes themselves stand in Graph.titled.
const answersName = "answers."

// inLanguage is a value as a text for the contact shows it: the title of an option that was chosen in another language is that
// of the present one. What is stored stays as it is, so that conditions find it.
func (r *run) inLanguage(path []string, v any) any {
	if r.g.titled == nil {
		return v
	}
	name := path[0]
	switch {
	case name == "answer" && len(path) == 1:
		name = answersName + r.frame().Last
	case name == "answers" && len(path) == 2:
		name = answersName + path[1]
	case name == "vars" && len(path) == 2:
		name = path[1]
	case len(path) > 1:
		return v
	}
	nodes := r.g.titled[name]
	if len(nodes) == 0 {
		return v
	}
	switch t := v.(type) {
	case string:
		return r.titleNow(nodes, t)
	case []any:
		out := make([]any, len(t))
		for i, e := range t {
			if out[i] = e; isText(e) {
				out[i] = r.titleNow(nodes, e.(string))
			}
		}
		return out
	}
	return v
}

func isText(v any) bool {
	_, ok := v.(string)
	return ok
}

// titleNow is the title, in the run's language, of the option that has this title in one of the languages.
func (r *run) titleNow(nodes []*node, title string) string {
	for _, n := range nodes {
		now := optionsOf(n.in(r.s.Language))
		in := func(b behaviour) (string, bool) {
			for i, o := range optionsOf(b) {
				if old, ok := o.Title.literal(); !ok || old != title || o.Value != nil || i >= len(now) {
					continue
				}
				return now[i].Title.literal()
			}
			return "", false
		}
		if s, ok := in(n.settings); ok {
			return s
		}
		for _, lang := range sortedKeys(n.locales) {
			if s, ok := in(n.locales[lang]); ok {
				return s
			}
		}
	}
	return title
}
