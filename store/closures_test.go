package store_test

import (
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/perene/perene/contract"
	"github.com/perene/perene/models"
	"github.com/perene/perene/store"
	"github.com/perene/perene/store/storetest"
)

// newScheduled is a desk with an open ticket of Ana whose closure is scheduled in 30 minutes.
func newScheduled(t *testing.T, how models.TicketScheduling) (*deskWorld, models.TicketID) {
	t.Helper()
	w := newDesk(t)
	w.Exec(t, `INSERT INTO custom_fields (account_id, entity, key, name, kind, on_closing) VALUES ($1, 'contact', 'motivo', 'Motivo', 'text', 'optional')`, w.Account)
	w.Exec(t, `INSERT INTO closing_reasons (id, account_id, name) VALUES (1, $1, 'Resolvido')`, w.Account)
	id := w.open(ana, contract.TicketOpening{Mode: "queue", QueueID: ptr(vendas), AgentID: ptr(ana)})
	how.DueAt = w.now().Add(30 * time.Minute)
	if got := w.ask(ana, id, models.TicketScheduleClosing, how); got != "done" {
		t.Fatalf("scheduling is %s", got)
	}
	return w, id
}

// closures says how the scheduled closures stand, the oldest first.
func (w *deskWorld) closures() []string {
	w.t.Helper()
	return texts(w.t, w.Fixture, `SELECT state FROM scheduled_closures ORDER BY id`)
}

// due lets the workflow of the latest closure try to close.
func (w *deskWorld) due() contract.Wake {
	w.t.Helper()
	wake, err := w.closeDue()
	if err != nil {
		w.t.Fatal(err)
	}
	return wake
}

func (w *deskWorld) closeDue() (contract.Wake, error) {
	start := contract.ScheduledClosureStart{AccountID: w.Account, ClosureID: models.ClosureID(w.Count(w.t, `SELECT max(id) FROM scheduled_closures`)),
		TicketID: models.TicketID(w.Count(w.t, `SELECT max(ticket_id) FROM scheduled_closures`)), ConversationID: w.conv}
	_, wake, err := w.CloseDue(w.t.Context(), start)
	return wake, err
}

func (w *deskWorld) lastLine() string {
	w.t.Helper()
	return texts(w.t, w.Fixture, `SELECT concat_ws(' ', content->'system_note'->>'code', content->'system_note'->'params'->>'by', content->'system_note'->'params'->>'reply')
		FROM messages WHERE direction = 'system' ORDER BY id DESC LIMIT 1`)[0]
}

// Rules 151, 154 and Z26: at its instant, and not before, the text leaves and the ticket closes with what was collected.
func TestScheduledClosure(t *testing.T) {
	t.Parallel()
	w, _ := newScheduled(t, models.TicketScheduling{TicketClosing: models.TicketClosing{ReasonID: 1, Text: "Até logo", Values: map[string]any{"motivo": "troca"}}})
	w.pass(29 * time.Minute)
	w.due()
	w.stands("ticket open queue Vendas agent Ana")
	if got := w.lastLine(); got != "closing_scheduled Ana" {
		t.Errorf("the last line is %q", got)
	}
	w.hear() // it is not one that an answer cancels
	w.pass(time.Minute)
	wake := w.due()
	w.stands("idle closed queue Vendas agent Ana")
	if len(wake.Connections) != 1 {
		t.Errorf("the text does not leave: woke %v", wake)
	}
	if n := w.Count(t, `SELECT count(*) FROM tickets WHERE closing_reason_id = 1 AND closed_by_id = 1 AND closing_values->>'motivo' = 'troca'`); n != 1 {
		t.Error("the ticket lacks what was collected")
	}
	if n := w.Count(t, `SELECT count(*) FROM contacts WHERE custom_values->>'motivo' = 'troca'`); n != 1 {
		t.Error("the contact lacks what was collected")
	}
	w.due() // a repeated activity
	if n := w.Count(t, `SELECT count(*) FROM messages WHERE content->>'text' = 'Até logo'`); n != 1 {
		t.Errorf("the text is there %d times", n)
	}
	if diff := cmp.Diff([]string{"done"}, w.closures()); diff != "" {
		t.Error(diff)
	}
}

