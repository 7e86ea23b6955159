package flow

import (
	"encoding/json"
	"net/url"
	"strings"
)

// escaping says where in a request a text stands, and so how it is written there. One writer does it for every value,
// whatever tags stand around it.
type escaping string

const (
	// escapeNone is for texts that people read, and for bodies that are the designer's whole.
	escapeNone escaping = ""
	// escapeJSON is the inside of a JSON string.
	escapeJSON escaping = "json"
	// escapeJSONValue is the place of a whole JSON value.
	escapeJSONValue escaping = "json_value"
	// escapeRawJSON is a JSON document that the designer wrote as text: each value is escaped for the place where it stands.
	escapeRawJSON escaping = "raw_json"
	// escapeQuery is an address: the path, the query. What the designer wrote is its structure; values are data.
	escapeQuery escaping = "query"
	// escapeForm is a name or a value of a form or a query.
	escapeForm escaping = "form"
	// escapeHeader is a header's value.
	escapeHeader escaping = "header"
)

// apply writes data so that it stays data.
func (e escaping) apply(s string) string {
	switch e {
	case escapeNone, escapeRawJSON:
	case escapeJSONValue:
		if json.Valid([]byte(s)) {
			return s // one value, whatever it is
		}
		return mustJSON(s)
	case escapeJSON:
		q, err := json.Marshal(s)
		if err != nil {
			return ""
		}
		return string(q[1 : len(q)-1])
	case escapeQuery, escapeForm:
		if s != "" && strings.Trim(s, ".") == "" { // "." and ".." would be steps of a path
			return strings.Repeat("%2E", len(s))
		}
		return strings.ReplaceAll(url.QueryEscape(s), "+", "%20")
	case escapeHeader:
		return strings.Map(func(r rune) rune {
			if r < ' ' && r != '\t' || r == 0x7f {
				return ' '
			}
			return r
		}, s)
	}
	return s
}

// structural reports whether what the designer wrote is left as it is.
func (e escaping) structural() bool { return e == escapeNone || e == escapeQuery || e == escapeRawJSON }

// textState says whether a text goes on.
type textState int

const (
	textOn textState = iota
	textBreak
	textContinue
	textOver
)

// textWriter renders one text. It is the only way by which anything gets into one.
type textWriter struct {
	r *run
	writing
	escape escaping
	limit  int
	// whole drops a piece that does not fit, where half of it would be something else.
	whole bool
	// names are the names that the text itself has given: by assign, by loops.
	names map[string]any
	state textState
	// spoken is set while a value is written that the contact reads.
	spoken bool
	// unfilled gives what stands in the place of a value that is empty; nil: nothing.
	unfilled func(e liquidExpr) string
	buf      []byte
	n        int // bytes written, those in parts included
	parts    SecretText
	json     jsonAt
}

// jsonAt knows whether what is written next stands inside a string of a JSON document.
type jsonAt struct{ inString, escaped bool }

// pass goes over what the designer wrote.
func (p *jsonAt) pass(s string) {
	for _, c := range []byte(s) {
		switch {
		case p.escaped:
			p.escaped = false
		case c == '\\':
			p.escaped = p.inString
		case c == '"':
			p.inString = !p.inString
		}
	}
}

// place is how a value is escaped where it stands.
func (w *textWriter) place() escaping {
	switch {
	case w.escape != escapeRawJSON:
		return w.escape
	case w.json.inString:
		return escapeJSON
	}
	return escapeJSONValue
}

// writer is a textWriter for the next text; it uses the step's buffer.
func (r *run) writer(e escaping, limit int) *textWriter {
	w := &r.texts
	if w.buf == nil {
		w.buf = r.first[:]
	}
	*w = textWriter{r: r, writing: writing{zone: orUTC(r.zone), lang: r.s.Language}, escape: e, limit: limit, whole: e != escapeNone, buf: w.buf[:0]}
	return w
}

