package models

import "time"

// SessionCategory says what a session of 24 hours is for.
type SessionCategory string

// The categories of sessions. A template opens one of its category, and a message of the contact one of service.
const (
	SessionMarketing      SessionCategory = "marketing"
	SessionUtility        SessionCategory = "utility"
	SessionAuthentication SessionCategory = "authentication"
	SessionService        SessionCategory = "service"
)

// Session is the latest session of its category in a conversation (rules 090 to 093). It is a clock apart from the window:
// no session lets anybody write freely (Z14).
type Session struct {
	Category SessionCategory `json:"category"`
	OpenedAt time.Time       `json:"opened_at"`
	EndsAt   time.Time       `json:"ends_at"`
}
