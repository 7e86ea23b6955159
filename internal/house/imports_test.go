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
)

const module = "github.com/perene/perene"

// room is a row of the import rule (docs/architecture.md): the rooms below the
// module that a room may import. "" stands for a package itself, without those below it.
type room struct {
	name string
	// may lists packages, or with /... all packages below.
	may []string
	// never lists what the room must not import from elsewhere, with the reason.
	never map[string]string
}

const anything = "..."

// pure is what the engine and the nouns stay away from.
var pure = map[string]string{
	"net":                "no I/O",
	"net/http":           "no I/O",
	"os":                 "no I/O",
	"os/exec":            "no I/O",
	"database/sql":       "no I/O",
	"log":                "what happened is returned, and callers log",
	"log/slog":           "what happened is returned, and callers log",
	"math/rand":          "chance is handed in",
	"math/rand/v2":       "chance is handed in",
	"crypto/rand":        "chance is handed in",
	"go.temporal.io/...": "the engine and the nouns know no Temporal",
	"gorm.io/...":        "rows are the store's",
}

// everywhere is what no room imports.
var everywhere = map[string]string{
	"github.com/pkg/errors": "use errors and fmt.Errorf with %w",
	"io/ioutil":             "use io and os",
	"golang.org/x/exp/...":  "use the standard library",
}

// adapter is what an adapter of a provider stays away from.
var adapter = map[string]string{
	"go.temporal.io/...": "retries are decided in activities and workflows", "gorm.io/...": "an adapter stores nothing",
}

// rule is the import rule. The first row whose name fits a package counts.
var rule = []room{
	{name: "cmd/...", may: []string{anything}},
	{name: "bench/...", may: []string{anything}}, // looks at the whole program from outside
	{name: "chaos/...", may: []string{anything}}, // the same
	{name: "sim/...", may: []string{"sim/..."}},
	{name: "api/...", may: []string{"api/...", "store", "channels", "contract", "flow", "models", "internal/..."}},
	{name: "worker", may: []string{"workflows", "activities", "contract", "models", "internal/..."}},
	// Rings the doorbells of the store at the workflows (ADR 2).
	{name: "ring", may: []string{"workflows", "contract", "models", "internal/..."}},
	// Makes an account match a file; the store's equal at the edge, as the API is.
	{name: "provision", may: []string{"store", "channels", "channels/meta", "contract", "flow", "models", "internal/..."}},
	// Looks at everything that the program needs, as the API and the worker would.
	{name: "doctor", may: []string{"store", "channels", "channels/meta", "workflows", "contract", "models", "internal/..."}},
	// Holds the demo account; its test walks the demo's flows.
	{name: "examples/...", may: []string{"flow"}},
	{name: "workflows", may: []string{"contract", "models"}, never: map[string]string{
		"net": "no I/O", "net/http": "no I/O", "os": "no I/O", "database/sql": "no I/O", "gorm.io/...": "rows are no payloads",
		"math/rand": "not deterministic", "math/rand/v2": "not deterministic", "crypto/rand": "not deterministic",
	}},
	{name: "sender", may: []string{"channels", "contract", "models", "internal/..."}, never: map[string]string{
		"gorm.io/...": "stores arrive as interfaces", "database/sql": "stores arrive as interfaces",
		"go.temporal.io/...": "activities run it; it knows no Temporal",
	}},
	{name: "activities", may: []string{"channels", "contract", "flow", "sender", "models", "internal/..."}, never: map[string]string{
		"gorm.io/...": "stores arrive as interfaces", "database/sql": "stores arrive as interfaces",
	}},
	{name: "channels/channeltest", may: []string{"channels", "models", "internal/..."}},
	{name: "channels/meta", may: []string{"channels", "models", "internal/..."}, never: adapter},
	{name: "channels", may: []string{"models", "internal/..."}, never: adapter},
	{name: "channels/...", may: []string{"channels", "channels/meta", "models", "internal/..."}, never: adapter},
	{name: "store/...", may: []string{"store/...", "contract", "flow", "models", "internal/..."}, never: map[string]string{
		"net/http": "no HTTP in the store", "go.temporal.io/...": "no Temporal in the store",
	}},
	// A flow in a terminal: reads files and prints, around the engine.
	{name: "flow/terminal", may: []string{"flow", "models"}},
	{name: "flow", never: pure},
	{name: "flow/...", may: []string{"flow"}, never: pure},
	{name: "contract", may: []string{"models"}, never: pure},
	{name: "models", never: pure},
	{name: "internal/...", may: []string{"internal/..."}},
	{name: "web", may: nil},
}

// fits says whether a package is meant by a pattern: itself, or with /... what is below as well.
func fits(pattern, pkg string) bool {
	if pattern == anything {
		return true
	}
	if above, ok := strings.CutSuffix(pattern, "/..."); ok {
		return pkg == above || strings.HasPrefix(pkg, above+"/")
	}
	return pkg == pattern
}

// breaks tells what is wrong with the imports of one package of ours.
func breaks(pkg string, imports []string) []string {
	i := slices.IndexFunc(rule, func(r room) bool { return fits(r.name, pkg) })
	if i < 0 {
		return []string{pkg + " is in no room: give it a row here and in docs/architecture.md"}
	}
	var wrong []string
	for _, imported := range imports {
		if ours, ok := strings.CutPrefix(imported, module+"/"); ok {
			if !slices.ContainsFunc(rule[i].may, func(p string) bool { return fits(p, ours) }) {
				wrong = append(wrong, pkg+" imports "+ours+"; it may import only "+strings.Join(rule[i].may, ", "))
			}
			continue
		}
		for _, never := range []map[string]string{rule[i].never, everywhere} {
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
		if path.Clean(r.name) != r.name {
			t.Errorf("the row %q is written oddly", r.name)
		}
	}
}
