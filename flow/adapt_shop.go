package flow

import (
	"slices"
	"strconv"
	"strings"
)

// withoutHeader takes the file above the body away where the channel shows none. The caller sends it as a message before.
func withoutHeader(c Content, headers []ContentKind) Content {
	switch {
	case c.HeaderMedia == nil:
	case slices.Contains(headers, c.HeaderMedia.Kind):
		c.Header = "" // there is one header
	default:
		c.HeaderMedia = nil
	}
	return c
}

// adaptShop makes cards and items of a catalogue fit; on a channel without them their words are left.
func adaptShop(c Content, caps Capabilities) Content {
	switch c.Kind {
	case ContentCarousel:
		if fitsCarousel(&c, caps.Carousel) {
			return c
		}
		return numberedCards(c)
	case ContentProductList:
		if fitsProducts(&c, caps.Products) {
			return c
		}
		if caps.Products != nil {
			return firstProducts(c, caps.Products)
		}
		return plainText(joinLines(c.Header, c.Text, c.Footer))
	case ContentProduct, ContentCatalog:
		if (c.Kind == ContentProduct && caps.Product) || (c.Kind == ContentCatalog && caps.Catalog) {
			return c
		}
		return plainText(joinLines(c.Text, c.Footer))
	}
	return withoutHeader(c, nil)
}

func fitsCarousel(c *Content, l *CarouselLimit) bool {
	if l == nil || len(c.Cards) < l.Min || len(c.Cards) > l.Max || runes(c.Text) > l.Body {
		return false
	}
	out := make([]Card, len(c.Cards))
	for i, card := range c.Cards {
		if card.Header.Kind != c.Cards[0].Header.Kind || tooLong(card.Text, l.Text) || strings.Count(card.Text, "\n") >= l.Lines {
			return false
		}
		card.CTA.Title = shorten(card.CTA.Title, l.Title)
		out[i] = card
	}
	c.Cards = out
	return true
}

// numberedCards writes the cards of a carousel as text, numbered like the rows of a list.
func numberedCards(c Content) Content {
	lines := make([]string, len(c.Cards))
	for i, card := range c.Cards {
		lines[i] = strconv.Itoa(i+1) + " - " + strings.TrimSpace(card.Text+"\n"+card.CTA.Title+": "+card.CTA.URL)
	}
	return plainText(joinLines(append([]string{c.Text}, lines...)...))
}

func fitsProducts(c *Content, l *ProductLimit) bool {
	if l == nil || len(c.Products.Sections) > l.Sections || runes(c.Text) > l.Body || tooLong(c.Header, l.Header) || tooLong(c.Footer, l.Footer) {
		return false
	}
	items := 0
	out := ProductList{CatalogID: c.Products.CatalogID, Sections: make([]ProductSection, len(c.Products.Sections))}
	for i, s := range c.Products.Sections {
		items += len(s.IDs)
		out.Sections[i] = ProductSection{Title: shorten(s.Title, l.SectionTitle), IDs: s.IDs}
		if s.Title == "" && len(out.Sections) > 1 {
			out.Sections[i].Title = strconv.Itoa(i + 1)
		}
	}
	c.Products = &out
	return items <= l.Items
}

// firstProducts keeps as many items as the channel shows.
func firstProducts(c Content, l *ProductLimit) Content {
	if l == nil {
		return c
	}
	left, out := l.Items, ProductList{CatalogID: c.Products.CatalogID}
	for _, s := range c.Products.Sections {
		if left == 0 || len(out.Sections) == l.Sections {
			break
		}
		n := min(left, len(s.IDs))
		out.Sections = append(out.Sections, ProductSection{Title: s.Title, IDs: s.IDs[:n]})
		left -= n
	}
	c.Products = &out
	c.Header, c.Text, c.Footer = shorten(c.Header, l.Header), shorten(c.Text, l.Body), shorten(c.Footer, l.Footer)
	return c
}
