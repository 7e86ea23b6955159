package api

// ticketSamples are the right requests of the operations about tickets, files and the quarantine.
var ticketSamples = map[string][]sample{
	"open-ticket": {
		{path: "/v1/conversations/1001/ticket", body: obj{"queue_id": 1001, "agent_id": 1001}, hidden: "/v1/conversations/1002/ticket"},
		{path: "/v1/conversations/1003/ticket", body: obj{"client_ref": "abc"}},
	},
	"list-conversation-tickets": {{path: "/v1/conversations/1001/tickets", hidden: "/v1/conversations/1002/tickets"}},
	"read-ticket":               {{path: "/v1/tickets/1002", hidden: "/v1/tickets/1001", before: withTicket}},
	"accept-ticket":             {{path: "/v1/tickets/1002/accept", hidden: "/v1/tickets/1001/accept", before: withTicket}},
	"assign-ticket":             {{path: "/v1/tickets/1002/assign", body: obj{"user_id": 1002}, hidden: "/v1/tickets/1001/assign", before: withTicket}},
	"transfer-ticket": {
		{path: "/v1/tickets/1002/transfer", body: obj{"queue_id": 1002, "note": "Pede desconto."}, hidden: "/v1/tickets/1001/transfer", before: withTicket},
		{path: "/v1/tickets/1002/transfer", body: obj{"user_id": 1002}, before: withTicket},
	},
	"send-ticket-to-flow": {{path: "/v1/tickets/1002/flow", body: obj{"flow_id": 1001}, hidden: "/v1/tickets/1001/flow", before: withTicket}},
	"hand-back-ticket":    {{path: "/v1/tickets/1002/hand-back", hidden: "/v1/tickets/1001/hand-back", before: withTicket}},
	"snooze-ticket": {{path: "/v1/tickets/1002/snooze", body: obj{"until": "2026-11-21T12:00:00Z", "until_reply": true, "reason": "aguarda peça"},
		hidden: "/v1/tickets/1001/snooze", before: withTicket}},
	"schedule-ticket-closing": {{path: "/v1/tickets/1002/closing", hidden: "/v1/tickets/1001/closing", before: withTicket + withSurvey, body: obj{"due_at": "2026-11-21T12:00:00Z", "cancel_on_reply": true, "text": "Até logo!", "reason_id": 1001, "survey_id": 1001}}},
	"cancel-ticket-closing":   {{path: "/v1/tickets/1002/closing/cancel", hidden: "/v1/tickets/1001/closing/cancel", before: withTicket + withClosing}},
	"wake-ticket":             {{path: "/v1/tickets/1002/wake", hidden: "/v1/tickets/1001/wake", before: withTicket}},
	"prioritize-ticket":       {{path: "/v1/tickets/1002/priority", body: obj{"priority": "urgent"}, hidden: "/v1/tickets/1001/priority", before: withTicket}},
	"reopen-ticket":           {{path: "/v1/tickets/1002/reopen", hidden: "/v1/tickets/1001/reopen", before: withTicket + closeTicket}},
	"close-ticket":            {{path: "/v1/tickets/1002/close", body: obj{"reason_id": 1001, "text": "Até logo!", "survey_id": 1001}, hidden: "/v1/tickets/1001/close", before: withTicket + withSurvey}},

	"upload-media":      {{path: "/v1/media", body: form}},
	"read-media":        {{path: "/v1/media/1001", hidden: "/v1/media/1002"}},
	"fetch-media-again": {{path: "/v1/media/1001/fetch-again", hidden: "/v1/media/1002/fetch-again", before: `UPDATE media SET state = 'failed' WHERE id = 1001;`}},
	"download-media": {
		{path: "/v1/media/1001/content", hidden: "/v1/media/1002/content"},
		{path: "/v1/media/1001/content", hidden: "/v1/media/1004/content"}, // sent out
		{path: "/v1/media/1001/content", hidden: "/v1/media/1005/content"}, // a header
		{path: "/v1/media/1001/content", hidden: "/v1/media/1006/content"}, // a card of a carousel
		{path: "/v1/media/1003/content", hidden: "/v1/media/1009/content"}, // in a field of a contact
	},

	"list-quarantine":     {{path: "/v1/quarantine?connection_id=1001", listed: true}},
	"read-quarantined":    {{path: "/v1/quarantine/1001"}},
	"replay-quarantined":  {{path: "/v1/quarantine/1001/replay"}},
	"resolve-quarantined": {{path: "/v1/quarantine/1001/resolve", body: obj{"resolution": "de propósito"}}},
}
