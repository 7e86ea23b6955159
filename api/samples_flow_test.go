package api

import (
	"net/http"
)

// flowSamples are the right requests of the operations about flows and their runs.
var flowSamples = map[string][]sample{
	"list-flows":         {{path: "/v1/flows"}},
	"read-flow":          {{path: "/v1/flows/1001"}},
	"list-flow-versions": {{path: "/v1/flows/1001/versions"}}, "read-flow-version": {{path: "/v1/flows/1001/versions/1"}},
	"lint-flow":      {{path: "/v1/flows/lint", body: obj{"document": obj{}}}},
	"run-flow-tests": {{path: "/v1/flows/1001/tests/run", body: obj{"document": obj{"spec_version": 1, "name": "x", "category": "manual", "start": "fim", "nodes": []any{obj{"id": "fim", "kind": "end"}}}}}},
	"keep-flow-test": {{path: "/v1/flows/1001/tests/keep", body: obj{"document": obj{"spec_version": 1, "name": "x", "category": "manual", "start": "fim", "nodes": []any{obj{"id": "fim", "kind": "end"}}}, "name": "Fim", "steps": []any{obj{"start": obj{}}}, "world": obj{"connection_id": 1001, "contact_id": 1001}}}}, "keep-flow-run-test": {{path: "/v1/flow-runs/1001/tests/keep", status: http.StatusServiceUnavailable}},
	"simulate-flow":          {{path: "/v1/flows/1001/simulate", body: obj{"document": obj{"spec_version": 1, "name": "x", "category": "manual", "start": "fim", "nodes": []any{obj{"id": "fim", "kind": "end"}}}, "steps": []any{obj{"start": obj{}}}, "world": obj{"connection_id": 1001, "contact_id": 1001}}}},
	"create-flow":            {{path: "/v1/flows", body: obj{"name": "Novo", "category": "manual"}}},
	"update-flow":            {{path: "/v1/flows/1001", body: obj{"name": "Outro nome"}}},
	"save-flow-draft":        {{path: "/v1/flows/1001/draft", body: obj{"draft": obj{"a": 1}}, headers: map[string]string{"If-Match": `"2"`}}},
	"publish-flow":           {{path: "/v1/flows/1001/publish", body: obj{"revision": 2}}},
	"republish-flow-version": {{path: "/v1/flows/1001/versions/1/publish", body: obj{}, before: withGraph}},
	"archive-flow":           {{path: "/v1/flows/1001/archive"}}, "restore-flow": {{path: "/v1/flows/1001/restore"}},

	"list-flow-runs": {{path: "/v1/flow-runs?flow_id=1001&conversation_id=1001", listed: true}},
	"read-flow-run":  {{path: "/v1/flow-runs/1001"}},
	"start-flow-run": {{path: "/v1/flow-runs", body: obj{"flow_id": 1001, "conversation_id": 1003}}},
	"stop-flow-run":  {{path: "/v1/flow-runs/1001/stop"}}, "move-flow-run": {{path: "/v1/flow-runs/1001/move", body: obj{"node": "fim"}}},
	"set-flow-run-variable": {{path: "/v1/flow-runs/1001/set-variable", body: obj{"name": "cidade", "value": "Olinda"}}},
}
