package activities

import (
	"strconv"
	"strings"

	"github.com/perene/perene/flow"
	"github.com/perene/perene/models"
)

// contentFromFlow turns what the engine wants to send into a message's content.
func contentFromFlow(c *flow.Content) models.Content {
	out := models.Content{Kind: models.ContentKind(c.Kind), Text: c.Text, Footer: c.Footer, PreviewURL: c.PreviewURL}
	switch {
	case c.HeaderMedia != nil:
		out.Header = headerFromFlow(c.HeaderMedia)
	case c.Header != "":
		out.Header = &models.ContentHeader{Kind: models.ContentKindText, Text: c.Header}
	}
	if c.Media != nil {
		out.Media = mediaFromFlow(c.Media)
		if out.Kind.IsMedia() {
			out.Media.Caption, out.Text = c.Text, ""
			out.Media.Voice = out.Kind == models.ContentKindVoice
		}
	}
	if c.Location != nil {
		out.Location = locationFromFlow(c.Location)
	}
	for _, card := range c.Contacts {
		out.Contacts = append(out.Contacts, cardFromFlow(card))
	}
	for _, b := range c.Buttons {
		out.Buttons = append(out.Buttons, models.ContentButton{ID: b.ID, Title: b.Title})
	}
	if c.List != nil {
		list := &models.ContentList{Button: c.List.Button}
		for _, s := range c.List.Sections {
			section := models.ContentListSection{Title: s.Title}
			for _, r := range s.Rows {
				section.Rows = append(section.Rows, models.ContentListRow{ID: r.ID, Title: r.Title, Description: r.Description})
			}
			list.Sections = append(list.Sections, section)
		}
		out.List = list
	}
	if c.CTA != nil {
		out.CTA = &models.ContentCTA{Text: c.CTA.Title, URL: c.CTA.URL}
	}
	if c.Template != nil {
		out.Template = templateFromFlow(c.Template)
	}
	shopFromFlow(c, &out)
	return out
}

// shopFromFlow fills in the cards of a carousel and the items of a catalogue.
func shopFromFlow(c *flow.Content, out *models.Content) {
	for _, card := range c.Cards {
		out.Carousel = append(out.Carousel, models.ContentCard{
			Header: headerFromFlow(card.Header), Text: card.Text, CTA: &models.ContentCTA{Text: card.CTA.Title, URL: card.CTA.URL},
		})
	}
	if c.Product != nil {
		out.Product = &models.ContentProduct{CatalogID: c.Product.CatalogID, ProductID: c.Product.ID}
	}
	if c.Products != nil {
		out.ProductList = &models.ContentProductList{CatalogID: c.Products.CatalogID}
		for _, s := range c.Products.Sections {
			out.ProductList.Sections = append(out.ProductList.Sections, models.ContentProductSection{Title: s.Title, ProductIDs: s.IDs})
		}
	}
	if c.Catalog != nil {
		out.Catalog = &models.ContentCatalog{ThumbnailProductID: c.Catalog.Thumbnail}
	}
}

func headerFromFlow(h *flow.HeaderMedia) *models.ContentHeader {
	return &models.ContentHeader{Kind: models.ContentKind(h.Kind), Media: mediaFromFlow(h.Media)}
}

func mediaFromFlow(m *flow.Media) *models.ContentMedia {
	id, _ := strconv.ParseInt(m.ID, 10, 64) // an id of ours is a number; anything else is a URL's
	return &models.ContentMedia{MediaID: models.MediaID(id), URL: m.URL, MimeType: m.MIME, Size: m.Size, Filename: m.Filename}
}

func locationFromFlow(l *flow.Location) *models.ContentLocation {
	return &models.ContentLocation{Latitude: l.Latitude, Longitude: l.Longitude, Name: l.Name, Address: l.Address}
}

func cardFromFlow(c flow.ContactCard) models.ContactCard {
	first, rest, _ := strings.Cut(c.Name, " ")
	out := models.ContactCard{Name: models.ContactName{Formatted: c.Name, First: first, Last: rest}}
	for _, p := range c.Phones {
		out.Phones = append(out.Phones, models.ContactPhone{Phone: p})
	}
	for _, e := range c.Emails {
		out.Emails = append(out.Emails, models.ContactEmail{Email: e})
	}
	if c.Org != "" {
		out.Org = &models.ContactOrg{Company: c.Org}
	}
	for _, a := range c.Addresses {
		out.Addresses = append(out.Addresses, models.ContactAddress{Street: a.Street, City: a.City, State: a.State, Zip: a.Zip, Country: a.Country})
	}
	for _, u := range c.URLs {
		out.URLs = append(out.URLs, models.ContactURL{URL: u})
	}
	out.Birthday = c.Birthday
	return out
}

