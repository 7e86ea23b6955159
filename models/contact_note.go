package models

import "time"

// ContactNote (Observação) is what people and flows note of a contact (rules 188, 195). It never reaches the contact.
type ContactNote struct {
	ID        NoteID     `json:"id"`
	AccountID AccountID  `json:"account_id"`
	ContactID ContactID  `json:"contact_id"`
	AuthorID  *UserID    `json:"author_id,omitempty"`   // nil: a flow wrote it, or its author is gone
	FlowRunID *FlowRunID `json:"flow_run_id,omitempty"` // that wrote it
	Text      string     `json:"text"`
	DueAt     *time.Time `json:"due_at,omitempty"`
	AgentID   *UserID    `json:"agent_id,omitempty"` // who is to act on it
	CreatedAt time.Time  `json:"created_at"`
	UpdatedAt *time.Time `json:"updated_at,omitempty"` // nil: never changed
}
