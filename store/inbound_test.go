package store_test

import (
	"context"
	"encoding/json"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/perene/perene/contract"
	"github.com/perene/perene/models"
	"github.com/perene/perene/store"
	"github.com/perene/perene/store/storetest"
)

var noon = time.Date(2026, 11, 20, 15, 0, 0, 0, time.UTC)

func at(t time.Time) func() time.Time { return func() time.Time { return t } }

func delivery(elements ...contract.InboundElement) contract.InboundDelivery {
	return contract.InboundDelivery{Elements: elements}
}

func first(_ context.Context, q contract.StartQuestion) (*contract.StartAnswer, error) {
	return &contract.StartAnswer{Flow: q.PublishedFlows[0], Trigger: json.RawMessage(`{"from_message":true}`)}, nil
}

// R2: the same delivery, repeated and at once, stores each message once.
func TestAMessageIsStoredOnce(t *testing.T) {
	f := storetest.NewFixture(t, storetest.New(t, store.Options{Now: at(noon)}), "one")
	var group sync.WaitGroup
	for range 8 {
		group.Go(func() {
			for i := range 5 {
				d := delivery(storetest.Text(fmt.Sprintf("wamid.%d", i), "5581988880001", "oi", noon))
				if _, err := f.Receive(context.Background(), f.Connection, d, nil); err != nil {
					t.Error(err)
				}
			}
		})
	}
	group.Wait()
	if n := f.Count(t, `SELECT count(*) FROM messages`); n != 5 {
		t.Errorf("%d messages, want 5", n)
	}
	if n := f.Count(t, `SELECT count(*) FROM contacts`); n != 1 {
		t.Errorf("%d contacts, want 1: first messages at once are of one person", n)
	}
	if n := f.Count(t, `SELECT inbound_seq FROM conversations`); n != 5 {
		t.Errorf("inbound_seq %d, want 5", n)
	}
	if n := f.Count(t, `SELECT count(DISTINCT seq) FROM messages`); n != 5 {
		t.Errorf("%d different seqs, want 5", n)
	}
}

// Botpress #15083: one bad element must not take the others down.
func TestABadElementGoesToQuarantineAndTheOthersStay(t *testing.T) {
	f := storetest.NewFixture(t, storetest.New(t, store.Options{Now: at(noon)}), "bad")
	nobody := storetest.Text("wamid.nobody", "", "quem?", noon)
	nobody.Raw = []byte(`{"id":"wamid.nobody"}`)
	wake, err := f.Receive(t.Context(), f.Connection, delivery(
		storetest.Text("wamid.a", "5581988880001", "a", noon), nobody, storetest.Text("wamid.b", "5581988880001", "b", noon)), nil)
	if err != nil {
		t.Fatal(err)
	}
	if wake.Stored != 2 || wake.Quarantined != 1 {
		t.Errorf("stored %d, quarantined %d; want 2 and 1", wake.Stored, wake.Quarantined)
	}
	var body []byte
	var code models.QuarantineCode
	if err := f.Pool().QueryRow(t.Context(), `SELECT body, code FROM quarantine`).Scan(&body, &code); err != nil || string(body) != `{"id":"wamid.nobody"}` ||
		code != models.QuarantineNobody {
		t.Errorf("quarantine keeps %q as %s, %v", body, code, err)
	}
	// Alone in its delivery it goes to quarantine as well; the same bytes are kept once (S2).
	alone := storetest.Text("wamid.alone", "", "quem?", noon)
	alone.Raw = []byte(`{"id":"wamid.alone"}`)
	if wake, err = f.Receive(t.Context(), f.Connection, delivery(alone), nil); err != nil || wake.Quarantined != 1 {
		t.Errorf("alone: %+v, %v", wake, err)
	}
	if wake, err = f.Receive(t.Context(), f.Connection, delivery(alone), nil); err != nil || wake.Quarantined != 0 || wake.Repeated != 1 {
		t.Errorf("again: %+v, %v", wake, err)
	}
}

