package models

import (
	"encoding/json"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"unicode/utf8"
)

// ContentProblem is one reason why content cannot be sent on a channel. Field
// is the JSON path inside the content, Code a stable word, Message a sentence
// that says what to do. None of them repeats the customer's words.
type ContentProblem struct {
	Field   string `json:"field"`
	Code    string `json:"code"`
	Message string `json:"message"`
}

// Codes of a ContentProblem.
const (
	ProblemRequired     = "required"
	ProblemTooLong      = "too_long"
	ProblemTooMany      = "too_many"
	ProblemTooFew       = "too_few"
	ProblemTooLarge     = "too_large"
	ProblemDuplicate    = "duplicate"
	ProblemInvalid      = "invalid"
	ProblemNotSupported = "not_supported"
)

// Validate checks content against a channel's capabilities and lists every
// problem, in the order of the fields. An empty result means it may be sent as
// it is; whether the window is open is not its concern.
func (c *Content) Validate(caps *Capabilities) []ContentProblem {
	v := &contentCheck{caps: caps}
	if !caps.Sends(c.Kind) {
		v.add("kind", ProblemNotSupported, fmt.Sprintf("%s cannot send %q; use another kind or the channel's fallback", caps.Provider, c.Kind))
		return v.problems
	}
	v.content(c)
	return v.problems
}

type contentCheck struct {
	caps     *Capabilities
	problems []ContentProblem
}

func (v *contentCheck) add(field, code, message string) {
	v.problems = append(v.problems, ContentProblem{Field: field, Code: code, Message: message})
}

// text demands a text of at most limit runes; empty is a problem if required.
func (v *contentCheck) text(field, s string, limit int, required bool) {
	if strings.TrimSpace(s) == "" {
		if required {
			v.add(field, ProblemRequired, "write a text here")
		}
		return
	}
	if n := utf8.RuneCountInString(s); limit > 0 && n > limit {
		v.add(field, ProblemTooLong, fmt.Sprintf("shorten it to %d characters; it has %d", limit, n))
	}
}

// count demands lo ≤ n ≤ hi; hi 0 means no upper limit.
func (v *contentCheck) count(field string, n, lo, hi int, what string) {
	switch {
	case n < lo:
		v.add(field, ProblemTooFew, fmt.Sprintf("give at least %d %s; there are %d", lo, what, n))
	case hi > 0 && n > hi:
		v.add(field, ProblemTooMany, fmt.Sprintf("give at most %d %s; there are %d", hi, what, n))
	}
}

// link demands an absolute http or https URL.
func (v *contentCheck) link(field, s string, required bool) {
	if s == "" {
		if required {
			v.add(field, ProblemRequired, "give an address that starts with https://")
		}
		return
	}
	u, err := url.Parse(s)
	if err != nil || (u.Scheme != "https" && u.Scheme != "http") || u.Host == "" {
		v.add(field, ProblemInvalid, "give an address that starts with https://")
		return
	}
	v.text(field, s, v.caps.URLMax, true)
}

func (v *contentCheck) content(c *Content) {
	switch c.Kind {
	case ContentKindText:
		v.text("text", c.Text, v.caps.TextMax, true)
	case ContentKindImage, ContentKindVideo, ContentKindAudio, ContentKindVoice, ContentKindDocument, ContentKindSticker:
		v.media("media", c.Kind, c.Media)
	case ContentKindLocation:
		v.location("location", c.Location)
	case ContentKindContacts:
		v.contacts(c.Contacts)
	case ContentKindReaction:
		v.reaction(c.Reaction)
	case ContentKindTemplate:
		v.template(c)
	default:
		v.interactive(c)
	}
}

// interactive checks the kinds that have header, body, footer and an action.
func (v *contentCheck) interactive(c *Content) {
	bodyRequired := c.Kind != ContentKindProduct && c.Kind != ContentKindCallPermissionRequest
	v.text("text", c.Text, v.caps.bodyMax(c.Kind), bodyRequired)
	v.header("header", c.Kind, c.Header)
	v.text("footer", c.Footer, v.caps.FooterMax, false)
	switch c.Kind {
	case ContentKindButtons:
		v.buttons(c.Buttons)
	case ContentKindList:
		v.list(c.List)
	case ContentKindCTAURL:
		v.cta("cta", c.CTA)
	case ContentKindForm:
		v.form(c.Form)
	case ContentKindCarousel:
		v.carousel(c.Carousel)
	case ContentKindProduct:
		if c.Product == nil || c.Product.CatalogID == "" || c.Product.ProductID == "" {
			v.add("product", ProblemRequired, "choose a catalogue and an item")
		}
	case ContentKindProductList:
		v.productList(c)
	}
}

