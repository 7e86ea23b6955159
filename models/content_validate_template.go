package models

import (
	"fmt"
	"slices"
)

// template checks a template's values. Whether they fit the approved template
// is checked where the template's definition is at hand.
func (v *contentCheck) template(c *Content) {
	t := c.Template
	if t == nil {
		v.add("template", ProblemRequired, "choose a template")
		return
	}
	limit := v.caps.Templates
	v.text("template.name", t.Name, limit.NameMax, true)
	v.text("template.language", t.Language, 0, true)
	v.text("text", c.Text, limit.BodyMax, false)
	if t.Header != nil {
		v.templateParam("template.header", t.Header, TemplateParamText, TemplateParamImage, TemplateParamVideo,
			TemplateParamDocument, TemplateParamLocation, TemplateParamProduct)
	}
	v.templateBody("template.body", t.Body)
	v.templateButtons("template.buttons", t.Buttons)
	if len(t.Cards) > 0 {
		v.count("template.cards", len(t.Cards), 2, limit.CardsMax, "cards")
	}
	for i, card := range t.Cards {
		field := fmt.Sprintf("template.cards[%d]", i)
		if card.Header != nil {
			v.templateParam(field+".header", card.Header, TemplateParamImage, TemplateParamVideo, TemplateParamProduct)
		}
		v.templateBody(field+".body", card.Body)
		v.templateButtons(field+".buttons", card.Buttons)
	}
}

func (v *contentCheck) templateBody(field string, params []TemplateParam) {
	named := 0
	for i := range params {
		p := fmt.Sprintf("%s[%d]", field, i)
		v.templateParam(p, &params[i], TemplateParamText, TemplateParamCurrency, TemplateParamDateTime, TemplateParamGroup)
		if params[i].Name != "" {
			named++
		}
	}
	if named != 0 && named != len(params) {
		v.add(field, ProblemInvalid, "name every variable or none")
	}
}

func (v *contentCheck) templateParam(field string, p *TemplateParam, allowed ...TemplateParamKind) {
	kind := p.Kind
	if kind == "" {
		kind = TemplateParamText
	}
	if !slices.Contains(allowed, kind) {
		v.add(field+".kind", ProblemNotSupported, fmt.Sprintf("a value of kind %q cannot stand here", kind))
		return
	}
	switch kind {
	case TemplateParamText, TemplateParamDateTime, TemplateParamGroup:
		v.text(field+".text", p.Text, 0, true)
	case TemplateParamCurrency:
		v.text(field+".text", p.Text, 0, true)
		v.text(field+".currency", p.Currency, 3, true)
	case TemplateParamImage:
		v.media(field+".media", ContentKindImage, p.Media)
	case TemplateParamVideo:
		v.media(field+".media", ContentKindVideo, p.Media)
	case TemplateParamDocument:
		v.media(field+".media", ContentKindDocument, p.Media)
	case TemplateParamLocation:
		v.location(field+".location", p.Location)
	case TemplateParamProduct:
		if p.Product == nil || p.Product.ProductID == "" || p.Product.CatalogID == "" {
			v.add(field+".product", ProblemRequired, "choose a catalogue and an item")
		}
	}
}

func (v *contentCheck) templateButtons(field string, buttons []TemplateButton) {
	seen := map[string]bool{}
	for i, b := range buttons {
		f := fmt.Sprintf("%s[%d]", field, i)
		if b.Index < 0 || b.Index > 9 {
			v.add(f+".index", ProblemInvalid, "count the template's buttons from 0 to 9")
		}
		v.distinct(f+".index", seen, fmt.Sprint(b.Index))
		switch b.Kind {
		case TemplateButtonQuickReply:
			v.text(f+".id", b.ID, v.caps.Templates.ReplyIDMax, true)
		case TemplateButtonURL:
			v.text(f+".text", b.Text, v.caps.URLMax, true)
		case TemplateButtonCopyCode:
			v.text(f+".text", b.Text, v.caps.Templates.CopyCodeMax, true)
		case TemplateButtonForm:
			v.object(f+".form_data", b.FormData)
		case TemplateButtonProducts:
			v.count(f+".sections", len(b.Sections), 1, v.caps.Products.SectionsMax, "sections")
		case TemplateButtonCatalog, TemplateButtonVoiceCall:
		default:
			v.add(f+".kind", ProblemInvalid, fmt.Sprintf("%q is no kind of template button", b.Kind))
		}
	}
}
