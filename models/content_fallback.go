package models

import (
	"fmt"
	"strings"
)

// Degrade gives the content to send on a channel that lacks its kind, by the
// channel's stated fallback; ok is false if there is none. Content the channel
// can send comes back unchanged. The choices of a numbered text keep their
// order, so that "2" names the second button or row.
func (c *Content) Degrade(caps *Capabilities) (out *Content, ok bool) {
	if caps.Sends(c.Kind) {
		return c, true
	}
	fallback, ok := caps.Fallbacks[c.Kind]
	if !ok {
		return nil, false
	}
	switch fallback {
	case FallbackDocument:
		d := *c
		d.Kind = ContentKindDocument
		return &d, true
	case FallbackAudio:
		d := *c
		d.Kind = ContentKindAudio
		return &d, true
	case FallbackNumberedText, FallbackText:
		text := c.asText(fallback == FallbackNumberedText)
		if text == "" {
			return nil, false
		}
		return &Content{Kind: ContentKindText, Text: text, ReplyTo: c.ReplyTo}, true
	}
	return nil, false
}

// Choices lists the ids and titles a person can choose from, in the order in
// which a numbered text counts them. The cards of a carousel are none: they lead to the web.
func (c *Content) Choices() []ContentButton {
	choices := append([]ContentButton(nil), c.Buttons...)
	if c.List != nil {
		for _, s := range c.List.Sections {
			for _, r := range s.Rows {
				choices = append(choices, ContentButton{ID: r.ID, Title: r.Title})
			}
		}
	}
	return choices
}

// asText writes the words of a message as plain text.
func (c *Content) asText(numbered bool) string {
	var parts []string
	add := func(s string) {
		if s = strings.TrimSpace(s); s != "" {
			parts = append(parts, s)
		}
	}
	if c.Header != nil {
		add(c.Header.Text)
	}
	add(c.Text)
	if c.Media != nil {
		add(c.Media.Caption)
		add(c.Media.URL)
	}
	if c.Location != nil {
		add(c.Location.Name)
		add(c.Location.Address)
		add(fmt.Sprintf("https://maps.google.com/?q=%g,%g", c.Location.Latitude, c.Location.Longitude))
	}
	for _, card := range c.Contacts {
		add(card.Name.Formatted)
		for _, p := range card.Phones {
			add(p.Phone)
		}
	}
	if numbered {
		var lines []string
		for i, choice := range c.Choices() {
			lines = append(lines, fmt.Sprintf("%d. %s", i+1, choice.Title))
		}
		add(strings.Join(lines, "\n"))
	}
	if c.CTA != nil {
		add(c.CTA.Text + ": " + c.CTA.URL)
	}
	for i, card := range c.Carousel {
		line := card.Text
		if card.CTA != nil {
			line = strings.TrimSpace(line + "\n" + card.CTA.Text + ": " + card.CTA.URL)
		}
		add(fmt.Sprintf("%d. %s", i+1, line))
	}
	add(c.Footer)
	return strings.Join(parts, "\n\n")
}
