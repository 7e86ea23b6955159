package api

import (
	"context"
	"encoding/json"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/perene/perene/flow"
	"github.com/perene/perene/flow/terminal"
	"github.com/perene/perene/models"
)

// D11: a simulated conversation becomes a test of the draft. A change of words is told as its first difference, stops the
// publication where the designers want that, and stops no way back to an earlier version.
func TestSavedTestsOfAFlow(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	draft := func(words string, ui obj) obj {
		return obj{"spec_version": 1, "name": "Olá", "category": "manual", "start": "ola", "ui": ui, "nodes": []any{
			obj{"id": "ola", "kind": "content", "settings": obj{"items": []any{obj{"kind": "text", "text": words + " {{ contact.name }}"}}}, "outputs": obj{"ok": "fim"}}, obj{"id": "fim", "kind": "end"}}}
	}
	kept := w.expect(http.StatusOK, request{as: "admin", method: "POST", path: "/v1/flows/1001/tests/keep",
		body: obj{"name": "Diz olá", "document": draft("Olá", obj{}), "world": obj{"contact_id": 1001, "now": "2026-12-24T09:00"}, "steps": []any{obj{"start": obj{}}}}}).json(t)
	test, _ := kept["test"].(map[string]any)
	name, _ := w.value(`SELECT name FROM contacts WHERE id = 1001`).(string)
	if text := jsonOf(t, test); !strings.Contains(text, "Olá Maria Souza") || name == "" || strings.Contains(text, name) {
		t.Errorf("kept %s", text)
	}
	w.expect(http.StatusUnprocessableEntity, request{as: "admin", method: "POST", path: "/v1/flows/1001/tests/keep",
		body: obj{"name": "Nada", "document": draft("Olá", obj{}), "steps": []any{obj{"ticket_closed": true}}}})

	ui := obj{"tests": []any{test}}
	run := func(words string) map[string]any {
		return w.expect(http.StatusOK, request{as: "admin", method: "POST", path: "/v1/flows/1001/tests/run", body: obj{"document": draft(words, ui)}}).json(t)
	}
	if got := run("Olá"); got["ok"] != true || got["block"] != false {
		t.Errorf("unchanged: %v", got)
	}
	got := run("Oi")
	first := got["results"].([]any)[0].(map[string]any)
	if got["ok"] != false || first["step"] != 1.0 || first["name"] != "Diz olá" || !strings.Contains(first["diff"].(string), "Oi Maria Souza") {
		t.Errorf("changed: %v", got)
	}

	publish := func(status int, revision string, ui obj, words string) map[string]any {
		saved := w.expect(http.StatusOK, request{as: "admin", method: "PUT", path: "/v1/flows/1001/draft", headers: map[string]string{"If-Match": revision}, body: obj{"draft": draft(words, ui)}}).json(t)
		return w.expect(status, request{as: "admin", method: "POST", path: "/v1/flows/1001/publish", body: obj{"revision": saved["draft_revision"]}}).json(t)
	}
	publish(http.StatusCreated, `"2"`, ui, "Oi") // warns only
	ui["tests_block"] = true
	publish(http.StatusCreated, `"3"`, ui, "Olá")
	refused := publish(http.StatusUnprocessableEntity, `"4"`, ui, "Oi")
	if refused["key"] != "flow.tests_failed" || refused["errors"].([]any)[0].(map[string]any)["location"] != "/ui/tests/0" {
		t.Errorf("refused with %v", refused)
	}
	w.expect(http.StatusCreated, request{as: "admin", method: "POST", path: "/v1/flows/1001/versions/2/publish", body: obj{}})
}

// A real conversation becomes a test without a word of the person, for who sees it.
func TestARealConversationBecomesATest(t *testing.T) {
	t.Parallel()
	doc := []byte(`{"spec_version": 1, "name": "Oi", "category": "initial", "triggers": [{"id": "inbound", "kind": "inbound"}], "start": "q", "nodes": [
		{"id": "q", "kind": "question", "settings": {"text": "Seu nome?", "answer": "text"}, "outputs": {"ok": "fim"}}, {"id": "fim", "kind": "end"}]}`)
	w := newWorld(t, func(d *Deps) {
		d.RunRecord = func(context.Context, models.AccountID, models.FlowRunID) (*terminal.Record, error) {
			return &terminal.Record{Flow: doc, FromMessage: true, StartedAt: time.Date(2026, 11, 20, 13, 0, 0, 0, time.UTC),
				World: terminal.World{Contact: flow.Contact{Name: "Jurema Segredo"}},
				Events: []terminal.RecordEvent{
					{At: time.Date(2026, 11, 20, 13, 0, 0, 0, time.UTC), Event: flow.Event{Kind: flow.EventInbound, Inbound: &flow.Inbound{Seq: 1, Kind: flow.InboundText, Text: "bom dia, Jurema"}}},
					{At: time.Date(2026, 11, 20, 13, 1, 0, 0, time.UTC), Event: flow.Event{Kind: flow.EventInbound, Inbound: &flow.Inbound{Seq: 2, Kind: flow.InboundText, Text: "Jurema Segredo"}}},
				}}, nil
		}
	})
	got := w.expect(http.StatusOK, request{as: "admin", method: "POST", path: "/v1/flow-runs/1001/tests/keep"}).json(t)
	if text := jsonOf(t, got["test"]); strings.Contains(text, "Jurema") || !strings.Contains(text, "Seu nome?") {
		t.Errorf("kept %s", text)
	}
	w.expect(http.StatusNotFound, request{as: "admin", method: "POST", path: "/v1/flow-runs/2001/tests/keep"})
}

// jsonOf is a value as JSON.
func jsonOf(t *testing.T, v any) string {
	t.Helper()
	raw, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return string(raw)
}
