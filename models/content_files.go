package models

import "slices"

// Files returns the ids of our files that the content names, in whatever part of it, each once.
func (c *Content) Files() []MediaID {
	var ids []MediaID
	add := func(m *ContentMedia) {
		if m != nil && m.MediaID != 0 && !slices.Contains(ids, m.MediaID) {
			ids = append(ids, m.MediaID)
		}
	}
	header := func(h *ContentHeader) {
		if h != nil {
			add(h.Media)
		}
	}
	params := func(head *TemplateParam, body []TemplateParam) {
		if head != nil {
			add(head.Media)
		}
		for i := range body {
			add(body[i].Media)
		}
	}
	add(c.Media)
	header(c.Header)
	for i := range c.Carousel {
		header(c.Carousel[i].Header)
	}
	if t := c.Template; t != nil {
		params(t.Header, t.Body)
		for i := range t.Cards {
			params(t.Cards[i].Header, t.Cards[i].Body)
		}
	}
	return ids
}
