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

// ClaimedSend is one message that a sender holds, to be sent once. The attempt is recorded before the first byte leaves.
type ClaimedSend struct {
	AccountID        AccountID
	MessageID        MessageID
	ConversationID   ConversationID
	ContactID        ContactID
	AttemptID        uuid.UUID
	Attempts         int // tries that count, this one included
	Throttles        int
	Retries          int // later tries made by DeliveryRetry
	Origin           Origin
	Priority         int
	FlowRunID        *FlowRunID
	Awaited          bool // a flow run waits to hear what became of this message
	Behind           bool // another message of the conversation waits behind this one
	Content          Content
	Address          string // as the channel's adapter wrote it
	ToGroup          bool
	WindowExpiresAt  *time.Time
	ContactBlocked   bool
	MarketingStopped bool
	QueuedAt         time.Time // when it was ready to leave
	// Recent are the latest sends of the conversation, newest first, if they were asked for (SendClaim.RecentSince).
	Recent    []time.Time
	ClaimedAt time.Time
	Trace     []byte // mark of what queued it (ADR 46); nil: not traced
}

// CallbackData is what travels with a send and comes back in every status: "<message id>.<attempt>", at most 57 bytes,
// nothing personal.
func (c *ClaimedSend) CallbackData() string { return CallbackData(c.MessageID, c.AttemptID) }

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

// WindowOpenAt tells whether free-form content may leave at t; see Conversation.WindowOpenAt.
func (c *ClaimedSend) WindowOpenAt(t time.Time) bool {
	return c.WindowExpiresAt != nil && t.Before(c.WindowExpiresAt.Add(-WindowSafety))
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

// SendClaim says what a sender wants to claim.
type SendClaim struct {
	N           int // at most; 0 claims nothing
	MaxPriority int // only messages of this priority or before
	// AttemptIDs are the attempts' ids, at least N.
	AttemptIDs []uuid.UUID
	// RecentSince asks for the sends of each conversation after it, so that a new sender knows what its predecessor has used
	// of the pair's pace; zero asks for none. RecentMost bounds them.
	RecentSince time.Time
	RecentMost  int
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
}

// Judge decides about failed sends: the table of error policies of a channel with an account's changes.
type Judge interface {
	// Judge decides; overrides are the account's changes as stored in accounts.error_policies.
	Judge(channel string, overrides json.RawMessage, f SendFailure, n SendCounts) Verdict
}

// Acceptance is the provider's answer to a send it took.
type Acceptance struct {
	ProviderMessageID string
	At                time.Time
}

// ReadReceipt asks to tell a person that a message was read, or that an answer is being written. Whether it is sent depends
// on the connection's settings (rule 009); a wanted one is sent whatever they say.
type ReadReceipt struct {
	AccountID         AccountID
	ConnectionID      ConnectionID
	ConversationID    ConversationID
	ProviderMessageID string // the person's last message
	Wanted            bool   // a flow's node asks for it
	Typing            bool   // a flow's node asks to show that somebody writes
	Working           bool   // something is under way before the answer: typing is shown if the connection does that
}

// SendOutcome is what became of one attempt: Accepted, or Failure with the Verdict on it.
type SendOutcome struct {
	Send       *ClaimedSend
	Accepted   *Acceptance
	Failure    SendFailure
	Verdict    Verdict
	StartedAt  time.Time
	FinishedAt time.Time
}

// SenderFence is a sender's right to claim: the connection and the epoch it holds.
type SenderFence struct {
	AccountID    AccountID
	ConnectionID ConnectionID
	Epoch        int64
}

// SenderView is what a sender reads about its connection when it opens and renews its lease.
type SenderView struct {
	Fence         SenderFence
	Connection    Connection
	ErrorPolicies json.RawMessage // the account's
	UnknownWait   time.Duration
}

// RetryView is what the DeliveryRetry workflow reads about its message.
type RetryView struct {
	State   MessageState `json:"state"`
	RetryAt time.Time    `json:"retry_at,omitzero"`
	Retries int          `json:"retries"` // later tries made so far
	Code    int          `json:"code"`    // the provider's error code
	Replied bool         `json:"replied,omitempty"`
}

// Blocked tells that nothing at all may be sent until somebody resumes the connection or a probe closes the circuit.
func (r SenderRest) Blocked() bool {
	return r.State == ConnectionPaused || r.State == ConnectionRemoved || (r.State == ConnectionHeld && r.Scope == HoldAll)
}

// SenderRest says why a sender came to rest and when it wants to be woken.
type SenderRest struct {
	Sent   int       `json:"sent"`
	WakeAt time.Time `json:"wake_at,omitzero"` // earliest delayed message; zero when nothing waits
	More   bool      `json:"more,omitempty"`   // there is more to do at once: the worker is stopping, or the turn was long
	// State is the connection's: a held or paused connection is not to be started before it is active again.
	State   ConnectionState `json:"state"`
	Scope   HoldScope       `json:"scope,omitempty"`   // of a hold
	ProbeAt time.Time       `json:"probe_at,omitzero"` // of a held connection
	Code    int             `json:"code,omitempty"`    // the provider's error code of the hold
}
