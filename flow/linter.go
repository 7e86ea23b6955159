package flow

import "fmt"

// LintEnv is what a linter may look up: the channels the flow will run on and what the account has. A nil look-up or an
// empty list means "not known", and checks that need it are left out.
type LintEnv struct {
	// Channels are the capabilities of the connections the flow may run on, by a name for people.
	Channels map[string]Capabilities
	Template func(name, language string) (Template, bool)
	// Flow finds published flows for jumps and sub-flows.
	Flow   func(id string) (*Graph, bool)
	Queues []Queue
	Fields []Field
	// Agents and Labels are the ids and names the account has; nil means not known.
	Agents map[string]bool
	Labels map[string]bool
}

// linter collects what is doubtful about a graph that runs.
type linter struct {
	g        *Graph
	env      *LintEnv
	n        *node
	at       string // JSON pointer of the node's settings
	problems []Problem
}

func (l *linter) problem(code Code, at string, args ...string) {
	id := ""
	if l.n != nil {
		id = l.n.id
	}
	l.problems = append(l.problems, newProblem(code, at, id, args...))
}

// Lint lists the problems of a document, the worst first: what keeps it from running, then what is doubtful.
func Lint(doc []byte, env *LintEnv) []Problem {
	g, problems := compile(doc)
	for _, p := range problems {
		if p.Severity == SeverityError {
			return problems
		}
	}
	if env == nil {
		env = &LintEnv{}
	}
	l := &linter{g: g, env: env, problems: problems}
	for i := range g.doc.Nodes {
		n := g.nodes[g.doc.Nodes[i].ID]
		l.n, l.at = n, fmt.Sprintf("/nodes/%d/settings", i)
		for _, o := range n.outputs {
			if !o.Quiet && g.target(n, o.Name) == "" {
				l.problem("output_no_edge", pointer(fmt.Sprintf("/nodes/%d/outputs", i), o.Name), o.Name)
			}
		}
		n.settings.lint(l)
	}
	l.n = nil
	sortProblems(l.problems)
	return l.problems
}
