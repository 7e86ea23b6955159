package api

// contactSamples are the right requests of the operations about contacts.
var contactSamples = map[string][]sample{
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
}
