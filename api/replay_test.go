package api

import (
	"net/http"
	"testing"
)

// TestReplayLooksAtWhoAsks: F19. An Idempotency-Key is its user's: with the key and the body of another one gets what one
// may get oneself. Who no longer sees a conversation gets no answer of before either.
func TestReplayLooksAtWhoAsks(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	send := func(as, path string) answer {
		return w.do(request{as: as, method: "POST", path: path, body: say(obj{"kind": "text", "text": "segredo"}), headers: map[string]string{"Idempotency-Key": "same-key"}})
	}
	hidden := "/v1/conversations/1002/messages" // of a queue that the user is not in
	w.exec(`UPDATE conversations SET window_expires_at = $1, window_state = 'open' WHERE id IN (1001, 1002)`, fixedNow.AddDate(0, 0, 1))
	if got := send("admin", hidden); got.status != http.StatusCreated {
		t.Fatalf("admin: %d %s", got.status, got.body)
	}
	if got := send("admin", hidden); got.status != http.StatusCreated || got.headers.Get("Idempotent-Replayed") != "true" {
		t.Errorf("admin again: %d", got.status)
	}
	if got := send("user", hidden); got.status != http.StatusNotFound || got.headers.Get("Idempotent-Replayed") != "" {
		t.Errorf("a user who may not see it got %d %s", got.status, got.body)
	}
	w = newWorld(t)
	path := "/v1/conversations/1001/messages"
	if got := send("user", path); got.status != http.StatusCreated {
		t.Fatalf("user: %d %s", got.status, got.body)
	}
	w.exec(`UPDATE conversations SET queue_id = 1002, agent_id = NULL WHERE id = 1001`)
	if got := w.do(request{as: "user", method: "GET", path: "/v1/conversations/1001"}); got.status != http.StatusNotFound {
		t.Fatalf("the conversation was to move out of sight: %d", got.status)
	}
	if got := send("user", path); got.status != http.StatusNotFound {
		t.Errorf("a user who no longer sees it got %d %s", got.status, got.body)
	}
}
