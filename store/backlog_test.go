package store_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/perene/perene/models"
	"github.com/perene/perene/store"
)

// Every message that has not left waits for exactly one thing, and what waits is as old as the oldest of it.
func TestBacklogCountsEveryMessageOnceByWhatItWaitsFor(t *testing.T) {
	t.Parallel()
	w := newSendWorld(t)
	if b := w.backlog(); b.Doorbells.Count != 0 || b.Connections[models.ConnectionActive] != 1 || len(b.Messages) != 0 || len(b.Holds) != 0 {
		t.Fatalf("nothing waits yet: %+v", b)
	}
	place := func(m *models.Message, set string) {
		w.exec(`UPDATE send_queue SET created_at = $2, ready_at = $2 WHERE message_id = $1`, m.ID, w.now().Add(-time.Minute))
		if set != "" {
			w.exec(`UPDATE send_queue SET `+set+` WHERE message_id = $1`, m.ID)
		}
	}
	first := w.conversation(time.Hour)
	place(w.enqueue(first, models.OriginBot, text("a")), "")
	place(w.enqueue(first, models.OriginBot, text("b")), "")
	place(w.enqueue(w.conversation(time.Hour), models.OriginBot, text("c")), "ready_at = '2026-11-21T12:00:01Z'")
	place(w.enqueue(w.conversation(time.Hour), models.OriginBot, text("d")), "state = 'sending'")
	place(w.enqueue(w.conversation(time.Hour), models.OriginBot, text("e")), "state = 'unknown'")
	held := w.enqueue(w.conversation(0), models.OriginAgent, text("f"))
	w.exec(`UPDATE messages SET created_at = $2 WHERE id = $1`, held.ID, w.now().Add(-48*time.Hour))
	later := w.enqueue(w.conversation(time.Hour), models.OriginBot, text("g"))
	w.exec(`DELETE FROM send_queue WHERE message_id = $1`, later.ID)
	w.exec(`UPDATE messages SET state = 'retry', created_at = $2 WHERE id = $1`, later.ID, w.now().Add(-24*time.Hour))

	want := map[string]store.Waiting{
		store.WaitsForSender: {Count: 1, Oldest: time.Minute}, store.WaitsForOrder: {Count: 1, Oldest: time.Minute}, store.WaitsForInstant: {Count: 1, Oldest: time.Minute},
		store.WaitsForAnswer: {Count: 1, Oldest: time.Minute}, store.WaitsForStatus: {Count: 1, Oldest: time.Minute},
		store.WaitsForWindow: {Count: 1, Oldest: 48 * time.Hour}, store.WaitsForLaterTry: {Count: 1, Oldest: 24 * time.Hour},
	}
	if diff := cmp.Diff(want, w.backlog().Messages); diff != "" {
		t.Error(diff)
	}

	// A circuit that is open for templates alone lets replies go on.
	w.exec(`UPDATE connections SET state = 'held', hold_scope = 'templates', hold_code = 131042, held_at = $2 WHERE id = $1`, w.conn.ID, w.now().Add(-time.Hour))
	w.exec(`UPDATE messages SET kind = 'template' WHERE id = (SELECT min(message_id) FROM send_queue)`)
	want[store.WaitsForHold] = want[store.WaitsForSender]
	delete(want, store.WaitsForSender)
	b := w.backlog()
	if diff := cmp.Diff(want, b.Messages); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff(map[store.Hold]store.Waiting{{Scope: models.HoldTemplates, Code: "131042"}: {Count: 1, Oldest: time.Hour}}, b.Holds); diff != "" {
		t.Error(diff)
	}

	w.exec(`UPDATE connections SET hold_scope = 'all', hold_code = NULL WHERE id = $1`, w.conn.ID)
	b = w.backlog()
	if b.Messages[store.WaitsForHold].Count != 3 || b.Holds[store.Hold{Scope: models.HoldAll}].Count != 1 {
		t.Errorf("held without a code: %+v", b)
	}
	w.exec(`UPDATE connections SET state = 'paused', held_at = NULL WHERE id = $1`, w.conn.ID)
	b = w.backlog()
	if b.Messages[store.WaitsForResume].Count != 3 || len(b.Holds) != 0 || b.Connections[models.ConnectionPaused] != 1 {
		t.Errorf("paused: %+v", b)
	}
}

func TestBacklogTellsOfDoorbellsAndQuarantine(t *testing.T) {
	t.Parallel()
	w := newSendWorld(t)
	w.exec(`INSERT INTO doorbells (account_id, workflow_type, workflow_id, created_at) VALUES ($1, 'FlowRun', 'flow-run/1', $2), ($1, 'FlowRun', 'flow-run/2', $3)`,
		w.account, w.now().Add(-time.Minute), w.now().Add(-time.Second))
	w.exec(`INSERT INTO quarantine (account_id, connection_id, reason, body, received_at, resolved_at) VALUES ($1, $2, 'x', 'open', $3, NULL), ($1, $2, 'x', 'resolved', $3, $3)`,
		w.account, w.conn.ID, w.now().Add(-time.Hour))
	b := w.backlog()
	if b.Doorbells != (store.Waiting{Count: 2, Oldest: time.Minute}) || b.Quarantine != (store.Waiting{Count: 1, Oldest: time.Hour}) {
		t.Errorf("got %+v", b)
	}
}

func (w *sendWorld) backlog() *store.Backlog {
	w.t.Helper()
	b, err := w.s.Backlog(w.ctx)
	if err != nil {
		w.t.Fatal(err)
	}
	return b
}
