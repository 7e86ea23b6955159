package flow

import (
	"encoding/json"
	"errors"
	"fmt"
	"regexp"
	"strings"

	"github.com/osteele/liquid/expressions"
	"github.com/osteele/liquid/parser"
	"github.com/osteele/liquid/render"
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

// template is a compiled text. Texts without {% tags %} are a list of parts, most of them constants and plain variables,
// which render without Liquid at all; the others go through Liquid as a whole.
type template struct {
	parts []part
	tags  render.Node
	// roots are the first names of the variables that tags may read.
	roots []string
	// filters are the filters that tags use, weight is what rendering them counts for, see work.
	filters []string
	weight  int
	// source is the text as written where it has tags; the linter reads its names.
	source string
}

type part struct {
	text   string
	path   []string
	expr   expressions.Expression
	source string // of expr
	roots  []string
	// filters are those of expr.
	filters []string
	secret  string
}

var (
	aliasPattern = regexp.MustCompile(`^\{\s*([\pL_][\pL\pN_]*(?:\.[\pL\pN_]+)*)\s*\}`)
	pathPattern  = regexp.MustCompile(`^[\pL_][\pL\pN_]*(?:\.[\pL_0-9][\pL\pN_]*)*$`)
	namePattern  = regexp.MustCompile(`[A-Za-z_][A-Za-z0-9_]*`)
	rangePattern = regexp.MustCompile(`\(\s*[\w.]+\s*\.\.`)
	tagPattern   = regexp.MustCompile(`\{%-?\s*(\w+)`)
	objPattern   = regexp.MustCompile(`(?s)\{\{(-?)\s*(.+?)\s*(-?)\}\}`)
	tagBody      = regexp.MustCompile(`(?s)\{%.*?%\}`)
	secretPath   = regexp.MustCompile(`^secret\.[A-Za-z][A-Za-z0-9_]*$`)
)

// liquidTags are the tags a text may use. Nothing that reads files, builds tables or captures text without bound.
var liquidTags = map[string]bool{
	"if": true, "elsif": true, "else": true, "endif": true, "unless": true, "endunless": true, "case": true, "when": true,
	"endcase": true, "for": true, "endfor": true, "break": true, "continue": true, "assign": true, "comment": true,
	"endcomment": true,
}

const maxLoopDepth = 2

// compileText compiles a template. The error says what to change, in a form fit for a problem's argument.
func compileText(source string, secrets bool) (*template, error) {
	if len(source) > maxTextSource {
		return nil, fmt.Errorf("text is longer than %d bytes", maxTextSource)
	}
	if strings.IndexByte(source, 0) >= 0 {
		return nil, errors.New("text contains a NUL character")
	}
	if strings.Contains(source, "{%") || strings.Contains(source, "{{-") || strings.Contains(source, "-}}") {
		return compileTags(source)
	}
	t := &template{}
	var lit strings.Builder
	flush := func() {
		if lit.Len() > 0 {
			t.parts = append(t.parts, part{text: lit.String()})
			lit.Reset()
		}
	}
	for rest := source; rest != ""; {
		i := strings.IndexByte(rest, '{')
		if i < 0 {
			lit.WriteString(rest)
			break
		}
		lit.WriteString(rest[:i])
		rest = rest[i:]
		if !strings.HasPrefix(rest, "{{") {
			if m := aliasPattern.FindStringSubmatch(rest); m != nil {
				flush()
				t.parts = append(t.parts, part{path: strings.Split(m[1], ".")})
				rest = rest[len(m[0]):]
				continue
			}
			lit.WriteByte('{')
			rest = rest[1:]
			continue
		}
		end := strings.Index(rest, "}}")
		if end < 0 {
			return nil, errors.New(`"{{" without "}}"`)
		}
		inner := strings.TrimSpace(rest[2:end])
		rest = rest[end+2:]
		p, err := compilePart(inner, secrets)
		if err != nil {
			return nil, err
		}
		flush()
		t.parts = append(t.parts, p)
	}
	flush()
	return t, nil
}

func compilePart(inner string, secrets bool) (part, error) {
	switch {
	case inner == "":
		return part{}, errors.New(`"{{ }}" is empty: name a variable`)
	case strings.HasPrefix(inner, "secret.") || strings.HasPrefix(inner, "secret["):
		if !secrets {
			return part{}, errors.New("secrets may be used only in the address, headers and body of a request")
		}
		if !secretPath.MatchString(inner) {
			return part{}, fmt.Errorf("%q: a secret is written {{ secret.NAME }}, without filters", inner)
		}
		return part{secret: strings.TrimPrefix(inner, "secret.")}, nil
	case pathPattern.MatchString(inner):
		return part{path: strings.Split(inner, ".")}, nil
	}
	if err := checkLiquid(inner); err != nil {
		return part{}, err
	}
	e, err := parseLiquid(inner)
	if err != nil {
		return part{}, err
	}
	filters, err := knownFilters(inner)
	if err != nil {
		return part{}, err
	}
	return part{expr: e, source: inner, roots: rootsOf(inner), filters: filters}, nil
}

func parseLiquid(inner string) (e expressions.Expression, err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("%q is not understood", inner)
		}
	}()
	e, err = expressions.Parse(inner)
	if err != nil {
		return nil, fmt.Errorf("%q is not understood: write a variable, then filters after \"|\"", inner)
	}
	return e, nil
}

