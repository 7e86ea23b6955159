package contract

import (
	"time"

	"github.com/perene/perene/models"
)

// WorkflowScheduledSend is the workflow type of a message, a template or a flow at an instant.
const WorkflowScheduledSend = "ScheduledSend"

// ScheduledSendID is the workflow id of a scheduled send: scheduled/17.
func ScheduledSendID(id models.ScheduledSendID) string { return "scheduled/" + id.String() }

// ScheduledSendStart starts a ScheduledSend workflow: one from scheduling until the last occurrence is over or it was cancelled
// (rules 167 to 174). A merge may move the send to another conversation: its row says where it is.
type ScheduledSendStart struct {
	AccountID      models.AccountID       `json:"account_id"`
	SendID         models.ScheduledSendID `json:"send_id"`
	ConversationID models.ConversationID  `json:"conversation_id"`
	ConnectionID   models.ConnectionID    `json:"connection_id"`
}

// Doorbell makes the doorbell of a scheduled send.
func (s ScheduledSendStart) Doorbell() Doorbell {
	return doorbell(s.AccountID, WorkflowScheduledSend, ScheduledSendID(s.SendID), s)
}

// ScheduledSendInput starts a ScheduledSend.
type ScheduledSendInput struct {
	ScheduledSendStart
	// ContinueAfter is after how many occurrences the history is continued as new. Zero means the usual number. Tests force it.
	// Nothing is carried: the row says everything.
	ContinueAfter int `json:"continue_after,omitempty"`
}

// The activities of ScheduledSend. Each is one transaction, is safe to repeat, and answers with a ScheduledSendView.
const (
	ActivityReadScheduled = "ReadScheduled"
	ActivitySendDue       = "SendDue"
)

// ScheduledInput names a scheduled send.
type ScheduledInput struct {
	Send ScheduledSendStart `json:"send"`
}

// ScheduledSendView says how a scheduled send stands. The state query and the workflow answer with it.
type ScheduledSendView struct {
	State models.ScheduledState `json:"state"`
	DueAt time.Time             `json:"due_at"` // of the next occurrence
	// Occurrence is how many are over. Again says that it recurs.
	Occurrence int  `json:"occurrence,omitempty"`
	Again      bool `json:"again,omitempty"`
	// HoldOnReply says that a message of the contact holds it back.
	HoldOnReply bool `json:"hold_on_reply,omitempty"`
}
