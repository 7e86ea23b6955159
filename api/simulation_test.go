package api

import (
	"net/http"
	"strings"
	"testing"
)

// TestSimulateFlow: a draft is tried with the account's queues, a contact's fields and pinned answers. Nothing is stored, and
// a contact out of sight is none.
func TestSimulateFlow(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	document := obj{"spec_version": 1, "name": "Pedido", "category": "initial", "start": "menu",
		"triggers": []any{obj{"id": "t", "kind": "keyword", "settings": obj{"words": []any{"pedido"}}}},
		"nodes": []any{
			obj{"id": "menu", "kind": "menu", "settings": obj{"text": "Olá {{ contact.name }}!", "timeout": "2h", "options": []any{obj{"id": "a", "title": "Situação"}, obj{"id": "b", "title": "Pessoa"}}},
				"outputs": obj{"a": "ask", "b": "open", "timeout": "fim"}},
			obj{"id": "ask", "kind": "http", "settings": obj{"url": "https://loja.example/pedido", "save": []any{obj{"to": "s", "path": "$.s"}}}, "outputs": obj{"ok": "fim"}},
			obj{"id": "open", "kind": "action", "settings": obj{"actions": []any{obj{"do": "open_ticket", "mode": "queue", "queue": "1001"}}}},
			obj{"id": "fim", "kind": "end"},
		},
		"variables": []any{obj{"name": "s", "type": "text"}},
		"ui":        obj{"pins": obj{"ask": obj{"status": 200, "json": obj{"s": "pronto"}}}},
	}
	simulate := func(status int, body obj) map[string]any {
		body["document"] = document
		return w.expect(status, request{as: "admin", method: "POST", path: "/v1/flows/1001/simulate", body: body}).json(t)
	}
	before := w.countOf(`SELECT (SELECT count(*) FROM messages) + (SELECT count(*) FROM flow_runs) + (SELECT count(*) FROM flow_calls) + (SELECT count(*) FROM doorbells)`)
	got := simulate(http.StatusOK, obj{"world": obj{"contact_id": 1001, "now": "2026-12-24T09:00"}, "steps": []any{obj{"say": "pedido"}, obj{"tap": "a"}}})
	steps := got["steps"].([]any)
	first, second := steps[0].(map[string]any), steps[1].(map[string]any)
	message := first["messages"].([]any)[0].(map[string]any)
	name, _ := w.value(`SELECT name FROM contacts WHERE id = 1001`).(string)
	if message["text"] != "Olá "+name+"!" || message["node"] != "menu" || message["buttons"].([]any)[0].(map[string]any)["id"] != "a" {
		t.Errorf("the first message: %v", message)
	}
	if !strings.HasPrefix(got["now"].(string), "2026-12-24T09:00") {
		t.Errorf("now: %v", got["now"])
	}
	call := second["calls"].([]any)[0].(map[string]any)
	if call["pinned"] != true || call["node"] != "ask" || got["variables"].(map[string]any)["s"] != "pronto" || got["outcome"] != "completed" {
		t.Errorf("the pinned answer: %v, %v", call, got["variables"])
	}
	if n := w.countOf(`SELECT (SELECT count(*) FROM messages) + (SELECT count(*) FROM flow_runs) + (SELECT count(*) FROM flow_calls) + (SELECT count(*) FROM doorbells)`); n != before {
		t.Errorf("%d rows were written", n-before)
	}

	got = simulate(http.StatusOK, obj{"steps": []any{obj{"say": "bom dia"}, obj{"start": obj{"node": "open"}}, obj{"stop": true}}})
	steps = got["steps"].([]any)
	if lines := steps[0].(map[string]any)["lines"].([]any); len(lines) != 1 {
		t.Errorf("what fits no beginning: %v", lines)
	}
	if ticket := steps[1].(map[string]any)["ticket"]; ticket != "queue queue=1001" || got["ticket_open"] != true {
		t.Errorf("the ticket: %v", ticket)
	}
	if refused := steps[2].(map[string]any)["refused"]; refused != "no_run" {
		t.Errorf("refused: %v", refused)
	}
	simulate(http.StatusUnprocessableEntity, obj{"steps": []any{obj{"say": "a", "tap": "b"}}})
	simulate(http.StatusUnprocessableEntity, obj{"world": obj{"now": "amanhã"}, "steps": []any{}})
	simulate(http.StatusNotFound, obj{"world": obj{"contact_id": 2001}, "steps": []any{}})
	document["start"] = "nada"
	if got := simulate(http.StatusUnprocessableEntity, obj{"steps": []any{}}); got["key"] != "flow.has_errors" {
		t.Errorf("with errors: %v", got)
	}
}
