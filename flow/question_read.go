package flow

import (
	"math"
	"strings"
	"time"
)

// read understands a reply; key names the text to say when it is no answer.
func (q *QuestionRules) read(r *run, m *Inbound) (ans answer, key string) {
	switch q.Type {
	case AnswerFile, AnswerImage, AnswerAudio, AnswerVideo:
		if q.Several {
			return q.readFiles(m)
		}
		return q.readMedia(m.Kind, m.Media)
	case AnswerLocation:
		if m.Location == nil {
			return answer{}, "invalid_location"
		}
		l := m.Location
		return answer{value: map[string]any{"latitude": l.Latitude, "longitude": l.Longitude, "name": l.Name, "address": l.Address}}, ""
	case AnswerAny:
		if v := anyAnswer(m); !isEmpty(v) {
			return answer{value: v}, ""
		}
		return answer{}, "invalid"
	}
	switch {
	case m.Kind == InboundText, m.Kind == InboundTap && !strings.HasPrefix(m.Payload, payloadMark):
	case m.Media != nil && m.Text != "" && q.Type != AnswerText && q.Type != "": // a picture with the answer below it
		if ans, key = q.readText(r, m.Text); key == "" {
			return ans, ""
		}
		return answer{}, "invalid_text"
	default:
		return answer{}, "invalid_text"
	}
	return q.readText(r, m.Text)
}

func anyAnswer(m *Inbound) any {
	switch {
	case m.Media != nil:
		v := mediaValue(m.Media)
		if m.Text != "" {
			v["caption"] = m.Text
		}
		return v
	case m.Location != nil:
		return map[string]any{"latitude": m.Location.Latitude, "longitude": m.Location.Longitude}
	case m.Text == "" && len(m.Contacts) > 0:
		return m.Contacts[0].Name
	}
	return answered(m.Text)
}

func mediaValue(m *Media) map[string]any {
	v := map[string]any{"id": m.ID, "mime": m.MIME, "size": float64(m.Size)}
	if m.Filename != "" {
		v["filename"] = m.Filename
	}
	if m.URL != "" {
		v["url"] = m.URL
	}
	return v
}

func (q *QuestionRules) readText(r *run, text string) (answer, string) {
	var ok bool
	var value any
	switch q.Type {
	case AnswerNumber, AnswerRating:
		return q.readNumber(r, text)
	case AnswerEmail:
		value, ok = findIn(text, ParseEmail)
	case AnswerPhone:
		return readWith(text, readPhone)
	case AnswerCPF:
		value, ok = findIn(text, ParseCPF)
	case AnswerCNPJ:
		value, ok = findIn(text, ParseCNPJ)
	case AnswerDocument:
		value, ok = findIn(text, parseDocument)
	case AnswerCEP:
		value, ok = findIn(text, ParseCEP)
	case AnswerDate:
		return q.readDate(r, text)
	case AnswerTime:
		return q.readTime(r, text)
	case AnswerYesNo:
		value, ok = boolAny(ParseYesNo(text))
	default:
		return q.readFree(r, text)
	}
	if !ok {
		return answer{}, "invalid_" + string(q.Type) + q.lengthOf(text)
	}
	return answer{value: value}, ""
}

func boolAny(v, ok bool) (any, bool) { return v, ok }

// parseDocument reads a CPF or a CNPJ.
func parseDocument(s string) (string, bool) {
	if d, ok := ParseCPF(s); ok {
		return d, true
	}
	return ParseCNPJ(s)
}

// lengthOf tells a document of the wrong length from one with a wrong digit.
func (q *QuestionRules) lengthOf(text string) string {
	want := map[AnswerType]int{AnswerCPF: 11, AnswerCNPJ: 14, AnswerCEP: 8}[q.Type]
	if n := len(digits(readable(text))); want > 0 && q.Type != AnswerCEP && n > 0 && n != want && n < 20 {
		return "_length"
	}
	return ""
}

// readWith reads a value whose reader says what is wrong.
func readWith(text string, read func(string) (string, string)) (answer, string) {
	v, ok := findIn(text, func(s string) (string, bool) {
		v, why := read(s)
		return v, why == ""
	})
	if ok {
		return answer{value: v}, ""
	}
	_, why := read(strings.Join(stretches(readable(text)), " "))
	if why == "" { // several numbers
		_, why = read("")
	}
	return answer{}, why
}

// readFree takes a text as it is, within its bounds.
func (q *QuestionRules) readFree(r *run, text string) (answer, string) {
	text = answered(text)
	n := runes(text)
	switch {
	case n == 0:
		return answer{}, "invalid"
	case n < q.MinLength, q.MaxLength > 0 && n > q.MaxLength:
		return answer{}, "invalid_length"
	case q.pattern != nil && !q.fits(r, text):
		return answer{}, "invalid"
	}
	return answer{value: text}, ""
}

// fits looks for the pattern in a text, as it is written and as it is meant.
func (q *QuestionRules) fits(r *run, text string) bool {
	if r.matches(q.pattern, text) {
		return true
	}
	plain := readable(text)
	return plain != text && r.matches(q.pattern, plain)
}

