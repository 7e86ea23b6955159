package flow

import (
	"fmt"
	"strconv"
	"strings"
	"time"
)

// HeaderSource is a file above the body of buttons or a link.
type HeaderSource struct {
	// Kind is what the file is.
	Kind string `json:"kind" required:"true" enum:"image,video,document" doc:"What the file is"`
	// Media is the file.
	Media MediaSource `json:"media" doc:"The file"`
}

// CarouselCard is one card of a carousel. All cards have a picture, or all have a video.
type CarouselCard struct {
	// Kind is what the file of the card is.
	Kind string `json:"kind,omitempty" enum:"image,video" default:"image" doc:"What the file of the card is; the same for all cards"`
	// Media is the picture or the video.
	Media MediaSource `json:"media" doc:"Picture or video of the card"`
	// Text stands below it.
	Text Text `json:"text,omitzero" len:"160" doc:"Text of the card, of three lines at most"`
	// Button and URL are the link of the card.
	Button Text `json:"button" required:"true" len:"20" doc:"Word on the button"`
	URL    Text `json:"url" required:"true" len:"2000" doc:"Where the link leads"`
}

// ProductSource is one item of a catalogue.
type ProductSource struct {
	CatalogID Text `json:"catalog_id" required:"true" doc:"Id of the catalogue"`
	ProductID Text `json:"product_id" required:"true" doc:"Id that the catalogue gives the item"`
}

// ProductsSource is a choice of items of a catalogue.
type ProductsSource struct {
	CatalogID Text           `json:"catalog_id" required:"true" doc:"Id of the catalogue"`
	Sections  []ProductGroup `json:"sections" required:"true" len:"10" doc:"Groups of items; 30 items in all"`
}

// ProductGroup is a titled group of items.
type ProductGroup struct {
	Title Text `json:"title,omitzero" len:"24" doc:"Title of the group; needed where there are several"`
	// ProductIDs are the items. A variable that holds a list stands for all of its items.
	ProductIDs []Text `json:"product_ids" required:"true" len:"30" doc:"Ids of the items; a variable with a list stands for all of its items"`
}

// CardPlace is a postal address on a contact card.
type CardPlace struct {
	Street  Text `json:"street,omitzero" doc:"Street and number"`
	City    Text `json:"city,omitzero" doc:"City"`
	State   Text `json:"state,omitzero" doc:"State"`
	Zip     Text `json:"zip,omitzero" doc:"Postal code"`
	Country Text `json:"country,omitzero" doc:"Country"`
}

func (m *MediaSource) empty() bool {
	return m == nil || (m.ID == "" && m.URL.Empty() && m.Variable == "")
}

// checkHeader reports a header that has no file, and one of a kind of item that has none.
func checkHeader(c *compiler, h *HeaderSource, at string) {
	if h != nil && h.Media.empty() {
		c.problem("setting_missing", at+"/media", "media")
	}
}

// checkShop reports cards and products that cannot be sent.
func (it *ContentItem) checkShop(c *compiler, at string) {
	need := func(missing bool, name string) {
		if missing {
			c.problem("setting_missing", pointer(at, name), name)
		}
	}
	switch it.Kind {
	case "carousel":
		need(it.Text.Empty(), "text")
		if len(it.Cards) < 2 {
			c.problem("cards_few", at+"/cards", strconv.Itoa(2))
		}
		for i := range it.Cards {
			card, to := &it.Cards[i], fmt.Sprintf("%s/cards/%d", at, i)
			if card.Media.empty() {
				c.problem("setting_missing", to+"/media", "media")
			}
			if card.kind() != it.Cards[0].kind() {
				c.problem("cards_mixed", to+"/kind")
			}
		}
	case "product":
		need(it.Product == nil, "product")
	case "product_list":
		need(it.Text.Empty(), "text")
		need(it.Header.Empty(), "header")
		need(it.Products == nil, "products")
		if it.Products != nil && len(it.Products.Sections) > 1 {
			for i := range it.Products.Sections {
				if it.Products.Sections[i].Title.Empty() {
					c.problem("setting_missing", fmt.Sprintf("%s/products/sections/%d/title", at, i), "title")
				}
			}
		}
	case "catalog":
		need(it.Text.Empty(), "text")
	}
}

func (c *CarouselCard) kind() ContentKind {
	if c.Kind == "video" {
		return ContentVideo
	}
	return ContentImage
}

