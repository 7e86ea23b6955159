package flow

import (
	"slices"
	"strconv"
	"strings"
	"unicode"
)

// offering is what a contact can choose from: all options, and the part of them that is shown.
type offering struct {
	all []Option
	// shown are the indexes of the options on the page that is shown, in its order; nil stands for all of them.
	shown []int
	// more is the row that leads to the next page.
	more *Option
	// synonyms are the fixed options, with their other words; those of dynamic options come first in all.
	synonyms []ChoiceOption
	style    MenuStyle
}

// offer divides options into pages where a list is longer than one; the fixed options after it stand on every page.
func (r *run) offer(options []Option, fixed []ChoiceOption, src *ListSource, style MenuStyle) *offering {
	o := &r.choice
	*o = offering{all: options, synonyms: fixed, style: style}
	if src == nil {
		return o
	}
	limit := src.Max
	if limit == 0 {
		limit = 10
	}
	items := len(options) - len(fixed)
	if items <= limit {
		return o
	}
	each := max(limit-1-len(fixed), 1)
	f := r.frame()
	if f.Page*each >= items {
		f.Page = 0
	}
	from := f.Page * each
	for i := from; i < min(from+each, items); i++ {
		o.shown = append(o.shown, i)
	}
	o.more = &Option{ID: moreID, Title: say(r.s.Language, "more_options"), Payload: r.payload(moreID)}
	for i := items; i < len(options); i++ {
		o.shown = append(o.shown, i)
	}
	return o
}

// moreID names the row that leads to the next page. No option can be called so.
const moreID = "+more"

// rows are the options on the page, in order; where "more" stands it is the last of the list, before the fixed options.
func (o *offering) rows() []Option {
	if o.more == nil {
		return o.all
	}
	out := make([]Option, 0, len(o.shown)+1)
	items := len(o.all) - len(o.synonyms)
	for _, i := range o.shown {
		if i >= items && len(out) == o.moreAt() {
			out = append(out, *o.more)
		}
		out = append(out, o.all[i])
	}
	if len(out) == o.moreAt() {
		out = append(out, *o.more)
	}
	return out
}

// moreAt is the row of "more".
func (o *offering) moreAt() int { return len(o.shown) - len(o.synonyms) }

// nth is the option with a number on the page; more is set for the row that leads on.
func (o *offering) nth(n int) (i int, more, ok bool) {
	switch {
	case n < 1:
		return 0, false, false
	case o.more == nil:
		return n - 1, false, n <= len(o.all)
	case n-1 == o.moreAt():
		return 0, true, true
	case n-1 > o.moreAt():
		n--
	}
	if n > len(o.shown) {
		return 0, false, false
	}
	return o.shown[n-1], false, true
}

// numbered reports whether the contact sees numbers before the titles.
func (o *offering) numbered(caps *Capabilities) bool {
	return o.style == MenuText || (caps.Buttons == nil && caps.List == nil) || (caps.List != nil && len(o.rows()) > caps.List.Rows)
}

// chosen finds the option that a message means: its tap, its title, a synonym or its number, as people write them. more is
// set when it means the next page.
func (r *run) chosen(m *Inbound, o *offering) (i int, more, ok bool) {
	if m.Kind == InboundTap && m.Payload != "" {
		if o.more != nil && o.more.Payload == m.Payload {
			return 0, true, true
		}
		for i := range o.all {
			if o.all[i].Payload == m.Payload || r.sameOption(m, &o.all[i]) {
				return i, false, true
			}
		}
		if strings.HasPrefix(m.Payload, payloadMark) {
			return 0, false, false // a tap on another question's buttons is no answer to this one
		}
	}
	if m.Text == "" || len(m.Text) > 500 || m.Kind == InboundContacts || m.Kind == InboundLocation {
		return 0, false, false
	}
	if strings.Contains(m.Text, "\n") {
		return o.readLines(m.Text, &r.env.Channel)
	}
	return o.read(m.Text, &r.env.Channel)
}

// readLines finds the one option that the lines of a text mean.
func (o *offering) readLines(text string, caps *Capabilities) (i int, more, ok bool) {
	type pick struct {
		i    int
		more bool
	}
	p, ok := readEach(text, func(line string) (pick, bool) {
		i, more, ok := o.read(line, caps)
		return pick{i, more}, ok
	})
	return p.i, p.more, ok
}