// text renders a Text.
func (r *run) text(t Text) string {
	if t.tpl == nil {
		return ""
	}
	if s, ok := t.tpl.literal(); ok {
		return s
	}
	w := r.writer(escapeNone, r.lim.Text)
	w.render(t.tpl.nodes)
	return string(w.buf)
}

// address renders a Text that is an address: what the designer wrote is its structure, values are data.
func (r *run) address(t Text) string {
	if t.tpl == nil {
		return ""
	}
	w := r.writer(escapeQuery, r.lim.Text)
	w.render(t.tpl.nodes)
	return string(w.buf)
}

// value renders a Text that may stand for a value: a text that is exactly one variable or filter chain keeps the type
// of what it yields, anything else is text.
func (r *run) value(t Text) any {
	if v, ok := r.whole(t.tpl); ok {
		return v
	}
	return r.text(t)
}

// whole is the value of a text that is exactly one variable or filter chain.
func (r *run) whole(t *template) (any, bool) {
	if path := t.variable(); path != nil && r.work(1) {
		return normalize(r.lookup(path)), true
	}
	e := t.chain()
	if e == nil {
		return nil, false
	}
	w := r.writer(escapeNone, r.lim.Value)
	v, err := e.eval(w)
	if err != nil {
		w.fail(err)
		return nil, true
	}
	return normalize(v), true
}

// request renders a RequestText for the place where it stands.
func (r *run) request(t RequestText, e escaping) SecretText {
	if t.tpl == nil {
		return nil
	}
	w := r.writer(e, r.lim.Value)
	w.render(t.tpl.nodes)
	w.flush()
	return w.parts
}

func (w *textWriter) render(nodes []textNode) {
	for _, n := range nodes {
		if w.state != textOn {
			return
		}
		n.render(w)
	}
}

// fail notes that a piece of a text could not be made; the rest goes on unless the step has done too much.
func (w *textWriter) fail(error) {
	w.r.note("text_error")
	w.r.alertOnce(ReasonTextFailed)
	if w.r.over != "" {
		w.state = textOver
	}
}

// write adds what is escaped already.
func (w *textWriter) write(s string) {
	if !w.r.work(kib(len(s))) {
		w.state = textOver
		return
	}
	if w.n+len(s) > w.limit {
		w.r.note("text_too_long")
		w.state = textOver
		if w.whole {
			return
		}
		s = strings.ToValidUTF8(s[:w.limit-w.n], "")
	}
	w.n += len(s)
	w.buf = append(w.buf, s...)
}

func (w *textWriter) flush() {
	if len(w.buf) > 0 {
		w.parts = append(w.parts, Part{Text: string(w.buf)})
		w.buf = w.buf[:0]
	}
}

func (n *literalNode) render(w *textWriter) {
	if w.escape.structural() {
		w.json.pass(n.text)
		w.write(n.text)
		return
	}
	w.write(w.escape.apply(n.text))
}

func (n *outputNode) render(w *textWriter) {
	w.spoken = w.escape == escapeNone
	v, err := n.expr.eval(w)
	w.spoken = false
	if err != nil {
		w.fail(err)
		return
	}
	s := format(v, w.zone)
	if s == "" && w.unfilled != nil {
		s = w.unfilled(n.expr)
	}
	if n.head && w.escape == escapeQuery {
		w.write(strings.TrimSpace(s))
		return
	}
	w.write(w.place().apply(s))
}

func (n *secretNode) render(w *textWriter) {
	w.flush()
	p := Part{Secret: n.name, Escape: string(w.place())}
	if w.escape == escapeForm {
		p.Escape = string(escapeQuery)
	}
	w.parts = append(w.parts, p)
}

func (n *assignNode) render(w *textWriter) {
	v, err := n.value.eval(w)
	if err != nil {
		w.fail(err)
		return
	}
	w.name(n.name, v)
}

// name gives a name of the text a value and returns what takes it back.
func (w *textWriter) name(name string, v any) (undo func()) {
	if w.names == nil {
		w.names = map[string]any{}
	}
	old, had := w.names[name]
	w.names[name] = v
	return func() {
		if delete(w.names, name); had {
			w.names[name] = old
		}
	}
}

