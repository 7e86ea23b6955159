package flow

import (
	"slices"
	"strconv"
	"strings"
)

// limits compares what a node sends with what the channels can show. It reads the same capabilities as the sender: what is
// told here is what [Adapt] does there.
func (l *linter) limits(n *node) {
	for _, c := range l.channels {
		l.lacks(n, c)
	}
	l.sizes(n.settings)
	for _, lang := range sortedKeys(n.locales) {
		l.inLocale(n, lang, func() { l.sizes(n.locales[lang]) })
	}
}

// sizes compares texts and files with what the channels can show.
func (l *linter) sizes(b behaviour) {
	for _, c := range l.channels {
		switch s := b.(type) {
		case *contentSettings:
			for i := range s.Items {
				l.item(&s.Items[i], l.at+"/items/"+strconv.Itoa(i), c)
			}
		case *questionSettings:
			l.choices(s.Options, &s.Text, nil, nil, &s.Button, s.Style, l.at, c)
			l.media(s.Media, l.at+"/media", c, ContentDocument)
		case *menuSettings:
			l.choices(s.Options, &s.Text, &s.Header, &s.Footer, &s.Button, s.Style, l.at, c)
			l.headerMedia(s.HeaderMedia, asButtons(s.Options, s.Style, c), l.at, c)
		}
	}
}

// lacks tells what a kind becomes on a channel that cannot do what it needs. Need and capability are the sender's data.
func (l *linter) lacks(n *node, c channel) {
	for _, need := range n.kind.Needs {
		if need.Capability == "window" || c.caps.Has(need.Capability) || !uses(n.settings, need.Capability) {
			continue
		}
		p := newProblem("channel_lacks", place(n), n.id, c.name, need.Capability)
		said := textOf("channel_lacks")
		p.Text = label(fill(said.pt, []string{c.name, need.Fallback["pt-BR"]}), fill(said.en, []string{c.name, need.Fallback["en"]}))
		l.problems = append(l.problems, p)
	}
}

// Has reports whether a channel has a capability by the name a [Need] gives it.
func (c *Capabilities) Has(name string) bool {
	switch name {
	case "media":
		return len(c.Media) > 0
	case "buttons":
		return c.Buttons != nil
	case "list":
		return c.List != nil
	case "cta_url":
		return c.CTA != nil
	case "location":
		return c.Location
	case "contacts":
		return c.Contacts
	case "location_request":
		return c.LocationRequest
	case "carousel":
		return c.Carousel != nil
	case "product_list":
		return c.Products != nil
	case "product":
		return c.Product
	case "catalog":
		return c.Catalog
	case "templates":
		return c.Templates
	case "window":
		return true
	}
	return false
}

// uses reports whether settings use a capability that their kind may use.
func uses(b behaviour, capability string) bool {
	switch s := b.(type) {
	case *contentSettings:
		return slices.ContainsFunc(s.Items, func(it ContentItem) bool {
			switch it.Kind {
			case "image", "video", "audio", "voice", "document", "sticker":
				return capability == "media"
			case "contact":
				return capability == "contacts"
			}
			return it.Kind == capability
		})
	case *questionSettings:
		switch s.Type {
		case AnswerLocation:
			return capability == "location_request"
		case AnswerYesNo, AnswerChoice:
			return capability == "buttons" && s.Style != MenuText
		}
		return false
	case *menuSettings:
		return s.Style != MenuText && capability == "buttons"
	}
	return true
}

func (l *linter) item(it *ContentItem, at string, c channel) {
	switch it.Kind {
	case "image", "video", "audio", "voice", "document", "sticker":
		l.media(it.Media, at+"/media", c, ContentKind(it.Kind))
		limit, ok := c.caps.Media[ContentKind(it.Kind)]
		text, fixed := it.Text.literal()
		switch {
		case !ok || !fixed:
		case limit.NoCaption:
			l.problem("caption_dropped", at+"/text", c.name, it.Kind)
		case c.caps.Caption > 0 && runes(text) > c.caps.Caption:
			l.problem("caption_long", at+"/text", c.name, strconv.Itoa(c.caps.Caption))
		}
	case "text", "save":
		l.long(&it.Text, c.caps.Text, at+"/text", c)
	case "buttons", "list":
		l.choices(it.Options, &it.Text, &it.Header, &it.Footer, &it.Button, "", at, c)
		l.headerMedia(it.HeaderMedia, asButtons(it.Options, "", c), at, c)
	case "carousel":
		l.cards(it, at, c)
	case "product_list":
		l.products(it, at, c)
	case "cta_url":
		l.headerMedia(it.HeaderMedia, true, at, c)
		if c.caps.CTA != nil {
			l.long(&it.Button, c.caps.CTA.Title, at+"/button", c)
			l.long(&it.Text, c.caps.CTA.Body, at+"/text", c)
		}
	}
}

// asButtons reports whether fixed options are shown as buttons, so that a file can stand above them.
func asButtons(options []ChoiceOption, style MenuStyle, c channel) bool {
	limit := c.caps.Buttons
	if limit == nil || style == MenuText || len(options) == 0 || len(options) > limit.Max {
		return false
	}
	return !slices.ContainsFunc(options, func(o ChoiceOption) bool {
		title, fixed := o.Title.literal()
		return !o.Description.Empty() || o.Section != "" || (fixed && runes(title) > limit.Title)
	})
}

