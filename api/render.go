package api

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"time"

	"github.com/perene/perene/flow"
	"github.com/perene/perene/models"
)

type renderTextIn struct {
	ID   models.ConversationID `path:"id" minimum:"1"`
	Body struct {
		Text string `json:"text" maxLength:"8192" doc:"With the names that the texts of flows know: {nome}, {protocolo}, the keys of custom fields."`
	}
}

// RenderedText is a text with values in the place of names.
type RenderedText struct {
	Text    string   `json:"text" doc:"Plain text. A name without a value stays as it is."`
	Missing []string `json:"missing" doc:"Names without a value, unknown ones too." example:"[\"protocolo\"]"`
	// Images are pictures of the contact that the text names (rule 113).
	Images []RenderedImage `json:"images" doc:"Pictures that the text names by image fields of the contact. They are taken out of the text and sent as messages."`
}

// RenderedImage is the picture of a custom field: a file of ours, or a web address.
type RenderedImage struct {
	Name    string         `json:"name" doc:"The field's key."`
	MediaID models.MediaID `json:"media_id,omitempty"`
	URL     string         `json:"url,omitempty"`
}

func (a *app) renderOperations() {
	handle(a, operation{id: "render-text", method: http.MethodPost, path: "/v1/conversations/{id}/render", tag: "conversations",
		summary: "Put a conversation's values in the place of a text's names",
		doc:     "For canned responses and for what an agent types. It sends and stores nothing."}, a.renderText)
	handle(a, operation{id: "read-farewell", method: http.MethodGet, path: "/v1/conversations/{id}/farewell", tag: "conversations",
		summary: "Read what closing sends where its agent writes nothing",
		doc:     "The user's own closing text, else the connection's farewell, else the account's (Z8), with the conversation's values. Empty: nothing is sent."},
		a.readFarewell)
}

func (a *app) readFarewell(ctx context.Context, in *conversationIDIn) (*one[RenderedText], error) {
	p := who(ctx)
	source, err := a.Store.Farewell(ctx, p.account(), p.viewer, in.ID)
	if err != nil {
		return nil, err
	}
	return a.rendered(ctx, in.ID, source)
}

func (a *app) renderText(ctx context.Context, in *renderTextIn) (*one[RenderedText], error) {
	return a.rendered(ctx, in.ID, in.Body.Text)
}

// rendered puts a conversation's values in the place of a source's names.
func (a *app) rendered(ctx context.Context, id models.ConversationID, source string) (*one[RenderedText], error) {
	p := who(ctx)
	facts, err := a.Store.TextFacts(ctx, p.account(), p.viewer, id)
	if err != nil {
		return nil, err
	}
	pictures, err := a.pictures(ctx, p, facts.Contact.Fields)
	if err != nil {
		return nil, err
	}
	zone, err := time.LoadLocation(p.Account.Timezone)
	if err != nil {
		zone = time.UTC
	}
	event := &flow.Event{Now: a.Now(), Contact: facts.Contact, Conversation: facts.Conversation,
		Meter: flow.NewMeter(func() bool { return ctx.Err() != nil })}
	text, missing, err := flow.RenderPlain(source, event, &flow.Env{Account: flow.Account{Name: p.Account.Name, Zone: zone, Locale: p.Account.Locale}})
	switch {
	case errors.Is(err, flow.ErrHalted):
		return nil, ctx.Err()
	case err != nil:
		return nil, models.Invalid("body.text", "%s", err.Error())
	}
	out := RenderedText{Text: text, Missing: []string{}, Images: []RenderedImage{}}
	for _, name := range missing {
		picture, ok := pictures[strings.TrimPrefix(strings.TrimPrefix(name, "contact."), "fields.")]
		if !ok {
			out.Missing = append(out.Missing, name)
			continue
		}
		out.Images = append(out.Images, picture)
		out.Text = strings.ReplaceAll(out.Text, "{"+name+"}", "")
	}
	if len(out.Images) > 0 {
		out.Text = strings.TrimSpace(out.Text)
	}
	return &one[RenderedText]{Body: out}, nil
}

// pictures takes the values of image fields out of a contact's values, so that none becomes text, and gives them by key.
func (a *app) pictures(ctx context.Context, p *principal, values map[string]any) (map[string]RenderedImage, error) {
	if len(values) == 0 {
		return nil, nil
	}
	defined, err := a.Store.CustomFields(ctx, p.account())
	if err != nil {
		return nil, err
	}
	out := map[string]RenderedImage{}
	for _, f := range defined {
		field := flow.Field{Key: f.Key, Type: flow.VariableType(f.Kind)}
		value, _ := values[f.Key].(string)
		if f.Entity != models.FieldOfContact || !field.IsImage() || value == "" {
			continue
		}
		picture := RenderedImage{Name: f.Key, URL: value}
		if id, ok := field.MediaID(value); ok {
			picture = RenderedImage{Name: f.Key, MediaID: models.MediaID(id)}
		}
		out[f.Key] = picture
		delete(values, f.Key)
	}
	return out, nil
}
