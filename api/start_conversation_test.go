package api

import (
	"fmt"
	"net/http"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/perene/perene/contract"
	"github.com/perene/perene/models"
)

// TestMarkReadTellsTheContact: rule 009. The receipt names the newest of the contact's messages that were seen, and a mark
// that changes nothing gives none.
func TestMarkReadTellsTheContact(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	mark := func(upTo int) {
		w.expect(http.StatusOK, request{as: "user", method: "POST", path: "/v1/conversations/1001/read", body: obj{"up_to": upTo}})
	}
	mark(1004)
	mark(1004)
	mark(1005)
	receipt := func(id string) contract.ReadReceipt {
		return contract.ReadReceipt{AccountID: 1, ConnectionID: 1001, ConversationID: 1001, Address: "551199990001", ProviderMessageID: id}
	}
	var got []contract.ReadReceipt
	for _, wake := range w.waker.wakes {
		got = append(got, wake.Receipts...)
	}
	if diff := cmp.Diff([]contract.ReadReceipt{receipt("wamid.1"), receipt("wamid.5")}, got); diff != "" {
		t.Errorf("receipts (-want +got):\n%s", diff)
	}
}

// TestStartConversation: rules 008, 033, 099, 160, 162, 246 and Z19.
func TestStartConversation(t *testing.T) {
	t.Parallel()
	template := obj{"kind": "template", "template": obj{"name": "retorno", "language": "pt_BR", "body": []any{obj{"text": "Gil"}}}}
	words := obj{"kind": "text", "text": "Olá"}
	start := func(w *world, as string, to, content obj) answer {
		return w.do(request{as: as, method: "POST", path: "/v1/conversations", body: begin(to, content)})
	}
	told := func(t *testing.T, a answer) (conversation, contact float64, status string) {
		t.Helper()
		if a.status != http.StatusCreated {
			t.Fatalf("status %d: %s", a.status, a.body)
		}
		body := a.json(t)
		c := body["conversation"].(map[string]any)
		return c["id"].(float64), c["contact"].(map[string]any)["id"].(float64), body["message"].(map[string]any)["status"].(string)
	}

	t.Run("somebody new gets a template; both writings of the number are one person", func(t *testing.T) {
		t.Parallel()
		w := newWorld(t)
		conversation, contact, status := told(t, start(w, "user", obj{"phone": "(81) 98800-4422", "name": "Gil"}, template))
		if status != "queued" {
			t.Errorf("the template is %s", status)
		}
		again, same, _ := told(t, start(w, "user", obj{"phone": "+55 81 8800 4422", "name": "Outro"}, template))
		if again != conversation || same != contact {
			t.Errorf("conversation %v and contact %v, want %v and %v", again, same, conversation, contact)
		}
		if name := w.value(`SELECT name FROM contacts WHERE id = $1`, int64(contact)); name != "Gil" {
			t.Errorf("the contact is called %v", name)
		}
		held := w.expect(http.StatusCreated, request{as: "user", method: "POST", path: "/v1/conversations", body: begin(obj{"contact_id": int64(contact)}, words)})
		if _, _, status := told(t, held); status != "held" {
			t.Errorf("text after the template is %s, want held (rule 100)", status)
		}
		if n := len(w.waker.wakes); n == 0 || len(w.waker.wakes[0].Connections) != 1 {
			t.Errorf("the sender is not woken: %+v", w.waker.wakes)
		}
	})
	t.Run("text to somebody who has not written is refused, and nothing is made", func(t *testing.T) {
		t.Parallel()
		w := newWorld(t)
		before := w.fingerprint(1)
		got := start(w, "admin", obj{"phone": "+55 81 98800-4422"}, words)
		if got.status != http.StatusConflict && got.status != http.StatusUnprocessableEntity || got.json(t)["code"] != "window_closed" {
			t.Errorf("status %d: %s", got.status, got.body)
		}
		if w.fingerprint(1) != before {
			t.Error("something was made")
		}
	})
	t.Run("an open window takes text, in the conversation that is there", func(t *testing.T) {
		t.Parallel()
		w := newWorld(t)
		if conversation, _, status := told(t, start(w, "user", obj{"contact_id": 1001}, words)); conversation != 1001 || status != "queued" {
			t.Errorf("conversation %v, %s", conversation, status)
		}
	})
	t.Run("a contact known by user id alone", func(t *testing.T) {
		t.Parallel()
		w := newWorld(t)
		if conversation, contact, _ := told(t, start(w, "user", obj{"user_id": "BR.flora1"}, template)); conversation != 1003 || contact != 1003 {
			t.Errorf("conversation %v of contact %v", conversation, contact)
		}
	})
	t.Run("what another queue serves is not there (rule 033)", func(t *testing.T) {
		t.Parallel()
		w := newWorld(t)
		before := w.value(`SELECT count(*) FROM messages`)
		if got := start(w, "user", obj{"contact_id": 1002}, template); got.status != http.StatusNotFound {
			t.Errorf("status %d: %s", got.status, got.body)
		}
		if w.value(`SELECT count(*) FROM messages`) != before {
			t.Error("a message was made")
		}
		told(t, start(w, "admin", obj{"contact_id": 1002}, template))
	})
	t.Run("the named connection, else the user's, else the account's (rule 246)", func(t *testing.T) {
		t.Parallel()
		w := newWorld(t)
		w.exec(`INSERT INTO connections (id, account_id, key, name, channel) VALUES (1010, 1, 'k10', 'Dez', 'whatsapp_cloud'), (1011, 1, 'k11', 'Onze', 'whatsapp_cloud')`)
		w.exec(`UPDATE users SET default_connection_id = 1010 WHERE id = 1001`)
		for _, c := range []struct {
			as    string
			named models.ConnectionID
			want  models.ConnectionID
		}{{"user", 1011, 1011}, {"user", 0, 1010}, {"admin", 0, 1001}} {
			user := map[string]models.UserID{"user": 1001, "admin": 1003}[c.as]
			conn, err := w.store.SendingConnection(t.Context(), 1, user, c.named)
			if err != nil || conn.ID != c.want {
				t.Errorf("%s names %d: %v, %v", c.as, c.named, conn, err)
			}
		}
		w.exec(`UPDATE connections SET state = 'removed' WHERE id = 1010`)
		if conn, err := w.store.SendingConnection(t.Context(), 1, 1001, 0); err != nil || conn.ID != 1001 {
			t.Errorf("the user's default was removed: %v, %v", conn, err)
		}
	})
	t.Run("the same client_ref is the same message", func(t *testing.T) {
		t.Parallel()
		w := newWorld(t)
		body := begin(obj{"phone": "+55 81 98800-4422", "client_ref": "pedido-1"}, template)
		w.expect(http.StatusCreated, request{as: "user", method: "POST", path: "/v1/conversations", body: body})
		w.expect(http.StatusCreated, request{as: "user", method: "POST", path: "/v1/conversations", body: body})
		if n := w.value(`SELECT count(*) FROM messages WHERE client_ref = 'pedido-1'`); n != int64(1) {
			t.Errorf("%v messages", n)
		}
	})
	t.Run("to whom must be said once, and in a way that can be read", func(t *testing.T) {
		t.Parallel()
		w := newWorld(t)
		for name, to := range map[string]obj{
			"nobody": {}, "two": {"contact_id": 1001, "phone": "+55 81 98800-4422"}, "no number": {"phone": "12"}, "no such contact": {"contact_id": 1999},
			"no such connection": {"contact_id": 1001, "connection_id": 1999}, "no user id": {"user_id": "<script>"},
		} {
			if got := start(w, "user", to, template); got.status != http.StatusUnprocessableEntity && got.status != http.StatusNotFound {
				t.Errorf("%s: status %d: %s", name, got.status, got.body)
			}
		}
		w.exec(`UPDATE contacts SET blocked_at = now() WHERE id = 1001`)
		if got := start(w, "user", obj{"contact_id": 1001}, template); got.json(t)["code"] != string(models.CodeContactBlocked) {
			t.Errorf("a blocked contact (rule 191): %d %s", got.status, got.body)
		}
	})
}

