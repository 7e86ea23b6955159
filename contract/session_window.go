package contract

import (
	"time"

	"github.com/perene/perene/models"
)

// WorkflowSessionWindow is the workflow type of a conversation's 24-hour window.
const WorkflowSessionWindow = "SessionWindow"

// SessionWindowID is the workflow id of a conversation's window: window/981.
func SessionWindowID(id models.ConversationID) string { return "window/" + id.String() }

// SessionWindowStart starts a SessionWindow workflow: one while a conversation's 24-hour window is open.
type SessionWindowStart struct {
	AccountID      models.AccountID      `json:"account_id"`
	ConversationID models.ConversationID `json:"conversation_id"`
	ConnectionID   models.ConnectionID   `json:"connection_id"`
}

// Doorbell makes the doorbell of a conversation's window.
func (s SessionWindowStart) Doorbell() Doorbell {
	return doorbell(s.AccountID, WorkflowSessionWindow, SessionWindowID(s.ConversationID), s)
}

// ActivityRefreshWindow reads a window under the conversation's lock and writes the state that belongs to now.
const ActivityRefreshWindow = "RefreshWindow"

// RefreshWindowInput names the window.
type RefreshWindowInput struct {
	Window SessionWindowStart `json:"window"`
}

// WindowView is what the SessionWindow workflow knows of its window: until when, and in which state it was written.
type WindowView struct {
	State     models.WindowState `json:"state"`
	ExpiresAt time.Time          `json:"expires_at"`
}
