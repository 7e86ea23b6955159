package house_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// table is the list of the product's rules: code, rule, state, what shows it, what is missing.
const table = "docs/rules.tsv"

// families are the kinds of codes and how many of each there are. D, N and rules have leading zeros.
var families = []struct {
	format string
	last   int
}{
	{"%03d", 264}, // rules of the product
	{"T%d", 8},    // triggers of flows
	{"N%02d", 22}, // kinds of nodes
	{"D%02d", 24}, // what durable execution adds
	{"Z%d", 35},   // ambiguities that were settled
	{"S%d", 25},   // security goals
}

// checkTable returns a sentence for each mistake of a table of rules. missing says what is wrong with a reference to a
// test, or returns nothing.
func checkTable(text string, missing func(reference string) string) []string {
	var problems []string
	listed := map[string]int{}
	for i, line := range strings.Split(strings.TrimSuffix(text, "\n"), "\n") {
		if i == 0 {
			continue // the names of the columns
		}
		at := fmt.Sprintf("%s:%d", table, i+1)
		cells := strings.Split(line, "\t")
		if len(cells) != 5 {
			problems = append(problems, fmt.Sprintf("%s has %d columns; it needs 5: code, rule, state, shown by, missing", at, len(cells)))
			continue
		}
		code, state, open := cells[0], cells[2], cells[4]
		if listed[code] > 0 {
			problems = append(problems, fmt.Sprintf("%s lists %s again; line %d has it", at, code, listed[code]))
		}
		listed[code] = i + 1
		if size := len([]rune(cells[1])); size == 0 || size > 120 {
			problems = append(problems, fmt.Sprintf("%s says %s in %d characters; one line of at most 120 is enough", at, code, size))
		}
		problems = append(problems, checkState(at, code, state, cells[3], open, missing)...)
	}
	for _, f := range families {
		for n := 1; n <= f.last; n++ {
			code := fmt.Sprintf(f.format, n)
			if listed[code] == 0 {
				problems = append(problems, fmt.Sprintf("%s does not list %s", table, code))
			}
			delete(listed, code)
		}
	}
	for code, line := range listed {
		problems = append(problems, fmt.Sprintf("%s:%d lists %q, which is no code", table, line, code))
	}
	return problems
}

// checkState checks one row: a rule that works names a test, one that works partly also says what is missing.
func checkState(at, code, state, shown, open string, missing func(string) string) []string {
	var problems []string
	say := func(format string, args ...any) { problems = append(problems, at+" "+fmt.Sprintf(format, args...)) }
	tests := 0
	for reference := range strings.SplitSeq(shown, "; ") {
		if reference == "" {
			continue
		}
		if why := missing(reference); why != "" {
			say("names %q: %s", reference, why)
		}
		if !strings.HasPrefix(reference, "screen: ") {
			tests++
		}
	}
	switch {
	case !slices.Contains([]string{"works", "partly", "absent"}, state):
		say("gives %s the state %q; the states are works, partly and absent", code, state)
	case state == "works" && tests == 0:
		say("says that %s works, and names no test that shows it", code)
	case state == "works" && open != "":
		say("says that %s works, and that something is missing", code)
	case state == "partly" && (shown == "" || open == ""):
		say("says that %s works partly; it needs what shows that, and what is missing", code)
	case state == "absent" && shown != "":
		say("says that %s is absent, and names what shows it", code)
	}
	return problems
}

var goTest = regexp.MustCompile(`^([a-z0-9/-]+)\.((?:Test|Fuzz)\w+)$`)

// missingTest says why a reference of the table leads to nothing, and where its test has gone.
func missingTest(t *testing.T) func(string) string {
	t.Helper()
	tests := goTests(t)
	return func(reference string) string {
		kind, rest, _ := strings.Cut(reference, ": ")
		file, title, _ := strings.Cut(rest, " > ")
		switch m := goTest.FindStringSubmatch(reference); {
		case m != nil && slices.Contains(tests[m[2]], m[1]):
			return ""
		case m != nil && len(tests[m[2]]) > 0:
			return "it is in " + strings.Join(tests[m[2]], " and ") + " now"
		case m != nil:
			return "there is no such test"
		case kind == "screen":
			return contains(t, "web/src/"+rest, "")
		case kind == "web":
			return contains(t, webTest(t, file), "'"+title+"'", "`"+title+"`", `"`+title+`"`)
		case kind == "e2e":
			return contains(t, "e2e/tests/"+file+".test.mjs", "'"+title+"'")
		case kind == "api case":
			return contains(t, "api/testdata/cases/"+file+".json", `"name": `+quoted(t, title))
		case kind == "flow case":
			return contains(t, "flow/testdata/kinds/"+file+".json", `"name": `+quoted(t, title))
		}
		return `it is no test: write room.TestName, or "web: file > title", "e2e: story > title", "api case: file > name", "flow case: kind > name", "screen: file"`
	}
}

