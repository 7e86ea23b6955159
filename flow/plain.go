package flow

import (
	"errors"
	"slices"
	"strings"
)

// ErrTextWork is the error of a text that asks for more work than a text may.
var ErrTextWork = errors.New("flow: the text does too much")

// plainLimits bound a text that a person writes outside of flows: a fraction of what a whole step may do.
var plainLimits = Limits{StepWork: 2_000}

// CheckPlain tells why a text that a person writes outside of flows cannot be rendered; nil where it can. The error is a
// sentence that says what to change.
func CheckPlain(source string) error {
	_, err := compileText(source, false)
	return err
}

// onlyInFlows are the roots of names that have a value in a flow alone.
var onlyInFlows = []string{"answer", "answers", "vars", "trigger", "flow", "run", "ticket", visitsName}

// LintPlain tells of each name that a text outside of flows can never have a value for. Fields are the account's, never nil. A source
// that CheckPlain refuses has no problems here.
func LintPlain(source string, fields []Field) []Problem {
	t, err := compileText(source, false)
	if err != nil {
		return nil
	}
	l := &linter{g: &Graph{}, env: &LintEnv{Fields: fields}}
	for _, r := range t.reads() {
		if slices.Contains(onlyInFlows, r.path[0]) {
			l.problem("variable_unknown", "", strings.Join(r.path, "."))
			continue
		}
		l.path(r.path, "")
	}
	return l.problems
}

// RenderPlain renders a text that a person writes outside of flows, with the names that the texts of flows know (rules 112,
// 200). Of the event the contact, the conversation, the instant and the meter count; of env the account. Missing lists the
// names without a value in the order in which they stand. Each such name stays in the text in braces, so that its author
// sees it. The error is CheckPlain's, ErrTextWork or ErrHalted.
func RenderPlain(source string, event *Event, env *Env) (text string, missing []string, err error) {
	t, err := compileText(source, false)
	if err != nil {
		return "", nil, err
	}
	bounded := Env{Account: env.Account, Limits: plainLimits}
	r := newRun(&Graph{}, State{Frames: []Frame{{}}, Language: event.Contact.Language}, event, &bounded)
	if r.s.Language == "" {
		r.s.Language = env.Account.Locale
	}
	w := r.writer(escapeNone, r.lim.Text)
	w.unfilled = func(e liquidExpr) string {
		var names []string
		eachPath(e, false, func(path []string, guarded bool) {
			name := strings.Join(path, ".")
			if _, own := w.names[path[0]]; own || guarded || format(r.lookup(path), w.zone) != "" {
				return
			}
			names = append(names, name)
			if !slices.Contains(missing, name) {
				missing = append(missing, name)
			}
		})
		if path, ok := e.(*pathExpr); ok && len(names) > 0 {
			return "{" + strings.Join(path.path, ".") + "}"
		}
		return ""
	}
	w.render(t.nodes)
	switch {
	case event.Meter != nil && event.Meter.halted:
		return "", nil, ErrHalted
	case r.over != "":
		return "", nil, ErrTextWork
	}
	return string(w.buf), missing, nil
}
