package models

import "time"

// DraftMode says which of the composer's two texts a draft is.
type DraftMode string

// The modes of a draft.
const (
	DraftReply DraftMode = "reply"
	DraftNote  DraftMode = "note"
)

// Draft is what a user is writing in a conversation, so that another device of the same user shows it.
type Draft struct {
	ConversationID ConversationID `json:"conversation_id"`
	Mode           DraftMode      `json:"mode"`
	Body           DraftBody      `json:"body"`
	// Revision grows with each change, and a draft that is written again begins above the one that was removed.
	Revision  int64     `json:"revision"`
	UpdatedAt time.Time `json:"updated_at"`
}

// DraftBody is the text with what belongs to it.
type DraftBody struct {
	Text     string         `json:"text,omitempty"`
	MediaIDs []MediaID      `json:"media_ids,omitempty"`
	ReplyTo  MessageID      `json:"reply_to,omitempty"`
	Template *DraftTemplate `json:"template,omitempty"`
}

// DraftTemplate is a template that is being filled in.
type DraftTemplate struct {
	Name     string `json:"name"`
	Language string `json:"language"`
	// Values are what was filled in, by the console's own names of the places.
	Values map[string]string `json:"values,omitempty"`
}
