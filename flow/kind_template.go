package flow

import (
	"fmt"
	"slices"
	"strings"
)

// templateSettings send a template that Meta has approved. It is the only message that may go out with the window closed.
//
// A template that is missing, paused or rejected leaves by the output of that name; where the output leads nowhere the
// contact stops in the flow, receives nothing more from the bot, and agents read "--- Mensagem template não enviada,
// verifique o fluxo ---" (rule 131).
type templateSettings struct {
	Asking
	// Name and Language identify the template.
	Name     string `json:"name" required:"true" doc:"Name of the template"`
	Language string `json:"language,omitempty" default:"pt_BR" doc:"Language code of the template"`
	// Params fill the body by the parameter's name ("1", "2" … in a positional template).
	Params map[string]Text `json:"params,omitempty" doc:"Parameters of the body by name or number"`
	// HeaderText fills a text header, HeaderMedia a media header, HeaderLocation a location header.
	HeaderText     Text            `json:"header_text,omitzero" len:"60" doc:"Parameter of a text header"`
	HeaderMedia    *MediaSource    `json:"header_media,omitempty" doc:"File of a media header"`
	HeaderLocation *LocationSource `json:"header_location,omitempty" doc:"Place of a location header"`
	// Buttons fill dynamic buttons by index: the suffix of a link, the code to copy.
	Buttons map[string]Text `json:"buttons,omitempty" doc:"Parameters of dynamic buttons by index"`
	// Replies are the quick replies to wait for; each has an output. Without any the node does not wait for the contact.
	Replies []TemplateReply `json:"replies,omitempty" len:"10" doc:"Quick replies to wait for; each has an output"`
	// Confirm waits until the provider has taken the template; it is implied when an output for a failure leads somewhere.
	Confirm bool `json:"confirm,omitempty" doc:"Wait until the provider has taken it"`
}

// TemplateReply is one quick reply button of a template.
type TemplateReply struct {
	// ID names the output; Index is the button's place in the template, from 0.
	ID    string `json:"id" required:"true" doc:"Names the output"`
	Index int    `json:"index" min:"0" max:"9" doc:"Place of the button, from 0"`
	// Title is the button's text, accepted when it is typed.
	Title Text `json:"title,omitzero" len:"25" doc:"Text of the button"`
	// Payload comes back on a tap, also weeks later.
	Payload string `json:"payload,omitempty" doc:"Comes back on a tap, also weeks later"`
}

// The outputs of a template that could not be sent.
const (
	OutMissing  = "missing"
	OutPaused   = "paused"
	OutRejected = "rejected"
)

// confirmTimeout is how long a template's fate is waited for; then the run goes on, and a later failure still counts.
const confirmTimeout = Duration(15 * 60 * 1e9)

func templateKind() *Kind {
	return &Kind{
		Name: "template", Family: FamilyMessage,
		Label: label("Mensagem template", "Template message"),
		Doc: label("Envia um modelo aprovado, mesmo com a janela fechada, e pode esperar a resposta rápida.",
			"Sends an approved template, also with the window closed, and may wait for its quick reply."),
		Needs: []Need{{"templates", label("Sem modelos no canal sai por missing.", "On a channel without templates the output is missing.")}},
		make:  func() behaviour { return &templateSettings{} },
	}
}

func (s *templateSettings) check(c *compiler) {
	seen := map[string]bool{}
	for i, rep := range s.Replies {
		at := fmt.Sprintf("%s/replies/%d/id", c.at, i)
		switch {
		case !idPattern.MatchString(rep.ID):
			c.problem("option_id", at, rep.ID)
		case reservedOutputs[rep.ID] || rep.ID == OutMissing || rep.ID == OutPaused || rep.ID == OutRejected:
			c.problem("option_reserved", at, rep.ID)
		case seen[rep.ID]:
			c.problem("option_duplicate", at, rep.ID)
		}
		seen[rep.ID] = true
	}
}

