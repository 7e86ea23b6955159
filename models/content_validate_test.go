package models_test

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"github.com/perene/perene/models"
)

// smallCaps is a channel with small limits, so that the cases stay short.
var smallCaps = models.Capabilities{
	Provider: "small",
	Kinds: []models.ContentKind{models.ContentKindText, models.ContentKindImage, models.ContentKindAudio, models.ContentKindDocument,
		models.ContentKindSticker, models.ContentKindLocation, models.ContentKindContacts, models.ContentKindReaction,
		models.ContentKindButtons, models.ContentKindList, models.ContentKindCTAURL, models.ContentKindForm, models.ContentKindCarousel,
		models.ContentKindProduct, models.ContentKindProductList, models.ContentKindCatalog, models.ContentKindTemplate},
	Media: map[models.ContentKind]models.MediaLimit{
		models.ContentKindImage:   {MimeTypes: []string{"image/png"}, MaxBytes: 100, Caption: true},
		models.ContentKindAudio:   {MimeTypes: []string{"audio/ogg"}, MaxBytes: 100},
		models.ContentKindSticker: {MimeTypes: []string{"image/webp"}, MaxBytes: 10, AnimatedMaxBytes: 20},
	},
	TextMax: 5, CaptionMax: 5, BodyMax: 10, HeaderMax: 5, FooterMax: 5, BodyMaxOf: map[models.ContentKind]int{models.ContentKindList: 20},
	HeaderKinds: map[models.ContentKind][]models.ContentKind{
		models.ContentKindButtons:     {models.ContentKindText, models.ContentKindImage},
		models.ContentKindProductList: {models.ContentKindText},
		models.ContentKindCarousel:    {models.ContentKindImage, models.ContentKindVideo},
	},
	Buttons:  models.ButtonLimit{Max: 2, TitleMax: 5, IDMax: 5},
	List:     models.ListLimit{ButtonMax: 5, SectionsMax: 2, SectionTitleMax: 5, RowsMax: 3, RowIDMax: 5, RowTitleMax: 5, RowTextMax: 5},
	CTATitle: 5, URLMax: 30, FormTitle: 5, MediaLinks: true,
	Carousel: models.CarouselLimit{Min: 2, Max: 3, BodyMax: 10, LineBreaksMax: 1}, Products: models.ProductLimit{SectionsMax: 2, ItemsMax: 3},
	ContactsMax: 1, Templates: models.TemplateLimit{NameMax: 5, BodyMax: 10, ReplyIDMax: 5, CopyCodeMax: 5, CardsMax: 3},
}

func image() *models.ContentMedia { return &models.ContentMedia{ProviderMediaID: "1"} }

func imageCard(text string) models.ContentCard {
	return models.ContentCard{Header: &models.ContentHeader{Kind: models.ContentKindImage, Media: image()}, Text: text,
		CTA: &models.ContentCTA{Text: "Ver", URL: "https://a.example"}}
}

