package api

import (
	"net/http"
	"testing"

	"github.com/perene/perene/models"
)

// TestDraftsReachTheirUserAlone: other devices of the user hear of a draft, and no other user does.
func TestDraftsReachTheirUserAlone(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	user, supervisor := w.listen("user", ""), w.listen("supervisor", "")
	for _, l := range []*listener{user, supervisor} {
		hello(t, l.conn, "")
		if f := l.next(); f.Type != "ready" {
			t.Fatalf("the first frame is %+v", f)
		}
	}
	w.expect(http.StatusOK, request{as: "user", method: http.MethodPut, path: "/v1/conversations/1001/drafts/note",
		body: obj{"body": obj{"text": "segredo"}, "revision": 0}})
	w.expect(http.StatusCreated, request{as: "user", method: http.MethodPost, path: "/v1/conversations/1001/notes", body: obj{"text": "Pronto"}})
	if f := user.next(); f.Kind != models.EventDraftUpdated || *f.ConversationID != 1001 {
		t.Errorf("the user hears %+v first", f)
	}
	for name, l := range map[string]*listener{"user": user, "supervisor": supervisor} {
		if f := l.next(); f.Kind != models.EventMessageCreated {
			t.Errorf("%s hears %+v, want the note", name, f)
		}
	}
}
