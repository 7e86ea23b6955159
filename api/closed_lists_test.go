package api

import (
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"testing"
)

const module = "github.com/perene/perene/"

// TestClosedListsAreTheirConstants: a list that the contract closes has each constant of its type, and nothing else. The same
// holds for the enum tags of fields whose type has constants.
func TestClosedListsAreTheirConstants(t *testing.T) {
	t.Parallel()
	for of, list := range closedLists {
		want := constantsOf(t, of)
		got := slices.Sorted(slices.Values(list.values))
		if !slices.Equal(got, want) {
			t.Errorf("%s: the list is %q, the constants are %q", of, got, want)
		}
	}
	seen := map[reflect.Type]bool{}
	for _, of := range []any{Account{}, Connection{}, ConnectionRef{}, ConnectionHold{}, Contact{}, Conversation{}, LastMessage{}, Flow{}, FlowProblem{},
		FlowRun{}, Media{}, Message{}, Me{}, MeUser{}, User{}} {
		for field := range fieldsOf(reflect.TypeOf(of)) {
			tag, named := field.Tag.Get("enum"), field.Type
			if tag == "" || !strings.HasPrefix(named.PkgPath(), module) {
				continue
			}
			seen[named] = true
			got := slices.Sorted(slices.Values(strings.Split(tag, ",")))
			if want := constantsOf(t, named); !slices.Equal(got, want) {
				t.Errorf("%T.%s: the tag has %q, the constants of %s are %q", of, field.Name, got, named, want)
			}
		}
	}
	if len(seen) < 8 {
		t.Errorf("only %d types have enum tags: the test looks at the wrong structs", len(seen))
	}
}

// fieldsOf walks the fields of a struct.
func fieldsOf(of reflect.Type) func(yield func(reflect.StructField) bool) {
	return func(yield func(reflect.StructField) bool) {
		for f := range of.Fields() {
			if !yield(f) {
				return
			}
		}
	}
}

// constantsOf reads the sorted constants of a type of text from the source of its package.
func constantsOf(t *testing.T, of reflect.Type) []string {
	t.Helper()
	files, err := filepath.Glob(filepath.Join("..", strings.TrimPrefix(of.PkgPath(), module), "*.go"))
	if err != nil || len(files) == 0 {
		t.Fatalf("sources of %s: %d files, %v", of, len(files), err)
	}
	var values []string
	for _, name := range files {
		file, err := parser.ParseFile(token.NewFileSet(), name, nil, parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(file, func(n ast.Node) bool {
			spec, ok := n.(*ast.ValueSpec)
			if !ok {
				return true
			}
			if id, ok := spec.Type.(*ast.Ident); !ok || id.Name != of.Name() {
				return true
			}
			for _, v := range spec.Values {
				if lit, ok := v.(*ast.BasicLit); ok && lit.Kind == token.STRING {
					value, err := strconv.Unquote(lit.Value)
					if err != nil {
						t.Fatal(err)
					}
					values = append(values, value)
				}
			}
			return true
		})
	}
	slices.Sort(values)
	return values
}
