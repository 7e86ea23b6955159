package models

import (
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// templatePart is a component of a template's definition, as the provider writes it.
type templatePart struct {
	Type          string `json:"type"`
	Format        string `json:"format"`
	Text          string `json:"text"`
	HasExpiration bool   `json:"has_expiration"`
	Offer         struct {
		HasExpiration bool `json:"has_expiration"`
	} `json:"limited_time_offer"`
	Buttons []templatePartButton `json:"buttons"`
	Cards   []struct {
		Components []templatePart `json:"components"`
	} `json:"cards"`
}

type templatePartButton struct {
	Type  string `json:"type"`
	Text  string `json:"text"`
	URL   string `json:"url"`
	Phone string `json:"phone_number"`
}

// templateShape is a definition, or a card of one, taken apart.
type templateShape struct {
	header, body, footer *templatePart
	buttons              []templatePartButton
	cards                []templateShape
	offer, known         bool // it has an offer that ends; every component is of a type we know
}

func shapeOf(parts []templatePart) templateShape {
	s := templateShape{known: true}
	for i := range parts {
		part := &parts[i]
		switch strings.ToUpper(part.Type) {
		case "HEADER":
			s.header = part
		case "BODY":
			s.body = part
		case "FOOTER":
			s.footer = part
		case "BUTTONS":
			s.buttons = part.Buttons
		case "LIMITED_TIME_OFFER":
			s.offer = part.HasExpiration || part.Offer.HasExpiration
		case "CAROUSEL":
			for _, card := range part.Cards {
				s.cards = append(s.cards, shapeOf(card.Components))
			}
		default:
			s.known = false
		}
	}
	return s
}

// shape reads the template's definition; not ok where it has a shape that we do not know.
func (t *Template) shape() (templateShape, bool) {
	var parts []templatePart
	if json.Unmarshal(t.Components, &parts) != nil || len(parts) == 0 {
		return templateShape{}, false
	}
	return shapeOf(parts), true
}

var templateVariable = regexp.MustCompile(`\{\{\s*([\p{L}\p{N}_]+)\s*\}\}`)

// variablesOf lists the variables of a text in their order, each once.
func variablesOf(text string) []string {
	var names []string
	for _, m := range templateVariable.FindAllStringSubmatch(text, -1) {
		if !slices.Contains(names, m[1]) {
			names = append(names, m[1])
		}
	}
	return names
}

// Fit lists why the values of a message do not fit the template's definition, as the provider would refuse them: a component
// that has no value, one that takes none, and values that cannot stand where they are. A definition of a shape that we do not
// know fits everything: the provider says what it thinks.
func (t *Template) Fit(c *ContentTemplate) []ContentProblem {
	s, ok := t.shape()
	if !ok {
		return nil
	}
	f := &templateFit{named: strings.EqualFold(t.ParameterFormat, "named"), code: strings.EqualFold(t.Category, "authentication")}
	f.card("template", &s, c.Header, c.Body, c.Buttons)
	switch {
	case s.offer && c.OfferExpiresAt == nil:
		f.add("template.offer_expires_at", ProblemRequired, "say when the offer ends")
	case !s.offer && s.known && c.OfferExpiresAt != nil:
		f.add("template.offer_expires_at", ProblemInvalid, "the template has no offer that ends")
	}
	if s.known && len(c.Cards) != len(s.cards) {
		f.add("template.cards", ProblemInvalid, fmt.Sprintf("the template has %d cards, %d are given", len(s.cards), len(c.Cards)))
		return f.problems
	}
	for i := range min(len(c.Cards), len(s.cards)) {
		card := &c.Cards[i]
		f.card(fmt.Sprintf("template.cards[%d]", i), &s.cards[i], card.Header, card.Body, card.Buttons)
	}
	return f.problems
}

type templateFit struct {
	named    bool // variables have names
	code     bool // it sends a code, and the provider writes the words
	problems []ContentProblem
}

func (f *templateFit) add(field, code, message string) {
	f.problems = append(f.problems, ContentProblem{Field: field, Code: code, Message: message})
}

func (f *templateFit) card(at string, s *templateShape, header *TemplateParam, body []TemplateParam, buttons []TemplateButton) {
	f.header(at+".header", s, header)
	f.body(at+".body", s, body)
	f.buttons(at+".buttons", s, buttons)
}

// headerKinds are our words for what the provider's formats take.
var headerKinds = map[string]TemplateParamKind{"IMAGE": TemplateParamImage, "VIDEO": TemplateParamVideo, "DOCUMENT": TemplateParamDocument,
	"LOCATION": TemplateParamLocation, "PRODUCT": TemplateParamProduct}

func (f *templateFit) header(at string, s *templateShape, given *TemplateParam) {
	format, variables := "", []string(nil)
	if s.header != nil {
		format, variables = strings.ToUpper(s.header.Format), variablesOf(s.header.Text)
	}
	kind, takes := headerKinds[format]
	switch {
	case format == "" || format == "TEXT":
		if len(variables) > 0 {
			kind, takes = TemplateParamText, true
		}
	case !takes:
		return // a format that we do not know
	}
	switch {
	case !takes && given == nil:
	case !takes:
		f.add(at, ProblemInvalid, "the template's header takes no value")
	case given == nil:
		f.add(at, ProblemRequired, fmt.Sprintf("the template's header needs a value of kind %q", kind))
	case kindOfParam(given) != kind:
		f.add(at+".kind", ProblemInvalid, fmt.Sprintf("the template's header needs a value of kind %q", kind))
	case kind == TemplateParamText:
		f.words(at, given)
		if f.named && given.Name != variables[0] {
			f.add(at+".name", ProblemInvalid, fmt.Sprintf("name the variable %q", variables[0]))
		}
	}
}

func kindOfParam(p *TemplateParam) TemplateParamKind {
	if p.Kind == "" {
		return TemplateParamText
	}
	return p.Kind
}

func (f *templateFit) body(at string, s *templateShape, given []TemplateParam) {
	var variables []string
	switch {
	case s.body == nil:
	case s.body.Text == "" && f.code:
		variables = []string{"1"}
	default:
		variables = variablesOf(s.body.Text)
	}
	if len(given) != len(variables) {
		f.add(at, ProblemInvalid, fmt.Sprintf("the template has %d variables, %d are given", len(variables), len(given)))
		return
	}
	named := map[string]bool{}
	for i := range given {
		p := &given[i]
		path := fmt.Sprintf("%s[%d]", at, i)
		f.words(path, p)
		switch {
		case f.named && (!slices.Contains(variables, p.Name) || named[p.Name]):
			f.add(path+".name", ProblemInvalid, "name each variable of the template once: "+strings.Join(variables, ", "))
		case !f.named && p.Name != "" && p.Name != strconv.Itoa(i+1):
			f.add(path+".name", ProblemInvalid, "the template's variables have numbers: give the values in their order, without names")
		}
		named[p.Name] = true
	}
}

// words refuses a value that the provider refuses: without words, on several lines, with many spaces in a row.
func (f *templateFit) words(at string, p *TemplateParam) {
	if kindOfParam(p) != TemplateParamText {
		return
	}
	switch {
	case strings.TrimSpace(p.Text) == "":
		f.add(at+".text", ProblemRequired, "write a text here")
	case strings.ContainsAny(p.Text, "\n\r\t"):
		f.add(at+".text", ProblemInvalid, "write it on one line, without tabs")
	case strings.Contains(p.Text, "     "):
		f.add(at+".text", ProblemInvalid, "write at most four spaces in a row")
	}
}

// buttonTakes says which value a button takes, and whether it needs one. Kinds that we do not know are not checked.
func buttonTakes(b *templatePartButton) (kind TemplateButtonKind, needed, known bool) {
	switch strings.ToUpper(b.Type) {
	case "QUICK_REPLY":
		return TemplateButtonQuickReply, false, true
	case "URL":
		if len(variablesOf(b.URL)) > 0 {
			return TemplateButtonURL, true, true
		}
		return "", false, true
	case "OTP":
		return TemplateButtonURL, true, true
	case "COPY_CODE":
		return TemplateButtonCopyCode, true, true
	case "FLOW":
		return TemplateButtonForm, true, true
	case "CATALOG":
		return TemplateButtonCatalog, false, true
	case "MPM":
		return TemplateButtonProducts, true, true
	case "VOICE_CALL":
		return TemplateButtonVoiceCall, false, true
	case "PHONE_NUMBER":
		return "", false, true
	}
	return "", false, false
}

func (f *templateFit) buttons(at string, s *templateShape, given []TemplateButton) {
	filled := map[int]bool{}
	for i := range given {
		b := &given[i]
		path := fmt.Sprintf("%s[%d]", at, i)
		if b.Index < 0 || b.Index >= len(s.buttons) {
			f.add(path+".index", ProblemInvalid, fmt.Sprintf("the template has %d buttons", len(s.buttons)))
			continue
		}
		kind, _, known := buttonTakes(&s.buttons[b.Index])
		switch {
		case known && kind == "":
			f.add(path, ProblemInvalid, "this button takes no value")
		case known && kind != b.Kind:
			f.add(path+".kind", ProblemInvalid, fmt.Sprintf("this button takes a value of kind %q", kind))
		case (b.Kind == TemplateButtonURL || b.Kind == TemplateButtonCopyCode) && strings.TrimSpace(b.Text) == "":
			f.add(path+".text", ProblemRequired, "write a text here")
		}
		filled[b.Index] = true
	}
	for i := range s.buttons {
		if kind, needed, _ := buttonTakes(&s.buttons[i]); needed && !filled[i] {
			f.add(at, ProblemRequired, fmt.Sprintf("button %d (%s) needs a value of kind %q", i, s.buttons[i].Text, kind))
		}
	}
}

// Fill writes the words of the template as the person reads them into a message: header, body, footer and buttons. Lists,
// search and the console then need not know the template. A variable without a value stays as it is written.
func (t *Template) Fill(c *Content) {
	s, ok := t.shape()
	if !ok || c.Template == nil {
		return
	}
	c.Text, c.Footer, c.Header, c.Buttons = "", "", nil, nil
	if h := s.header; h != nil && h.Text != "" {
		text := h.Text
		if c.Template.Header != nil {
			text = filled(text, []TemplateParam{*c.Template.Header})
		}
		c.Header = &ContentHeader{Kind: ContentKindText, Text: text}
	}
	if s.body != nil {
		if c.Text = filled(s.body.Text, c.Template.Body); c.Text == "" && len(c.Template.Body) > 0 {
			c.Text = c.Template.Body[0].Text // a code whose words the provider writes
		}
	}
	if s.footer != nil {
		c.Footer = s.footer.Text
	}
	for i := range s.buttons {
		c.Buttons = append(c.Buttons, s.buttons[i].shown(i, c.Template.Buttons))
	}
}

// shown gives a button as the person sees it: its words, and where it leads or what it copies.
func (b *templatePartButton) shown(index int, values []TemplateButton) ContentButton {
	out := ContentButton{Title: b.Text}
	var value string
	for i := range values {
		if values[i].Index == index && values[i].Kind != TemplateButtonQuickReply {
			value = values[i].Text
		}
	}
	switch strings.ToUpper(b.Type) {
	case "URL":
		out.ID = b.URL
		if value != "" {
			out.ID = templateVariable.ReplaceAllLiteralString(b.URL, value)
		}
	case "PHONE_NUMBER":
		out.ID = b.Phone
	default:
		out.ID = value
	}
	if out.Title == "" {
		out.Title = out.ID
	}
	return out
}

// filled puts values in the place of {{1}}, {{2}} … or {{name}}. Where the names do not fit, the values fill the variables in
// their order.
func filled(text string, values []TemplateParam) string {
	variables := variablesOf(text)
	return templateVariable.ReplaceAllStringFunc(text, func(whole string) string {
		name := templateVariable.FindStringSubmatch(whole)[1]
		for i := range values {
			if values[i].Name == name || values[i].Name == "" && strconv.Itoa(i+1) == name {
				return values[i].Text
			}
		}
		if i := slices.Index(variables, name); i < len(values) && !slices.Contains(variables, values[i].Name) {
			return values[i].Text
		}
		return whole
	})
}
