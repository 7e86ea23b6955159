package flow

import (
	"encoding/json"
	"fmt"
	"testing"
	"time"
)

// menuFlow is a flow of n menu nodes, each leading to the next: what most bots are made of.
func menuFlow(n int) []byte {
	doc := Document{SpecVersion: 1, ID: "1", Version: "1", Name: "Menus", Category: CategoryInitial, Start: "m0"}
	for i := range n {
		settings := fmt.Sprintf(`{"text":"Olá {nome}, passo %d. Escolha:","options":[{"id":"a","title":"Primeira"},{"id":"b","title":"Segunda"},{"id":"c","title":"Terceira"}]}`, i)
		next := fmt.Sprintf("m%d", (i+1)%n)
		doc.Nodes = append(doc.Nodes, NodeSpec{ID: fmt.Sprintf("m%d", i), Kind: "menu", Settings: json.RawMessage(settings),
			Outputs: map[string]string{"a": next, "b": next, "c": next, "invalid": next, "timeout": next, "window_closed": next}})
	}
	raw, err := json.Marshal(doc)
	if err != nil {
		panic(err)
	}
	return raw
}

func benchEnv() (*Env, Contact, Conversation) {
	until := time.Date(2030, 1, 1, 0, 0, 0, 0, time.UTC)
	return &Env{Channel: WhatsAppCloud(), Limits: Limits{Visits: 1 << 40, Sends: 1 << 40}}, Contact{ID: "9", Name: "Maria Souza"}, Conversation{ID: "7", WindowUntil: &until}
}

// BenchmarkStep answers a menu with a typed number and gets the next one: the common turn, on one core.
// 100,000 steps a second and at most 40 allocations are wanted.
func BenchmarkStep(b *testing.B) {
	g, err := Load(menuFlow(50))
	if err != nil {
		b.Fatal(err)
	}
	env, contact, conv := benchEnv()
	now := time.Date(2026, 11, 20, 13, 0, 0, 0, time.UTC)
	state, _, err := Step(g, State{}, Event{Kind: EventStart, Now: now, Contact: contact, Conversation: conv, Start: &Start{Run: "42"}}, env)
	if err != nil {
		b.Fatal(err)
	}
	seq := int64(0)
	b.ReportAllocs()
	b.ResetTimer()
	for range b.N {
		seq++
		in := Inbound{Seq: seq, ID: "m", Kind: InboundText, Text: "2", At: now}
		var fx []Effect
		if state, fx, err = Step(g, state, Event{Kind: EventInbound, Now: now, Contact: contact, Conversation: conv, Inbound: &in}, env); err != nil {
			b.Fatal(err)
		}
		if len(fx) == 0 || state.Wait == nil {
			b.Fatal("the flow stopped")
		}
	}
	b.StopTimer()
	raw, err := json.Marshal(state)
	if err != nil {
		b.Fatal(err)
	}
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "steps/s")
	b.ReportMetric(float64(len(raw)), "state-bytes")
}

// BenchmarkStepWithJSON is the same turn with the state read from and written to JSON, as the database has it.
func BenchmarkStepWithJSON(b *testing.B) {
	g, err := Load(menuFlow(50))
	if err != nil {
		b.Fatal(err)
	}
	env, contact, conv := benchEnv()
	now := time.Date(2026, 11, 20, 13, 0, 0, 0, time.UTC)
	state, _, err := Step(g, State{}, Event{Kind: EventStart, Now: now, Contact: contact, Conversation: conv, Start: &Start{Run: "42"}}, env)
	if err != nil {
		b.Fatal(err)
	}
	raw, err := json.Marshal(state)
	if err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for range b.N {
		var s State
		if err := json.Unmarshal(raw, &s); err != nil {
			b.Fatal(err)
		}
		in := Inbound{Seq: 1, ID: "m", Kind: InboundText, Text: "2", At: now}
		if s, _, err = Step(g, s, Event{Kind: EventInbound, Now: now, Contact: contact, Conversation: conv, Inbound: &in}, env); err != nil {
			b.Fatal(err)
		}
		if _, err = json.Marshal(s); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "steps/s")
}

// BenchmarkLoad compiles the 50 menus, as a worker does once for each version.
func BenchmarkLoad(b *testing.B) {
	doc := menuFlow(50)
	b.ReportAllocs()
	for range b.N {
		if _, err := Load(doc); err != nil {
			b.Fatal(err)
		}
	}
}

// TestStepAllocations holds the common turn to its bound on any machine, where times would not be fair.
func TestStepAllocations(t *testing.T) {
	g, err := Load(menuFlow(50))
	if err != nil {
		t.Fatal(err)
	}
	env, contact, conv := benchEnv()
	now := time.Date(2026, 11, 20, 13, 0, 0, 0, time.UTC)
	state, _, err := Step(g, State{}, Event{Kind: EventStart, Now: now, Contact: contact, Conversation: conv, Start: &Start{Run: "42"}}, env)
	if err != nil {
		t.Fatal(err)
	}
	seq := int64(0)
	n := testing.AllocsPerRun(500, func() {
		seq++
		in := Inbound{Seq: seq, Kind: InboundText, Text: "2", At: now}
		if state, _, err = Step(g, state, Event{Kind: EventInbound, Now: now, Contact: contact, Conversation: conv, Inbound: &in}, env); err != nil {
			t.Fatal(err)
		}
	})
	if n > 40 {
		t.Errorf("a turn makes %.0f allocations, want at most 40", n)
	}
	raw, err := json.Marshal(state)
	if err != nil {
		t.Fatal(err)
	}
	if len(raw) > 2500 {
		t.Errorf("the state has %d bytes, want at most 2,500", len(raw))
	}
}
