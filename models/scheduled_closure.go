package models

import (
	"encoding/json"
	"time"
)

// ClosureState says how a scheduled closure stands.
type ClosureState string

// The states of a scheduled closure. All but the first are its end.
const (
	ClosureWaiting   ClosureState = "waiting"
	ClosureDone      ClosureState = "done"      // it closed the ticket
	ClosureCancelled ClosureState = "cancelled" // a person cancelled it (rule 153)
	ClosureReplied   ClosureState = "replied"   // the contact answered (rule 152)
	ClosureReplaced  ClosureState = "replaced"  // another one was scheduled (Z30)
	ClosureOvertaken ClosureState = "overtaken" // the ticket was closed before
)

// ScheduledClosure closes a ticket at an instant (rules 151 to 154).
type ScheduledClosure struct {
	ID            ClosureID       `json:"id"`
	AccountID     AccountID       `json:"account_id"`
	TicketID      TicketID        `json:"ticket_id"`
	DueAt         time.Time       `json:"due_at"`
	CancelOnReply bool            `json:"cancel_on_reply"`
	Closing       json.RawMessage `json:"closing"` // TicketClosing
	ByKind        ActorKind       `json:"by_kind"` // user or api
	ByID          UserID          `json:"by_id"`
	State         ClosureState    `json:"state"`
	CreatedAt     time.Time       `json:"created_at"`
	EndedAt       *time.Time      `json:"ended_at,omitempty"`
}

// By is who scheduled it.
func (c *ScheduledClosure) By() Actor {
	return Actor{Kind: c.ByKind, ID: int64(c.ByID), Rule: RuleScheduled}
}