func (n *branchNode) render(w *textWriter) {
	var subject any
	if n.subject != nil {
		v, err := n.subject.eval(w)
		if err != nil {
			w.fail(err)
			return
		}
		subject = v
	}
	for i := range n.branches {
		b := &n.branches[i]
		ok, err := b.holds(w, subject)
		if err != nil {
			w.fail(err)
			return
		}
		if ok {
			w.render(b.body)
			return
		}
	}
}

func (b *textBranch) holds(w *textWriter, subject any) (bool, error) {
	if !w.r.work(1) {
		return false, errTooMuchWork
	}
	if b.cond != nil {
		v, err := b.cond.eval(w)
		return truthy(v) != b.negate, err
	}
	for _, e := range b.whens {
		v, err := e.eval(w)
		if err != nil {
			return false, err
		}
		if !w.r.work(1 + kib(sizeOf(subject)+sizeOf(v))) {
			return false, errTooMuchWork
		}
		if same(subject, v) {
			return true, nil
		}
	}
	return len(b.whens) == 0, nil
}

func (n *jumpNode) render(w *textWriter) { w.state = n.to }

func (n *loopNode) render(w *textWriter) {
	items, err := n.items(w)
	if err != nil {
		w.fail(err)
		return
	}
	if len(items) == 0 {
		w.render(n.none)
		return
	}
	defer w.name("forloop", nil)()
	defer w.name(n.name, nil)()
	for i, v := range items {
		if !w.r.work(1) {
			w.fail(errTooMuchWork)
			return
		}
		w.names[n.name] = ours(v)
		w.names["forloop"] = map[string]any{
			"first": i == 0, "last": i == len(items)-1, "length": float64(len(items)), "index": float64(i + 1), "index0": float64(i),
			"rindex": float64(len(items) - i), "rindex0": float64(len(items) - i - 1),
		}
		w.render(n.body)
		switch w.state {
		case textOver:
			return
		case textBreak:
			w.state = textOn
			return
		case textOn, textContinue:
			w.state = textOn
		}
	}
}

// items are what a loop goes through: of a list at most as many as a text sees, of an object the pairs of key and value in
// the order of the keys.
func (n *loopNode) items(w *textWriter) ([]any, error) {
	v, err := n.list.eval(w)
	if err != nil {
		return nil, err
	}
	var items []any
	switch v := v.(type) {
	case []any:
		items = v
	case map[string]any:
		if !w.r.work(kib(sizeOf(v))) {
			return nil, errTooMuchWork
		}
		for _, k := range sortedKeys(v) {
			if len(items) < maxLiquidList {
				items = append(items, []any{k, v[k]})
			}
		}
	}
	if n.reversed {
		items = reverse(items)
	}
	offset, err := n.bound(w, n.offset, 0)
	if err != nil {
		return nil, err
	}
	items = items[min(offset, len(items)):]
	limit, err := n.bound(w, n.limit, len(items))
	items = items[:min(limit, len(items))]
	if most := n.most(w); len(items) > most {
		w.r.note("list_cut")
		items = items[:most]
	}
	return items, err
}

// most is how many turns a loop takes: fewer where loops are inside each other.
func (n *loopNode) most(w *textWriter) int {
	inside := w.names["forloop"] != nil
	eachNode(n.body, func(b textNode) {
		_, loop := b.(*loopNode)
		inside = inside || loop
	})
	if inside {
		return maxNestedList
	}
	return maxLiquidList
}

// bound is a loop's limit or offset.
func (n *loopNode) bound(w *textWriter, e liquidExpr, otherwise int) (int, error) {
	if e == nil {
		return otherwise, nil
	}
	v, err := e.eval(w)
	if err != nil {
		return 0, err
	}
	f, ok := v.(float64)
	if !ok || f < 0 {
		return otherwise, nil
	}
	return int(min(f, 1e6)), nil
}
