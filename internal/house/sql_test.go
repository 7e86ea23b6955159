package house_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

var (
	// verb is what every statement has. Texts without one may write $1 for something else, as replacements do.
	verb = regexp.MustCompile(`\b(SELECT|INSERT INTO|UPDATE|DELETE FROM|WHERE|VALUES)\b`)
	// byPlace is an argument known by its place. A reader has to count to know what it is.
	byPlace = regexp.MustCompile(`\$[0-9]+`)
	// byName is an argument known by its name. Not one of the operators @> and @@.
	byName = regexp.MustCompile(`(?:^|[^@\w])@([a-z_][a-z0-9_]*)`)
	// inQuotes is a text inside a statement.
	inQuotes = regexp.MustCompile(`'[^']*'`)
)

// positional may say $1, each for a reason. devstack is a module of its own, and reads one name.
var positional = map[string]int{"devstack/internal/postgres/cluster.go": 1}

// A statement names its arguments, in every program of ours. Tests write short ones by place.
func TestStatementsNameTheirArguments(t *testing.T) {
	t.Parallel()
	found := map[string]int{}
	named := 0
	sources(t, func(path string, _ []byte) {
		if !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") || strings.HasPrefix(path, "store/storetest/") {
			return
		}
		for _, s := range stringsOf(t, path) {
			if !verb.MatchString(s) {
				continue
			}
			if byPlace.MatchString(s) {
				if found[path]++; found[path] > positional[path] {
					t.Errorf("%s: %.80q: name the arguments with pgx.NamedArgs", path, strings.TrimSpace(s))
				}
			}
			if byName.MatchString(s) {
				named++
			}
		}
	})
	for path, n := range positional {
		if found[path] != n {
			t.Errorf("%s has %d statements with arguments by place, the list says %d", path, found[path], n)
		}
	}
	if named < 400 {
		t.Errorf("only %d statements with named arguments were found, so the test is blind", named)
	}
}

// pgx takes an argument without a value for NULL, so a name written wrongly would go unnoticed.
func TestStatementsGetTheArgumentsTheyName(t *testing.T) {
	t.Parallel()
	compared := 0
	sources(t, func(path string, _ []byte) {
		if !strings.HasSuffix(path, ".go") {
			return
		}
		parsed, err := parser.ParseFile(token.NewFileSet(), filepath.Join(root, path), nil, parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(parsed, func(n ast.Node) bool {
			call, ok := n.(*ast.CallExpr)
			if !ok || len(call.Args) < 2 || !runs[calledName(call)] {
				return true
			}
			keys, ok := keysOf(call.Args[len(call.Args)-1])
			if !ok {
				return true
			}
			sql, whole := literal(call.Args[len(call.Args)-2])
			if sql == "" {
				return true
			}
			compared++
			sql = inQuotes.ReplaceAllString(sql, "''")
			names := map[string]bool{}
			for _, m := range byName.FindAllStringSubmatch(sql, -1) {
				if names[m[1]] = true; !keys[m[1]] {
					t.Errorf("%s: %.80q names @%s, which it is not given", path, strings.TrimSpace(sql), m[1])
				}
			}
			for key := range keys {
				if whole && !names[key] {
					t.Errorf("%s: %.80q is given %s, which it does not name", path, strings.TrimSpace(sql), key)
				}
			}
			return true
		})
	})
	if compared < 300 {
		t.Errorf("only %d statements were compared, so the test is blind", compared)
	}
}

// runs are the functions that get a statement and then its arguments.
var runs = map[string]bool{"Query": true, "QueryRow": true, "Exec": true, "Queue": true, "exec": true, "one": true, "list": true, "scanPrincipal": true}

// calledName is the last word of the function that a call names.
func calledName(call *ast.CallExpr) string {
	fun := call.Fun
	if generic, ok := fun.(*ast.IndexExpr); ok {
		fun = generic.X
	}
	switch f := fun.(type) {
	case *ast.Ident:
		return f.Name
	case *ast.SelectorExpr:
		return f.Sel.Name
	}
	return ""
}

// keysOf are the names of a pgx.NamedArgs that is written out.
func keysOf(e ast.Expr) (map[string]bool, bool) {
	lit, ok := e.(*ast.CompositeLit)
	if !ok {
		return nil, false
	}
	if kind, ok := lit.Type.(*ast.SelectorExpr); !ok || kind.Sel.Name != "NamedArgs" {
		return nil, false
	}
	keys := map[string]bool{}
	for _, e := range lit.Elts {
		if pair, ok := e.(*ast.KeyValueExpr); ok {
			if key, ok := pair.Key.(*ast.BasicLit); ok {
				name, _ := strconv.Unquote(key.Value)
				keys[name] = true
			}
		}
	}
	return keys, true
}

// literal is the text of an expression as far as it is written there, and whether that is all of it.
func literal(e ast.Expr) (text string, whole bool) {
	switch x := e.(type) {
	case *ast.BasicLit:
		s, err := strconv.Unquote(x.Value)
		return s, err == nil
	case *ast.BinaryExpr:
		left, all := literal(x.X)
		right, too := literal(x.Y)
		return left + " " + right, all && too
	}
	return "", false
}
