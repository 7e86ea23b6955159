package flow

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// maxLiquidDepth is how deep brackets may be nested in one expression.
const maxLiquidDepth = 50

// errLiquidRange refuses (1..10). Lists come from variables, which are bounded.
var errLiquidRange = &textError{code: "text_range"}

// lexeme is one word of an expression.
type lexeme struct {
	kind byte // 'i' identifier, 'n' number, 's' string, 'o' sign, 0 the end
	text string
	num  float64
}

// liquidParser makes the tree of one expression:
//
//	cond     = rel { ("and" | "or") rel }
//	rel      = value [ ("==" | "!=" | "<" | ">" | "<=" | ">=" | "contains") value ] | filtered
//	value    = ( name | number | string | "(" cond ")" ) { "." name | "[" value "]" }
//	filtered = value { "|" name [ ":" args ] }
//	args     = value { "," value }
type liquidParser struct {
	source string
	rest   string
	tok    lexeme
	depth  int
	err    error
}

// parseLiquid reads an expression: the inside of an output, a condition, a value that is assigned.
func parseLiquid(source string) (liquidExpr, error) {
	p := newLiquidParser(source)
	e := p.cond()
	return e, p.finish()
}

// parseLiquidList reads the values of a "when".
func parseLiquidList(source string) ([]liquidExpr, error) {
	p := newLiquidParser(source)
	out := []liquidExpr{p.value()}
	for p.err == nil && (p.sign(",") || p.word("or")) {
		p.next()
		out = append(out, p.value())
	}
	return out, p.finish()
}

// parseLoop reads what stands in a for: item in list reversed limit:2 offset:1.
func parseLoop(source string) (*loopNode, error) {
	p := newLiquidParser(source)
	n := &loopNode{name: p.name()}
	if !p.word("in") {
		p.fail()
	}
	p.next()
	n.list = p.filtered(p.value())
	for p.err == nil && p.tok.kind != 0 {
		switch name := p.name(); {
		case name == "reversed":
			n.reversed = true
		case (name == "limit" || name == "offset") && p.sign(":"):
			p.next()
			if e := p.value(); name == "limit" {
				n.limit = e
			} else {
				n.offset = e
			}
		default:
			p.fail()
		}
	}
	return n, p.finish()
}

func newLiquidParser(source string) *liquidParser {
	p := &liquidParser{source: strings.TrimSpace(source)}
	p.rest = p.source
	p.next()
	return p
}

func (p *liquidParser) fail() {
	if p.err == nil {
		p.err = fmt.Errorf("%q is not understood: write a variable, then filters after \"|\"", p.source)
	}
}

func (p *liquidParser) finish() error {
	if p.err == nil && p.tok.kind != 0 {
		p.fail()
	}
	return p.err
}

func (p *liquidParser) sign(s string) bool { return p.tok.kind == 'o' && p.tok.text == s }
func (p *liquidParser) word(s string) bool { return p.tok.kind == 'i' && p.tok.text == s }

// name takes an identifier.
func (p *liquidParser) name() string {
	s := p.tok.text
	if p.tok.kind != 'i' {
		p.fail()
	}
	p.next()
	return s
}

// next reads the next lexeme.
func (p *liquidParser) next() {
	p.rest = strings.TrimLeftFunc(p.rest, unicode.IsSpace)
	p.tok = lexeme{}
	if p.err != nil || p.rest == "" {
		return
	}
	take := func(n int) string {
		s := p.rest[:n]
		p.rest = p.rest[n:]
		return s
	}
	switch c := p.rest[0]; {
	case c == '\'' || c == '"':
		end := strings.IndexByte(p.rest[1:], c)
		if end < 0 {
			p.fail()
			return
		}
		p.tok = lexeme{kind: 's', text: take(end + 2)[1 : end+1]}
	case isDigit(c) || c == '-' && len(p.rest) > 1 && isDigit(p.rest[1]):
		p.number(take)
	case strings.HasPrefix(p.rest, ".."):
		p.err = errLiquidRange
	case strings.HasPrefix(p.rest, "=="), strings.HasPrefix(p.rest, "!="), strings.HasPrefix(p.rest, "<="), strings.HasPrefix(p.rest, ">="):
		p.tok = lexeme{kind: 'o', text: take(2)}
	case strings.IndexByte(".,:|<>()[]", c) >= 0:
		p.tok = lexeme{kind: 'o', text: take(1)}
	default:
		n := nameLength(p.rest)
		if n == 0 {
			p.fail()
			return
		}
		p.tok = lexeme{kind: 'i', text: take(n)}
	}
}

func isDigit(c byte) bool { return c >= '0' && c <= '9' }

