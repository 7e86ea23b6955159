package terminal

import (
	"encoding/json"
	"fmt"
	"reflect"
	"strings"

	"go.yaml.in/yaml/v3"
)

// Expectation is what is expected after one step. The messages always count: none written means none expected. Anything else
// counts only where it is written; an empty wait or end says that there must be none.
type Expectation struct {
	Messages []string       `json:"messages,omitempty" yaml:"messages,omitempty"`
	Calls    *[]string      `json:"calls,omitempty" yaml:"calls,omitempty"`
	Fields   map[string]any `json:"fields,omitempty" yaml:"fields,omitempty"`
	Labels   *[]string      `json:"labels,omitempty" yaml:"labels,omitempty"`
	Notes    *[]string      `json:"notes,omitempty" yaml:"notes,omitempty"`
	Priority *string        `json:"priority,omitempty" yaml:"priority,omitempty"`
	Ticket   *string        `json:"ticket,omitempty" yaml:"ticket,omitempty"`
	Lines    *[]string      `json:"lines,omitempty" yaml:"lines,omitempty"`
	// Vars are variables of the innermost flow; those that are not named may hold anything.
	Vars map[string]any `json:"vars,omitempty" yaml:"vars,omitempty"`
	Wait *string        `json:"wait,omitempty" yaml:"wait,omitempty"`
	End  *string        `json:"end,omitempty" yaml:"end,omitempty"`
}

// expectation says what came of a step, in full; -update writes what is not empty.
func (p *Player) expectation(h *Happening) Expectation {
	e := Expectation{Messages: h.Messages, Fields: h.Fields, Vars: p.Vars()}
	list := func(to **[]string, from []string) {
		if from != nil {
			*to = &from
		}
	}
	text := func(to **string, from string) {
		if from != "" {
			*to = &from
		}
	}
	list(&e.Calls, h.Calls)
	list(&e.Labels, h.Labels)
	list(&e.Notes, h.Notes)
	list(&e.Lines, h.Lines)
	text(&e.Priority, h.Priority)
	text(&e.Ticket, h.Ticket)
	text(&e.End, h.End)
	text(&e.Wait, p.Wait())
	return e
}

// node writes an expectation for a file. Variables are left out: they are worth writing only where a test is about them.
func (e *Expectation) node() (*yaml.Node, error) {
	c := *e
	c.Vars = nil
	var n yaml.Node
	if err := n.Encode(c); err != nil {
		return nil, err
	}
	readable(&n)
	return &n, nil
}

// readable writes texts of several lines as blocks.
func readable(n *yaml.Node) {
	if n.Kind == yaml.ScalarNode && strings.Contains(n.Value, "\n") {
		n.Style = yaml.LiteralStyle
	}
	for _, c := range n.Content {
		readable(c)
	}
}

// compare writes every difference between what was expected and what happened; empty when there is none.
func compare(steps []Step, seen []Expectation) string {
	var b strings.Builder
	for i := range steps {
		want := steps[i].Expect
		if want == nil {
			continue
		}
		d := want.differences(&seen[i])
		if d == "" {
			continue
		}
		fmt.Fprintf(&b, "step %d, %s:\n%s", i+1, steps[i].title(), d)
	}
	return b.String()
}

// title names a step by what happens in it.
func (s *Step) title() string {
	switch {
	case s.Say != "":
		return fmt.Sprintf("say %q", s.Say)
	case s.Tap != "":
		return fmt.Sprintf("tap %q", s.Tap)
	case s.Send != nil:
		return "send " + string(s.Send.Kind)
	case s.Wait != "":
		return "wait " + s.Wait
	case s.Until != "":
		return "until " + s.Until
	case s.Start != nil:
		return "start"
	case s.MoveTo != "":
		return "move to " + s.MoveTo
	case s.TicketClosed:
		return "ticket closed"
	case s.Stop:
		return "stop"
	case s.Set != nil:
		return "set"
	}
	return "http"
}

