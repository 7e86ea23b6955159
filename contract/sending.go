package contract

import (
	"encoding/json"
	"time"

	"github.com/google/uuid"

	"github.com/perene/perene/models"
)

// ClaimedSend is one message that a sender holds, to be sent once. The attempt is recorded before the first byte leaves.
type ClaimedSend struct {
	AccountID        models.AccountID
	MessageID        models.MessageID
	ConversationID   models.ConversationID
	ContactID        models.ContactID
	AttemptID        uuid.UUID
	Attempts         int // tries that count, this one included
	Throttles        int
	Retries          int // later tries made by DeliveryRetry
	Origin           models.Origin
	Priority         int
	FlowRunID        *models.FlowRunID
	Awaited          bool // a flow run waits to hear what became of this message
	Behind           bool // another message of the conversation waits behind this one
	Content          models.Content
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
func (c *ClaimedSend) CallbackData() string { return models.CallbackData(c.MessageID, c.AttemptID) }

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

// Acceptance is the provider's answer to a send it took.
type Acceptance struct {
	ProviderMessageID string
	At                time.Time
}

// ReadReceipt asks to tell a person that a message was read, or that an answer is being written. Whether it is sent depends
// on the connection's settings (rule 009); a wanted one is sent whatever they say.
type ReadReceipt struct {
	AccountID         models.AccountID
	ConnectionID      models.ConnectionID
	ConversationID    models.ConversationID
	Address           string // the conversation's, as the channel's adapter wrote it
	ProviderMessageID string // the person's last message
	Wanted            bool   // a flow's node asks for it
	Typing            bool   // a flow's node asks to show that somebody writes
	Working           bool   // something is under way before the answer: typing is shown if the connection does that
}

// SendOutcome is what became of one attempt: Accepted, or Failure with the Verdict on it.
type SendOutcome struct {
	Send       *ClaimedSend
	Accepted   *Acceptance
	Failure    models.SendFailure
	Verdict    models.Verdict
	StartedAt  time.Time
	FinishedAt time.Time
}

// SenderFence is a sender's right to claim: the connection and the epoch it holds.
type SenderFence struct {
	AccountID    models.AccountID
	ConnectionID models.ConnectionID
	Epoch        int64
}

// SenderView is what a sender reads about its connection when it opens and renews its lease.
type SenderView struct {
	Fence         SenderFence
	Connection    models.Connection
	ErrorPolicies json.RawMessage // the account's
	UnknownWait   time.Duration
}
