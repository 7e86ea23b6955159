package api

import (
	"context"
	"encoding/json"
	"strconv"
	"strings"

	"github.com/perene/perene/models"
)

// complete fills what the server knows better than the client: types and names of uploaded files, and the words of a
// template. It refuses what a client may not say by itself: the provider's ids of files and messages, which could be another
// account's.
func (a *app) complete(ctx context.Context, p *principal, connection models.ConnectionID, c *models.Content) error {
	if c.ReplyTo != nil && c.ReplyTo.ProviderMessageID != "" {
		return models.Invalid("body.content.reply_to.provider_message_id", "give message_id")
	}
	if c.Reaction != nil && c.Reaction.Target.ProviderMessageID != "" {
		return models.Invalid("body.content.reaction.target.provider_message_id", "give message_id")
	}
	err := eachMedia(c, func(at string, m *models.ContentMedia) error { return a.fillMedia(ctx, p, "body.content."+at, m) })
	if err != nil || c.Kind != models.ContentKindTemplate || c.Template == nil {
		return err
	}
	return a.fillTemplate(ctx, p, connection, c)
}

// eachMedia visits every file that content names, with its path.
func eachMedia(c *models.Content, visit func(at string, m *models.ContentMedia) error) error {
	type place struct {
		at string
		m  *models.ContentMedia
	}
	places := []place{{"media", c.Media}}
	header := func(at string, h *models.ContentHeader) {
		if h != nil {
			places = append(places, place{at + ".media", h.Media})
		}
	}
	params := func(at string, head *models.TemplateParam, body []models.TemplateParam) {
		if head != nil {
			places = append(places, place{at + "header.media", head.Media})
		}
		for i := range body {
			places = append(places, place{at + "body[" + strconv.Itoa(i) + "].media", body[i].Media})
		}
	}
	header("header", c.Header)
	for i := range c.Carousel {
		header("carousel["+strconv.Itoa(i)+"].header", c.Carousel[i].Header)
	}
	if t := c.Template; t != nil {
		params("template.", t.Header, t.Body)
		for i := range t.Cards {
			params("template.cards["+strconv.Itoa(i)+"].", t.Cards[i].Header, t.Cards[i].Body)
		}
	}
	for _, p := range places {
		if p.m != nil {
			if err := visit(p.at, p.m); err != nil {
				return err
			}
		}
	}
	return nil
}

// fillMedia puts what we know of an uploaded file in the content. A file of another account, or one that is not stored, is
// refused like one that does not exist.
func (a *app) fillMedia(ctx context.Context, p *principal, at string, m *models.ContentMedia) error {
	if m.ProviderMediaID != "" {
		return models.Invalid(at+".provider_media_id", "upload the file and give media_id")
	}
	if m.MediaID == 0 {
		return nil // a public link; the channel says whether it takes one
	}
	file, err := a.Store.Media(ctx, p.account(), p.viewer, m.MediaID)
	if err != nil {
		if models.CodeOf(err) == models.CodeNotFound {
			return models.Invalid(at+".media_id", "no such file: upload it first")
		}
		return err
	}
	if file.State != models.MediaStored {
		return models.Invalid(at+".media_id", "the file is not stored")
	}
	*m = models.ContentMedia{MediaID: file.ID, MimeType: file.MimeType, Filename: firstOf(safeName(m.Filename), file.Filename), Caption: m.Caption, Voice: m.Voice,
		Animated: m.Animated, DurationMS: m.DurationMS, Width: m.Width, Height: m.Height}
	if file.Size != nil {
		m.Size = *file.Size
	}
	return nil
}

func firstOf(a, b string) string {
	if a != "" {
		return a
	}
	return b
}

// fillTemplate writes the words of a template as the person reads them into the content, so that lists, search and the
// console need not know the template. Whether it may be sent is for the store to say.
func (a *app) fillTemplate(ctx context.Context, p *principal, connection models.ConnectionID, c *models.Content) error {
	t, err := a.Store.TemplateByName(ctx, p.account(), connection, c.Template.Name, c.Template.Language)
	if models.CodeOf(err) == models.CodeNotFound && err != nil {
		return nil //nolint:nilerr // the store says whether it may be sent
	}
	if err != nil {
		return err
	}
	var parts []struct {
		Type string `json:"type"`
		Text string `json:"text"`
	}
	if err := json.Unmarshal(t.Components, &parts); err != nil {
		return nil //nolint:nilerr // the provider's own words, in a shape we do not know
	}
	c.Text, c.Footer = "", ""
	for _, part := range parts {
		switch strings.ToUpper(part.Type) {
		case "BODY":
			c.Text = fillVariables(part.Text, c.Template.Body)
			if missing := unfilled(c.Text, part.Text); missing > len(c.Template.Body) {
				return models.Invalid("body.content.template.body", "the template has %d variables, %d are given", missing, len(c.Template.Body))
			}
		case "FOOTER":
			c.Footer = part.Text
		}
	}
	return nil
}

// fillVariables puts values in the place of {{1}}, {{2}} … or {{name}}.
func fillVariables(text string, values []models.TemplateParam) string {
	var pairs []string
	for i, v := range values {
		key := strconv.Itoa(i + 1)
		if v.Name != "" {
			key = v.Name
		}
		pairs = append(pairs, "{{"+key+"}}", v.Text)
	}
	return strings.NewReplacer(pairs...).Replace(text)
}

// unfilled counts a template's variables if any is still there.
func unfilled(filled, text string) int {
	if !strings.Contains(filled, "{{") {
		return 0
	}
	return strings.Count(text, "{{")
}
