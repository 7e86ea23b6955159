package flow

import (
	"fmt"
	"slices"
	"strings"
)

// conditionSettings choose between "true" and "false" by rules in AND and OR groups.
type conditionSettings struct {
	plain
	RuleGroup
}

// RuleGroup holds rules of which all or any must hold.
type RuleGroup struct {
	// Match says how many rules must hold.
	Match string `json:"match,omitempty" enum:"all,any" default:"all" doc:"How many rules must hold"`
	// Rules are the rules; a rule may be a group itself.
	Rules []Rule `json:"rules,omitempty" len:"50" doc:"The rules"`
}

// Rule is one comparison, one expression, or a group of rules.
type Rule struct {
	// Variable is what is looked at: a name such as "idade", "contact.email" or "contact.fields.plano".
	Variable string   `json:"variable,omitempty" doc:"What is looked at"`
	Op       Operator `json:"op,omitempty" enum:"equal,not_equal,contains,not_contains,starts_with,ends_with,greater,greater_or_equal,less,less_or_equal,between,in,not_in,is_set,is_empty,is_true,is_false,matches,not_matches,any_word,all_words,is_number,is_email,is_phone,is_date,has_label,has_no_label" doc:"The comparison"`
	// Value is what it is compared with; Value2 is the upper end of "between".
	Value  Text `json:"value,omitzero" doc:"What it is compared with"`
	Value2 Text `json:"value2,omitzero" doc:"Upper end of between"`
	// Exact keeps accents and case apart.
	Exact bool `json:"exact,omitempty" doc:"Keep accents and case apart"`
	// Expression is a condition of its own, in expr.
	Expression Expression `json:"expression,omitzero" bool:"true" doc:"A condition in expr"`
	// Group is a group of rules.
	Group *RuleGroup `json:"group,omitempty" doc:"A group of rules"`

	path []string
	re   *pattern
}

// The outputs of a condition.
const (
	OutTrue  = "true"
	OutFalse = "false"
)

func conditionKind() *Kind {
	return &Kind{
		Name: "condition", Family: FamilyLogic,
		Label: label("Condição", "Condition"),
		Doc: label("Segue por verdadeiro ou falso conforme regras com E e OU, ou uma expressão.",
			"Goes by true or false as rules with AND and OR, or an expression, say."),
		make: func() behaviour { return &conditionSettings{} },
	}
}

const maxRuleDepth = 5

func (s *conditionSettings) check(c *compiler) {
	if len(s.Rules) == 0 {
		c.problem("setting_missing", c.at+"/rules", "rules")
	}
	s.compile(c, c.at, 1)
}

func (g *RuleGroup) compile(c *compiler, at string, depth int) {
	if depth > maxRuleDepth {
		c.problem("rules_too_deep", at, fmt.Sprint(maxRuleDepth))
		return
	}
	for i := range g.Rules {
		to := fmt.Sprintf("%s/rules/%d", at, i)
		g.Rules[i].compile(c, to, depth)
	}
}

func (u *Rule) compile(c *compiler, at string, depth int) {
	switch {
	case u.Group != nil:
		u.Group.compile(c, at+"/group", depth+1)
		return
	case !u.Expression.Empty():
		return
	}
	if u.Op == "" {
		c.problem("setting_missing", at+"/op", "op")
		return
	}
	if u.Op != OpHasLabel && u.Op != OpHasNoLabel {
		if !pathPattern.MatchString(u.Variable) {
			c.problem("variable_path", at+"/variable", u.Variable)
			return
		}
		u.path = strings.Split(u.Variable, ".")
	}
	u.re = compilePattern(c, u.Op, u.Value, at+"/value")
	if u.Op.Takes() != 0 && u.Value.Empty() {
		c.problem("setting_missing", at+"/value", "value")
	}
	if u.Op == OpBetween && u.Value2.Empty() {
		c.problem("setting_missing", at+"/value2", "value2")
	}
}

// compilePattern compiles the regular expression of the operators that take one; it must be a constant.
func compilePattern(c *compiler, op Operator, value Text, at string) *pattern {
	if (op != OpMatches && op != OpNotMatches) || value.Empty() {
		return nil
	}
	// The source, not the compiled text: braces are part of patterns.
	return c.pattern(value.source, "", at)
}

func (g *RuleGroup) holds(r *run) bool {
	for i := range g.Rules {
		if g.Rules[i].holds(r) == (g.Match == "any") {
			return g.Match == "any"
		}
	}
	return g.Match != "any"
}

func (u *Rule) holds(r *run) bool {
	switch {
	case u.Group != nil:
		return u.Group.holds(r)
	case !u.Expression.Empty():
		return r.holds(u.Expression)
	case u.Op == OpHasLabel || u.Op == OpHasNoLabel:
		want := fold(r.text(u.Value))
		has := slices.ContainsFunc(r.contact.Labels, func(l string) bool { return fold(l) == want })
		return has == (u.Op == OpHasLabel)
	}
	cmp := comparison{op: u.Op, exact: u.Exact, zone: r.zone, re: u.re}
	if u.Op.Takes() == 0 || u.re != nil {
		return r.compares(cmp, normalize(r.lookup(u.path)), nil)
	}
	right := []any{r.value(u.Value)}
	if u.Op == OpBetween {
		right = append(right, r.value(u.Value2))
	}
	return r.compares(cmp, normalize(r.lookup(u.path)), right)
}

func (s *conditionSettings) outputs() []Output { return []Output{{Name: OutTrue}, {Name: OutFalse}} }

func (s *conditionSettings) enter(r *run) next {
	if s.holds(r) {
		return leave(OutTrue)
	}
	return leave(OutFalse)
}
