package store_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/perene/perene/contract"
	"github.com/perene/perene/models"
	"github.com/perene/perene/store"
	"github.com/perene/perene/store/storetest"
)

// Two contacts that turn out to be one leave no row that names the one that went. Their second conversation keeps its history
// and names the one that goes on; the default agent and the wish for no broadcasts stay.
func TestAMergeLeavesNothingBehind(t *testing.T) {
	t.Parallel()
	f := storetest.NewFixture(t, storetest.New(t, store.Options{Now: at(noon)}), "merge")
	f.Publish(t, "Boas-vindas", `{}`)
	f.Exec(t, `INSERT INTO users (id, account_id, email, name, role) VALUES (1, $1, 'ana@example.com', 'Ana', 'user')`, f.Account)
	user, phone := storetest.Person("", "BR.2"), storetest.Person("5581977770002", "")
	both := storetest.Person("5581977770002", "BR.2")
	receive := func(id string, p models.PersonHint) models.ConversationID {
		t.Helper()
		e := storetest.Text(id, "x", "oi", noon)
		e.Message.Person = p
		if _, err := f.Receive(t.Context(), f.Connection, delivery(e), first); err != nil {
			t.Fatal(err)
		}
		return models.ConversationID(f.Count(t, `SELECT conversation_id FROM messages WHERE provider_message_id = $1`, id))
	}
	goesOn, second := receive("user", user), receive("phone", phone)
	f.Exec(t, `UPDATE contacts SET default_agent_id = 1, broadcast_enabled = false WHERE phone IS NOT NULL`)
	if _, _, _, err := f.OpenTicket(t.Context(), f.Account, second, contract.TicketOpening{Mode: "unassigned"}); err != nil {
		t.Fatal(err)
	}
	inGroup := grouped("group", "5581977770002")
	if _, err := f.Receive(t.Context(), f.Connection, delivery(inGroup), nil); err != nil {
		t.Fatal(err)
	}
	if got := receive("both", both); got != goesOn {
		t.Errorf("a message after the merge is in conversation %d, want %d", got, goesOn)
	}
	for _, column := range []string{"messages.contact_id", "messages.sender_id", "tickets.contact_id", "flow_runs.contact_id", "conversations.contact_id",
		"contact_identities.contact_id", "contact_notes.contact_id"} {
		table, name, _ := strings.Cut(column, ".")
		if n := f.Count(t, `SELECT count(*) FROM `+table+` x JOIN contacts c ON c.id = x.`+name+` WHERE c.merged_into_id IS NOT NULL`); n != 0 {
			t.Errorf("%d rows of %s name the contact that went", n, column)
		}
	}
	if diff := cmp.Diff([]string{fmt.Sprint(goesOn)}, texts(t, f, fmt.Sprintf(`SELECT superseded_by_id::text FROM conversations WHERE id = %d`, second))); diff != "" {
		t.Errorf("the second conversation is superseded by (-want +got):\n%s", diff)
	}
	if n := f.Count(t, `SELECT count(*) FROM contacts WHERE merged_into_id IS NULL AND default_agent_id = 1 AND NOT broadcast_enabled`); n != 1 {
		t.Errorf("%d contacts have the default agent and the wish of both, want 1", n)
	}
	if got := receive("later", phone); got != goesOn {
		t.Errorf("a later message is in conversation %d, want %d", got, goesOn)
	}
}