func TestValidateNamesEveryProblem(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name    string
		content models.Content
		want    []string // field:code, in order
	}{
		{"good text counts runes, not bytes", models.Content{Kind: models.ContentKindText, Text: "ááááá"}, nil},
		{"long text", models.Content{Kind: models.ContentKindText, Text: "áááááá"}, []string{"text:too_long"}},
		{"blank text", models.Content{Kind: models.ContentKindText, Text: " \n"}, []string{"text:required"}},
		{"kind the channel lacks", models.Content{Kind: models.ContentKindVoice}, []string{"kind:not_supported"}},
		{"inbound kind", models.Content{Kind: models.ContentKindTap}, []string{"kind:not_supported"}},
		{"file missing", models.Content{Kind: models.ContentKindImage}, []string{"media:required"}},
		{"file wrong in every way", models.Content{Kind: models.ContentKindImage, Media: &models.ContentMedia{MediaID: 1, MimeType: "image/GIF", Size: 101, Caption: "áááááá"}},
			[]string{"media.mime_type:invalid", "media.size:too_large", "media.caption:too_long"}},
		{"parameters of a type are no matter", models.Content{Kind: models.ContentKindAudio, Media: &models.ContentMedia{MediaID: 1, MimeType: "audio/ogg; codecs=opus"}}, nil},
		{"caption where none goes", models.Content{Kind: models.ContentKindAudio, Media: &models.ContentMedia{MediaID: 1, Caption: "oi"}}, []string{"media.caption:not_supported"}},
		{"link that is none", models.Content{Kind: models.ContentKindImage, Media: &models.ContentMedia{URL: "ftp://a.example/1"}}, []string{"media.url:invalid"}},
		{"still sticker", models.Content{Kind: models.ContentKindSticker, Media: &models.ContentMedia{MediaID: 1, Size: 15}}, []string{"media.size:too_large"}},
		{"moving sticker may be larger", models.Content{Kind: models.ContentKindSticker, Media: &models.ContentMedia{MediaID: 1, Size: 15, Animated: true}}, nil},
		{"off the map", models.Content{Kind: models.ContentKindLocation, Location: &models.ContentLocation{Latitude: 91, Longitude: -181}},
			[]string{"location.latitude:invalid", "location.longitude:invalid"}},
		{"contacts", models.Content{Kind: models.ContentKindContacts, Contacts: []models.ContactCard{{Name: models.ContactName{Formatted: "Ana"}}, {}}},
			[]string{"contacts:too_many", "contacts[0].name:required", "contacts[1].name.formatted:required", "contacts[1].name:required"}},
		{"reaction to nothing", models.Content{Kind: models.ContentKindReaction, Reaction: &models.ContentReaction{Emoji: "👍"}}, []string{"reaction.target:required"}},
		{"reaction with a sentence", models.Content{Kind: models.ContentKindReaction, Reaction: &models.ContentReaction{Target: models.MessageRef{MessageID: 1}, Emoji: "muito obrigado"}},
			[]string{"reaction.emoji:invalid"}},
		{"reaction taken back", models.Content{Kind: models.ContentKindReaction, Reaction: &models.ContentReaction{Target: models.MessageRef{MessageID: 1}}}, nil},
		{"buttons", models.Content{Kind: models.ContentKindButtons, Text: "?", Footer: "rodapé", Header: &models.ContentHeader{Kind: models.ContentKindVideo},
			Buttons: []models.ContentButton{{ID: "a", Title: "Sim"}, {ID: "a", Title: "Sim"}, {Title: "comprido"}}},
			[]string{"header.kind:not_supported", "footer:too_long", "buttons:too_many", "buttons[1].title:duplicate", "buttons[1].id:duplicate", "buttons[2].id:required", "buttons[2].title:too_long"}},
		{"no buttons", models.Content{Kind: models.ContentKindButtons, Text: "?"}, []string{"buttons:too_few"}},
		{"list body has its own limit", models.Content{Kind: models.ContentKindList, Text: strings.Repeat("a", 15), List: &models.ContentList{Button: "Ver", Sections: []models.ContentListSection{{Rows: []models.ContentListRow{{ID: "1", Title: "Um"}}}}}}, nil},
		{"list", models.Content{Kind: models.ContentKindList, Text: "?", List: &models.ContentList{Sections: []models.ContentListSection{
			{Rows: []models.ContentListRow{{ID: "1", Title: "Um"}, {ID: "1", Title: "Dois"}}}, {Title: "B", Rows: []models.ContentListRow{{ID: "3", Title: "Três"}, {ID: "4", Title: "Quatro", Description: "o quarto"}}}}}},
			[]string{"list.button:required", "list.sections[0].title:required", "list.sections[0].rows[1].id:duplicate", "list.sections[1].rows[1].title:too_long",
				"list.sections[1].rows[1].description:too_long", "list.sections:too_many"}},
		{"list without a list", models.Content{Kind: models.ContentKindList, Text: "?"}, []string{"list:required"}},
		{"link button", models.Content{Kind: models.ContentKindCTAURL, Text: "?", CTA: &models.ContentCTA{Text: "comprido", URL: "loja.example"}}, []string{"cta.text:too_long", "cta.url:invalid"}},
		{"form by id and name", models.Content{Kind: models.ContentKindForm, Text: "?", Form: &models.ContentForm{FormID: "1", Name: "n", Button: "Ok"}}, []string{"form:required"}},
		{"form", models.Content{Kind: models.ContentKindForm, Text: "?", Form: &models.ContentForm{FormID: "1", Action: "jump", Data: json.RawMessage(`[1]`)}},
			[]string{"form.button:required", "form.action:invalid", "form.data:invalid"}},
		{"form data without a screen", models.Content{Kind: models.ContentKindForm, Text: "?", Form: &models.ContentForm{FormID: "1", Button: "Ok", Data: json.RawMessage(`{}`)}}, []string{"form.screen:required"}},
		{"carousel of one card", models.Content{Kind: models.ContentKindCarousel, Text: "?", Carousel: []models.ContentCard{imageCard("a\nb\nc")}}, []string{"carousel:too_few", "carousel[0].text:too_long"}},
		{"carousel of mixed headers", models.Content{Kind: models.ContentKindCarousel, Text: "?", Carousel: []models.ContentCard{imageCard("a"),
			{Header: &models.ContentHeader{Kind: models.ContentKindVideo, Media: image()}}}}, []string{"carousel[1].header.kind:invalid", "carousel[1].cta:required"}},
		{"product", models.Content{Kind: models.ContentKindProduct}, []string{"product:required"}},
		{"product list", models.Content{Kind: models.ContentKindProductList, Text: "?", ProductList: &models.ContentProductList{CatalogID: "1", Sections: []models.ContentProductSection{{ProductIDs: []string{"1", "2", "3", "4"}}}}},
			[]string{"header:required", "product_list.sections:too_many"}},
		{"template", models.Content{Kind: models.ContentKindTemplate, Text: "um texto comprido", Template: &models.ContentTemplate{Name: "comprido",
			Header: &models.TemplateParam{Kind: models.TemplateParamCurrency}, Body: []models.TemplateParam{{Name: "nome", Text: "Rosa"}, {}},
			Buttons: []models.TemplateButton{{Index: 10, Kind: models.TemplateButtonQuickReply, ID: "comprido"}, {Kind: models.TemplateButtonCopyCode, Text: "comprido"}, {Kind: "swipe"}}}},
			[]string{"template.name:too_long", "template.language:required", "text:too_long", "template.header.kind:not_supported", "template.body[1].text:required", "template.body:invalid",
				"template.buttons[0].index:invalid", "template.buttons[0].id:too_long", "template.buttons[1].text:too_long", "template.buttons[2].index:duplicate", "template.buttons[2].kind:invalid"}},
		{"template without one", models.Content{Kind: models.ContentKindTemplate}, []string{"template:required"}},
		{"template header file", models.Content{Kind: models.ContentKindTemplate, Template: &models.ContentTemplate{Name: "a", Language: "pt_BR", Header: &models.TemplateParam{Kind: models.TemplateParamImage}}},
			[]string{"template.header.media:required"}},
		{"template of one card", models.Content{Kind: models.ContentKindTemplate, Template: &models.ContentTemplate{Name: "a", Language: "pt_BR", Cards: []models.TemplateCard{{Header: &models.TemplateParam{Text: "x"}}}}},
			[]string{"template.cards:too_few", "template.cards[0].header.kind:not_supported"}},
	} {
		var got []string
		for _, p := range tc.content.Validate(&smallCaps) {
			got = append(got, p.Field+":"+p.Code)
			if p.Message == "" {
				t.Errorf("%s: %s has no message", tc.name, p.Field)
			}
		}
		if !slices.Equal(got, tc.want) {
			t.Errorf("%s:\n got %q\nwant %q", tc.name, got, tc.want)
		}
	}
}

