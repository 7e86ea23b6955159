package flow

import (
	"fmt"
	"sort"
	"strings"
)

// Severity says how bad a problem is.
type Severity string

// The severities. An error blocks publishing; a document with an error that Load reports cannot run at all.
const (
	SeverityError   Severity = "error"
	SeverityWarning Severity = "warning"
	SeverityHint    Severity = "hint"
)

// Code names a problem for programs; it never changes once published.
type Code string

// Problem is one thing that is wrong with a document.
type Problem struct {
	Code     Code     `json:"code"`
	Severity Severity `json:"severity"`
	// Pointer is the JSON pointer (RFC 6901) to the place in the document.
	Pointer string `json:"pointer"`
	// Node is the id of the node concerned, if one is.
	Node string `json:"node,omitempty"`
	// Args fill the placeholders of the text.
	Args []string `json:"args,omitempty"`
	// Text is the problem in Portuguese and English.
	Text map[string]string `json:"text"`
}

// In is the problem's text in a language: "en", or Portuguese for anything else.
func (p Problem) In(language string) string {
	if strings.HasPrefix(language, "en") {
		return p.Text["en"]
	}
	return p.Text["pt-BR"]
}

// LoadError lists everything that keeps a document from running.
type LoadError struct {
	Problems []Problem
}

// Error names the first problem and counts the others.
func (e *LoadError) Error() string {
	if len(e.Problems) == 0 {
		return "flow document: unknown problem"
	}
	p := e.Problems[0]
	text := fmt.Sprintf("flow document at %q: %s (%s)", p.Pointer, p.In("en"), p.Code)
	if n := len(e.Problems) - 1; n > 0 {
		text += fmt.Sprintf(" and %d more", n)
	}
	return text
}

// problemText is what a code says; {0}, {1} … are its arguments.
type problemText struct {
	severity Severity
	pt, en   string
}

func newProblem(code Code, pointer, node string, args ...string) Problem {
	t := textOf(code)
	translated := args
	if reasoned[code] && len(args) > 0 {
		args = append([]string{kindsEN.Replace(args[0])}, args[1:]...)
		translated = append([]string{inPortuguese(args[0])}, args[1:]...)
	}
	return Problem{
		Code: code, Severity: t.severity, Pointer: pointer, Node: node, Args: args,
		Text: map[string]string{"pt-BR": fill(t.pt, translated), "en": fill(t.en, args)},
	}
}

// textOf finds what a code says.
func textOf(code Code) problemText {
	if t, ok := problemTexts[code]; ok {
		return t
	}
	return problemText{SeverityError, string(code), string(code)}
}

// CodeInfo describes a code.
type CodeInfo struct {
	Code     Code              `json:"code"`
	Severity Severity          `json:"severity"`
	Text     map[string]string `json:"text"` // {0}, {1} … stand for the arguments
}

// Codes lists every code by name.
func Codes() []CodeInfo {
	out := make([]CodeInfo, 0, len(problemTexts))
	for code, t := range problemTexts {
		out = append(out, CodeInfo{code, t.severity, label(t.pt, t.en)})
	}
	sort.Slice(out, func(i, j int) bool { return out[i].Code < out[j].Code })
	return out
}

func fill(text string, args []string) string {
	for i, a := range args {
		text = strings.ReplaceAll(text, fmt.Sprintf("{%d}", i), a)
	}
	return text
}

func sortProblems(ps []Problem) {
	rank := map[Severity]int{SeverityError: 0, SeverityWarning: 1, SeverityHint: 2}
	sort.SliceStable(ps, func(i, j int) bool {
		a, b := ps[i], ps[j]
		if rank[a.Severity] != rank[b.Severity] {
			return rank[a.Severity] < rank[b.Severity]
		}
		if a.Pointer != b.Pointer {
			return a.Pointer < b.Pointer
		}
		return a.Code < b.Code
	})
}

// pointer appends one step to a JSON pointer.
func pointer(base, step string) string {
	step = strings.ReplaceAll(strings.ReplaceAll(step, "~", "~0"), "/", "~1")
	return base + "/" + step
}
