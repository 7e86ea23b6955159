package api

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
)

// flowIDs are the places of a flow's document that name an id, each with a document around it and the linter's word. The id
// takes the place of %s.
var flowIDs = map[string]struct{ node, trigger, code string }{
	"a ticket's agent":          {node: `{"kind":"action","settings":{"actions":[{"do":"open_ticket","mode":"agent","agent":"%s"}]}}`, code: "agent_unknown"},
	"a ticket's queue":          {node: `{"kind":"action","settings":{"actions":[{"do":"open_ticket","mode":"queue","queue":"%s"}]}}`, code: "queue_unknown"},
	"a ticket's fallback queue": {node: `{"kind":"action","settings":{"actions":[{"do":"open_ticket","mode":"last_agent","fallback_queue":"%s"}]}}`, code: "queue_unknown"},
	"a note's agent":            {node: `{"kind":"action","settings":{"actions":[{"do":"note","text":"ver","agent":"%s"}]}}`, code: "agent_unknown"},
	"hours of a queue":          {node: `{"kind":"hours","settings":{"of":"queue","id":"%s"}}`, code: "queue_unknown"},
	"hours of a connection":     {node: `{"kind":"hours","settings":{"of":"connection","id":"%s"}}`, code: "connection_unknown"},
	"a wait for a queue":        {node: `{"kind":"wait","settings":{"mode":"hours","of":"queue","id":"%s"}}`, code: "queue_unknown"},
	"a wait for a connection":   {node: `{"kind":"wait","settings":{"mode":"hours","of":"connection","id":"%s"}}`, code: "connection_unknown"},
	"a jump":                    {node: `{"kind":"jump","settings":{"flow":"%s"}}`, code: "flow_unknown"},
	"a sub-flow":                {node: `{"kind":"subflow","settings":{"flow":"%s"}}`, code: "flow_unknown"},
	"a file":                    {node: `{"kind":"content","settings":{"items":[{"kind":"image","media":{"id":"%s"}}]}}`, code: "file_unknown"},
	"a question's file":         {node: `{"kind":"question","settings":{"text":"?","save_to":"v","timeout":"1h","media":{"id":"%s"}}}`, code: "file_unknown"},
	"a template's file":         {node: `{"kind":"template","settings":{"name":"retorno","header_media":{"id":"%s"}}}`, code: "file_unknown"},
	"a trigger's connection":    {trigger: `{"id":"t","kind":"inbound","settings":{"connections":["%s"]}}`, code: "connection_unknown"},
	"a trigger's queue":         {trigger: `{"id":"t","kind":"inbound","settings":{"queue":"%s"}}`, code: "queue_unknown"},
}

// S6: what a flow names by an id is the account's. An id of another account is refused when the flow is published, wherever
// it stands, and so is the file that its designer does not see.
func TestAFlowNamesOnlyWhatTheAccountHas(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.exec(`INSERT INTO media (id, account_id, state, kind, uploader_id) VALUES (1900, 1, 'stored', 'image', 1001)`) // another user's alone
	w.exec(`UPDATE flow_versions SET graph = '{"spec_version":1,"name":"X","category":"manual","start":"e","nodes":[{"id":"e","kind":"end"}]}'`)
	document := func(node, trigger, id string) string {
		if node == "" {
			node = `{"kind":"end"}`
		}
		if strings.Contains(node, "%s") {
			node = fmt.Sprintf(node, id)
		}
		triggers := ""
		if trigger != "" {
			triggers = fmt.Sprintf(trigger, id)
		}
		return `{"spec_version":1,"name":"F","category":"initial","start":"n","triggers":[` + triggers + `],"nodes":[{"id":"n",` + node[1:] + `,{"id":"end","kind":"end"}]}`
	}
	for name, place := range flowIDs {
		published := func(as, id string) string {
			made := w.do(request{as: as, method: "POST", path: "/v1/flows",
				body: fmt.Sprintf(`{"name":"%s %s","category":"initial","draft":%s}`, name, id, document(place.node, place.trigger, id))})
			if made.status != http.StatusCreated {
				return fmt.Sprintf("refused: %d %s", made.status, made.body)
			}
			flow := made.json(t)
			lint := w.do(request{as: as, method: "POST", path: "/v1/flows/lint", body: `{"document":` + document(place.node, place.trigger, id) + `}`})
			got := w.do(request{as: as, method: "POST", path: fmt.Sprintf("/v1/flows/%.0f/publish", flow["id"]), body: fmt.Sprintf(`{"revision":%.0f}`, flow["draft_revision"])})
			if strings.Contains(string(lint.body), `"`+place.code+`"`) {
				if got.status != http.StatusUnprocessableEntity {
					t.Errorf("%s: the linter finds %s, and publishing answers %d", name, place.code, got.status)
				}
				return place.code
			}
			return ""
		}
		if got := published("admin", "2001"); got != place.code {
			t.Errorf("%s of another account: %q, want %s", name, got, place.code)
		}
		own := "1001"
		if place.code == "file_unknown" {
			own = "1003"
		}
		if got := published("admin", own); got != "" {
			t.Errorf("%s of the account: %s", name, got)
		}
		if place.code == "file_unknown" {
			if got := published("admin", "1900"); !strings.HasPrefix(got, "refused: 422") {
				t.Errorf("%s out of sight: %q, want a refusal", name, got)
			}
		}
	}
	if n := w.value(`SELECT count(*) FROM media_uses u JOIN flows f ON f.id = u.flow_id WHERE u.account_id <> f.account_id OR u.media_id = 1900`); n != int64(0) {
		t.Errorf("%v uses of files that are not the flow's to use", n)
	}
}
