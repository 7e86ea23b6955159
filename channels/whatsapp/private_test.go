package whatsapp_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/perene/perene/channels"
	"github.com/perene/perene/channels/channeltest"
	"github.com/perene/perene/models"
)

// A provider may repeat the whole message in its explanation: no word of it is in the error, wherever the content had it.
func TestErrorsRepeatNoWordsOfAMessage(t *testing.T) {
	t.Parallel()
	stub := channeltest.NewStub(t, func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			return
		}
		var sent any
		_ = json.Unmarshal(body, &sent) // what is no JSON has no words
		details, _ := json.Marshal("Invalid: " + strings.Join(leaves(sent), " | "))
		w.WriteHeader(http.StatusBadRequest)
		_, _ = fmt.Fprintf(w, `{"error":{"message":"(#100)","code":100,"error_data":{"details":%s}}}`, details)
	})
	const name = "Rosa Lima"
	text := models.TemplateParam{Text: name + " deve"}
	media := &models.ContentMedia{ProviderMediaID: "77", MimeType: "image/png", Caption: name, Filename: name + ".png"}
	for what, c := range map[string]models.Content{
		"text":     {Kind: models.ContentKindText, Text: "Olá " + name},
		"caption":  {Kind: models.ContentKindImage, Media: media},
		"filename": {Kind: models.ContentKindDocument, Media: &models.ContentMedia{ProviderMediaID: "77", MimeType: "application/pdf", Filename: name + ".pdf"}},
		"place":    {Kind: models.ContentKindLocation, Location: &models.ContentLocation{Latitude: -8.0631, Longitude: -34.8711, Name: name, Address: "casa da " + name}},
		"card": {Kind: models.ContentKindContacts, Contacts: []models.ContactCard{{Name: models.ContactName{Formatted: name, First: "Rosa Lima"},
			Emails: []models.ContactEmail{{Email: name + "@x.example"}}, Addresses: []models.ContactAddress{{Street: "Rua " + name}}}}},
		"buttons": {Kind: models.ContentKindButtons, Text: "Para " + name, Footer: name, Header: &models.ContentHeader{Kind: models.ContentKindText, Text: name},
			Buttons: []models.ContentButton{{ID: "quem-" + name, Title: "Sou " + name}}},
		"list": {Kind: models.ContentKindList, Text: "Quem?", List: &models.ContentList{Button: "Ver", Sections: []models.ContentListSection{{
			Rows: []models.ContentListRow{{ID: name, Title: name, Description: "é a " + name}}}}}},
		"link": {Kind: models.ContentKindCTAURL, Text: "Sua conta", CTA: &models.ContentCTA{Text: "Abrir", URL: "https://x.example/?nome=" + "Rosa%20Lima"}},
		"template": {Kind: models.ContentKindTemplate, Template: &models.ContentTemplate{Name: "cobranca", Language: "pt_BR", Header: &text, Body: []models.TemplateParam{text},
			Buttons: []models.TemplateButton{{Kind: models.TemplateButtonQuickReply, ID: "quem-" + name}}}},
		"template cards": {Kind: models.ContentKindTemplate, Template: &models.ContentTemplate{Name: "cobranca", Language: "pt_BR",
			Cards: []models.TemplateCard{{Body: []models.TemplateParam{text}}, {Body: []models.TemplateParam{text}}}}},
	} {
		_, err := local(t).Send(context.Background(), credentials(stub.URL), &channels.Outbound{To: "5581988004422", Content: &c, AttemptID: "1.x"})
		var e *channels.SendError
		if !errors.As(err, &e) || e.Code != 100 {
			t.Errorf("%s: %v", what, err)
			continue
		}
		for _, word := range []string{"Rosa", "Lima", "8800", "34.87"} {
			if strings.Contains(e.Details+e.Error(), word) {
				t.Errorf("%s: the error says %q", what, e.Details)
			}
		}
	}
}

// leaves lists the texts of a JSON value.
func leaves(v any) []string {
	var out []string
	switch v := v.(type) {
	case string:
		out = append(out, v)
	case float64:
		out = append(out, fmt.Sprint(v))
	case []any:
		for _, each := range v {
			out = append(out, leaves(each)...)
		}
	case map[string]any:
		for _, each := range v {
			out = append(out, leaves(each)...)
		}
	}
	return out
}
