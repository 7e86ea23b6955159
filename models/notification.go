package models

import "time"

// NotificationKind is why the bell names a conversation (rule 233).
type NotificationKind string

// The kinds of notifications.
const (
	// NotifyMessage: the contact wrote in a conversation that the user serves.
	NotifyMessage NotificationKind = "message"
	// NotifyAssigned: a conversation became the user's.
	NotifyAssigned NotificationKind = "assigned"
	// NotifyQueued: a conversation came to a queue of the user's and waits for somebody.
	NotifyQueued NotificationKind = "queued"
	// NotifyMention: a note names the user, or a queue of theirs.
	NotifyMention NotificationKind = "mention"
)

// NotificationKinds are all kinds.
var NotificationKinds = []NotificationKind{NotifyMessage, NotifyAssigned, NotifyQueued, NotifyMention}

// Notification is one entry of a user's bell. Each user has one of a kind for a conversation.
type Notification struct {
	ID             NotificationID
	AccountID      AccountID
	UserID         UserID
	ConversationID ConversationID
	Kind           NotificationKind
	// MessageID is the latest message that it is about.
	MessageID *MessageID
	ActorKind ActorKind
	ActorID   *int64
	// Count is how often it came since the user looked.
	Count  int
	At     time.Time
	SeenAt *time.Time
}