func (s *templateSettings) outputs() []Output {
	var out []Output
	if len(s.Replies) == 0 {
		out = append(out, Output{Name: OutOK})
	}
	for _, rep := range s.Replies {
		out = append(out, Output{Name: rep.ID, Label: rep.Title.source})
	}
	out = append(out, Output{Name: OutMissing}, Output{Name: OutPaused}, Output{Name: OutRejected}, Output{Name: OutFailed, Quiet: true})
	if len(s.Replies) > 0 {
		out = append(out, Output{Name: OutOther, Quiet: true}, Output{Name: OutInvalid}, Output{Name: OutTimeout},
			Output{Name: OutWindowClosed, Quiet: true})
	}
	return out
}

func (s *templateSettings) stores() []VariableSpec { return s.stored(TypeText) }

func (s *templateSettings) enter(r *run) next {
	language := s.Language
	if language == "" {
		language = "pt_BR"
	}
	if !r.env.Channel.Templates || r.env.Template == nil {
		return s.unsent(r, ReasonTemplateMissing)
	}
	t, ok := r.env.Template(s.Name, language)
	switch {
	case !ok || t.Status == TemplateMissing:
		return s.unsent(r, ReasonTemplateMissing)
	case t.Status == TemplatePaused:
		return s.unsent(r, ReasonTemplatePaused)
	case t.Status == TemplateRejected, t.Status == TemplatePending:
		return s.unsent(r, ReasonTemplateRejected)
	case t.Status != TemplateApproved:
		return s.unsent(r, ReasonTemplateMissing)
	}
	filled := s.filled(r, &t, language)
	if lacks(filled, &t) { // the channel would refuse it
		r.note("template_incomplete")
		r.alert(ReasonContentMissing)
		return leave(OutFailed)
	}
	if r.env.Misfits != nil {
		if bad := r.env.Misfits(filled); len(bad) > 0 {
			r.note("template_misfit")
			r.line(SystemLine{Code: LineCode(ReasonTemplateMisfit), Alert: true, Values: map[string]string{
				"node": r.g.NodeName(r.frame().Node), "template": s.Name, "field": strings.TrimPrefix(bad[0].Field, "template.")}})
			return leave(OutFailed)
		}
	}
	key, _ := r.send(Content{Kind: ContentTemplate, Text: s.body(r, &t), Template: filled})
	if r.over != "" {
		return next{}
	}
	if s.confirms(r) {
		return stay(Wait{For: WaitDelivery, Call: key, Until: r.until(confirmTimeout)})
	}
	return s.sent(r)
}

// confirms reports whether the template's fate decides the way.
func (s *templateSettings) confirms(r *run) bool {
	if s.Confirm {
		return true
	}
	for _, out := range []string{OutMissing, OutPaused, OutRejected, OutFailed} {
		if r.current().edges[out] != "" {
			return true
		}
	}
	return false
}

// unsent leaves by the output that names the reason, or stops the contact in the flow (rule 131).
func (s *templateSettings) unsent(r *run, reason Reason) next {
	out := map[Reason]string{
		ReasonTemplateMissing: OutMissing, ReasonTemplatePaused: OutPaused, ReasonTemplateRejected: OutRejected,
	}[reason]
	if r.g.target(r.current(), out) == "" {
		r.trail(out)
		return stuck(reason)
	}
	return leave(out)
}

func (s *templateSettings) sent(r *run) next {
	if len(s.Replies) == 0 {
		return leave(OutOK)
	}
	r.frame().Item = 1
	return s.begin(r)
}

