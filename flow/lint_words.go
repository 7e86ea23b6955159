package flow

import (
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strconv"
)

// options looks for options that a contact cannot tell apart or never reaches.
func (l *linter) options(options []ChoiceOption, at string) {
	words, payloads := map[string]string{}, map[string]bool{}
	for i := range options {
		o := &options[i]
		to := at + "/" + strconv.Itoa(i)
		take := func(word, at string) {
			key := fold(word)
			if first, ok := words[key]; ok && first != o.ID {
				l.problem("option_word_duplicate", at, word, first)
			}
			words[key] = o.ID
			if to, ok := l.g.commands[key]; ok && (l.n == nil || l.g.target(l.n, o.ID) != to) {
				l.problem("command_hides_option", at, word, to)
			}
		}
		if title, ok := o.Title.literal(); ok {
			take(title, to+"/title")
			if n, number := wholeNumber(said(title)); number && n != i+1 {
				l.problem("title_number", to+"/title", title, strconv.Itoa(i+1))
			}
		}
		for j, s := range o.Synonyms {
			where := to + "/synonyms/" + strconv.Itoa(j)
			if n, ok := wholeNumber(said(s)); ok && n != i+1 {
				l.problem("synonym_number", where, s)
				continue
			}
			take(s, where)
		}
		if p := o.Payload; p != "" {
			if payloads[p] {
				l.problem("payload_duplicate", to+"/payload", p)
			}
			payloads[p] = true
		}
	}
	for i := range options {
		if to, ok := l.g.commands[strconv.Itoa(i+1)]; ok {
			l.problem("command_hides_option", at+"/"+strconv.Itoa(i), strconv.Itoa(i+1), to)
		}
	}
}

// Keywords are the keywords the flow starts on, folded; patterns are left out.
func (g *Graph) Keywords() []string {
	var out []string
	for _, t := range g.triggers {
		out = append(out, t.words...)
	}
	return out
}

// KeywordsOf are the keywords of a document's triggers, folded, without reading the rest of the document.
func KeywordsOf(triggers []byte) []string {
	var specs []struct {
		Kind     string `json:"kind"`
		Settings struct {
			Words []string `json:"words"`
			Match string   `json:"match"`
		} `json:"settings"`
	}
	if json.Unmarshal(triggers, &specs) != nil {
		return nil
	}
	var out []string
	for _, t := range specs {
		if t.Kind != "keyword" || t.Settings.Match == "regex" {
			continue
		}
		for _, w := range t.Settings.Words {
			out = append(out, fold(w))
		}
	}
	return out
}

// words looks for keywords and commands that stand in each other's way.
func (l *linter) words() {
	seen := map[string]bool{}
	for _, t := range l.g.triggers {
		i := slices.IndexFunc(l.g.doc.Triggers, func(s TriggerSpec) bool { return s.ID == t.spec.ID })
		at := fmt.Sprintf("/triggers/%d/settings", i)
		for j, w := range t.keyword.Words {
			if t.keyword.Match == "regex" {
				continue
			}
			to, key := at+"/words/"+strconv.Itoa(j), fold(w)
			if seen[key] {
				l.problem("keyword_duplicate", to, w)
			} else if other, ok := l.env.Keywords[key]; ok && other != l.g.doc.Name {
				l.problem("keyword_taken", to, w, other)
			}
			seen[key] = true
			if t.keyword.Match == "contains" && runes(key) < 3 {
				l.problem("keyword_short", to, w)
			}
		}
		for _, reach := range []Reach{t.inbound.Reach, t.keyword.Reach, t.button.Reach} {
			for j, id := range reach.Connections {
				if l.env.Connections != nil && !l.env.Connections[string(id)] {
					l.problem("connection_unknown", at+"/connections/"+strconv.Itoa(j), string(id))
				}
			}
			if reach.Queue != "" {
				l.queue(string(reach.Queue), at+"/queue")
			}
		}
	}
	commands := map[string]bool{}
	for i, c := range l.g.doc.Settings.Commands {
		for j, w := range c.Words {
			if key := fold(w); commands[key] {
				l.problem("command_duplicate", fmt.Sprintf("/settings/commands/%d/words/%d", i, j), w)
			} else {
				commands[key] = true
			}
		}
	}
}

// secretShapes are what keys and tokens look like.
var secretShapes = []*regexp.Regexp{
	regexp.MustCompile(`(?i)\b(bearer|basic|token)\s+[A-Za-z0-9._~+/=-]{12,}`),
	regexp.MustCompile(`\beyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{8,}`),
	regexp.MustCompile(`\b(sk|pk|rk)_(live|test)_[A-Za-z0-9]{10,}`),
	regexp.MustCompile(`\b(ghp|gho|glpat|xox[abp]|AKIA|AIza|EAA)[A-Za-z0-9_-]{12,}`),
	regexp.MustCompile(`(?i)[?&](api_?key|access_token|token|secret|password|senha)=[^&\s{]{6,}`),
	regexp.MustCompile(`https?://[^/\s:@]+:[^/\s:@]+@`),
	regexp.MustCompile(`-----BEGIN [A-Z ]*PRIVATE KEY-----`),
}

var secretNames = regexp.MustCompile(`(?i)^(authorization|x-?api-?key|api-?key|apikey|x-auth-token|access-?token|token|secret|client-?secret|password|senha)$`)

// plainSecrets looks for keys that stand in the document, where everybody who may read a flow reads them.
func (l *linter) plainSecrets(n *node) {
	eachText(n.settings, l.at, func(u textUse) {
		for _, text := range u.tpl.words() {
			for _, shape := range secretShapes {
				if shape.MatchString(text) {
					l.problem("secret_plain", u.at)
					return
				}
			}
		}
	})
	var named []NamedText
	at := l.at + "/headers"
	switch s := n.settings.(type) {
	case *httpSettings:
		named = s.Headers
		l.plainPairs(s.Query, l.at+"/query")
		l.plainPairs(s.Form, l.at+"/form")
	case *webhookSettings:
		named = s.Headers
	}
	l.plainPairs(named, at)
	eachText(n.settings, l.at, func(u textUse) {
		for _, name := range u.tpl.secretNames() {
			if l.env.Secrets != nil && !l.env.Secrets[name] {
				l.problem("secret_unknown", u.at, name)
			}
		}
	})
}

func (l *linter) plainPairs(pairs []NamedText, at string) {
	for i, h := range pairs {
		if h.Value.tpl == nil || !secretNames.MatchString(h.Name) {
			continue
		}
		v, ok := h.Value.tpl.literal()
		to := at + "/" + strconv.Itoa(i) + "/value"
		if ok && runes(v) >= 6 && !slices.ContainsFunc(l.problems, func(p Problem) bool { return p.Code == "secret_plain" && p.Pointer == to }) {
			l.problem("secret_plain", to)
		}
	}
}
