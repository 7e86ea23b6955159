package store

import (
	"strings"

	"github.com/perene/perene/models"
)

// timelineNow is SQL for the instant of a message that is stored now. The timeline is ordered by it, then by id. It is never
// before the newest message of the conversation, whichever process's clock is ahead, so that an answer stands below what it
// answers. Its arguments are now and conversation.
const timelineNow = `greatest(@now::timestamptz, (SELECT max(created_at) FROM messages WHERE conversation_id = @conversation))`

// counting is SQL that is true for a message of the contact that concerns somebody now, of the row named m: it is unread until
// somebody reads it, and a flow may answer it. The index messages_counting has the first half of it.
var counting = `m.arrival IN ('live', 'late') AND m.kind NOT IN (` + unanswering() + `)`

// unanswering lists, as SQL, the kinds of content that are no answer.
func unanswering() string {
	var kinds []string
	for _, k := range models.ContentKinds() {
		if !k.Answers() {
			kinds = append(kinds, "'"+string(k)+"'")
		}
	}
	return strings.Join(kinds, ", ")
}
