package models

// Profile is what users set for themselves.
type Profile struct {
	UserID UserID `json:"user_id"`
	// DefaultConnectionID is the connection that the user sends by where none is chosen (rule 246).
	DefaultConnectionID *ConnectionID `json:"default_connection_id,omitempty"`
	// ClosingText fills the closing text (rule 155); nil: none.
	ClosingText *string     `json:"closing_text,omitempty"`
	Preferences Preferences `json:"preferences"`
}

// Preferences are how a user works, on every device. What is nil follows the console.
type Preferences struct {
	SendDelaySeconds  *int       `json:"send_delay_seconds,omitempty"` // within which a message can be taken back
	AfterSend         *AfterSend `json:"after_send,omitempty"`
	AudioConfirmation *bool      `json:"audio_confirmation,omitempty"` // rule 117
	EnterSends        *bool      `json:"enter_sends,omitempty"`
	SingleKeys        *bool      `json:"single_keys,omitempty"` // shortcuts of one key (WCAG 2.1.4)
	Sounds            *bool      `json:"sounds,omitempty"`
	Notifications     *bool      `json:"notifications,omitempty"` // of the browser
	Order             *ListOrder `json:"order,omitempty"`         // of the list of conversations
	Watching          *bool      `json:"watching,omitempty"`      // opening a conversation marks nothing as read
}

// AfterSend is what follows an answer.
type AfterSend string

// What may follow an answer.
const (
	AfterSendStay   AfterSend = "send"
	AfterSendClose  AfterSend = "close"
	AfterSendSnooze AfterSend = "snooze"
)
