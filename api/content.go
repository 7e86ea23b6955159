package api

import (
	"context"
	"strconv"

	"github.com/perene/perene/models"
)

// complete fills what the server knows better than the client: types and names of uploaded files. It checks a template's values. It refuses what a client may not say by itself: the provider's ids of files and messages, which could be another
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
	return a.checkTemplate(ctx, p, connection, c)
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
	*m = models.ContentMedia{MediaID: file.ID, MimeType: file.MimeType, Filename: firstOf(models.CleanFilename(m.Filename), file.Filename), Caption: m.Caption, Voice: m.Voice,
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

// checkTemplate checks the values of a template against the whole of its definition, so that nothing leaves which the provider
// would refuse. Whether it may be sent, and the words that the person reads, are the store's.
func (a *app) checkTemplate(ctx context.Context, p *principal, connection models.ConnectionID, c *models.Content) error {
	t, err := a.Store.TemplateByName(ctx, p.account(), connection, c.Template.Name, c.Template.Language)
	if models.CodeOf(err) == models.CodeNotFound && err != nil {
		return nil //nolint:nilerr // the store says whether it may be sent
	}
	if err != nil {
		return err
	}
	problems := t.Fit(c.Template)
	if len(problems) == 0 {
		return nil
	}
	refused := &models.Error{Code: models.CodeInvalid, Key: "template.does_not_fit", Message: "the values do not fit the template: " + problems[0].Message}
	for _, problem := range problems {
		refused.Fields = append(refused.Fields, models.Field{Path: "body.content." + problem.Field, Message: problem.Message})
	}
	return refused
}
