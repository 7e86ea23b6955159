package worker

import (
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"reflect"
	"strconv"
	"strings"
	"testing"

	"go.temporal.io/sdk/activity"
)

// activityNames reads the constants Activity… of package contract from its source.
func activityNames(t *testing.T) []string {
	t.Helper()
	files, err := filepath.Glob("../contract/*.go")
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, path := range files {
		file, err := parser.ParseFile(token.NewFileSet(), path, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(file, func(n ast.Node) bool {
			spec, ok := n.(*ast.ValueSpec)
			if !ok || !strings.HasPrefix(spec.Names[0].Name, "Activity") {
				return true
			}
			name, err := strconv.Unquote(spec.Values[0].(*ast.BasicLit).Value)
			if err != nil {
				t.Fatalf("%s is no plain string: %v", spec.Names[0].Name, err)
			}
			names = append(names, name)
			return true
		})
	}
	return names
}

// counted counts registrations by name.
type counted map[string]int

func (c counted) RegisterActivityWithOptions(a any, options activity.RegisterOptions) {
	c[options.Name]++
	if reflect.TypeOf(a).Kind() != reflect.Func {
		panic(options.Name + " is no function")
	}
}

// ADR 34: each activity of the contract is registered exactly once, and nothing else is.
func TestEveryActivityOfTheContractIsRegisteredOnce(t *testing.T) {
	t.Parallel()
	names, registered := activityNames(t), counted{}
	if len(names) < 13 {
		t.Fatalf("found only the activities %q in package contract", names)
	}
	registerFlows(registered, Activities{})
	registerSenders(registered, Activities{})
	registerMedia(registered, Activities{})
	for _, name := range names {
		if registered[name] != 1 {
			t.Errorf("%s is registered %d times, want once", name, registered[name])
		}
		delete(registered, name)
	}
	for name := range registered {
		t.Errorf("%s is registered, and package contract does not name it", name)
	}
}
