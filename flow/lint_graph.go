package flow

import (
	"slices"
	"sort"
	"strconv"
)

// move is one way a run can go from a node.
type move struct {
	out string
	to  *node
	// instant is set when the run can go this way without having waited in the node.
	instant bool
}

// pauses reports whether a run stands still in a node: for the contact, a time or a ticket. A call to the outside is no
// pause: a circle of calls is as hasty as one of conditions.
func (l *linter) pauses(n *node) bool {
	switch s := n.settings.(type) {
	case *questionSettings, *menuSettings, *waitSettings:
		return true
	case *contentSettings:
		return slices.ContainsFunc(s.Items, func(it ContentItem) bool { return it.waits() })
	case *templateSettings:
		return len(s.Replies) > 0
	case *actionSettings:
		return s.opens() != nil
	case *subflowSettings:
		g, ok := l.flow(s.Flow)
		if !ok {
			return true // not known: it may wait
		}
		inner := &linter{g: g, env: &LintEnv{}}
		for _, m := range g.nodes {
			if _, sub := m.settings.(*subflowSettings); sub || inner.pauses(m) {
				return true
			}
		}
	}
	return false
}

// flow finds another flow; ok is false when it does not exist or nobody can tell.
func (l *linter) flow(id Ref) (*Graph, bool) {
	if l.env.Flow == nil {
		return nil, false
	}
	g, ok := l.env.Flow(string(id))
	return g, ok && g != nil
}

// moves lists the ways out of a node that lead somewhere.
func (l *linter) moves(n *node) []move {
	waits := l.pauses(n)
	var out []move
	add := func(name, to string) {
		if t := l.g.nodes[to]; t != nil {
			instant := !waits || name == OutWindowClosed || name == OutMissing || name == OutPaused || name == OutRejected
			out = append(out, move{name, t, instant})
		}
	}
	if j, ok := n.settings.(*jumpSettings); ok && j.Flow == "" {
		add("jump", j.Node)
	}
	for _, o := range n.outputs {
		add(o.Name, l.g.target(n, o.Name))
	}
	return out
}

// stops reports whether a run may stand still or be over at a node.
func (l *linter) stops(n *node) bool {
	if len(n.outputs) == 0 {
		j, ok := n.settings.(*jumpSettings)
		return !ok || j.Flow != ""
	}
	if l.pauses(n) {
		return true
	}
	for _, o := range n.outputs {
		if !o.Quiet && l.g.target(n, o.Name) == "" {
			return true
		}
	}
	return false
}

// roots are the nodes a run can begin or be put at.
func (l *linter) roots() []string {
	d := &l.g.doc
	out := []string{d.Start}
	for _, t := range l.g.triggers {
		out = append(out, t.spec.Node)
	}
	for _, c := range d.Settings.Commands {
		out = append(out, c.Node)
	}
	if d.Settings.Inbound == "interrupt" {
		out = append(out, d.Settings.InterruptTo)
	}
	return out
}

func (l *linter) reachable() map[string]bool {
	seen := map[string]bool{}
	todo := l.roots()
	for len(todo) > 0 {
		id := todo[len(todo)-1]
		todo = todo[:len(todo)-1]
		n := l.g.nodes[id]
		if n == nil || seen[id] {
			continue
		}
		seen[id] = true
		for _, m := range l.moves(n) {
			todo = append(todo, m.to.id)
		}
	}
	return seen
}

// ordered are the reachable nodes in the document's order.
func (l *linter) ordered() []*node {
	var out []*node
	for i := range l.g.doc.Nodes {
		if n := l.g.nodes[l.g.doc.Nodes[i].ID]; l.reached[n.id] {
			out = append(out, n)
		}
	}
	return out
}

func (l *linter) unreachable() {
	for i := range l.g.doc.Nodes {
		if n := l.g.nodes[l.g.doc.Nodes[i].ID]; !l.reached[n.id] {
			l.on(n, "node_unreachable", place(n), l.g.NodeName(n.id))
		}
	}
}

// cycles looks for circles that a run can go round without standing still.
func (l *linter) cycles() {
	all := func(n *node) []*node {
		var out []*node
		for _, m := range l.moves(n) {
			if m.instant {
				out = append(out, m.to)
			}
		}
		return out
	}
	told := map[string]bool{}
	for _, ring := range circles(l.ordered(), all) {
		if l.escapes(ring[0], all) {
			continue
		}
		for _, n := range ring {
			told[n.id] = true
		}
		l.on(ring[0], "loop_endless", place(ring[0]), l.g.NodeName(ring[0].id))
	}
	// A loop node's own circle ends with its list.
	counted := func(n *node) []*node {
		if _, ok := n.settings.(*loopSettings); !ok {
			return all(n)
		}
		var out []*node
		for _, m := range l.moves(n) {
			if m.out != OutItem {
				out = append(out, m.to)
			}
		}
		return out
	}
	for _, ring := range circles(l.ordered(), counted) {
		if !told[ring[0].id] {
			l.on(ring[0], "loop_without_wait", place(ring[0]), l.g.NodeName(ring[0].id))
		}
	}
	l.loops(all)
}

