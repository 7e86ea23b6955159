package models_test

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/perene/perene/models"
)

func template(category, format, components string) *models.Template {
	return &models.Template{Category: category, ParameterFormat: format, Components: json.RawMessage(components)}
}

func words(texts ...string) []models.TemplateParam {
	var out []models.TemplateParam
	for _, text := range texts {
		out = append(out, models.TemplateParam{Text: text})
	}
	return out
}

func button(index int, kind models.TemplateButtonKind, text string) []models.TemplateButton {
	return []models.TemplateButton{{Index: index, Kind: kind, Text: text}}
}

const plainBody = `[{"type":"BODY","text":"Olá {{1}}"}]`

// Each component of a definition takes its own value and no other, and each value is one that the provider accepts.
func TestTemplatesAreCheckedAgainstTheirDefinition(t *testing.T) {
	t.Parallel()
	ends := time.Date(2026, 12, 30, 0, 0, 0, 0, time.UTC)
	picture := models.TemplateParam{Kind: models.TemplateParamImage, Media: &models.ContentMedia{MediaID: 1}}
	named := `[{"type":"BODY","text":"Olá {{nome}}, {{hora}}"}]`
	otp := `[{"type":"BODY","text":"*{{1}}* é seu código."},{"type":"BUTTONS","buttons":[{"type":"OTP","otp_type":"COPY_CODE","text":"Copiar"}]}]`
	link := `[{"type":"BODY","text":"Olá {{1}}"},{"type":"BUTTONS","buttons":[{"type":"URL","text":"Ver","url":"https://a.example/{{1}}"},{"type":"PHONE_NUMBER","text":"Ligar","phone_number":"+55"}]}]`
	replies := `[{"type":"HEADER","format":"IMAGE"},{"type":"BODY","text":"Oi"},{"type":"BUTTONS","buttons":[{"type":"QUICK_REPLY","text":"Sim"},{"type":"FLOW","text":"Abrir"}]}]`
	cards := `[{"type":"BODY","text":"Oi"},{"type":"CAROUSEL","cards":[{"components":[{"type":"HEADER","format":"IMAGE"},{"type":"BODY","text":"{{1}}"}]},
		{"components":[{"type":"HEADER","format":"IMAGE"},{"type":"BODY","text":"{{1}}"}]}]}]`
	for name, c := range map[string]struct {
		template *models.Template
		given    models.ContentTemplate
		want     []string // the fields that are wrong
	}{
		"fits":                           {template("UTILITY", "positional", plainBody), models.ContentTemplate{Body: words("Ana")}, nil},
		"too few":                        {template("UTILITY", "positional", plainBody), models.ContentTemplate{}, []string{"template.body"}},
		"too many":                       {template("UTILITY", "positional", plainBody), models.ContentTemplate{Body: words("a", "b")}, []string{"template.body"}},
		"a line break":                   {template("UTILITY", "positional", plainBody), models.ContentTemplate{Body: words("a\nb")}, []string{"template.body[0].text"}},
		"a tab":                          {template("UTILITY", "positional", plainBody), models.ContentTemplate{Body: words("a\tb")}, []string{"template.body[0].text"}},
		"five spaces":                    {template("UTILITY", "positional", plainBody), models.ContentTemplate{Body: words("a     b")}, []string{"template.body[0].text"}},
		"four spaces":                    {template("UTILITY", "positional", plainBody), models.ContentTemplate{Body: words("a    b")}, nil},
		"nothing in it":                  {template("UTILITY", "positional", plainBody), models.ContentTemplate{Body: words(" ")}, []string{"template.body[0].text"}},
		"a variable that stands twice":   {template("UTILITY", "positional", `[{"type":"BODY","text":"{{1}} e {{1}}, {{2}}"}]`), models.ContentTemplate{Body: words("a", "b")}, nil},
		"names for numbers":              {template("UTILITY", "positional", plainBody), models.ContentTemplate{Body: []models.TemplateParam{{Name: "nome", Text: "Ana"}}}, []string{"template.body[0].name"}},
		"numbers for names":              {template("UTILITY", "named", named), models.ContentTemplate{Body: words("Ana", "10h")}, []string{"template.body[0].name", "template.body[1].name"}},
		"names":                          {template("UTILITY", "named", named), models.ContentTemplate{Body: []models.TemplateParam{{Name: "hora", Text: "10h"}, {Name: "nome", Text: "Ana"}}}, nil},
		"a wrong name":                   {template("UTILITY", "named", named), models.ContentTemplate{Body: []models.TemplateParam{{Name: "hora", Text: "10h"}, {Name: "dia", Text: "Ana"}}}, []string{"template.body[1].name"}},
		"a name twice":                   {template("UTILITY", "named", named), models.ContentTemplate{Body: []models.TemplateParam{{Name: "hora", Text: "10h"}, {Name: "hora", Text: "Ana"}}}, []string{"template.body[1].name"}},
		"a code":                         {template("AUTHENTICATION", "positional", otp), models.ContentTemplate{Body: words("123"), Buttons: button(0, models.TemplateButtonURL, "123")}, nil},
		"a code without its button":      {template("AUTHENTICATION", "positional", otp), models.ContentTemplate{Body: words("123")}, []string{"template.buttons"}},
		"a code whose words Meta writes": {template("AUTHENTICATION", "positional", `[{"type":"BODY","add_security_recommendation":true}]`), models.ContentTemplate{Body: words("123")}, nil},
		"a link":                         {template("UTILITY", "positional", link), models.ContentTemplate{Body: words("Ana"), Buttons: button(0, models.TemplateButtonURL, "x")}, nil},
		"a link without its end":         {template("UTILITY", "positional", link), models.ContentTemplate{Body: words("Ana")}, []string{"template.buttons"}},
		"a link of another kind":         {template("UTILITY", "positional", link), models.ContentTemplate{Body: words("Ana"), Buttons: button(0, models.TemplateButtonCopyCode, "x")}, []string{"template.buttons[0].kind"}},
		"a value for a phone": {template("UTILITY", "positional", link), models.ContentTemplate{Body: words("Ana"), Buttons: append(button(0, models.TemplateButtonURL, "x"), button(1, models.TemplateButtonURL, "y")...)},
			[]string{"template.buttons[1]"}},
		"a button that is not there": {template("UTILITY", "positional", plainBody), models.ContentTemplate{Body: words("Ana"), Buttons: button(0, models.TemplateButtonURL, "x")}, []string{"template.buttons[0].index"}},
		"a picture and a form": {template("UTILITY", "positional", replies), models.ContentTemplate{Header: &picture,
			Buttons: []models.TemplateButton{{Index: 1, Kind: models.TemplateButtonForm, FormToken: "t"}}}, nil},
		"neither picture nor form": {template("UTILITY", "positional", replies), models.ContentTemplate{}, []string{"template.header", "template.buttons"}},
		"a text for a picture": {template("UTILITY", "positional", `[{"type":"HEADER","format":"IMAGE"},{"type":"BODY","text":"Oi"}]`),
			models.ContentTemplate{Header: &models.TemplateParam{Text: "x"}}, []string{"template.header.kind"}},
		"a value for a header without one": {template("UTILITY", "positional", plainBody), models.ContentTemplate{Header: &picture, Body: words("Ana")}, []string{"template.header"}},
		"a header's variable": {template("UTILITY", "positional", `[{"type":"HEADER","format":"TEXT","text":"Pedido {{1}}"},{"type":"BODY","text":"Oi"}]`),
			models.ContentTemplate{}, []string{"template.header"}},
		"a place": {template("UTILITY", "positional", `[{"type":"HEADER","format":"LOCATION"},{"type":"BODY","text":"Oi"}]`),
			models.ContentTemplate{Header: &models.TemplateParam{Kind: models.TemplateParamLocation, Location: &models.ContentLocation{}}}, nil},
		"an offer that ends":            {template("MARKETING", "positional", `[{"type":"BODY","text":"Oi"},{"type":"LIMITED_TIME_OFFER","limited_time_offer":{"text":"x","has_expiration":true}}]`), models.ContentTemplate{OfferExpiresAt: &ends}, nil},
		"an offer without end":          {template("MARKETING", "positional", `[{"type":"BODY","text":"Oi"},{"type":"LIMITED_TIME_OFFER","limited_time_offer":{"text":"x","has_expiration":true}}]`), models.ContentTemplate{}, []string{"template.offer_expires_at"}},
		"an end without offer":          {template("MARKETING", "positional", plainBody), models.ContentTemplate{Body: words("a"), OfferExpiresAt: &ends}, []string{"template.offer_expires_at"}},
		"cards":                         {template("MARKETING", "positional", cards), models.ContentTemplate{Cards: []models.TemplateCard{{Header: &picture, Body: words("a")}, {Header: &picture, Body: words("b")}}}, nil},
		"a card too few":                {template("MARKETING", "positional", cards), models.ContentTemplate{Cards: []models.TemplateCard{{Header: &picture, Body: words("a")}}}, []string{"template.cards"}},
		"a card without picture":        {template("MARKETING", "positional", cards), models.ContentTemplate{Cards: []models.TemplateCard{{Header: &picture, Body: words("a")}, {Body: words("b")}}}, []string{"template.cards[1].header"}},
		"a definition of another shape": {template("UTILITY", "positional", `{"body":"?"}`), models.ContentTemplate{Body: words("a", "b")}, nil},
	} {
		var got []string
		for _, p := range c.template.Fit(&c.given) {
			if p.Message == "" || p.Code == "" {
				t.Errorf("%s: a problem without words: %+v", name, p)
			}
			got = append(got, p.Field)
		}
		if diff := cmp.Diff(c.want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}

// A message keeps the template as the person reads it: header, words, footer and buttons with where they lead.
func TestATemplateIsWrittenWholeIntoItsMessage(t *testing.T) {
	t.Parallel()
	whole := template("UTILITY", "positional", `[{"type":"HEADER","format":"TEXT","text":"Pedido {{1}}"},{"type":"BODY","text":"Olá {{1}}, {{2}}"},{"type":"FOOTER","text":"Loja"},
		{"type":"BUTTONS","buttons":[{"type":"QUICK_REPLY","text":"Sim"},{"type":"URL","text":"Ver","url":"https://a.example/{{1}}"},{"type":"PHONE_NUMBER","text":"Ligar","phone_number":"+5511"},
			{"type":"COPY_CODE"}]}]`)
	c := models.Content{Kind: models.ContentKindTemplate, Template: &models.ContentTemplate{Header: &models.TemplateParam{Text: "7"}, Body: words("Ana", "10h"),
		Buttons: []models.TemplateButton{{Index: 0, Kind: models.TemplateButtonQuickReply, ID: "secret"}, {Index: 1, Kind: models.TemplateButtonURL, Text: "x$1"}, {Index: 3, Kind: models.TemplateButtonCopyCode, Text: "PROMO"}}}}
	want := c
	want.Header = &models.ContentHeader{Kind: models.ContentKindText, Text: "Pedido 7"}
	want.Text, want.Footer = "Olá Ana, 10h", "Loja"
	want.Buttons = []models.ContentButton{{Title: "Sim"}, {Title: "Ver", ID: "https://a.example/x$1"}, {Title: "Ligar", ID: "+5511"}, {Title: "PROMO", ID: "PROMO"}}
	whole.Fill(&c)
	if diff := cmp.Diff(want, c); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	for name, one := range map[string]struct {
		template *models.Template
		body     []models.TemplateParam
		want     string
	}{
		"a code":              {template("AUTHENTICATION", "positional", `[{"type":"BODY"}]`), words("123456"), "123456"},
		"names for numbers":   {template("UTILITY", "positional", plainBody), []models.TemplateParam{{Name: "nome", Text: "Ana"}}, "Olá Ana"},
		"a value with braces": {template("UTILITY", "positional", `[{"type":"BODY","text":"{{1}} {{2}}"}]`), words("{{2}}", "b"), "{{2}} b"},
		"spaces in braces":    {template("UTILITY", "named", `[{"type":"BODY","text":"Olá {{ nome }}"}]`), []models.TemplateParam{{Name: "nome", Text: "Ana"}}, "Olá Ana"},
	} {
		m := models.Content{Kind: models.ContentKindTemplate, Template: &models.ContentTemplate{Body: one.body}}
		if one.template.Fill(&m); m.Text != one.want {
			t.Errorf("%s: %q, want %q", name, m.Text, one.want)
		}
	}
}
