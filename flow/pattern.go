package flow

import (
	"fmt"
	"regexp"
	"regexp/syntax"
	"strconv"
	"strings"
)

// pattern is a regular expression (RE2) whose program is small. Matching takes time in proportion to the text times the
// program, so both are bounded and their product is paid for.
type pattern struct {
	re   *regexp.Regexp
	size int
}

// Bounds of regular expressions. A pattern of twelve characters may stand for a program of thousands of instructions:
// "(?:a?){1000}". What counts is the program.
const (
	maxPattern      = 500    // characters of one
	maxPatternSize  = 1_000  // instructions of one
	maxPatternsSize = 20_000 // instructions of all of a document
	patternSteps    = 256    // instructions times bytes that are one unit of work
)

// newPattern compiles a regular expression. Its size is looked at in the parsed tree, before anything is made of it.
func newPattern(source, flags string) (p *pattern, size int, err error) {
	if len(source) > maxPattern {
		return nil, 0, fmt.Errorf("the pattern is longer than %d characters", maxPattern)
	}
	tree, err := syntax.Parse(flags+source, syntax.Perl)
	if err != nil {
		return nil, len(source), fmt.Errorf("the pattern is not a regular expression (RE2): %s", strings.TrimPrefix(err.Error(), "error parsing regexp: "))
	}
	size = patternSize(tree)
	if size > maxPatternSize {
		return nil, size, &textError{"pattern_too_large", []string{strconv.Itoa(maxPatternSize)}}
	}
	re, err := regexp.Compile(flags + source)
	if err != nil {
		return nil, size, fmt.Errorf("the pattern is not a regular expression (RE2): %w", err)
	}
	return &pattern{re, size}, size, nil
}

// patternSize is at least how many instructions a program has, with its tables of characters weighed as instructions.
func patternSize(tree *syntax.Regexp) int {
	program, tables := patternSizes(tree)
	return 2 + program + tables/32
}

// hugePattern is a size beyond all bounds; counting goes no further.
const hugePattern = 1 << 30

func patternSizes(re *syntax.Regexp) (program, tables int) {
	for _, sub := range re.Sub {
		p, t := patternSizes(sub)
		program, tables = min(program+p, hugePattern), tables+t
	}
	switch re.Op { //nolint:exhaustive // the others are one instruction
	case syntax.OpLiteral:
		program = len(re.Rune)
	case syntax.OpCharClass:
		program, tables = 1, len(re.Rune)
	case syntax.OpConcat:
		program++
	case syntax.OpStar:
		program += 2
	case syntax.OpAlternate:
		program += len(re.Sub)
	case syntax.OpCapture:
		program += 2
	case syntax.OpRepeat: // Simplify writes it out: x{2,4} is xx(x(x)?)?
		times := max(re.Max, re.Min, 1)
		program = min(program*times+max(re.Max-re.Min, 2), hugePattern)
	default:
		program++
	}
	return program, tables
}

// pattern compiles a regular expression of the document and tells what is wrong with it; nil then.
func (c *compiler) pattern(source, flags, at string) *pattern {
	p, err := c.makePattern(source, flags)
	if err != nil {
		c.complain(err, "pattern_invalid", at)
	}
	return p
}

// madePattern is what became of a regular expression.
type madePattern struct {
	made *pattern
	err  error
}

// makePattern compiles a regular expression of the document, each once, until all together are too large. The tree of one that
// is too large has cost something too, so it counts as well.
func (c *compiler) makePattern(source, flags string) (*pattern, error) {
	key := flags + source
	if known, ok := c.patterns[key]; ok {
		return known.made, known.err
	}
	if c.patternsSize > maxPatternsSize {
		return nil, errPatterns
	}
	p, size, err := newPattern(source, flags)
	c.patternsSize += size
	if err == nil && c.patternsSize > maxPatternsSize {
		p, err = nil, errPatterns
	}
	if c.patterns == nil {
		c.patterns = map[string]madePattern{}
	}
	c.patterns[key] = madePattern{p, err}
	return p, err
}

var errPatterns = &textError{"patterns_too_large", []string{strconv.Itoa(maxPatternsSize)}}

// cost is what matching a text of so many bytes counts for.
func (p *pattern) cost(bytes int) int { return 1 + bytes*p.size/patternSteps }

// matches looks for a pattern, if the step can pay for it.
func (r *run) matches(p *pattern, text string) bool {
	return r.work(p.cost(len(text))) && p.re.MatchString(text)
}
