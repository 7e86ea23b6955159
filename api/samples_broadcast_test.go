package api

// broadcastSamples are the right requests of the operations about broadcasts.
var broadcastSamples = map[string][]sample{
	"list-broadcasts": {{path: "/v1/broadcasts"}},
	"create-broadcast": {
		{path: "/v1/broadcasts", body: obj{"name": "Oferta", "connection_id": 1001, "template": reminder, "audience": obj{"labels": []int{1001}, "without": []int{1001}},
			"on_reply": "queue", "queue_id": 1001}},
		{path: "/v1/broadcasts", body: obj{"name": "De novo", "connection_id": 1001, "template": picture, "audience": obj{"after": 1001, "part": "silent"},
			"on_reply": "flow", "flow_id": 1001}, before: withBroadcast},
	},
	"preview-broadcast": {{path: "/v1/broadcasts/preview", body: obj{"connection_id": 1001, "template": reminder, "audience": obj{"labels": []int{1001},
		"without": []int{1001}}}},
		{path: "/v1/broadcasts/preview", body: obj{"connection_id": 1001, "template": picture, "audience": obj{"after": 1001},
			"on_reply": "flow", "flow_id": 1001}, before: withBroadcast},
		{path: "/v1/broadcasts/preview", body: obj{"connection_id": 1001, "template": reminder, "audience": obj{"everybody": true},
			"on_reply": "queue", "queue_id": 1001}}},
	"read-broadcast":            {{path: "/v1/broadcasts/1001", before: withBroadcast}},
	"list-broadcast-recipients": {{path: "/v1/broadcasts/1001/recipients", before: withBroadcast}},
	"update-broadcast": {
		{path: "/v1/broadcasts/1001", body: obj{"connection_id": 1001, "audience": obj{"labels": []int{1001}, "without": []int{1001}}, "on_reply": "queue",
			"queue_id": 1001}, before: withBroadcast},
		{path: "/v1/broadcasts/1001", body: obj{"template": picture, "audience": obj{"after": 1001}, "on_reply": "flow", "flow_id": 1001}, before: withBroadcast},
	},
	"delete-broadcast": {{path: "/v1/broadcasts/1001", before: withBroadcast}},
	"send-broadcast":   {{path: "/v1/broadcasts/1001/send", before: withBroadcast}},
	"test-broadcast":   {{path: "/v1/broadcasts/1001/test", body: obj{"phone": "+55 81 98800-4433"}, before: withBroadcast}},
	"pause-broadcast":  {{path: "/v1/broadcasts/1001/pause", before: withBroadcast + sentBroadcast}},
	"resume-broadcast": {{path: "/v1/broadcasts/1001/resume", before: withBroadcast + pausedBroadcast}},
	"cancel-broadcast": {{path: "/v1/broadcasts/1001/cancel", before: withBroadcast + sentBroadcast}},
}

// reminder is the template of the fixture.
var reminder = obj{"name": "retorno", "language": "pt_BR", "body": []any{obj{"text": "Davi"}}}

// picture is a template with a picture, which withBroadcast makes.
var picture = obj{"name": "foto", "language": "pt_BR", "header": obj{"kind": "image", "media": obj{"media_id": 1001}}}

// withBroadcast makes broadcast 1, a draft to the contacts with label 1.
const withBroadcast = `
	INSERT INTO templates (account_id, connection_id, provider_template_id, name, language, category, status, components)
	VALUES ($N, $N001, 'foto', 'foto', 'pt_BR', 'MARKETING', 'APPROVED', '[{"type":"HEADER","format":"IMAGE"},{"type":"BODY","text":"Oi"}]') ON CONFLICT DO NOTHING;
	INSERT INTO broadcasts (id, account_id, connection_id, name, content, audience, per_minute, timezone, by_id, created_at, updated_at)
	VALUES ($N001, $N, $N001, 'Retorno', '{"kind":"template","template":{"name":"retorno","language":"pt_BR","body":[{"text":"Davi"}]}}', '{"labels":[$N001]}', 600, 'UTC',
		$N001, '$NOW', '$NOW')
	ON CONFLICT (id) DO UPDATE SET state = 'draft', reason = NULL, ended_at = NULL, audience = excluded.audience;`

const (
	sentBroadcast   = `UPDATE broadcasts SET state = 'running' WHERE id = $N001;`
	pausedBroadcast = `UPDATE broadcasts SET state = 'paused', paused_in = 'running', reason = 'user' WHERE id = $N001;`
)
