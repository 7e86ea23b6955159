package activities_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/perene/perene/models"
)

// A flow closes the service (node N16): the text leaves, the service is a closed ticket with number and reason, nobody is in
// charge, and the closing flow starts only where it is wanted. The people who saw the conversation see it still.
func TestAFlowClosesTheService(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		node, want, runs string
	}{
		"with a reason":              {`"kind":"close","settings":{"text":"Até logo","reason":"resolvido"}`, "closed flow Resolvido queue", "1"},
		"a reason that is gone":      {`"kind":"close","settings":{"reason":"Outro"}`, "closed flow - queue", "1"},
		"with the closing flow":      {`"kind":"close","settings":{"text":"Até logo","closing_flow":true}`, "closed flow - queue", "2"},
		"an end that closes":         {`"kind":"end","settings":{"close_ticket":true}`, "closed flow - queue", "1"},
		"an end that closes nothing": {`"kind":"end"`, "", "1"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			w.Exec(t, `INSERT INTO queues (id, account_id, name) VALUES (5, $1, 'Vendas')`, w.Account)
			w.Exec(t, `INSERT INTO closing_reasons (account_id, name) VALUES ($1, 'Resolvido')`, w.Account)
			w.Publish(t, "Pesquisa", `{"spec_version":1,"name":"Pesquisa","category":"closing","start":"a","triggers":[{"id":"c","kind":"closing"}],"nodes":[{"id":"a","kind":"content","settings":{"items":[{"kind":"text","text":"Que nota?"}]},"outputs":{"ok":"f"}},{"id":"f","kind":"end"}]}`)
			w.Publish(t, "Robô", `{"spec_version":1,"name":"Robô","category":"initial","start":"q","triggers":[{"id":"any","kind":"inbound"}],"nodes":[
				{"id":"q","kind":"question","settings":{"text":"Mais algo?"},"outputs":{"ok":"x","timeout":"x","invalid":"x"}},{"id":"x",`+test.node+`}]}`)
			w.say(models.Content{Kind: models.ContentKindText, Text: "oi"})
			w.Exec(t, `UPDATE conversations SET queue_id = 5`)
			w.say(models.Content{Kind: models.ContentKindText, Text: "não"})
			var got, runs string
			err := w.Pool().QueryRow(t.Context(), `
				SELECT coalesce((SELECT t.state || ' ' || t.closed_by_kind || ' ' || coalesce(r.name, '-') || CASE WHEN v.queue_id = 5 AND t.queue_id = 5 THEN ' queue' ELSE '' END
					FROM tickets t LEFT JOIN closing_reasons r ON r.id = t.closing_reason_id), ''), (SELECT count(*)::text FROM flow_runs)
				FROM conversations v`).Scan(&got, &runs)
			if diff := cmp.Diff([]string{test.want, test.runs}, []string{got, runs}); diff != "" || err != nil {
				t.Errorf("%v (-want +got):\n%s", err, diff)
			}
			if test.runs == "1" && w.charge() != "idle" {
				t.Errorf("%s is in charge", w.charge())
			}
			lines := strings.Join(w.timeline(), "\n")
			if strings.Contains(test.node, "Até logo") && strings.Index(lines, "Até logo") > strings.Index(lines, "ticket_closed") {
				t.Errorf("the text comes after the line that it is closed:\n%s", lines)
			}
		})
	}
}

// A flow writes an internal note (node N03): agents read it in the conversation, those it names are told, and nothing is sent.
func TestAFlowWritesAnInternalNote(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.Exec(t, `INSERT INTO users (id, account_id, email, name, role) VALUES (7, $1, 'ana@example.com', 'Ana', 'user')`, w.Account)
	w.Exec(t, `INSERT INTO accounts (id, slug, name) VALUES (999, 'other', 'other')`)
	w.Exec(t, `INSERT INTO users (id, account_id, email, name, role) VALUES (8, 999, 'bia@example.com', 'Bia', 'user')`)
	w.Exec(t, `INSERT INTO queues (id, account_id, name) VALUES (5, $1, 'Vendas')`, w.Account)
	w.Publish(t, "Robô", `{"spec_version":1,"name":"Robô","category":"initial","start":"n","triggers":[{"id":"any","kind":"inbound"}],"nodes":[
		{"id":"n","kind":"note","settings":{"text":"{nome} quer comprar","agent":"7","queue":"vendas"},"outputs":{"ok":"m"}},
		{"id":"m","kind":"note","settings":{"text":"de outra conta","agent":"8"},"outputs":{"ok":"f"}},{"id":"f","kind":"end"}]}`)
	w.say(models.Content{Kind: models.ContentKindText, Text: "oi"})
	if n := w.Count(t, `SELECT count(*) FROM messages WHERE direction = 'note' AND origin = 'bot' AND content->>'text' LIKE '% quer comprar'`); n != 1 {
		t.Errorf("%d notes", n)
	}
	if n := w.Count(t, `SELECT count(*) FROM message_mentions WHERE user_id = 7 OR queue_id = 5`); n != 2 {
		t.Errorf("%d are named, want Ana and the queue", n)
	}
	if n := w.Count(t, `SELECT count(*) FROM message_mentions WHERE user_id = 8`) + w.Count(t, `SELECT count(*) FROM send_queue`); n != 0 {
		t.Errorf("%d strangers are named, or messages sent", n)
	}
}

// A run that hands over and comes back (node N19) goes on at its node when the ticket closes, however that happens: an agent
// closes it, hands it back, or a closure comes due. What the contact told the agent answers no question of the flow.
func TestAHandOffComesBack(t *testing.T) {
	t.Parallel()
	for name, kind := range map[string]models.TicketCommandKind{"closed": models.TicketClose, "handed back": models.TicketHandBack} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			w.Exec(t, `INSERT INTO users (id, account_id, email, name, role) VALUES (7, $1, 'ana@example.com', 'Ana', 'user')`, w.Account)
			w.Publish(t, "Robô", `{"spec_version":1,"name":"Robô","category":"initial","start":"t","triggers":[{"id":"any","kind":"inbound"}],"nodes":[
				{"id":"t","kind":"action","settings":{"actions":[{"do":"open_ticket","mode":"agent","agent":"7","suspend":true}]},"outputs":{"closed":"q"}},
				{"id":"q","kind":"question","settings":{"text":"Deu tudo certo?","save_to":"como"},"outputs":{"ok":"e","timeout":"e","invalid":"e"}},
				{"id":"e","kind":"content","settings":{"items":[{"kind":"text","text":"Anotei: {{ como }}"}]},"outputs":{"ok":"f"}},{"id":"f","kind":"end"}]}`)
			w.say(models.Content{Kind: models.ContentKindText, Text: "oi"})
			w.say(models.Content{Kind: models.ContentKindText, Text: "para a Ana"})
			w.ask(kind, nil)
			if got := w.timeline(); got[len(got)-1] != "out text: Deu tudo certo?" || w.charge() != "flow" {
				t.Errorf("%s is in charge, and the last line is %q", w.charge(), got[len(got)-1])
			}
			w.say(models.Content{Kind: models.ContentKindText, Text: "sim"})
			if got := w.timeline(); got[len(got)-1] != "out text: Anotei: sim" {
				t.Errorf("the last line is %q", got[len(got)-1])
			}
		})
	}
}
