package store_test

import (
	"testing"
	"time"

	"github.com/perene/perene/contract"
	"github.com/perene/perene/models"
	"github.com/perene/perene/store"
	"github.com/perene/perene/store/storetest"
)

// grouped is a message that a person wrote in a group; an empty number is the business, on its phone.
func grouped(id, number string) contract.InboundElement {
	e := storetest.Text(id, number, id, noon)
	if number != "" {
		sender := e.Message.Person
		e.Message.Sender = &sender
	}
	e.Message.FromMe = number == ""
	e.Message.Arrival = models.ArrivalGroup
	if e.Message.FromMe {
		e.Message.Arrival = models.ArrivalEcho
	}
	e.Message.Person = storetest.Group("g1")
	return e
}

// A group's messages go to the group's conversation and know who wrote them. Nobody's window opens, and nobody is woken.
func TestAGroupHasAConversationOfItsOwn(t *testing.T) {
	t.Parallel()
	f := storetest.NewFixture(t, storetest.New(t, store.Options{Now: at(noon)}), "group")
	f.Publish(t, "Boas-vindas", `{}`)
	wake, err := f.Receive(t.Context(), f.Connection, delivery(grouped("one", "5581988880001"), grouped("two", "5581977770002"), grouped("ours", ""),
		grouped("one", "5581988880001")), first)
	if err != nil || wake.Stored != 3 || wake.Repeated != 1 || len(wake.Doorbells) != 0 {
		t.Fatalf("%+v, %v: want three messages, one of them twice, and nobody woken", wake, err)
	}
	if n := f.Count(t, `SELECT count(*) FROM conversations c JOIN contacts k ON k.id = c.contact_id
		WHERE k.kind = 'group' AND c.address = 'group:g1' AND c.window_expires_at IS NULL AND c.unread_count = 0 AND c.first_unanswered_at IS NULL`); n != 1 {
		t.Errorf("%d conversations of the group that nothing happened to, want 1", n)
	}
	if n := f.Count(t, `SELECT count(*) FROM conversations`); n != 1 {
		t.Errorf("%d conversations: the people's own are not touched", n)
	}
	for id, phone := range map[string]string{"one": "+5581988880001", "two": "+5581977770002"} {
		if n := f.Count(t, `SELECT count(*) FROM messages m JOIN contacts s ON s.id = m.sender_id AND s.kind = 'person'
			WHERE m.provider_message_id = $1 AND m.direction = 'in' AND s.phone = $2`, id, phone); n != 1 {
			t.Errorf("message %s does not say that %s wrote it", id, phone)
		}
	}
	if n := f.Count(t, `SELECT count(*) FROM messages WHERE provider_message_id = 'ours' AND direction = 'out' AND origin = 'phone' AND arrival = 'echo'
		AND sender_id IS NULL AND contact_id = (SELECT id FROM contacts WHERE kind = 'group')`); n != 1 {
		t.Error("our own message in the group is not in its conversation")
	}
	// The same person writes in private: their own conversation opens, with its window.
	if _, err := f.Receive(t.Context(), f.Connection, delivery(storetest.Text("private", "5581988880001", "oi", noon)), nil); err != nil {
		t.Fatal(err)
	}
	if n := f.Count(t, `SELECT count(*) FROM conversations c JOIN contacts k ON k.id = c.contact_id WHERE k.kind = 'person' AND c.window_expires_at IS NOT NULL`); n != 1 {
		t.Errorf("%d open windows, want the person's", n)
	}
}

// A message to a group leaves though no window is open, and the claimed send carries the group's address.
func TestAClaimedSendCarriesTheGroup(t *testing.T) {
	t.Parallel()
	w := newSendWorld(t)
	fence := w.open()
	e := grouped("one", "5581988880001")
	if _, err := w.s.Receive(w.ctx, &w.conn, contract.InboundDelivery{Elements: []contract.InboundElement{e}}, nil); err != nil {
		t.Fatal(err)
	}
	var conv models.ConversationID
	w.row(&conv, `SELECT id FROM conversations WHERE address = 'group:g1'`)
	if m := w.enqueue(conv, models.OriginAgent, text("bom dia")); m.State != models.MessageQueued {
		t.Fatalf("a message to a group is %s", m.State)
	}
	w.pass(time.Second)
	c := w.claim(fence, 1)
	if len(c) != 1 || c[0].Address != "group:g1" || !c[0].ToGroup {
		t.Errorf("claimed %+v, want the group's address", c)
	}
}

// The same user id in two portfolios names two people; a phone names one everywhere.
func TestIdentitiesHaveAScope(t *testing.T) {
	t.Parallel()
	f := storetest.NewFixture(t, storetest.New(t, store.Options{Now: at(noon)}), "scope")
	write := func(id, scope, number string) {
		t.Helper()
		e := storetest.Text(id, "", id, noon)
		e.Message.Person = storetest.Person(number, "BR.7")
		e.Message.Person.Identities[0].Scope = scope
		if _, err := f.Receive(t.Context(), f.Connection, delivery(e), nil); err != nil {
			t.Fatal(err)
		}
	}
	write("a", "portfolio/1", "")
	write("b", "portfolio/2", "")
	if n := f.Count(t, `SELECT count(*) FROM contacts`); n != 2 {
		t.Fatalf("%d contacts, want one for each portfolio", n)
	}
	write("c", "portfolio/1", "5581988880001")
	write("d", "portfolio/2", "5581988880001")
	if n := f.Count(t, `SELECT count(*) FROM contacts WHERE merged_into_id IS NULL`); n != 1 {
		t.Errorf("%d contacts after both were seen with one phone, want 1", n)
	}
}
