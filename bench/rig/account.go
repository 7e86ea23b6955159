package rig

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
)

// What the simulator's demo business is made of (sim/demo.json); the measuring account speaks through its WABA.
const (
	waba      = "102290129340398"
	token     = "sim-token-loja-exemplo"           // opens nothing but the simulator
	appSecret = "sim-app-secret-loja-exemplo-0001" // as does this
)

// Account is what is measured: connections that answer with a flow, and one that only stores.
type Account struct {
	Connections []Connection // with the flow
	Quiet       Connection   // without
}

// Connection is one number of the account.
type Connection struct {
	Name, Key, Number string
}

// AccountOptions shape the account.
type AccountOptions struct {
	Connections   int
	RatePerSecond int
	// UnknownWait is how long a send of unknown outcome waits for a status ("120s" by default).
	UnknownWait string
	// Flow is the flow that answers; nil is Flow().
	Flow map[string]any
	// ErrorPolicies change what the account does about errors, by the rows' keys.
	ErrorPolicies map[string]any
	// Templates are registered with the simulator before the connections read them.
	Templates []map[string]any
}

// Flow is a loop of one question: every text is an answer, and every answer is replied to with one message. The reply
// repeats the answer, so that a reader of the conversation sees which message it answers.
func Flow() map[string]any {
	return map[string]any{
		"spec_version": 1, "name": "Bench", "category": "initial", "start": "ask",
		"triggers":  []any{map[string]any{"id": "first", "kind": "inbound", "settings": map[string]any{}}},
		"variables": []any{map[string]any{"name": "last", "type": "text", "default": "-"}},
		"nodes": []any{map[string]any{"id": "ask", "kind": "question", "name": "Pergunta",
			"settings": map[string]any{"text": "Anotado: {{ last }}. O que mais?", "save_to": "last", "max_length": 4096},
			"outputs":  map[string]any{"ok": "ask"}}},
	}
}

// SetUp makes the account in Perene and its numbers in the simulator.
func (s *Stack) SetUp(ctx context.Context, o AccountOptions) (*Account, error) {
	a := &Account{}
	for _, t := range o.Templates {
		if err := s.Simulator(ctx, "POST", "/wabas/"+waba+"/templates", t, nil); err != nil {
			return nil, err
		}
	}
	var specs []any
	connection := func(name, number string, flow bool) (Connection, error) {
		c := Connection{Name: name, Key: "bench-" + name, Number: number}
		spec := map[string]any{"name": name, "key": c.Key, "graph_base_url": s.URLs.Graph, "phone_number_id": number, "waba_id": waba,
			"access_token": token, "app_secret": appSecret, "verify_token": "sim-verify", "rate_per_second": o.RatePerSecond}
		if flow {
			spec["initial_flow"] = "Bench"
		} else {
			spec["settings"] = map[string]any{"refuse_messages": false}
		}
		specs = append(specs, spec)
		return c, s.Simulator(ctx, "POST", "/wabas/"+waba+"/numbers", map[string]any{"id": number, "display_phone_number": "+55 11 4100-" + number[len(number)-4:],
			"verified_name": "Bench " + name, "throughput": "HIGH", "webhook_url": s.URLs.Base + "/webhooks/meta/" + c.Key}, nil)
	}
	for i := range max(o.Connections, 1) {
		c, err := connection(fmt.Sprintf("c%02d", i+1), fmt.Sprintf("2000000000%04d", i+1), true)
		if err != nil {
			return nil, err
		}
		a.Connections = append(a.Connections, c)
	}
	var err error
	if a.Quiet, err = connection("quiet", "20000000009999", false); err != nil {
		return nil, err
	}
	flow := o.Flow
	if flow == nil {
		flow = Flow()
	}
	var answering []any
	for _, c := range a.Connections {
		answering = append(answering, "connection:"+c.Name)
	}
	flow["triggers"] = []any{map[string]any{"id": "first", "kind": "inbound", "settings": map[string]any{"connections": answering}}}
	settings := map[string]any{}
	if o.UnknownWait != "" {
		settings["unknown_outcome_wait"] = o.UnknownWait
	}
	account := map[string]any{"slug": "bench", "name": "Bench", "settings": settings}
	if len(o.ErrorPolicies) > 0 {
		account["error_policies"] = o.ErrorPolicies
	}
	file := map[string]any{
		"account":     account,
		"flows":       []any{map[string]any{"name": "Bench", "document": flow}},
		"connections": specs,
	}
	text, err := json.MarshalIndent(file, "", " ") // JSON is YAML
	if err != nil {
		return nil, err
	}
	path := filepath.Join(s.opts.Data, "bench.yaml")
	if err := os.WriteFile(path, text, 0o600); err != nil {
		return nil, err
	}
	if _, err := s.Perene(ctx, "apply", "-f", path); err != nil {
		return nil, err
	}
	return a, nil
}
