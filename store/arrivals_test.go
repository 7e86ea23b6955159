package store_test

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/perene/perene/contract"
	"github.com/perene/perene/models"
	"github.com/perene/perene/store"
	"github.com/perene/perene/store/storetest"
)

// arrived is a message of the person of these tests that came in some way.
func arrived(id string, how models.Arrival, written time.Time) contract.InboundElement {
	e := storetest.Text(id, "5581988880001", id, written)
	e.Message.Arrival = how
	e.Message.FromMe = how == models.ArrivalEcho
	return e
}

// arrivalState is what a message may change in its conversation.
type arrivalState struct {
	Unread              int
	Counting, Window    bool
	InboundSeq, Wakings int64
}

func stateOf(t *testing.T, f *storetest.Fixture) arrivalState {
	t.Helper()
	var s arrivalState
	if err := f.Pool().QueryRow(t.Context(), `SELECT unread_count, first_unanswered_at IS NOT NULL, window_expires_at IS NOT NULL, inbound_seq,
		(SELECT count(*) FROM doorbells) FROM conversations`).Scan(&s.Unread, &s.Counting, &s.Window, &s.InboundSeq, &s.Wakings); err != nil {
		t.Fatal(err)
	}
	return s
}

// What a message was is stored, and only live and late ones wake anybody, count as unread, start the counter and open windows.
func TestOnlyLiveAndLateMessagesConcernSomebody(t *testing.T) {
	t.Parallel()
	for how, c := range map[models.Arrival]struct {
		set  func(*storetest.Fixture)
		send models.Arrival
		age  time.Duration
		want arrivalState
	}{
		models.ArrivalLive:    {send: models.ArrivalLive, want: arrivalState{1, true, true, 1, 2}},
		models.ArrivalLate:    {send: models.ArrivalLive, age: time.Hour, want: arrivalState{1, true, true, 1, 2}},
		models.ArrivalHistory: {send: models.ArrivalHistory, age: time.Hour, want: arrivalState{InboundSeq: 1}},
		models.ArrivalEcho:    {send: models.ArrivalEcho},
		models.ArrivalGroup:   {send: models.ArrivalGroup, want: arrivalState{InboundSeq: 1}},
		models.ArrivalStandby: {send: models.ArrivalStandby, want: arrivalState{InboundSeq: 1}},
		models.ArrivalRefused: {send: models.ArrivalLive, want: arrivalState{InboundSeq: 1},
			set: func(f *storetest.Fixture) { f.Connection.Settings.RefuseMessages = true }},
	} {
		t.Run(string(how), func(t *testing.T) {
			t.Parallel()
			f := storetest.NewFixture(t, storetest.New(t, store.Options{Now: at(noon)}), "how")
			f.Publish(t, "Boas-vindas", `{}`)
			if c.set != nil {
				c.set(f)
			}
			if _, err := f.Receive(t.Context(), f.Connection, delivery(arrived("one", c.send, noon.Add(-c.age))), first); err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(c.want, stateOf(t, f)); diff != "" {
				t.Errorf("a message that is %s changes (-want +got):\n%s", how, diff)
			}
			if n := f.Count(t, `SELECT count(*) FROM messages WHERE arrival = $1`, how); n != 1 {
				t.Errorf("%d rows say %s, want 1", n, how)
			}
		})
	}
}

// Rule 191: a blocked contact's messages are kept and concern nobody.
func TestABlockedContactIsRefused(t *testing.T) {
	t.Parallel()
	f := storetest.NewFixture(t, storetest.New(t, store.Options{Now: at(noon)}), "blocked")
	receive := func(id string) {
		t.Helper()
		if _, err := f.Receive(t.Context(), f.Connection, delivery(arrived(id, models.ArrivalLive, noon)), nil); err != nil {
			t.Fatal(err)
		}
	}
	receive("before")
	f.Exec(t, `UPDATE contacts SET blocked_at = now()`)
	before := stateOf(t, f)
	receive("after")
	before.InboundSeq++
	if diff := cmp.Diff(before, stateOf(t, f)); diff != "" {
		t.Errorf("a blocked contact's message changes (-want +got):\n%s", diff)
	}
	if n := f.Count(t, `SELECT count(*) FROM messages WHERE arrival = 'refused'`); n != 1 {
		t.Errorf("%d refused, want 1", n)
	}
}

// A running flow reads what the contact writes now, and nothing else that came after its last step.
func TestAFlowReadsOnlyWhatConcernsIt(t *testing.T) {
	t.Parallel()
	f := storetest.NewFixture(t, storetest.New(t, store.Options{Now: at(noon)}), "reads")
	f.Publish(t, "Boas-vindas", `{}`)
	wake, err := f.Receive(t.Context(), f.Connection, delivery(
		arrived("live", models.ArrivalLive, noon), arrived("history", models.ArrivalHistory, noon.Add(-time.Hour)),
		arrived("group", models.ArrivalGroup, noon), arrived("standby", models.ArrivalStandby, noon),
		arrived("late", models.ArrivalLive, noon.Add(-time.Hour))), first)
	if err != nil {
		t.Fatal(err)
	}
	var start contract.FlowRunStart
	for _, d := range wake.Doorbells {
		if d.WorkflowType == contract.WorkflowFlowRun {
			if err := json.Unmarshal(d.Input, &start); err != nil {
				t.Fatal(err)
			}
		}
	}
	var read []string
	if _, _, err := f.StepFlow(t.Context(), start, 1, func(snap *contract.StepSnapshot) (*contract.StepDecision, error) {
		for _, m := range snap.Inbound {
			read = append(read, m.Content.Text)
		}
		return &contract.StepDecision{State: []byte(`{}`), HandledSeq: snap.Conversation.InboundSeq, Result: contract.StepResult{Wait: "reply"}}, nil
	}, nil); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"live", "late"}, read); diff != "" {
		t.Errorf("the flow read (-want +got):\n%s", diff)
	}
}