// Rule 152 and Z17: an answer of the contact takes it back where that was chosen; a reaction is none.
func TestScheduledClosureAndTheContactsAnswer(t *testing.T) {
	t.Parallel()
	w, _ := newScheduled(t, models.TicketScheduling{CancelOnReply: true})
	reaction := storetest.Text("react", "5581988880001", "", w.now())
	reaction.Message.Content = models.Content{Kind: models.ContentKindReaction, Reaction: &models.ContentReaction{Emoji: "👍"}}
	if _, err := w.Receive(t.Context(), w.Connection, delivery(reaction), w.choose); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"waiting"}, w.closures()); diff != "" {
		t.Errorf("a reaction: %s", diff)
	}
	wake := w.hear()
	if diff := cmp.Diff([]string{"replied"}, w.closures()); diff != "" {
		t.Error(diff)
	}
	rung := false
	for _, bell := range wake.Doorbells {
		rung = rung || bell.WorkflowType == contract.WorkflowScheduledClosure
	}
	if !rung {
		t.Errorf("the closure's workflow is not rung: %v", wake)
	}
	if got := w.lastLine(); got != "closing_cancelled true" {
		t.Errorf("the last line is %q", got)
	}
	w.pass(time.Hour)
	w.due()
	w.stands("ticket open queue Vendas agent Ana")
	if got := w.facts(); !strings.HasSuffix(got, "closing_scheduled user, closing_cancelled contact") {
		t.Errorf("its history is %s", got)
	}
}

// Rules 151 to 153 and Z30: one waits at a time; it is replaced on demand and taken back by a person; a ticket that closes
// before leaves none behind, and what cannot be is refused.
func TestScheduledClosuresOneAtATime(t *testing.T) {
	t.Parallel()
	w, id := newScheduled(t, models.TicketScheduling{})
	at := func(d time.Duration) models.TicketScheduling { return models.TicketScheduling{DueAt: w.now().Add(d)} }
	replace := at(time.Hour)
	replace.Replace = true
	missing := at(time.Hour)
	missing.ReasonID = 99
	for _, c := range []struct {
		name string
		kind models.TicketCommandKind
		data models.TicketScheduling
		want string
		rows []string
	}{
		{"another", models.TicketScheduleClosing, at(time.Hour), models.KeyTicketClosingWaits, []string{"waiting"}},
		{"in the past", models.TicketScheduleClosing, at(-time.Second), models.KeyTicketClosingPast, []string{"waiting"}},
		{"in two years", models.TicketScheduleClosing, at(2 * 366 * 24 * time.Hour), models.KeyTicketClosingPast, []string{"waiting"}},
		{"with a reason that is not there", models.TicketScheduleClosing, missing, models.KeyTicketReason, []string{"waiting"}},
		{"instead of it", models.TicketScheduleClosing, replace, "done", []string{"replaced", "waiting"}},
		{"taken back", models.TicketCancelClosing, at(0), "done", []string{"replaced", "cancelled"}},
		{"taken back twice", models.TicketCancelClosing, at(0), models.KeyTicketNoClosing, []string{"replaced", "cancelled"}},
		{"again", models.TicketScheduleClosing, at(time.Hour), "done", []string{"replaced", "cancelled", "waiting"}},
		{"closed before", models.TicketClose, at(0), "done", []string{"replaced", "cancelled", "overtaken"}},
	} {
		if got := w.ask(ana, id, c.kind, c.data); got != c.want {
			t.Errorf("%s: %s, want %s", c.name, got, c.want)
		}
		if diff := cmp.Diff(c.rows, w.closures()); diff != "" {
			t.Errorf("%s: %s", c.name, diff)
		}
	}
	want := "closing_scheduled user, closing_scheduled user, closing_cancelled user, closing_scheduled user, closed user"
	if got := w.facts(); !strings.HasSuffix(got, want) {
		t.Errorf("its history is %s, want it to end with %s", got, want)
	}
}

