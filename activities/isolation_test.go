package activities_test

import (
	"strings"
	"testing"

	"github.com/perene/perene/store/storetest"
)

const agentFlow = `{"spec_version":1,"name":"Agente","category":"initial","start":"quem","triggers":[{"id":"any","kind":"inbound"}],
 "nodes":[
  {"id":"quem","kind":"question","settings":{"text":"Quem?","save_to":"v","timeout":"1h"},"outputs":{"ok":"ticket","timeout":"ticket","invalid":"ticket"}},
  {"id":"ticket","kind":"action","settings":{"actions":[{"do":"note","text":"ver","agent":"{{ v }}"},{"do":"open_ticket","mode":"agent","agent":"{{ v }}"}]}}]}`

// S6: a customer's word names an agent of another account. No ticket opens, and neither the note nor the timeline shows
// that agent.
func TestAWordNamesNoAgentOfAnotherAccount(t *testing.T) {
	t.Parallel()
	for word, want := range map[string]int64{"71": 71, "72": 0, "99": 0} {
		w := newWorld(t)
		other := storetest.NewFixture(t, w.Store, "rival")
		w.Exec(t, `INSERT INTO users (id, account_id, email, name, role) VALUES (71, $1, 'a@loja.example', 'Ana', 'user'), (72, $2, 'b@rival.example', 'Segredo', 'user')`,
			w.Account, other.Account)
		w.Publish(t, "Agente", agentFlow)
		w.say(text("Oi"))
		w.say(text(word))
		if got := w.Count(t, `SELECT coalesce(sum(agent_id), 0) FROM tickets`); got != want {
			t.Errorf("the word %s: the ticket's agent is %d, want %d\n%v", word, got, want, w.timeline())
		}
		if got := w.Count(t, `SELECT coalesce(sum(agent_id), 0) FROM contact_notes`); got != want {
			t.Errorf("the word %s: the note's agent is %d, want %d", word, got, want)
		}
		if shown := strings.Join(w.timeline(), " "); strings.Contains(shown, "Segredo") {
			t.Errorf("the word %s: the timeline shows another account's user: %s", word, shown)
		}
	}
}
