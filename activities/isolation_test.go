package activities_test

import (
	"strings"
	"testing"

	"github.com/perene/perene/models"
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

// S6: ids of another account that come out of a person's words, or stand in a published document all the same, reach nothing
// of that account: no ticket, no run, no opening hours, no file.
func TestAStepReachesNothingOfAnotherAccount(t *testing.T) {
	t.Parallel()
	const end = `{"id":"fim","kind":"end"}`
	ask := `{"id":"quem","kind":"question","settings":{"text":"Quem?","save_to":"v","timeout":"1h"},"outputs":{"ok":"a","timeout":"a","invalid":"a"}}`
	for name, node := range map[string]string{
		"ticket":   `{"id":"a","kind":"action","settings":{"actions":[{"do":"open_ticket","mode":"queue","queue":"{{ v }}"}]},"outputs":{"ok":"fim"}}`,
		"fallback": `{"id":"a","kind":"action","settings":{"actions":[{"do":"open_ticket","mode":"last_agent","fallback_queue":"81"}]},"outputs":{"ok":"fim"}}`,
		"jump":     `{"id":"a","kind":"jump","settings":{"flow":"83"}}`,
		"subflow":  `{"id":"a","kind":"subflow","settings":{"flow":"83"},"outputs":{"completed":"fim","failed":"fim"}}`,
		"hours":    `{"id":"a","kind":"hours","settings":{"of":"queue","id":"81"},"outputs":{"open":"dito","closed":"fim"}},{"id":"dito","kind":"content","settings":{"items":[{"kind":"text","text":"aberto"}]},"outputs":{"ok":"fim"}}`,
		"file":     `{"id":"a","kind":"content","settings":{"items":[{"kind":"image","media":{"id":"84"}}]},"outputs":{"ok":"fim"}}`,
		"variable": `{"id":"a","kind":"content","settings":{"items":[{"kind":"image","media":{"variable":"v"}}]},"outputs":{"ok":"fim"}}`,
	} {
		w := newWorld(t)
		other := storetest.NewFixture(t, w.Store, "rival")
		w.Exec(t, `INSERT INTO queues (id, account_id, name, hours) VALUES (81, $1, 'Segredo', '{"closed": true}')`, other.Account)
		w.Exec(t, `INSERT INTO flows (id, account_id, name, category, draft) VALUES (83, $1, 'Segredo', 'manual', '{}')`, other.Account)
		w.Exec(t, `INSERT INTO flow_versions (id, account_id, flow_id, number, graph) VALUES (83, $1, 83, 1,
			'{"spec_version":1,"name":"Segredo","category":"manual","start":"s","nodes":[{"id":"s","kind":"content","settings":{"items":[{"kind":"text","text":"Segredo"}]}}]}')`, other.Account)
		w.Exec(t, `UPDATE flows SET published_version_id = 83 WHERE id = 83`)
		w.Exec(t, `INSERT INTO media (id, account_id, state, kind, blob_key) VALUES (84, $1, 'stored', 'image', 'k')`, other.Account)
		w.Publish(t, name, `{"spec_version":1,"name":"F","category":"initial","start":"quem","triggers":[{"id":"any","kind":"inbound"}],"nodes":[`+ask+`,`+node+`,`+end+`]}`)
		w.say(text("Oi"))
		w.say(text("81"))
		if shown := strings.Join(w.timeline(), " "); strings.Contains(shown, "Segredo") {
			t.Errorf("%s: the timeline shows another account's: %s", name, shown)
		}
		for what, sql := range map[string]string{
			"tickets with its queue": `SELECT count(*) FROM tickets WHERE queue_id = 81`,
			"conversations in it":    `SELECT count(*) FROM conversations WHERE queue_id = 81`,
			"runs of its flow":       `SELECT count(*) FROM flow_runs WHERE flow_id = 83`,
			"uses of its file":       `SELECT count(*) FROM media_uses WHERE media_id = 84`,
		} {
			if n := w.Count(t, sql); n != 0 {
				t.Errorf("%s: %d %s", name, n, what)
			}
		}
		if _, err := w.MediaFile(t.Context(), w.Account, 84); models.CodeOf(err) != models.CodeNotFound {
			t.Errorf("%s: the sender reads the file: %v", name, err)
		}
	}
}