// Z27: with the window closed it closes anyway and says that the text was not sent. What the account removed since is left out.
func TestScheduledClosureInAnotherWorld(t *testing.T) {
	t.Parallel()
	w, _ := newScheduled(t, models.TicketScheduling{TicketClosing: models.TicketClosing{ReasonID: 1, Text: "Até logo", Values: map[string]any{"motivo": "troca"}}})
	w.Exec(t, `UPDATE closing_reasons SET archived_at = now()`)
	w.Exec(t, `UPDATE custom_fields SET archived_at = now()`)
	w.pass(25 * time.Hour)
	w.due()
	w.stands("idle closed queue Vendas agent Ana")
	if n := w.Count(t, `SELECT count(*) FROM messages WHERE content->>'text' = 'Até logo'`); n != 0 {
		t.Error("a text was queued outside the window")
	}
	if n := w.Count(t, `SELECT count(*) FROM messages WHERE content->'system_note'->>'code' = 'closing_text_unsent'`); n != 1 {
		t.Error("nobody is told that the text was not sent")
	}
	if n := w.Count(t, `SELECT count(*) FROM tickets WHERE closing_reason_id IS NULL AND closing_values->>'motivo' = 'troca'`); n != 1 {
		t.Error("what was collected is not kept with the ticket")
	}
}

// Rule 152: the answer at the due second has one result, whichever comes first.
func TestScheduledClosureAtTheDueSecond(t *testing.T) {
	t.Parallel()
	for range 10 {
		w, _ := newScheduled(t, models.TicketScheduling{CancelOnReply: true, TicketClosing: models.TicketClosing{Text: "Até logo"}})
		w.pass(30 * time.Minute)
		var both sync.WaitGroup
		both.Go(func() {
			if _, err := w.closeDue(); err != nil {
				t.Error(err)
			}
		})
		both.Go(func() { w.hear() })
		both.Wait()
		texts := w.Count(t, `SELECT count(*) FROM messages WHERE content->>'text' = 'Até logo'`)
		closed := w.Count(t, `SELECT count(*) FROM tickets WHERE closed_at IS NOT NULL`)
		switch got := fmt.Sprint(w.closures(), texts, closed); got {
		case "[done] 1 1", "[replied] 0 0":
		default:
			t.Fatalf("closures, texts and closed tickets: %s", got)
		}
	}
}

// The rows that rebuild workflows name a closure that waits, and it is seen with its ticket.
func TestScheduledClosureIsSeen(t *testing.T) {
	t.Parallel()
	w, _ := newScheduled(t, models.TicketScheduling{CancelOnReply: true})
	v, err := w.Conversation(t.Context(), w.Account, store.Viewer{User: ana}, w.conv)
	if err != nil {
		t.Fatal(err)
	}
	want := &store.ClosureBrief{DueAt: w.now().Add(30 * time.Minute), CancelOnReply: true, ByKind: models.ActorUser, ByID: int64(ana), By: "Ana"}
	if v.Ticket == nil || !cmp.Equal(v.Ticket.Closure, want) {
		t.Errorf("the ticket shows %+v, want %+v", v.Ticket, want)
	}
	w.Exec(t, `DELETE FROM doorbells`)
	if n, err := w.RebuildDoorbells(t.Context(), contract.WorkflowScheduledClosure); err != nil || n != 1 {
		t.Errorf("%d doorbells, %v", n, err)
	}
	if got := texts(t, w.Fixture, `SELECT workflow_id FROM doorbells`); len(got) != 1 || got[0] != contract.ScheduledClosureID(models.ClosureID(w.Count(t, `SELECT id FROM scheduled_closures`))) {
		t.Errorf("rings %v", got)
	}
}
