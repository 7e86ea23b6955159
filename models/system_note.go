package models

import "slices"

// ContentSystemNote is a line the system writes into a conversation. Code names the text, which the console has in each
// language. Params fill it. A row of before also has a text in Content.Text, which is then shown as it is.
type ContentSystemNote struct {
	Code   NoteCode          `json:"code"`
	Params map[string]string `json:"params,omitempty"`
}

// NoteCode names a system line. What the engine says keeps the engine's code.
type NoteCode string

// Lines that Perene writes by itself.
const (
	NoteIdentityChanged NoteCode = "identity_changed" // the contact has another number or id
	NoteChannel         NoteCode = "channel_notice"   // the channel says something, in Content.Text or by its own "type"
)

// Lines about the desk. Params hold names as they were then. Those with "by" have it only where a person did it.
const (
	NoteTicketOpened       NoteCode = "ticket_opened"       // protocol
	NoteTicketQueued       NoteCode = "ticket_queued"       // queue, by
	NoteTicketAssigned     NoteCode = "ticket_assigned"     // agent, by
	NoteTicketAccepted     NoteCode = "ticket_accepted"     // agent
	NoteTicketGivenUp      NoteCode = "ticket_given_up"     // agent
	NoteTicketTransferred  NoteCode = "ticket_transferred"  // queue or agent, by
	NoteTicketSnoozed      NoteCode = "ticket_snoozed"      // until (RFC 3339) or reply or both, reason, by
	NoteSnoozeOver         NoteCode = "snooze_over"         // reason
	NoteLeaseLapsed        NoteCode = "lease_lapsed"        // agent, queue
	NoteTicketClosed       NoteCode = "ticket_closed"       // by, reason
	NoteTicketReopened     NoteCode = "ticket_reopened"     // by
	NoteClosingScheduled   NoteCode = "closing_scheduled"   // at (RFC 3339), reply where an answer cancels it, by
	NoteClosingCancelled   NoteCode = "closing_cancelled"   // reply where the contact answered, by
	NoteClosingTextUnsent  NoteCode = "closing_text_unsent" // the window was closed when a scheduled closure came due (Z27)
	NoteScheduledCreated   NoteCode = "scheduled_created"   // what (a ScheduledKind), name, at (RFC 3339), again where it recurs, by
	NoteScheduledChanged   NoteCode = "scheduled_changed"   // the same
	NoteScheduledCancelled NoteCode = "scheduled_cancelled" // what, name, at, by
	NoteScheduledHeld      NoteCode = "scheduled_held"      // what, name, at: the contact wrote first
	NoteScheduledSent      NoteCode = "scheduled_sent"      // what, name, by
	NoteScheduledSkipped   NoteCode = "scheduled_skipped"   // what, name, why (the key of a refusal)
	NoteSurveySent         NoteCode = "survey_sent"         // survey, by
	NoteSurveyUnsent       NoteCode = "survey_unsent"       // survey, reason: window, blocked or template
	NoteSurveyAnswered     NoteCode = "survey_answered"     // survey, grade, most
	NoteSurveyExpired      NoteCode = "survey_expired"      // survey
	NoteHandedBack         NoteCode = "handed_back"         // by
	NoteSentToFlow         NoteCode = "sent_to_flow"        // flow, by
	NoteBulkUndone         NoteCode = "bulk_undone"         // by
	NoteBroadcastsStopped  NoteCode = "broadcasts_stopped"  // name: the contact asked for no more broadcasts
)

// Lines about a flow that stopped, was ended, or could not do what a node asks. Params has the node's name.
const (
	NoteNoEdge            NoteCode = "no_edge"
	NoteWindowClosed      NoteCode = "window_closed"
	NoteTemplateMissing   NoteCode = "template_missing"
	NoteTemplatePaused    NoteCode = "template_paused"
	NoteTemplateRejected  NoteCode = "template_rejected"
	NoteStepLimit         NoteCode = "step_limit"
	NoteVisitLimit        NoteCode = "visit_limit"
	NoteSendLimit         NoteCode = "send_limit"
	NoteInboxLimit        NoteCode = "inbox_limit"
	NoteStackLimit        NoteCode = "stack_limit"
	NoteStateLimit        NoteCode = "state_limit"
	NoteNodeGone          NoteCode = "node_gone"
	NoteFlowGone          NoteCode = "flow_gone"
	NoteTicketRefused     NoteCode = "ticket_refused"
	NoteContentMissing    NoteCode = "content_missing"
	NoteTemplateMisfit    NoteCode = "template_misfit"
	NoteListEmpty         NoteCode = "list_empty"
	NoteExpressionFailed  NoteCode = "expression_failed"
	NoteTextFailed        NoteCode = "text_failed"
	NoteStepTooSlow       NoteCode = "step_too_slow"
	NoteVersionUnreadable NoteCode = "version_unreadable"
)

