package house_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// portugueseFiles may hold sentences in Portuguese. Beside what customers read (flow/words.go) they are what designers read
// of a document, what contacts answer, and the labels of kinds of messages. What agents read of a conversation's course is
// the console's.
var portugueseFiles = []string{
	"flow/words.go", "flow/problems.go", "flow/problems_lint.go", "flow/problems_reasons.go", "flow/suggest.go", "flow/kind_*.go", "flow/validate.go", "flow/numbers.go",
	"flow/terminal/chat.go",
	"models/content_preview.go", "models/survey.go",
}

var (
	word = regexp.MustCompile(`\pL+`)
	// portugueseWords are words that a sentence in Portuguese has, and that English and code do not have.
	portugueseWords = strings.Fields(`não você está são já também até nenhum nenhuma fluxo contato atendimento atendente mensagem
		conversa fila conta resposta opção texto aqui deste desta para uma com que ou foi sem o um de na seu sua trocou número`)
)

// isPortuguese tells a sentence: at least three words, two of them Portuguese and not the same.
func isPortuguese(s string) bool {
	words := word.FindAllString(strings.ToLower(s), -1)
	known := slices.DeleteFunc(slices.Clone(words), func(w string) bool { return !slices.Contains(portugueseWords, w) })
	slices.Sort(known)
	return len(words) >= 3 && len(slices.Compact(known)) >= 2
}

func TestGoSpeaksNoPortugueseToAgents(t *testing.T) {
	t.Parallel()
	spoken := map[string]bool{}
	for _, file := range goFiles(t) {
		allowed := slices.ContainsFunc(portugueseFiles, func(pattern string) bool {
			ok, _ := filepath.Match(pattern, file)
			spoken[pattern] = spoken[pattern] || ok
			return ok
		})
		if allowed {
			continue
		}
		for _, s := range stringsOf(t, file) {
			if isPortuguese(s) {
				t.Errorf("%s says %q: give a code and values, and write the words in web/src/features", file, s)
			}
		}
	}
	for _, pattern := range portugueseFiles {
		if !spoken[pattern] {
			t.Errorf("there is no file %s: take it off the list", pattern)
		}
	}
}

func TestPortugueseIsTold(t *testing.T) {
	t.Parallel()
	for s, want := range map[string]bool{
		"O contato trocou de número ou de identificação no WhatsApp.":      true,
		"--- Fluxo de destino não encontrado, verifique o fluxo ---":       true,
		"--- Fluxo parado em \"{0}\": a saída não leva a lugar nenhum ---": true,
		"--- Mensagem template não enviada, verifique o fluxo ---":         true,
		"the conversation has no contact":                                  false,
		"SELECT count(*) FROM messages o":                                  false,
		"pt-BR":                                                            false,
	} {
		if isPortuguese(s) != want {
			t.Errorf("%q: Portuguese is %t, want %t", s, !want, want)
		}
	}
}

// goFiles are the program's files: no tests, no examples, and no rigs, whose contacts and flows speak Portuguese.
func goFiles(t *testing.T) []string {
	t.Helper()
	var files []string
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		name, err := filepath.Rel(root, path)
		if err != nil {
			return err
		}
		if d.IsDir() {
			if slices.Contains([]string{".git", "web", "node_modules", "testdata", "examples", "sim", "bench", "chaos", "devstack", "bin"}, d.Name()) {
				return filepath.SkipDir
			}
			return nil
		}
		if strings.HasSuffix(name, ".go") && !strings.HasSuffix(name, "_test.go") {
			files = append(files, name)
		}
		return nil
	})
	if err != nil || len(files) < 200 {
		t.Fatalf("%d files, %v", len(files), err)
	}
	return files
}

// stringsOf are the texts in a file's code. Its comments and its imports are none.
func stringsOf(t *testing.T, file string) []string {
	t.Helper()
	parsed, err := parser.ParseFile(token.NewFileSet(), filepath.Join(root, file), nil, parser.SkipObjectResolution)
	if err != nil {
		t.Fatal(err)
	}
	var texts []string
	ast.Inspect(parsed, func(n ast.Node) bool {
		if lit, ok := n.(*ast.BasicLit); ok && lit.Kind == token.STRING {
			s, err := strconv.Unquote(lit.Value)
			if err != nil {
				t.Fatal(err)
			}
			texts = append(texts, s)
		}
		return true
	})
	return texts
}