func templateFromFlow(t *flow.TemplateSend) *models.ContentTemplate {
	out := &models.ContentTemplate{Name: t.Name, Language: t.Language}
	switch {
	case t.HeaderText != "":
		out.Header = &models.TemplateParam{Kind: models.TemplateParamText, Text: t.HeaderText}
	case t.HeaderMedia != nil:
		out.Header = &models.TemplateParam{Kind: models.TemplateParamKind(t.HeaderKind), Media: mediaFromFlow(t.HeaderMedia)}
	case t.HeaderLocation != nil:
		out.Header = &models.TemplateParam{Kind: models.TemplateParamLocation, Location: locationFromFlow(t.HeaderLocation)}
	}
	for _, p := range t.Body {
		out.Body = append(out.Body, models.TemplateParam{Name: p.Name, Text: p.Text})
	}
	for _, b := range t.Buttons {
		button := models.TemplateButton{Index: b.Index, Kind: models.TemplateButtonKind(b.Kind)}
		if button.Kind == models.TemplateButtonQuickReply {
			button.ID = b.Text
		} else {
			button.Text = b.Text
		}
		out.Buttons = append(out.Buttons, button)
	}
	return out
}

// inboundKinds says as what the engine sees each kind of message. A kind that is not here reaches it as unsupported.
var inboundKinds = map[models.ContentKind]flow.InboundKind{
	models.ContentKindText: flow.InboundText, models.ContentKindTap: flow.InboundTap, models.ContentKindImage: flow.InboundImage,
	models.ContentKindVideo: flow.InboundVideo, models.ContentKindAudio: flow.InboundAudio, models.ContentKindVoice: flow.InboundAudio,
	models.ContentKindDocument: flow.InboundDocument, models.ContentKindSticker: flow.InboundSticker,
	models.ContentKindLocation: flow.InboundLocation, models.ContentKindContacts: flow.InboundContacts,
}

// inboundToFlow shows a stored message to the engine.
func inboundToFlow(m *models.Message) flow.Inbound {
	in := flow.Inbound{ID: m.ID.String(), At: m.CreatedAt}
	if m.Seq != nil {
		in.Seq = *m.Seq
	}
	fillInbound(&in, &m.Content)
	if m.MediaID != nil && in.Media != nil {
		in.Media.ID = m.MediaID.String()
	}
	return in
}

func fillInbound(in *flow.Inbound, c *models.Content) {
	kind, known := inboundKinds[c.Kind]
	if !known {
		kind = flow.InboundUnsupported
	}
	in.Kind, in.Text = kind, c.Text
	switch {
	case c.Tap != nil:
		in.Text, in.Payload = c.Tap.Title, c.Tap.ID
	case c.FormReply != nil:
		in.Kind, in.Text, in.Form = flow.InboundText, c.FormReply.Words(), c.FormReply.Values()
	}
	if c.Media != nil {
		in.Text = c.Media.Caption
		in.Media = &flow.Media{URL: "", MIME: c.Media.MimeType, Size: c.Media.Size, Filename: c.Media.Filename}
		if c.Media.MediaID != 0 {
			in.Media.ID = c.Media.MediaID.String()
		}
	}
	if c.Location != nil {
		in.Location = &flow.Location{Latitude: c.Location.Latitude, Longitude: c.Location.Longitude, Name: c.Location.Name, Address: c.Location.Address}
	}
	for _, card := range c.Contacts {
		in.Contacts = append(in.Contacts, cardToFlow(card))
	}
	if p := c.ReferredProduct; p != nil {
		in.Product = &flow.Product{CatalogID: p.CatalogID, ID: p.ProductID}
	}
	if r := c.Referral; r != nil {
		in.Referral = &flow.Referral{SourceType: r.SourceType, SourceID: r.SourceID, SourceURL: r.SourceURL, Headline: r.Headline, Body: r.Body, ClickID: r.ClickID}
	}
}

func cardToFlow(c models.ContactCard) flow.ContactCard {
	out := flow.ContactCard{Name: c.Name.Formatted}
	for _, p := range c.Phones {
		out.Phones = append(out.Phones, p.Phone)
	}
	for _, e := range c.Emails {
		out.Emails = append(out.Emails, e.Email)
	}
	if c.Org != nil {
		out.Org = c.Org.Company
	}
	for _, a := range c.Addresses {
		out.Addresses = append(out.Addresses, flow.CardAddress{Street: a.Street, City: a.City, State: a.State, Zip: a.Zip, Country: a.Country})
	}
	for _, u := range c.URLs {
		out.URLs = append(out.URLs, u.URL)
	}
	out.Birthday = c.Birthday
	return out
}