// headed is the file above a body; nil when a variable does not hold it.
func (r *run) headed(h *HeaderSource) *HeaderMedia {
	if h == nil {
		return nil
	}
	m := r.media(&h.Media)
	if m == nil {
		r.note("header_empty")
		return nil
	}
	return &HeaderMedia{Kind: ContentKind(h.Kind), Media: m}
}

// shop renders cards and products; skip is set when there is nothing to show.
func (it *ContentItem) shop(r *run, c Content) (Content, bool) {
	switch it.Kind {
	case "carousel":
		return it.carousel(r, c)
	case "product":
		c.Header = "" // it is the item's own
		c.Product = &Product{CatalogID: strings.TrimSpace(r.text(it.Product.CatalogID)), ID: strings.TrimSpace(r.text(it.Product.ProductID))}
		return c, c.Product.CatalogID == "" || c.Product.ID == ""
	case "product_list":
		c.Products = it.Products.list(r)
		return c, c.Products.CatalogID == "" || len(c.Products.Sections) == 0
	}
	c.Header, c.Catalog = "", &Catalog{Thumbnail: strings.TrimSpace(r.text(it.Thumbnail))}
	return c, false
}

// carousel leaves out cards without a file or a link. The only card that is left is a link button with a picture.
func (it *ContentItem) carousel(r *run, c Content) (Content, bool) {
	c.Header, c.Footer = "", ""
	for i := range it.Cards {
		card := &it.Cards[i]
		m, url := r.media(&card.Media), r.address(card.URL)
		if m == nil || !webAddress(url) {
			r.note("card_empty")
			continue
		}
		title := r.text(card.Button)
		if strings.TrimSpace(title) == "" {
			title = say(r.s.Language, "open")
		}
		c.Cards = append(c.Cards, Card{Header: &HeaderMedia{Kind: card.kind(), Media: m}, Text: r.text(card.Text), CTA: CTA{Title: title, URL: url}})
	}
	if len(c.Cards) != 1 {
		return c, len(c.Cards) == 0
	}
	one := c.Cards[0]
	return Content{Kind: ContentCTAURL, Text: joinLines(c.Text, one.Text), HeaderMedia: one.Header, CTA: &one.CTA}, false
}

// list renders the items, without those that are empty or stand there twice.
func (s *ProductsSource) list(r *run) *ProductList {
	out := &ProductList{CatalogID: strings.TrimSpace(r.text(s.CatalogID))}
	seen := map[string]bool{}
	for i := range s.Sections {
		group := ProductSection{Title: r.text(s.Sections[i].Title)}
		for _, id := range s.Sections[i].ProductIDs {
			for _, id := range r.several(id) {
				if id = strings.TrimSpace(id); id != "" && !seen[id] {
					seen[id] = true
					group.IDs = append(group.IDs, id)
				}
			}
		}
		if len(group.IDs) > 0 {
			out.Sections = append(out.Sections, group)
		}
	}
	return out
}

// several is a text, or the texts of a list that it names.
func (r *run) several(t Text) []string {
	if items, ok := r.value(t).([]any); ok {
		out := make([]string, len(items))
		for i, item := range items {
			out[i] = format(item, r.zone)
		}
		return out
	}
	return []string{r.text(t)}
}

func webAddress(s string) bool {
	return strings.HasPrefix(s, "https://") || strings.HasPrefix(s, "http://")
}

func (c *CardSource) card(r *run) ContactCard {
	out := ContactCard{Name: r.text(c.Name), Org: r.text(c.Org), Phones: r.filled(c.Phones), Emails: r.filled(c.Emails), URLs: r.filled(c.URLs)}
	for i := range c.Addresses {
		a := &c.Addresses[i]
		place := CardAddress{Street: r.text(a.Street), City: r.text(a.City), State: r.text(a.State), Zip: r.text(a.Zip), Country: r.text(a.Country)}
		if place != (CardAddress{}) {
			out.Addresses = append(out.Addresses, place)
		}
	}
	if day := strings.TrimSpace(r.text(c.Birthday)); day != "" {
		if _, err := time.Parse(time.DateOnly, day); err == nil { // the channel refuses a card with any other
			out.Birthday = day
		}
	}
	return out
}

// filled renders texts, without those that are empty.
func (r *run) filled(ts []Text) (out []string) {
	for _, t := range ts {
		if s := r.text(t); strings.TrimSpace(s) != "" {
			out = append(out, s)
		}
	}
	return out
}
