package live

import (
	"context"
	"encoding/json"
	"slices"
	"time"

	"github.com/perene/perene/models"
)

// presenceLife is how long it is of interest that somebody looks at a conversation or writes in it.
const presenceLife = 30 * time.Second

// stale tells whether an event says only how things stood at an instant that is over.
func stale(e *models.Event, now time.Time) bool {
	return e.Kind == models.EventPresence && now.Sub(e.CreatedAt) > presenceLife
}

// tellGone tells a client that a conversation is out of its sight now, and nothing else of it (rule 033). A client that did not see
// it before is told nothing.
func (s *socket) tellGone(ctx context.Context, e *models.Event) error {
	saw, err := s.sawBefore(ctx, e)
	if err != nil || !saw {
		return err
	}
	return s.write(ctx, frame{Type: "gone", Seq: e.Cursor, ConversationID: e.ConversationID})
}

// sawBefore tells whether the client saw the conversation where it was before an event moved it: in a queue of the client's user,
// with them as its agent, or with neither.
func (s *socket) sawBefore(ctx context.Context, e *models.Event) (bool, error) {
	var moved struct {
		FromQueueID *models.QueueID `json:"from_queue_id"`
		FromAgentID *models.UserID  `json:"from_agent_id"`
	}
	if e.Kind != models.EventTicketUpdated && e.Kind != models.EventTicketOpened || json.Unmarshal(e.Data, &moved) != nil {
		return false, nil //nolint:nilerr // data of another shape names no place
	}
	user := s.client.Viewer.User
	switch {
	case moved.FromAgentID != nil && *moved.FromAgentID == user, moved.FromQueueID == nil && moved.FromAgentID == nil:
		return true, nil
	case moved.FromQueueID == nil:
		return false, nil
	}
	queues, err := s.hub.src.UserQueues(ctx, s.client.Account, []models.UserID{user})
	return slices.Contains(queues[user], *moved.FromQueueID), err
}
