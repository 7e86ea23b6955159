package flow

import (
	"errors"
	"slices"

	"github.com/expr-lang/expr/ast"
)

// visitsName is the function, and the first name of a path, that reads how often the run has entered a node.
const visitsName = "visits"

// countVisits notes the nodes whose visits texts and rules read: runs count those nodes alone.
func (c *compiler) countVisits() {
	read := func(path []string) {
		if path[0] == visitsName && len(path) == 2 {
			c.count(path[1])
		}
	}
	text := func(u textUse) {
		for _, r := range u.tpl.reads() {
			read(r.path)
		}
	}
	for _, n := range c.g.nodes {
		eachText(n.settings, "", text)
		for _, b := range n.locales {
			eachText(b, "", text)
		}
		for _, p := range paths(n.settings, "") {
			read(p.path)
		}
	}
}

// count makes runs count how often they enter a node.
func (c *compiler) count(id string) {
	if c.g.counted == nil {
		c.g.counted = map[string]bool{}
	}
	c.g.counted[id] = true
}

// countVisits is how often this call of the flow has entered a node.
func countVisits(p ...any) (any, error) {
	id, isText := p[0].(string)
	r, isRun := p[1].(*run)
	if !isRun || !isText {
		return nil, errors.New("only a node has visits")
	}
	return float64(r.frame().Visits[id]), nil
}

// readVisits notes a node whose visits an expression reads. The id is fixed, so that it can be checked when the flow is saved.
func (g *expressionGuard) readVisits(n *ast.CallNode) {
	f, ok := n.Callee.(*ast.IdentifierNode)
	if !ok || f.Value != visitsName || len(n.Arguments) == 0 {
		return
	}
	id, ok := n.Arguments[0].(*ast.StringNode)
	if !ok {
		g.err = errors.New(`write the node of "visits" as a text in quotes`)
		return
	}
	if !slices.Contains(g.visits, id.Value) {
		g.visits = append(g.visits, id.Value)
	}
}
