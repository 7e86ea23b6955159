package flow

import (
	"encoding/json"
	"errors"
	"fmt"
	"regexp/syntax"
	"runtime"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// allocated is how many bytes a piece of work makes.
func allocated(work func()) uint64 {
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	work()
	runtime.ReadMemStats(&after)
	return after.TotalAlloc - before.TotalAlloc
}

// TestPatternSizeIsNoLess: what is counted in the tree is at least what the program has, so the bound holds for the program.
func TestPatternSizeIsNoLess(t *testing.T) {
	pieces := []string{
		"a", "ab", "é", ".", "[a-z]", `\pL`, `\d`, "^", "$", `\b`, "(", "(?:", ")", "|", "*", "+", "?", "{2}", "{0,3}", "{3,}", "{0}", "{7,9}", "*?", "(?i)", "(?s)", "",
	}
	rapid.Check(t, func(rt *rapid.T) {
		source := strings.Join(rapid.SliceOfN(rapid.SampledFrom(pieces), 1, 20).Draw(rt, "pieces"), "")
		tree, err := syntax.Parse(source, syntax.Perl)
		if err != nil {
			return
		}
		size := patternSize(tree)
		if size > 100_000 {
			return
		}
		prog, err := syntax.Compile(tree.Simplify())
		if err != nil {
			rt.Fatal(err)
		}
		if size < len(prog.Inst) {
			rt.Fatalf("%q has %d instructions and counts as %d", source, len(prog.Inst), size)
		}
	})
}

// TestPatternsThatGrow: a pattern of few characters that stands for a large program is refused before the program is made,
// and so are many that are large together; what people write is not.
func TestPatternsThatGrow(t *testing.T) {
	var own *textError
	for _, source := range []string{
		"(?:a?){1000}", "(?:abc){400}", "((a?){30}){30}b", strings.Repeat("(?:a?){1000}", 41), "(a|b|c){1000}", `(\pL\pN?){600}`, ".{1000}",
	} {
		var err error
		made := allocated(func() { _, _, err = newPattern(source, "") })
		if !errors.As(err, &own) || own.code != "pattern_too_large" {
			t.Errorf("%.40s: error %v, want pattern_too_large", source, err)
		}
		if made > 1<<20 {
			t.Errorf("%.40s: %d bytes were made to refuse it", source, made)
		}
	}
	for _, source := range []string{
		`^[\pL ]{2,60}$`, `^[a-z0-9._%+-]{1,64}@[a-z0-9.-]{1,255}\.[a-z]{2,10}$`, `^\d{5}-?\d{3}$`, `(?i)\b(boleto|segunda via|2a via|fatura)\b`, `^(?:\+?55)?\s?\(?\d{2}\)?\s?9?\d{4}-?\d{4}$`,
	} {
		if _, size, err := newPattern(source, "(?i)"); err != nil {
			t.Errorf("%s (%d): %v", source, size, err)
		}
	}
}

// TestLintOfPatternBombs: 400 words that each are 421 characters and 35,000 instructions, in one document of 181 KB: it is
// refused with a problem that says where, and costs what the document does.
func TestLintOfPatternBombs(t *testing.T) {
	word := func(i int) string { return fmt.Sprintf("%s%013d", strings.Repeat("(?:a?){1000}", 34), i) }
	var triggers, rules []any
	for i := range 4 {
		var words []string
		for j := range 100 {
			words = append(words, word(i*100+j))
		}
		triggers = append(triggers, obj{"id": fmt.Sprintf("t%d", i), "kind": "keyword", "settings": obj{"match": "regex", "words": words}})
	}
	for i := range 50 {
		rules = append(rules, obj{"expression": "contact.name matches '" + word(400+i) + "'"}, obj{"variable": "contact.name", "op": "matches", "value": word(500 + i)})
	}
	for name, doc := range map[string]obj{
		"triggers": {"nodes": []any{obj{"id": "a", "kind": "end"}}, "triggers": triggers},
		"rules":    {"nodes": []any{obj{"id": "a", "kind": "condition", "settings": obj{"rules": rules[:50]}}, obj{"id": "b", "kind": "condition", "settings": obj{"rules": rules[50:]}}}},
	} {
		doc["spec_version"], doc["name"], doc["category"], doc["start"] = 1, "x", "initial", "a"
		raw, err := json.Marshal(doc)
		if err != nil {
			t.Fatal(err)
		}
		var problems []Problem
		made := allocated(func() { problems = Lint(raw, nil) })
		told := 0
		for _, p := range problems {
			if strings.HasPrefix(string(p.Code), "pattern") {
				told++
			}
		}
		if told == 0 || told > 30 {
			t.Errorf("%s: %d problems tell of patterns", name, told)
		}
		if made > 64<<20 {
			t.Errorf("%s: %d KB of document made %d MB", name, len(raw)>>10, made>>20)
		}
		if _, err := Load(raw); err == nil {
			t.Errorf("%s: it may run", name)
		}
	}
}

// TestMatchingIsPaidFor: every place that matches a regular expression pays the text times the program from the step's budget.
func TestMatchingIsPaidFor(t *testing.T) {
	text := strings.Repeat("a", 4095)
	names := newScope(map[string]VariableSpec{"s": {Name: "s", Type: TypeText}})
	c := &compiler{}
	p, err := c.makePattern("(?:a?){300}b", "")
	if err != nil {
		t.Fatal(err)
	}
	want := len(text) * p.size / patternSteps
	e, err := compileExpression(c, "s matches '(?:a?){300}b'", names, true)
	if err != nil {
		t.Fatal(err)
	}
	q := &QuestionRules{Type: AnswerText, pattern: p}
	for name, match := range map[string]func(r *run){
		"expression": func(r *run) { r.holds(e) },
		"question":   func(r *run) { q.readText(r, text) },
		"rule":       func(r *run) { (&Rule{Op: OpMatches, path: []string{"s"}, re: p}).holds(r) },
		"case":       func(r *run) { (&Case{Op: OpMatches, re: []*pattern{p}}).fits(r, text) },
	} {
		r := testRun(t, map[string]any{"s": text})
		match(r)
		if r.worked < want || r.worked > want+20 {
			t.Errorf("%s: works %d, want about %d", name, r.worked, want)
		}
		r = testRun(t, map[string]any{"s": text})
		r.lim.StepWork = want / 2
		if made := allocated(func() { match(r) }); r.over != ReasonStepLimit || made > 1<<20 {
			t.Errorf("%s: a step that cannot pay goes on (%q, %d bytes)", name, r.over, made)
		}
	}
	r := testRun(t, map[string]any{})
	if v, ok := r.eval(e); v != false || !ok {
		t.Errorf("what is missing matches: %v, %v", v, ok)
	}
	for _, source := range []string{"s matches s", "s matches ('a' + 'b')", "s matches '('", "s matches '(?:a?){1000}'", "any(contact.labels, # matches s)"} {
		if _, err := compileExpression(&compiler{}, source, names, true); err == nil {
			t.Errorf("%s is accepted", source)
		}
	}
	if e, err = compileExpression(&compiler{}, "any(contact.labels, # matches '^v') && not (s matches 'b')", names, true); err != nil || !r.holds(e) {
		t.Errorf("a pattern in a loop: %v", err)
	}
}

// TestComparisonsArePaidFor: lists are compared item by item, and each item pays for both sides.
func TestComparisonsArePaidFor(t *testing.T) {
	list, text := make([]any, 5000), strings.Repeat("á", 15<<10)
	for i := range list {
		list[i] = "x"
	}
	for _, op := range []Operator{OpIn, OpContains} {
		r := testRun(t, nil)
		left, right := any(text), []any{list}
		if op == OpContains {
			left, right = list, []any{text}
		}
		if r.compares(comparison{op: op}, left, right); r.over != ReasonStepLimit {
			t.Errorf("%s works %d", op, r.worked)
		}
	}
	names := newScope(map[string]VariableSpec{"l": {Name: "l", Type: TypeList}, "s": {Name: "s", Type: TypeText}})
	for source, paid := range map[string]bool{"any(l, s + # == '')": false, "any(l, # in l)": false, "any(split(s, ''), s == #)": false, "any(l, # == 'y')": true, "len(s) > 3": true} {
		e, err := compileExpression(&compiler{}, source, names, true)
		if err != nil {
			t.Fatal(err)
		}
		r := testRun(t, map[string]any{"l": list, "s": text})
		if r.holds(e); (r.over == "") != paid {
			t.Errorf("%s works %d (%s)", source, r.worked, r.over)
		}
	}
}

// TestTriggersReadLittle: one message pays for the patterns of all flows from one budget, reads the beginning of its text only,
// and what was looked for before is not looked for again.
func TestTriggersReadLittle(t *testing.T) {
	graph := func(id string, words ...string) *Graph {
		raw, err := json.Marshal(obj{"spec_version": 1, "id": id, "name": id, "category": "initial", "start": "a", "nodes": []any{obj{"id": "a", "kind": "end"}},
			"triggers": []any{obj{"id": "k", "kind": "keyword", "settings": obj{"match": "regex", "words": words}}}})
		if err != nil {
			t.Fatal(err)
		}
		g, err := Load(raw)
		if err != nil {
			t.Fatal(err)
		}
		return g
	}
	heavy := make([]string, 20)
	for i := range heavy {
		heavy[i] = fmt.Sprintf("(?:a?){300}b%d", i)
	}
	message := Inbound{Seq: 1, Kind: InboundText, Text: strings.Repeat("a", 4095), At: time.Date(2026, 11, 20, 13, 0, 0, 0, time.UTC)}
	candidates := []Candidate{{Graph: graph("1", heavy...)}, {Graph: graph("2", "^a+$")}, {Graph: graph("3", "a")}}

	hits := FindPatterns(candidates, message, nil)
	if hits == nil || !hits.Over {
		t.Fatalf("20 heavy patterns cost less than a message may: %+v", hits)
	}
	if _, ok := FindTrigger(candidates, message, Facts{}, nil); ok {
		t.Error("a pattern that nobody paid for matches")
	}
	if m, ok := FindTrigger(candidates[1:], message, Facts{}, nil); !ok || m.Graph.ID() != "2" || len(m.By.Keyword) != triggerPattern {
		t.Errorf("light patterns: %v, %d bytes read", ok, len(m.By.Keyword))
	}
	light := FindPatterns(candidates[1:], message, nil)
	other := Inbound{Seq: 1, Kind: InboundText, Text: "nada", At: message.At}
	if m, ok := FindTrigger(candidates[1:], other, Facts{Hits: light}, nil); !ok || m.Graph.ID() != "2" {
		t.Error("what was found before is looked for again")
	}
	plain, err := Load(menuFlow(1))
	if err != nil {
		t.Fatal(err)
	}
	if FindPatterns([]Candidate{{Graph: plain}, {}}, message, nil) != nil {
		t.Error("flows without patterns have hits")
	}
}
