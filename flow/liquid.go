package flow

import (
	"errors"
	"fmt"
	"strings"
	"unicode"
)

// maxLoopDepth is how deep the loops of a text may be nested.
const maxLoopDepth = 2

// The nodes of a text's tree. The tree is all that decides what a text may do: it has no ranges, no files, no capture
// without bound, and its loops are counted where they are, whatever comments stand around them.
type (
	// textNode is one piece of a text.
	textNode interface{ render(w *textWriter) }

	// literalNode is text as the designer wrote it.
	literalNode struct{ text string }

	// outputNode writes a value: {{ nome | upcase }}. head is set where a request's address begins with it.
	outputNode struct {
		expr liquidExpr
		head bool
	}

	// secretNode is a reference to a secret: {{ secret.NAME }}.
	secretNode struct{ name string }

	// assignNode gives a name of the text a value.
	assignNode struct {
		name  string
		value liquidExpr
	}

	// branchNode renders the first branch that holds: if, unless, case.
	branchNode struct {
		// subject is what a case looks at.
		subject  liquidExpr
		branches []textBranch
	}

	// loopNode renders its body for each item of a list.
	loopNode struct {
		name          string
		list          liquidExpr
		limit, offset liquidExpr
		reversed      bool
		body, none    []textNode
	}

	// jumpNode leaves a loop, or its turn.
	jumpNode struct{ to textState }
)

// textBranch is one way of a branchNode: its condition, or the values of a "when". One without either always holds.
type textBranch struct {
	cond   liquidExpr
	negate bool
	whens  []liquidExpr
	body   []textNode
}

// eachNode visits every node of a tree.
func eachNode(nodes []textNode, f func(textNode)) {
	for _, n := range nodes {
		f(n)
		switch n := n.(type) {
		case *branchNode:
			for _, b := range n.branches {
				eachNode(b.body, f)
			}
		case *loopNode:
			eachNode(n.body, f)
			eachNode(n.none, f)
		}
	}
}

// textToken is a piece of a source: text, the inside of {{ }} or {alias}, or a tag with its arguments.
type textToken struct {
	kind       tokenKind
	text, args string
}

type tokenKind int

const (
	tokenEnd tokenKind = iota
	tokenText
	tokenOutput
	tokenTag
)

// textScanner cuts a source into tokens.
type textScanner struct {
	rest string
	// pending is a token that came while text before it was still to be told.
	pending *textToken
	// trim drops the space that the next text begins with.
	trim bool
}

// next is the next token.
func (s *textScanner) next() (textToken, error) {
	if t := s.pending; t != nil {
		s.pending = nil
		return *t, nil
	}
	i := 0 // the text before the next token
	for i < len(s.rest) {
		j := strings.IndexByte(s.rest[i:], '{')
		if j < 0 {
			i = len(s.rest)
			break
		}
		i += j
		t, size, left, right, err := readToken(s.rest[i:])
		if err != nil {
			return textToken{}, err
		}
		if size == 0 {
			i++
			continue
		}
		text := s.take(i, left)
		s.rest, s.trim = s.rest[size:], right
		if text != "" {
			s.pending = &t
			return textToken{kind: tokenText, text: text}, nil
		}
		return t, nil
	}
	if text := s.take(i, false); text != "" {
		return textToken{kind: tokenText, text: text}, nil
	}
	return textToken{}, nil
}

// take cuts the first n bytes off as text, without the space that the tokens around it drop.
func (s *textScanner) take(n int, trimRight bool) string {
	text := s.rest[:n]
	s.rest = s.rest[n:]
	if s.trim {
		text = strings.TrimLeftFunc(text, unicode.IsSpace)
	}
	if trimRight {
		text = strings.TrimRightFunc(text, unicode.IsSpace)
	}
	s.trim = false
	return text
}

