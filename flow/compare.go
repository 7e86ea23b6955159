package flow

import (
	"strings"
	"time"
)

// Operator compares a value with another one.
type Operator string

// The operators of conditions and cases. Texts are compared with accents and case folded unless the rule says exact;
// numbers and dates are compared as such when both sides are.
const (
	OpEqual          Operator = "equal"
	OpNotEqual       Operator = "not_equal"
	OpContains       Operator = "contains"
	OpNotContains    Operator = "not_contains"
	OpStartsWith     Operator = "starts_with"
	OpEndsWith       Operator = "ends_with"
	OpGreater        Operator = "greater"
	OpGreaterOrEqual Operator = "greater_or_equal"
	OpLess           Operator = "less"
	OpLessOrEqual    Operator = "less_or_equal"
	OpBetween        Operator = "between"
	OpIn             Operator = "in"
	OpNotIn          Operator = "not_in"
	OpIsSet          Operator = "is_set"
	OpIsEmpty        Operator = "is_empty"
	OpIsTrue         Operator = "is_true"
	OpIsFalse        Operator = "is_false"
	OpMatches        Operator = "matches"
	OpNotMatches     Operator = "not_matches"
	OpAnyWord        Operator = "any_word"
	OpAllWords       Operator = "all_words"
	OpIsNumber       Operator = "is_number"
	OpIsEmail        Operator = "is_email"
	OpIsPhone        Operator = "is_phone"
	OpIsDate         Operator = "is_date"
	OpHasLabel       Operator = "has_label"
	OpHasNoLabel     Operator = "has_no_label"
)

const operatorEnum = "equal,not_equal,contains,not_contains,starts_with,ends_with,greater,greater_or_equal,less,less_or_equal,between,in,not_in," +
	"is_set,is_empty,is_true,is_false,matches,not_matches,any_word,all_words,is_number,is_email,is_phone,is_date,has_label,has_no_label"

// Operators lists every operator.
func Operators() []Operator {
	var out []Operator
	for o := range strings.SplitSeq(operatorEnum, ",") {
		out = append(out, Operator(o))
	}
	return out
}

// Takes is the number of values an operator needs on its right: 0, 1 or 2, and -1 for a list.
func (o Operator) Takes() int {
	switch o {
	case OpIsSet, OpIsEmpty, OpIsTrue, OpIsFalse, OpIsNumber, OpIsEmail, OpIsPhone, OpIsDate:
		return 0
	case OpBetween:
		return 2
	case OpIn, OpNotIn, OpAnyWord, OpAllWords:
		return -1
	}
	return 1
}

// comparison is one operator at work.
type comparison struct {
	op    Operator
	exact bool
	zone  *time.Location
	re    *pattern
}

// compares compares, if the step can pay for it: for what both sides hold, for each item of a list as often as it is looked
// at, for a regular expression by its size.
func (r *run) compares(c comparison, left any, right []any) bool {
	l, n := sizeOf(left), 1+kib(sizeOf(right))
	switch items, isList := left.([]any); {
	case c.re != nil:
		n += c.re.cost(l)
	case c.op == OpIn || c.op == OpNotIn:
		n += len(spread(right)) * (1 + kib(l))
	case isList && (c.op == OpContains || c.op == OpNotContains):
		n += kib(l) + len(items)*(1+kib(sizeOf(right)))
	default:
		n += kib(l)
	}
	return r.work(n) && c.holds(left, right)
}

func (c comparison) holds(left any, right []any) bool {
	arg := func(i int) any {
		if i < len(right) {
			return right[i]
		}
		return nil
	}
	switch c.op {
	case OpEqual:
		return c.equal(left, arg(0))
	case OpNotEqual:
		return !c.equal(left, arg(0))
	case OpContains:
		return c.contains(left, arg(0))
	case OpNotContains:
		return !c.contains(left, arg(0))
	case OpStartsWith:
		return strings.HasPrefix(c.text(left), c.text(arg(0)))
	case OpEndsWith:
		return strings.HasSuffix(c.text(left), c.text(arg(0)))
	case OpGreater, OpGreaterOrEqual, OpLess, OpLessOrEqual:
		return c.ordered(left, arg(0))
	case OpBetween:
		lo, ok := c.order(left, arg(0))
		hi, ok2 := c.order(left, arg(1))
		return ok && ok2 && lo >= 0 && hi <= 0
	case OpIn, OpNotIn:
		found := false
		for _, e := range spread(right) {
			found = found || c.equal(left, e)
		}
		return found == (c.op == OpIn)
	case OpIsSet:
		return !isEmpty(left)
	case OpIsEmpty:
		return isEmpty(left)
	case OpIsTrue, OpIsFalse:
		b, ok := left.(bool)
		if !ok {
			if b, ok = ParseYesNo(c.text(left)); !ok {
				return false
			}
		}
		return b == (c.op == OpIsTrue)
	case OpMatches, OpNotMatches:
		return c.re != nil && c.re.re.MatchString(format(left, c.zone)) == (c.op == OpMatches)
	case OpAnyWord, OpAllWords:
		return c.words(left, right)
	case OpIsNumber:
		_, ok := toNumber(left)
		return ok
	case OpIsEmail:
		_, ok := ParseEmail(format(left, c.zone))
		return ok
	case OpIsPhone:
		_, ok := ParsePhone(format(left, c.zone))
		return ok
	case OpIsDate:
		if _, ok := toInstant(left, c.zone); ok {
			return true
		}
		s, isText := left.(string)
		_, ok := ParseDate(s, anyDay)
		return ok && isText
	}
	return false
}

