package flow

import (
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

// Adapt makes a message fit for a channel. What a channel cannot show becomes the nearest thing it can: buttons become a
// list, a list becomes numbered text (the engine accepts the typed number as the tap), a link button becomes the link, a
// place its address, a file of a kind the channel does not take becomes a document, or its caption with the link. A message
// that fits is returned unchanged; one that nothing can stand for becomes an empty text.
func Adapt(c Content, caps Capabilities, language string) Content {
	switch c.Kind {
	case ContentButtons:
		if fitsButtons(c, caps.Buttons) {
			return withoutHeader(c, caps.Buttons.Headers)
		}
		return Adapt(buttonsAsList(c), caps, language)
	case ContentList:
		c = withoutHeader(c, nil)
		if fitsList(&c, caps.List) {
			return c
		}
		return numbered(c, language, true)
	case ContentCTAURL:
		if caps.CTA != nil && runes(c.Text) <= caps.CTA.Body {
			c.CTA = &CTA{Title: shorten(c.CTA.Title, caps.CTA.Title), URL: c.CTA.URL}
			return withoutHeader(c, caps.CTA.Headers)
		}
		return plainText(joinLines(c.Header, c.Text, c.CTA.Title+": "+c.CTA.URL, c.Footer))
	case ContentLocation:
		if caps.Location {
			return c
		}
		return plainText(locationText(c.Location))
	case ContentLocationRequest:
		if caps.LocationRequest {
			return c
		}
		return plainText(c.Text)
	case ContentContacts:
		if caps.Contacts {
			return c
		}
		return plainText(cardsText(c.Contacts))
	case ContentImage, ContentVideo, ContentAudio, ContentVoice, ContentDocument, ContentSticker:
		return adaptMedia(c, caps)
	}
	return adaptShop(c, caps)
}

func plainText(s string) Content { return Content{Kind: ContentText, Text: s} }

func runes(s string) int { return utf8.RuneCountInString(s) }

// shorten cuts a text to n characters, the last one an ellipsis; n of 0 means no limit.
func shorten(s string, n int) string {
	if n <= 0 || runes(s) <= n {
		return s
	}
	r := []rune(s)
	return strings.TrimRight(string(r[:n-1]), " ") + "…"
}

func joinLines(parts ...string) string {
	var out []string
	for _, p := range parts {
		if strings.TrimSpace(p) != "" {
			out = append(out, p)
		}
	}
	return strings.Join(out, "\n\n")
}

// textLimit is the longest text the channel takes, in characters.
func (c *Capabilities) textLimit() int {
	if c.Text > 0 {
		return c.Text
	}
	return 4096
}

// splitText cuts a text that is too long for one message, at the end of a paragraph, a line or a word where there is one.
func splitText(s string, limit int) []string {
	var out []string
	for runes(s) > limit {
		end, n := 0, 0
		for i := range s { // end is where the character after the limit begins
			if end = i; n == limit {
				break
			}
			n++
		}
		cut := end
		for _, sep := range []string{"\n\n", "\n", " "} {
			if i := strings.LastIndex(s[:end], sep); i > end/2 {
				cut = i
				break
			}
		}
		out = append(out, strings.TrimRight(s[:cut], " \n"))
		s = strings.TrimLeft(s[cut:], " \n")
	}
	return append(out, s)
}

func fitsButtons(c Content, l *ButtonLimit) bool {
	if l == nil || len(c.Buttons) > l.Max || runes(c.Text) > l.Body || tooLong(c.Header, l.Header) || tooLong(c.Footer, l.Footer) {
		return false
	}
	for i, b := range c.Buttons {
		same := func(o Choice) bool { return o.Title == b.Title } // titles must differ
		if runes(b.Title) > l.Title || b.Description != "" || tooLong(b.ID, l.ID) || slices.ContainsFunc(c.Buttons[:i], same) {
			return false
		}
	}
	return true
}

func tooLong(s string, limit int) bool { return limit > 0 && runes(s) > limit }

func buttonsAsList(c Content) Content {
	button := "Opções"
	if c.List != nil && c.List.Button != "" {
		button = c.List.Button
	}
	c.Kind, c.List, c.Buttons = ContentList, &List{Button: button, Sections: []Section{{Rows: c.Buttons}}}, nil
	return c
}

// fitsList reports whether a list can be shown, cutting titles that are a little long: the rest of a title goes into the
// row's description.
func fitsList(c *Content, l *ListLimit) bool {
	if l == nil || c.List == nil || len(c.List.Sections) > l.Sections || runes(c.Text) > l.Body || tooLong(c.Header, l.Header) ||
		tooLong(c.Footer, l.Footer) {
		return false
	}
	n := 0
	for _, s := range c.List.Sections {
		n += len(s.Rows)
		for _, row := range s.Rows {
			if tooLong(row.ID, l.ID) || runes(row.Title) > l.Title+l.Description {
				return false
			}
		}
	}
	if n == 0 || n > l.Rows {
		return false
	}
	out := List{Button: shorten(c.List.Button, l.Button), Sections: make([]Section, len(c.List.Sections))}
	for i, s := range c.List.Sections {
		out.Sections[i] = Section{Title: shorten(s.Title, l.SectionTitle), Rows: make([]Choice, len(s.Rows))}
		for j, row := range s.Rows {
			if runes(row.Title) > l.Title {
				if row.Description == "" {
					row.Description = row.Title
				}
				row.Title = shorten(row.Title, l.Title)
			}
			row.Description = shorten(row.Description, l.Description)
			out.Sections[i].Rows[j] = row
		}
	}
	c.List = &out
	return true
}

// numbered turns choices into text: "1 - Vendas". The hint tells what to do where the designer meant taps.
func numbered(c Content, language string, hint bool) Content {
	var b strings.Builder
	n := 0
	row := func(ch Choice) {
		n++
		if n > 1 {
			b.WriteByte('\n')
		}
		b.WriteString(strconv.Itoa(n))
		b.WriteString(" - ")
		b.WriteString(ch.Title)
		if ch.Description != "" && ch.Description != ch.Title {
			b.WriteString(" (")
			b.WriteString(ch.Description)
			b.WriteByte(')')
		}
	}
	for _, ch := range c.Buttons {
		row(ch)
	}
	if c.List != nil {
		for _, s := range c.List.Sections {
			if s.Title != "" {
				if n > 0 {
					b.WriteString("\n\n")
				}
				b.WriteString("*" + s.Title + "*\n")
			}
			for _, ch := range s.Rows {
				row(ch)
			}
		}
	}
	ask := ""
	if hint && n > 0 {
		ask = say(language, "choose_number")
	}
	out := plainText(joinLines(c.Header, c.Text, b.String(), c.Footer, ask))
	out.HeaderMedia = c.HeaderMedia
	return out
}

func locationText(l *Location) string {
	if l == nil {
		return ""
	}
	at := "https://maps.google.com/?q=" + strconv.FormatFloat(l.Latitude, 'f', -1, 64) + "," + strconv.FormatFloat(l.Longitude, 'f', -1, 64)
	return joinLines(l.Name, l.Address, at)
}

func cardsText(cards []ContactCard) string {
	var out []string
	for _, c := range cards {
		lines := slices.Concat([]string{c.Name}, c.Phones, c.Emails)
		for _, a := range c.Addresses {
			parts := slices.DeleteFunc([]string{a.Street, a.City, a.State, a.Zip, a.Country}, func(s string) bool { return s == "" })
			lines = append(lines, strings.Join(parts, ", "))
		}
		out = append(out, strings.Join(slices.Concat(lines, c.URLs), "\n"))
	}
	return joinLines(out...)
}

// adaptMedia finds the nearest kind of file that a channel takes: a sticker becomes an image, a voice note audio, and
// anything a document; a channel without files gets the link.
func adaptMedia(c Content, caps Capabilities) Content {
	kinds := []ContentKind{c.Kind}
	switch c.Kind {
	case ContentSticker:
		kinds = append(kinds, ContentImage)
	case ContentVoice:
		kinds = append(kinds, ContentAudio)
	}
	kinds = append(kinds, ContentDocument)
	for _, k := range kinds {
		l, ok := caps.Media[k]
		if !ok {
			continue
		}
		c.Kind = k
		if l.NoCaption {
			c.Text = ""
		} else {
			c.Text = shorten(c.Text, caps.Caption)
		}
		return c
	}
	link := ""
	if c.Media != nil {
		link = c.Media.URL
	}
	return plainText(joinLines(c.Text, link))
}
