package api

import "testing"

func TestSmoke(t *testing.T) {
	w := newWorld(t)
	for _, p := range []string{"/v1/session", "/v1/conversations", "/v1/conversations/1001", "/v1/conversations/1001/messages", "/v1/flow-runs", "/v1/flow-runs/1001", "/v1/flows", "/v1/flows/1001", "/v1/connections", "/v1/connections/1001", "/v1/templates", "/v1/quarantine", "/v1/quarantine/1001", "/v1/contacts", "/v1/contacts/1001", "/v1/users", "/v1/queues", "/v1/api-tokens", "/v1/account", "/v1/media/1001", "/v1/media/1001/content", "/v1/messages/1004", "/v1/flows/1001/versions", "/v1/flows/1001/versions/1", "/healthz", "/readyz", "/version", "/metrics"} {
		got := w.expect(200, request{as: "admin", method: "GET", path: p})
		if testing.Verbose() {
			t.Logf("%s %s", p, got.body)
		}
	}
}