// loops looks for loop nodes whose list may take more nodes than one step allows.
func (l *linter) loops(all func(*node) []*node) {
	for _, ring := range circles(l.ordered(), all) {
		for _, n := range ring {
			s, ok := n.settings.(*loopSettings)
			if !ok {
				continue
			}
			limit := s.Max
			if limit == 0 {
				limit = defaultLoopMax
			}
			if limit*len(ring) > DefaultLimits.StepVisits {
				l.on(n, "loop_over_limit", place(n)+"/settings/max", strconv.Itoa(limit), strconv.Itoa(len(ring)), strconv.Itoa(DefaultLimits.StepVisits))
			}
		}
	}
}

// escapes reports whether a run can come to a stop from a node.
func (l *linter) escapes(from *node, next func(*node) []*node) bool {
	seen := map[*node]bool{}
	todo := []*node{from}
	for len(todo) > 0 {
		n := todo[len(todo)-1]
		todo = todo[:len(todo)-1]
		if seen[n] {
			continue
		}
		seen[n] = true
		if l.stops(n) {
			return true
		}
		todo = append(todo, next(n)...)
	}
	return false
}

// circles are the strongly connected parts of a graph that a run can go round in (Tarjan), each with its nodes in the
// document's order.
func circles(nodes []*node, next func(*node) []*node) [][]*node {
	type mark struct {
		index, low int
		open       bool
	}
	marks := map[*node]*mark{}
	var stack []*node
	var out [][]*node
	var visit func(n *node)
	visit = func(n *node) {
		m := &mark{index: len(marks), low: len(marks), open: true}
		marks[n] = m
		stack = append(stack, n)
		self := false
		for _, t := range next(n) {
			self = self || t == n
			switch tm := marks[t]; {
			case tm == nil:
				visit(t)
				m.low = min(m.low, marks[t].low)
			case tm.open:
				m.low = min(m.low, tm.index)
			}
		}
		if m.low != m.index {
			return
		}
		i := slices.Index(stack, n)
		ring := slices.Clone(stack[i:])
		stack = stack[:i]
		for _, t := range ring {
			marks[t].open = false
		}
		if len(ring) > 1 || self {
			sort.Slice(ring, func(a, b int) bool { return ring[a].index < ring[b].index })
			out = append(out, ring)
		}
	}
	for _, n := range nodes {
		if marks[n] == nil {
			visit(n)
		}
	}
	return out
}

// messages counts what a node sends: before it first waits, and after it has waited last.
func messages(n *node) (head, tail int) {
	switch s := n.settings.(type) {
	case *contentSettings:
		waited := false
		for i := range s.Items {
			tail++
			if !waited {
				head++
			}
			if s.Items[i].waits() {
				waited, tail = true, 0
			}
		}
		if !waited {
			tail = 0
		}
		return head, tail
	case *questionSettings:
		if s.Media != nil {
			return 2, 0
		}
		return 1, 0
	case *menuSettings, *templateSettings:
		return 1, 0
	}
	return 0, 0
}

// inRow looks for contacts who get many messages before they are asked anything.
func (l *linter) inRow() {
	const most = 1000
	before := map[*node]int{}
	todo := l.ordered()
	for rounds := 0; len(todo) > 0 && rounds < most*MaxNodes; rounds++ {
		n := todo[0]
		todo = todo[1:]
		head, tail := messages(n)
		for _, m := range l.moves(n) {
			sum := before[n] + head
			if !m.instant {
				sum = tail
			}
			if sum = min(sum, 2*MaxMessagesInRow); sum > before[m.to] {
				before[m.to] = sum
				todo = append(todo, m.to)
			}
		}
	}
	var first *node
	found := false
	for _, n := range l.ordered() {
		head, _ := messages(n)
		if head == 0 || before[n]+head <= MaxMessagesInRow {
			continue
		}
		if first == nil {
			first = n
		}
		if before[n] <= MaxMessagesInRow {
			found = true
			l.on(n, "messages_in_row", place(n), strconv.Itoa(MaxMessagesInRow))
		}
	}
	if first != nil && !found { // they follow each other in a circle
		l.on(first, "messages_in_row", place(first), strconv.Itoa(MaxMessagesInRow))
	}
}

// handoff looks for a way to a person, or to another flow, in a flow that begins conversations.
func (l *linter) handoff() {
	if l.g.doc.Category != CategoryInitial {
		return
	}
	for _, n := range l.ordered() {
		switch s := n.settings.(type) {
		case *actionSettings:
			if s.opens() != nil {
				return
			}
		case *jumpSettings:
			if s.Flow != "" {
				return
			}
		case *subflowSettings:
			return // a sub-flow may hand over
		}
	}
	l.problem("no_handoff", "")
}
