package whatsapp_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/perene/perene/channels"
)

// S2: quarantine keeps one message of a delivery. Read alone it is the same message, of the connection's own number.
func TestAMessageIsReadAlone(t *testing.T) {
	adapter := local(t)
	files, err := filepath.Glob("testdata/webhooks/*.json")
	if err != nil {
		t.Fatal(err)
	}
	read := 0
	for _, file := range files {
		body, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if strings.HasSuffix(file, ".want.json") {
			continue
		}
		for _, e := range adapter.Parse(body).Elements {
			if e.Kind != channels.ElementMessage || e.Field != "messages" {
				continue
			}
			got := adapter.ParseElement(e.Raw, "77").Elements
			if len(got) != 1 || got[0].Message == nil || got[0].ProviderRef != "77" {
				t.Errorf("%s: read alone it is %+v", file, got)
				continue
			}
			if diff := cmp.Diff(content(t, e.Message), content(t, got[0].Message)); diff != "" || got[0].Message.ProviderID != e.Message.ProviderID {
				t.Errorf("%s: read alone it is another message (-with others +alone):\n%s", file, diff)
			}
			read++
		}
	}
	if read < 30 {
		t.Errorf("only %d messages were read alone", read)
	}
	if got := adapter.ParseElement([]byte("{not JSON"), "77").Elements; len(got) != 1 || got[0].Unparseable == nil {
		t.Errorf("what is no JSON becomes %+v", got)
	}
}

// content is a message's content as it is stored: spaces in it do not count.
func content(t *testing.T, m *channels.InboundMessage) string {
	t.Helper()
	b, err := json.Marshal(m.Content)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}
