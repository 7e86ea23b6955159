package flow

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"math"
	"slices"
	"strings"
	"time"

	"github.com/expr-lang/expr"
	"github.com/expr-lang/expr/ast"
	"github.com/expr-lang/expr/parser"
	"github.com/expr-lang/expr/types"
	"github.com/expr-lang/expr/vm"
)

// Expression is an expr expression in a node's settings: `idade >= 18 && contact.labels contains "vip"`.
//
// It is type-checked when the flow is loaded and bounded when it runs: no clock, no random, no map order, no nested loops
// over lists, no text that grows without end. An expression that fails while it runs (a missing value compared with a
// number) yields nothing, which a condition reads as false.
type Expression struct {
	source  string
	program *vm.Program
	roots   []string
	// inner are the names used for each item of a list; lists is set where the expression makes lists itself.
	inner []string
	loops bool
	lists bool
	// visits are the nodes whose visits it reads.
	visits []string
}

// MakeExpression is an Expression with the given source, not compiled yet.
func MakeExpression(source string) Expression { return Expression{source: source} }

// Source is the expression as written.
func (e Expression) Source() string { return e.source }

// Empty reports whether nothing was written.
func (e Expression) Empty() bool { return strings.TrimSpace(e.source) == "" }

// MarshalJSON writes the source.
func (e Expression) MarshalJSON() ([]byte, error) { return json.Marshal(e.source) }

// UnmarshalJSON reads the source.
func (e *Expression) UnmarshalJSON(b []byte) error { return json.Unmarshal(b, &e.source) }

// IsZero lets omitzero leave an empty expression out.
func (e Expression) IsZero() bool { return e.source == "" }

const (
	maxExpressionSource = 4 << 10
	maxExpressionNodes  = 200
	expressionBudget    = 5_000
)

// disabledBuiltins are the functions of expr that are not bounded or not the same everywhere. now and date read the
// machine's clock and zone; keys, values and toPairs have no order; replace, repeat and reduce can explode.
var disabledBuiltins = []string{
	"now", "date", "duration", "timezone", "keys", "values", "toPairs", "fromPairs", "groupBy", "reduce", "repeat", "replace", "fromJSON",
	"fromBase64", "toBase64", "get",
}

// scope is what an expression may name, with the type of each name.
type scope map[string]types.Type

// shapes are the objects an expression may look into. A key that is not listed is an error when the flow is saved.
var shapes = map[string]types.Map{
	"contact":      texts(contactKeys, types.Map{"labels": types.TypeOf([]any{}), "fields": types.Map{types.Extra: types.Any}}),
	"conversation": texts(conversationKeys, types.Map{"window_open": types.Bool}),
	"trigger": texts([]string{"kind", "keyword", "payload", "text"}, types.Map{
		"referral": texts([]string{"source_type", "source_id", "source_url", "headline", "body", "click_id"}, nil),
		"form":     types.Map{types.Extra: types.Any},
		"product":  texts([]string{"id", "catalog_id"}, nil),
	}),
	"account": texts([]string{"name"}, nil),
	"flow":    texts([]string{"id", "name", "version"}, nil),
	"ticket":  texts(ticketKeys, types.Map{"position": types.Float64}),
	"run":     texts([]string{"id"}, types.Map{"visits": types.Float64}),
}

func texts(keys []string, more types.Map) types.Map {
	m := types.Map{}
	for _, k := range keys {
		m[k] = types.String
	}
	maps.Copy(m, more)
	return m
}

func (v VariableType) exprType() types.Type {
	switch v {
	case TypeNumber:
		return types.Float64
	case TypeBoolean:
		return types.Bool
	case TypeList:
		return types.TypeOf([]any{})
	case TypeText, TypeDate, TypeTime, TypeInstant:
		return types.String
	}
	return types.Any
}

// newScope lists every name an expression of a document may use.
func newScope(vars map[string]VariableSpec) scope {
	s := scope{
		"now": types.String, "today": types.String, "greeting": types.String, "answer": types.Any,
		"answers": types.Map{types.Extra: types.Any}, "vars": types.Map{types.Extra: types.Any},
	}
	for name, t := range shapes {
		s[name] = t
	}
	for alias := range aliases {
		s[alias] = types.String
	}
	s["resposta"] = types.Any
	for name, v := range vars {
		s[name] = v.Type.exprType()
	}
	return s
}