// Z19, D02: both ninth-digit forms and the user id lead to one contact; a contact without phone is possible.
func TestPhonesAndUserIDsLeadToOneContact(t *testing.T) {
	f := storetest.NewFixture(t, storetest.New(t, store.Options{Now: at(noon)}), "ids")
	hint := func(id string, p models.PersonHint) contract.InboundElement {
		e := storetest.Text(id, "x", "oi", noon)
		e.Message.Person = p
		return e
	}
	for i, p := range []models.PersonHint{
		storetest.Person("", "BR.1"),             // a username hides the phone
		storetest.Person("558188880001", "BR.1"), // the phone appears, without the ninth digit
		storetest.Person("5581988880001", ""),
	} {
		if _, err := f.Receive(t.Context(), f.Connection, delivery(hint(fmt.Sprint("w", i), p)), nil); err != nil {
			t.Fatal(err)
		}
	}
	if n := f.Count(t, `SELECT count(*) FROM contacts WHERE merged_into_id IS NULL`); n != 1 {
		t.Errorf("%d contacts, want 1", n)
	}
	if n := f.Count(t, `SELECT count(*) FROM conversations`); n != 1 {
		t.Errorf("%d conversations, want 1", n)
	}
	// Two strangers that turn out to be one are merged.
	for i, p := range []models.PersonHint{storetest.Person("", "BR.2"), storetest.Person("5581977770002", ""),
		storetest.Person("5581977770002", "BR.2")} {
		if _, err := f.Receive(t.Context(), f.Connection, delivery(hint(fmt.Sprint("m", i), p)), nil); err != nil {
			t.Fatal(err)
		}
	}
	if n := f.Count(t, `SELECT count(*) FROM contacts WHERE merged_into_id IS NULL`); n != 2 {
		t.Errorf("%d contacts, want 2", n)
	}
	// The person changes number: the conversation goes on under the new one.
	change := contract.InboundElement{Kind: "identity_change", Identity: &models.IdentityChange{
		Previous: storetest.Person("5581988880001", "BR.1"),
		Current:  storetest.Person("5511966660003", "BR.9"), At: noon}}
	next := hint("after", storetest.Person("", "BR.9"))
	if _, err := f.Receive(t.Context(), f.Connection, delivery(change, next), nil); err != nil {
		t.Fatal(err)
	}
	if n := f.Count(t, `SELECT count(*) FROM messages WHERE contact_id = (SELECT contact_id FROM contact_identities WHERE value = 'BR.9') AND direction = 'in'`); n != 4 {
		t.Errorf("%d messages under the new identity, want all 4", n)
	}
}

// Rules 088, 089, Z14: 24 hours from the message, by the provider's clock; a late webhook neither reopens nor shortens.
func TestWindowFollowsTheProvidersClock(t *testing.T) {
	f := storetest.NewFixture(t, storetest.New(t, store.Options{Now: at(noon)}), "win")
	receive := func(id string, sent time.Time) contract.Wake {
		t.Helper()
		w, err := f.Receive(t.Context(), f.Connection, delivery(storetest.Text(id, "5581988880001", "oi", sent)), nil)
		if err != nil {
			t.Fatal(err)
		}
		return w
	}
	window := func() (state string, until time.Time) {
		t.Helper()
		if err := f.Pool().QueryRow(t.Context(), `SELECT window_state, window_expires_at FROM conversations`).Scan(&state, &until); err != nil {
			t.Fatal(err)
		}
		return state, until
	}
	if w := receive("late", noon.Add(-30*time.Hour)); len(w.Doorbells) != 0 {
		t.Errorf("a message 30 h late started %v", w.Doorbells)
	}
	if state, _ := window(); state != "none" {
		t.Errorf("a message 30 h late made the window %s", state)
	}
	if w := receive("now", noon.Add(-time.Hour)); len(w.Doorbells) != 1 || w.Doorbells[0].WorkflowType != contract.WorkflowSessionWindow {
		t.Errorf("an open window rings %v, want its workflow", w.Doorbells)
	}
	if state, until := window(); state != "open" || !until.Equal(noon.Add(23*time.Hour)) {
		t.Errorf("window %s until %s", state, until)
	}
	if w := receive("again", noon); len(w.Doorbells) != 0 {
		t.Errorf("a window that is open rang %v: a message must cost it nothing", w.Doorbells)
	}
	receive("older", noon.Add(-2*time.Hour))
	if _, until := window(); !until.Equal(noon.Add(24 * time.Hour)) {
		t.Errorf("until %s: an older message must not shorten the window", until)
	}
}

