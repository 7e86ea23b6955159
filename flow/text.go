package flow

import (
	"encoding/json"
	"errors"
	"fmt"
	"regexp"
	"strings"
)

// Text is a Liquid template in a node's settings: "Olá {{ contact.first_name | default: 'tudo bem' }}". A single name
// in single braces is an alias: "{nome}" (rules 112, 183, 202).
//
//nolint:recvcheck // reads in place, writes by value, as encoding/json asks
type Text struct {
	source string
	tpl    *template
}

// RequestText is a Text that may refer to secrets: "Bearer {{ secret.ERP_TOKEN }}". It renders to a SecretText.
type RequestText struct {
	source string
	tpl    *template
}

// MakeText is a Text with the given source, not compiled yet.
func MakeText(source string) Text { return Text{source: source} }

// Source is the text as the designer wrote it.
func (t Text) Source() string { return t.source }

// Empty reports whether nothing was written.
func (t Text) Empty() bool { return strings.TrimSpace(t.source) == "" }

// MarshalJSON writes the source.
func (t Text) MarshalJSON() ([]byte, error) { return json.Marshal(t.source) }

// UnmarshalJSON reads the source.
func (t *Text) UnmarshalJSON(b []byte) error { return unmarshalText(b, &t.source) }

// IsZero lets omitzero leave an empty text out.
func (t Text) IsZero() bool { return t.source == "" }

// Source is the text as the designer wrote it.
func (t RequestText) Source() string { return t.source }

// Empty reports whether nothing was written.
func (t RequestText) Empty() bool { return strings.TrimSpace(t.source) == "" }

// MarshalJSON writes the source.
func (t RequestText) MarshalJSON() ([]byte, error) { return json.Marshal(t.source) }

// UnmarshalJSON reads the source.
func (t *RequestText) UnmarshalJSON(b []byte) error { return unmarshalText(b, &t.source) }

// IsZero lets omitzero leave an empty text out.
func (t RequestText) IsZero() bool { return t.source == "" }

func unmarshalText(b []byte, into *string) error {
	if err := json.Unmarshal(b, into); err == nil {
		return nil
	}
	var n json.Number
	if err := json.Unmarshal(b, &n); err != nil {
		return fmt.Errorf("want a text, not %.20s", b)
	}
	*into = n.String()
	return nil
}

const maxTextSource = 32 << 10

// template is a compiled text: its tree, and nothing else says what it does.
type template struct {
	nodes []textNode
	// tagged is set where the text has tags.
	tagged bool
}

var (
	aliasPattern = regexp.MustCompile(`^\{\s*([\pL_][\pL\pN_]*(?:\.[\pL\pN_]+)*)\s*\}`)
	pathPattern  = regexp.MustCompile(`^[\pL_][\pL\pN_]*(?:\.[\pL_0-9][\pL\pN_]*)*$`)
	secretName   = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9_]*$`)
)

// compileText compiles a template. The error says what to change, in a form fit for a problem's argument; a *textError has
// a code of its own.
func compileText(source string, secrets bool) (*template, error) {
	if len(source) > maxTextSource {
		return nil, fmt.Errorf("text is longer than %d bytes", maxTextSource)
	}
	if strings.IndexByte(source, 0) >= 0 {
		return nil, errors.New("text contains a NUL character")
	}
	p := &textParser{scan: textScanner{rest: source}, secrets: secrets}
	t, err := p.parse()
	if err == nil {
		markHead(t.nodes)
	}
	return t, err
}

// markHead marks the values that a text may begin with: where it is an address, that value is the address itself
// and not a step of one.
func markHead(nodes []textNode) {
	for _, n := range nodes {
		switch n := n.(type) {
		case *assignNode:
			continue
		case *outputNode:
			n.head = true
		case *branchNode:
			for _, b := range n.branches {
				markHead(b.body)
			}
		}
		return
	}
}

// textError is a mistake in a text or a pattern that has a code, and so words in both languages.
type textError struct {
	code Code
	args []string
}

func (e *textError) Error() string { return fill(problemTexts[e.code].en, e.args) }

// complain tells of a text or a pattern that does not compile: with the error's own code, or else with the one given.
func (c *compiler) complain(err error, otherwise Code, at string) {
	var own *textError
	if errors.As(err, &own) {
		if own != errPatterns || !c.patternsTold { // once says it all
			c.problem(own.code, at, own.args...)
		}
		c.patternsTold = c.patternsTold || own == errPatterns
		return
	}
	c.problem(otherwise, at, err.Error())
}

// literal returns the text of a template without variables.
func (t *template) literal() (string, bool) {
	switch len(t.nodes) {
	case 0:
		return "", true
	case 1:
		if n, ok := t.nodes[0].(*literalNode); ok {
			return n.text, true
		}
	}
	return "", false
}

// chain is the expression of a text that is exactly one variable or filter chain; nil for any other text.
func (t *template) chain() liquidExpr {
	if t != nil && len(t.nodes) == 1 {
		if n, ok := t.nodes[0].(*outputNode); ok {
			return n.expr
		}
	}
	return nil
}

// variable is the path of a text that is exactly one variable; nil for any other text.
func (t *template) variable() []string {
	if e, ok := t.chain().(*pathExpr); ok {
		return e.path
	}
	return nil
}

// words are the pieces of text that the designer wrote.
func (t *template) words() []string {
	var out []string
	eachNode(t.nodes, func(n textNode) {
		if n, ok := n.(*literalNode); ok {
			out = append(out, n.text)
		}
	})
	return out
}

// secretNames are the secrets a text refers to.
func (t *template) secretNames() []string {
	var out []string
	eachNode(t.nodes, func(n textNode) {
		if n, ok := n.(*secretNode); ok {
			out = append(out, n.name)
		}
	})
	return out
}