func (p *liquidParser) number(take func(int) string) {
	n := 1
	for n < len(p.rest) && isDigit(p.rest[n]) {
		n++
	}
	if n+1 < len(p.rest) && p.rest[n] == '.' && isDigit(p.rest[n+1]) {
		n++
		for n < len(p.rest) && isDigit(p.rest[n]) {
			n++
		}
	}
	f, err := strconv.ParseFloat(take(n), 64)
	if err != nil {
		p.fail()
	}
	p.tok = lexeme{kind: 'n', num: f}
}

// nameLength is how many bytes of a text are a name.
func nameLength(s string) int {
	for i, r := range s {
		if r == '_' || unicode.IsLetter(r) || i > 0 && (unicode.IsDigit(r) || r == '-') {
			continue
		}
		if i > 0 && r == '?' {
			return i + 1
		}
		return i
	}
	return len(s)
}

func isName(s string) bool { return s != "" && nameLength(s) == len(s) }

func (p *liquidParser) cond() liquidExpr {
	e := p.rel()
	for p.err == nil && (p.word("and") || p.word("or")) {
		op := p.tok.text
		p.next()
		e = &binaryExpr{op, e, p.rel()}
	}
	return e
}

var comparisons = []string{"==", "!=", "<", ">", "<=", ">="}

func (p *liquidParser) rel() liquidExpr {
	e := p.value()
	for _, op := range comparisons {
		if p.sign(op) {
			p.next()
			return &binaryExpr{op, e, p.value()}
		}
	}
	if p.word("contains") {
		p.next()
		return &binaryExpr{"contains", e, p.value()}
	}
	return p.filtered(e)
}

func (p *liquidParser) filtered(e liquidExpr) liquidExpr {
	for p.err == nil && p.sign("|") {
		p.next()
		name := p.name()
		f, ok := liquidFilters[name]
		if !ok && p.err == nil {
			p.err = noFilter(name)
		}
		out := &filterExpr{of: e, name: name, apply: f}
		if p.sign(":") {
			for first := true; first || p.err == nil && p.sign(","); first = false {
				p.next()
				out.args = append(out.args, p.value())
			}
		}
		e = out
	}
	return e
}

func (p *liquidParser) value() liquidExpr {
	if p.depth++; p.depth > maxLiquidDepth && p.err == nil {
		p.err = errors.New("brackets are nested too deep")
	}
	defer func() { p.depth-- }()
	e := p.primary()
	for p.err == nil {
		switch {
		case p.sign("."):
			e = p.property(e)
		case p.sign("["):
			p.next()
			at := p.value()
			if !p.sign("]") {
				p.fail()
			}
			p.next()
			e = indexed(e, at)
		default:
			return e
		}
	}
	return e
}

// property reads the step after a dot: a name, or a number that counts items from 0.
func (p *liquidParser) property(of liquidExpr) liquidExpr {
	n := 0
	for n < len(p.rest) {
		r, size := utf8.DecodeRuneInString(p.rest[n:])
		if r == '?' && n > 0 {
			n += size
			break
		}
		if r != '_' && r != '-' && !unicode.IsLetter(r) && !unicode.IsDigit(r) {
			break
		}
		n += size
	}
	step := p.rest[:n]
	p.rest = p.rest[n:]
	if step == "" {
		if strings.HasPrefix(p.rest, ".") {
			p.err = errLiquidRange
		}
		p.fail()
	}
	p.next()
	return stepped(of, step)
}

func (p *liquidParser) primary() liquidExpr {
	t := p.tok
	p.next()
	switch {
	case t.kind == 's':
		return &constExpr{t.text}
	case t.kind == 'n':
		return &constExpr{t.num}
	case t.kind == 'i' && (t.text == "true" || t.text == "false"):
		return &constExpr{t.text == "true"}
	case t.kind == 'i' && t.text == "nil":
		return &constExpr{nil}
	case t.kind == 'i':
		return &pathExpr{path: []string{t.text}}
	case t.kind == 'o' && t.text == "(":
		e := p.cond()
		if !p.sign(")") {
			p.fail()
		}
		p.next()
		return e
	}
	p.fail()
	return &constExpr{nil}
}

// stepped is one step into a value: part of a variable's path where the value is a variable.
func stepped(of liquidExpr, step string) liquidExpr {
	if path, ok := of.(*pathExpr); ok {
		path.path = append(path.path, step)
		return path
	}
	return &indexExpr{of, &constExpr{step}}
}

// indexed is an item of a value: a text in quotes is a step like any other.
func indexed(of, at liquidExpr) liquidExpr {
	if k, ok := at.(*constExpr); ok {
		if s, isText := k.value.(string); isText && s != "" {
			return stepped(of, s)
		}
	}
	return &indexExpr{of, at}
}
