package models_test

import (
	"encoding/json"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/perene/perene/models"
)

func TestContentStoresAsSnakeCaseJSON(t *testing.T) {
	t.Parallel()
	c := models.Content{
		Kind: models.ContentKindButtons, Text: "Confirma?",
		Header:  &models.ContentHeader{Kind: models.ContentKindImage, Media: &models.ContentMedia{MediaID: 7, ProviderMediaID: "119", MimeType: "image/png"}},
		Buttons: []models.ContentButton{{ID: "yes", Title: "Sim"}},
		ReplyTo: &models.MessageRef{MessageID: 9, ProviderMessageID: "wamid.A"},
	}
	const want = `{"kind":"buttons","text":"Confirma?","header":{"kind":"image","media":{"media_id":7,"provider_media_id":"119","mime_type":"image/png"}},"buttons":[{"id":"yes","title":"Sim"}],"reply_to":{"message_id":9,"provider_message_id":"wamid.A"}}`
	got, err := json.Marshal(c)
	if err != nil {
		t.Fatal(err)
	}
	if string(got) != want {
		t.Errorf("stored as\n%s\nwant\n%s", got, want)
	}
}

func TestContentKindsAreDistinct(t *testing.T) {
	t.Parallel()
	seen := map[models.ContentKind]bool{}
	for _, k := range models.ContentKinds() {
		if seen[k] {
			t.Errorf("kind %q is listed twice", k)
		}
		seen[k] = true
	}
	if len(seen) != 32 {
		t.Errorf("%d kinds, want 32: a new kind needs a row in ContentKinds and a preview", len(seen))
	}
}

func TestPreviewHasWordsForEveryKindAndLanguage(t *testing.T) {
	t.Parallel()
	for _, lang := range []string{"pt-BR", "en", "fr"} {
		for _, k := range models.ContentKinds() {
			c := models.Content{Kind: k, Text: "olá", Tap: &models.ContentTap{Title: "Sim"}}
			if c.Preview(lang) == "" {
				t.Errorf("preview of %q in %s is empty", k, lang)
			}
		}
	}
}

func TestPreview(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("á", 300)
	for _, tc := range []struct {
		name, lang, want string
		content          models.Content
	}{
		{"text on one line", "pt-BR", "Oi tudo bem?", models.Content{Kind: models.ContentKindText, Text: " Oi\n\ttudo  bem? "}},
		{"caption", "pt-BR", "📷 Foto: olha só", models.Content{Kind: models.ContentKindImage, Media: &models.ContentMedia{Caption: "olha só"}}},
		{"file name in English", "en", "📄 Document: nota.pdf", models.Content{Kind: models.ContentKindDocument, Media: &models.ContentMedia{Filename: "nota.pdf"}}},
		{"reaction", "en", "Reacted with ❤️", models.Content{Kind: models.ContentKindReaction, Reaction: &models.ContentReaction{Emoji: "❤️"}}},
		{"reaction removed", "pt-BR", "Reação removida", models.Content{Kind: models.ContentKindReaction, Reaction: &models.ContentReaction{}}},
		{"unknown kind", "pt-BR", "Mensagem não suportada", models.Content{Kind: "hologram"}},
		{"a system line of before", "en", "O fluxo parou", models.Content{Kind: models.ContentKindSystemNote, Text: "O fluxo parou", SystemNote: &models.ContentSystemNote{Code: "no_edge"}}},
		{"a system line, which the console says", "pt-BR", "", models.Content{Kind: models.ContentKindSystemNote, SystemNote: &models.ContentSystemNote{Code: models.NoteNoEdge}}},
		{"edit", "pt-BR", "✏️ novo", models.Content{Kind: models.ContentKindEdit, Edit: &models.ContentEdit{Content: &models.Content{Kind: models.ContentKindText, Text: "novo"}}}},
	} {
		if got := tc.content.Preview(tc.lang); got != tc.want {
			t.Errorf("%s: %q, want %q", tc.name, got, tc.want)
		}
	}
	cut := (&models.Content{Kind: models.ContentKindText, Text: long}).Preview("pt-BR")
	if n := utf8.RuneCountInString(cut); n != 120 || !strings.HasSuffix(cut, "…") {
		t.Errorf("long text gives %d runes ending %q, want 120 ending in an ellipsis", n, cut[len(cut)-3:])
	}
}