// readToken reads the token that a text beginning with "{" begins with; size is 0 when it is plain text after all.
func readToken(s string) (t textToken, size int, left, right bool, err error) {
	var closing string
	switch {
	case strings.HasPrefix(s, "{{"):
		t.kind, closing = tokenOutput, "}}"
	case strings.HasPrefix(s, "{%"):
		word := strings.TrimSpace(strings.TrimPrefix(s[2:], "-"))
		if word == "" || !isWord(rune(word[0])) {
			return t, 0, false, false, nil
		}
		t.kind, closing = tokenTag, "%}"
	default:
		m := aliasPattern.FindStringSubmatch(s)
		if m == nil {
			return t, 0, false, false, nil
		}
		return textToken{kind: tokenOutput, text: m[1]}, len(m[0]), false, false, nil
	}
	end := strings.Index(s[2:], closing)
	if end < 0 {
		return t, 0, false, false, fmt.Errorf("%q without %q", s[:2], closing)
	}
	inner := s[2 : 2+end]
	inner, left = strings.CutPrefix(inner, "-")
	inner, right = strings.CutSuffix(inner, "-")
	t.text = strings.TrimSpace(inner)
	if t.kind == tokenTag {
		n := strings.IndexFunc(t.text, func(r rune) bool { return !isWord(r) })
		if n >= 0 {
			t.text, t.args = t.text[:n], strings.TrimSpace(t.text[n:])
		}
	}
	return t, end + 4, left, right, nil
}

func isWord(r rune) bool {
	return r == '_' || r < 0x80 && (unicode.IsLetter(r) || unicode.IsDigit(r))
}

// skipComment drops everything up to the end of a comment, whatever stands in it.
func (s *textScanner) skipComment() {
	for {
		i := strings.Index(s.rest, "{%")
		if i < 0 {
			s.rest = ""
			return
		}
		s.rest = s.rest[i:]
		t, size, _, right, err := readToken(s.rest)
		if err != nil || size == 0 {
			s.rest = s.rest[2:]
			continue
		}
		s.rest, s.trim = s.rest[size:], right
		if t.text == "endcomment" {
			return
		}
	}
}

// textParser makes the tree of a text.
type textParser struct {
	scan    textScanner
	secrets bool // the text may refer to secrets
	loops   int  // loops open at this place
	tagged  bool
}

func (p *textParser) parse() (*template, error) {
	nodes, end, err := p.body()
	if err != nil {
		return nil, err
	}
	if end.kind != tokenEnd {
		return nil, fmt.Errorf("{%% %s %%} stands alone", end.text)
	}
	return &template{nodes: nodes, tagged: p.tagged}, nil
}

// body reads nodes up to the end of the text, or up to a tag that ends or divides a block, which it returns.
func (p *textParser) body() (nodes []textNode, end textToken, err error) {
	for {
		t, err := p.scan.next()
		if err != nil {
			return nil, t, err
		}
		var n textNode
		switch t.kind {
		case tokenEnd:
			return nodes, t, nil
		case tokenText:
			n = &literalNode{t.text}
		case tokenOutput:
			n, err = p.output(t.text)
		case tokenTag:
			p.tagged = true
			switch t.text {
			case "elsif", "else", "when", "endif", "endunless", "endcase", "endfor":
				return nodes, t, nil
			case "comment":
				p.scan.skipComment()
				continue
			case "endcomment":
				continue
			}
			n, err = p.tag(t)
		}
		if err != nil {
			return nil, t, err
		}
		nodes = append(nodes, n)
	}
}

func (p *textParser) output(inner string) (textNode, error) {
	if inner == "" {
		return nil, errors.New(`"{{ }}" is empty: name a variable`)
	}
	e, err := parseLiquid(inner)
	if err != nil {
		return nil, err
	}
	if path, ok := e.(*pathExpr); ok && path.path[0] == "secret" {
		if !p.secrets {
			return nil, errors.New("secrets may be used only in the address, headers and body of a request")
		}
		if len(path.path) == 2 && secretName.MatchString(path.path[1]) {
			return &secretNode{path.path[1]}, nil
		}
	}
	return &outputNode{expr: e}, p.plain(inner, e)
}