func TestProblemsDoNotRepeatTheWords(t *testing.T) {
	t.Parallel()
	for _, p := range (&models.Content{Kind: models.ContentKindText, Text: "meu segredo"}).Validate(&smallCaps) {
		if strings.Contains(p.Message, "segredo") {
			t.Errorf("the message repeats the customer's words: %s", p.Message)
		}
	}
}

func TestDegradeUsesTheStatedFallback(t *testing.T) {
	t.Parallel()
	caps := models.Capabilities{Kinds: []models.ContentKind{models.ContentKindText, models.ContentKindDocument, models.ContentKindAudio},
		Fallbacks: map[models.ContentKind]models.Fallback{
			models.ContentKindButtons: models.FallbackNumberedText, models.ContentKindList: models.FallbackNumberedText,
			models.ContentKindCTAURL: models.FallbackText, models.ContentKindLocation: models.FallbackText,
			models.ContentKindVideo: models.FallbackDocument, models.ContentKindVoice: models.FallbackAudio, models.ContentKindSticker: models.FallbackText,
			models.ContentKindCarousel: models.FallbackText, models.ContentKindContacts: models.FallbackText,
		}}
	reply := &models.MessageRef{MessageID: 3}
	for _, tc := range []struct {
		name    string
		content models.Content
		kind    models.ContentKind
		text    string
	}{
		{"buttons become numbered text", models.Content{Kind: models.ContentKindButtons, Header: &models.ContentHeader{Kind: models.ContentKindText, Text: "Visita"}, Text: "Confirma?", Footer: "até 18h",
			Buttons: []models.ContentButton{{ID: "s", Title: "Sim"}, {ID: "n", Title: "Não"}}, ReplyTo: reply}, models.ContentKindText, "Visita\n\nConfirma?\n\n1. Sim\n2. Não\n\naté 18h"},
		{"rows count through the sections", models.Content{Kind: models.ContentKindList, Text: "Setor?", List: &models.ContentList{Sections: []models.ContentListSection{
			{Rows: []models.ContentListRow{{ID: "f", Title: "Financeiro"}}}, {Rows: []models.ContentListRow{{ID: "t", Title: "Suporte"}}}}}, ReplyTo: reply}, models.ContentKindText, "Setor?\n\n1. Financeiro\n2. Suporte"},
		{"link button", models.Content{Kind: models.ContentKindCTAURL, Text: "Agende", CTA: &models.ContentCTA{Text: "Agendar", URL: "https://a.example"}, ReplyTo: reply}, models.ContentKindText, "Agende\n\nAgendar: https://a.example"},
		{"place", models.Content{Kind: models.ContentKindLocation, Location: &models.ContentLocation{Latitude: -8.5, Longitude: -34.25, Name: "Loja"}, ReplyTo: reply}, models.ContentKindText, "Loja\n\nhttps://maps.google.com/?q=-8.5,-34.25"},
		{"cards", models.Content{Kind: models.ContentKindCarousel, Text: "Ofertas", Carousel: []models.ContentCard{imageCard("Item 1")}, ReplyTo: reply}, models.ContentKindText, "Ofertas\n\n1. Item 1\nVer: https://a.example"},
		{"contact", models.Content{Kind: models.ContentKindContacts, Contacts: []models.ContactCard{{Name: models.ContactName{Formatted: "Ana"}, Phones: []models.ContactPhone{{Phone: "+55 81 3350-7788"}}}}, ReplyTo: reply}, models.ContentKindText, "Ana\n\n+55 81 3350-7788"},
		{"file as document", models.Content{Kind: models.ContentKindVideo, Media: image(), ReplyTo: reply}, models.ContentKindDocument, ""},
		{"voice as audio", models.Content{Kind: models.ContentKindVoice, Media: image(), ReplyTo: reply}, models.ContentKindAudio, ""},
		{"what the channel sends stays", models.Content{Kind: models.ContentKindText, Text: "oi", ReplyTo: reply}, models.ContentKindText, "oi"},
	} {
		got, ok := tc.content.Degrade(&caps)
		if !ok || got.Kind != tc.kind || got.Text != tc.text || got.ReplyTo != reply {
			t.Errorf("%s: got %+v, %v", tc.name, got, ok)
		}
	}
	for name, c := range map[string]models.Content{"no fallback stated": {Kind: models.ContentKindTemplate}, "nothing to say": {Kind: models.ContentKindSticker, Media: image()}} {
		if got, ok := c.Degrade(&caps); ok {
			t.Errorf("%s: got %+v, want none", name, got)
		}
	}
}

func TestChoicesAreCountedAsTheTextCountsThem(t *testing.T) {
	t.Parallel()
	c := models.Content{Kind: models.ContentKindList, List: &models.ContentList{Sections: []models.ContentListSection{
		{Rows: []models.ContentListRow{{ID: "f", Title: "Financeiro"}}}, {Rows: []models.ContentListRow{{ID: "t", Title: "Suporte"}}}}}}
	if got := c.Choices(); len(got) != 2 || got[1].ID != "t" {
		t.Errorf("the second choice is %+v, want the one with id t", got)
	}
}
