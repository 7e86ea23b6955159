package store_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/perene/perene/models"
	"github.com/perene/perene/store"
	"github.com/perene/perene/store/storetest"
)

// searchWorld is an account with a conversation for each of some people.
type searchWorld struct {
	t *testing.T
	*storetest.Fixture
	all store.Viewer
}

func newSearchWorld(t *testing.T) *searchWorld {
	t.Helper()
	return &searchWorld{t: t, Fixture: storetest.NewFixture(t, storetest.New(t, store.Options{}), "busca"), all: store.Viewer{Everything: true}}
}

func (w *searchWorld) id(sql string, args ...any) (id int64) {
	w.t.Helper()
	if err := w.Pool().QueryRow(w.t.Context(), sql, args...).Scan(&id); err != nil {
		w.t.Fatal(err)
	}
	return id
}

// nextBucket lets the next message be in another bucket of the index.
func (w *searchWorld) nextBucket() {
	w.t.Helper()
	w.id(`SELECT setval('messages_id_seq', nextval('messages_id_seq') + 40000)`)
}

// person makes a conversation with messages, each in a bucket of its own.
func (w *searchWorld) person(name string, texts ...string) models.ConversationID {
	w.t.Helper()
	contact := w.id(`INSERT INTO contacts (account_id, name, phone) VALUES ($1, $2, '+5581988' || nextval('contacts_id_seq')) RETURNING id`, w.Account, name)
	conversation := w.id(`INSERT INTO conversations (account_id, number, connection_id, contact_id, last_message_at)
		SELECT $1, 1000 + count(*), $2, $3, $4 FROM conversations RETURNING id`, w.Account, w.Connection.ID, contact, time.Now())
	for _, text := range texts {
		w.nextBucket()
		w.say(conversation, contact, map[string]any{"kind": "text", "text": text})
	}
	return models.ConversationID(conversation)
}

func (w *searchWorld) say(conversation, contact int64, content any) {
	w.t.Helper()
	w.id(`INSERT INTO messages (account_id, conversation_id, connection_id, contact_id, direction, origin, kind, content, state, arrival)
		VALUES ($1, $2, $3, $4, 'in', 'contact', 'text', $5, 'received', 'live') RETURNING id`, w.Account, conversation, w.Connection.ID, contact, content)
}

// find lists what a search finds, page by page, with the texts of the hits.
func (w *searchWorld) find(viewer store.Viewer, query string, limit int) (ids []models.ConversationID, texts []string) {
	w.t.Helper()
	p := store.ConversationPage{Limit: limit}
	for {
		rows, err := w.Conversations(w.t.Context(), w.Account, viewer, store.ConversationFilter{Query: query}, p)
		if err != nil {
			w.t.Fatal(err)
		}
		for i := range rows {
			ids = append(ids, rows[i].ID)
			if rows[i].Hit != nil {
				texts = append(texts, rows[i].Hit.Text)
			}
		}
		if len(rows) < limit {
			return ids, texts
		}
		last := rows[len(rows)-1].PlaceIn(models.OrderRecent)
		p.After = &last
	}
}

