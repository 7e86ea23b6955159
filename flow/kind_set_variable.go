package flow

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"
)

// setVariableSettings give variables their values, one after the other.
type setVariableSettings struct {
	plain
	// Assignments are done in order; a later one sees the earlier ones.
	Assignments []Assignment `json:"assignments" required:"true" len:"50" doc:"Done in order"`
}

// Assignment gives one variable a value.
type Assignment struct {
	// Name is the variable.
	Name string `json:"name" required:"true" doc:"The variable"`
	// Op says where the value comes from.
	Op string `json:"op,omitempty" enum:"value,expression,append,increment,now,today,tomorrow,yesterday,random_id,random_number,pick,pop,shift,clear" default:"value" doc:"Where the value comes from"`
	// Value is the value of "value", "append" and "increment" (1 by default). A text that is one variable keeps its type.
	Value Text `json:"value,omitzero" len:"16384" doc:"The value"`
	// Expression is the expr of "expression".
	Expression Expression `json:"expression,omitzero" doc:"An expression in expr"`
	// From is the list of "pick", "pop" and "shift"; the variable itself by default for the last two.
	From string `json:"from,omitempty" doc:"The list to take from"`
	// Which is the item "pick" takes: "first", "last", "random" or a number from 1.
	Which Text `json:"which,omitzero" doc:"first, last, random or a number from 1"`
	// Min and Max bound "random_number"; 1 and 100 by default.
	Min int `json:"min,omitempty" doc:"Smallest random number"`
	Max int `json:"max,omitempty" doc:"Largest random number"`
	// Type converts the value: number, boolean, text, date or list.
	Type VariableType `json:"type,omitempty" enum:"text,number,boolean,date,list" doc:"Converts the value"`
}

func setVariableKind() *Kind {
	return &Kind{
		Name: "set_variable", Family: FamilyLogic,
		Label: label("Definir variável", "Set variable"),
		Doc: label("Dá valores a variáveis: texto, expressão, data, número aleatório, item de lista.",
			"Gives variables values: a text, an expression, a date, a random number, an item of a list."),
		make: func() behaviour { return &setVariableSettings{} },
	}
}

func (s *setVariableSettings) check(c *compiler) {
	for i, a := range s.Assignments {
		at := fmt.Sprintf("%s/assignments/%d", c.at, i)
		switch a.Op {
		case "expression":
			if a.Expression.Empty() {
				c.problem("setting_missing", at+"/expression", "expression")
			}
		case "pick":
			if !pathPattern.MatchString(a.From) {
				c.problem("variable_path", at+"/from", a.From)
			}
		case "random_number":
			if a.Max != 0 && a.Max < a.Min {
				c.problem("setting_range", at+"/max", "max", fmt.Sprint(a.Min), "-")
			}
		}
	}
}

func (s *setVariableSettings) outputs() []Output {
	return []Output{{Name: OutOK}, {Name: OutFailed, Quiet: true}}
}

func (s *setVariableSettings) stores() []VariableSpec {
	out := make([]VariableSpec, 0, len(s.Assignments))
	for _, a := range s.Assignments {
		t := TypeAny
		switch a.Op {
		case "now":
			t = TypeInstant
		case "today", "tomorrow", "yesterday":
			t = TypeDate
		case "random_id":
			t = TypeText
		case "random_number", "increment":
			t = TypeNumber
		case "append":
			t = TypeList
		}
		if a.Type != "" {
			t = a.Type
		}
		out = append(out, VariableSpec{Name: a.Name, Type: t})
	}
	return out
}

func (s *setVariableSettings) enter(r *run) next {
	for i := range s.Assignments {
		a := &s.Assignments[i]
		v, ok := a.value(r)
		if !ok {
			r.note("assignment_failed")
			return leaveOr(OutFailed, OutOK)
		}
		r.set(a.Name, convert(v, a.Type, r.zone))
	}
	return leave(OutOK)
}

func (a *Assignment) value(r *run) (any, bool) {
	local := r.now.In(orUTC(r.zone))
	switch a.Op {
	case "expression":
		return r.eval(a.Expression)
	case "append":
		list, _ := r.frame().Vars[a.Name].([]any)
		return append(slices.Clip(list), r.value(a.Value)), true
	case "increment":
		by := 1.0
		if !a.Value.Empty() {
			n, ok := toNumber(r.value(a.Value))
			if !ok {
				return nil, false
			}
			by = n
		}
		n, _ := toNumber(r.frame().Vars[a.Name])
		return n + by, true
	case "now":
		return local.Format(time.RFC3339), true
	case "today":
		return local.Format(time.DateOnly), true
	case "tomorrow":
		return local.AddDate(0, 0, 1).Format(time.DateOnly), true
	case "yesterday":
		return local.AddDate(0, 0, -1).Format(time.DateOnly), true
	case "random_id":
		return r.randomID(a.Name), true
	case "random_number":
		lo, hi := a.Min, a.Max
		if lo == 0 && hi == 0 {
			lo, hi = 1, 100
		}
		return float64(lo) + float64(r.random(a.Name)%uint64(hi-lo+1)), true
	case "pick":
		return a.pick(r)
	case "pop", "shift":
		return a.take(r)
	case "clear":
		return nil, true
	}
	return r.value(a.Value), true
}

func (a *Assignment) pick(r *run) (any, bool) {
	list, ok := r.lookup(strings.Split(a.From, ".")).([]any)
	if !ok || len(list) == 0 {
		return nil, true
	}
	switch which := strings.TrimSpace(r.text(a.Which)); which {
	case "", "first":
		return list[0], true
	case "last":
		return list[len(list)-1], true
	case "random":
		return list[r.random(a.Name)%uint64(len(list))], true
	default:
		n, ok := toNumber(which)
		if !ok || n < 1 || int(n) > len(list) {
			return nil, true
		}
		return list[int(n)-1], true
	}
}

// take removes the last ("pop") or first ("shift") item of a list variable and yields it.
func (a *Assignment) take(r *run) (any, bool) {
	from := a.From
	if from == "" {
		from = a.Name
	}
	list, ok := r.frame().Vars[from].([]any)
	if !ok || len(list) == 0 {
		return nil, true
	}
	item, rest := list[0], list[1:]
	if a.Op == "pop" {
		item, rest = list[len(list)-1], list[:len(list)-1]
	}
	r.set(from, append([]any{}, rest...))
	return item, true
}

// convert gives a value the type asked for; what cannot be converted becomes nil, which clears the variable.
func convert(v any, t VariableType, zone *time.Location) any {
	switch t {
	case TypeNumber:
		if n, exact := v.(json.Number); exact {
			return n
		}
		if f, ok := toNumber(v); ok {
			return f
		}
		return nil
	case TypeText:
		return format(v, zone)
	case TypeBoolean:
		if b, ok := v.(bool); ok {
			return b
		}
		s := format(v, zone)
		if s == "true" || s == "false" {
			return s == "true"
		}
		if b, ok := ParseYesNo(s); ok {
			return b
		}
		return nil
	case TypeDate:
		if d, ok := toDay(v, zone); ok {
			return d.Format(time.DateOnly)
		}
		return nil
	case TypeList:
		if l, ok := v.([]any); ok {
			return l
		}
		if isEmpty(v) {
			return []any{}
		}
		return spread([]any{v})
	}
	return v
}
