package activities_test

import (
	"strconv"
	"strings"
	"testing"
	"time"

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
	w := newWorld(t)
	other := storetest.NewFixture(t, w.Store, "rival")
	w.Exec(t, `INSERT INTO users (id, account_id, email, name, role) VALUES (71, $1, 'a@loja.example', 'Ana', 'user'), (72, $2, 'b@rival.example', 'Segredo', 'user')`,
		w.Account, other.Account)
	w.Publish(t, "Agente", agentFlow)
	for _, agent := range []int{72, 99, 71} {
		w.now = w.now.Add(48 * time.Hour)
		w.say(text("Oi"))
		w.say(text(strconv.Itoa(agent)))
	}
	if got := w.Count(t, `SELECT coalesce(sum(agent_id), 0) FROM tickets`); got != 71 {
		t.Errorf("tickets name the agents %d, want 71 alone\n%v", got, w.timeline())
	}
	if n := w.Count(t, `SELECT count(*) FROM contact_notes WHERE agent_id = 72`); n != 0 {
		t.Errorf("%d notes name another account's user", n)
	}
	if shown := strings.Join(w.timeline(), " "); strings.Contains(shown, "Segredo") {
		t.Errorf("the timeline shows another account's user: %s", shown)
	}
}
