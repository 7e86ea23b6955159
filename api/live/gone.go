package live

import (
	"context"
	"encoding/json"
	"time"

	"github.com/perene/perene/models"
)

// presenceLife is how long it is of interest that somebody looks at a conversation or writes in it.
const presenceLife = 30 * time.Second

// stale tells whether an event says only how things stood at an instant that is over.
func stale(e *models.Event, now time.Time) bool {
	return e.Kind == models.EventPresence && now.Sub(e.CreatedAt) > presenceLife
}

// tellGone tells a client that a conversation was taken out of its sight. Who did not see it before learns nothing.
func (s *socket) tellGone(ctx context.Context, e *told) error {
	if !s.client.May(models.EventConversationUpdated) || !s.sawBefore(e) {
		return nil
	}
	return s.write(ctx, frame{Type: "gone", Seq: e.Cursor, ConversationID: e.ConversationID})
}

// sawBefore tells whether the client saw a conversation where it was before the event, as the event's data say.
func (s *socket) sawBefore(e *told) bool {
	var moved struct {
		FromQueueID *models.QueueID `json:"from_queue_id"`
		FromAgentID *models.UserID  `json:"from_agent_id"`
	}
	ticket := e.Kind == models.EventTicketUpdated || e.Kind == models.EventTicketOpened
	if !ticket && e.Kind != models.EventConversationUpdated || json.Unmarshal(e.Data, &moved) != nil {
		return false // data of another shape names no place
	}
	user := s.client.Viewer.User
	return moved.FromAgentID != nil && *moved.FromAgentID == user ||
		moved.FromQueueID != nil && e.scene.Member(*moved.FromQueueID, user) ||
		ticket && moved.FromQueueID == nil && moved.FromAgentID == nil
}