// read finds the option that one line means: a title first, then the line as it was shown ("1 - Vendas"), then a number.
func (o *offering) read(line string, caps *Capabilities) (i int, more, ok bool) {
	folded := fold(line)
	text := bare(folded)
	if text == "" {
		return 0, false, false
	}
	n, number := wholeNumber(text)
	if !number || o.digitTitles() {
		if i, ok := o.titled(folded, text); ok {
			return i, false, true
		}
	}
	if number {
		return o.byNumber(n, caps)
	}
	if o.more != nil && (text == said(o.more.Title) || moreWords[text]) {
		return 0, true, true
	}
	if i, ok := o.shownLine(text); ok {
		return i, false, true
	}
	if i, more, ok := o.readCourteous(text, caps); ok {
		return i, more, true
	}
	if head, _, spaced := strings.Cut(text, " "); spaced { // "12 vezes" where the titles are "3x" and "12x"
		if n, is := wholeNumber(head); is {
			led, at, all := o.led(n)
			return at, false, led == 1 && all
		}
	}
	return 0, false, false
}

// readCourteous finds an option that words of courtesy stand around, or a number that is written out.
func (o *offering) readCourteous(text string, caps *Capabilities) (i int, more, ok bool) {
	ok = courteous(text, func(w string) bool {
		if i, ok = o.titled(w, w); ok {
			return true
		}
		if n, is := wholeNumber(w); is {
			i, more, ok = o.byNumber(n, caps)
			return ok
		}
		if n, known := numberWords[w]; known && w != "meia" {
			i, more, ok = o.byNumber(n, caps)
			return ok
		}
		if n, known := placeWords[w]; known {
			i, more, ok = o.nth(n)
			return ok
		}
		return false
	})
	return i, more, ok
}

var moreWords = phraseSet("mais, mais opcoes, ver mais, mostrar mais, proxima, proximas, proxima pagina, more, more options, see more, next, next page, mas, mas opciones, ver mas, siguiente")

// digitTitles reports whether a title or synonym has a digit, so that a number may be a title.
func (o *offering) digitTitles() bool {
	for i := range o.all {
		if hasDigit(o.all[i].Title) {
			return true
		}
	}
	for i := range o.synonyms {
		if slices.ContainsFunc(o.synonyms[i].Synonyms, hasDigit) {
			return true
		}
	}
	return false
}

func hasDigit(s string) bool {
	return strings.IndexFunc(s, unicode.IsNumber) >= 0
}

// titled finds the option with a title or a synonym: as it is written, else without what stands around words, if only one
// reads so.
func (o *offering) titled(folded, text string) (int, bool) {
	for i := range o.all {
		if fold(o.all[i].Title) == folded {
			return i, true
		}
	}
	if i, ok := o.synonym(func(s string) bool { return s == folded }); ok {
		return i, true
	}
	found, n := 0, 0
	for i := range o.all {
		if said(o.all[i].Title) == text {
			found, n = i, n+1
		}
	}
	if n > 0 {
		return found, n == 1
	}
	return o.synonym(func(s string) bool { return bare(s) == text })
}

// synonym finds the fixed option with a synonym that fits. A number that stands at another option's place is none.
func (o *offering) synonym(fits func(folded string) bool) (int, bool) {
	first := len(o.all) - len(o.synonyms)
	for i := range o.synonyms {
		for _, s := range o.synonyms[i].Synonyms {
			folded := fold(s)
			if !fits(folded) {
				continue
			}
			if n, number := wholeNumber(bare(folded)); number && n >= 1 && n <= len(o.all) {
				continue
			}
			return first + i, true
		}
	}
	return 0, false
}

// byNumber finds the option that a number means: the one at that place, or the one whose title begins with it ("3x"). Where
// all titles begin with numbers and none is shown before them, a place is not what is meant.
func (o *offering) byNumber(n int, caps *Capabilities) (i int, more, ok bool) {
	led, at, all := o.led(n)
	if !all || o.numbered(caps) {
		if i, more, ok = o.nth(n); ok {
			return i, more, ok
		}
	}
	if led == 1 {
		return at, false, true
	}
	return 0, false, false
}

