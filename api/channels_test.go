package api_test

import (
	"encoding/json"
	"os"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/perene/perene/models"
)

// The API offers the channels of the one table, and no others.
func TestTheChannelsOfTheAPIAreTheTables(t *testing.T) {
	t.Parallel()
	body, err := os.ReadFile("openapi.json")
	if err != nil {
		t.Fatal(err)
	}
	var found int
	var walk func(name string, v any)
	walk = func(name string, v any) {
		switch v := v.(type) {
		case map[string]any:
			if enum, ok := v["enum"].([]any); ok && name == "channel" {
				found++
				want := make([]any, 0, len(models.ChannelKeys()))
				for _, k := range models.ChannelKeys() {
					want = append(want, k)
				}
				if diff := cmp.Diff(want, enum); diff != "" {
					t.Errorf("channels (-table +API):\n%s", diff)
				}
			}
			for name, inner := range v {
				walk(name, inner)
			}
		case []any:
			for _, inner := range v {
				walk(name, inner)
			}
		}
	}
	var document any
	if err := json.Unmarshal(body, &document); err != nil {
		t.Fatal(err)
	}
	walk("", document)
	if found == 0 {
		t.Error("the API offers no channels")
	}
}
