package api

import (
	"context"
	"net/http"
	"time"

	"github.com/perene/perene/models"
	"github.com/perene/perene/store"
)

// Notification is an entry of one's bell. Each kind stands once for a conversation: what comes again raises the count.
type Notification struct {
	ID                 models.NotificationID   `json:"id"`
	Kind               models.NotificationKind `json:"kind"`
	Count              int                     `json:"count" doc:"How often it came since you looked."`
	Seen               bool                    `json:"seen"`
	ConversationID     models.ConversationID   `json:"conversation_id"`
	ConversationNumber int64                   `json:"conversation_number"`
	Contact            ContactRef              `json:"contact"`
	By                 ActorRef                `json:"by" doc:"The person, the flow or the rule that did it."`
	Queue              *QueueRef               `json:"queue,omitempty" doc:"Where the conversation waits."`
	Preview            string                  `json:"preview,omitempty" doc:"One line of the latest message that it is about."`
	At                 time.Time               `json:"at"`
}

type seeNotificationsIn struct {
	Body struct {
		IDs []models.NotificationID `json:"ids" minItems:"1" maxItems:"100"`
	}
}

type clearNotificationsIn struct {
	Body struct {
		IDs            []models.NotificationID `json:"ids,omitempty" maxItems:"100"`
		ConversationID models.ConversationID   `json:"conversation_id,omitempty" minimum:"1" doc:"All of this conversation."`
	}
}

func (a *app) notificationOperations() {
	op := func(id, method, path, summary string) operation {
		return operation{id: id, method: method, path: "/v1/notifications" + path, tag: "notifications", summary: summary}
	}
	o := op("list-notifications", http.MethodGet, "", "List your bell, the latest entry first")
	o.doc = "At most 100 entries, of 30 days. You hear notification.updated when there are others."
	handle(a, o, a.listNotifications)
	o = op("see-notifications", http.MethodPost, "/seen", "Say that you saw entries of your bell")
	o.status = http.StatusNoContent
	handle(a, o, a.seeNotifications)
	o = op("clear-notifications", http.MethodPost, "/clear", "Take entries out of your bell")
	o.status, o.doc = http.StatusNoContent, "The named ones, and all of a conversation. 404 where none of the named ones is there any more."
	handle(a, o, a.clearNotifications)
}

func (a *app) listNotifications(ctx context.Context, _ *struct{}) (*page[Notification], error) {
	p := who(ctx)
	rows, err := a.Store.Notifications(ctx, p.account(), p.viewer)
	if err != nil {
		return nil, err
	}
	out := make([]Notification, 0, len(rows))
	for i := range rows {
		out = append(out, notificationOf(&rows[i], p.User.Locale))
	}
	return pageAll(out), nil
}

func (a *app) seeNotifications(ctx context.Context, in *seeNotificationsIn) (*nothing, error) {
	p := who(ctx)
	return &nothing{}, a.Store.SeeNotifications(ctx, p.account(), p.viewer, in.Body.IDs)
}

func (a *app) clearNotifications(ctx context.Context, in *clearNotificationsIn) (*nothing, error) {
	p := who(ctx)
	return &nothing{}, a.Store.ClearNotifications(ctx, p.account(), p.viewer, in.Body.IDs, in.Body.ConversationID)
}

func notificationOf(n *store.NotificationView, locale string) Notification {
	out := Notification{
		ID: n.ID, Kind: n.Kind, Count: n.Count, Seen: n.SeenAt != nil, ConversationID: n.ConversationID, ConversationNumber: n.Number,
		Contact: ContactRef{ID: n.ContactID, Name: n.ContactName, Phone: n.ContactPhone, Blocked: n.ContactBlocked},
		By:      ActorRef{Kind: n.ActorKind, ID: n.ActorID, Name: deref(n.Actor)}, At: n.At,
	}
	if n.Queue != nil {
		out.Queue = namedQueue(n.Queue)
	}
	if n.Last != nil {
		out.Preview = previewOf(n.Last, locale)
	}
	return out
}