// History keeps its own instants: it takes its place in the timeline and moves no conversation past newer ones.
func TestHistoryTakesItsPlaceInTheOrder(t *testing.T) {
	t.Parallel()
	now := noon
	f := storetest.NewFixture(t, storetest.New(t, store.Options{Now: func() time.Time { return now }}), "order")
	receive := func(e contract.InboundElement) {
		t.Helper()
		if _, err := f.Receive(t.Context(), f.Connection, delivery(e), nil); err != nil {
			t.Fatal(err)
		}
	}
	receive(arrived("first", models.ArrivalLive, noon))
	now = noon.Add(time.Hour)
	receive(arrived("second", models.ArrivalLive, now))
	now = noon.Add(2 * time.Hour)
	receive(arrived("oldest", models.ArrivalHistory, noon.Add(-48*time.Hour)))
	receive(arrived("between", models.ArrivalHistory, noon.Add(30*time.Minute)))
	now = noon.Add(-time.Hour) // another process, whose clock is behind
	receive(arrived("third", models.ArrivalLive, noon.Add(2*time.Hour)))

	var conv models.ConversationID
	var last string
	var lastAt time.Time
	if err := f.Pool().QueryRow(t.Context(), `SELECT v.id, m.provider_message_id, v.last_message_at FROM conversations v
		JOIN messages m ON m.id = v.last_message_id`).Scan(&conv, &last, &lastAt); err != nil {
		t.Fatal(err)
	}
	if last != "third" || !lastAt.Equal(noon.Add(time.Hour)) {
		t.Errorf("the inbox shows %s of %s, want the newest message where it was", last, lastAt)
	}
	var got []string
	for before := models.MessageID(0); ; {
		page, err := f.Messages(t.Context(), f.Account, store.Viewer{Everything: true}, conv, before, 2)
		if err != nil {
			t.Fatal(err)
		}
		if len(page) == 0 {
			break
		}
		for _, m := range page {
			got = append(got, m.Content.Text)
		}
		before = page[len(page)-1].ID
	}
	if diff := cmp.Diff([]string{"third", "second", "between", "first", "oldest"}, got); diff != "" {
		t.Errorf("newest first, page by page (-want +got):\n%s", diff)
	}
	if n := f.Count(t, `SELECT count(*) FROM messages WHERE stored_at = $1`, noon.Add(2*time.Hour)); n != 2 {
		t.Errorf("%d rows of the history say when they were stored, want 2", n)
	}
}

// Z17: edits, deletions, reactions and calls are on the timeline, and neither unread nor counted. Edits, deletions and the
// provider's notes do not open the window either.
func TestWhatIsNoAnswerIsNeitherUnreadNorCounted(t *testing.T) {
	t.Parallel()
	for _, kind := range models.ContentKinds() {
		if kind.Answers() {
			continue
		}
		t.Run(string(kind), func(t *testing.T) {
			t.Parallel()
			f := storetest.NewFixture(t, storetest.New(t, store.Options{Now: at(noon)}), "kind")
			f.Publish(t, "Boas-vindas", `{}`)
			e := arrived("x", models.ArrivalLive, noon)
			e.Message.Content = models.Content{Kind: kind}
			if _, err := f.Receive(t.Context(), f.Connection, delivery(e), first); err != nil {
				t.Fatal(err)
			}
			want := arrivalState{InboundSeq: 1}
			if kind.Says() {
				want.Window, want.Wakings = true, 1
			}
			if diff := cmp.Diff(want, stateOf(t, f)); diff != "" {
				t.Errorf("it changes (-want +got), though only the window's watch may be woken:\n%s", diff)
			}
			if _, err := f.Receive(t.Context(), f.Connection, delivery(arrived("y", models.ArrivalLive, noon), e), nil); err != nil {
				t.Fatal(err)
			}
			var id models.ConversationID
			var x models.MessageID
			if err := f.Pool().QueryRow(t.Context(), `SELECT conversation_id, id FROM messages WHERE provider_message_id = 'x'`).Scan(&id, &x); err != nil {
				t.Fatal(err)
			}
			if _, err := f.MarkRead(t.Context(), f.Account, store.Viewer{Everything: true}, id, x); err != nil {
				t.Fatal(err)
			}
			if s := stateOf(t, f); s.Unread != 1 {
				t.Errorf("%d unread behind it, want the text alone", s.Unread)
			}
		})
	}
}
