package api

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"reflect"

	"github.com/danielgtaylor/huma/v2"
)

// ContractVersion is the version of the contract; it grows with every change that clients can see.
const ContractVersion = "1.0.0"

func contractConfig() huma.Config {
	useProblems()
	registry := huma.NewMapRegistry("#/components/schemas/", huma.DefaultSchemaNamer)
	registry.RegisterTypeAlias(reflect.TypeFor[json.Number](), reflect.TypeFor[float64]())
	for of, list := range closedLists {
		registry.RegisterTypeAlias(of, list.schema)
	}
	return huma.Config{
		OpenAPI: &huma.OpenAPI{
			OpenAPI: "3.1.0",
			Info: &huma.Info{
				Title:   "Perene",
				Version: ContractVersion,
				Description: "Customer service on WhatsApp and other channels. Ids are integers. Times are RFC 3339 in UTC. Lists take " +
					"`limit` and `cursor` and answer `{data, next_cursor, has_more}`. Errors are `application/problem+json`. " +
					"Sign in with a browser or with `Authorization: Bearer pk_live_…`.",
				License: &huma.License{Name: "AGPL-3.0-only", Identifier: "AGPL-3.0-only"},
			},
			Components: &huma.Components{
				Schemas: registry,
				SecuritySchemes: map[string]*huma.SecurityScheme{
					"sign_in": {Type: "apiKey", In: "cookie", Name: secureCookie, Description: "A browser's sign-in."},
					"token":   {Type: "http", Scheme: "bearer", BearerFormat: "pk_live_…", Description: "An API token."},
				},
			},
			Tags: []*huma.Tag{
				{Name: "sign-in", Description: "Signing in and out, API tokens."},
				{Name: "account", Description: "The account and its users."},
				{Name: "settings", Description: "What an administrator sets up for the desk: queues, labels, custom fields, closing reasons, opening hours, automatic texts."},
				{Name: "connections", Description: "Accounts at providers through which we speak, and their templates."},
				{Name: "flows", Description: "Drawn flows, their drafts and versions."},
				{Name: "flow-runs", Description: "Contacts' ways through flows."},
				{Name: "contacts", Description: "People."},
				{Name: "conversations", Description: "Conversations and their messages."},
				{Name: "notifications", Description: "Your bell: messages and conversations that came to you while you did not look."},
				{Name: "views", Description: "Filters of conversations that people keep under a name and share."},
				{Name: "drafts", Description: "What one is writing, on every device."},
				{Name: "tickets", Description: "Episodes of human service."},
				{Name: "webhooks", Description: "Addresses of programs that hear of events, and what was delivered to them."},
				{Name: "surveys", Description: "Grades that contacts give after the service."},
				{Name: "broadcasts", Description: "One template to many contacts, once to each."},
				{Name: "scheduled-messages", Description: "What happens by itself at an instant: messages, templates, flows, closings of tickets."},
				{Name: "bulk-jobs", Description: "One act for many conversations, with its progress."},
				{Name: "canned-responses", Description: "Texts and files that agents write by a short code."},
				{Name: "library", Description: "Files that everybody of the account may send again."},
				{Name: "media", Description: "Files."},
				{Name: "quarantine", Description: "Parts of deliveries that nobody could take in."},
				{Name: "events", Description: "What changes, live."},
			},
		},
		Formats:                      map[string]huma.Format{"application/json": huma.DefaultJSONFormat, "json": huma.DefaultJSONFormat},
		DefaultFormat:                "application/json",
		RejectUnknownQueryParameters: true,
	}
}

// operation is what a route declares besides its types.
type operation struct {
	id, method, path, tag, summary, doc string
	status                              int   // of success; 0 means 200
	maxBody                             int64 // bytes; 0 means defaultBody
	files                               bool  // takes a form with a file, which its handler reads
	idempotent                          bool  // takes an Idempotency-Key
	conditional                         bool  // takes If-Match
	custom                              func(*huma.Operation)
	body                                *huma.RequestBody // documented, but read by the handler itself
}

