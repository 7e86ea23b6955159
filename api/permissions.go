package api

import (
	"fmt"
	"slices"
	"sort"

	"github.com/danielgtaylor/huma/v2"

	"github.com/perene/perene/models"
)

// Permission is what an operation needs. API tokens carry permissions as their scopes.
type Permission string

// The permissions. Public and SignedIn are not grantable: the first asks for nothing, the second for a user's sign-in or
// any token.
const (
	Public            Permission = "public"
	SignedIn          Permission = "signed_in"
	AccountRead       Permission = "account:read"
	UsersRead         Permission = "users:read"
	TokensManage      Permission = "tokens:manage"
	SettingsManage    Permission = "settings:manage"
	LabelsManage      Permission = "labels:manage"
	ConnectionsRead   Permission = "connections:read"
	ConnectionsManage Permission = "connections:manage"
	TemplatesRead     Permission = "templates:read"
	ContactsRead      Permission = "contacts:read"
	ContactsWrite     Permission = "contacts:write"
	ConversationsRead Permission = "conversations:read"
	MessagesSend      Permission = "messages:send"
	TicketsWrite      Permission = "tickets:write"
	BroadcastsRead    Permission = "broadcasts:read"
	BroadcastsSend    Permission = "broadcasts:send"
	MediaWrite        Permission = "media:write"
	FlowsRead         Permission = "flows:read"
	FlowsWrite        Permission = "flows:write"
	FlowsPublish      Permission = "flows:publish"
	FlowRunsRead      Permission = "flow_runs:read"
	FlowRunsStart     Permission = "flow_runs:start"
	FlowRunsOperate   Permission = "flow_runs:operate"
	QuarantineRead    Permission = "quarantine:read"
	QuarantineOperate Permission = "quarantine:operate"
)

var userPermissions = []Permission{
	AccountRead, UsersRead, TemplatesRead, ContactsRead, ContactsWrite, ConversationsRead, MessagesSend, TicketsWrite, MediaWrite,
}

var supervisorPermissions = append(slices.Clone(userPermissions), FlowsRead, FlowRunsRead, FlowRunsStart, FlowRunsOperate, LabelsManage,
	BroadcastsRead, BroadcastsSend)

// Connections are the administrators' alone (rule 005); an administrator may do everything (rule 051).
var adminPermissions = append(slices.Clone(supervisorPermissions), TokensManage, SettingsManage, ConnectionsRead, ConnectionsManage,
	FlowsWrite, FlowsPublish, QuarantineRead, QuarantineOperate)

// RolePermissions lists what a built-in profile may do (rule 051), sorted.
func RolePermissions(role models.Role) []Permission {
	var ps []Permission
	switch role {
	case models.RoleAdmin:
		ps = slices.Clone(adminPermissions)
	case models.RoleSupervisor:
		ps = slices.Clone(supervisorPermissions)
	case models.RoleUser:
		ps = slices.Clone(userPermissions)
	}
	slices.Sort(ps)
	return ps
}

