package flow

import (
	"reflect"
	"strings"
)

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
	if walking && s.listIsNew(r, l) {
		walking = false
	}
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

// listIsNew reports whether a run comes to a loop from outside it with another list: then it begins anew.
func (s *loopSettings) listIsNew(r *run, l Loop) bool {
	n := r.current()
	if len(r.s.Trail) == 0 || !n.outside[r.s.Trail[len(r.s.Trail)-1].Node] {
		return false
	}
	items, _ := normalize(r.lookup(strings.Split(s.List, "."))).([]any)
	return !reflect.DeepEqual(items[:min(len(items), len(l.Items))], l.Items) || len(items) < len(l.Items)
}

// loops finds what lies outside each loop, and the nodes that ask.
func (c *compiler) loops() {
	l := &linter{g: c.g, env: &LintEnv{}}
	for _, n := range c.g.nodes {
		if s, ok := n.settings.(*actionSettings); !ok || s.opens() == nil {
			_, waits := n.settings.(*waitSettings)
			_, sub := n.settings.(*subflowSettings)
			n.asks = !waits && !sub && l.pauses(n)
		}
	}
	for _, n := range c.g.nodes {
		if _, ok := n.settings.(*loopSettings); ok {
			n.outside = l.reachableWithout(n)
		}
	}
}

// reachableWithout are the nodes that a run can come by without entering one of them.
func (l *linter) reachableWithout(gate *node) map[string]bool {
	seen := map[string]bool{}
	todo := l.roots()
	for len(todo) > 0 {
		id := todo[len(todo)-1]
		todo = todo[:len(todo)-1]
		n := l.g.nodes[id]
		if n == nil || seen[id] || n == gate {
			continue
		}
		seen[id] = true
		for _, m := range l.moves(n) {
			todo = append(todo, m.to.id)
		}
	}
	return seen
}

// leaveLoops forgets the loops that a run leaves because it goes elsewhere: each begins anew when it is entered again.
func (r *run) leaveLoops(to string) {
	f := r.frame()
	if len(f.Loops) == 0 {
		return
	}
	r.vars()
	for id := range f.Loops {
		if n := r.g.nodes[id]; n == nil || id == to || n.outside[to] {
			delete(f.Loops, id)
		}
	}
}

// passLoops forgets the loops that a run has left: it asks the contact something at a node that is no part of them.
func (r *run) passLoops(n *node) {
	f := r.frame()
	if len(f.Loops) == 0 || !n.asks {
		return
	}
	for id := range f.Loops {
		if l := r.g.nodes[id]; l != nil && l.outside[n.id] {
			r.vars()
			delete(r.frame().Loops, id)
		}
	}
}
