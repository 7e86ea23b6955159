package terminal

import (
	"encoding/json"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/perene/perene/flow"
)

// LintResult is what the linter says about one file; its "ok" and "problems" are those of POST /v1/flows/lint.
type LintResult struct {
	File     string         `json:"file"`
	OK       bool           `json:"ok"`
	Problems []flow.Problem `json:"problems"`
}

// LintFiles checks documents. Of the account only that is known which the world names: the file given, else the world.yaml
// beside each flow. The files know each other: a jump or a sub-flow finds its flow by id or name among them, and a keyword
// that an earlier file takes is told. The error is of a file that cannot be read.
func LintFiles(files []string, world string) ([]LintResult, error) {
	docs := make([][]byte, len(files))
	graphs := make([]*flow.Graph, len(files))
	for i, name := range files {
		raw, err := os.ReadFile(name)
		if err != nil {
			return nil, err
		}
		docs[i] = raw
		if g, err := flow.Load(raw); err == nil { // what is wrong with it the linter tells
			graphs[i] = g
		}
	}
	out := make([]LintResult, len(files))
	taken := map[string]string{}
	for i, doc := range docs {
		w, err := ReadWorld(files[i], world)
		if err != nil {
			return nil, err
		}
		env := w.LintEnv()
		env.Keywords = taken
		if len(files) > 1 {
			env.Flow = func(id string) (*flow.Graph, bool) { return find(graphs, id) }
		}
		out[i] = LintResult{File: files[i], OK: true, Problems: flow.Lint(doc, &env)}
		for _, p := range out[i].Problems {
			out[i].OK = out[i].OK && p.Severity != flow.SeverityError
		}
		if out[i].Problems == nil {
			out[i].Problems = []flow.Problem{}
		}
		if graphs[i] != nil {
			for _, k := range graphs[i].Keywords() {
				taken[k] = graphs[i].Name()
			}
		}
	}
	return out, nil
}

func find(graphs []*flow.Graph, id string) (*flow.Graph, bool) {
	for _, g := range graphs {
		if g != nil && (g.ID() == id || strings.EqualFold(g.Name(), id)) {
			return g, true
		}
	}
	return nil, false
}

// WriteLintJSON writes one JSON object a file, each on lines of its own.
func WriteLintJSON(w io.Writer, results []LintResult) error {
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	for _, r := range results {
		if err := enc.Encode(r); err != nil {
			return err
		}
	}
	return nil
}

// WriteLint writes problems for people, one a line: file, pointer, severity, text and code. It ends with a line that counts.
func WriteLint(w io.Writer, results []LintResult, language string, color bool) error {
	paint := painter(color)
	count := map[flow.Severity]int{}
	for _, r := range results {
		for _, p := range r.Problems {
			count[p.Severity]++
			at := p.Pointer
			if at == "" {
				at = "/"
			}
			if _, err := fmt.Fprintf(w, "%s: %s: %s: %s %s\n", r.File, at, paint(severityColor[p.Severity], severityWord(p.Severity, language)), p.In(language),
				paint(dim, "("+string(p.Code)+")")); err != nil {
				return err
			}
		}
	}
	line := "%d arquivo(s): %d erro(s), %d aviso(s), %d dica(s)\n"
	if english(language) {
		line = "%d file(s): %d error(s), %d warning(s), %d hint(s)\n"
	}
	_, err := fmt.Fprintf(w, line, len(results), count[flow.SeverityError], count[flow.SeverityWarning], count[flow.SeverityHint])
	return err
}

// Worst counts the problems of the severities that fail a check: errors, and with strict warnings too.
func Worst(results []LintResult, strict bool) int {
	n := 0
	for _, r := range results {
		for _, p := range r.Problems {
			if p.Severity == flow.SeverityError || (strict && p.Severity == flow.SeverityWarning) {
				n++
			}
		}
	}
	return n
}

func english(language string) bool { return strings.HasPrefix(language, "en") }

func severityWord(s flow.Severity, language string) string {
	if english(language) {
		return string(s)
	}
	return map[flow.Severity]string{flow.SeverityError: "erro", flow.SeverityWarning: "aviso", flow.SeverityHint: "dica"}[s]
}
