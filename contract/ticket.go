package contract

import (
	"time"

	"github.com/perene/perene/models"
)

// WorkflowTicket is the workflow type of a ticket.
const WorkflowTicket = "Ticket"

// TicketID is the workflow id of a ticket: ticket/17.
func TicketID(id models.TicketID) string { return "ticket/" + id.String() }

// TicketStart starts a Ticket workflow: one while the ticket is not closed, and one more each time it is opened again.
type TicketStart struct {
	AccountID      models.AccountID      `json:"account_id"`
	TicketID       models.TicketID       `json:"ticket_id"`
	ConversationID models.ConversationID `json:"conversation_id"`
	ConnectionID   models.ConnectionID   `json:"connection_id"`
}

// Doorbell makes the doorbell of a ticket.
func (s TicketStart) Doorbell() Doorbell {
	return doorbell(s.AccountID, WorkflowTicket, TicketID(s.TicketID), s)
}

// TicketInput starts a Ticket.
type TicketInput struct {
	TicketStart
	// ContinueAfter is after how many turns the history is continued as new. Zero means the usual number. Tests force it.
	ContinueAfter int            `json:"continue_after,omitempty"`
	Carried       *TicketCarried `json:"carried,omitempty"`
}

// TicketCarried is everything of a Ticket that survives continue-as-new. Instants are absolute.
type TicketCarried struct {
	View  TicketView `json:"view"`
	Shown string     `json:"shown,omitempty"` // the state that the workflow is found by
	Rung  bool       `json:"rung,omitempty"`  // a ring that came before the hand-over
}

// TicketView says how a ticket stands. The state query and every command answer with it.
type TicketView struct {
	State   models.TicketState `json:"state"`
	Snoozed bool               `json:"snoozed,omitempty"`
	// SnoozedUntil is when a snooze ends. Zero: only a message of the contact or an act of an agent ends it.
	SnoozedUntil time.Time `json:"snoozed_until,omitzero"`
	// LeaseUntil is when the assignment lapses. Zero: never.
	LeaseUntil time.Time      `json:"lease_until,omitzero"`
	Since      time.Time      `json:"since,omitzero"` // since when the ticket stands like this
	QueueID    models.QueueID `json:"queue_id,omitempty"`
	AgentID    models.UserID  `json:"agent_id,omitempty"`
	// Waiting are the commands of the mailbox without an answer, oldest first.
	Waiting []models.TicketCommandID `json:"waiting,omitempty"`
}

// TicketUpdates are all commands of Ticket, in the order in which the workflow registers them. Each is an update named by the
// command's kind, and its one argument is the command's id. What was asked, and the answer to it, stand in the command's row. A
// refusal is an answer and no failure of the update.
var TicketUpdates = []models.TicketCommandKind{models.TicketAccept, models.TicketAssign, models.TicketTransferToQueue, models.TicketTransferToUser,
	models.TicketSendToFlow, models.TicketHandBack, models.TicketSnooze, models.TicketWake, models.TicketPrioritize,
	models.TicketScheduleClosing, models.TicketCancelClosing, models.TicketReopen, models.TicketClose}

// The activities of Ticket. Each is one transaction, is safe to repeat, and answers with a TicketView.
const (
	ActivityTicketTurn       = "TicketTurn"
	ActivityRunTicketCommand = "RunTicketCommand"
)

// TicketTurnInput names a ticket: a snooze that is due ends, and a lease that is due lapses.
type TicketTurnInput struct {
	Ticket TicketStart `json:"ticket"`
}

// TicketCommandInput names a command of a ticket's mailbox. Running it twice gives the same answer.
type TicketCommandInput struct {
	Ticket    TicketStart            `json:"ticket"`
	CommandID models.TicketCommandID `json:"command_id"`
}
