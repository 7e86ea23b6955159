package api

// connectionSamples are the right requests of the operations about connections and their templates.
var connectionSamples = map[string][]sample{
	"list-connections":  {{path: "/v1/connections"}},
	"read-connection":   {{path: "/v1/connections/1001"}},
	"create-connection": {{path: "/v1/connections", body: obj{"name": "Outra"}}},
	"update-connection": {{path: "/v1/connections/1001", body: obj{"name": "Nova", "initial_flow_id": 1001, "initial_queue_id": 1001, "survey_id": 1001, "access_token": "x"}, before: withSurvey}},
	"remove-connection": {{path: "/v1/connections/1001"}},
	"pause-connection":  {{path: "/v1/connections/1001/pause"}},
	"resume-connection": {{path: "/v1/connections/1001/resume"}},
	"sync-connection":   {{path: "/v1/connections/1001/sync"}},

	"list-templates": {{path: "/v1/templates?connection_id=1001", listed: true}},
}
