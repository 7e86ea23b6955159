package terminal

import (
	"encoding/json"
	"errors"
	"reflect"
	"testing"
	"time"

	"github.com/perene/perene/flow"
)

// calling asks for a city, asks another system about it, and says what came.
const calling = `{
  "spec_version": 1, "id": "7", "name": "Frete", "category": "initial", "start": "city",
  "triggers": [{"id": "t", "kind": "keyword", "settings": {"words": ["frete"]}}],
  "variables": [{"name": "city", "type": "text"}, {"name": "price", "type": "number"}],
  "nodes": [
    {"id": "city", "kind": "question", "settings": {"text": "Qual cidade?", "type": "text", "save_to": "city", "timeout": "2h"},
     "outputs": {"ok": "ask", "timeout": "late"}},
    {"id": "ask", "kind": "http", "settings": {"method": "GET", "url": "https://frete.example/v1", "save": [{"to": "price", "path": "$.price"}]},
     "outputs": {"ok": "said", "failed": "late", "timeout": "late", "client_error": "late", "server_error": "late"}},
    {"id": "said", "kind": "content", "settings": {"items": [{"kind": "text", "text": "Custa {price}."}]}, "outputs": {"ok": "bye"}},
    {"id": "late", "kind": "content", "settings": {"items": [{"kind": "text", "text": "Até logo."}]}, "outputs": {"ok": "bye"}},
    {"id": "bye", "kind": "end"}
  ],
  "ui": {"pins": {"ask": {"status": 200, "json": {"price": 12}}, "said": {"status": 7}}}
}`

func loaded(t *testing.T, doc string) *flow.Graph {
	t.Helper()
	g, err := flow.Load([]byte(doc))
	if err != nil {
		t.Fatal(err)
	}
	return g
}

func simulated(t *testing.T, s Simulation) *Outcome {
	t.Helper()
	out, err := s.Simulate(loaded(t, calling))
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// TestSimulationTellsTheWay: each step says what was sent by which node, what was asked, the way, and where the run stands.
func TestSimulationTellsTheWay(t *testing.T) {
	t.Parallel()
	out := simulated(t, Simulation{Steps: []Step{{Say: "frete"}, {Say: "Olinda"}}})
	first, second := out.Steps[0], out.Steps[1]
	if len(first.Sent) != 1 || first.Sent[0].Node != "city" || first.Node != "city" || first.Wait == nil || first.Wait.For != flow.WaitReply {
		t.Errorf("first: %+v", first)
	}
	if want := []Passed{{Node: "city", Output: "ok"}}; !reflect.DeepEqual(second.Way, want) {
		t.Errorf("the way is %+v, want %+v", second.Way, want)
	}
	if len(second.Asked) != 1 || second.Asked[0].Answer != nil || !second.Asked[0].Waits || second.Wait.For != flow.WaitCall {
		t.Errorf("second: %+v", second)
	}
	if !out.Running || out.View.Variables["city"] != "Olinda" {
		t.Errorf("at the end: %+v", out.View)
	}
	again := simulated(t, Simulation{Steps: []Step{{Say: "frete"}, {Say: "Olinda"}}})
	if !reflect.DeepEqual(out, again) {
		t.Error("the same steps gave something else")
	}
}

// TestSimulationPins: a pinned answer answers its node, is seen as pinned, and an answer by hand is none.
func TestSimulationPins(t *testing.T) {
	t.Parallel()
	pins := PinsOf(json.RawMessage(calling))
	if len(pins) != 1 {
		t.Fatalf("pins: %+v", pins)
	}
	out := simulated(t, Simulation{Steps: []Step{{Say: "frete"}, {Say: "Olinda"}}, Pins: pins})
	last := out.Steps[1]
	if len(last.Asked) != 1 || !last.Asked[0].Pinned || last.Asked[0].Answer.Status != 200 {
		t.Errorf("asked: %+v", last.Asked)
	}
	if len(last.Messages) != 1 || last.Messages[0] != "Custa 12." || out.End == nil {
		t.Errorf("messages: %q, end %+v", last.Messages, out.End)
	}
	by := simulated(t, Simulation{Steps: []Step{{Say: "frete"}, {Say: "Olinda", HTTP: []Answer{{JSON: map[string]any{"price": 3}}}}}})
	if a := by.Steps[1].Asked; len(a) != 1 || a[0].Pinned || a[0].Answer == nil || by.Steps[1].Messages[0] != "Custa 3." {
		t.Errorf("by hand: %+v", by.Steps[1])
	}
}

// TestSimulationInTime: no answer comes, an hour goes by, and what cannot happen is told and stops nothing.
func TestSimulationInTime(t *testing.T) {
	t.Parallel()
	out := simulated(t, Simulation{Steps: []Step{{Wait: "1h"}, {Start: &StartStep{Node: "city"}}, {TicketClosed: true}, {HTTP: []Answer{{}}}, {Wait: "3h"}, {Stop: true}}})
	var refused []Refusal
	for _, s := range out.Steps {
		refused = append(refused, s.Refused)
	}
	if want := []Refusal{"", "", RefusedTicket, RefusedNoCall, "", RefusedNoRun}; !reflect.DeepEqual(refused, want) {
		t.Errorf("refused %q, want %q", refused, want)
	}
	late := out.Steps[4]
	if len(late.Sent) != 1 || late.Sent[0].Node != "late" || late.At.Sub(late.Sent[0].At) != time.Hour {
		t.Errorf("the time-out: %+v", late)
	}
	if out.Expect[2] != nil || out.Expect[4] == nil {
		t.Error("a step that was refused expects nothing, and each other one what came")
	}
}

// TestSimulationEnds: one that takes too long is stopped, and flows that hand over to each other end.
func TestSimulationEnds(t *testing.T) {
	t.Parallel()
	s := Simulation{Steps: []Step{{Say: "frete"}}, Stop: func() bool { return true }}
	if _, err := s.Simulate(loaded(t, calling)); !errors.Is(err, flow.ErrHalted) {
		t.Errorf("stopped: %v", err)
	}
	to := func(id, other string) *flow.Graph {
		return loaded(t, `{"spec_version": 1, "id": "`+id+`", "name": "`+id+`", "category": "manual", "start": "j",
			"nodes": [{"id": "j", "kind": "jump", "settings": {"flow": "`+other+`"}}]}`)
	}
	other := to("b", "a")
	ring := Simulation{Steps: []Step{{Start: &StartStep{}}}, Others: func(id string) (*flow.Graph, bool) { return other, id == "b" }}
	out, err := ring.Simulate(to("a", "b"))
	if err != nil {
		t.Fatal(err)
	}
	if n := len(out.Steps[0].Lines); n != 1 {
		t.Errorf("lines: %q", out.Steps[0].Lines)
	}
}
