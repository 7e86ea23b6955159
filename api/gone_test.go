package api

import (
	"net/http"
	"testing"

	"github.com/perene/perene/models"
)

// TestWhoLosesSightIsToldGone: a ticket that moves out of a user's sight tells that user that it is gone, and nothing else, and tells
// a user who did not see it nothing at all (rule 033).
func TestWhoLosesSightIsToldGone(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	user := w.listen("user", "")
	hello(t, user.conn, "")
	user.next()
	moved := func(kind, from string) {
		w.exec(`INSERT INTO events (account_id, kind, conversation_id, entity_id, data) VALUES (1, $1, 1002, 1001, $2)`, kind, from)
	}
	// Conversation 1002 is in queue 1002 now, which the user does not see.
	moved(models.EventTicketUpdated, `{"from_queue_id": 1002, "from_agent_id": null}`)
	moved(models.EventTicketUpdated, `{"from_queue_id": null, "from_agent_id": 1003}`)
	moved(models.EventMessageCreated, `{"from_queue_id": 1001}`)
	w.emit(1, models.EventMessageCreated, 1001, 7)
	if f := user.next(); f.Type != "event" || *f.EntityID != 7 {
		t.Fatalf("the user got %+v of a conversation that was never theirs", f)
	}
	for _, from := range []string{`{"from_queue_id": 1001, "from_agent_id": null}`, `{"from_queue_id": 1002, "from_agent_id": 1001}`, `{"from_queue_id": null, "from_agent_id": null}`} {
		moved(models.EventTicketUpdated, from)
		if f := user.next(); f.Type != "gone" || *f.ConversationID != 1002 || f.EntityID != nil || f.Kind != "" {
			t.Fatalf("from %s the user got %+v, want gone and nothing else", from, f)
		}
	}
}

// TestPresenceReachesThoseWhoSee: who looks and who writes is told to those who see the conversation, and an old word of it to nobody.
func TestPresenceReachesThoseWhoSee(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	user, admin := w.listen("user", ""), w.listen("admin", "")
	hello(t, user.conn, "")
	hello(t, admin.conn, "")
	user.next()
	admin.next()
	w.expect(http.StatusNotFound, request{as: "user", method: http.MethodPost, path: "/v1/conversations/1002/presence", body: obj{"state": "looking"}})
	w.expect(http.StatusNoContent, request{as: "admin", method: http.MethodPost, path: "/v1/conversations/1002/presence", body: obj{"state": "looking"}})
	w.exec(`INSERT INTO events (account_id, kind, conversation_id, entity_id, data, created_at) VALUES (1, $1, 1001, 1002, '{}', now() - interval '1 minute')`, models.EventPresence)
	w.expect(http.StatusNoContent, request{as: "admin", method: http.MethodPost, path: "/v1/conversations/1001/presence", body: obj{"state": "writing"}})
	if f := user.next(); f.Kind != models.EventPresence || *f.ConversationID != 1001 || *f.EntityID != 1003 {
		t.Fatalf("the user got %+v, want the presence in 1001 alone", f)
	}
	if f := admin.next(); f.Kind != models.EventPresence || *f.ConversationID != 1002 {
		t.Fatalf("the administrator got %+v", f)
	}
}
