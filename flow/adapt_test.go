package flow

import (
	"strings"
	"testing"
)

// TestAdapt shows what each kind of message becomes on a channel that lacks it; the same function serves engine and sender.
func TestAdapt(t *testing.T) {
	wa := WhatsAppCloud()
	rows := func(n int, title string) []Choice {
		out := make([]Choice, n)
		for i := range out {
			out[i] = Choice{ID: string(rune('a' + i)), Title: title + strings.Repeat("!", i)}
		}
		return out
	}
	buttons := func(n int, title string) Content {
		return Content{Kind: ContentButtons, Text: "Escolha", Buttons: rows(n, title)}
	}
	list := func(n int, title string) Content {
		return Content{Kind: ContentList, Text: "Escolha", List: &List{Button: "Ver todas as opções disponíveis", Sections: []Section{{Title: "Setores", Rows: rows(n, title)}}}}
	}
	long := "Segunda via do boleto de dezembro"
	for _, tc := range []struct {
		name string
		in   Content
		caps Capabilities
		kind ContentKind
		want string // part of the text
	}{
		{"three buttons fit", buttons(3, "Sim"), wa, ContentButtons, "Escolha"},
		{"two buttons of one title become a list", Content{Kind: ContentButtons, Text: "Escolha", Buttons: []Choice{{ID: "a", Title: "Sim"}, {ID: "b", Title: "Sim"}}}, wa, ContentList, "Escolha"},
		{"four buttons become a list", buttons(4, "Sim"), wa, ContentList, "Escolha"},
		{"long titles become a list", buttons(2, long), wa, ContentList, "Escolha"},
		{"eleven rows become numbered text", list(11, "Sim"), wa, ContentText, "11 - Sim!!!!!!!!!!"},
		{"a very long title becomes numbered text", list(2, strings.Repeat("x", 100)), wa, ContentText, "2 - xxx"},
		{"a long body becomes numbered text", Content{Kind: ContentButtons, Text: strings.Repeat("x", 5000), Buttons: rows(2, "Sim")}, wa, ContentText, "2 - Sim!"},
		{"buttons on a channel without any", buttons(2, "Sim"), Capabilities{}, ContentText, "1 - Sim\n2 - Sim!\n\nResponda com o número da opção."},
		{"sections keep their titles", list(2, "Sim"), Capabilities{}, ContentText, "*Setores*\n1 - Sim\n2 - Sim!"},
		{"a link button", Content{Kind: ContentCTAURL, Text: "Veja", CTA: &CTA{Title: "Abrir", URL: "https://a.example"}}, Capabilities{}, ContentText, "Veja\n\nAbrir: https://a.example"},
		{"a place", Content{Kind: ContentLocation, Location: &Location{Latitude: -23.5, Longitude: -46.6, Name: "Loja"}}, Capabilities{}, ContentText, "Loja\n\nhttps://maps.google.com/?q=-23.5,-46.6"},
		{"a card", Content{Kind: ContentContacts, Contacts: []ContactCard{{Name: "Ana", Phones: []string{"+551131234567"}}}}, Capabilities{}, ContentText, "Ana\n+551131234567"},
		{"a request for a place", Content{Kind: ContentLocationRequest, Text: "Onde?"}, Capabilities{}, ContentText, "Onde?"},
		{"a sticker where there are only images", Content{Kind: ContentSticker, Media: &Media{ID: "f"}}, Capabilities{Media: map[ContentKind]MediaLimit{ContentImage: {}}}, ContentImage, ""},
		{"a voice note where there is only audio", Content{Kind: ContentVoice, Media: &Media{ID: "f"}}, Capabilities{Media: map[ContentKind]MediaLimit{ContentAudio: {}}}, ContentAudio, ""},
		{"a video where there are only documents", Content{Kind: ContentVideo, Media: &Media{ID: "f"}, Text: "Veja"}, Capabilities{Caption: 100, Media: map[ContentKind]MediaLimit{ContentDocument: {}}}, ContentDocument, "Veja"},
		{"a file where there are none", Content{Kind: ContentImage, Text: "Veja", Media: &Media{URL: "https://a.example/i.png"}}, Capabilities{}, ContentText, "Veja\n\nhttps://a.example/i.png"},
		{"a text is a text", Content{Kind: ContentText, Text: "oi"}, Capabilities{}, ContentText, "oi"},
	} {
		got := Adapt(tc.in, tc.caps, "pt-BR")
		if got.Kind != tc.kind || !strings.Contains(got.Text, tc.want) {
			t.Errorf("%s: becomes %s %q, want %s with %q", tc.name, got.Kind, got.Text, tc.kind, tc.want)
		}
		if again := Adapt(got, tc.caps, "pt-BR"); again.Kind != got.Kind || again.Text != got.Text {
			t.Errorf("%s: adapting twice changes it to %s %q", tc.name, again.Kind, again.Text)
		}
	}
	l := Adapt(list(2, long), wa, "pt-BR").List
	if row := l.Sections[0].Rows[0]; runes(row.Title) != 24 || row.Description != long || runes(l.Button) != 20 {
		t.Errorf("row %+v, button %q", row, l.Button)
	}
	if !strings.HasSuffix(Adapt(buttons(2, "Yes"), Capabilities{}, "en").Text, "Reply with the number of the option.") {
		t.Error("the hint is not in the contact's language")
	}
}

// TestSplitText: a text that is too long goes out in several messages, cut where people would cut it.
func TestSplitText(t *testing.T) {
	for _, tc := range []struct {
		in    string
		limit int
		want  []string
	}{
		{"curto", 10, []string{"curto"}},
		{"", 10, []string{""}},
		{"dez letras", 10, []string{"dez letras"}},
		{"uma frase comprida", 12, []string{"uma frase", "comprida"}},
		{"linha um\nlinha dois", 12, []string{"linha um", "linha dois"}},
		{"çççççççççç", 4, []string{"çççç", "çççç", "çç"}},
		{"a bcdefghijkl", 6, []string{"a bcde", "fghijk", "l"}},
	} {
		got := splitText(tc.in, tc.limit)
		if strings.Join(got, "|") != strings.Join(tc.want, "|") {
			t.Errorf("%q at %d: %q, want %q", tc.in, tc.limit, got, tc.want)
		}
	}
	p := play(t, `{}`, `{"id":"a","kind":"content","settings":{"items":[{"kind":"text","text":"{x}"}]},"outputs":{"ok":"end"}}`, nodeEnd)
	long := map[string]any{"x": strings.Repeat("palavra ", 1000)}
	if got := saidIn(p.step(Event{Kind: EventStart, Start: &Start{Run: "42", Inputs: long}})); len(got) != 2 || runes(got[0]) > 4096 || runes(got[1]) > 4096 || p.state.Sends != 2 {
		t.Errorf("%d messages", len(got))
	}
}
