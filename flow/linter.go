package flow

// linter collects what is doubtful about a graph that runs.
type linter struct {
	g        *Graph
	n        *node
	at       string
	problems []Problem
}

func (l *linter) problem(code Code, at string, args ...string) {
	id := ""
	if l.n != nil {
		id = l.n.id
	}
	l.problems = append(l.problems, newProblem(code, at, id, args...))
}
