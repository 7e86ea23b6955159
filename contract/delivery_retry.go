package contract

import (
	"time"

	"github.com/perene/perene/models"
)

// WorkflowDeliveryRetry is the workflow type of a failed message's later tries.
const WorkflowDeliveryRetry = "DeliveryRetry"

// DeliveryRetryID is the workflow id of a message's later tries: retry/55102.
func DeliveryRetryID(id models.MessageID) string { return "retry/" + id.String() }

// DeliveryRetryStart starts a DeliveryRetry workflow: later tries of one failed message (131049: 24, 48, 96 h …, Z15).
type DeliveryRetryStart struct {
	AccountID      models.AccountID      `json:"account_id"`
	MessageID      models.MessageID      `json:"message_id"`
	ConversationID models.ConversationID `json:"conversation_id"`
	ConnectionID   models.ConnectionID   `json:"connection_id"`
}

// Doorbell makes the doorbell of a message's later tries.
func (s DeliveryRetryStart) Doorbell() Doorbell {
	return doorbell(s.AccountID, WorkflowDeliveryRetry, DeliveryRetryID(s.MessageID), s)
}

// DeliveryRetryInput starts a DeliveryRetry: later tries of one failed message (131049: 24, 48, 96 h …, Z15).
type DeliveryRetryInput struct {
	DeliveryRetryStart
}

// DeliveryRetryResult is how the later tries of a message ended.
type DeliveryRetryResult struct {
	State   models.MessageState `json:"state"`
	Retries int                 `json:"retries"`
	Code    int                 `json:"code,omitempty"`
	Reason  string              `json:"reason"` // settled, replied, cancelled
}

// Commands of DeliveryRetry.
const (
	UpdateRetryNow    = "retry_now"
	UpdateCancelRetry = "cancel"
)

// The activities of DeliveryRetry.
const (
	ActivityReadRetry    = "ReadRetry"
	ActivityRequeueRetry = "RequeueRetry"
	ActivityStopRetry    = "StopRetry"
)

// RetryInput names a message that waits for a later try; Retries is how many later tries the caller knows of.
type RetryInput struct {
	Retry   DeliveryRetryStart `json:"retry"`
	Retries int                `json:"retries"`
}

// RetryView is what the DeliveryRetry workflow reads about its message.
type RetryView struct {
	State   models.MessageState `json:"state"`
	RetryAt time.Time           `json:"retry_at,omitzero"`
	Retries int                 `json:"retries"` // later tries made so far
	Code    int                 `json:"code"`    // the provider's error code
	Replied bool                `json:"replied,omitempty"`
}
