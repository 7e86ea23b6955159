package api

import (
	"net/http"
	"strings"
	"testing"
)

// S17: the lists of what is not in the audit log name operations of the contract, each with a reason. TestPermissionMatrix
// tries all others.
func TestWhatIsNotAuditedHasAReason(t *testing.T) {
	t.Parallel()
	for id, why := range notAudited {
		if _, known := operationPermissions[id]; !known || why == "" {
			t.Errorf("%s is no operation, or has no reason", id)
		}
	}
	for id := range auditedOfTokens {
		if _, known := operationPermissions[id]; !known {
			t.Errorf("%s is no operation", id)
		}
	}
	for id, want := range map[string]string{
		"update-contact-note": "contact_note.updated", "send-message": "message.sent", "save-flow-draft": "flow_draft.saved",
		"add-contact-label": "contact_label.added", "archive-queue": "queue.archived",
	} {
		if got := actionOf(id); got != want {
			t.Errorf("%s is %s in the audit log, want %s", id, got, want)
		}
	}
}

// S17: a rename, a saved draft and a contact's change have a line with who did it, from where, and to what. A message has one
// when a program sends it. No line holds what was written.
func TestTheAuditLogSaysWhoDidWhat(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	made := w.expect(http.StatusCreated, request{as: "admin", method: "POST", path: "/v1/api-tokens",
		body: obj{"name": "ERP", "scopes": []string{"messages:send", "conversations:read"}}}).json(t)
	message := request{method: "POST", path: "/v1/conversations/1001/messages", body: say(obj{"kind": "text", "text": "palavra-secreta"})}
	message.as = "admin"
	w.expect(http.StatusCreated, message)
	message.as, message.headers = "nobody", map[string]string{"Authorization": "Bearer " + made["token"].(string)}
	w.expect(http.StatusCreated, message)
	w.expect(http.StatusOK, request{as: "admin", method: "PATCH", path: "/v1/flows/1001", body: obj{"name": "palavra-secreta"}})
	w.expect(http.StatusOK, request{as: "admin", method: "PUT", path: "/v1/flows/1001/draft", body: obj{"draft": obj{"a": "palavra-secreta"}},
		headers: map[string]string{"If-Match": `"2"`}})
	w.expect(http.StatusOK, request{as: "supervisor", method: "PATCH", path: "/v1/contacts/1001", body: obj{"name": "palavra-secreta"}})
	var got []string
	for _, row := range w.rows(`SELECT action || ' ' || object || ' ' || coalesce(user_id, 0) || ' ' || (token_id IS NOT NULL) || ' ' || (ip <> '') || ' ' || (request_id <> '') || ' ' || data
		FROM audit_log WHERE account_id = 1 AND action <> 'api_token.created' ORDER BY id`) {
		got = append(got, row[0].(string))
	}
	want := []string{
		"message.sent conversations/1001/messages 1003 true true true {}",
		"flow.updated flows/1001 1003 false true true {}",
		"flow_draft.saved flows/1001/draft 1003 false true true {}",
		"contact.updated contacts/1001 1002 false true true {}",
	}
	if strings.Join(got, "\n") != strings.Join(want, "\n") {
		t.Errorf("the audit log has\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}