func expressionFunctions() []expr.Option {
	return []expr.Option{
		expr.Function(opMatches, matchesPattern, new(func(any, string, any) bool)),
		expr.Function(lenName, lengthOrNone, new(func(any) int)),
		expr.Function(containsName, holdsPiece, new(func(any, any) bool)),
		expr.Function(modName, remainder, new(func(any, any) float64)),
		expr.Function("has", func(p ...any) (any, error) { return !isEmpty(p[0]), nil }, new(func(any) bool)),
		expr.Function("number", func(p ...any) (any, error) {
			f, ok := toNumber(p[0])
			if !ok {
				return nil, errors.New("not a number")
			}
			return f, nil
		}, new(func(any) float64)),
		expr.Function(visitsName, countVisits, new(func(string, any) float64)),
		expr.Function("text", func(p ...any) (any, error) { return format(normalize(p[0]), nil), nil }, new(func(any) string)),
		expr.Function("fold", func(p ...any) (any, error) { return fold(p[0].(string)), nil }, new(func(string) string)),
		expr.Function("digits", func(p ...any) (any, error) { return digits(p[0].(string)), nil }, new(func(string) string)),
		expr.Function("hour", clockPart(time.Time.Hour, toLocal), new(func(any) int), new(func(any, any) int)),
		expr.Function("weekday", clockPart(func(t time.Time) int { return int(t.Weekday()) }, toDay), new(func(any) int), new(func(any, any) int)),
		expr.Function("day", clockPart(time.Time.Day, toDay), new(func(any) int), new(func(any, any) int)),
		expr.Function("month", clockPart(func(t time.Time) int { return int(t.Month()) }, toDay), new(func(any) int), new(func(any, any) int)),
		expr.Function("year", clockPart(time.Time.Year, toDay), new(func(any) int), new(func(any, any) int)),
		expr.Function("days_between", daysBetween, new(func(any, any) float64), new(func(any, any, any) float64)),
		expr.Function("add_days", func(p ...any) (any, error) {
			t, ok := toDay(p[0], zoneOf(p))
			n, nok := toNumber(p[1])
			if !ok || !nok || n > 36600 || n < -36600 {
				return nil, errors.New("not a date")
			}
			return t.AddDate(0, 0, int(n)).Format("2006-01-02"), nil
		}, new(func(any, float64) string), new(func(any, int) string), new(func(any, float64, any) string), new(func(any, int, any) string)),
	}
}

// holdsPiece is "contains": of a text a piece of it, of a list one of its items. Nothing contains nothing.
func holdsPiece(p ...any) (any, error) {
	switch left := p[0].(type) {
	case string:
		right, ok := p[1].(string)
		return ok && strings.Contains(left, right), nil
	case []any:
		return slices.ContainsFunc(left, func(e any) bool { return same(e, ours(p[1])) }), nil
	case nil:
		return false, nil
	}
	return nil, errors.New("only a text or a list can contain something")
}

// lengthOrNone is "len", and 0 for nothing: a list that another system leaves out or gives as null has no items.
func lengthOrNone(p ...any) (any, error) {
	switch v := ours(p[0]).(type) {
	case nil:
		return 0, nil
	case string:
		return runes(v), nil
	case []any:
		return len(v), nil
	case map[string]any:
		return len(v), nil
	}
	return nil, errors.New("only a text or a list has a length")
}

// remainder is "%" for the engine's numbers, which are no integers of Go.
func remainder(p ...any) (any, error) {
	a, aok := toNumber(ours(p[0]))
	b, bok := toNumber(ours(p[1]))
	if !aok || !bok || b == 0 {
		return nil, errors.New("not a number")
	}
	return math.Mod(a, b), nil
}

// zonedFunctions read instants by the account's clock. They are given the step, which knows the zone, as a last argument.
var zonedFunctions = []string{"hour", "weekday", "day", "month", "year", "days_between", "add_days", visitsName}

// zoneOf is the zone of the step that a function was given.
func zoneOf(p []any) *time.Location {
	if r, ok := p[len(p)-1].(*run); ok {
		return orUTC(r.zone)
	}
	return time.UTC
}

// clockPart reads one part of an instant or a date, by the account's clock.
func clockPart(part func(time.Time) int, read func(any, *time.Location) (time.Time, bool)) func(...any) (any, error) {
	return func(p ...any) (any, error) {
		t, ok := read(p[0], zoneOf(p))
		if !ok {
			return nil, errors.New("not a date")
		}
		return part(t), nil
	}
}

func daysBetween(p ...any) (any, error) {
	a, aok := toDay(p[0], zoneOf(p))
	b, bok := toDay(p[1], zoneOf(p))
	if !aok || !bok {
		return nil, errors.New("not a date")
	}
	da := time.Date(a.Year(), a.Month(), a.Day(), 0, 0, 0, 0, time.UTC)
	db := time.Date(b.Year(), b.Month(), b.Day(), 0, 0, 0, 0, time.UTC)
	return db.Sub(da).Hours() / 24, nil
}

