package terminal

import (
	"strconv"
	"strings"

	"github.com/perene/perene/flow"
	"github.com/perene/perene/models"
)

// Surroundings are what an account has, as its rows say.
type Surroundings struct {
	Account    models.Account
	Connection models.Connection // the zero Connection where the account has none
	Queues     []models.Queue
	Fields     []models.CustomField
	Templates  []models.Template
}

// World is what an account's flows see on the connection.
func (s *Surroundings) World() World {
	w := World{
		Zone:    s.Account.Timezone,
		Account: flow.Account{Name: s.Account.Name, Locale: s.Account.Locale, MenuStyle: flow.MenuStyle(s.Account.Settings.BotMenu)},
	}
	own := "connection/1"
	if s.Connection.ID != 0 {
		w.Connection = flow.Connection{ID: s.Connection.ID.String(), Name: s.Connection.Name}
		own = "connection/" + w.Connection.ID
		if s.Connection.Channel != models.ChannelWhatsAppCloud {
			w.Channel = "text"
		}
	}
	s.hours(&w, "account", s.Account.Settings.Hours)
	s.hours(&w, own, s.Connection.Settings.Hours)
	for _, q := range s.Queues {
		w.Queues = append(w.Queues, flow.Queue{ID: q.ID.String(), Name: q.Name, BotOrder: q.BotOrder})
		s.hours(&w, "queue/"+q.ID.String(), q.Hours)
	}
	for _, f := range s.Fields {
		if f.Entity == models.FieldOfContact {
			w.Fields = append(w.Fields, flow.Field{Key: f.Key, Label: f.Name, Type: flow.VariableType(f.Kind), Options: f.Options,
				Required: f.Required, MaxLength: f.MaxLength})
		}
	}
	for i := range s.Templates {
		t := &s.Templates[i]
		w.Templates = append(w.Templates, flow.ParseTemplate(t.Name, t.Language, t.Category, t.Status, t.ParameterFormat, t.Components))
	}
	return w
}

// hours writes opening hours with the account's holidays, as a world has them.
func (s *Surroundings) hours(w *World, owner string, h *models.WeekHours) {
	if h == nil {
		return
	}
	holidays := map[string]any{}
	for _, d := range s.Account.Settings.Holidays {
		date, open, _ := strings.Cut(d, " ")
		holidays[date] = open
		if open == "" {
			holidays[date] = "holiday"
		}
	}
	days := map[string]any{}
	for i, name := range dayNames {
		var spans []string
		for _, p := range h.Days[strconv.Itoa(i)] {
			spans = append(spans, p.From+"-"+p.To)
		}
		if len(spans) > 0 {
			days[name] = strings.Join(spans, " ")
		}
	}
	if len(holidays) > 0 {
		days["holidays"] = holidays
	}
	if w.Hours == nil {
		w.Hours = map[string]map[string]any{}
	}
	w.Hours[owner] = days
}