func (q *QuestionRules) readNumber(r *run, text string) (answer, string) {
	bad := "invalid_" + string(q.Type)
	lo, hi := q.Min, q.Max
	read := func(s string) (float64, bool) { return spokenNumber(s, r.s.Language) }
	if q.Type == AnswerRating {
		one, five := 1.0, 5.0
		if lo == nil {
			lo = &one
		}
		if hi == nil {
			hi = &five
		}
		read = func(s string) (float64, bool) { return rating(s, *hi, r.s.Language) }
	}
	f, ok := readEach(text, read)
	switch {
	case !ok:
		return answer{}, bad
	case (lo != nil && f < *lo) || (hi != nil && f > *hi):
		return answer{}, r.bounded(bad, bound(lo), bound(hi))
	case (q.Whole || q.Type == AnswerRating) && f != math.Trunc(f):
		return answer{}, "invalid_whole"
	}
	return answer{value: f}, ""
}

func bound(f *float64) string {
	if f == nil {
		return ""
	}
	return formatNumber(*f)
}

// bounded names the text that tells the bounds of an answer, and keeps them for it.
func (r *run) bounded(key, lo, hi string) string {
	r.why = []string{lo, hi}
	switch {
	case lo == "":
		return key + "_most"
	case hi == "":
		return key + "_least"
	}
	return key + "_range"
}

// rating reads a mark: "9", "nota 9", "9/10", "dez", stars.
func rating(s string, most float64, lang string) (float64, bool) {
	w := said(s)
	if n, ok := wholeNumber(w); ok {
		return float64(n), true
	}
	if stars := strings.Count(s, "⭐") + strings.Count(s, "🌟") + strings.Count(s, "★"); stars > 0 && len(tokens(s)) == 0 {
		return float64(stars), true
	}
	for _, p := range []string{"nota ", "minha nota e ", "dou nota ", "dou ", "score ", "nota: ", "nota e "} {
		w = strings.TrimPrefix(w, p)
	}
	for _, sep := range []string{"/", " de ", " out of "} {
		if head, tail, ok := strings.Cut(w, sep); ok {
			if n, ok := wholeNumber(strings.TrimSpace(tail)); ok && float64(n) == most {
				w = strings.TrimSpace(head)
			}
		}
	}
	return spokenNumber(w, lang)
}

func (q *QuestionRules) readDate(r *run, text string) (answer, string) {
	today := r.now.In(orUTC(r.zone))
	read := func(s string, within dateBounds) string {
		d, _ := readEach(s, func(line string) (string, bool) { return parseDate(line, today, r.s.Language, within) })
		return d
	}
	within := dateBounds{earliest: read(r.text(q.Earliest), dateBounds{}), latest: read(r.text(q.Latest), dateBounds{})}
	if q.birth && within.latest == "" {
		within.latest = today.Format(time.DateOnly)
	}
	d := read(text, within)
	switch {
	case d == "":
		return answer{}, "invalid_date"
	case (within.earliest != "" && d < within.earliest) || (within.latest != "" && d > within.latest):
		return answer{}, r.bounded("invalid_date", r.day(within.earliest), r.day(within.latest))
	}
	return answer{value: d}, ""
}

// day writes a date as people of the run's language do.
func (r *run) day(date string) string {
	t, err := time.Parse(time.DateOnly, date)
	if err != nil {
		return ""
	}
	return t.Format("02/01/2006")
}

func (q *QuestionRules) readTime(r *run, text string) (answer, string) {
	read := func(s string) string {
		t, _ := readEach(s, ParseTime)
		return t
	}
	at, lo, hi := read(text), read(r.text(q.Earliest)), read(r.text(q.Latest))
	switch {
	case at == "":
		return answer{}, "invalid_time"
	case (lo != "" && at < lo) || (hi != "" && at > hi):
		return answer{}, r.bounded("invalid_time", lo, hi)
	}
	return answer{value: at}, ""
}

// readFiles takes the files of an album; files that do not fit are left out where others do.
func (q *QuestionRules) readFiles(m *Inbound) (answer, string) {
	var files []any
	key := "invalid_" + string(q.Type)
	for _, f := range m.files() {
		ans, why := q.readMedia("", f)
		if why != "" {
			key = why
			continue
		}
		files = append(files, ans.value)
	}
	if len(files) < max(q.AtLeast, 1) {
		return answer{}, key
	}
	if q.AtMost > 0 && len(files) > q.AtMost {
		files = files[:q.AtMost]
	}
	return answer{value: files}, ""
}

func (q *QuestionRules) readMedia(kind InboundKind, m *Media) (answer, string) {
	key := "invalid_" + string(q.Type)
	if m == nil {
		return answer{}, key
	}
	switch {
	case q.Type == AnswerImage && kind != InboundImage && !strings.HasPrefix(m.MIME, "image/"),
		q.Type == AnswerAudio && kind != InboundAudio && !strings.HasPrefix(m.MIME, "audio/"),
		q.Type == AnswerVideo && kind != InboundVideo && !strings.HasPrefix(m.MIME, "video/"):
		return answer{}, key
	case q.MaxBytes > 0 && m.Size > q.MaxBytes:
		return answer{}, "invalid_file_size"
	case len(q.MIME) > 0 && !mimeAllowed(m.MIME, q.MIME):
		return answer{}, "invalid_file_type"
	}
	return answer{value: mediaValue(m)}, ""
}

func mimeAllowed(mime string, allowed []string) bool {
	mime, _, _ = strings.Cut(strings.ToLower(mime), ";")
	for _, a := range allowed {
		a = strings.ToLower(a)
		if a == mime || (strings.HasSuffix(a, "/*") && strings.HasPrefix(mime, strings.TrimSuffix(a, "*"))) {
			return true
		}
	}
	return false
}
