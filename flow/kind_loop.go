package flow

import "strings"

// loopSettings walk a list: "item" for each item, "done" when there are no more. The nodes after "item" lead back here.
type loopSettings struct {
	plain
	// List is the variable that holds the list.
	List string `json:"list" required:"true" doc:"Variable that holds the list"`
	// Item is the variable that gets the item; Index the one that gets its number, from 1.
	Item  string `json:"item" required:"true" doc:"Variable that gets the item"`
	Index string `json:"index,omitempty" doc:"Variable that gets its number, from 1"`
	// Max is the largest number of items walked.
	Max int `json:"max,omitempty" min:"1" max:"500" default:"50" doc:"Most items walked"`
}

// The outputs of a loop.
const (
	OutItem = "item"
	OutDone = "done"
)

const defaultLoopMax = 50

func loopKind() *Kind {
	return &Kind{
		Name: "loop", Family: FamilyLogic,
		Label: label("Laço", "Loop"),
		Doc:   label("Repete para cada item de uma lista, com limite.", "Repeats for each item of a list, up to a limit."),
		make:  func() behaviour { return &loopSettings{} },
	}
}

func (s *loopSettings) check(c *compiler) {
	if s.List != "" && !pathPattern.MatchString(s.List) {
		c.problem("variable_path", c.at+"/list", s.List)
	}
}

func (s *loopSettings) outputs() []Output { return []Output{{Name: OutItem}, {Name: OutDone}} }

func (s *loopSettings) stores() []VariableSpec {
	return []VariableSpec{{Name: s.Item, Type: TypeAny}, {Name: s.Index, Type: TypeNumber}}
}

func (s *loopSettings) enter(r *run) next {
	r.vars() // the loops are copied with the variables
	f := r.frame()
	l, walking := f.Loops[f.Node]
	if !walking {
		items, _ := normalize(r.lookup(strings.Split(s.List, "."))).([]any)
		limit := s.Max
		if limit == 0 {
			limit = defaultLoopMax
		}
		if len(items) > limit {
			r.note("loop_cut")
			items = items[:limit]
		}
		l = Loop{Items: items}
	}
	if l.Next >= len(l.Items) {
		delete(f.Loops, f.Node)
		r.set(s.Item, nil)
		return leave(OutDone)
	}
	item := l.Items[l.Next]
	l.Next++
	if f.Loops == nil {
		f.Loops = map[string]Loop{}
	}
	f.Loops[f.Node] = l
	r.set(s.Item, item)
	r.set(s.Index, float64(l.Next))
	return leave(OutItem)
}