// compileExpression checks an expression against the names and, if wanted, a boolean result.
func compileExpression(c *compiler, source string, names scope, boolean bool) (e Expression, err error) {
	e = Expression{source: source}
	defer func() {
		if r := recover(); r != nil {
			err = errors.New("the expression is not understood")
		}
	}()
	if len(source) > maxExpressionSource {
		return e, fmt.Errorf("the expression is longer than %d bytes", maxExpressionSource)
	}
	guard := &expressionGuard{inner: map[string]bool{}}
	if strings.Contains(source, opMatches) {
		if guard.patterns, err = expressionPatterns(c, source); err != nil {
			return e, err
		}
	}
	names = maps.Clone(names)
	names[stepName] = types.Any
	opts := append(expressionFunctions(), expr.Env(types.Map(names)), expr.MaxNodes(maxExpressionNodes), expr.Patch(guard),
		expr.Optimize(false))
	for _, b := range disabledBuiltins {
		opts = append(opts, expr.DisableBuiltin(b))
	}
	if boolean {
		opts = append(opts, expr.AsBool())
	}
	e.program, err = expr.Compile(source, opts...)
	if guard.err != nil {
		return e, guard.err
	}
	if err != nil {
		line, _, _ := strings.Cut(err.Error(), "\n")
		return e, errors.New(line)
	}
	for _, n := range sortedKeys(guard.names) {
		if _, ok := names[n]; ok {
			e.roots = append(e.roots, n)
		}
	}
	e.inner, e.loops, e.lists, e.visits = sortedKeys(guard.inner), guard.loops, guard.lists, guard.visits
	return e, nil
}

// opMatches is the operator of regular expressions. It becomes a function of ours, which is given the step that pays for it
// under a name nobody can write.
const (
	opMatches = "matches"
	stepName  = "\x00step"
	// What the operators "contains" and "%" become, under names nobody can write.
	containsName, modName, lenName = "\x00contains", "\x00mod", "\x00len"
)

func matchesPattern(p ...any) (any, error) {
	r, p0 := p[0].(*run), p[2].(*pattern) //nolint:forcetypeassert // the compiler put them there
	if p[1] == nil {
		return false, nil
	}
	s, ok := p[1].(string)
	if !ok {
		return nil, errors.New("only a text can match")
	}
	return r.matches(p0, s), nil
}

// expressionPatterns compiles the regular expressions of an expression before expr does, which knows no bound.
func expressionPatterns(c *compiler, source string) (map[string]*pattern, error) {
	tree, err := parser.Parse(source)
	if err != nil {
		return nil, nil //nolint:nilerr // compiling says what is wrong
	}
	f := &patternFinder{c: c, found: map[string]*pattern{}}
	ast.Walk(&tree.Node, f)
	return f.found, f.err
}

type patternFinder struct {
	c     *compiler
	found map[string]*pattern
	err   error
}

// Visit compiles the pattern after "matches".
func (f *patternFinder) Visit(node *ast.Node) {
	n, ok := (*node).(*ast.BinaryNode)
	if !ok || n.Operator != opMatches {
		return
	}
	s, ok := n.Right.(*ast.StringNode)
	if !ok {
		f.err = errors.New(`the pattern after "matches" must be a text in quotes`)
		return
	}
	p, err := f.c.makePattern(s.Value, "")
	if err != nil {
		f.err = err
	}
	f.found[s.Value] = p
}

// expressionGuard collects the names an expression uses and refuses what cannot be bounded.
type expressionGuard struct {
	names    map[string]bool
	patterns map[string]*pattern
	err      error
	// See Expression.
	inner        map[string]bool
	loops, lists bool
	visits       []string
}