// Rule 077: "Expirando" with 30 minutes left, "Expirado" after; then a new message starts a new watch.
func TestWindowExpiresUnderTheLock(t *testing.T) {
	now := noon
	s := storetest.New(t, store.Options{Now: func() time.Time { return now }})
	f := storetest.NewFixture(t, s, "exp")
	if _, err := f.Receive(t.Context(), f.Connection, delivery(storetest.Text("a", "5581988880001", "oi", noon)), nil); err != nil {
		t.Fatal(err)
	}
	var conv models.ConversationID
	if err := f.Pool().QueryRow(t.Context(), `SELECT id FROM conversations`).Scan(&conv); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		after time.Duration
		want  models.WindowState
	}{{23*time.Hour + 29*time.Minute, models.WindowOpen}, {23*time.Hour + 30*time.Minute, models.WindowExpiring}, {24 * time.Hour, models.WindowExpired}} {
		now = noon.Add(c.after)
		v, err := s.RefreshWindow(t.Context(), f.Account, conv)
		if err != nil || v.State != c.want {
			t.Errorf("after %s: %+v, %v; want %s", c.after, v, err, c.want)
		}
	}
	w, err := f.Receive(t.Context(), f.Connection, delivery(storetest.Text("b", "5581988880001", "voltei", now)), nil)
	if err != nil || len(w.Doorbells) != 1 {
		t.Errorf("a message after the end rings %v, %v; want a new watch", w.Doorbells, err)
	}
}

// Rules 111, 149, 159, 191, Z11: what does not wake anybody.
func TestWhatStartsNoFlow(t *testing.T) {
	for name, c := range map[string]struct {
		set    string
		change func(*storetest.Fixture, *contract.InboundElement)
	}{
		"a reaction": {change: func(_ *storetest.Fixture, e *contract.InboundElement) {
			e.Message.Content = models.Content{Kind: models.ContentKindReaction, Reaction: &models.ContentReaction{Emoji: "👍"}}
		}},
		"a blocked contact (rule 191)":        {set: `UPDATE contacts SET blocked_at = now()`},
		"the chatbot switched off (rule 149)": {set: `UPDATE conversations SET chatbot_disabled = true`},
		"an open ticket (rule 159)":           {set: `UPDATE conversations SET in_charge = 'ticket'`},
		"a connection that refuses (Z11)": {change: func(f *storetest.Fixture, _ *contract.InboundElement) {
			f.Connection.Settings.RefuseMessages = true
		}},
	} {
		t.Run(name, func(t *testing.T) {
			f := storetest.NewFixture(t, storetest.New(t, store.Options{Now: at(noon)}), "no")
			f.Publish(t, "Boas-vindas", `{}`)
			if _, err := f.Receive(t.Context(), f.Connection, delivery(storetest.Text("first", "5581988880001", "oi", noon)), nil); err != nil {
				t.Fatal(err)
			}
			if c.set != "" {
				f.Exec(t, c.set)
			}
			e := storetest.Text("second", "5581988880001", "oi", noon)
			if c.change != nil {
				c.change(f, &e)
			}
			if _, err := f.Receive(t.Context(), f.Connection, delivery(e), first); err != nil {
				t.Fatal(err)
			}
			if n := f.Count(t, `SELECT count(*) FROM flow_runs`); n != 0 {
				t.Errorf("%d runs, want none", n)
			}
			if n := f.Count(t, `SELECT count(*) FROM messages WHERE direction = 'in'`); n != 2 {
				t.Errorf("%d messages on the timeline, want both", n)
			}
		})
	}
}

// The answer to "two messages opened two conversations": many first messages at once start one run.
func TestManyMessagesAtOnceStartOneRun(t *testing.T) {
	f := storetest.NewFixture(t, storetest.New(t, store.Options{Now: at(noon), MaxConns: 12}), "many")
	f.Publish(t, "Boas-vindas", `{}`)
	var group sync.WaitGroup
	for i := range 20 {
		group.Go(func() {
			if _, err := f.Receive(context.Background(), f.Connection, delivery(storetest.Text(fmt.Sprint("w", i), "5581988880001", "oi", noon)), first); err != nil {
				t.Error(err)
			}
		})
	}
	group.Wait()
	if n := f.Count(t, `SELECT count(*) FROM flow_runs`); n != 1 {
		t.Errorf("%d runs, want 1", n)
	}
	if n := f.Count(t, `SELECT count(*) FROM doorbells WHERE workflow_type = 'FlowRun'`); n != 20 {
		t.Errorf("%d doorbells, want one a message", n)
	}
}