func (e *Expectation) differences(got *Expectation) string {
	var b strings.Builder
	if !reflect.DeepEqual(e.Messages, got.Messages) && len(e.Messages)+len(got.Messages) > 0 {
		b.WriteString(diffLists("messages", e.Messages, got.Messages))
	}
	list := func(name string, want, got *[]string) {
		if want == nil {
			return
		}
		var have []string
		if got != nil {
			have = *got
		}
		if strings.Join(*want, "\x00") != strings.Join(have, "\x00") || len(*want) != len(have) {
			b.WriteString(diffLists(name, *want, have))
		}
	}
	text := func(name string, want, got *string) {
		if want == nil {
			return
		}
		have := ""
		if got != nil {
			have = *got
		}
		if *want != have {
			b.WriteString(diffTexts(name, *want, have))
		}
	}
	values := func(name string, want, got map[string]any) {
		for _, k := range sorted(want) {
			if w, g := plainJSON(want[k]), plainJSON(got[k]); w != g {
				b.WriteString(diffTexts(name+"."+k, w, g))
			}
		}
	}
	list("calls", e.Calls, got.Calls)
	values("fields", e.Fields, got.Fields)
	list("labels", e.Labels, got.Labels)
	list("notes", e.Notes, got.Notes)
	text("priority", e.Priority, got.Priority)
	text("ticket", e.Ticket, got.Ticket)
	list("lines", e.Lines, got.Lines)
	values("vars", e.Vars, got.Vars)
	text("wait", e.Wait, got.Wait)
	text("end", e.End, got.End)
	return b.String()
}

func plainJSON(v any) string {
	raw, err := json.Marshal(v)
	if err != nil {
		return fmt.Sprint(v)
	}
	return string(raw)
}

// diffTexts shows two texts, line by line: "-" was expected, "+" came.
func diffTexts(name, want, got string) string {
	return "  " + name + ":\n" + diffLines(split(want), split(got))
}

func split(s string) []string {
	if s == "" {
		return nil
	}
	return strings.Split(s, "\n")
}

// diffLists shows two lists of texts as the lines of all their texts.
func diffLists(name string, want, got []string) string {
	return "  " + name + ":\n" + diffLines(numbered(want), numbered(got))
}

// numbered begins each text with a dash, so that two messages do not read as one of two lines.
func numbered(texts []string) []string {
	var out []string
	for _, t := range texts {
		for i, line := range strings.Split(t, "\n") {
			if i == 0 {
				line = "• " + line
			} else {
				line = "  " + line
			}
			out = append(out, line)
		}
	}
	return out
}

// diffLines shows the longest common lines once, and the others as expected or come.
func diffLines(want, got []string) string {
	n, m := len(want), len(got)
	common := make([][]int, n+1)
	for i := range common {
		common[i] = make([]int, m+1)
	}
	for i := n - 1; i >= 0; i-- {
		for j := m - 1; j >= 0; j-- {
			if want[i] == got[j] {
				common[i][j] = common[i+1][j+1] + 1
			} else {
				common[i][j] = max(common[i+1][j], common[i][j+1])
			}
		}
	}
	var b strings.Builder
	line := func(sign, text string) { b.WriteString("    " + sign + " " + text + "\n") }
	i, j := 0, 0
	for i < n || j < m {
		switch {
		case i < n && j < m && want[i] == got[j]:
			line(" ", want[i])
			i, j = i+1, j+1
		case j == m || (i < n && common[i+1][j] >= common[i][j+1]):
			line("-", want[i])
			i++
		default:
			line("+", got[j])
			j++
		}
	}
	return b.String()
}

// paintDiff colours a difference.
func paintDiff(diff string, paint func(color, text string) string) string {
	lines := strings.Split(strings.TrimRight(diff, "\n"), "\n")
	for i, l := range lines {
		switch {
		case strings.HasPrefix(l, "    - "):
			lines[i] = paint(red, l)
		case strings.HasPrefix(l, "    + "):
			lines[i] = paint(green, l)
		}
	}
	return strings.Join(lines, "\n") + "\n"
}
