package api

import (
	"testing"
	"time"

	"github.com/perene/perene/models"
	"github.com/perene/perene/store"
)

// The list gives a system line's code and values: the console says it in the reader's language. A row of before has its text.
func TestTheListGivesASystemLinesCode(t *testing.T) {
	t.Parallel()
	a := &app{}
	a.Now = time.Now
	for text, want := range map[string]string{"": "", "O fluxo parou": "O fluxo parou"} {
		note := &models.ContentSystemNote{Code: models.NoteNoEdge, Params: map[string]string{"node": "Início"}}
		m := &store.LastMessage{Content: models.Content{Kind: models.ContentKindSystemNote, Text: text, SystemNote: note}}
		last := a.conversationOf(&store.ConversationView{Last: m}, "en").LastMessage
		if last.Preview != want || last.SystemNote == nil || last.SystemNote.Code != "no_edge" || last.SystemNote.Params["node"] != "Início" {
			t.Errorf("the last message is %+v, want the preview %q and the code", last, want)
		}
	}
}