// handle registers an operation. Its permission is in operationPermissions.
func handle[I, O any](a *app, o operation, fn func(context.Context, *I) (*O, error)) {
	op := huma.Operation{
		OperationID: o.id, Method: o.method, Path: o.path, Tags: []string{o.tag}, Summary: o.summary, Description: o.doc,
		DefaultStatus: o.status, MaxBodyBytes: -1, BodyReadTimeout: -1, // bound keeps both
		Errors: []int{http.StatusForbidden, http.StatusTooManyRequests, http.StatusServiceUnavailable},
	}
	if o.maxBody == 0 {
		o.maxBody = defaultBody
	}
	a.setBounds(o.method, o.path, bounds{body: o.maxBody})
	permission := operationPermissions[o.id]
	if permission != Public {
		op.Security = []map[string][]string{{"sign_in": {}}, {"token": {}}}
		op.Errors = append(op.Errors, http.StatusUnauthorized)
	}
	op.Extensions = map[string]any{"x-permission": string(permission)}
	if o.method != http.MethodGet {
		op.Errors = append(op.Errors, http.StatusConflict)
	}
	if bytes.ContainsRune([]byte(o.path), '{') {
		op.Errors = append(op.Errors, http.StatusNotFound)
	}
	if o.conditional {
		op.Errors = append(op.Errors, http.StatusPreconditionFailed)
	}
	if o.idempotent {
		op.Parameters = append(op.Parameters, &huma.Param{
			Name: "Idempotency-Key", In: "header",
			Description: "Makes the request safe to repeat for 24 hours: the same key gives the same answer. 409 while the first is " +
				"under way, 422 when the key came with another body.",
			Schema: &huma.Schema{Type: huma.TypeString, MinLength: ptr(1), MaxLength: ptr(200)},
		})
	}
	if o.custom != nil {
		o.custom(&op)
	}
	op.Middlewares = append(op.Middlewares, a.guards(o, permission)...)
	huma.Register(a.huma, op, func(ctx context.Context, in *I) (*O, error) {
		out, err := fn(ctx, in)
		if err != nil {
			return nil, a.failed(ctx, o.id, o.path, err)
		}
		a.auditRest(ctx, &o)
		return out, nil
	})
	if o.body != nil {
		operationsOf(a.huma.OpenAPI().Paths[o.path])[o.method].RequestBody = o.body
	}
}

// marshalSpec writes a contract with sorted keys.
func marshalSpec(spec *huma.OpenAPI) ([]byte, error) {
	raw, err := json.Marshal(spec)
	if err != nil {
		return nil, fmt.Errorf("write the contract: %w", err)
	}
	var out bytes.Buffer
	if err := json.Indent(&out, raw, "", "  "); err != nil {
		return nil, fmt.Errorf("write the contract: %w", err)
	}
	out.WriteByte('\n')
	return out.Bytes(), nil
}

// nothing is the output of an operation that answers 204.
type nothing struct{}

// one is the output of an operation that answers with one thing.
type one[T any] struct {
	Body T
}

// page is the output of a list.
type page[T any] struct {
	Link string `header:"Link" doc:"The next page: <…>; rel=\"next\"."`
	Body Page[T]
}

// Page is one page of a list.
type Page[T any] struct {
	Data       []T     `json:"data"`
	NextCursor *string `json:"next_cursor" doc:"Give it as cursor to read on; null at the end."`
	HasMore    bool    `json:"has_more"`
}

// Paging is the input of a list. It is exported because Huma fills exported embedded structs alone.
type Paging struct {
	Limit  int    `query:"limit" minimum:"1" maximum:"100" default:"50" doc:"How many at most."`
	Cursor string `query:"cursor" maxLength:"200" doc:"next_cursor of the page before."`
}

func ptr[T any](v T) *T { return &v }
