package flow

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/expr-lang/expr"
	"github.com/expr-lang/expr/ast"
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
	maxPattern          = 500
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
	}),
	"account": texts([]string{"name"}, nil),
	"flow":    texts([]string{"id", "name", "version"}, nil),
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
		expr.Function("has", func(p ...any) (any, error) { return !isEmpty(p[0]), nil }, new(func(any) bool)),
		expr.Function("number", func(p ...any) (any, error) {
			f, ok := toNumber(p[0])
			if !ok {
				return nil, errors.New("not a number")
			}
			return f, nil
		}, new(func(any) float64)),
		expr.Function("text", func(p ...any) (any, error) { return format(normalize(p[0]), nil), nil }, new(func(any) string)),
		expr.Function("fold", func(p ...any) (any, error) { return fold(p[0].(string)), nil }, new(func(string) string)),
		expr.Function("digits", func(p ...any) (any, error) { return digits(p[0].(string)), nil }, new(func(string) string)),
		expr.Function("hour", clockPart(time.Time.Hour), new(func(any) int)),
		expr.Function("weekday", clockPart(func(t time.Time) int { return int(t.Weekday()) }), new(func(any) int)),
		expr.Function("day", clockPart(time.Time.Day), new(func(any) int)),
		expr.Function("month", clockPart(func(t time.Time) int { return int(t.Month()) }), new(func(any) int)),
		expr.Function("year", clockPart(time.Time.Year), new(func(any) int)),
		expr.Function("days_between", daysBetween, new(func(any, any) float64)),
		expr.Function("add_days", func(p ...any) (any, error) {
			t, ok := toInstant(p[0], time.UTC)
			n, nok := toNumber(p[1])
			if !ok || !nok || n > 36600 || n < -36600 {
				return nil, errors.New("not a date")
			}
			return t.AddDate(0, 0, int(n)).Format("2006-01-02"), nil
		}, new(func(any, float64) string), new(func(any, int) string)),
	}
}

// clockPart reads one part of an instant or a date, in the offset it is written with.
func clockPart(part func(time.Time) int) func(...any) (any, error) {
	return func(p ...any) (any, error) {
		t, ok := toInstant(p[0], time.UTC)
		if !ok {
			return nil, errors.New("not a date")
		}
		return part(t), nil
	}
}

func daysBetween(p ...any) (any, error) {
	a, aok := toInstant(p[0], time.UTC)
	b, bok := toInstant(p[1], time.UTC)
	if !aok || !bok {
		return nil, errors.New("not a date")
	}
	da := time.Date(a.Year(), a.Month(), a.Day(), 0, 0, 0, 0, time.UTC)
	db := time.Date(b.Year(), b.Month(), b.Day(), 0, 0, 0, 0, time.UTC)
	return db.Sub(da).Hours() / 24, nil
}

// compileExpression checks an expression against the names and, if wanted, a boolean result.
func compileExpression(source string, names scope, boolean bool) (e Expression, err error) {
	e = Expression{source: source}
	defer func() {
		if r := recover(); r != nil {
			err = errors.New("the expression is not understood")
		}
	}()
	if len(source) > maxExpressionSource {
		return e, fmt.Errorf("the expression is longer than %d bytes", maxExpressionSource)
	}
	guard := &expressionGuard{}
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
	for n := range guard.names {
		if _, ok := names[n]; ok {
			e.roots = append(e.roots, n)
		}
	}
	return e, nil
}

// expressionGuard collects the names an expression uses and refuses what cannot be bounded.
type expressionGuard struct {
	names map[string]bool
	err   error
}

// Visit sees the leaves first, so a predicate sees what is inside it.
func (g *expressionGuard) Visit(node *ast.Node) {
	switch n := (*node).(type) {
	case *ast.IdentifierNode:
		if g.names == nil {
			g.names = map[string]bool{}
		}
		g.names[n.Value] = true
	case *ast.VariableDeclaratorNode:
		g.err = errors.New(`"let" is not available`)
	case *ast.BuiltinNode: // some are parsed before the list of disabled ones is looked at
		if slices.Contains(disabledBuiltins, n.Name) {
			g.err = fmt.Errorf("the function %q is not available", n.Name)
		}
	case *ast.PredicateNode:
		inner := &predicateFinder{}
		body := n.Node
		ast.Walk(&body, inner)
		if inner.found {
			g.err = errors.New("a loop over a list inside a loop over a list is not available")
		}
	case *ast.BinaryNode:
		switch n.Operator {
		case "matches":
			p, ok := n.Right.(*ast.StringNode)
			if !ok {
				g.err = errors.New(`the pattern after "matches" must be a text in quotes`)
				return
			}
			if err := checkPattern(p.Value); err != nil {
				g.err = err
			}
		case "**", "^":
			g.err = errors.New(`the operator "**" is not available`)
		}
	}
}

type predicateFinder struct{ found bool }

// Visit notes a predicate.
func (f *predicateFinder) Visit(node *ast.Node) {
	if _, ok := (*node).(*ast.PredicateNode); ok {
		f.found = true
	}
}

// checkPattern refuses a regular expression that does not compile or is too long. The engine is RE2: it takes linear
// time whatever the text.
func checkPattern(p string) error {
	if len(p) > maxPattern {
		return fmt.Errorf("the pattern is longer than %d characters", maxPattern)
	}
	if _, err := regexp.Compile(p); err != nil {
		return fmt.Errorf("the pattern is not a regular expression (RE2): %s", strings.TrimPrefix(err.Error(), "error parsing regexp: "))
	}
	return nil
}

// eval runs an expression. A failure yields nil and false.
func (r *run) eval(e Expression) (v any, ok bool) { return r.evalWith(e, nil) }

// evalWith runs an expression with more names.
func (r *run) evalWith(e Expression, more map[string]any) (v any, ok bool) {
	if e.program == nil || !r.work(1) {
		return nil, false
	}
	names := make(map[string]any, len(e.roots)+len(more))
	for _, n := range e.roots {
		names[n] = normalize(r.lookup([]string{n}))
	}
	maps.Copy(names, more)
	machine := vm.VM{MemoryBudget: expressionBudget}
	out, err := machine.Run(e.program, names)
	if err != nil {
		r.note("expression_error")
		return nil, false
	}
	v = normalize(out)
	if sizeOf(v) > r.lim.Value {
		r.note("value_too_long")
		return nil, false
	}
	return v, true
}

// holds runs an expression as a condition.
func (r *run) holds(e Expression) bool {
	v, _ := r.eval(e)
	b, _ := v.(bool)
	return b
}
