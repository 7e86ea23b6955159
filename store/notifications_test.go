package store_test

import (
	"strings"
	"testing"
	"time"

	"github.com/perene/perene/contract"
	"github.com/perene/perene/models"
	"github.com/perene/perene/store"
)

func (w *deskWorld) viewer(user models.UserID) store.Viewer {
	return store.Viewer{User: user, Everything: user == carla}
}

// bell says what a user's bell lists, the latest first: kind and count, with a dot while the entry is new.
func (w *deskWorld) bell(user models.UserID) string {
	w.t.Helper()
	all, err := w.Notifications(w.t.Context(), w.Account, w.viewer(user))
	if err != nil {
		w.t.Fatal(err)
	}
	var out []string
	for _, n := range all {
		entry := string(n.Kind)
		if n.SeenAt == nil {
			entry += "•" + strings.Repeat("I", n.Count)
		}
		out = append(out, entry)
	}
	return strings.Join(out, " ")
}

func (w *deskWorld) rings(user models.UserID, want string) {
	w.t.Helper()
	if got := w.bell(user); got != want {
		w.t.Errorf("the bell of %d lists %q, want %q", user, got, want)
	}
}

// Rules 233, 234 and 253: the bell hears of messages to one's own conversations and of what comes to a person or a queue, by
// people, flows and rules alike, and never of one's own acts.
func TestBell(t *testing.T) {
	t.Parallel()
	w := newDesk(t)
	id := w.open(carla, contract.TicketOpening{Mode: "queue", QueueID: ptr(vendas)})
	w.rings(ana, "queued•I")
	w.rings(bia, "")
	w.pass(time.Second)
	if got := w.ask(ana, id, models.TicketAccept, nil); got != "done" {
		t.Fatal(got)
	}
	w.rings(ana, "queued•I") // whoever accepts knows it
	w.hear()
	w.pass(time.Second)
	w.hear()
	w.rings(ana, "message•II queued•I")
	w.rings(carla, "")
	w.pass(time.Second)
	if got := w.ask(ana, id, models.TicketTransferToUser, models.TicketToUser{UserID: bia}); got != "done" {
		t.Fatal(got)
	}
	w.rings(bia, "assigned•I")
	w.rings(ana, "") // a conversation that is out of sight is in no bell
	w.pass(time.Second)
	if got := w.ask(bia, id, models.TicketTransferToQueue, models.TicketToQueue{QueueID: suporte}); got != "done" {
		t.Fatal(got)
	}
	w.rings(bia, "assigned•I") // Bia put it there
	if n := w.Count(t, `SELECT count(*) FROM events WHERE kind = 'notification.updated' AND entity_id = 2`); n != 1 {
		t.Errorf("%d events for Bia, want 1", n)
	}
}

// A flow that hands over, and an assignment that lapses, tell the people of the queue.
func TestBellHearsOfFlowsAndRules(t *testing.T) {
	t.Parallel()
	w := newDesk(t)
	w.Exec(t, `UPDATE queues SET lease_minutes = 5 WHERE id = 1`)
	run := models.FlowRunID(7)
	id, _, _, err := w.OpenTicket(t.Context(), w.Account, w.conv, contract.TicketOpening{Mode: "queue", QueueID: ptr(vendas),
		Actor: models.Actor{Kind: models.ActorFlow, ID: int64(run)}})
	if err != nil {
		t.Fatal(err)
	}
	w.rings(ana, "queued•I")
	if got := w.ask(ana, id, models.TicketAccept, nil); got != "done" {
		t.Fatal(got)
	}
	w.see(ana)
	w.rings(ana, "queued")
	w.pass(6 * time.Minute)
	start := contract.TicketStart{AccountID: w.Account, TicketID: id, ConversationID: w.conv, ConnectionID: w.Connection.ID}
	if _, _, err := w.TicketTurn(t.Context(), start); err != nil {
		t.Fatal(err)
	}
	w.rings(ana, "queued•I")
}

// see marks everything in a user's bell as seen.
func (w *deskWorld) see(user models.UserID) {
	w.t.Helper()
	if err := w.SeeNotifications(w.t.Context(), w.Account, w.viewer(user), w.inBell(user)); err != nil {
		w.t.Fatal(err)
	}
}

func (w *deskWorld) inBell(user models.UserID) []models.NotificationID {
	w.t.Helper()
	all, err := w.Notifications(w.t.Context(), w.Account, w.viewer(user))
	if err != nil {
		w.t.Fatal(err)
	}
	ids := make([]models.NotificationID, len(all))
	for i := range all {
		ids[i] = all[i].ID
	}
	return ids
}

// Rule 237: what was looked at has no dot, what comes again gets one, and a bell is cleared entry by entry or by conversation.
// Nobody reaches into another's bell.
func TestBellIsCleared(t *testing.T) {
	t.Parallel()
	w := newDesk(t)
	w.open(carla, contract.TicketOpening{Mode: "agent", AgentID: ptr(ana)})
	w.pass(time.Second)
	w.hear()
	w.rings(ana, "message•I assigned•I")
	w.see(ana)
	w.rings(ana, "message assigned")
	w.pass(time.Second)
	w.hear()
	w.rings(ana, "message•I assigned")
	first := w.inBell(ana)[:1]
	for _, conversation := range []models.ConversationID{0, w.conv} {
		if err := w.ClearNotifications(t.Context(), w.Account, w.viewer(bia), first, conversation); models.CodeOf(err) != models.CodeNotFound {
			t.Errorf("Bia clears the bell of Ana: %v", err)
		}
	}
	w.rings(ana, "message•I assigned")
	if err := w.ClearNotifications(t.Context(), w.Account, w.viewer(ana), first, 0); err != nil {
		t.Fatal(err)
	}
	w.rings(ana, "assigned")
	if err := w.ClearNotifications(t.Context(), w.Account, w.viewer(ana), nil, w.conv); err != nil {
		t.Fatal(err)
	}
	w.rings(ana, "")
	w.hear()
	if n, err := w.PruneNotifications(t.Context(), w.now().Add(time.Minute), 10); err != nil || n != 1 {
		t.Errorf("%d old entries went, %v", n, err)
	}
}

// A note tells the people whom it names, and nobody else (rule 123).
func TestBellHearsOfMentions(t *testing.T) {
	t.Parallel()
	w := newDesk(t)
	w.open(carla, contract.TicketOpening{Mode: "queue", QueueID: ptr(vendas)})
	w.see(ana)
	w.pass(time.Second)
	_, err := w.WriteNote(t.Context(), w.Account, w.viewer(carla), store.AgentNote{ConversationID: w.conv, AuthorID: carla, Text: "@Ana veja",
		Users: []models.UserID{ana, carla}})
	if err != nil {
		t.Fatal(err)
	}
	w.rings(ana, "mention•I queued")
	w.rings(carla, "")
	w.rings(bia, "")
}