// goTests lists the rooms of each Go test by its name.
func goTests(t *testing.T) map[string][]string {
	t.Helper()
	rooms := map[string][]string{}
	function := regexp.MustCompile(`(?m)^func ((?:Test|Fuzz)\w+)\(`)
	sources(t, func(path string, text []byte) {
		if !strings.HasSuffix(path, "_test.go") {
			return
		}
		for _, m := range function.FindAllSubmatch(text, -1) {
			rooms[string(m[1])] = append(rooms[string(m[1])], filepath.ToSlash(filepath.Dir(path)))
		}
	})
	return rooms
}

// webTest returns the path of a test file of the console by its name; a name without a file gives a path without one.
func webTest(t *testing.T, name string) string {
	t.Helper()
	found := "web/src/" + name
	sources(t, func(path string, _ []byte) {
		if strings.HasPrefix(path, "web/src/") && filepath.Base(path) == name {
			found = path
		}
	})
	return found
}

// contains says why a file has none of these texts.
func contains(t *testing.T, path string, texts ...string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(root, path))
	if err != nil {
		return "there is no file " + path
	}
	if !slices.ContainsFunc(texts, func(s string) bool { return bytes.Contains(text, []byte(s)) }) {
		return path + " has no such title"
	}
	return ""
}

func quoted(t *testing.T, s string) string {
	t.Helper()
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(s); err != nil {
		t.Fatal(err)
	}
	return strings.TrimSpace(b.String())
}

// Every rule stands in the table once, and what is said to show it exists.
func TestTheRulesTableIsWhole(t *testing.T) {
	t.Parallel()
	for _, problem := range checkTable(read(t, filepath.Join(root, table)), missingTest(t)) {
		t.Error(problem)
	}
}

// The check of the table can fail, with a sentence for each mistake.
func TestTheRulesTableIsChecked(t *testing.T) {
	t.Parallel()
	missing := missingTest(t)
	for row, want := range map[string]string{
		"001\tOne\tworks\tstore.TestNoReplyCounter":                      "has 4 columns",
		"001\tOne\tdone\tstore.TestNoReplyCounter\t":                     `the state "done"`,
		"001\tOne\tworks\t\t":                                            "names no test that shows it",
		"001\tOne\tworks\tscreen: app/shell.tsx\t":                       "names no test that shows it",
		"001\tOne\tworks\tstore.TestNoReplyCounter\thalf":                "and that something is missing",
		"001\tOne\tpartly\tstore.TestNoReplyCounter\t":                   "and what is missing",
		"001\tOne\tabsent\tstore.TestNoReplyCounter\t":                   "is absent, and names what shows it",
		"001\tOne\tworks\tmodels.TestNoReplyCounter\t":                   "it is in store now",
		"001\tOne\tworks\tstore.TestThereIsNone\t":                       "there is no such test",
		"001\tOne\tworks\tweb: clocks.test.ts > is not there\t":          "has no such title",
		"001\tOne\tworks\tweb: none.test.ts > is not there\t":            "there is no file web/src/none.test.ts",
		"001\tOne\tworks\tapi case: connections > is not there\t":        "has no such title",
		"001\tOne\tworks\tsomebody looked\t":                             "it is no test",
		"001\t" + strings.Repeat("x", 121) + "\tabsent\t\t":              "in 121 characters",
		"900\tOne\tabsent\t\t":                                           `"900", which is no code`,
		"001\tOne\tabsent\t\t\n" + "001\tOne again\tabsent\t\t":          "lists 001 again; line 2 has it",
		"002\tTwo\tabsent\t\t":                                           "does not list 001",
		"001\tOne\tworks\tstore.TestNoReplyCounter\t\nS1\tS\tabsent\t\t": "does not list S2",
		"001\tOne\tworks\tflow case: menu > a tap on no button\t":        "has no such title",
		"001\tOne\tworks\te2e: console > is not there\t":                 "has no such title",
	} {
		got := strings.Join(checkTable("code\trule\tstate\tshown by\tmissing\n"+row+"\n", missing), "\n")
		if !strings.Contains(got, want) {
			t.Errorf("the row %q was not found wrong with %q, but with\n%s", row, want, strings.Join(strings.SplitN(got, "\n", 4), "\n"))
		}
	}
}
