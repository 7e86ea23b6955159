package store_test

import (
	"testing"
	"time"

	"github.com/perene/perene/contract"
	"github.com/perene/perene/models"
	"github.com/perene/perene/store"
)

// Rule 073: what agents do with a ticket leaves the conversation where it stands, and what people said as its preview. The end of
// a snooze brings it up and says why.
func TestLinesAboutTicketsLeaveTheirPlace(t *testing.T) {
	t.Parallel()
	w := newDesk(t)
	last := func() (kind string, at time.Time) {
		t.Helper()
		rows, err := w.Conversations(t.Context(), w.Account, store.Viewer{User: carla, Everything: true}, store.ConversationFilter{}, store.ConversationPage{Limit: 10})
		if err != nil || len(rows) != 1 || rows[0].Last == nil {
			t.Fatalf("%+v, %v", rows, err)
		}
		return string(rows[0].Last.Kind), *rows[0].LastMessageAt
	}
	_, before := last()
	w.pass(time.Minute)
	id := w.open(carla, contract.TicketOpening{Mode: "queue", QueueID: ptr(vendas)})
	w.ask(ana, id, models.TicketAccept, nil)
	w.ask(ana, id, models.TicketTransferToUser, models.TicketToUser{UserID: bia})
	w.ask(bia, id, models.TicketSnooze, models.TicketSnoozing{Until: ptr(w.now().Add(time.Hour)), Reason: "pagamento"})
	if kind, at := last(); kind != "text" || !at.Equal(before) {
		t.Errorf("after acts of agents the list shows a %s of %s, want the contact's text of %s", kind, at, before)
	}
	w.pass(time.Hour)
	start := contract.TicketStart{AccountID: w.Account, TicketID: id, ConversationID: w.conv, ConnectionID: w.Connection.ID}
	if _, _, err := w.TicketTurn(t.Context(), start); err != nil {
		t.Fatal(err)
	}
	if kind, at := last(); kind != "system_note" || !at.Equal(w.now()) {
		t.Errorf("after the snooze the list shows a %s of %s, want the line that says why", kind, at)
	}
}
