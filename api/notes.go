package api

import (
	"context"
	"net/http"
	"strings"

	"github.com/perene/perene/models"
	"github.com/perene/perene/store"
)

// Mentions is whom a note names.
type Mentions struct {
	Users  []PersonRef `json:"users"`
	Queues []QueueRef  `json:"queues"`
}

type createNoteIn struct {
	ID   models.ConversationID `path:"id" minimum:"1"`
	Body struct {
		Text      string      `json:"text" minLength:"1" maxLength:"4096"`
		Mentions  *mentionsIn `json:"mentions,omitempty"`
		ClientRef string      `json:"client_ref,omitempty" maxLength:"100" doc:"The client's own id: the same one gives the same note, for ever."`
	}
}

type mentionsIn struct {
	UserIDs  []models.UserID  `json:"user_ids,omitempty" maxItems:"20" doc:"People who work here and see the conversation."`
	QueueIDs []models.QueueID `json:"queue_ids,omitempty" maxItems:"20" doc:"Queues whose people see the conversation."`
}

func (a *app) noteOperations() {
	o := operation{id: "create-note", method: http.MethodPost, path: "/v1/conversations/{id}/notes", tag: "conversations", summary: "Write an internal note",
		status: http.StatusCreated, idempotent: true,
		doc: "A note is a message with the direction note. The contact never gets it, and it changes nothing else: no counter, no unread mark, no " +
			"agent. It works while the window is closed."}
	handle(a, o, a.createNote)
}

func (a *app) createNote(ctx context.Context, in *createNoteIn) (*one[Message], error) {
	p, b := who(ctx), &in.Body
	if strings.TrimSpace(b.Text) == "" {
		return nil, models.Invalid("body.text", "write a text")
	}
	note := store.AgentNote{ConversationID: in.ID, AuthorID: p.User.ID, Text: b.Text, ClientRef: b.ClientRef}
	if b.Mentions != nil {
		note.Users, note.Queues = b.Mentions.UserIDs, b.Mentions.QueueIDs
	}
	m, err := a.Store.WriteNote(ctx, p.account(), p.viewer, note)
	if err != nil {
		return nil, err
	}
	return a.messageNow(ctx, m.ID)
}

func mentionsOf(v *store.MentionsView) *Mentions {
	if v == nil {
		return nil
	}
	out := &Mentions{Users: make([]PersonRef, 0, len(v.Users)), Queues: make([]QueueRef, 0, len(v.Queues))}
	for _, u := range v.Users {
		out.Users = append(out.Users, PersonRef{ID: u.ID, Name: u.Name})
	}
	for _, q := range v.Queues {
		out.Queues = append(out.Queues, QueueRef{ID: q.ID, Name: q.Name, Color: q.Color})
	}
	return out
}
