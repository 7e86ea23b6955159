package activities_test

import (
	"slices"
	"testing"

	"github.com/perene/perene/models"
)

// A template of a flow is checked against its whole definition before it is queued, as the API's are. What fits is stored as
// the person reads it: header, words, footer and buttons.
func TestATemplateOfAFlowIsCheckedAndShownWhole(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		components string
		said       string
		lines      int
	}{
		"it fits": {`[{"type":"HEADER","format":"TEXT","text":"Pedido"},{"type":"BODY","text":"Olá {{1}}"},{"type":"FOOTER","text":"Loja"},
			{"type":"BUTTONS","buttons":[{"type":"URL","text":"Ver","url":"https://loja.example"}]}]`, "Pedido|Olá Ana|Loja|Ver", 0},
		"it has cards": {`[{"type":"BODY","text":"Olá {{1}}"},{"type":"CAROUSEL","cards":[{"components":[{"type":"BODY","text":"Um"}]}]}]`, "desculpe", 1},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			w.Exec(t, `INSERT INTO templates (account_id, connection_id, provider_template_id, name, language, category, status, parameter_format, components, synced_at)
				SELECT account_id, id, '1', 'aviso', 'pt_BR', 'UTILITY', 'APPROVED', 'POSITIONAL', $1, now() FROM connections`, test.components)
			w.Publish(t, "Avisos", `{"spec_version":1,"name":"Avisos","category":"initial","start":"t","triggers":[{"id":"any","kind":"inbound"}],"nodes":[
				{"id":"t","kind":"template","settings":{"name":"aviso","params":{"1":"Ana"}},"outputs":{"ok":"fim","failed":"d"}},
				{"id":"d","kind":"content","settings":{"items":[{"kind":"text","text":"desculpe"}]},"outputs":{"ok":"fim"}},{"id":"fim","kind":"end"}]}`)
			w.say(models.Content{Kind: models.ContentKindText, Text: "oi"})
			var said string
			err := w.Pool().QueryRow(t.Context(), `
				SELECT concat_ws('|', content->'header'->>'text', content->>'text', content->>'footer', content->'buttons'->0->>'title')
				FROM messages
				WHERE direction = 'out'`).Scan(&said)
			if err != nil || said != test.said {
				t.Errorf("the person reads %q, want %q, %v", said, test.said, err)
			}
			told := slices.Index(w.timeline(), `system system_note: template_misfit "t"`) >= 0
			if told != (test.lines == 1) {
				t.Errorf("agents read %q", w.timeline())
			}
		})
	}
}