// operationPermissions says what each operation of the contract needs, by operation id.
var operationPermissions = map[string]Permission{
	"create-sign-in":           Public,
	"create-sign-in-from-link": Public,
	"read-sign-in":             SignedIn,
	"end-sign-in":              SignedIn,
	"create-events-pass":       SignedIn,

	"list-api-tokens":  TokensManage,
	"create-api-token": TokensManage,
	"revoke-api-token": TokensManage,

	"read-account": AccountRead,
	"list-quotas":  TokensManage,
	"list-users":   UsersRead,

	"read-hours":       UsersRead,
	"update-hours":     SettingsManage,
	"update-own-hours": SettingsManage,
	"list-holidays":    SettingsManage,

	"read-automatic-texts":   SettingsManage,
	"update-automatic-texts": SettingsManage,

	"list-queues":   UsersRead,
	"create-queue":  SettingsManage,
	"update-queue":  SettingsManage,
	"archive-queue": SettingsManage,
	"restore-queue": SettingsManage,
	"order-queues":  SettingsManage,

	"list-labels":   AccountRead,
	"create-label":  LabelsManage,
	"update-label":  LabelsManage,
	"archive-label": LabelsManage,
	"restore-label": LabelsManage,
	"order-labels":  LabelsManage,

	"list-custom-fields":   AccountRead,
	"create-custom-field":  SettingsManage,
	"update-custom-field":  SettingsManage,
	"archive-custom-field": SettingsManage,
	"restore-custom-field": SettingsManage,
	"order-custom-fields":  SettingsManage,

	"list-closing-reasons":   AccountRead,
	"create-closing-reason":  SettingsManage,
	"update-closing-reason":  SettingsManage,
	"archive-closing-reason": SettingsManage,
	"restore-closing-reason": SettingsManage,
	"order-closing-reasons":  SettingsManage,
	"list-surveys":           AccountRead,
	"create-survey":          SettingsManage,
	"update-survey":          SettingsManage,
	"archive-survey":         SettingsManage,
	"restore-survey":         SettingsManage,
	"order-surveys":          SettingsManage,
	"read-survey-rule":       AccountRead,
	"set-survey-rule":        SettingsManage,
	"list-survey-answers":    ConversationsRead,
	"read-survey-report":     ConversationsRead,
	"send-survey":            TicketsWrite,
	"list-agents":            UsersRead,

	"list-webhooks":           SettingsManage,
	"read-webhook":            SettingsManage,
	"create-webhook":          SettingsManage,
	"update-webhook":          SettingsManage,
	"remove-webhook":          SettingsManage,
	"rotate-webhook-secret":   SettingsManage,
	"test-webhook":            SettingsManage,
	"replay-webhook":          SettingsManage,
	"list-webhook-deliveries": SettingsManage,
	"resend-webhook-delivery": SettingsManage,

	"read-profile":   SignedIn,
	"update-profile": SignedIn,

	"list-sending-connections":     MessagesSend,
	"read-connection-capabilities": MessagesSend,

	"list-connections":  ConnectionsRead,
	"read-connection":   ConnectionsRead,
	"create-connection": ConnectionsManage,
	"update-connection": ConnectionsManage,
	"remove-connection": ConnectionsManage,
	"pause-connection":  ConnectionsManage,
	"resume-connection": ConnectionsManage,
	"sync-connection":   ConnectionsManage,

	"list-templates": TemplatesRead,

	"list-broadcasts":           BroadcastsRead,
	"read-broadcast":            BroadcastsRead,
	"list-broadcast-recipients": BroadcastsRead,
	"create-broadcast":          BroadcastsSend,
	"preview-broadcast":         BroadcastsSend,
	"update-broadcast":          BroadcastsSend,
	"delete-broadcast":          BroadcastsSend,
	"send-broadcast":            BroadcastsSend,
	"test-broadcast":            BroadcastsSend,
	"pause-broadcast":           BroadcastsSend,
	"resume-broadcast":          BroadcastsSend,
	"cancel-broadcast":          BroadcastsSend,

	"list-flows":             FlowsRead,
	"read-flow":              FlowsRead,
	"list-flow-versions":     FlowsRead,
	"read-flow-version":      FlowsRead,
	"lint-flow":              FlowsRead,
	"run-flow-tests":         FlowsWrite,
	"keep-flow-test":         FlowsWrite,
	"keep-flow-run-test":     FlowsWrite,
	"simulate-flow":          FlowsWrite,
	"create-flow":            FlowsWrite,
	"update-flow":            FlowsWrite,
	"save-flow-draft":        FlowsWrite,
	"archive-flow":           FlowsWrite,
	"restore-flow":           FlowsWrite,
	"publish-flow":           FlowsPublish,
	"republish-flow-version": FlowsPublish,

	"list-flow-runs":        FlowRunsRead,
	"read-flow-run":         FlowRunsRead,
	"start-flow-run":        FlowRunsStart,
	"stop-flow-run":         FlowRunsOperate,
	"move-flow-run":         FlowRunsOperate,
	"set-flow-run-variable": FlowRunsOperate,

	"list-contacts":   ContactsRead,
	"read-contact":    ContactsRead,
	"update-contact":  ContactsWrite,
	"create-contact":  ContactsWrite,
	"block-contact":   ContactsWrite,
	"unblock-contact": ContactsWrite,

	"add-contact-label":    ContactsWrite,
	"remove-contact-label": ContactsWrite,
	"list-contact-notes":   ContactsRead,
	"create-contact-note":  ContactsWrite,
	"update-contact-note":  ContactsWrite,
	"delete-contact-note":  ContactsWrite,

	"list-conversations":     ConversationsRead,
	"count-conversations":    ConversationsRead,
	"read-conversation":      ConversationsRead,
	"mark-conversation-read": ConversationsRead,
	"list-messages":          ConversationsRead,
	"search-messages":        ConversationsRead,
	"tell-presence":          ConversationsRead,
	"read-message":           ConversationsRead,
	"send-message":           MessagesSend,
	"start-conversation":     MessagesSend,
	"cancel-message":         MessagesSend,
	"resend-message":         MessagesSend,
	"retry-message-now":      MessagesSend,
	"cancel-message-retry":   MessagesSend,
	"create-note":            MessagesSend,
	"render-text":            MessagesSend,
	"read-farewell":          MessagesSend,

	"list-drafts":  MessagesSend,
	"read-draft":   MessagesSend,
	"save-draft":   MessagesSend,
	"remove-draft": MessagesSend,

	"list-canned-responses":  MessagesSend,
	"read-canned-response":   MessagesSend,
	"create-canned-response": MessagesSend,
	"update-canned-response": MessagesSend,
	"delete-canned-response": MessagesSend,

	"list-library-files":   MessagesSend,
	"list-library-folders": MessagesSend,
	"add-library-file":     SettingsManage,
	"update-library-file":  SettingsManage,
	"remove-library-file":  SettingsManage,

	"list-notifications":  ConversationsRead,
	"see-notifications":   ConversationsRead,
	"clear-notifications": ConversationsRead,

	"list-views":  ConversationsRead,
	"create-view": ConversationsRead,
	"count-views": ConversationsRead,
	"order-views": ConversationsRead,
	"read-view":   ConversationsRead,
	"update-view": ConversationsRead,
	"delete-view": ConversationsRead,

	"list-scheduled-messages":   ConversationsRead,
	"read-scheduled-message":    ConversationsRead,
	"create-scheduled-message":  MessagesSend,
	"preview-scheduled-message": MessagesSend,
	"update-scheduled-message":  MessagesSend,
	"cancel-scheduled-message":  MessagesSend,
	"cancel-scheduled-messages": MessagesSend,
	"send-scheduled-message":    MessagesSend,

	"start-bulk-job":         TicketsWrite,
	"list-bulk-jobs":         TicketsWrite,
	"read-bulk-job":          TicketsWrite,
	"list-bulk-job-refusals": TicketsWrite,
	"cancel-bulk-job":        TicketsWrite,
	"undo-bulk-job":          TicketsWrite,

	"update-conversation":       TicketsWrite,
	"open-ticket":               TicketsWrite,
	"list-conversation-tickets": ConversationsRead,
	"read-ticket":               ConversationsRead,
	"accept-ticket":             TicketsWrite,
	"assign-ticket":             TicketsWrite,
	"transfer-ticket":           TicketsWrite,
	"send-ticket-to-flow":       TicketsWrite,
	"hand-back-ticket":          TicketsWrite,
	"snooze-ticket":             TicketsWrite,
	"wake-ticket":               TicketsWrite,
	"schedule-ticket-closing":   TicketsWrite,
	"cancel-ticket-closing":     TicketsWrite,
	"prioritize-ticket":         TicketsWrite,
	"reopen-ticket":             TicketsWrite,
	"close-ticket":              TicketsWrite,

	"upload-media":      MediaWrite,
	"read-media":        ConversationsRead,
	"fetch-media-again": ConversationsRead,
	"download-media":    ConversationsRead,

	"list-quarantine":     QuarantineRead,
	"read-quarantined":    QuarantineRead,
	"replay-quarantined":  QuarantineOperate,
	"resolve-quarantined": QuarantineOperate,
}

