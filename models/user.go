package models

import "time"

// Role is a user's profile (rule 051).
type Role string

// The three built-in profiles.
const (
	RoleUser       Role = "user"
	RoleSupervisor Role = "supervisor"
	RoleAdmin      Role = "admin"
)

// Valid tells whether r is a built-in profile.
func (r Role) Valid() bool { return r == RoleUser || r == RoleSupervisor || r == RoleAdmin }

// User is somebody who signs in (rule 050).
type User struct {
	ID                  UserID        `json:"id"`
	AccountID           AccountID     `json:"account_id"`
	Email               string        `json:"email"`
	Name                string        `json:"name"`
	Phone               *string       `json:"phone,omitempty"`
	PasswordHash        *string       `json:"-"` // argon2id; nil means no password sign-in
	Role                Role          `json:"role"`
	Locale              string        `json:"locale"`
	DefaultConnectionID *ConnectionID `json:"default_connection_id,omitempty"` // rule 246
	DisabledAt          *time.Time    `json:"disabled_at,omitempty"`
	CreatedAt           time.Time     `json:"created_at"`
	UpdatedAt           time.Time     `json:"updated_at"`
}

// Queue is where tickets wait (rules 029–030).
type Queue struct {
	ID        QueueID    `json:"id"`
	AccountID AccountID  `json:"account_id"`
	Name      string     `json:"name"`
	Color     string     `json:"color"`
	BotOrder  int        `json:"bot_order"` // rule 030, 181
	Hours     *WeekHours `json:"hours,omitempty" gorm:"serializer:json"`
	// WriteLock lets only the agent in charge write in an assigned conversation of this queue.
	WriteLock bool `json:"write_lock"`
	// LeaseMinutes is after how many minutes without an act of its agent an assignment lapses; nil: never.
	LeaseMinutes *int `json:"lease_minutes,omitempty"`
	// SurveyID is the survey that closing offers first.
	SurveyID   *SurveyID  `json:"survey_id,omitempty"`
	ArchivedAt *time.Time `json:"archived_at,omitempty"`
	CreatedAt  time.Time  `json:"created_at"`
	UpdatedAt  time.Time  `json:"updated_at"`
}

// SignIn is a browser that a user signed in with. TokenHash is the SHA-256 of the cookie's value. Its table is named sessions.
type SignIn struct {
	TokenHash  []byte `gorm:"primaryKey"`
	AccountID  AccountID
	UserID     UserID
	UserAgent  string
	IP         string
	CreatedAt  time.Time
	LastSeenAt time.Time
	ExpiresAt  time.Time
}

// APIToken lets a program act as a user within scopes. Only the SHA-256 of the token is kept.
type APIToken struct {
	ID         APITokenID `json:"id"`
	AccountID  AccountID  `json:"account_id"`
	UserID     UserID     `json:"user_id"`
	Name       string     `json:"name"`
	Prefix     string     `json:"prefix"`
	TokenHash  []byte     `json:"-"`
	Scopes     []string   `json:"scopes" gorm:"type:text[]"`
	ExpiresAt  *time.Time `json:"expires_at,omitempty"`
	LastUsedAt *time.Time `json:"last_used_at,omitempty"`
	RevokedAt  *time.Time `json:"revoked_at,omitempty"`
	CreatedAt  time.Time  `json:"created_at"`
}

// Label is a tag on contacts; AutomationOnly hides it from the manual list (rule 190).
type Label struct {
	ID             LabelID    `json:"id"`
	AccountID      AccountID  `json:"account_id"`
	Name           string     `json:"name"`
	Color          string     `json:"color"`
	AutomationOnly bool       `json:"automation_only"`
	Position       int        `json:"position"`
	ArchivedAt     *time.Time `json:"archived_at,omitempty"`
	CreatedAt      time.Time  `json:"created_at"`
}
