package models

import (
	"encoding/json"
	"time"
)

// Sharing says who sees a saved view.
type Sharing string

// With whom a view is shared.
const (
	SharedWithNobody  Sharing = "private" // its owner alone
	SharedWithAccount Sharing = "account"
	SharedWithQueues  Sharing = "queues" // the members of its queues, and people who see everything
)

// Sharings are all of them.
var Sharings = []Sharing{SharedWithNobody, SharedWithAccount, SharedWithQueues}

// SavedView is a filter of conversations that people keep under a name. A view shows its reader what the reader may see.
type SavedView struct {
	ID        SavedViewID     `json:"id"`
	AccountID AccountID       `json:"account_id"`
	UserID    *UserID         `json:"user_id,omitempty"` // the owner of a private one
	Name      string          `json:"name"`
	Filter    json.RawMessage `json:"filter"`
	Sharing   Sharing         `json:"sharing"`
	CreatedAt time.Time       `json:"created_at"`
	UpdatedAt time.Time       `json:"updated_at"`
}
