package api

import (
	"net/http"
	"strings"
	"testing"

	"github.com/perene/perene/flow"
	"github.com/perene/perene/models"
)

// TestFlowsAreCheckedAgainstTheAccountsChannels: a flow must run on every channel that the account is connected by, and on
// none that it is not.
func TestFlowsAreCheckedAgainstTheAccountsChannels(t *testing.T) {
	t.Parallel()
	w := newWorld(t, func(d *Deps) {
		d.FlowChannels = map[string]flow.Capabilities{models.ChannelWhatsAppCloud: flow.WhatsAppCloud(), "sms": {Text: 160}}
	})
	document := obj{"spec_version": 1, "name": "Volta", "category": "manual", "start": "volta", "nodes": []any{
		obj{"id": "volta", "kind": "template", "settings": obj{"name": "retorno", "language": "pt_BR", "params": obj{"1": "x"}}, "outputs": obj{"ok": "fim"}}, obj{"id": "fim", "kind": "end"}}}
	lacks := func() []string {
		got := w.expect(http.StatusOK, request{as: "admin", method: "POST", path: "/v1/flows/lint", body: obj{"document": document}}).json(t)
		var out []string
		for _, each := range got["problems"].([]any) {
			if p := each.(map[string]any); p["code"] == "channel_lacks" {
				out = append(out, p["text"].(map[string]any)["en"].(string))
			}
		}
		return out
	}
	if got := lacks(); len(got) != 0 {
		t.Errorf("on WhatsApp alone: %q", got)
	}
	w.exec(`INSERT INTO connections (account_id, key, name, channel) VALUES (1, 'sms-1', 'SMS', 'sms')`)
	if got := lacks(); len(got) != 1 || !strings.Contains(got[0], "sms") {
		t.Errorf("with a channel without templates: %q", got)
	}
	w.exec(`UPDATE connections SET state = 'removed' WHERE channel = 'sms'`)
	if got := lacks(); len(got) != 0 {
		t.Errorf("after that connection was removed: %q", got)
	}
}