func (v *contentCheck) media(field string, kind ContentKind, m *ContentMedia) {
	if m == nil || (m.MediaID == 0 && m.ProviderMediaID == "" && m.URL == "") {
		v.add(field, ProblemRequired, "choose a file")
		return
	}
	if m.MediaID == 0 && m.ProviderMediaID == "" {
		v.link(field+".url", m.URL, true)
		if !v.caps.MediaLinks {
			v.add(field+".url", ProblemNotSupported, "upload the file; this channel takes no links")
		}
	}
	limit, ok := v.caps.Media[kind]
	if !ok {
		return
	}
	mime, _, _ := strings.Cut(m.MimeType, ";")
	if mime = strings.ToLower(strings.TrimSpace(mime)); mime != "" && !slices.Contains(limit.MimeTypes, mime) {
		v.add(field+".mime_type", ProblemInvalid, "convert the file to one of: "+strings.Join(limit.MimeTypes, ", "))
	}
	maxBytes := limit.MaxBytes
	if m.Animated && limit.AnimatedMaxBytes > 0 {
		maxBytes = limit.AnimatedMaxBytes
	}
	if maxBytes > 0 && m.Size > maxBytes {
		v.add(field+".size", ProblemTooLarge, fmt.Sprintf("make the file smaller than %d bytes; it has %d", maxBytes, m.Size))
	}
	if m.Caption != "" && !limit.Caption {
		v.add(field+".caption", ProblemNotSupported, fmt.Sprintf("send the caption as a text; %q takes none", kind))
	}
	v.text(field+".caption", m.Caption, v.caps.CaptionMax, false)
}

func (v *contentCheck) location(field string, l *ContentLocation) {
	if l == nil {
		v.add(field, ProblemRequired, "choose a place")
		return
	}
	if l.Latitude < -90 || l.Latitude > 90 || l.Latitude != l.Latitude {
		v.add(field+".latitude", ProblemInvalid, "give degrees between -90 and 90")
	}
	if l.Longitude < -180 || l.Longitude > 180 || l.Longitude != l.Longitude {
		v.add(field+".longitude", ProblemInvalid, "give degrees between -180 and 180")
	}
}

func (v *contentCheck) contacts(cards []ContactCard) {
	v.count("contacts", len(cards), 1, v.caps.ContactsMax, "cards")
	for i := range cards {
		n := cards[i].Name
		field := fmt.Sprintf("contacts[%d].name", i)
		v.text(field+".formatted", n.Formatted, 0, true)
		if n.First == "" && n.Middle == "" && n.Last == "" && n.Prefix == "" && n.Suffix == "" {
			v.add(field, ProblemRequired, "give one more part of the name beside the formatted one")
		}
	}
}

func (v *contentCheck) reaction(r *ContentReaction) {
	switch {
	case r == nil || (r.Target.MessageID == 0 && r.Target.ProviderMessageID == ""):
		v.add("reaction.target", ProblemRequired, "choose the message to react to")
	case utf8.RuneCountInString(r.Emoji) > 12:
		v.add("reaction.emoji", ProblemInvalid, "give exactly one emoji, or none to take the reaction back")
	}
}

func (v *contentCheck) header(field string, kind ContentKind, h *ContentHeader) {
	if h == nil {
		return
	}
	allowed := v.caps.HeaderKinds[kind]
	if !slices.Contains(allowed, h.Kind) {
		v.add(field+".kind", ProblemNotSupported, fmt.Sprintf("%q takes no %q header", kind, h.Kind))
		return
	}
	if h.Kind == ContentKindText {
		v.text(field+".text", h.Text, v.caps.HeaderMax, true)
		return
	}
	v.media(field+".media", h.Kind, h.Media)
}

func (v *contentCheck) buttons(buttons []ContentButton) {
	limit := v.caps.Buttons
	v.count("buttons", len(buttons), 1, limit.Max, "buttons")
	titles, ids := map[string]bool{}, map[string]bool{}
	for i, b := range buttons {
		field := fmt.Sprintf("buttons[%d]", i)
		v.text(field+".id", b.ID, limit.IDMax, true)
		v.text(field+".title", b.Title, limit.TitleMax, true)
		v.distinct(field+".title", titles, b.Title)
		v.distinct(field+".id", ids, b.ID)
	}
}