// TestFlowRunValuesNeedTheRightToReadConversations: variables are words of the contact.
func TestFlowRunValuesNeedTheRightToReadConversations(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	read := func(as string) (any, any) {
		got := w.expect(http.StatusOK, request{as: as, method: "GET", path: "/v1/flow-runs/1001"}).json(t)
		return got["variables"].(map[string]any)["cidade"], got["values_hidden"]
	}
	if value, hidden := read("supervisor"); value != "Recife" || hidden != false {
		t.Errorf("a supervisor reads %v, hidden %v", value, hidden)
	}
	w.exec(`UPDATE api_tokens SET scopes = '{flow_runs:read}' WHERE account_id = 1`)
	if value, hidden := read("token"); value != nil || hidden != true {
		t.Errorf("a token without conversations:read reads %v, hidden %v", value, hidden)
	}
}

// TestReferencesAreResolved: a person's quotes, taps, reactions, edits and deletions name messages by the provider's id; who
// reads them gets ours, and none of another conversation.
func TestReferencesAreResolved(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for i, c := range []struct{ kind, content, replyTo string }{
		{"text", `{"kind": "text", "text": "isto", "reply_to": {"provider_message_id": "wamid.1"}}`, "wamid.1"},
		{"tap", `{"kind": "tap", "tap": {"source": "button_reply", "id": "a", "title": "A"}, "reply_to": {"provider_message_id": "wamid.4"}}`, "wamid.4"},
		{"reaction", `{"kind": "reaction", "reaction": {"emoji": "👍", "target": {"provider_message_id": "wamid.4"}}}`, ""},
		{"edit", `{"kind": "edit", "edit": {"target": {"provider_message_id": "wamid.1"}, "content": {"kind": "text", "text": "Olá"}}}`, ""},
		{"deleted", `{"kind": "deleted", "deleted": {"provider_message_id": "wamid.1"}}`, ""},
		{"text", `{"kind": "text", "text": "de outra conversa", "reply_to": {"provider_message_id": "wamid.6"}}`, "wamid.6"},
		{"text", `{"kind": "text", "text": "apagada há tempos", "reply_to": {"provider_message_id": "wamid.gone"}}`, "wamid.gone"},
	} {
		w.exec(`INSERT INTO messages (id, account_id, conversation_id, connection_id, contact_id, direction, origin, kind, content, state, provider_message_id, reply_to_provider_id, created_at)
			VALUES ($1, 1, 1001, 1001, 1001, 'in', 'contact', $2, $3, 'received', $4, nullif($5, ''), $6)`, 1900+i, c.kind, c.content, fmt.Sprintf("wamid.ref%d", i), c.replyTo, fixedNow)
	}
	page := w.expect(http.StatusOK, request{as: "user", method: "GET", path: "/v1/conversations/1001/messages?limit=7"}).json(t)
	got := map[float64]any{}
	for _, each := range page["data"].([]any) {
		m := each.(map[string]any)
		content := m["content"].(map[string]any)
		ref := content["reply_to"]
		for _, kind := range []string{"reaction", "edit"} {
			if part, ok := content[kind].(map[string]any); ok {
				ref = part["target"]
			}
		}
		if content["deleted"] != nil {
			ref = content["deleted"]
		}
		got[m["id"].(float64)] = ref.(map[string]any)["message_id"]
	}
	want := map[float64]any{1900: 1001.0, 1901: 1004.0, 1902: 1004.0, 1903: 1001.0, 1904: 1001.0, 1905: nil, 1906: nil}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("references (-want +got):\n%s", diff)
	}
}
