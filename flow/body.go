package flow

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
)

// JSONBody is a JSON value whose texts are templates: {"nome": "{{ nome }}", "idade": "{{ idade }}"}. A text that is exactly
// one variable becomes that variable's value, number, list or object included; any other text stays a text, escaped.
//
//nolint:recvcheck // reads in place, writes by value, as encoding/json asks
type JSONBody struct {
	raw  json.RawMessage
	root *bodyNode
}

type bodyNode struct {
	text  *RequestText
	konst []byte
	list  []*bodyNode
	keys  []string
	named []*bodyNode
	kind  byte // '"', 'k', '[' or '{'
}

// MarshalJSON writes the body as the designer wrote it.
func (b JSONBody) MarshalJSON() ([]byte, error) {
	if len(b.raw) == 0 {
		return []byte("null"), nil
	}
	return b.raw, nil
}

// UnmarshalJSON keeps the body; it is compiled with the other texts.
func (b *JSONBody) UnmarshalJSON(raw []byte) error {
	if string(raw) != "null" {
		b.raw = bytes.Clone(raw)
	}
	return nil
}

// IsZero lets omitzero leave an empty body out.
func (b JSONBody) IsZero() bool { return len(b.raw) == 0 }

func (b *JSONBody) compile(c *compiler, at string) {
	if len(b.raw) == 0 {
		return
	}
	var tree any
	dec := json.NewDecoder(bytes.NewReader(b.raw))
	dec.UseNumber()
	if err := dec.Decode(&tree); err != nil {
		c.problem("setting_shape", at, err.Error())
		return
	}
	b.root = compileBody(c, tree, at)
}

func compileBody(c *compiler, v any, at string) *bodyNode {
	switch v := v.(type) {
	case string:
		t := &RequestText{source: v}
		c.compileRequest(t, at)
		return &bodyNode{kind: '"', text: t}
	case []any:
		n := &bodyNode{kind: '['}
		for i, e := range v {
			n.list = append(n.list, compileBody(c, e, pointer(at, strconv.Itoa(i))))
		}
		return n
	case map[string]any:
		n := &bodyNode{kind: '{'}
		for _, k := range sortedKeys(v) {
			n.keys = append(n.keys, k)
			n.named = append(n.named, compileBody(c, v[k], pointer(at, k)))
		}
		return n
	}
	raw, err := json.Marshal(v)
	if err != nil {
		raw = []byte("null")
	}
	return &bodyNode{kind: 'k', konst: raw}
}

// secretWriter builds a SecretText.
type secretWriter struct {
	out SecretText
	buf bytes.Buffer
	n   int
}

func (w *secretWriter) text(s string) {
	w.n += len(s)
	w.buf.WriteString(s)
}

func (w *secretWriter) parts(t SecretText) {
	for _, p := range t {
		if p.Secret == "" {
			w.text(p.Text)
			continue
		}
		w.flush()
		w.out = append(w.out, p)
	}
}

func (w *secretWriter) flush() {
	if w.buf.Len() > 0 {
		w.out = append(w.out, Part{Text: w.buf.String()})
		w.buf.Reset()
	}
}

func (r *run) jsonBody(b *JSONBody) SecretText {
	if b.root == nil {
		return nil
	}
	w := &secretWriter{}
	r.writeBody(w, b.root)
	w.flush()
	return w.out
}

func (r *run) writeBody(w *secretWriter, n *bodyNode) {
	if w.n > r.lim.Value {
		r.note("text_too_long")
		return
	}
	switch n.kind {
	case 'k':
		w.text(string(n.konst))
	case '"':
		if v, ok := r.whole(n.text.tpl); ok {
			w.text(mustJSON(v))
			return
		}
		w.text(`"`)
		w.parts(r.request(*n.text, escapeJSON))
		w.text(`"`)
	case '[':
		w.text("[")
		for i, e := range n.list {
			if i > 0 {
				w.text(",")
			}
			r.writeBody(w, e)
		}
		w.text("]")
	case '{':
		w.text("{")
		for i, k := range n.keys {
			if i > 0 {
				w.text(",")
			}
			w.text(mustJSON(k) + ":")
			r.writeBody(w, n.named[i])
		}
		w.text("}")
	}
}