// knownFilters are the filters a piece of Liquid uses; one that does not exist is an error.
func knownFilters(s string) ([]string, error) {
	names := filterNames(s)
	for _, f := range names {
		if _, ok := liquidFilters[f]; !ok {
			return nil, fmt.Errorf("there is no filter %q", f)
		}
	}
	return names, nil
}

// filterNames are the words after each "|" outside quotes.
func filterNames(s string) []string {
	var out []string
	quote := byte(0)
	for i := range len(s) {
		switch c := s[i]; {
		case quote != 0:
			if c == quote {
				quote = 0
			}
		case c == '\'' || c == '"':
			quote = c
		case c == '|':
			if name := namePattern.FindString(s[i:]); name != "" {
				out = append(out, name)
			}
		}
	}
	return out
}

func checkLiquid(s string) error {
	if rangePattern.MatchString(s) {
		return errors.New("ranges such as (1..10) are not available")
	}
	if strings.Contains(s, "secret.") {
		return errors.New("a secret is written {{ secret.NAME }}, without filters or tags")
	}
	return nil
}

func rootsOf(s string) []string {
	seen := map[string]bool{}
	var out []string
	for _, n := range namePattern.FindAllString(s, -1) {
		if !seen[n] {
			seen[n] = true
			out = append(out, n)
		}
	}
	return out
}

func compileTags(source string) (t *template, err error) {
	defer func() {
		if r := recover(); r != nil {
			t, err = nil, errors.New("the Liquid tags are not understood")
		}
	}()
	depth, deepest := 0, 0
	for _, m := range tagPattern.FindAllStringSubmatch(source, -1) {
		if !liquidTags[m[1]] {
			return nil, fmt.Errorf("there is no tag {%% %s %%}", m[1])
		}
		switch m[1] {
		case "for":
			depth++
			deepest = max(deepest, depth)
		case "endfor":
			depth--
		}
	}
	if deepest > maxLoopDepth {
		return nil, fmt.Errorf("loops may be nested at most %d deep", maxLoopDepth)
	}
	if err := checkLiquid(source); err != nil {
		return nil, err
	}
	filters := []string{"as_text"}
	for _, piece := range append(objPattern.FindAllString(source, -1), tagBody.FindAllString(source, -1)...) {
		names, err := knownFilters(piece)
		if err != nil {
			return nil, err
		}
		filters = append(filters, names...)
	}
	roots := rootsOf(source)
	source = replaceAliases(source)
	written := source
	// Every output goes through the filter that writes values, so that tags and plain texts write alike.
	source = objPattern.ReplaceAllString(source, "{{$1 $2 | as_text $3}}")
	node, perr := parsingConfig.Compile(source, parser.SourceLoc{})
	if perr != nil {
		return nil, errors.New(strings.TrimSuffix(strings.TrimPrefix(perr.Error(), "Liquid error"), " in "+source))
	}
	return &template{tags: node, roots: roots, filters: filters, weight: tagsWork[deepest], source: written}, nil
}

// replaceAliases turns {nome} into {{ nome }} between tags and outputs.
func replaceAliases(source string) string {
	var b strings.Builder
	for rest := source; rest != ""; {
		i := strings.IndexByte(rest, '{')
		if i < 0 {
			b.WriteString(rest)
			break
		}
		b.WriteString(rest[:i])
		rest = rest[i:]
		closing := ""
		switch {
		case strings.HasPrefix(rest, "{{"):
			closing = "}}"
		case strings.HasPrefix(rest, "{%"):
			closing = "%}"
		}
		if closing != "" {
			end := strings.Index(rest, closing)
			if end < 0 {
				b.WriteString(rest)
				break
			}
			b.WriteString(rest[:end+2])
			rest = rest[end+2:]
			continue
		}
		if m := aliasPattern.FindStringSubmatch(rest); m != nil {
			b.WriteString("{{ " + m[1] + " }}")
			rest = rest[len(m[0]):]
			continue
		}
		b.WriteByte('{')
		rest = rest[1:]
	}
	return b.String()
}

// literal returns the text of a template without variables.
func (t *template) literal() (string, bool) {
	if t.tags != nil || len(t.parts) > 1 {
		return "", false
	}
	if len(t.parts) == 0 {
		return "", true
	}
	p := t.parts[0]
	return p.text, p.path == nil && p.expr == nil && p.secret == ""
}