func (v *contentCheck) distinct(field string, seen map[string]bool, s string) {
	if s != "" && seen[s] {
		v.add(field, ProblemDuplicate, "make each one different")
	}
	seen[s] = true
}

func (v *contentCheck) list(l *ContentList) {
	if l == nil {
		v.add("list", ProblemRequired, "give a button and rows")
		return
	}
	limit := v.caps.List
	v.text("list.button", l.Button, limit.ButtonMax, true)
	v.count("list.sections", len(l.Sections), 1, limit.SectionsMax, "sections")
	rows, ids := 0, map[string]bool{}
	for i, s := range l.Sections {
		field := fmt.Sprintf("list.sections[%d]", i)
		v.text(field+".title", s.Title, limit.SectionTitleMax, len(l.Sections) > 1)
		v.count(field+".rows", len(s.Rows), 1, 0, "rows")
		rows += len(s.Rows)
		for j, r := range s.Rows {
			row := fmt.Sprintf("%s.rows[%d]", field, j)
			v.text(row+".id", r.ID, limit.RowIDMax, true)
			v.text(row+".title", r.Title, limit.RowTitleMax, true)
			v.text(row+".description", r.Description, limit.RowTextMax, false)
			v.distinct(row+".id", ids, r.ID)
		}
	}
	v.count("list.sections", rows, 0, limit.RowsMax, "rows in all sections together")
}

func (v *contentCheck) cta(field string, c *ContentCTA) {
	if c == nil {
		v.add(field, ProblemRequired, "give a button text and an address")
		return
	}
	v.text(field+".text", c.Text, v.caps.CTATitle, true)
	v.link(field+".url", c.URL, true)
}

func (v *contentCheck) form(f *ContentForm) {
	if f == nil || (f.FormID == "") == (f.Name == "") {
		v.add("form", ProblemRequired, "choose the form by its id or by its name, not both")
		return
	}
	v.text("form.button", f.Button, v.caps.FormTitle, true)
	switch f.Action {
	case "", "navigate":
		if f.Screen == "" && len(f.Data) > 0 {
			v.add("form.screen", ProblemRequired, "name the first screen that takes the data")
		}
	case "data_exchange":
	default:
		v.add("form.action", ProblemInvalid, `use "navigate" or "data_exchange"`)
	}
	v.object("form.data", f.Data)
}

// object demands that raw is absent or a JSON object.
func (v *contentCheck) object(field string, raw json.RawMessage) {
	if len(raw) == 0 {
		return
	}
	var o map[string]json.RawMessage
	if json.Unmarshal(raw, &o) != nil || o == nil {
		v.add(field, ProblemInvalid, "give a JSON object")
	}
}

func (v *contentCheck) carousel(cards []ContentCard) {
	limit := v.caps.Carousel
	v.count("carousel", len(cards), limit.Min, limit.Max, "cards")
	for i, card := range cards {
		field := fmt.Sprintf("carousel[%d]", i)
		v.text(field+".text", card.Text, limit.BodyMax, false)
		if n := strings.Count(card.Text, "\n"); limit.LineBreaksMax > 0 && n > limit.LineBreaksMax {
			v.add(field+".text", ProblemTooLong, fmt.Sprintf("use at most %d line breaks; there are %d", limit.LineBreaksMax, n))
		}
		if card.Header == nil {
			v.add(field+".header", ProblemRequired, "give every card a picture or every card a video")
		} else {
			if cards[0].Header != nil && card.Header.Kind != cards[0].Header.Kind {
				v.add(field+".header.kind", ProblemInvalid, "give all cards the same kind of header")
			}
			v.header(field+".header", ContentKindCarousel, card.Header)
		}
		v.cta(field+".cta", card.CTA)
	}
}

func (v *contentCheck) productList(c *Content) {
	if c.Header == nil {
		v.add("header", ProblemRequired, "give a text header; a product list needs one")
	}
	p := c.ProductList
	if p == nil || p.CatalogID == "" {
		v.add("product_list", ProblemRequired, "choose a catalogue and items")
		return
	}
	v.count("product_list.sections", len(p.Sections), 1, v.caps.Products.SectionsMax, "sections")
	items := 0
	for i, s := range p.Sections {
		field := fmt.Sprintf("product_list.sections[%d]", i)
		v.text(field+".title", s.Title, v.caps.List.SectionTitleMax, len(p.Sections) > 1)
		v.count(field+".product_ids", len(s.ProductIDs), 1, 0, "items")
		items += len(s.ProductIDs)
	}
	v.count("product_list.sections", items, 0, v.caps.Products.ItemsMax, "items in all sections together")
}
