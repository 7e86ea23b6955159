package api

import (
	"context"
	"strings"
	"time"
	"unicode"

	"golang.org/x/text/unicode/norm"

	"github.com/perene/perene/models"
	"github.com/perene/perene/store"
)

// SearchHit is the newest message of a conversation with the words of a search.
type SearchHit struct {
	MessageID models.MessageID `json:"message_id"`
	Excerpt   string           `json:"excerpt" doc:"A piece of the message around the first of the words."`
	At        time.Time        `json:"at"`
}

// Runes of an excerpt before and after the word that was found.
const (
	excerptBefore = 30
	excerptAfter  = 90
)

func searchHit(h *store.SearchHit, query string) *SearchHit {
	return &SearchHit{MessageID: h.ID, Excerpt: excerpt(h.Text, query), At: h.CreatedAt}
}

// excerpt cuts a piece of one line out of a text, around the first word of a query that is in it.
func excerpt(text, query string) string {
	runes := []rune(strings.Join(strings.Fields(text), " "))
	plain := make([]rune, len(runes))
	for i, r := range runes {
		plain[i] = plainRune(r)
	}
	at := -1
	for _, word := range strings.FieldsFunc(query, func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsNumber(r) }) {
		if i := indexOfWord(plain, []rune(strings.Map(plainRune, word))); i >= 0 && (at < 0 || i < at) {
			at = i
		}
	}
	from := max(0, at-excerptBefore)
	to := min(len(runes), max(at, 0)+excerptAfter)
	out := string(runes[from:to])
	if from > 0 {
		out = "…" + out
	}
	if to < len(runes) {
		out += "…"
	}
	return out
}

// indexOfWord finds where a word of the text begins with the one that is looked for; -1: nowhere.
func indexOfWord(text, word []rune) int {
	for i := 0; i+len(word) <= len(text); i++ {
		if string(text[i:i+len(word)]) == string(word) && (i == 0 || !unicode.IsLetter(text[i-1]) && !unicode.IsNumber(text[i-1])) {
			return i
		}
	}
	return -1
}

// plainRune is a letter without its accent and small.
func plainRune(r rune) rune {
	for _, base := range norm.NFD.String(string(r)) {
		return unicode.ToLower(base)
	}
	return r
}

type searchMessagesIn struct {
	Paging
	ID    models.ConversationID `path:"id" minimum:"1"`
	Query string                `query:"q" required:"true" minLength:"1" maxLength:"100" doc:"A piece of the text. Accents and capitals do not count."`
}

func (a *app) searchMessages(ctx context.Context, in *searchMessagesIn) (*page[Message], error) {
	p := who(ctx)
	before, err := in.id()
	if err != nil {
		return nil, err
	}
	rows, err := a.Store.SearchMessages(ctx, p.account(), p.viewer, in.ID, in.Query, models.MessageID(before), in.Limit+1)
	return pageOf(ctx, &in.Paging, rows, err, func(m store.MessageView) Message { return a.messageOf(&m) }, func(m store.MessageView) string { return idCursor(m.ID) })
}