// Visit sees the leaves first, so a predicate sees what is inside it.
func (g *expressionGuard) Visit(node *ast.Node) {
	switch n := (*node).(type) {
	case *ast.IdentifierNode:
		if g.names == nil {
			g.names = map[string]bool{}
		}
		g.names[n.Value] = true
	case *ast.CallNode:
		g.readVisits(n)
		if f, ok := n.Callee.(*ast.IdentifierNode); ok && slices.Contains(zonedFunctions, f.Value) && !givenStep(n.Arguments) {
			arguments := append(slices.Clone(n.Arguments), &ast.IdentifierNode{Value: stepName})
			ast.Patch(node, &ast.CallNode{Callee: &ast.IdentifierNode{Value: f.Value}, Arguments: arguments})
		}
	case *ast.VariableDeclaratorNode:
		g.err = errors.New(`"let" is not available`)
	case *ast.BuiltinNode: // some are parsed before the list of disabled ones is looked at
		if slices.Contains(disabledBuiltins, n.Name) {
			g.err = fmt.Errorf("the function %q is not available", n.Name)
		}
		g.lists = g.lists || n.Name == "split"
		if n.Name == "len" && len(n.Arguments) == 1 {
			ast.Patch(node, &ast.CallNode{Callee: &ast.IdentifierNode{Value: lenName}, Arguments: n.Arguments})
		}
	case *ast.PredicateNode:
		inner := &predicateFinder{names: g.inner}
		body := n.Node
		ast.Walk(&body, inner)
		if inner.found {
			g.err = errors.New("a loop over a list inside a loop over a list is not available")
		}
		g.loops = true
	case *ast.BinaryNode:
		switch n.Operator {
		case opMatches:
			s, ok := n.Right.(*ast.StringNode)
			if p := g.patterns[patternSource(s, ok)]; p != nil {
				ast.Patch(node, &ast.CallNode{Callee: &ast.IdentifierNode{Value: opMatches},
					Arguments: []ast.Node{&ast.IdentifierNode{Value: stepName}, n.Left, &ast.ConstantNode{Value: p}}})
				return
			}
			g.err = errors.New(`the pattern after "matches" must be a text in quotes`)
		case "contains":
			// A list contains an item as a text contains a piece.
			ast.Patch(node, &ast.CallNode{Callee: &ast.IdentifierNode{Value: containsName}, Arguments: []ast.Node{n.Left, n.Right}})
		case "%":
			ast.Patch(node, &ast.CallNode{Callee: &ast.IdentifierNode{Value: modName}, Arguments: []ast.Node{n.Left, n.Right}})
		case "..":
			g.lists = true
		case "**", "^":
			g.err = errors.New(`the operator "**" is not available`)
		}
	}
}

// givenStep reports whether a call was given the step already.
func givenStep(arguments []ast.Node) bool {
	if len(arguments) == 0 {
		return false
	}
	id, ok := arguments[len(arguments)-1].(*ast.IdentifierNode)
	return ok && id.Value == stepName
}

func patternSource(s *ast.StringNode, ok bool) string {
	if !ok {
		return ""
	}
	return s.Value
}

type predicateFinder struct {
	found bool
	names map[string]bool
}

// Visit notes a predicate, and the names that stand in one.
func (f *predicateFinder) Visit(node *ast.Node) {
	switch n := (*node).(type) {
	case *ast.PredicateNode:
		f.found = true
	case *ast.IdentifierNode:
		f.names[n.Value] = true
	}
}

// eval runs an expression. A failure yields nil and false.
func (r *run) eval(e Expression) (v any, ok bool) { return r.evalWith(e, nil) }

// evalWith runs an expression with more names.
func (r *run) evalWith(e Expression, more map[string]any) (v any, ok bool) {
	if e.program == nil || !r.work(1) {
		return nil, false
	}
	names := make(map[string]any, len(e.roots)+len(more)+1)
	for _, n := range e.roots {
		names[n] = textual(normalize(r.lookup([]string{n})))
	}
	for n, v := range more {
		names[n] = textual(normalize(v))
	}
	if !r.work(e.cost(names)) {
		return nil, false
	}
	names[stepName] = r
	machine := vm.VM{MemoryBudget: expressionBudget}
	out, err := machine.Run(e.program, names)
	if err != nil || r.over != "" {
		r.note("expression_error")
		r.alertOnce(ReasonExpressionFailed)
		return nil, false
	}
	v = normalize(out)
	if sizeOf(v) > r.lim.Value {
		r.note("value_too_long")
		return nil, false
	}
	return v, true
}

// cost is what an expression can do with what it is given: it reads that once and, where it goes through a list, what it
// names there once for each item.
func (e Expression) cost(names map[string]any) int {
	total, items := 0, 0
	for _, v := range names {
		total += sizeOf(v)
		if e.loops {
			items += countItems(v)
		}
	}
	if !e.loops {
		return kib(total)
	}
	if e.lists {
		items += max(total, expressionBudget)
	}
	each := 0
	for _, n := range e.inner {
		each += sizeOf(names[n])
	}
	return kib(total) + items/8 + items*kib(each)
}

// countItems counts the items of all lists and objects in a value.
func countItems(v any) int {
	n := 0
	switch v := v.(type) {
	case []any:
		n = len(v)
		for _, e := range v {
			n += countItems(e)
		}
	case map[string]any:
		n = len(v)
		for _, e := range v {
			n += countItems(e)
		}
	}
	return n
}

// holds runs an expression as a condition.
func (r *run) holds(e Expression) bool {
	v, _ := r.eval(e)
	b, _ := v.(bool)
	return b
}
