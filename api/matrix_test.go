package api

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"github.com/perene/perene/models"
)

// sample is a request of account 1 that is right. Ids of the account are 1001 … 1999; the matrix puts account 2's in their
// place, one at a time.
type sample struct {
	path    string // with ids
	body    any
	headers map[string]string
	status  int    // of success; 0 means the contract's
	hidden  string // the path with ids that a user must not see (rule 033): another queue's
	before  string // SQL that makes what the request is about, $N and $NOW as in the fixture; it may run twice
	// listed is set on lists that an id of another account narrows to nothing instead of being refused.
	listed bool
	// idle is set where the sample is how things are already: nothing changes, and the audit log has no line.
	idle bool
}

// samples are the right requests of every operation, by operation id. An operation that is not here fails the test.
var samples = map[string][]sample{
	"create-sign-in":           {{path: "/v1/sign-in", body: obj{"email": "admin@loja1.example", "password": testPassword}}},
	"create-sign-in-from-link": {{path: "/v1/sign-in/link", body: obj{"token": "this-link-was-never-made"}, status: http.StatusGone}},
	"read-sign-in":             {{path: "/v1/sign-in"}},
	"end-sign-in":              {{path: "/v1/sign-in"}},
	"create-events-pass":       {{path: "/v1/events/pass"}},

	"list-api-tokens":  {{path: "/v1/api-tokens"}},
	"create-api-token": {{path: "/v1/api-tokens", body: obj{"name": "ERP", "scopes": []string{"contacts:read"}}}},
	"revoke-api-token": {{path: "/v1/api-tokens/1001"}},

	"read-account": {{path: "/v1/account"}},
	"list-quotas":  {{path: "/v1/account/quotas"}},
	"list-users":   {{path: "/v1/users"}},

	"read-hours":   {{path: "/v1/hours"}},
	"update-hours": {{path: "/v1/hours", body: obj{"enabled": false}}},
	"update-own-hours": {{path: "/v1/hours/queue/1001", body: obj{"hours": obj{"days": obj{"1": []obj{{"from": "08:00", "to": "18:00"}}}}}},
		{path: "/v1/hours/connection/1001", body: obj{"hours": obj{"days": obj{}}}}},
	"read-automatic-texts":   {{path: "/v1/automatic-texts"}},
	"update-automatic-texts": {{path: "/v1/automatic-texts", body: obj{"connection_id": 1001, "texts": obj{"greeting": "Olá!"}}}},
	"list-holidays":          {{path: "/v1/holidays?year=2027"}},

	"list-queues":   {{path: "/v1/queues"}},
	"create-queue":  {{path: "/v1/queues", body: obj{"name": "Suporte Técnico", "members": []int{1001}, "survey_id": 1001}, before: withSurvey}},
	"update-queue":  {{path: "/v1/queues/1001", body: obj{"write_lock": true, "members": []int{1002}, "survey_id": 1001}, before: withSurvey}},
	"archive-queue": {{path: "/v1/queues/1002"}},
	"restore-queue": {{path: "/v1/queues/1001/restore", idle: true}},
	"order-queues":  {{path: "/v1/queues/order", body: obj{"ids": []int{1002, 1001}}}},

	"list-labels":   {{path: "/v1/labels"}},
	"create-label":  {{path: "/v1/labels", body: obj{"name": "Atacado"}}},
	"update-label":  {{path: "/v1/labels/1001", body: obj{"color": "#0f766e"}}},
	"archive-label": {{path: "/v1/labels/1001"}},
	"restore-label": {{path: "/v1/labels/1001/restore", idle: true}},
	"order-labels":  {{path: "/v1/labels/order", body: obj{"ids": []int{1001}}}},

	"list-custom-fields":   {{path: "/v1/custom-fields"}},
	"create-custom-field":  {{path: "/v1/custom-fields", body: obj{"entity": "ticket", "key": "causa", "kind": "text", "name": "Causa"}}},
	"update-custom-field":  {{path: "/v1/custom-fields/1101", body: obj{"on_closing": "required"}}},
	"archive-custom-field": {{path: "/v1/custom-fields/1101"}},
	"restore-custom-field": {{path: "/v1/custom-fields/1101/restore", idle: true}},
	"order-custom-fields":  {{path: "/v1/custom-fields/order", body: obj{"ids": []int{1101}}}},

	"list-closing-reasons":   {{path: "/v1/closing-reasons"}},
	"create-closing-reason":  {{path: "/v1/closing-reasons", body: obj{"name": "Sem resposta"}}},
	"update-closing-reason":  {{path: "/v1/closing-reasons/1001", body: obj{"name": "Tudo certo"}}},
	"archive-closing-reason": {{path: "/v1/closing-reasons/1001"}},
	"restore-closing-reason": {{path: "/v1/closing-reasons/1001/restore", idle: true}},
	"list-surveys":           {{path: "/v1/surveys"}},
	"create-survey":          {{path: "/v1/surveys", body: obj{"name": "Outra", "question": "Avalie esta conversa", "scale": "nps"}}},
	"update-survey":          {{path: "/v1/surveys/1001", body: obj{"thanks": "Obrigado!"}, before: withSurvey}},
	"archive-survey":         {{path: "/v1/surveys/1001", before: withSurvey}},
	"restore-survey":         {{path: "/v1/surveys/1001/restore", idle: true, before: withSurvey}},
	"order-surveys":          {{path: "/v1/surveys/order", body: obj{"ids": []int{1001}}, before: withSurvey}},
	"read-survey-rule":       {{path: "/v1/surveys/rule"}},
	"set-survey-rule":        {{path: "/v1/surveys/rule", body: obj{"on_closing": "optional"}}},
	"list-survey-answers":    {{path: "/v1/surveys/answers?agent_id=1001&survey_id=1001&queue_id=1001", listed: true}},
	"read-survey-report":     {{path: "/v1/surveys/report?agent_id=1001&survey_id=1001&queue_id=1001", listed: true}},
	"send-survey": {{path: "/v1/tickets/1002/survey", body: obj{"survey_id": 1001}, hidden: "/v1/tickets/1001/survey",
		before: withSurvey + withTicket + closeTicket}},
	"order-closing-reasons":   {{path: "/v1/closing-reasons/order", body: obj{"ids": []int{1001}}, idle: true}},
	"list-agents":             {{path: "/v1/agents"}},
	"list-webhooks":           {{path: "/v1/webhooks"}},
	"read-webhook":            {{path: "/v1/webhooks/1001", before: withWebhook}},
	"create-webhook":          {{path: "/v1/webhooks", body: obj{"name": "ERP", "url": "https://erp.example/hook", "kind": "standard", "events": []string{"message_created"}}}},
	"update-webhook":          {{path: "/v1/webhooks/1001", body: obj{"name": "CRM"}, before: withWebhook}},
	"remove-webhook":          {{path: "/v1/webhooks/1001", before: withWebhook}},
	"rotate-webhook-secret":   {{path: "/v1/webhooks/1001/secret", before: withWebhook}},
	"test-webhook":            {{path: "/v1/webhooks/1001/test", before: withWebhook}},
	"replay-webhook":          {{path: "/v1/webhooks/1001/replay", body: obj{"from": "2026-01-01T00:00:00Z", "to": "2026-12-31T00:00:00Z"}, before: withWebhook}},
	"list-webhook-deliveries": {{path: "/v1/webhooks/1001/deliveries", before: withWebhook}},
	"resend-webhook-delivery": {{path: "/v1/webhook-deliveries/1001/resend", before: withWebhook}},

	"read-profile":   {{path: "/v1/me"}},
	"update-profile": {{path: "/v1/me", body: obj{"closing_text": "Até logo!", "default_connection_id": 1001}}},

	"list-sending-connections":     {{path: "/v1/sending-connections"}},
	"read-connection-capabilities": {{path: "/v1/connections/1001/capabilities"}},

	"list-connections":  {{path: "/v1/connections"}},
	"read-connection":   {{path: "/v1/connections/1001"}},
	"create-connection": {{path: "/v1/connections", body: obj{"name": "Outra"}}},
	"update-connection": {{path: "/v1/connections/1001", body: obj{"name": "Nova", "initial_flow_id": 1001, "initial_queue_id": 1001, "survey_id": 1001, "access_token": "x"}, before: withSurvey}},
	"remove-connection": {{path: "/v1/connections/1001"}},
	"pause-connection":  {{path: "/v1/connections/1001/pause"}},
	"resume-connection": {{path: "/v1/connections/1001/resume"}},
	"sync-connection":   {{path: "/v1/connections/1001/sync"}},

	"list-templates": {{path: "/v1/templates?connection_id=1001", listed: true}},

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

	"list-contacts":        {{path: "/v1/contacts"}},
	"read-contact":         {{path: "/v1/contacts/1001", hidden: "/v1/contacts/1002"}},
	"update-contact":       {{path: "/v1/contacts/1001", body: obj{"name": "Outro", "default_agent_id": 1001}, hidden: "/v1/contacts/1002"}},
	"create-contact":       {{path: "/v1/contacts", body: obj{"name": "Gil", "phone": "+55 81 98800-4433"}}},
	"block-contact":        {{path: "/v1/contacts/1001/block", hidden: "/v1/contacts/1002/block"}},
	"add-contact-label":    {{path: "/v1/contacts/1001/labels/1001", hidden: "/v1/contacts/1002/labels/1001"}},
	"remove-contact-label": {{path: "/v1/contacts/1001/labels/1001", hidden: "/v1/contacts/1002/labels/1001"}},
	"list-contact-notes":   {{path: "/v1/contacts/1001/notes", hidden: "/v1/contacts/1002/notes"}},
	"create-contact-note":  {{path: "/v1/contacts/1001/notes", body: obj{"text": "Ligar", "agent_id": 1001}, hidden: "/v1/contacts/1002/notes"}},
	"update-contact-note":  {{path: "/v1/contact-notes/1001", body: obj{"text": "Ligar amanhã", "agent_id": 1001}, hidden: "/v1/contact-notes/1002"}},
	"delete-contact-note":  {{path: "/v1/contact-notes/1001", hidden: "/v1/contact-notes/1002"}},
	"unblock-contact":      {{path: "/v1/contacts/1001/unblock", hidden: "/v1/contacts/1002/unblock"}},

	"list-conversations": {{path: "/v1/conversations?connection_id=1001&contact_id=1001&queue_id=1001&label_id=1001&agent_id=1001&flow_id=1001", listed: true, hidden: "/v1/conversations?queue_id=1002"},
		{path: "/v1/conversations?view_id=1001", hidden: "/v1/conversations?view_id=1002"}},
	"count-conversations": {{path: "/v1/conversations/counts?connection_id=1001&contact_id=1001&queue_id=1001&label_id=1001&agent_id=1001&flow_id=1001", listed: true, hidden: "/v1/conversations/counts?queue_id=1002"},
		{path: "/v1/conversations/counts?view_id=1001", hidden: "/v1/conversations/counts?view_id=1002"}},
	"read-conversation":      {{path: "/v1/conversations/1001", hidden: "/v1/conversations/1002"}},
	"mark-conversation-read": {{path: "/v1/conversations/1001/read", body: obj{"up_to": 1005}, hidden: "/v1/conversations/1002/read"}},
	"tell-presence":          {{path: "/v1/conversations/1001/presence", body: obj{"state": "looking"}, hidden: "/v1/conversations/1002/presence"}},
	"search-messages":        {{path: "/v1/conversations/1001/messages/search?q=oi", hidden: "/v1/conversations/1002/messages/search?q=oi"}},
	"list-messages":          {{path: "/v1/conversations/1001/messages", hidden: "/v1/conversations/1002/messages"}},
	"read-message":           {{path: "/v1/messages/1002", hidden: "/v1/messages/1006"}},
	"send-message": {
		{path: "/v1/conversations/1001/messages", body: say(obj{"kind": "text", "text": "Olá", "reply_to": obj{"message_id": 1001}}), hidden: "/v1/conversations/1002/messages"},
		{path: "/v1/conversations/1001/messages", body: say(obj{"kind": "image", "media": obj{"media_id": 1003}})},
		{path: "/v1/conversations/1001/messages", body: say(obj{"kind": "reaction", "reaction": obj{"emoji": "👍", "target": obj{"message_id": 1001}}})},
		{path: "/v1/conversations/1001/messages", body: say(obj{"kind": "buttons", "text": "Qual?", "header": obj{"kind": "image", "media": obj{"media_id": 1003}},
			"buttons": []any{obj{"id": "a", "title": "A"}}})},
		{path: "/v1/conversations/1001/messages", body: say(obj{"kind": "template", "template": obj{"name": "retorno", "language": "pt_BR", "body": []any{obj{"text": "Davi"}}}})},
	},
	"start-conversation": {
		{path: "/v1/conversations", body: begin(obj{"contact_id": 1001, "connection_id": 1001}, obj{"kind": "template", "template": obj{"name": "retorno", "language": "pt_BR", "body": []any{obj{"text": "Davi"}}}})},
		{path: "/v1/conversations", body: begin(obj{"contact_id": 1001}, obj{"kind": "image", "media": obj{"media_id": 1003}, "reply_to": obj{"message_id": 1001}})},
		{path: "/v1/conversations", body: begin(obj{"phone": "+55 81 98800-4422"}, obj{"kind": "template", "template": obj{"name": "retorno", "language": "pt_BR", "body": []any{obj{"text": "Gil"}}}})},
		{path: "/v1/conversations", body: begin(obj{"contact_id": 1001, "open": true, "queue_id": 1001, "agent_id": 1002}, obj{"kind": "template", "template": obj{"name": "retorno", "language": "pt_BR", "body": []any{obj{"text": "Gil"}}}})},
	},
	"cancel-message":       {{path: "/v1/messages/1002/cancel", hidden: "/v1/messages/1006/cancel"}},
	"resend-message":       {{path: "/v1/messages/1003/resend", hidden: "/v1/messages/1006/resend"}},
	"retry-message-now":    {{path: "/v1/messages/1004/retry-now", hidden: "/v1/messages/1006/retry-now"}},
	"cancel-message-retry": {{path: "/v1/messages/1004/cancel-retry", hidden: "/v1/messages/1006/cancel-retry"}},

	"create-note": {{path: "/v1/conversations/1001/notes", body: obj{"text": "Cliente antigo, @Ana", "mentions": obj{"user_ids": []int{1001}, "queue_ids": []int{1001}}},
		hidden: "/v1/conversations/1002/notes"}},
	"read-farewell": {{path: "/v1/conversations/1001/farewell", hidden: "/v1/conversations/1002/farewell"}},
	"render-text":   {{path: "/v1/conversations/1001/render", body: obj{"text": "Olá {nome}"}, hidden: "/v1/conversations/1002/render"}},

	"list-views":  {{path: "/v1/views"}},
	"count-views": {{path: "/v1/views/counts"}},
	"order-views": {{path: "/v1/views/order", body: obj{"ids": []int{1001}}}},
	"create-view": {{path: "/v1/views", body: obj{"name": "Minhas sem resposta", "filter": obj{"and": []obj{
		{"field": "agent", "op": "in", "value": []any{"me"}}, {"field": "waiting_since", "op": "older_than", "value": 30}}}}}},
	"read-view":   {{path: "/v1/views/1001", hidden: "/v1/views/1002"}},
	"update-view": {{path: "/v1/views/1009", body: obj{"name": "Outro nome"}, hidden: "/v1/views/1002", before: ownViews}},
	"delete-view": {{path: "/v1/views/1009", hidden: "/v1/views/1002", before: ownViews}},

	"list-notifications": {{path: "/v1/notifications"}},
	"see-notifications":  {{path: "/v1/notifications/seen", body: obj{"ids": []int{1009}}, before: ownBell}},
	"clear-notifications": {
		{path: "/v1/notifications/clear", body: obj{"ids": []int{1009}}, before: ownBell},
		{path: "/v1/notifications/clear", body: obj{"conversation_id": 1001}, before: ownBell},
	},
	"list-drafts": {{path: "/v1/drafts"}},
	"read-draft":  {{path: "/v1/conversations/1001/drafts/reply", hidden: "/v1/conversations/1002/drafts/reply"}},
	"save-draft": {{path: "/v1/conversations/1001/drafts/note", body: obj{"body": obj{"text": "Ol", "media_ids": []int{1003}, "reply_to": 1001}, "revision": 0},
		hidden: "/v1/conversations/1002/drafts/note"}},
	"remove-draft": {{path: "/v1/conversations/1001/drafts/reply", hidden: "/v1/conversations/1002/drafts/reply"}},

	"list-canned-responses":  {{path: "/v1/canned-responses"}},
	"read-canned-response":   {{path: "/v1/canned-responses/1001"}},
	"create-canned-response": {{path: "/v1/canned-responses", body: obj{"code": "tabela", "text": "Segue.", "media_ids": []int{1003}}}},
	"update-canned-response": {{path: "/v1/canned-responses/1001", body: obj{"text": "Olá!", "media_ids": []int{1003}}}},
	"delete-canned-response": {{path: "/v1/canned-responses/1001"}},

	"list-library-files":   {{path: "/v1/library"}},
	"list-library-folders": {{path: "/v1/library/folders"}},
	"add-library-file":     {{path: "/v1/library", body: obj{"media_id": 1003, "name": "Tabela"}}},
	"update-library-file":  {{path: "/v1/library/1001", body: obj{"folder": "Promoções"}}},
	"remove-library-file":  {{path: "/v1/library/1001"}},

	"list-scheduled-messages": {
		{path: "/v1/scheduled-messages?conversation_id=1001", hidden: "/v1/scheduled-messages?conversation_id=1002", listed: true, before: withScheduled},
		{path: "/v1/scheduled-messages?contact_id=1001&author_id=1001&kind=message&state=pending", listed: true, before: withScheduled},
	},
	"read-scheduled-message": {{path: "/v1/scheduled-messages/1001", hidden: "/v1/scheduled-messages/1002", before: withScheduled}},
	"create-scheduled-message": {
		{path: "/v1/scheduled-messages", body: obj{"conversation_id": 1001, "due_at": "2026-11-21T12:00:00Z", "open": true, "queue_id": 1001, "agent_id": 1001,
			"contents": []obj{{"kind": "text", "text": "oi", "reply_to": obj{"message_id": 1001}}, {"kind": "image", "media": obj{"media_id": 1001}}}}},
		{path: "/v1/scheduled-messages", body: obj{"contact_ids": []int{1001}, "connection_id": 1001, "due_at": "2026-11-21T12:00:00Z", "contents": []obj{{"kind": "text", "text": "oi"}}}},
		{path: "/v1/scheduled-messages", body: obj{"conversation_id": 1001, "due_at": "2026-11-21T12:00:00Z", "flow_id": 1001}},
	},
	"preview-scheduled-message": {{path: "/v1/scheduled-messages/preview", body: obj{"due_at": "2026-11-21T12:00:00Z", "recurrence": "FREQ=DAILY;COUNT=3"}, idle: true}},
	"update-scheduled-message": {
		{path: "/v1/scheduled-messages/1001", hidden: "/v1/scheduled-messages/1002", before: withScheduled, body: obj{"open": true, "queue_id": 1001, "agent_id": 1001,
			"contents": []obj{{"kind": "image", "media": obj{"media_id": 1001}, "reply_to": obj{"message_id": 1001}}}}},
		{path: "/v1/scheduled-messages/1001", hidden: "/v1/scheduled-messages/1002", before: withScheduled, body: obj{"flow_id": 1001}},
	},
	"cancel-scheduled-message": {{path: "/v1/scheduled-messages/1001/cancel", hidden: "/v1/scheduled-messages/1002/cancel", before: withScheduled}},
	"cancel-scheduled-messages": {
		{path: "/v1/scheduled-messages/cancel", before: withScheduled, body: obj{"conversation_id": 1001}},
		{path: "/v1/scheduled-messages/cancel", before: withScheduled, body: obj{"contact_id": 1001, "kind": "message"}},
	},
	"send-scheduled-message": {{path: "/v1/scheduled-messages/1001/send", hidden: "/v1/scheduled-messages/1002/send", before: withScheduled}},
	"start-bulk-job": {
		{path: "/v1/bulk-jobs", body: obj{"action": "transfer", "user_id": 1002, "conversation_ids": []int{1001}}},
		{path: "/v1/bulk-jobs", body: obj{"action": "transfer", "queue_id": 1001, "note": "x", "conversation_ids": []int{1001}}},
		{path: "/v1/bulk-jobs", body: obj{"action": "label_add", "label_id": 1001, "filter": obj{"view_id": 1001}}, before: waitingSince},
		{path: "/v1/bulk-jobs", body: obj{"action": "close", "reason_id": 1009, "filter": obj{"connection_id": 1001, "contact_id": 1001, "queue_id": 1001,
			"label_id": 1001, "agent_id": 1001, "flow_id": 1001}}, before: withTicket + served},
	},
	"list-bulk-jobs":         {{path: "/v1/bulk-jobs"}},
	"read-bulk-job":          {{path: "/v1/bulk-jobs/1009", before: ownJob}},
	"list-bulk-job-refusals": {{path: "/v1/bulk-jobs/1009/refusals", before: ownJob}},
	"cancel-bulk-job":        {{path: "/v1/bulk-jobs/1009/cancel", before: ownJob}},
	"undo-bulk-job":          {{path: "/v1/bulk-jobs/1009/undo", before: ownJob + doneJob}},

	"update-conversation": {{path: "/v1/conversations/1001", body: obj{"marked_unread": true, "followed": true, "priority": "high", "chatbot_disabled": true},
		hidden: "/v1/conversations/1002"}},
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

type obj = map[string]any

func say(content obj) obj { return obj{"content": content} }

func begin(to, content obj) obj {
	body := say(content)
	maps.Copy(body, to)
	return body
}

const form = "--b\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a.png\"\r\n\r\n\x89PNG\r\n\x1a\n\r\n--b--\r\n"

// notIDs are integers of the contract whose names look like ids and are none of ours.
var notIDs = map[string]bool{}

// TestPermissionMatrix: every operation of the contract × every role × ids of the own and of another account, in path, query
// and body, and for users ids of another queue (S6, rules 005, 033, 051). What may not be done changes nothing.
func TestPermissionMatrix(t *testing.T) { //nolint:tparallel // its parts share worlds and follow each other
	spec := contractAlone()
	for path, item := range spec.Paths {
		for method, op := range operationsOf(item) {
			t.Run(op.OperationID, func(t *testing.T) {
				t.Parallel()
				list := samples[op.OperationID]
				if len(list) == 0 {
					t.Fatalf("%s %s is not in the permission matrix: add a sample", method, path)
				}
				checkIDsCovered(t, spec, op, list)
				unchanged := newWorld(t) // for requests that change nothing: reads, and what is refused
				for _, s := range list {
					for _, role := range []models.Role{models.RoleUser, models.RoleSupervisor, models.RoleAdmin} {
						w := unchanged
						if method != http.MethodGet && allowed(op, role) {
							w = newWorld(t)
						}
						checkRole(t, w, op, method, s, role)
					}
				}
			})
		}
	}
	for id := range samples {
		if _, ok := operationPermissions[id]; !ok {
			t.Errorf("the matrix has %q, which no operation is called", id)
		}
	}
}

// allowed tells whether a role may do an operation.
func allowed(op *huma.Operation, role models.Role) bool {
	permission := operationPermissions[op.OperationID]
	return permission == Public || permission == SignedIn || slices.Contains(RolePermissions(role), permission)
}

// listsNothing tells whether an answer is an empty list, or counts of nothing.
func listsNothing(t *testing.T, got answer) bool {
	t.Helper()
	body := got.json(t)
	if data, ok := body["data"].([]any); ok {
		return len(data) == 0
	}
	return !regexp.MustCompile(`"total":[1-9]`).Match(got.body)
}

func checkRole(t *testing.T, w *world, op *huma.Operation, method string, s sample, role models.Role) {
	t.Helper()
	call := func(as, path string, body any) answer {
		headers := map[string]string{}
		maps.Copy(headers, s.headers)
		if body == form {
			headers["Content-Type"] = "multipart/form-data; boundary=b"
		}
		return w.do(request{as: as, method: method, path: path, body: body, headers: headers})
	}
	for account := 1; account <= 2 && s.before != ""; account++ {
		user := map[models.Role]string{models.RoleUser: "001", models.RoleSupervisor: "002", models.RoleAdmin: "003"}[role]
		w.exec(strings.NewReplacer("$NOW", fixedNow.Format(time.RFC3339), "$USER", fmt.Sprint(account)+user, "$N", fmt.Sprint(account)).Replace(s.before))
	}
	permission := operationPermissions[op.OperationID]
	foreign := w.fingerprint(2)

	if permission != Public {
		if got := call("nobody", s.path, s.body); got.status != http.StatusUnauthorized {
			t.Errorf("nobody: %s: status %d, want 401", s.path, got.status)
		}
	}
	allowed := allowed(op, role)
	for _, v := range foreignVariants(t, s) {
		got := call(string(role), v.path, v.body)
		switch {
		case !allowed && got.status != http.StatusForbidden:
			t.Errorf("%s: %s %v: status %d, want 403", role, v.path, v.body, got.status)
		case allowed && s.listed:
			if got.status != http.StatusOK || !listsNothing(t, got) {
				t.Errorf("%s: %s lists another account's: %d %s", role, v.path, got.status, got.body)
			}
		case allowed && got.status != http.StatusNotFound && got.status != http.StatusUnprocessableEntity:
			t.Errorf("%s: %s %v: status %d, want 404 or 422: %s", role, v.path, v.body, got.status, got.body)
		}
	}
	if allowed && role == models.RoleUser && s.hidden != "" {
		got := call(string(role), s.hidden, s.body)
		if s.listed {
			if !listsNothing(t, got) {
				t.Errorf("user: %s lists another queue's: %s", s.hidden, got.body)
			}
		} else if got.status != http.StatusNotFound {
			t.Errorf("user: %s: status %d, want 404: %s", s.hidden, got.status, got.body)
		}
	}
	own, lines := w.fingerprint(1), w.value(auditLines)
	got := call(string(role), s.path, s.body)
	want := s.status
	if want == 0 {
		want = successOf(t, op)
	}
	switch {
	case !allowed && got.status != http.StatusForbidden:
		t.Errorf("%s: %s: status %d, want 403", role, s.path, got.status)
	case !allowed && w.fingerprint(1) != own:
		t.Errorf("%s: %s was refused and changed something", role, s.path)
	case allowed && got.status != want:
		t.Errorf("%s: %s: status %d, want %d: %s\n%s", role, s.path, got.status, want, got.body, lastLines(w.log.String(), 2))
	}
	audited := method != http.MethodGet && notAudited[op.OperationID] == "" && !auditedOfTokens[op.OperationID] && !s.idle
	if allowed && got.status == want && want < 300 && (w.value(auditLines) != lines) != audited {
		t.Errorf("%s: %s: a new line in the audit log: %v, want %v", role, s.path, !audited, audited)
	}
	if w.fingerprint(2) != foreign {
		t.Errorf("%s: %s changed another account", role, s.path)
	}
}

// auditLines counts what account 1 did, by the audit log (S17).
const auditLines = `SELECT count(*) FROM audit_log WHERE account_id = 1 AND action <> 'access.denied'`

// successOf is the status the contract promises.
func successOf(t *testing.T, op *huma.Operation) int {
	t.Helper()
	for _, status := range []int{http.StatusOK, http.StatusCreated, http.StatusAccepted, http.StatusNoContent} {
		if op.Responses[fmt.Sprint(status)] != nil {
			return status
		}
	}
	t.Fatalf("%s promises no success", op.OperationID)
	return 0
}

var ownID = regexp.MustCompile(`\b1[0-9]{3}\b`)

// foreignVariants puts an id of account 2 in the place of each id of account 1, one at a time.
func foreignVariants(t *testing.T, s sample) []sample {
	t.Helper()
	var out []sample
	for _, at := range ownID.FindAllStringIndex(s.path, -1) {
		v := s
		v.path = s.path[:at[0]] + "2" + s.path[at[0]+1:]
		out = append(out, v)
	}
	if body, ok := s.body.(obj); ok {
		raw, err := json.Marshal(body)
		if err != nil {
			t.Fatal(err)
		}
		for _, at := range ownID.FindAllIndex(raw, -1) {
			v := s
			v.body = string(raw[:at[0]]) + "2" + string(raw[at[0]+1:])
			out = append(out, v)
		}
	}
	if _, ok := s.body.(obj); ok && strings.Contains(s.path, "/read") { // up_to is a mark, not a reference
		out = slices.DeleteFunc(out, func(v sample) bool { return v.path == s.path })
	}
	return out
}

// checkIDsCovered makes sure that every id the contract takes is in a sample, so that the matrix tries another account's.
func checkIDsCovered(t *testing.T, spec *huma.OpenAPI, op *huma.Operation, list []sample) {
	t.Helper()
	all := ""
	for _, s := range list {
		raw, err := json.Marshal(s.body)
		if err != nil {
			t.Fatal(err)
		}
		all += s.path + string(raw)
	}
	for _, p := range op.Parameters {
		if p.In == "path" && p.Schema.Type == huma.TypeInteger && !ownID.MatchString(list[0].path) {
			t.Errorf("the path's %s has no id in the sample", p.Name)
		}
		if p.In == "query" && p.Schema.Type == huma.TypeInteger && strings.HasSuffix(p.Name, "_id") && !strings.Contains(all, p.Name+"=1") {
			t.Errorf("the query's %s is in no sample", p.Name)
		}
	}
	if op.RequestBody == nil || op.RequestBody.Content["application/json"] == nil {
		return
	}
	for name := range idsOf(spec, op.RequestBody.Content["application/json"].Schema, map[string]bool{}) {
		if !strings.Contains(all, `"`+name+`":1`) && !notIDs[name] && !serverSet[name] {
			t.Errorf("the body's %s is in no sample", name)
		}
	}
}

// serverSet are ids inside content that a client may write but that the server sets itself.
var serverSet = map[string]bool{"template_id": true}

// idsOf lists the names of integer ids in a schema, through its references.
func idsOf(spec *huma.OpenAPI, s *huma.Schema, seen map[string]bool) map[string]bool {
	out := map[string]bool{}
	if s == nil {
		return out
	}
	if s.Ref != "" {
		if seen[s.Ref] {
			return out
		}
		seen[s.Ref] = true
		s = spec.Components.Schemas.SchemaFromRef(s.Ref)
		if s == nil {
			return out
		}
	}
	for name, p := range s.Properties {
		if p.Type == huma.TypeInteger && strings.HasSuffix(name, "_id") {
			out[name] = true
		}
		maps.Copy(out, idsOf(spec, p, seen))
	}
	maps.Copy(out, idsOf(spec, s.Items, seen))
	return out
}

// fingerprint sums up every row of an account, apart from what merely notes that somebody was here.
func (w *world) fingerprint(account int) string {
	w.t.Helper()
	var b strings.Builder
	for _, table := range []string{"users", "queues", "queue_members", "api_tokens", "connections", "contacts", "conversations", "messages", "send_queue", "media",
		"templates", "flows", "flow_versions", "flow_runs", "flow_run_events", "tickets", "ticket_commands", "ticket_events", "conversation_followers",
		"doorbells", "events", "quarantine", "media_uses", "message_mentions", "canned_responses", "canned_response_files", "labels", "custom_fields",
		"closing_reasons", "contact_notes", "contact_labels", "contact_identities", "drafts", "notifications", "saved_views", "saved_view_queues", "saved_view_places", "bulk_jobs",
		"bulk_job_rows", "library_files", "scheduled_sends", "scheduled_closures", "webhook_endpoints", "webhook_events", "webhook_deliveries"} {
		row := "t::text"
		if table == "api_tokens" {
			row = "(to_jsonb(t) - 'last_used_at')::text"
		}
		fmt.Fprintln(&b, table, w.value(fmt.Sprintf(`SELECT coalesce(md5(string_agg(%s, '|' ORDER BY t::text)), '') FROM %s t WHERE account_id = $1`, row, table), account))
	}
	return b.String()
}
