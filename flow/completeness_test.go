package flow

import (
	"encoding/json"
	"flag"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"strings"
	"testing"
)

// TestMain runs a thousand random cases of each property instead of rapid's hundred, unless told otherwise.
func TestMain(m *testing.M) {
	flag.Parse()
	if f := flag.Lookup("rapid.checks"); f != nil && f.Value.String() == f.DefValue && !testing.Short() {
		if err := f.Value.Set("1000"); err != nil {
			panic(err)
		}
	}
	os.Exit(m.Run())
}

// source is the package's own code, for what reflection cannot see.
func source(t *testing.T) map[string]*ast.File {
	t.Helper()
	files := map[string]*ast.File{}
	names, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range names {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		f, err := parser.ParseFile(token.NewFileSet(), name, nil, parser.ParseComments)
		if err != nil {
			t.Fatal(err)
		}
		files[name] = f
	}
	return files
}

// typeDoc finds the doc comment of a type; ok is false when there is no such type in the file.
func typeDoc(f *ast.File, name string) (doc string, ok bool) {
	for _, d := range f.Decls {
		g, isGen := d.(*ast.GenDecl)
		if !isGen || g.Tok != token.TYPE {
			continue
		}
		for _, s := range g.Specs {
			if ts := s.(*ast.TypeSpec); ts.Name.Name == name {
				return g.Doc.Text() + ts.Doc.Text(), true
			}
		}
	}
	return "", false
}

// hasMethod reports whether a type declares a method itself, somewhere in the package.
func hasMethod(files map[string]*ast.File, typ, method string) bool {
	for _, f := range files {
		for _, d := range f.Decls {
			fn, ok := d.(*ast.FuncDecl)
			if !ok || fn.Recv == nil || fn.Name.Name != method {
				continue
			}
			star, ok := fn.Recv.List[0].Type.(*ast.StarExpr)
			if !ok {
				continue
			}
			if id, ok := star.X.(*ast.Ident); ok && id.Name == typ {
				return true
			}
		}
	}
	return false
}

var wordPattern = regexp.MustCompile(`^[a-z][a-z0-9_]*$`)

// TestKindsAreComplete demands of every kind: a file of its name with a documented settings struct, a golden file that
// runs it, words in both languages, a description of every setting, and lint of its own.
func TestKindsAreComplete(t *testing.T) {
	files := source(t)
	named := map[string]bool{}
	for _, k := range Kinds() {
		t.Run(k.Name, func(t *testing.T) {
			if !wordPattern.MatchString(k.Name) || named[k.Name] {
				t.Fatalf("name %q is no word or is taken", k.Name)
			}
			named[k.Name] = true
			for _, lang := range []string{"pt-BR", "en"} {
				if k.Label[lang] == "" || k.Doc[lang] == "" {
					t.Errorf("no label or description in %s", lang)
				}
				for _, need := range k.Needs {
					if need.Capability == "" || need.Fallback[lang] == "" {
						t.Errorf("the need of %q has no fallback in %s", need.Capability, lang)
					}
				}
			}
			typ := reflect.TypeOf(k.Settings()).Elem()
			f := files["kind_"+k.Name+".go"]
			if f == nil {
				t.Fatalf("there is no kind_%s.go", k.Name)
			}
			if doc, ok := typeDoc(f, typ.Name()); !ok || len(doc) < 40 {
				t.Errorf("kind_%s.go does not document %s", k.Name, typ.Name())
			}
			if !hasMethod(files, typ.Name(), "lint") {
				t.Errorf("%s has no lint of its own", typ.Name())
			}
			described(t, typ, k.Name, map[reflect.Type]bool{})
			if !goldenUses(t, k.Name) {
				t.Errorf("testdata/kinds/%s.json does not run the kind", k.Name)
			}
		})
	}
	for name := range files {
		if kind, ok := strings.CutPrefix(strings.TrimSuffix(name, ".go"), "kind_"); ok && !named[kind] {
			t.Errorf("%s belongs to no kind in the table", name)
		}
	}
}

// described checks that every setting has a name in snake_case and a description.
func described(t *testing.T, typ reflect.Type, at string, seen map[reflect.Type]bool) {
	t.Helper()
	for typ.Kind() == reflect.Pointer || typ.Kind() == reflect.Slice || typ.Kind() == reflect.Map {
		typ = typ.Elem()
	}
	if typ.Kind() != reflect.Struct || seen[typ] {
		return
	}
	seen[typ] = true
	for f := range typ.Fields() {
		if !f.IsExported() {
			continue
		}
		if f.Anonymous {
			described(t, f.Type, at, seen)
			continue
		}
		name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
		if !wordPattern.MatchString(name) {
			t.Errorf("%s: setting %q is not snake_case", at, name)
		}
		if f.Tag.Get("doc") == "" {
			t.Errorf("%s: setting %q has no description", at, name)
		}
		described(t, f.Type, at+"."+name, seen)
	}
}

// goldenUses reports whether the kind's golden file has a node of the kind that a conversation entered.
func goldenUses(t *testing.T, kind string) bool {
	t.Helper()
	raw, err := os.ReadFile(filepath.Join("testdata", "kinds", kind+".json"))
	if err != nil {
		return false
	}
	var g golden
	if err := json.Unmarshal(raw, &g); err != nil {
		t.Fatal(err)
	}
	var doc Document
	if err := json.Unmarshal(g.Doc, &doc); err != nil {
		t.Fatal(err)
	}
	entered := map[string]bool{}
	for _, c := range g.Cases {
		for _, s := range c.Steps {
			for _, line := range s.Trace {
				if f := strings.Fields(line); len(f) > 1 {
					entered[f[1]] = true
				}
			}
		}
	}
	for _, n := range doc.Nodes {
		if n.Kind == kind && entered[n.ID] {
			return true
		}
	}
	return false
}

// TestProblemsSpeakBothLanguages: every code has words in both languages with the same placeholders, and every code the
// source uses is known.
func TestProblemsSpeakBothLanguages(t *testing.T) {
	args := regexp.MustCompile(`\{\d\}`)
	for code, p := range problemTexts {
		if p.pt == "" || p.en == "" || p.severity == "" {
			t.Errorf("%s lacks words or a severity", code)
		}
		pt, en := map[string]bool{}, map[string]bool{}
		for _, a := range args.FindAllString(p.pt, -1) {
			pt[a] = true
		}
		for _, a := range args.FindAllString(p.en, -1) {
			en[a] = true
		}
		if !reflect.DeepEqual(pt, en) {
			t.Errorf("%s has other placeholders in each language", code)
		}
	}
	for name, f := range source(t) {
		ast.Inspect(f, func(n ast.Node) bool {
			call, ok := n.(*ast.CallExpr)
			if !ok || len(call.Args) == 0 {
				return true
			}
			sel, ok := call.Fun.(*ast.SelectorExpr)
			if !ok || sel.Sel.Name != "problem" {
				return true
			}
			if lit, ok := call.Args[0].(*ast.BasicLit); ok {
				if code := Code(strings.Trim(lit.Value, `"`)); problemTexts[code].en == "" {
					t.Errorf("%s: the code %s has no words", name, code)
				}
			}
			return true
		})
	}
	for key, w := range words {
		if w[0] == "" || w[1] == "" {
			t.Errorf("the text %s lacks a language", key)
		}
	}
}
