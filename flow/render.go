package flow

import (
	"encoding/json"
	"errors"
	"io"
	"net/url"
	"reflect"
	"strings"

	"github.com/osteele/liquid/expressions"
	"github.com/osteele/liquid/render"
)

// text renders a Text.
func (r *run) text(t Text) string {
	if t.tpl == nil {
		return ""
	}
	if s, ok := t.tpl.literal(); ok {
		return s
	}
	if t.tpl.tags != nil {
		return r.renderTags(t.tpl)
	}
	var buf [256]byte
	b := buf[:0]
	for i := range t.tpl.parts {
		b = append(b, r.renderPart(&t.tpl.parts[i])...)
		if len(b) > r.lim.Text {
			r.note("text_too_long")
			return strings.ToValidUTF8(string(b[:r.lim.Text]), "")
		}
	}
	return string(b)
}

func (r *run) renderPart(p *part) string {
	switch {
	case p.path != nil:
		return format(r.lookup(p.path), r.zone)
	case p.expr != nil:
		v, err := r.liquid(p)
		if err != nil {
			r.note("text_error")
			return ""
		}
		return format(fromLiquid(v), r.zone)
	}
	return p.text
}

// value renders a Text that may stand for a value: a text that is exactly one variable or filter chain keeps the type
// of what it yields, anything else is text.
func (r *run) value(t Text) any {
	if t.tpl != nil && len(t.tpl.parts) == 1 {
		switch p := &t.tpl.parts[0]; {
		case p.path != nil:
			return normalize(r.lookup(p.path))
		case p.expr != nil:
			v, err := r.liquid(p)
			if err != nil {
				r.note("text_error")
				return nil
			}
			return normalize(fromLiquid(v))
		}
	}
	return r.text(t)
}

// escaping says how values are written into a request.
type escaping string

const (
	escapeNone  escaping = ""
	escapeJSON  escaping = "json"
	escapeQuery escaping = "query"
)

func (e escaping) apply(s string) string {
	switch e {
	case escapeJSON:
		q, err := json.Marshal(s)
		if err != nil {
			return ""
		}
		return string(q[1 : len(q)-1])
	case escapeQuery:
		return strings.ReplaceAll(url.QueryEscape(s), "+", "%20")
	}
	return s
}

// request renders a RequestText. Values, not the designer's own text, are escaped.
func (r *run) request(t RequestText, e escaping) SecretText {
	if t.tpl == nil {
		return nil
	}
	if t.tpl.tags != nil {
		return PlainText(r.renderTags(t.tpl))
	}
	var out SecretText
	var b strings.Builder
	for i := range t.tpl.parts {
		p := &t.tpl.parts[i]
		if p.secret != "" {
			if b.Len() > 0 {
				out = append(out, Part{Text: b.String()})
				b.Reset()
			}
			out = append(out, Part{Secret: p.secret, Escape: string(e)})
			continue
		}
		s := r.renderPart(p)
		if p.text == "" {
			s = e.apply(s)
		}
		if b.Len()+len(s) > r.lim.Value {
			r.note("text_too_long")
			break
		}
		b.WriteString(s)
	}
	if b.Len() > 0 {
		out = append(out, Part{Text: b.String()})
	}
	return out
}

// liquid evaluates one output.
func (r *run) liquid(p *part) (v any, err error) {
	if !r.work(1) {
		return nil, errTooMuchWork
	}
	defer func() {
		if rec := recover(); rec != nil {
			v, err = nil, errors.New("liquid: the expression cannot be evaluated")
		}
	}()
	return p.expr.Evaluate(expressions.NewContext(r.bindings(p.roots), r.liquidConfig(p.filters).Config.Config))
}

func (r *run) renderTags(t *template) (s string) {
	if !r.work(t.weight) {
		return ""
	}
	w := &limitedWriter{left: r.lim.Text}
	defer func() {
		if rec := recover(); rec != nil {
			r.note("text_error")
			s = w.b.String()
		}
	}()
	if err := render.Render(t.tags, w, r.bindings(t.roots), r.liquidConfig(t.filters)); err != nil {
		r.note("text_error")
	}
	return w.b.String()
}

// bindings resolves the names a Liquid text reads. Numbers that are whole become ints, which is what Liquid's indexes
// and loops want.
func (r *run) bindings(roots []string) map[string]any {
	m := make(map[string]any, len(roots))
	for _, name := range roots {
		if v := r.lookup([]string{name}); v != nil {
			m[name] = toLiquid(v)
		}
	}
	return m
}

// maxLiquidList is how many items of a list a text sees.
const maxLiquidList = 100

func toLiquid(v any) any {
	switch v := v.(type) {
	case float64:
		if v == float64(int(v)) {
			return int(v)
		}
		return v
	case []any:
		out := make([]any, 0, min(len(v), maxLiquidList))
		for _, e := range v[:min(len(v), maxLiquidList)] {
			out = append(out, toLiquid(e))
		}
		return out
	case map[string]any:
		out := make(map[string]any, len(v))
		for k, e := range v {
			out[k] = toLiquid(e)
		}
		return out
	}
	return v
}

func fromLiquid(v any) any {
	switch v := v.(type) {
	case nil, bool, string, instant, float64, []any, map[string]any:
		return v
	}
	switch rv := reflect.ValueOf(v); rv.Kind() {
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		return float64(rv.Int())
	case reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64, reflect.Uint:
		return float64(rv.Uint())
	}
	return v
}

// work counts what is worth counting: Liquid outputs, texts with tags, expressions. A step that does too much of it ends
// the run, so that no document can keep a worker busy.
func (r *run) work(n int) bool {
	if r.worked += n; r.worked > r.lim.StepWork {
		r.over = ReasonStepLimit
		return false
	}
	return true
}

// tagsWork is what a text with tags counts for by how deep its loops are nested.
var tagsWork = [maxLoopDepth + 1]int{5, 20, 500}

var (
	errTextTooLong = errors.New("text is too long")
	errTooMuchWork = errors.New("the step does too much")
)

type limitedWriter struct {
	b    strings.Builder
	left int
}

func (w *limitedWriter) Write(p []byte) (int, error) {
	if len(p) > w.left {
		return 0, errTextTooLong
	}
	w.left -= len(p)
	return w.b.Write(p)
}

var _ io.Writer = (*limitedWriter)(nil)
