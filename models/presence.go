package models

// PresenceState is what a user does in a conversation now.
type PresenceState string

// The states of presence. They last for half a minute, unless the client says them again.
const (
	PresenceLooking PresenceState = "looking"
	PresenceWriting PresenceState = "writing"
	PresenceGone    PresenceState = "gone"
)
