package contract

import (
	"time"

	"github.com/perene/perene/models"
)

// WorkflowScheduledClosure is the workflow type of a ticket's closure at an instant.
const WorkflowScheduledClosure = "ScheduledClosure"

// ScheduledClosureID is the workflow id of a scheduled closure: closure/88.
func ScheduledClosureID(id models.ClosureID) string { return "closure/" + id.String() }

// ScheduledClosureStart starts a ScheduledClosure workflow: one from scheduling until it fired or was taken back (rules 151 to 154).
type ScheduledClosureStart struct {
	AccountID      models.AccountID      `json:"account_id"`
	ClosureID      models.ClosureID      `json:"closure_id"`
	TicketID       models.TicketID       `json:"ticket_id"`
	ConversationID models.ConversationID `json:"conversation_id"`
	ConnectionID   models.ConnectionID   `json:"connection_id"`
}

// Doorbell makes the doorbell of a scheduled closure.
func (s ScheduledClosureStart) Doorbell() Doorbell {
	return doorbell(s.AccountID, WorkflowScheduledClosure, ScheduledClosureID(s.ClosureID), s)
}

// ScheduledClosureInput starts a ScheduledClosure.
type ScheduledClosureInput struct {
	ScheduledClosureStart
}

// The activities of ScheduledClosure. Each is one transaction, is safe to repeat, and answers with a ClosureView.
const (
	ActivityReadClosure = "ReadClosure"
	ActivityCloseDue    = "CloseDue"
)

// ClosureInput names a scheduled closure.
type ClosureInput struct {
	Closure ScheduledClosureStart `json:"closure"`
}

// ClosureView says how a scheduled closure stands. The state query and the workflow answer with it.
type ClosureView struct {
	State         models.ClosureState `json:"state"`
	DueAt         time.Time           `json:"due_at"`
	CancelOnReply bool                `json:"cancel_on_reply,omitempty"`
}
