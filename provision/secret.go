package provision

import (
	"fmt"
	"strings"

	"go.yaml.in/yaml/v3"
)

// Secret is a place for a secret in a file: the name of an environment variable, and in development alone a value that
// stands in the file. However it is printed, the value does not show.
type Secret struct {
	variable string
	fallback string // of ${NAME:-fallback}, or the text itself
	literal  bool   // a value stands in the file
	given    bool
	cleared  bool // null: the value is to be forgotten
}

// String implements fmt.Stringer.
func (s Secret) String() string {
	if s.variable != "" {
		return "${" + s.variable + "}"
	}
	return "[redacted]"
}

// Format implements fmt.Formatter, so that no verb reaches the value.
func (s Secret) Format(f fmt.State, _ rune) { _, _ = f.Write([]byte(s.String())) }

// value reads the secret; false when its variable is not set.
func (s Secret) value(env func(string) (string, bool)) (string, bool) {
	if s.variable != "" {
		if v, ok := env(s.variable); ok && v != "" {
			return v, true
		}
	}
	return s.fallback, s.literal
}

func (d *decoder) secret(n *yaml.Node, s *Secret, path string) {
	if n.Kind != yaml.ScalarNode {
		d.problem(n.Line, path, "a secret is ${NAME}, the name of an environment variable")
		return
	}
	s.given = true
	inner, ok := strings.CutPrefix(n.Value, "${")
	if !ok || !strings.HasSuffix(inner, "}") {
		if n.Value == "" {
			d.problem(n.Line, path, "a secret is ${NAME}, the name of an environment variable")
		}
		s.fallback, s.literal = n.Value, true
		return
	}
	s.variable, s.fallback, s.literal = strings.Cut(strings.TrimSuffix(inner, "}"), ":-")
	switch {
	case !variable.MatchString(s.variable):
		d.problem(n.Line, path, "a secret is ${NAME}, the name of an environment variable")
	case !mayTake(s.variable):
		d.problem(n.Line, path, "%s is this machine's own: give the account's secret a variable with another name", s.variable)
	}
}
