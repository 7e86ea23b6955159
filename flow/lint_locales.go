package flow

import (
	"slices"
	"strings"
	"unicode"
)

// spoken are the settings a contact reads.
var spoken = []string{
	"text", "header", "footer", "button", "title", "description", "invalid_text", "help_text", "announce",
}

// inLocale does a check of a node's settings in a language, see inTranslation.
func (l *linter) inLocale(n *node, lang string, check func()) {
	before, at := len(l.problems), l.at
	l.at = pointer(pointer("/locales", lang), n.id)
	check()
	l.problems = inTranslation(l.problems, before, l.at, l.g.doc.Locales[lang][n.id])
	l.at = at
}

// translations looks for texts that a language of the flow lacks, and for translations of nodes that are gone.
func (l *linter) translations() {
	for _, lang := range sortedKeys(l.g.doc.Locales) {
		at := pointer("/locales", lang)
		for _, id := range sortedKeys(l.g.doc.Locales[lang]) {
			if l.g.nodes[id] == nil {
				l.problem("locale_node_unknown", pointer(at, id), id)
			}
		}
		for _, n := range l.ordered() {
			l.translated(n, lang)
		}
	}
}

func (l *linter) translated(n *node, lang string) {
	_, acts := n.settings.(*actionSettings) // its other texts are for the desk
	switch n.settings.(type) {
	case *contentSettings, *questionSettings, *menuSettings, *actionSettings:
	default:
		return
	}
	base := place(n) + "/settings"
	have := l.g.doc.Locales[lang][n.id]
	eachText(n.settings, base, func(u textUse) {
		if !slices.Contains(spoken, u.name) || acts != (u.name == "announce") || !u.tpl.wordy() {
			return
		}
		if _, ok := have[strings.TrimPrefix(u.at, base)]; !ok {
			l.on(n, "translation_missing", u.at, lang)
		}
	})
}

// wordy reports whether a text has words of its own, besides variables, numbers and signs.
func (t *template) wordy() bool {
	return t.tagged || slices.ContainsFunc(t.words(), func(s string) bool { return strings.ContainsFunc(s, unicode.IsLetter) })
}
