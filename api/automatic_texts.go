package api

import (
	"context"
	"maps"
	"net/http"

	"github.com/perene/perene/flow"
	"github.com/perene/perene/models"
)

// AutomaticTextsPage is what goes out without a person or a flow writing it.
type AutomaticTextsPage struct {
	OutOfHoursOpensTickets bool                   `json:"out_of_hours_opens_tickets" doc:"Whether a message outside the opening hours opens a ticket in the initial queue (rule 046, Z9)."`
	Texts                  models.AutomaticTexts  `json:"texts" doc:"The account's, by kind."`
	Connections            []ConnectionTexts      `json:"connections"`
	Preview                []AutomaticTextPreview `json:"preview" doc:"Which text goes out for each kind and connection. A user's own closing text goes before a farewell."`
}

// ConnectionTexts are the texts that a connection sets.
type ConnectionTexts struct {
	ID    models.ConnectionID   `json:"id"`
	Name  string                `json:"name"`
	Texts models.AutomaticTexts `json:"texts" doc:"By kind. A text that is absent is the account's; an empty one means none."`
}

// AutomaticTextPreview is the text that goes out when something happens in a conversation of a connection.
type AutomaticTextPreview struct {
	Kind         models.AutoText     `json:"kind"`
	ConnectionID models.ConnectionID `json:"connection_id"`
	Text         string              `json:"text" doc:"Empty: none goes out."`
	From         models.TextOwner    `json:"from" enum:"user,connection,account,none" doc:"Who set it."`
}

type updateAutomaticTextsIn struct {
	Body struct {
		ConnectionID           models.ConnectionID    `json:"connection_id,omitempty" minimum:"1" doc:"Whose texts; the account's if absent."`
		Texts                  *models.AutomaticTexts `json:"texts,omitempty" doc:"All of them, by kind. Of a connection, a text that is absent is the account's and an empty one means none."`
		OutOfHoursOpensTickets *bool                  `json:"out_of_hours_opens_tickets,omitempty" doc:"Of the account alone."`
	}
}

func (a *app) automaticTextOperations() {
	handle(a, operation{id: "read-automatic-texts", method: http.MethodGet, path: "/v1/automatic-texts", tag: "settings",
		summary: "Read the automatic texts", doc: "With a preview of which text goes out when."},
		func(ctx context.Context, _ *struct{}) (*one[AutomaticTextsPage], error) { return a.textsNow(ctx) })
	handle(a, operation{id: "update-automatic-texts", method: http.MethodPut, path: "/v1/automatic-texts", tag: "settings",
		summary: "Change the automatic texts of the account or of a connection"}, a.updateAutomaticTexts)
}

func (a *app) updateAutomaticTexts(ctx context.Context, in *updateAutomaticTextsIn) (*one[AutomaticTextsPage], error) {
	p, b := who(ctx), &in.Body
	if err := a.checkAutoTexts(ctx, b.Texts); err != nil {
		return nil, err
	}
	changed := false
	set := func(texts *models.AutomaticTexts) (fields []string) {
		if b.Texts != nil && !maps.Equal(*texts, *b.Texts) {
			*texts, changed = *b.Texts, true
			fields = append(fields, "texts")
		}
		return fields
	}
	var err error
	if b.ConnectionID != 0 {
		err = a.Store.ChangeConnectionSettings(ctx, p.account(), b.ConnectionID, auditorOf(ctx, p), func(s *models.ConnectionSettings) []string { return set(&s.Texts) })
	} else {
		err = a.Store.ChangeAccountSettings(ctx, p.account(), auditorOf(ctx, p), func(s *models.AccountSettings) []string {
			fields := set(&s.Texts)
			if opens := b.OutOfHoursOpensTickets; opens != nil && *opens != s.OutOfHoursOpensTickets {
				s.OutOfHoursOpensTickets, changed = *opens, true
				fields = append(fields, "out_of_hours_opens_tickets")
			}
			return fields
		})
	}
	if err != nil {
		return nil, err
	}
	if !changed {
		changedNothing(ctx)
	}
	a.hooks.forgetAccount(p.account())
	return a.textsNow(ctx)
}

// checkAutoTexts refuses a name that never has a value: nobody looks at such a text before the contact reads it.
func (a *app) checkAutoTexts(ctx context.Context, texts *models.AutomaticTexts) error {
	if texts == nil {
		return nil
	}
	p := who(ctx)
	env, err := a.Store.LintEnv(ctx, p.account(), a.FlowChannels)
	if err != nil {
		return err
	}
	for kind, text := range *texts {
		if why := models.CheckAutoText(kind, text); why != "" {
			return models.Invalid("body.texts."+string(kind), "%s", why)
		}
		if err := flow.CheckPlain(text); err != nil {
			return models.Invalid("body.texts."+string(kind), "%s", err.Error())
		}
		if unknown := flow.LintPlain(text, env.Fields); len(unknown) > 0 {
			return models.Invalid("body.texts."+string(kind), "%s", unknown[0].In(p.Account.Locale))
		}
	}
	return nil
}

func (a *app) textsNow(ctx context.Context) (*one[AutomaticTextsPage], error) {
	s, err := a.Store.ServiceSettings(ctx, who(ctx).account())
	if err != nil {
		return nil, err
	}
	out := AutomaticTextsPage{OutOfHoursOpensTickets: s.Account.OutOfHoursOpensTickets, Texts: orNoTexts(s.Account.Texts),
		Connections: []ConnectionTexts{}, Preview: []AutomaticTextPreview{}}
	for i := range s.Connections {
		c := &s.Connections[i]
		out.Connections = append(out.Connections, ConnectionTexts{ID: c.ID, Name: c.Name, Texts: orNoTexts(c.Settings.Texts)})
		for _, kind := range models.AutoTexts {
			text, from := kind.Choose("", c.Settings.Texts, s.Account.Texts)
			out.Preview = append(out.Preview, AutomaticTextPreview{Kind: kind, ConnectionID: c.ID, Text: text, From: from})
		}
	}
	return &one[AutomaticTextsPage]{Body: out}, nil
}

func orNoTexts(t models.AutomaticTexts) models.AutomaticTexts {
	if t == nil {
		return models.AutomaticTexts{}
	}
	return t
}
