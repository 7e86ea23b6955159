package flow

import "fmt"

// switchSettings choose by a value: the first case that fits, else "default".
type switchSettings struct {
	plain
	// Value is what is looked at: a text, usually one variable.
	Value Text `json:"value" required:"true" doc:"What is looked at"`
	// Cases are tried in order.
	Cases []Case `json:"cases" required:"true" len:"50" doc:"Tried in order"`
}

// Case is one way a switch can go.
type Case struct {
	// ID names the output.
	ID    string   `json:"id" required:"true" doc:"Names the output"`
	Label string   `json:"label,omitempty" doc:"Shown in the designer"`
	Op    Operator `json:"op,omitempty" enum:"equal,not_equal,contains,not_contains,starts_with,ends_with,greater,greater_or_equal,less,less_or_equal,between,in,not_in,is_set,is_empty,is_true,is_false,matches,not_matches,any_word,all_words,is_number,is_email,is_phone,is_date" default:"equal" doc:"The comparison"`
	// Values are what it is compared with; with several the case fits when any of them does ("between" takes two).
	Values []Text `json:"values,omitempty" len:"50" doc:"What it is compared with"`
	Exact  bool   `json:"exact,omitempty" doc:"Keep accents and case apart"`

	re []*pattern
}

// OutDefault is the way a switch goes when no case fits.
const OutDefault = "default"

func switchKind() *Kind {
	return &Kind{
		Name: "switch", Family: FamilyLogic,
		Label: label("Escolha", "Switch"),
		Doc:   label("Segue pelo primeiro caso que combina com um valor.", "Goes by the first case that fits a value."),
		make:  func() behaviour { return &switchSettings{} },
	}
}

func (s *switchSettings) check(c *compiler) {
	seen := map[string]bool{}
	for i := range s.Cases {
		k := &s.Cases[i]
		at := fmt.Sprintf("%s/cases/%d", c.at, i)
		switch {
		case !idPattern.MatchString(k.ID):
			c.problem("option_id", at+"/id", k.ID)
		case k.ID == OutDefault:
			c.problem("option_reserved", at+"/id", k.ID)
		case seen[k.ID]:
			c.problem("option_duplicate", at+"/id", k.ID)
		}
		seen[k.ID] = true
		if k.Op == "" {
			k.Op = OpEqual
		}
		if k.Op.Takes() != 0 && len(k.Values) == 0 {
			c.problem("setting_missing", at+"/values", "values")
		}
		k.re = nil
		for j, v := range k.Values {
			if re := compilePattern(c, k.Op, v, fmt.Sprintf("%s/values/%d", at, j)); re != nil {
				k.re = append(k.re, re)
			}
		}
	}
}

func (s *switchSettings) outputs() []Output {
	var out []Output
	for _, k := range s.Cases {
		out = append(out, Output{Name: k.ID, Label: k.Label})
	}
	return append(out, Output{Name: OutDefault})
}

func (s *switchSettings) enter(r *run) next {
	left := r.value(s.Value)
	for i := range s.Cases {
		if s.Cases[i].fits(r, left) {
			return leave(s.Cases[i].ID)
		}
	}
	return leave(OutDefault)
}

func (k *Case) fits(r *run, left any) bool {
	cmp := comparison{op: k.Op, exact: k.Exact, zone: r.zone}
	if k.Op.Takes() == 0 {
		return r.compares(cmp, left, nil)
	}
	for _, re := range k.re {
		cmp.re = re
		if r.compares(cmp, left, nil) {
			return true
		}
	}
	if len(k.re) > 0 {
		return false
	}
	values := make([]any, len(k.Values))
	for i := range k.Values {
		values[i] = r.value(k.Values[i])
	}
	if k.Op.Takes() != 1 {
		return r.compares(cmp, left, values)
	}
	for _, v := range values {
		if r.compares(cmp, left, []any{v}) {
			return true
		}
	}
	return false
}
