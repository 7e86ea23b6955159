package house_test

import (
	"os"
	"reflect"
	"regexp"
	"strings"
	"testing"

	"github.com/perene/perene/internal/config"
)

// The table of docs/operations.md names every variable the program reads, with its default, and no other.
func TestTheConfigurationTableIsWhatTheProgramReads(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("../../docs/operations.md")
	if err != nil {
		t.Fatal(err)
	}
	said := map[string]string{}
	for _, row := range regexp.MustCompile("(?m)^\\| `([A-Z_]+)` \\| (`([^`]*)`)? ?\\|").FindAllStringSubmatch(string(text), -1) {
		said[row[1]] = row[3]
	}
	read := map[string]string{}
	for _, group := range []any{config.Runtime{}, config.Database{}, config.Temporal{}, config.Secrets{}, config.Media{}, config.Listen{}, config.Metrics{}, config.APIMetrics{}, config.Sending{}, config.Traces{}} {
		for field := range reflect.TypeOf(group).Fields() {
			if _, hidden := field.Tag.Lookup("hidden"); hidden {
				continue // for tests
			}
			if name := field.Tag.Get("env"); name != "" {
				read[name] = field.Tag.Get("default")
			}
		}
	}
	if len(read) < 15 {
		t.Fatalf("only %d variables were found in internal/config", len(read))
	}
	for name, value := range read {
		if got, ok := said[name]; !ok {
			t.Errorf("docs/operations.md does not name %s", name)
		} else if got != value {
			t.Errorf("docs/operations.md says that %s is %q by default, the program says %q", name, got, value)
		}
	}
	for name := range said {
		if _, ok := read[name]; !ok && strings.HasPrefix(name, "PERENE_") {
			t.Errorf("docs/operations.md names %s, which the program does not read", name)
		}
	}
}
