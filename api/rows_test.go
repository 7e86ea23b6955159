package api

import (
	"fmt"
	"net/http"
	"testing"

	"github.com/coder/websocket"
	"github.com/google/go-cmp/cmp"

	"github.com/perene/perene/models"
)

// TestRowsArePushed: who asks for rows gets a changed conversation once, ahead of the last event that changed it, as the own read
// answers it. Who may not see it gets neither, and who does not ask gets events alone.
func TestRowsArePushed(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	admin, user, plain := w.listen("admin", ""), w.listen("user", ""), w.listen("admin", "")
	for _, l := range []*listener{admin, user} {
		if err := l.conn.Write(t.Context(), websocket.MessageText, []byte(`{"rows":true}`)); err != nil {
			t.Fatal(err)
		}
		if f := l.next(); f.Type != "ready" || !f.Rows {
			t.Fatalf("first frame %+v", f)
		}
	}
	hello(t, plain.conn, "")
	if f := plain.next(); f.Rows {
		t.Fatalf("rows for who did not ask: %+v", f)
	}
	row := func(l *listener, as string, id int) {
		t.Helper()
		f := l.next()
		want := w.expect(http.StatusOK, request{as: as, path: fmt.Sprint("/v1/conversations/", id)})
		if f.Type != "row" || !cmp.Equal(rowFields(t, f.Row), want.json(t)) {
			t.Fatalf("%s got %s %s, want the row %s", as, f.Type, f.Row, want.body)
		}
	}
	event := func(l *listener, entity int64) {
		t.Helper()
		if f := l.next(); f.Type != "event" || *f.EntityID != entity {
			t.Fatalf("got %+v, want the event of %d", f, entity)
		}
	}
	// In one transaction, so in one round: the row comes once.
	w.exec(`INSERT INTO events (account_id, kind, conversation_id, entity_id)
		VALUES (1, $1, 1002, 1), (1, $2, 1001, 2), (1, $1, 1001, 3), (1, $3, 1001, 4), (1, $4, 1001, 5)`,
		models.EventMessageCreated, models.EventConversationUpdated, models.EventPresence, models.EventMessageUpdated)
	row(admin, "admin", 1002)
	event(admin, 1)
	event(admin, 2)
	row(admin, "admin", 1001)
	event(admin, 3)
	event(admin, 4)
	event(admin, 5) // of a message that the row does not show
	event(user, 2)
	row(user, "user", 1001)
	event(user, 3)
	for _, entity := range []int64{1, 2, 3, 4, 5} {
		event(plain, entity)
	}
}

// TestWhoWasTheDefaultAgentIsToldGone: a contact's default agent sees its conversations (rule 143), until another is.
func TestWhoWasTheDefaultAgentIsToldGone(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.exec(`UPDATE contacts SET default_agent_id = 1001 WHERE id = (SELECT contact_id FROM conversations WHERE id = 1002)`)
	contact := fmt.Sprint(w.value(`SELECT contact_id FROM conversations WHERE id = 1002`))
	user := w.listen("user", "")
	hello(t, user.conn, "")
	user.next()
	w.expect(http.StatusOK, request{as: "user", path: "/v1/conversations/1002"})
	w.expect(http.StatusOK, request{as: "admin", method: http.MethodPatch, path: "/v1/contacts/" + contact, body: obj{"default_agent_id": 1003}})
	for {
		f := user.next()
		if f.Type == "gone" && *f.ConversationID == 1002 {
			break
		}
		if f.ConversationID != nil || f.Kind == models.EventContactUpdated && fmt.Sprint(*f.EntityID) == contact {
			t.Fatalf("the user learned %+v", f)
		}
	}
	w.expect(http.StatusNotFound, request{as: "user", path: "/v1/conversations/1002"})
}

func rowFields(t *testing.T, body []byte) map[string]any {
	t.Helper()
	return answer{body: body}.json(t)
}