// led counts the titles that begin with a number n, names the last of them, and reports whether all titles begin with one.
func (o *offering) led(n int) (count, at int, all bool) {
	all = true
	for i := range o.all {
		t := o.all[i].Title
		if t == "" || (t[0] < 0x80 && !digitByte(t[0])) { // the common case, without a copy
			all = false
			continue
		}
		v, ok := leadingNumber(said(t))
		if !ok {
			all = false
		} else if v == n {
			count, at = count+1, i
		}
	}
	return count, at, all
}

// leadingNumber is the whole number that a title begins with; a date, a decimal, an ordinal or a longer number is none.
func leadingNumber(title string) (int, bool) {
	end := 0
	for end < len(title) && digitByte(title[end]) {
		end++
	}
	if end == 0 || end > 6 || (end+1 < len(title) && strings.IndexByte("./,:-", title[end]) >= 0 && digitByte(title[end+1])) {
		return 0, false
	}
	if rest := title[end:]; rest != "" && (rest[0] == 'a' || rest[0] == 'o') && (len(rest) == 1 || !letter(rest[1])) {
		return 0, false // "2ª via"
	}
	n, err := strconv.Atoi(title[:end])
	return n, err == nil
}

// shownLine reads the line as the bot printed it: a number, a sign, the title, and perhaps the description.
func (o *offering) shownLine(text string) (int, bool) {
	end := 0
	for end < len(text) && digitByte(text[end]) {
		end++
	}
	if end == 0 || end > 3 || end == len(text) {
		return 0, false
	}
	n, err := strconv.Atoi(text[:end])
	if err != nil {
		return 0, false
	}
	rest := bare(strings.TrimLeft(text[end:], " .-):=>"))
	i, more, ok := o.nth(n)
	if !ok || more || rest == "" {
		return 0, false
	}
	title, whole := said(o.all[i].Title), said(o.all[i].Title+" ("+o.all[i].Description+")")
	if rest == title || rest == whole {
		return i, true
	}
	at, ok := o.titled(rest, rest)
	return at, ok && at == i
}

// sameOption reports whether a tap on an older copy of this question means an option: the same option of the same node, in
// this run. In an earlier run, and among options made of a list, it also has to have the same title.
func (r *run) sameOption(m *Inbound, o *Option) bool {
	old, ok := parsePayload(m.Payload)
	offered, ok2 := parsePayload(o.Payload)
	if !ok || !ok2 || old.node != offered.node || old.option != offered.option {
		return false
	}
	if old.run == r.s.Run && r.frame().Options == nil {
		return true
	}
	return sameTitle(m.Text, o.Title)
}

// sameTitle compares what a tap says with a title, which the channel may have shortened.
func sameTitle(tapped, title string) bool {
	a, b := fold(tapped), fold(title)
	if cut, ok := strings.CutSuffix(a, "..."); ok && cut != "" {
		return strings.HasPrefix(b, strings.TrimSpace(cut))
	}
	return a == b
}

// optionWords are words that people write before a number.
var optionWords = phraseSet("opcao, opcion, option, opc, op, numero, number, num, no, nr, n, item, a, o, la, el, the")

// wholeNumber reads "2", "2.", "2)", "nº 2", "opcao 2", "2a opcao" and digits of every kind, up to 999999.
func wholeNumber(text string) (int, bool) {
	if len(text) > 24 {
		return 0, false
	}
	if text != "" && !digitByte(text[0]) {
		for {
			word, rest, ok := strings.Cut(text, " ")
			if !ok || !optionWords[bare(word)] {
				break
			}
			text = rest
		}
		text = strings.TrimLeft(text, "#n")
		text = strings.TrimSpace(strings.TrimPrefix(text, "o ")) // "nº" is "no"
	}
	text = strings.TrimSuffix(strings.TrimSuffix(text, " opcao"), " opcion")
	n, seen := 0, 0
	for i := range len(text) {
		c := text[i]
		switch {
		case digitByte(c):
			if seen++; seen > 6 {
				return 0, false
			}
			n = n*10 + int(c-'0')
		case seen > 0 && i == len(text)-1 && strings.IndexByte(".)-oa", c) >= 0:
		default:
			return 0, false
		}
	}
	return n, seen > 0
}
