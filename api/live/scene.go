package live

import (
	"context"
	"encoding/json"
	"slices"
	"sync"

	"github.com/perene/perene/models"
	"github.com/perene/perene/store"
)

// told is an event with the scene that says who may learn of it. Where the scene is nil, the socket reads one.
type told struct {
	models.Event
	scene *scene
}

// scene is what all sockets of an account are to learn of some events, read once for all of them.
type scene struct {
	*store.Scene
	// last is the last event that changed each conversation's row. The row goes ahead of it.
	last map[models.ConversationID]models.Cursor

	mu   sync.Mutex
	rows map[variant]json.RawMessage
}

// variant is a row as some viewers have it in common.
type variant struct {
	own    store.Own
	locale string
}

// newScene reads what is to be known of events of one account.
func newScene(ctx context.Context, src Source, account models.AccountID, events []models.Event) (*scene, error) {
	var conversations []models.ConversationID
	var contacts []models.ContactID
	for _, e := range events {
		if e.ConversationID != nil {
			conversations = append(conversations, *e.ConversationID)
		}
		if e.Kind == models.EventContactUpdated && e.EntityID != nil {
			contacts = append(contacts, models.ContactID(*e.EntityID))
		}
	}
	read, err := src.Scene(ctx, account, distinct(conversations), distinct(contacts))
	if err != nil {
		return nil, err
	}
	s := &scene{Scene: read, last: map[models.ConversationID]models.Cursor{}, rows: map[variant]json.RawMessage{}}
	for _, e := range events {
		if e.ConversationID != nil && s.changesRow(&e) {
			s.last[*e.ConversationID] = e.Cursor
		}
	}
	return s, nil
}

// changesRow tells whether an event is about something that a conversation's row shows.
func (s *scene) changesRow(e *models.Event) bool {
	switch e.Kind {
	case models.EventMessageUpdated:
		return e.EntityID != nil && models.MessageID(*e.EntityID) == s.Last(*e.ConversationID)
	case models.EventMessageCreated, models.EventConversationUpdated, models.EventTicketOpened, models.EventTicketUpdated, models.EventFlowRunUpdated:
		return true
	}
	return false
}

// row is a conversation as the client's own read would answer it.
func (s *scene) row(render Render, c *Client, id models.ConversationID) (json.RawMessage, error) {
	v := variant{s.Own(c.Viewer, id), c.Locale}
	s.mu.Lock()
	defer s.mu.Unlock()
	if body, ok := s.rows[v]; ok {
		return body, nil
	}
	body, err := json.Marshal(render(s.View(v.own), c.Locale))
	if err != nil {
		return nil, err
	}
	s.rows[v] = body
	return body, nil
}

func distinct[T interface{ ~int64 }](ids []T) []T {
	slices.Sort(ids)
	return slices.Compact(ids)
}
