package api

import (
	"context"
	"net/http"

	"github.com/perene/perene/models"
)

type tellPresenceIn struct {
	ID   models.ConversationID `path:"id" minimum:"1"`
	Body struct {
		State models.PresenceState `json:"state" enum:"looking,writing,gone"`
	}
}

func (a *app) presenceOperations() {
	handle(a, operation{id: "tell-presence", method: http.MethodPost, path: "/v1/conversations/{id}/presence", tag: "conversations",
		status: http.StatusNoContent, summary: "Tell others what you do in a conversation",
		doc: "Those who see the conversation get the event presence with {user: {id, name}, state, at}. Who writes says so again every 20 seconds, who looks every minute: it is over a little later."},
		a.tellPresence)
}

func (a *app) tellPresence(ctx context.Context, in *tellPresenceIn) (*struct{}, error) {
	p := who(ctx)
	return nil, a.Store.TellPresence(ctx, p.account(), p.viewer, in.ID, p.User.Name, in.Body.State)
}