func (s *templateSettings) filled(r *run, t *Template, language string) *TemplateSend {
	out := &TemplateSend{Name: s.Name, Language: language, HeaderKind: t.Header}
	for _, name := range t.Body {
		p := Param{Text: param(r.text(s.Params[name]))}
		if t.Named {
			p.Name = name
		}
		out.Body = append(out.Body, p)
	}
	switch t.Header {
	case "text":
		if t.HeaderParam {
			out.HeaderText = param(r.text(s.HeaderText))
		}
	case "image", "video", "document":
		out.HeaderMedia = r.media(s.HeaderMedia)
	case "location":
		if l := s.HeaderLocation; l != nil {
			if place, ok := r.place(l); ok {
				out.HeaderLocation = place
			}
		}
	}
	replies := map[int]string{}
	for _, rep := range s.Replies {
		replies[rep.Index] = s.payload(r, &rep)
	}
	for i, b := range t.Buttons {
		switch text, ok := s.Buttons[fmt.Sprint(i)]; {
		case b.Kind == "quick_reply" && replies[i] != "":
			out.Buttons = append(out.Buttons, ButtonParam{Index: i, Kind: "quick_reply", Text: replies[i]})
		case b.Dynamic && ok:
			out.Buttons = append(out.Buttons, ButtonParam{Index: i, Kind: b.Kind, Text: strings.TrimSpace(r.text(text))})
		}
	}
	return out
}

// lacks reports whether a template has nothing where its header or a button needs something.
func lacks(sent *TemplateSend, t *Template) bool {
	switch t.Header {
	case "text":
		if t.HeaderParam && sent.HeaderText == "-" {
			return true
		}
	case "image", "video", "document":
		if sent.HeaderMedia == nil {
			return true
		}
	case "location":
		if sent.HeaderLocation == nil {
			return true
		}
	}
	for i, b := range t.Buttons {
		given := slices.ContainsFunc(sent.Buttons, func(p ButtonParam) bool { return p.Index == i && p.Text != "" })
		if b.Dynamic && b.Kind != "quick_reply" && !given {
			return true
		}
	}
	return false
}

func (s *templateSettings) payload(r *run, rep *TemplateReply) string {
	if rep.Payload != "" {
		return rep.Payload
	}
	return r.payload(rep.ID)
}

// param makes a text fit for a template's parameter, which takes no line breaks, tabs or runs of spaces and may not be
// empty: a dash stands for what is not known.
func param(s string) string {
	if s = strings.Join(strings.Fields(s), " "); s != "" {
		return s
	}
	return "-"
}

// body is the template's text as people read it in the conversation.
func (s *templateSettings) body(r *run, t *Template) string {
	out := t.Text
	for _, name := range t.Body {
		out = strings.ReplaceAll(out, "{{"+name+"}}", param(r.text(s.Params[name])))
	}
	return out
}

func (s *templateSettings) resume(r *run, in input) next {
	switch {
	case in.kind == inSend:
		switch reason, bad := templateReason(in.send.Outcome); {
		case bad:
			return s.unsent(r, reason)
		case in.send.Outcome != SendAccepted:
			return s.failed(r)
		}
		return s.sent(r)
	case in.kind == inAlarm && r.s.Wait.For == WaitDelivery:
		r.note("delivery_unknown")
		return s.sent(r)
	case in.kind == inAlarm:
		return s.alarm(r)
	}
	options := make([]Option, len(s.Replies))
	for i := range s.Replies {
		rep := &s.Replies[i]
		options[i] = Option{ID: rep.ID, Title: r.text(rep.Title), Payload: s.payload(r, rep)}
	}
	i, _, ok := r.chosen(&in.msg, &offering{all: options, style: MenuList})
	if !ok {
		return r.otherwise(&s.Asking, in)
	}
	title := options[i].Title
	if title == "" {
		title = in.msg.Text
	}
	s.accept(r, answer{value: title, option: options[i].ID})
	return leave(options[i].ID)
}

// failed leaves by "failed"; without an edge the run goes on, because a message that was lost is not a flow that is wrong.
func (s *templateSettings) failed(r *run) next {
	r.note("send_failed")
	if r.g.target(r.current(), OutFailed) != "" {
		return leave(OutFailed)
	}
	return s.sent(r)
}