func (c comparison) text(v any) string {
	s := format(v, c.zone)
	if c.exact {
		return s
	}
	return fold(s)
}

func (c comparison) equal(a, b any) bool {
	if isEmpty(a) || isEmpty(b) {
		return isEmpty(a) && isEmpty(b)
	}
	if x, ok := a.(bool); ok {
		if y, ok := b.(bool); ok {
			return x == y
		}
		y, ok := ParseYesNo(c.text(b))
		if s := c.text(b); s == "true" || s == "false" {
			y, ok = s == "true", true
		}
		return ok && x == y
	}
	if _, ok := a.(float64); ok {
		if n, ok := c.order(a, b); ok {
			return n == 0
		}
	}
	if _, ok := b.(float64); ok {
		if n, ok := c.order(a, b); ok {
			return n == 0
		}
	}
	return c.text(a) == c.text(b)
}

func (c comparison) contains(a, b any) bool {
	if l, ok := a.([]any); ok {
		for _, e := range l {
			if c.equal(e, b) {
				return true
			}
		}
		return false
	}
	needle := c.text(b)
	return needle != "" && strings.Contains(c.text(a), needle)
}

func (c comparison) ordered(a, b any) bool {
	n, ok := c.order(a, b)
	if !ok {
		return false
	}
	switch c.op {
	case OpGreater:
		return n > 0
	case OpGreaterOrEqual:
		return n >= 0
	case OpLess:
		return n < 0
	}
	return n <= 0
}

// order compares two numbers, two dates or instants, two times of day, or two texts; ok is false when either is empty.
func (c comparison) order(a, b any) (int, bool) {
	if isEmpty(a) || isEmpty(b) {
		return 0, false
	}
	x, xok := toNumber(a)
	y, yok := toNumber(b)
	if xok && yok {
		switch {
		case x < y:
			return -1, true
		case x > y:
			return 1, true
		}
		return 0, true
	}
	if t, ok := toInstant(a, c.zone); ok {
		if u, ok := toInstant(b, c.zone); ok {
			return t.Compare(u), true
		}
	}
	if xok != yok {
		return 0, false
	}
	return strings.Compare(c.text(a), c.text(b)), true
}

// anyDay is a day to read dates by where only that they are dates counts.
var anyDay = time.Date(2024, 1, 1, 0, 0, 0, 0, time.UTC)

// words looks for whole words of the right side in the left one. Where "any word" is given several, each is a phrase: its
// words count one after the other.
func (c comparison) words(left any, right []any) bool {
	have := map[string]bool{}
	for _, w := range tokens(format(left, c.zone)) {
		have[w] = true
	}
	want := 0
	items := spread(right)
	if c.op == OpAnyWord && len(items) > 1 {
		text := " " + words1(format(left, c.zone)) + " "
		for _, e := range items {
			if w := words1(format(e, c.zone)); w != "" && strings.Contains(text, " "+w+" ") {
				return true
			}
		}
		return false
	}
	for _, e := range items {
		for _, w := range tokens(format(e, c.zone)) {
			want++
			if have[w] && c.op == OpAnyWord {
				return true
			}
			if !have[w] && c.op == OpAllWords {
				return false
			}
		}
	}
	return c.op == OpAllWords && want > 0
}

// spread takes lists apart, and texts at their commas and line breaks.
func spread(vs []any) []any {
	var out []any
	for _, v := range vs {
		switch v := v.(type) {
		case []any:
			out = append(out, v...)
		case string:
			for _, p := range strings.FieldsFunc(v, func(r rune) bool { return r == ',' || r == '\n' || r == ';' }) {
				out = append(out, strings.TrimSpace(p))
			}
		default:
			out = append(out, v)
		}
	}
	return out
}

// tokens are the folded words of a text: letters and digits of any script.
func tokens(s string) []string {
	return strings.FieldsFunc(fold(s), func(r rune) bool { return !wordRune(r) })
}