// Lines about a value that a custom field refused. Params has the field's name, and the limit where there is one.
const (
	NoteFieldUnknown  NoteCode = "field_unknown"
	NoteFieldRequired NoteCode = "field_required"
	NoteFieldLong     NoteCode = "field_long"
	NoteFieldText     NoteCode = "field_text"
	NoteFieldNumber   NoteCode = "field_number"
	NoteFieldBoolean  NoteCode = "field_boolean"
	NoteFieldDate     NoteCode = "field_date"
	NoteFieldTime     NoteCode = "field_time"
	NoteFieldInstant  NoteCode = "field_instant"
	NoteFieldList     NoteCode = "field_list"
	NoteFieldOption   NoteCode = "field_option"
	NoteFieldChoices  NoteCode = "field_choices"
	NoteFieldTwice    NoteCode = "field_twice"
	NoteFieldLink     NoteCode = "field_link"
	NoteFieldImage    NoteCode = "field_image"
)

// OwnNoteCodes are those that Perene writes by itself, and no flow.
var OwnNoteCodes = []NoteCode{
	NoteIdentityChanged, NoteChannel,
	NoteTicketOpened, NoteTicketQueued, NoteTicketAssigned, NoteTicketAccepted, NoteTicketGivenUp, NoteTicketTransferred, NoteTicketSnoozed, NoteSnoozeOver,
	NoteLeaseLapsed, NoteTicketClosed, NoteTicketReopened, NoteClosingScheduled, NoteClosingCancelled, NoteClosingTextUnsent,
	NoteScheduledCreated, NoteScheduledChanged, NoteScheduledCancelled, NoteScheduledHeld, NoteScheduledSent, NoteScheduledSkipped,
	NoteSurveySent, NoteSurveyUnsent, NoteSurveyAnswered, NoteSurveyExpired,
	NoteHandedBack, NoteSentToFlow, NoteBulkUndone, NoteBroadcastsStopped,
}

// Quiet tells that a line leaves its conversation where it stands in lists, with what people said as its preview: it says what
// agents have just done themselves. What they do not know yet, such as the end of a snooze, brings the conversation up.
func (c NoteCode) Quiet() bool {
	switch c {
	case NoteTicketOpened, NoteTicketQueued, NoteTicketAssigned, NoteTicketAccepted, NoteTicketGivenUp, NoteTicketTransferred, NoteTicketSnoozed,
		NoteTicketClosed, NoteTicketReopened, NoteClosingScheduled, NoteClosingCancelled, NoteClosingTextUnsent,
		NoteScheduledCreated, NoteScheduledChanged, NoteScheduledCancelled, NoteScheduledSent, NoteHandedBack, NoteSentToFlow,
		NoteSurveySent, NoteSurveyUnsent, NoteSurveyAnswered, NoteSurveyExpired, NoteBroadcastsStopped:
		return true
	}
	return false
}

// NoteCodes are all of them.
var NoteCodes = append(slices.Clone(OwnNoteCodes),
	NoteNoEdge, NoteWindowClosed, NoteTemplateMissing, NoteTemplatePaused, NoteTemplateRejected, NoteStepLimit, NoteVisitLimit,
	NoteSendLimit, NoteInboxLimit, NoteStackLimit, NoteStateLimit, NoteNodeGone, NoteFlowGone, NoteTicketRefused, NoteContentMissing, NoteTemplateMisfit, NoteListEmpty,
	NoteExpressionFailed, NoteTextFailed, NoteStepTooSlow,
	NoteVersionUnreadable,
	NoteFieldUnknown, NoteFieldRequired, NoteFieldLong, NoteFieldText, NoteFieldNumber, NoteFieldBoolean, NoteFieldDate, NoteFieldTime,
	NoteFieldInstant, NoteFieldList, NoteFieldOption, NoteFieldChoices, NoteFieldTwice, NoteFieldLink, NoteFieldImage,
)
