package flow

import (
	"fmt"
	"strings"
)

// LintEnv is what a linter may look up: the channels the flow will run on and what the account has. A nil look-up or an
// empty list means "not known", and checks that need it are left out.
type LintEnv struct {
	// Channels are the capabilities of the connections the flow may run on, by a name for people; WhatsApp's by default.
	Channels map[string]Capabilities
	Template func(name, language string) (Template, bool)
	// Flow finds published flows by id or name, for jumps and sub-flows.
	Flow   func(id string) (*Graph, bool)
	Queues []Queue
	Fields []Field
	// Agents, Labels, Secrets and Connections are the ids and names the account has; nil means not known.
	Agents      map[string]bool
	Labels      map[string]bool
	Secrets     map[string]bool
	Connections map[string]bool
	// Reasons are the ids and names of the account's closing reasons; nil means not known.
	Reasons map[string]bool
	// Files are the ids of the files that the document may name; nil means not known.
	Files map[string]bool
	// Keywords are the keywords other flows start on, folded as [Graph.Keywords] gives them, with the flow's name.
	Keywords map[string]string
}

// MaxMessagesInRow is how many messages a contact gets without being asked anything before the linter warns.
const MaxMessagesInRow = 5

// linter collects what is doubtful about a graph that runs.
type linter struct {
	g        *Graph
	env      *LintEnv
	channels []channel
	n        *node
	at       string // JSON pointer of the node's settings
	reached  map[string]bool
	problems []Problem
}

// channel is one channel the flow may run on.
type channel struct {
	name string
	caps Capabilities
}

func (l *linter) problem(code Code, at string, args ...string) {
	id := ""
	if l.n != nil {
		id = l.n.id
	}
	l.problems = append(l.problems, newProblem(code, at, id, args...))
}

// on reports a problem of a node other than the present one.
func (l *linter) on(n *node, code Code, at string, args ...string) {
	l.problems = append(l.problems, newProblem(code, at, n.id, args...))
}

// place is the JSON pointer of a node.
func place(n *node) string { return fmt.Sprintf("/nodes/%d", n.index) }

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
	for _, name := range sortedKeys(env.Channels) {
		l.channels = append(l.channels, channel{name, env.Channels[name]})
	}
	if len(l.channels) == 0 {
		l.channels = []channel{{"WhatsApp", WhatsAppCloud()}}
	}
	l.reached = l.reachable()
	for i := range g.doc.Nodes {
		n := g.nodes[g.doc.Nodes[i].ID]
		l.n, l.at = n, place(n)+"/settings"
		l.edges(n)
		n.settings.lint(l)
		l.limits(n)
		l.plainSecrets(n)
	}
	l.n = nil
	l.unreachable()
	l.cycles()
	l.inRow()
	l.windows()
	l.handoff()
	l.names()
	l.emptiness()
	l.words()
	l.translations()
	sortProblems(l.problems)
	return l.problems
}

// windowed reports whether some channel allows free-form messages only for a while after the contact wrote.
func (l *linter) windowed() bool {
	for _, c := range l.channels {
		if c.caps.Window {
			return true
		}
	}
	return false
}

// edges looks for outputs that lead nowhere.
func (l *linter) edges(n *node) {
	for _, o := range n.outputs {
		if o.Quiet || l.g.target(n, o.Name) != "" {
			continue
		}
		at := pointer(place(n)+"/outputs", o.Name)
		switch o.Name {
		case OutTimeout:
			l.problem("timeout_no_edge", at, o.Name)
		case OutInvalid, OutDefault, OutFailed, OutClientError, OutServerError:
			l.problem("fallback_no_edge", at, o.Name)
		case OutMissing, OutPaused, OutRejected:
			l.problem("template_no_edge", at, o.Name)
		case OutWindowClosed: // the window's own check tells where it matters
		default:
			l.problem("output_no_edge", at, o.Name)
		}
	}
}

// literal is the text of a Text that has no variables.
func (t *Text) literal() (string, bool) {
	if t.tpl == nil {
		return "", false
	}
	s, ok := t.tpl.literal()
	return s, ok && strings.TrimSpace(s) != ""
}
