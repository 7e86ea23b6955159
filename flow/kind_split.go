package flow

import (
	"encoding/binary"
	"fmt"
)

// splitSettings send contacts different ways by weight (A/B). A contact who comes again goes the same way, unless Sticky
// is off.
type splitSettings struct {
	plain
	// Branches are the ways; a contact takes each with a chance of its weight in the sum.
	Branches []Branch `json:"branches" required:"true" len:"20" doc:"The ways to go"`
	// Sticky sends a contact the same way every time; on by default.
	Sticky *bool `json:"sticky,omitempty" default:"true" doc:"The same way every time for one contact"`
	// SaveTo is the variable that gets the branch's id.
	SaveTo string `json:"save_to,omitempty" doc:"Variable that gets the branch"`
}

// Branch is one way of a split.
type Branch struct {
	ID    string `json:"id" required:"true" doc:"Names the output"`
	Label string `json:"label,omitempty" doc:"Shown in the designer"`
	// Weight is the branch's share: percent, or any other whole numbers.
	Weight int `json:"weight" min:"0" max:"10000" doc:"The branch's share"`
}

func splitKind() *Kind {
	return &Kind{
		Name: "split", Family: FamilyLogic,
		Label: label("Sorteio A/B", "A/B split"),
		Doc:   label("Divide os contatos por peso; cada contato segue sempre o mesmo caminho.", "Divides contacts by weight; each contact always goes the same way."),
		make:  func() behaviour { return &splitSettings{} },
	}
}

func (s *splitSettings) check(c *compiler) {
	sum := 0
	seen := map[string]bool{}
	for i, b := range s.Branches {
		at := fmt.Sprintf("%s/branches/%d/id", c.at, i)
		switch {
		case !idPattern.MatchString(b.ID):
			c.problem("option_id", at, b.ID)
		case seen[b.ID]:
			c.problem("option_duplicate", at, b.ID)
		}
		seen[b.ID] = true
		sum += b.Weight
	}
	if len(s.Branches) > 0 && sum == 0 {
		c.problem("weights_zero", c.at+"/branches")
	}
}

func (s *splitSettings) outputs() []Output {
	var out []Output
	for _, b := range s.Branches {
		out = append(out, Output{Name: b.ID, Label: b.Label})
	}
	return out
}

func (s *splitSettings) stores() []VariableSpec {
	if s.SaveTo == "" {
		return nil
	}
	return []VariableSpec{{Name: s.SaveTo, Type: TypeText}}
}

func (s *splitSettings) enter(r *run) next {
	sum := uint64(0)
	for _, b := range s.Branches {
		sum += uint64(b.Weight)
	}
	n := r.random("split")
	if s.Sticky == nil || *s.Sticky {
		// Flow, node and contact alone decide, so neither the run nor the day nor a new version changes the way.
		h := hash("split", r.frame().Flow, r.frame().Node, r.contact.ID)
		n = binary.BigEndian.Uint64(h[:8])
	}
	n %= max(sum, 1)
	for _, b := range s.Branches {
		w := uint64(b.Weight)
		if n < w {
			r.set(s.SaveTo, b.ID)
			return leave(b.ID)
		}
		n -= w
	}
	return leave(s.Branches[len(s.Branches)-1].ID)
}