// plain refuses secrets where they cannot stay references.
func (p *textParser) plain(source string, es ...liquidExpr) error {
	for _, e := range es {
		named := false
		eachPath(e, false, func(path []string, _ bool) { named = named || path[0] == "secret" })
		if named {
			return fmt.Errorf("%q: a secret is written {{ secret.NAME }}, without filters or tags", source)
		}
	}
	return nil
}

// expr reads the expression of a tag.
func (p *textParser) expr(source string) (liquidExpr, error) {
	e, err := parseLiquid(source)
	if err != nil {
		return nil, err
	}
	return e, p.plain(source, e)
}

func (p *textParser) tag(t textToken) (textNode, error) {
	switch t.text {
	case "if", "unless":
		return p.branches(t)
	case "case":
		return p.cases(t)
	case "for":
		return p.loop(t)
	case "break":
		return &jumpNode{textBreak}, nil
	case "continue":
		return &jumpNode{textContinue}, nil
	case "assign":
		name, value, _ := strings.Cut(t.args, "=")
		name = strings.TrimSpace(name)
		if !isName(name) {
			return nil, fmt.Errorf("{%% assign %s %%}: write {%% assign nome = valor %%}", t.args)
		}
		e, err := p.expr(value)
		return &assignNode{name, e}, err
	}
	return nil, fmt.Errorf("there is no tag {%% %s %%}", t.text)
}

// branches reads an if or an unless.
func (p *textParser) branches(t textToken) (textNode, error) {
	n := &branchNode{}
	name := t.text
	for {
		var b textBranch
		var err error
		if t.text != "else" {
			if b.cond, err = p.expr(t.args); err != nil {
				return nil, err
			}
			b.negate = t.text == "unless"
		}
		if b.body, t, err = p.body(); err != nil {
			return nil, err
		}
		n.branches = append(n.branches, b)
		switch {
		case t.text == "end"+name && t.kind == tokenTag:
			return n, nil
		case t.text == "else" || (t.text == "elsif" && name == "if"):
		default:
			return nil, unclosed(name, t)
		}
	}
}

// cases reads a case.
func (p *textParser) cases(t textToken) (textNode, error) {
	subject, err := p.expr(t.args)
	if err != nil {
		return nil, err
	}
	n := &branchNode{subject: subject}
	_, t, err = p.body() // what stands before the first "when" is shown nowhere
	for {
		if err != nil {
			return nil, err
		}
		var b textBranch
		switch t.text {
		case "endcase":
			return n, nil
		case "else":
		case "when":
			if b.whens, err = parseLiquidList(t.args); err == nil {
				err = p.plain(t.args, b.whens...)
			}
			if err != nil {
				return nil, err
			}
		default:
			return nil, unclosed("case", t)
		}
		b.body, t, err = p.body()
		n.branches = append(n.branches, b)
	}
}

// loop reads a for.
func (p *textParser) loop(t textToken) (textNode, error) {
	if p.loops++; p.loops > maxLoopDepth {
		return nil, &textError{"text_loops_deep", []string{fmt.Sprint(maxLoopDepth)}}
	}
	defer func() { p.loops-- }()
	n, err := parseLoop(t.args)
	if err == nil {
		err = p.plain(t.args, n.list, n.limit, n.offset)
	}
	if err != nil {
		return nil, err
	}
	if n.body, t, err = p.body(); err != nil {
		return nil, err
	}
	if t.text == "else" {
		p.loops-- // the other way is no turn of the loop
		n.none, t, err = p.body()
		p.loops++
		if err != nil {
			return nil, err
		}
	}
	if t.text != "endfor" {
		return nil, unclosed("for", t)
	}
	return n, nil
}

// unclosed says what is wrong with the tag that ended a block.
func unclosed(name string, t textToken) error {
	if t.kind == tokenEnd {
		return fmt.Errorf("{%% %s %%} without {%% end%s %%}", name, name)
	}
	return fmt.Errorf("{%% %s %%} does not belong to {%% %s %%}", t.text, name)
}
