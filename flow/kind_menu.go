package flow

import "sort"

// menuSettings offer options and leave by the one chosen: by its number typed, by a tap, by its title or a synonym
// (rules 045, 181).
type menuSettings struct {
	Asking
	// Text is the menu's body.
	Text   Text `json:"text" required:"true" len:"4096" doc:"Body of the menu"`
	Header Text `json:"header,omitzero" len:"60" doc:"Line above the body"`
	Footer Text `json:"footer,omitzero" len:"60" doc:"Small line below the body"`
	// HeaderMedia stands above the body where the options are buttons; otherwise the file goes before the menu.
	HeaderMedia *HeaderSource `json:"header_media,omitempty" doc:"Picture, video or document above the body"`
	// Options are the fixed options; each has an output of its own.
	Options []ChoiceOption `json:"options,omitempty" len:"50" doc:"The options; each has an output"`
	// Source makes the options instead: "queues" offers the account's queues in the bot's order (rules 030, 181).
	Source string `json:"source,omitempty" enum:"options,queues,list" default:"options" doc:"Where the options come from"`
	// Dynamic is the list variable of source "list".
	Dynamic *ListSource `json:"dynamic,omitempty" doc:"List variable of source list"`
	// Style is "text" (typed number) or "list" (buttons or list); by default the account's [Tipo Chatbot] (rule 045).
	Style MenuStyle `json:"style,omitempty" enum:"text,list" doc:"Typed number, or buttons and list"`
	// Button opens the list.
	Button Text `json:"button,omitzero" len:"20" doc:"Word that opens the list"`
}

func menuKind() *Kind {
	return &Kind{
		Name: "menu", Family: FamilyAsk,
		Label: label("Menu", "Menu"),
		Doc: label("Mostra opções e segue pela escolhida: número digitado, botão, lista, título ou sinônimo.",
			"Shows options and goes by the one chosen: typed number, button, list, title or synonym."),
		Needs: []Need{
			{"buttons", label("Botões viram lista ou texto numerado.", "Buttons become a list or numbered text.")},
			{"list", label("A lista vira texto numerado.", "A list becomes numbered text.")},
			{"window", label("Com a janela fechada sai por window_closed.", "With the window closed the output is window_closed.")},
		},
		make: func() behaviour { return &menuSettings{} },
	}
}

func (s *menuSettings) check(c *compiler) {
	checkOptions(c, s.Options, c.at+"/options")
	checkHeader(c, s.HeaderMedia, c.at+"/header_media")
	switch s.Source {
	case "", "options":
		if len(s.Options) == 0 {
			c.problem("setting_missing", c.at+"/options", "options")
		}
	case "list":
		if s.Dynamic == nil {
			c.problem("setting_missing", c.at+"/dynamic", "dynamic")
		}
	}
}

func (s *menuSettings) dynamic() bool { return s.Source == "queues" || s.Source == "list" }

func (s *menuSettings) outputs() []Output {
	out := optionOutputs(s.Options)
	if s.dynamic() {
		out = append(out, Output{Name: OutOK})
	}
	out = append(out, Output{Name: OutOther, Quiet: true})
	return append(out, s.askingOutputs()...)
}

func (s *menuSettings) stores() []VariableSpec {
	if s.Source == "queues" {
		return s.stored(TypeObject)
	}
	return s.stored(TypeAny)
}

// options are the fixed options followed by those made at run time.
func (s *menuSettings) options(r *run) (options []Option, sections []string) {
	sections = sectionsOf(s.Options)
	options = r.fixed(s.Options)
	switch s.Source {
	case "queues":
		options = append(r.queues(), options...)
		sections = nil
	case "list":
		options = append(r.listed(s.Dynamic), options...)
		sections = nil
	}
	return options, sections
}

// queues are the account's queues in the bot's order; those of order 0 are left out (rules 030, 181).
func (r *run) queues() []Option {
	qs := make([]Queue, 0, len(r.env.Queues))
	for _, q := range r.env.Queues {
		if q.BotOrder > 0 {
			qs = append(qs, q)
		}
	}
	sort.SliceStable(qs, func(i, j int) bool {
		if qs[i].BotOrder != qs[j].BotOrder {
			return qs[i].BotOrder < qs[j].BotOrder
		}
		return qs[i].Name < qs[j].Name
	})
	out := make([]Option, len(qs))
	for i, q := range qs {
		id := "queue-" + q.ID
		out[i] = Option{ID: id, Title: q.Name, Value: map[string]any{"id": q.ID, "name": q.Name}, Payload: r.payload(id)}
	}
	return out
}

func (s *menuSettings) enter(r *run) next {
	options, sections := s.options(r)
	if len(options) == 0 {
		r.note("no_options")
		r.alert(ReasonListEmpty)
		return leave(OutInvalid)
	}
	if s.dynamic() {
		r.frame().Options = options
	}
	return s.show(r, options, sections)
}

// ask sends the menu once more.
func (s *menuSettings) ask(r *run) next {
	options := r.frame().Options
	if options == nil {
		return s.enter(r)
	}
	return s.show(r, options, nil)
}

// show sends the menu, the page of it that is due.
func (s *menuSettings) show(r *run, options []Option, sections []string) next {
	o := s.offering(r, options)
	c := Content{Text: r.text(s.Text), Header: r.text(s.Header), Footer: r.text(s.Footer), HeaderMedia: r.headed(s.HeaderMedia)}
	c = choices(c, o.rows(), sections, r.text(s.Button), o.style, r.env.Channel, r.s.Language)
	if _, ok := r.send(c); !ok {
		return leave(OutWindowClosed)
	}
	return s.begin(r)
}

func (s *menuSettings) offering(r *run, options []Option) *offering {
	style := s.Style
	if style == "" {
		style = r.env.Account.MenuStyle
	}
	var src *ListSource
	if s.Source == "list" {
		src = s.Dynamic
	}
	return r.offer(options, s.Options, src, style)
}

func (s *menuSettings) resume(r *run, in input) next {
	if in.kind == inAlarm {
		return s.alarm(r)
	}
	if n, ok := s.helped(r, in); ok {
		return n
	}
	options := r.frame().Options
	if options == nil {
		options, _ = s.options(r)
	}
	i, more, ok := r.chosen(&in.msg, s.offering(r, options))
	switch {
	case more:
		r.frame().Page++
		return s.show(r, options, nil)
	case !ok:
		return r.otherwise(&s.Asking, in)
	}
	s.accept(r, answer{value: options[i].value(), option: options[i].ID})
	for _, o := range s.Options {
		if o.ID == options[i].ID {
			return leave(o.ID)
		}
	}
	return leave(OutOK)
}
