package terminal

import "github.com/perene/perene/flow"

// The colours of a terminal (ECMA-48 SGR).
const (
	bold   = "1"
	dim    = "2"
	red    = "31"
	green  = "32"
	yellow = "33"
	blue   = "34"
	cyan   = "36"
)

var severityColor = map[flow.Severity]string{flow.SeverityError: red, flow.SeverityWarning: yellow, flow.SeverityHint: cyan}

// painter colours text where colours are wanted.
func painter(on bool) func(color, text string) string {
	if !on {
		return func(_, text string) string { return text }
	}
	return func(color, text string) string { return "\x1b[" + color + "m" + text + "\x1b[0m" }
}
