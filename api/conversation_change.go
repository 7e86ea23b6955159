package api

import (
	"context"
	"net/http"

	"github.com/perene/perene/models"
	"github.com/perene/perene/store"
)

type updateConversationIn struct {
	ID   models.ConversationID `path:"id" minimum:"1"`
	Body struct {
		ChatbotDisabled *bool            `json:"chatbot_disabled,omitempty" doc:"Off, no flow answers there, and one that runs is stopped."`
		MarkedUnread    *bool            `json:"marked_unread,omitempty" doc:"For everybody, until it is read."`
		Followed        *bool            `json:"followed,omitempty" doc:"You follow it."`
		Priority        *models.Priority `json:"priority,omitempty" enum:"none,low,medium,high,urgent"`
	}
}

func (a *app) conversationChangeOperations() {
	o := operation{id: "update-conversation", method: http.MethodPatch, path: "/v1/conversations/{id}", tag: "conversations", summary: "Change a conversation",
		doc: "What is left out stays as it is."}
	handle(a, o, a.updateConversation)
}

func (a *app) updateConversation(ctx context.Context, in *updateConversationIn) (*one[Conversation], error) {
	p, b := who(ctx), &in.Body
	wake, err := a.Store.ChangeConversation(ctx, p.account(), p.viewer, p.actor(), in.ID, store.ConversationChange{
		MarkedUnread: b.MarkedUnread, Followed: b.Followed, ChatbotDisabled: b.ChatbotDisabled, Priority: b.Priority})
	if err != nil {
		return nil, err
	}
	a.Waker.Wake(p.account(), wake)
	if b.ChatbotDisabled != nil {
		a.audit(ctx, p, "conversation.chatbot", "conversation/"+in.ID.String(), map[string]any{"disabled": *b.ChatbotDisabled})
	}
	return a.conversationNow(ctx, in.ID)
}
