package models_test

import (
	"errors"
	"testing"
	"time"

	"github.com/perene/perene/models"
)

// The rules of what may be sent, one case each.
func TestStateOfAnOutgoingMessage(t *testing.T) {
	t.Parallel()
	day := models.Window{Anybody: 24 * time.Hour}
	now := time.Date(2026, 11, 30, 12, 0, 0, 0, time.UTC)
	text, reaction := &models.Content{Kind: models.ContentKindText}, &models.Content{Kind: models.ContentKindReaction}
	template := func(category string) *models.Content {
		return &models.Content{Kind: models.ContentKindTemplate, Template: &models.ContentTemplate{Name: "aviso", Language: "pt_BR", Category: category}}
	}
	approved := &models.Template{Status: models.TemplateApproved}
	open, closed, ending := now.Add(time.Hour), now.Add(-time.Second), now.Add(30*time.Second)
	for name, c := range map[string]struct {
		out   models.Outgoing
		state models.MessageState
		key   string
	}{
		"rule 094: an open window":                               {models.Outgoing{Window: day, Content: text, Origin: models.OriginBot, WindowExpiresAt: &open}, models.MessageQueued, ""},
		"rule 094: closed for a bot":                             {models.Outgoing{Window: day, Content: text, Origin: models.OriginBot, WindowExpiresAt: &closed}, "", "window.closed"},
		"rule 094: a window that ends within a minute is closed": {models.Outgoing{Window: day, Content: text, Origin: models.OriginBot, WindowExpiresAt: &ending}, "", "window.closed"},
		"rule 094: the contact never wrote":                      {models.Outgoing{Window: day, Content: text, Origin: models.OriginAPI}, "", "window.closed"},
		"rule 099: a template needs no window": {models.Outgoing{Window: day, Content: template("utility"), Template: approved, Origin: models.OriginAgent, WindowExpiresAt: &closed},
			models.MessageQueued, ""},
		"rule 100: an agent's message waits for the reply": {models.Outgoing{Window: day, Content: text, Origin: models.OriginAgent, WindowExpiresAt: &closed}, models.MessageHeld, ""},
		"rule 100: another one may ask to wait":            {models.Outgoing{Window: day, Content: text, Origin: models.OriginAPI, HoldIfClosed: true}, models.MessageHeld, ""},
		"a reaction never waits":                           {models.Outgoing{Window: day, Content: reaction, Origin: models.OriginAgent, WindowExpiresAt: &closed}, "", "window.closed"},
		"a channel without windows":                        {models.Outgoing{Content: text, Origin: models.OriginBot}, models.MessageQueued, ""},
		"a group has no window":                            {models.Outgoing{Content: text, Origin: models.OriginBot}, models.MessageQueued, ""},
		"rule 191: a blocked contact":                      {models.Outgoing{Window: day, Content: text, Origin: models.OriginAgent, WindowExpiresAt: &open, ContactBlocked: true}, "", "contact.blocked"},
		"a removed connection": {models.Outgoing{Window: day, Content: text, Origin: models.OriginAgent, WindowExpiresAt: &open, Connection: models.ConnectionRemoved},
			"", "connection.removed"},
		"a paused connection lets messages wait in the queue": {models.Outgoing{Window: day, Content: text, Origin: models.OriginBot, WindowExpiresAt: &open,
			Connection: models.ConnectionPaused}, models.MessageQueued, ""},
		"no such template":          {models.Outgoing{Window: day, Content: template("utility"), Origin: models.OriginAgent}, models.MessageQueued, "template.not_found"},
		"a template without a name": {models.Outgoing{Window: day, Content: &models.Content{Kind: models.ContentKindTemplate}, Origin: models.OriginAgent}, models.MessageQueued, "invalid"},
		"a template that is not approved": {models.Outgoing{Window: day, Content: template("utility"), Template: &models.Template{Status: "PAUSED"}, Origin: models.OriginAgent},
			models.MessageQueued, "template.not_approved"},
		"131050: marketing to a person who stopped it": {models.Outgoing{Window: day, Content: template("marketing"), Template: approved, Origin: models.OriginBroadcast,
			MarketingStopped: true}, models.MessageQueued, "contact.marketing_stopped"},
		"131050: utility still goes": {models.Outgoing{Window: day, Content: template("utility"), Template: approved, Origin: models.OriginBroadcast, MarketingStopped: true},
			models.MessageQueued, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			state, err := c.out.State(now)
			key := ""
			if coded := (*models.Error)(nil); errors.As(err, &coded) {
				if key = coded.Key; key == "" {
					key = string(coded.Code)
				}
			}
			if key != c.key || (err == nil && state != c.state) {
				t.Errorf("state %q, error %v, want state %q and error %q", state, err, c.state, c.key)
			}
		})
	}
}