// headerMedia looks at the file above a body, and tells where it goes as a message of its own.
func (l *linter) headerMedia(h *HeaderSource, shown bool, at string, c channel) {
	if h == nil || len(c.caps.Media) == 0 {
		return
	}
	l.media(&h.Media, at+"/header_media/media", c, ContentKind(h.Kind))
	if !shown {
		l.problem("header_media_before", at+"/header_media", c.name)
	}
}

// cards looks at the cards of a carousel.
func (l *linter) cards(it *ContentItem, at string, c channel) {
	limit := c.caps.Carousel
	if limit == nil {
		return
	}
	l.long(&it.Text, limit.Body, at+"/text", c)
	for i := range it.Cards {
		card, to := &it.Cards[i], at+"/cards/"+strconv.Itoa(i)
		l.media(&card.Media, to+"/media", c, card.kind())
		l.long(&card.Button, limit.Title, to+"/button", c)
		if s, ok := card.Text.literal(); ok && (runes(s) > limit.Text || strings.Count(s, "\n") >= limit.Lines) {
			l.problem("card_text_long", to+"/text", c.name, strconv.Itoa(limit.Text), strconv.Itoa(limit.Lines))
		}
	}
}

// products counts the items of a choice of products.
func (l *linter) products(it *ContentItem, at string, c channel) {
	limit := c.caps.Products
	if limit == nil || it.Products == nil {
		return
	}
	l.long(&it.Text, limit.Body, at+"/text", c)
	items := 0
	for i := range it.Products.Sections {
		items += len(it.Products.Sections[i].ProductIDs)
	}
	if items > limit.Items {
		l.problem("products_many", at+"/products", c.name, strconv.Itoa(limit.Items), strconv.Itoa(items))
	}
}

// long tells of a fixed text over a limit.
func (l *linter) long(t *Text, limit int, at string, c channel) {
	if t == nil || limit <= 0 {
		return
	}
	if s, ok := t.literal(); ok && runes(s) > limit {
		l.problem("text_over_limit", at, c.name, strconv.Itoa(limit), strconv.Itoa(runes(s)))
	}
}

// choices looks at options as buttons where they are few, else as a list, the way the sender does.
func (l *linter) choices(options []ChoiceOption, body, header, footer, button *Text, style MenuStyle, at string, c channel) {
	if len(options) == 0 || style == MenuText || c.caps.Buttons == nil {
		l.long(body, c.caps.Text, at+"/text", c)
		return
	}
	described, long := false, -1
	for i := range options {
		o := &options[i]
		described = described || !o.Description.Empty() || o.Section != ""
		if s, ok := o.Title.literal(); ok && runes(s) > c.caps.Buttons.Title && long < 0 {
			long = i
		}
	}
	switch few := len(options) <= c.caps.Buttons.Max; {
	case few && !described && long < 0:
		l.long(body, c.caps.Buttons.Body, at+"/text", c)
		l.long(header, c.caps.Buttons.Header, at+"/header", c)
		l.long(footer, c.caps.Buttons.Footer, at+"/footer", c)
		return
	case few && !described:
		title, _ := options[long].Title.literal()
		l.problem("button_title_long", at+"/options/"+strconv.Itoa(long)+"/title", c.name, strconv.Itoa(c.caps.Buttons.Title), title)
	}
	if c.caps.List != nil {
		l.list(options, body, header, footer, button, at, c)
	}
}

func (l *linter) list(options []ChoiceOption, body, header, footer, button *Text, at string, c channel) {
	limit := c.caps.List
	if len(options) > limit.Rows {
		l.problem("list_rows_many", at+"/options", c.name, strconv.Itoa(limit.Rows), strconv.Itoa(len(options)))
		return
	}
	l.long(body, limit.Body, at+"/text", c)
	l.long(header, limit.Header, at+"/header", c)
	l.long(footer, limit.Footer, at+"/footer", c)
	l.long(button, limit.Button, at+"/button", c)
	sections := map[string]bool{}
	for i := range options {
		o := &options[i]
		to := at + "/options/" + strconv.Itoa(i)
		sections[o.Section] = true
		if s, ok := o.Title.literal(); ok && runes(s) > limit.Title {
			l.problem("row_title_long", to+"/title", c.name, strconv.Itoa(limit.Title), shorten(s, limit.Title))
		}
		l.long(&o.Description, limit.Description, to+"/description", c)
		if runes(o.Section) > limit.SectionTitle {
			l.problem("text_over_limit", to+"/section", c.name, strconv.Itoa(limit.SectionTitle), strconv.Itoa(runes(o.Section)))
		}
	}
	if len(sections) > 1 && sections[""] {
		l.problem("section_untitled", at+"/options", c.name)
	}
}

// media looks at what is known of a file: its type and size.
func (l *linter) media(m *MediaSource, at string, c channel, kind ContentKind) {
	if m == nil {
		return
	}
	limit, ok := c.caps.Media[kind]
	if !ok {
		return
	}
	if mime, _, _ := strings.Cut(strings.ToLower(m.MIME), ";"); mime != "" && len(limit.MIME) > 0 && !slices.Contains(limit.MIME, mime) {
		l.problem("media_type", at+"/mime", c.name, m.MIME, strings.Join(limit.MIME, ", "))
	}
	if limit.Bytes > 0 && m.Size > limit.Bytes {
		l.problem("media_size", at+"/size", c.name, strconv.FormatInt(limit.Bytes, 10))
	}
}
