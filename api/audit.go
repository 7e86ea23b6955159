package api

import (
	"context"
	"net/http"
	"strings"
)

// notAudited are operations that change something, or are no GET, and leave no line in the audit log, each with its reason.
var notAudited = map[string]string{
	"create-events-pass":        "it opens a socket for a minute and changes nothing",
	"lint-flow":                 "it changes nothing",
	"keep-flow-run-test":        "it changes nothing: a draft that is saved keeps the test",
	"run-flow-tests":            "it changes nothing",
	"keep-flow-test":            "it changes nothing: a draft that is saved keeps the test",
	"simulate-flow":             "it changes nothing",
	"render-text":               "it changes nothing",
	"preview-scheduled-message": "it changes nothing",
	"preview-broadcast":         "it changes nothing",
	"tell-presence":             "it says who looks and writes, many times a minute",
	"mark-conversation-read":    "reading is no change of data, and happens at every look",
	"see-notifications":         "a bell is one's own",
	"clear-notifications":       "a bell is one's own",
	"save-draft":                "a draft is one's own, and is saved while one writes",
	"remove-draft":              "a draft is one's own",
}

// auditedOfTokens leave a line where a program asks. What people write stands in the timeline with its author.
var auditedOfTokens = map[string]bool{"send-message": true, "start-conversation": true, "create-note": true, "upload-media": true}

// auditRest writes the audit line of an operation that went well and wrote none.
func (a *app) auditRest(ctx context.Context, o *operation) {
	info := requestInfoOf(ctx)
	p := info.principal
	if o.method == http.MethodGet || info.audited || p == nil || notAudited[o.id] != "" || auditedOfTokens[o.id] && p.Token == nil {
		return
	}
	a.audit(ctx, p, actionOf(o.id), strings.TrimPrefix(info.path, "/v1/"), nil)
}

// changedNothing keeps an operation that found nothing to change out of the audit log.
func changedNothing(ctx context.Context) { requestInfoOf(ctx).audited = true }

// pasts are the verbs of operations as the audit log has them.
var pasts = map[string]string{
	"send": "sent", "resend": "resent", "set": "set", "tell": "told", "cancel": "cancelled", "stop": "stopped", "retry": "retried", "wake": "woken",
}

// actionOf is the action of an operation in the audit log: update-contact-note is contact_note.updated.
func actionOf(id string) string {
	verb, noun, _ := strings.Cut(id, "-")
	past, known := pasts[verb]
	switch {
	case known:
	case strings.HasSuffix(verb, "e"):
		past = verb + "d"
	default:
		past = verb + "ed"
	}
	return strings.ReplaceAll(noun, "-", "_") + "." + past
}
