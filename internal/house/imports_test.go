package house_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"os/exec"
	"path"
	"slices"
	"strings"
	"testing"

	"github.com/perene/perene/internal/house"
)

const module = "github.com/perene/perene"

// rule is the import rule.
var rule = house.Rule()

// fits says whether a package is meant by a pattern: itself, or with /... what is below as well.
func fits(pattern, pkg string) bool {
	if pattern == house.Anything {
		return true
	}
	if above, ok := strings.CutSuffix(pattern, "/..."); ok {
		return pkg == above || strings.HasPrefix(pkg, above+"/")
	}
	return pkg == pattern
}

// breaks tells what is wrong with the imports of one package of ours.
func breaks(pkg string, imports []string) []string {
	i := slices.IndexFunc(rule, func(r house.Room) bool { return fits(r.Name, pkg) })
	if i < 0 {
		return []string{pkg + " is in no room: give it a row in internal/house/rule.go"}
	}
	var wrong []string
	for _, imported := range imports {
		if ours, ok := strings.CutPrefix(imported, module+"/"); ok {
			if !slices.ContainsFunc(rule[i].May, func(p string) bool { return fits(p, ours) }) {
				wrong = append(wrong, pkg+" imports "+ours+"; it may import only "+strings.Join(rule[i].May, ", "))
			}
			continue
		}
		for _, never := range []map[string]string{rule[i].Never, house.Everywhere()} {
			for pattern, why := range never {
				if fits(pattern, imported) {
					wrong = append(wrong, pkg+" imports "+imported+": "+why)
				}
			}
		}
	}
	return wrong
}

// listed is a package as go list tells it.
type listed struct {
	ImportPath string
	Imports    []string
	Module     *struct{ Path string }
}

// list asks go list for the packages of the module at dir and all they need.
func list(t *testing.T, dir string) []listed {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), "go", "list", "-e", "-deps", "-json=ImportPath,Imports,Module", "./...")
	cmd.Dir = dir
	var problem bytes.Buffer
	cmd.Stderr = &problem
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("go list: %v: %s", err, problem.String())
	}
	var all []listed
	for decoder := json.NewDecoder(bytes.NewReader(out)); ; {
		var p listed
		if err := decoder.Decode(&p); errors.Is(err, io.EOF) {
			return all
		} else if err != nil {
			t.Fatal(err)
		}
		all = append(all, p)
	}
}

// House rule 1: arrows point one way.
func TestEveryRoomImportsOnlyWhatTheImportRuleAllows(t *testing.T) {
	t.Parallel()
	seen := 0
	for _, p := range list(t, "../..") {
		pkg, ours := strings.CutPrefix(p.ImportPath, module+"/")
		if !ours || p.Module == nil || p.Module.Path != module {
			continue
		}
		seen++
		for _, wrong := range breaks(pkg, p.Imports) {
			t.Error(wrong)
		}
	}
	if seen < 10 {
		t.Errorf("only %d packages of ours were looked at", seen)
	}
}

// devstack is a module of its own, which must build without the rest.
func TestDevstackImportsNothingOfOurs(t *testing.T) {
	t.Parallel()
	cmd := exec.CommandContext(t.Context(), "go", "list", "-f", `{{.ImportPath}}{{range .Imports}} {{.}}{{end}}{{range .TestImports}} {{.}}{{end}}`, "./...")
	cmd.Dir = "../../devstack"
	out, err := cmd.Output()
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(string(out), module+"/devstack/internal/stack") {
		t.Fatalf("devstack was not looked at: %s", out)
	}
	for line := range strings.Lines(string(out)) {
		for imported := range strings.FieldsSeq(line) {
			if strings.HasPrefix(imported, module) && !strings.HasPrefix(imported, module+"/devstack") {
				t.Errorf("devstack imports %s", imported)
			}
		}
	}
}

// The rule itself, on packages that do not exist.
func TestTheImportRuleFindsWhatItForbids(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		pkg, imported string
		wrong         bool
	}{
		{"flow", "strings", false},
		{"flow", module + "/models", true},
		{"flow", "go.temporal.io/sdk/workflow", true},
		{"flow/schema", "net/http", true},
		{"models", "crypto/rand", true},
		{"channels/whatsapp", module + "/channels/meta", false},
		{"channels/whatsapp", module + "/channels/telegram", true},
		{"channels/meta", module + "/channels/whatsapp", true},
		{"api", module + "/channels", false},
		{"api", module + "/channels/whatsapp", true},
		{"store", "net/http", true},
		{"workflows", module + "/store", true},
		{"workflows", module + "/activities", true},
		{"activities", module + "/workflows", true},
		{"api", module + "/workflows", true},
		{"store", module + "/contract", false},
		{"models", module + "/contract", true},
		{"contract", "go.temporal.io/sdk/temporal", true},
		{"activities", module + "/store", true},
		{"sender", module + "/store", true},
		{"sender", "go.temporal.io/sdk/activity", true},
		{"activities", module + "/channels/whatsapp", true},
		{"sim/graph", module + "/channels/meta", true},
		{"internal/phone", module + "/models", true},
		{"channels/meta", "go.temporal.io/sdk/temporal", true},
		{"api", "golang.org/x/exp/slices", true},
		{"attic", "strings", true},
	} {
		if got := breaks(c.pkg, []string{c.imported}); (len(got) > 0) != c.wrong {
			t.Errorf("%s imports %s: %v", c.pkg, c.imported, got)
		}
	}
	for _, r := range rule {
		if path.Clean(r.Name) != r.Name {
			t.Errorf("the row %q is written oddly", r.Name)
		}
	}
}

// docs/architecture.md has the table that `make generate` writes from the rule.
func TestTheTableOfRoomsIsTheRule(t *testing.T) {
	t.Parallel()
	_, rest, _ := strings.Cut(read(t, root+"/docs/architecture.md"), house.TableBegins)
	table, _, ended := strings.Cut(rest, house.TableEnds)
	if !ended || strings.TrimSpace(table) != strings.TrimSpace(house.Table()) {
		t.Error("docs/architecture.md has another table of rooms than the import rule: run `make generate`")
	}
}