func mustJSON(v any) string {
	raw, err := json.Marshal(v)
	if err != nil {
		return "null"
	}
	return string(raw)
}

// jsonPath is a compiled path into JSON: $.itens[0].preco, $['a b'], $.itens[*].id, $.itens[-1].
type jsonPath []jsonStep

type jsonStep struct {
	key   string
	index int
	kind  byte // 'k', 'i' or '*'
}

// parseJSONPath reads a path. "$" alone is the whole document, and may be left out before a name.
func parseJSONPath(s string) (jsonPath, error) {
	var p jsonPath
	bad := func() (jsonPath, error) {
		return nil, fmt.Errorf("%q: write a path such as $.itens[0].preco", s)
	}
	if len(s) > 500 {
		return nil, errors.New("the path is longer than 500 characters")
	}
	i := 0
	if i < len(s) && s[i] == '$' {
		i++
	} else if s != "" && s[0] != '[' && s[0] != '.' {
		s = "." + s
	}
	for i < len(s) {
		switch s[i] {
		case '.':
			i++
			j := i
			for j < len(s) && s[j] != '.' && s[j] != '[' {
				j++
			}
			switch key := s[i:j]; key {
			case "":
				return bad()
			case "*":
				p = append(p, jsonStep{kind: '*'})
			default:
				p = append(p, jsonStep{kind: 'k', key: key})
			}
			i = j
		case '[':
			end := bytes.IndexByte([]byte(s[i:]), ']')
			if end < 0 {
				return bad()
			}
			inner := s[i+1 : i+end]
			i += end + 1
			switch {
			case inner == "*":
				p = append(p, jsonStep{kind: '*'})
			case len(inner) > 2 && (inner[0] == '\'' || inner[0] == '"') && inner[len(inner)-1] == inner[0]:
				p = append(p, jsonStep{kind: 'k', key: inner[1 : len(inner)-1]})
			default:
				n, err := strconv.Atoi(inner)
				if err != nil {
					return bad()
				}
				p = append(p, jsonStep{kind: 'i', index: n})
			}
		default:
			return bad()
		}
	}
	return p, nil
}

// there reports whether a path is in a value. What is null is there, and so is an item of a list that is shorter.
func (p jsonPath) there(v any) bool {
	for _, step := range p {
		switch c := v.(type) {
		case nil:
			return true
		case map[string]any:
			next, ok := c[step.key]
			if step.kind == '*' {
				return true
			}
			if step.kind != 'k' || !ok {
				return false
			}
			v = next
		case []any:
			at := step.index
			if at < 0 {
				at += len(c)
			}
			if step.kind == '*' || (step.kind == 'i' && (at < 0 || at >= len(c))) {
				return true
			}
			if step.kind != 'i' {
				return false
			}
			v = c[at]
		default:
			return false
		}
	}
	return true
}

// find follows the path; with a "*" the result is the list of what is found for each item.
func (p jsonPath) find(v any) any {
	for i, step := range p {
		switch step.kind {
		case 'k':
			m, ok := v.(map[string]any)
			if !ok {
				return nil
			}
			v = m[step.key]
		case 'i':
			l, ok := v.([]any)
			at := step.index
			if at < 0 {
				at += len(l)
			}
			if !ok || at < 0 || at >= len(l) {
				return nil
			}
			v = l[at]
		case '*':
			var items []any
			switch c := v.(type) {
			case []any:
				items = c
			case map[string]any:
				for _, k := range sortedKeys(c) {
					items = append(items, c[k])
				}
			default:
				return nil
			}
			out := []any{}
			for _, e := range items {
				if found := p[i+1:].find(e); found != nil {
					out = append(out, found)
				}
			}
			return out
		}
	}
	return v
}
