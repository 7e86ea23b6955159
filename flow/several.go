package flow

import (
	"cmp"
	"slices"
	"strings"
)

// allWords mean every option there is.
var allWords = phraseSet("todas, todos, tudo, todas as opcoes, todas elas, todos eles, all, all of them, everything, todas las opciones, todo")

// several reads the options that a text names, in its order: titles and numbers with commas, "e", "/" and the like between
// them. Titles come first and the longest of them, because a title may hold a comma or an "e" itself.
func (o *offering) several(text string, caps *Capabilities) ([]int, bool) {
	text = fold(strings.NewReplacer("\n", " , ", "•", ",", "·", ",").Replace(readable(text)))
	w := bare(text)
	if allWords[words1(w)] {
		out := make([]int, len(o.all))
		for i := range out {
			out[i] = i
		}
		return out, true
	}
	reader := severalReader{o: o, names: o.names(), caps: caps}
	ok := courteous(w, func(w string) bool {
		reader.out, reader.dead = nil, map[int]bool{}
		return reader.walk(w, true)
	})
	return reader.out, ok
}

// optionName is a title or a synonym of an option.
type optionName struct {
	text string
	at   int
}

// names are the titles and synonyms, the longest first.
func (o *offering) names() []optionName {
	var out []optionName
	add := func(s string, at int) {
		for _, t := range []string{fold(s), said(s)} {
			if t != "" && !slices.Contains(out, optionName{t, at}) {
				out = append(out, optionName{t, at})
			}
		}
	}
	for i := range o.all {
		add(o.all[i].Title, i)
	}
	first := len(o.all) - len(o.synonyms)
	for i := range o.synonyms {
		for _, s := range o.synonyms[i].Synonyms {
			add(s, first+i)
		}
	}
	slices.SortStableFunc(out, func(a, b optionName) int { return cmp.Compare(len(b.text), len(a.text)) })
	return out
}

// severalReader reads one option after the other; where one way of reading leads nowhere it tries the next shorter one.
type severalReader struct {
	o     *offering
	names []optionName
	caps  *Capabilities
	out   []int
	// dead are the rests, by their length, that lead nowhere.
	dead map[int]bool
}

func (w *severalReader) walk(text string, first bool) bool {
	text, parted := cutSeparators(text)
	switch {
	case text == "":
		return len(w.out) > 0
	case w.dead[len(text)], !first && !parted:
		return false
	}
	for _, n := range w.names {
		if rest, ok := strings.CutPrefix(text, n.text); ok && w.take(n.at, rest) {
			return true
		}
	}
	if w.number(text) {
		return true
	}
	w.dead[len(text)] = true
	return false
}

func (w *severalReader) take(at int, rest string) bool {
	if rest != "" && wordRune(firstRune(rest)) {
		return false
	}
	before := len(w.out)
	if !slices.Contains(w.out, at) {
		w.out = append(w.out, at)
	}
	if w.walk(rest, false) {
		return true
	}
	w.out = w.out[:before]
	return false
}

// number reads an option's number, with the title behind it where the line stands as it was shown: "1 - Banho".
func (w *severalReader) number(text string) bool {
	end := 0
	for end < len(text) && digitByte(text[end]) {
		end++
	}
	n, ok := wholeNumber(text[:end])
	if !ok {
		return false
	}
	at, more, ok := w.o.byNumber(n, w.caps)
	if !ok || more {
		return false
	}
	rest := text[end:]
	line := strings.TrimLeft(rest, " .-):")
	for _, name := range w.names {
		if after, is := strings.CutPrefix(line, name.text); is && name.at == at && len(line) < len(rest) && w.take(at, after) {
			return true
		}
	}
	return !strings.HasPrefix(rest, "-") && w.take(at, strings.TrimLeft(rest, ".)"))
}

// cutSeparators takes what stands between two options.
func cutSeparators(text string) (rest string, cut bool) {
	for {
		before := text
		text = strings.TrimLeft(text, " ,;/+&.!|\"'*_")
		for _, w := range []string{"e ", "and ", "y ", "- ", "tambem ", "opcoes ", "opcao ", "options ", "numeros "} {
			text = strings.TrimPrefix(text, w)
		}
		if text == before {
			return text, cut
		}
		cut = true
	}
}