// grantable lists every permission a token may carry.
func grantable() []Permission { return RolePermissions(models.RoleAdmin) }

// checkOperations makes sure that the contract and the permission table name the same operations.
func checkOperations(spec *huma.OpenAPI, table map[string]Permission) error {
	seen := map[string]bool{}
	var wrong []string
	for path, item := range spec.Paths {
		for method, op := range operationsOf(item) {
			switch _, ok := table[op.OperationID]; {
			case seen[op.OperationID]:
				wrong = append(wrong, fmt.Sprintf("%s %s repeats the operation id %q", method, path, op.OperationID))
			case !ok:
				wrong = append(wrong, fmt.Sprintf("%s %s (%s) declares no permission", method, path, op.OperationID))
			}
			seen[op.OperationID] = true
		}
	}
	for id := range table {
		if !seen[id] {
			wrong = append(wrong, fmt.Sprintf("the permission table names %q, which no operation has", id))
		}
	}
	if len(wrong) == 0 {
		return nil
	}
	sort.Strings(wrong)
	return fmt.Errorf("check permissions: %s", wrong)
}

// operationsOf lists a path's operations by method.
func operationsOf(item *huma.PathItem) map[string]*huma.Operation {
	all := map[string]*huma.Operation{
		"GET": item.Get, "PUT": item.Put, "POST": item.Post, "DELETE": item.Delete, "PATCH": item.Patch,
		"HEAD": item.Head, "OPTIONS": item.Options, "TRACE": item.Trace,
	}
	for method, op := range all {
		if op == nil {
			delete(all, method)
		}
	}
	return all
}

// Schema implements huma.SchemaProvider: the grantable permissions and no others.
func (Permission) Schema(huma.Registry) *huma.Schema {
	s := &huma.Schema{Type: huma.TypeString}
	for _, p := range grantable() {
		s.Enum = append(s.Enum, string(p))
	}
	s.PrecomputeMessages()
	return s
}
