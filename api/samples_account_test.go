package api

import (
	"net/http"
)

// accountSamples are the right requests of the operations about people, sign-ins and settings of an account.
var accountSamples = map[string][]sample{
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
}