// TestSearchFindsNamesNumbersAndMessages: names and phones by a part, open protocols alone (rule 076), and words of all messages of
// all time by their beginnings, in any order, whatever the accents, each conversation once.
func TestSearchFindsNamesNumbersAndMessages(t *testing.T) {
	t.Parallel()
	w := newSearchWorld(t)
	joao := w.person("João Conceição", "Bom dia, quero a SEGUNDA via do boleto 4471-B", "boleto de novo")
	maria := w.person("Maria", "o boleto do João chegou", "e-mail: joao.silva@example.com")
	other := w.person("Rita", "nada disso")
	open := w.person("Ivo")
	w.id(`WITH t AS (INSERT INTO tickets (account_id, conversation_id, contact_id, protocol, state)
			SELECT account_id, id, contact_id, '2026113000007', 'waiting' FROM conversations WHERE id = $1 RETURNING id)
		UPDATE conversations c SET ticket_id = t.id, last_ticket_id = t.id, ticket_state = 'waiting', protocol = '2026113000007' FROM t WHERE c.id = $1 RETURNING c.id`, open)
	for query, want := range map[string][]models.ConversationID{
		"conceicao": {joao}, "CONCEIÇÃO": {joao}, "joao": {joao, maria}, "boleto": {maria, joao}, "via segun": {joao}, "4471": {joao}, "silva": {maria},
		"jo": {joao, maria}, "ilva": {}, "joao.silva@example": {maria}, "2026113000007": {open}, "20261130": {}, "%": {}, "' | 'x": {}, "disso nada": {other},
	} {
		for _, limit := range []int{1, 2, 50} {
			if got, _ := w.find(w.all, query, limit); !slices.Equal(got, want) && len(got)+len(want) > 0 {
				t.Errorf("%q by pages of %d finds %v, want %v", query, limit, got, want)
			}
		}
	}
	if _, texts := w.find(w.all, "boleto", 50); !slices.Equal(texts, []string{"o boleto do João chegou", "boleto de novo"}) {
		t.Errorf("the hits are %q, want the newest of each conversation", texts)
	}
	w.id(`UPDATE conversations SET ticket_state = NULL, ticket_id = NULL WHERE id = $1 RETURNING id`, open)
	w.id(`UPDATE tickets SET state = 'closed' RETURNING id`)
	if got, _ := w.find(w.all, "2026113000007", 50); len(got) > 0 {
		t.Errorf("a closed protocol finds %v (rule 076)", got)
	}
}

// TestSearchStaysInSight: both ways of searching, through the index and through a few conversations, find the same, and nothing that
// the viewer does not see (rule 033).
func TestSearchStaysInSight(t *testing.T) {
	t.Parallel()
	w := newSearchWorld(t)
	user := w.id(`INSERT INTO users (account_id, email, name, role) VALUES ($1, 'a@x.example', 'Ana', 'user') RETURNING id`, w.Account)
	queue := w.id(`INSERT INTO queues (account_id, name) VALUES ($1, 'Vendas') RETURNING id`, w.Account)
	var seen []models.ConversationID
	for i := range 320 {
		id := w.person(fmt.Sprint("Pessoa ", i))
		w.say(int64(id), int64(id), map[string]any{"kind": "text", "text": "pedido comum"})
		if i%40 == 0 {
			w.nextBucket()
			seen = append(seen, id)
		} else {
			w.id(`UPDATE conversations SET queue_id = $2 WHERE id = $1 RETURNING id`, id, queue)
		}
	}
	slices.Reverse(seen)
	if got, _ := w.find(store.Viewer{User: models.UserID(user)}, "pedid", 3); !slices.Equal(got, seen) {
		t.Errorf("a user finds %v, want %v", got, seen)
	}
	if got, _ := w.find(w.all, "pedid", 50); len(got) != 320 {
		t.Errorf("an administrator finds %d, want 320", len(got))
	}
}

// TestSearchInsideAConversation: every message with a piece of text, the newest first, and nothing of a conversation out of sight
// (rule 086).
func TestSearchInsideAConversation(t *testing.T) {
	t.Parallel()
	w := newSearchWorld(t)
	id := w.person("Davi", "Última parcela", "nada", "a ÚLTIMA vez", "100% certo")
	texts := func(viewer store.Viewer, query string) []string {
		rows, err := w.SearchMessages(t.Context(), w.Account, viewer, id, query, 0, 50)
		if err != nil {
			t.Fatal(err)
		}
		var out []string
		for i := range rows {
			out = append(out, rows[i].Content.Text)
		}
		return out
	}
	for query, want := range map[string][]string{"ultima": {"a ÚLTIMA vez", "Última parcela"}, "arcel": {"Última parcela"}, "0%": {"100% certo"}, "_": nil} {
		if got := texts(w.all, query); !slices.Equal(got, want) {
			t.Errorf("%q finds %q, want %q", query, got, want)
		}
	}
	queue := w.id(`INSERT INTO queues (account_id, name) VALUES ($1, 'Vendas') RETURNING id`, w.Account)
	w.id(`UPDATE conversations SET queue_id = $2 WHERE id = $1 RETURNING id`, id, queue)
	if _, err := w.SearchMessages(t.Context(), w.Account, store.Viewer{User: 1}, id, "ultima", 0, 50); models.CodeOf(err) != models.CodeNotFound {
		t.Errorf("a conversation out of sight is searched: %v", err)
	}
}
