package activities

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"testing"

	"github.com/perene/perene/channels/whatsapp"
	"github.com/perene/perene/flow"
)

// TestWhatFlowsSendFitsTheChannel: every message of the engine's golden conversations on WhatsApp is one that the adapter's
// stated limits take. The engine and the adapter cannot differ in what a header, a card or a list of items may hold.
func TestWhatFlowsSendFitsTheChannel(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("../flow/testdata/kinds/*.json")
	if err != nil || len(files) == 0 {
		t.Fatal("no golden files", err)
	}
	caps := whatsapp.New(nil).Capabilities()
	kinds := map[string]int{}
	for _, file := range files {
		raw, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		var g struct {
			World struct{ Channel string }
			Cases []struct {
				Name  string
				World *struct{ Channel string }
				Steps []struct{ Effects []flow.Effect }
			}
		}
		raw = bytes.ReplaceAll(raw, []byte(`"id": "file-`), []byte(`"id": "90`)) // ids of ours are numbers
		if err := json.Unmarshal(raw, &g); err != nil {
			t.Fatal(err)
		}
		for _, c := range g.Cases {
			if g.World.Channel != "" || (c.World != nil && c.World.Channel != "") {
				continue
			}
			for _, s := range c.Steps {
				for _, e := range s.Effects {
					if e.Kind != flow.EffectSend {
						continue
					}
					content := contentFromFlow(&e.Send.Content)
					kinds[string(content.Kind)]++
					for _, p := range content.Validate(caps) {
						t.Errorf("%s, %s: %s: %s", filepath.Base(file), c.Name, p.Field, p.Message)
					}
				}
			}
		}
	}
	for _, kind := range []string{"buttons", "list", "cta_url", "carousel", "product", "product_list", "catalog", "contacts", "template"} {
		if kinds[kind] == 0 {
			t.Errorf("no golden conversation sends %s", kind)
		}
	}
}
