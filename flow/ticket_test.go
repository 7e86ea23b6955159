package flow

import (
	"encoding/json"
	"testing"
)

// The contact reads the number of the ticket, its queue and the place in it, in the step that opens it. A run that goes on
// after the ticket still knows them.
func TestARunKnowsTheTicketThatItOpened(t *testing.T) {
	const text = `"announce":"{{ ticket.protocol }} {protocolo}, {{ ticket.queue }}, {{ ticket.position }}º"`
	t.Run("the run ends", func(t *testing.T) {
		p := play(t, `{}`, `{"id":"t","kind":"action","settings":{"actions":[{"do":"open_ticket","mode":"unassigned",`+text+`}]}}`)
		has(t, p.start(), "2026112000001 2026112000001, Vendas, 3º")
		ended(t, p, OutcomeTicket, ReasonTicketOpened)
	})
	t.Run("the run waits", func(t *testing.T) {
		p := play(t, `{}`, `{"id":"t","kind":"action","settings":{"actions":[{"do":"open_ticket","mode":"unassigned","suspend":true,`+text+`}]},"outputs":{"closed":"if"}}`,
			`{"id":"if","kind":"condition","settings":{"rules":[{"expression":"ticket.position == 3"}]},"outputs":{"true":"bye","false":"end"}}`,
			`{"id":"bye","kind":"content","settings":{"items":[{"kind":"text","text":"{{ ticket.protocol }}"}]},"outputs":{"ok":"end"}}`, nodeEnd)
		has(t, p.start(), "2026112000001 2026112000001, Vendas, 3º")
		if w := p.state.Wait; w == nil || w.For != WaitTicket || p.state.Node() != "t" {
			t.Fatalf("it waits for %+v at %s", w, p.state.Node())
		}
		has(t, p.play(&goldenStep{Ticket: true}), "2026112000001")
	})
	t.Run("with the window closed nothing is said", func(t *testing.T) {
		p := goldenWorld{Closed: true}.player(t, flowOf(`{}`, `{"id":"t","kind":"action","settings":{"actions":[{"do":"open_ticket","mode":"unassigned",`+text+`}]}}`), nil)
		has(t, p.start())
		ended(t, p, OutcomeTicket, ReasonTicketOpened)
	})
}

// Texts, rules and expressions read how often the run has entered a node.
func TestVisitsOfANode(t *testing.T) {
	for name, rule := range map[string]string{
		"an expression": `{"expression":"visits(\"hi\") < 3"}`,
		"a rule":        `{"variable":"visits.hi","op":"less","value":"3"}`,
	} {
		t.Run(name, func(t *testing.T) {
			p := play(t, `{}`, `{"id":"hi","kind":"content","settings":{"items":[{"kind":"text","text":"{{ visits.hi }}"}]},"outputs":{"ok":"if"}}`,
				`{"id":"if","kind":"condition","settings":{"rules":[`+rule+`]},"outputs":{"true":"hi","false":"end"}}`, nodeEnd)
			has(t, p.start(), "1", "2", "3")
			if got := p.state.Frames[0].Visits; len(got) != 1 || got["hi"] != 3 {
				t.Errorf("the state counts %v", got)
			}
		})
	}
}

// Each call of a sub-flow counts its own visits, and a variable of the flow's that is called so stays the flow's.
func TestVisitsBelongToOneCall(t *testing.T) {
	sub := `{"spec_version":1,"id":"s","name":"S","category":"manual","start":"n","nodes":[{"id":"n","kind":"content","settings":{"items":[{"kind":"text","text":"{{ visits.n }}"}]},"outputs":{"ok":"e"}},{"id":"e","kind":"end"}]}`
	p := goldenWorld{}.player(t, flowOf(`{}`, `{"id":"a","kind":"subflow","settings":{"flow":"s"},"outputs":{"ok":"b"}}`,
		`{"id":"b","kind":"subflow","settings":{"flow":"s"},"outputs":{"ok":"end"}}`, nodeEnd), []json.RawMessage{json.RawMessage(sub)})
	has(t, p.start(), "1", "1")
	own := []byte(`{"spec_version":1,"name":"V","category":"manual","start":"n","variables":[{"name":"visits","type":"number","default":7}],"nodes":[
		{"id":"n","kind":"condition","settings":{"rules":[{"expression":"visits == 7"}]},"outputs":{"true":"y","false":"e"}},
		{"id":"y","kind":"content","settings":{"items":[{"kind":"text","text":"{{ visits }}"}]},"outputs":{"ok":"e"}},{"id":"e","kind":"end"}]}`)
	has(t, goldenWorld{}.player(t, own, nil).start(), "7")
}
