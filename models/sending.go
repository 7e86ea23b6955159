package models

import (
	"encoding/json"
	"strconv"
	"strings"
	"time"

	"github.com/google/uuid"
)

// UnknownOutcomeWait is how long a send whose answer was lost waits for a status that carries its attempt, where the
// account says nothing else.
const UnknownOutcomeWait = 120 * time.Second

// CallbackData writes the callback data of an attempt.
func CallbackData(message MessageID, attempt uuid.UUID) string {
	return strconv.FormatInt(int64(message), 10) + "." + attempt.String()
}

// ParseCallbackData reads what CallbackData wrote; false for anything else, such as another program's data.
func ParseCallbackData(s string) (MessageID, uuid.UUID, bool) {
	number, attempt, found := strings.Cut(s, ".")
	id, err := strconv.ParseInt(number, 10, 64)
	if !found || err != nil || id <= 0 || len(attempt) != 36 {
		return 0, uuid.UUID{}, false
	}
	u, err := uuid.Parse(attempt)
	if err != nil {
		return 0, uuid.UUID{}, false
	}
	return MessageID(id), u, true
}

// Category is the template's category, or "service" for free-form content.
func (c *Content) Category() string {
	if c.Kind != ContentKindTemplate {
		return "service"
	}
	if c.Template == nil {
		return ""
	}
	return strings.ToLower(c.Template.Category)
}

// SendFailure is why a message did not go out, in numbers and in a text that is safe to show.
type SendFailure struct {
	Outcome    string // not_sent, rejected or unknown
	Code       int    // the provider's; NoProviderCode if it gave none
	HTTPStatus int    // 0 if there was no answer
	Details    string // safe: no words of customers, numbers or tokens
	RetryAfter time.Duration
	Transient  bool
	Category   string // of the message's template, or "service"
}

// NoProviderCode is the Code of a failure to which the provider gave none (0 is a code of Meta's).
const NoProviderCode = -1

// SendCounts are how often a message was tried, by kind of try.
type SendCounts struct {
	Attempts  int // tries in quick succession, the failed one included
	Retries   int // later tries by DeliveryRetry
	Throttles int // times the provider asked to slow down, this one included
}

// VerdictKind is what to do about a failed send.
type VerdictKind string

// The verdicts.
const (
	VerdictAgain         VerdictKind = "again"          // same place in the queue, after Wait
	VerdictUnreachable   VerdictKind = "unreachable"    // nothing left the machine: the connection pauses, the message keeps its place
	VerdictSlowNumber    VerdictKind = "slow_number"    // the number pauses and slows down; no try is burnt
	VerdictSlowPair      VerdictKind = "slow_pair"      // this conversation waits; no try is burnt
	VerdictLater         VerdictKind = "later"          // a DeliveryRetry workflow has the next try, after Wait
	VerdictHold          VerdictKind = "hold"           // the circuit opens; the message keeps its place
	VerdictFail          VerdictKind = "fail"           // given up
	VerdictNeedTemplate  VerdictKind = "need_template"  // the window is closed: the flow's template path, or given up
	VerdictPauseTemplate VerdictKind = "pause_template" // the template is not used any more; given up
	VerdictOptOut        VerdictKind = "opt_out"        // the person stopped marketing: never again
	VerdictUnknown       VerdictKind = "unknown"        // nobody knows whether it went out
	VerdictCancel        VerdictKind = "cancel"         // taken back before it left: the contact is blocked (rule 191)
)

// Verdict is a decision about a failed send, made by the table of error policies.
type Verdict struct {
	Kind  VerdictKind
	Wait  time.Duration // until the next try or probe
	Scope HoldScope     // of a hold
	// Reason names the error for people: "Payment issue". It is the provider's title, never a customer's word.
	Reason string
	// TemplateStatus is what becomes of a paused template: PAUSED, REJECTED, DISABLED or DELETED.
	TemplateStatus string
	StopsOnReply   bool // later tries end when the person writes
	// File tells that the provider could not use the message's file: its id is of no use any more.
	File bool
}

// Judge decides about failed sends: the table of error policies of a channel with an account's changes.
type Judge interface {
	// Judge decides; overrides are the account's changes as stored in accounts.error_policies.
	Judge(channel string, overrides json.RawMessage, f SendFailure, n SendCounts) Verdict
}

// Priorities order a connection's queue: people first, then flows, then broadcasts.
const (
	PriorityLive      = 0
	PriorityBot       = 1
	PriorityBroadcast = 2
)

// Priority is a message's place in its connection's queue, by who made it.
func (o Origin) Priority() int {
	switch o {
	case OriginBot:
		return PriorityBot
	case OriginBroadcast:
		return PriorityBroadcast
	default:
		return PriorityLive
	}
}

// ErrFenced is what a sender hears that another one has replaced.
var ErrFenced = &Error{Code: CodeConflict, Key: "sender.fenced", Message: "another sender has taken over this connection"}
