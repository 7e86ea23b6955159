package contract

import (
	"strconv"
	"time"

	"github.com/perene/perene/models"
)

// WorkflowMediaFetch is the workflow type of a file that is fetched.
const WorkflowMediaFetch = "MediaFetch"

// MediaFetchID is the workflow id of a file that is fetched: media/77.
func MediaFetchID(id models.MediaID) string { return "media/" + strconv.FormatInt(int64(id), 10) }

// MediaFetchStart starts a MediaFetch workflow: one file of one inbound message.
type MediaFetchStart struct {
	AccountID    models.AccountID    `json:"account_id"`
	MediaID      models.MediaID      `json:"media_id"`
	ConnectionID models.ConnectionID `json:"connection_id"`
}

// Doorbell makes the doorbell of a file to fetch.
func (s MediaFetchStart) Doorbell() Doorbell {
	return doorbell(s.AccountID, WorkflowMediaFetch, MediaFetchID(s.MediaID), s)
}

// Again makes the doorbell of a file that was lost and that a person asks for once more. The workflow that lost it may still
// wait for its next try, so that this one has an id of its own.
func (s MediaFetchStart) Again(asked time.Time) Doorbell {
	return doorbell(s.AccountID, WorkflowMediaFetch, MediaFetchID(s.MediaID)+"/"+strconv.FormatInt(asked.Unix(), 10), s)
}

// ActivityFetchMedia fetches one file of an inbound message into the store of files.
const ActivityFetchMedia = "FetchMedia"

// FetchMediaInput names the file.
type FetchMediaInput struct {
	Media MediaFetchStart `json:"media"`
}

// FetchMediaResult says what became of the file.
type FetchMediaResult struct {
	State models.MediaState `json:"state"`
	Size  int64             `json:"size,omitempty"` // bytes
}
