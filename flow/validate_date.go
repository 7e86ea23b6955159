package flow

import (
	"fmt"
	"strconv"
	"strings"
	"time"
)

var monthNumbers = func() map[string]time.Month {
	m := map[string]time.Month{}
	for i, name := range monthsPT {
		m[fold(name)], m[fold(name)[:3]] = time.Month(i+1), time.Month(i+1)
	}
	for i := time.January; i <= time.December; i++ {
		m[strings.ToLower(i.String())], m[strings.ToLower(i.String())[:3]] = i, i
	}
	for i, name := range strings.Fields("enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre diciembre") {
		m[name], m[name[:3]] = time.Month(i+1), time.Month(i+1)
	}
	m["setiembre"], m["sept"] = time.September, time.September
	return m
}()

var weekdayNumbers = func() map[string]time.Weekday {
	m := map[string]time.Weekday{}
	for i, names := range []string{
		"domingo dom sunday sun", "segunda segunda-feira seg 2a monday mon lunes lun", "terca terca-feira ter 3a tuesday tue martes",
		"quarta quarta-feira qua 4a wednesday wed miercoles mie", "quinta quinta-feira qui 5a thursday thu jueves jue",
		"sexta sexta-feira sex 6a friday fri viernes vie", "sabado sab saturday sat",
	} {
		for n := range strings.FieldsSeq(names) {
			m[n] = time.Weekday(i)
		}
	}
	for i, name := range []string{"segunda feira", "terca feira", "quarta feira", "quinta feira", "sexta feira"} {
		m[name] = time.Weekday(i + 1)
	}
	return m
}()

// dayWords are days as people call them, counted from today.
var dayWords = map[string]int{
	"hoje": 0, "hj": 0, "today": 0, "hoy": 0, "agora": 0, "amanha": 1, "amnh": 1, "tomorrow": 1, "manana": 1,
	"depois de amanha": 2, "day after tomorrow": 2, "the day after tomorrow": 2, "pasado manana": 2, "ontem": -1, "yesterday": -1, "ayer": -1, "anteontem": -2, "antes de ontem": -2, "anteayer": -2,
}

// dateBounds are the first and the last day that a date may be, YYYY-MM-DD, empty for none.
type dateBounds struct{ earliest, latest string }

// ParseDate reads a date the way Brazilians write it: "25/12/2026", "25-12-26", "25.12", "25 de dezembro", "dia 5", "hoje",
// "amanhã às 10h", "sexta que vem", and the ISO form. The day comes first. A date without a year is the next such day from
// today's; a year of two digits lies within the last eighty years or the next twenty. today is the contact's present day.
func ParseDate(s string, today time.Time) (string, bool) {
	return parseDate(s, today, "", dateBounds{})
}

// parseDate reads a date. Where the year is left open the bounds decide, so that a birth date is not in the future.
func parseDate(s string, today time.Time, lang string, within dateBounds) (date string, ok bool) {
	if len(s) > 200 {
		return "", false
	}
	day := time.Date(today.Year(), today.Month(), today.Day(), 0, 0, 0, 0, time.UTC)
	r := dateReader{today: day, within: within, monthFirst: strings.HasPrefix(strings.ToLower(lang), "en")}
	courteous(said(s), func(w string) bool {
		date, ok = r.read(w)
		return ok
	})
	return date, ok
}

type dateReader struct {
	today      time.Time
	within     dateBounds
	monthFirst bool
}

func (r *dateReader) read(w string) (string, bool) {
	if w == "" || len(w) > 60 {
		return "", false
	}
	w = withoutTime(w)
	for _, p := range []string{"no dia ", "dia ", "day ", "el dia ", "em ", "on ", "no ", "na ", "nesta ", "neste ", "nessa ", "nesse ", "esta ", "este ", "essa ", "esse ", "this ", "ate ", "desde "} {
		if rest, ok := strings.CutPrefix(w, p); ok {
			w = rest
			if p == "dia " || p == "no dia " || p == "day " || p == "el dia " {
				if d, ok := r.dayOfMonth(w); ok {
					return d, true
				}
			}
		}
	}
	if n, ok := dayWords[w]; ok {
		return r.today.AddDate(0, 0, n).Format(time.DateOnly), true
	}
	if d, ok := r.ahead(w); ok {
		return d, true
	}
	if d, ok := r.weekday(w); ok {
		return d, true
	}
	parts := strings.FieldsFunc(w, func(c rune) bool { return strings.ContainsRune("/-. ,", c) })
	kept := parts[:0]
	for _, p := range parts {
		if p != "de" && p != "of" && p != "do" && p != "del" && p != "the" {
			kept = append(kept, p)
		}
	}
	return r.dateOf(kept)
}

// withoutTime takes a time of day, and words of little weight, from the end of a date.
func withoutTime(w string) string {
	for _, tail := range []string{" cedo", " mesmo", " de manha", " a tarde", " de tarde", " a noite", " de noite", " por la manana", " por la tarde", " morning", " afternoon", " evening", " night"} {
		w = strings.TrimSuffix(w, tail)
	}
	if head, tail, ok := strings.Cut(w, "t"); ok && len(head) == len(time.DateOnly) && strings.Count(head, "-") == 2 && tail != "" && digitByte(tail[0]) {
		return head // ISO
	}
	for _, sep := range []string{" as ", " at ", " a las ", ", ", " "} {
		i := strings.LastIndex(w, sep)
		if i <= 0 || !strings.ContainsAny(w[i:], "0123456789") {
			continue
		}
		tail := w[i+len(sep):]
		if !strings.ContainsAny(tail, ":h") && sep != " as " && sep != " at " && sep != " a las " {
			continue
		}
		if _, ok := ParseTime(tail); ok && !strings.HasSuffix(w[:i], " de") {
			return strings.TrimRight(w[:i], " ,")
		}
	}
	return w
}

// dayOfMonth is the next day with that number.
func (r *dateReader) dayOfMonth(w string) (string, bool) {
	d, ok := dayNumber(w)
	if !ok {
		return "", false
	}
	fits := func(t time.Time) bool { return t.Day() == d }
	if r.past(time.Date(r.today.Year(), r.today.Month(), d, 0, 0, 0, 0, time.UTC)) {
		for i := range 12 {
			if t := time.Date(r.today.Year(), r.today.Month()-time.Month(i), d, 0, 0, 0, 0, time.UTC); fits(t) && !t.After(r.today) {
				return t.Format(time.DateOnly), true
			}
		}
	}
	for i := range 12 {
		if t := time.Date(r.today.Year(), r.today.Month()+time.Month(i), d, 0, 0, 0, 0, time.UTC); fits(t) && !t.Before(r.today) {
			return t.Format(time.DateOnly), true
		}
	}
	return "", false
}

// past reports whether only a day up to today will do: the bounds end there.
func (r *dateReader) past(time.Time) bool {
	return r.within.latest != "" && r.within.latest <= r.today.Format(time.DateOnly)
}

func dayNumber(w string) (int, bool) {
	if n, known := numberWords[w]; known && n >= 1 {
		return n, true
	}
	if placeWords[w] == 1 {
		return 1, true
	}
	d, err := strconv.Atoi(strings.TrimRight(w, "oastndrh°"))
	return d, err == nil && d >= 1 && d <= 31
}

// ahead reads "daqui a 3 dias", "em 2 semanas", "in 3 days".
func (r *dateReader) ahead(w string) (string, bool) {
	for _, p := range []string{"daqui a ", "daqui ", "in ", "dentro de ", "en "} {
		w = strings.TrimPrefix(w, p)
	}
	count, unit, ok := strings.Cut(w, " ")
	n, known := numberWords[count]
	if !known {
		var err error
		if n, err = strconv.Atoi(count); err != nil {
			return "", false
		}
	}
	if !ok || n < 0 || n > 1000 {
		return "", false
	}
	switch unit {
	case "dia", "dias", "day", "days":
		return r.today.AddDate(0, 0, n).Format(time.DateOnly), true
	case "semana", "semanas", "week", "weeks":
		return r.today.AddDate(0, 0, 7*n).Format(time.DateOnly), true
	}
	return "", false
}

func (r *dateReader) weekday(w string) (string, bool) {
	for _, p := range []string{"proximo ", "proxima ", "next ", "el proximo ", "el ", "na proxima ", "no proximo "} {
		w = strings.TrimPrefix(w, p)
	}
	for _, p := range []string{" que vem", " proxima", " proximo", " que viene", " agora"} {
		w = strings.TrimSuffix(w, p)
	}
	wd, ok := weekdayNumbers[w]
	if !ok {
		return "", false
	}
	if r.past(r.today) {
		back := (int(r.today.Weekday()) - int(wd) + 7) % 7
		return r.today.AddDate(0, 0, -back).Format(time.DateOnly), true
	}
	ahead := (int(wd) - int(r.today.Weekday()) + 7) % 7
	if ahead == 0 {
		ahead = 7
	}
	return r.today.AddDate(0, 0, ahead).Format(time.DateOnly), true
}

func (r *dateReader) dateOf(parts []string) (string, bool) {
	if len(parts) == 1 && len(parts[0]) == 8 {
		if d, ok := onlyDigits(parts[0], ""); ok && len(d) == 8 { // 25122026
			parts = []string{d[:2], d[2:4], d[4:]}
		}
	}
	if len(parts) != 2 && len(parts) != 3 {
		return "", false
	}
	if len(parts) == 3 && len(parts[0]) == 4 { // 2026-12-25
		parts = []string{parts[2], parts[1], parts[0]}
	}
	if _, isMonth := monthNumbers[parts[0]]; isMonth { // december 25
		parts[0], parts[1] = parts[1], parts[0]
	}
	d, ok := dayNumber(parts[0])
	if !ok {
		return "", false
	}
	month, named := monthNumbers[parts[1]]
	if !named {
		m, err := strconv.Atoi(parts[1])
		if err != nil || len(parts[1]) > 2 {
			return "", false
		}
		month = time.Month(m)
		if r.monthFirst && m > 12 && d <= 12 {
			month, d = time.Month(d), m
		}
	}
	if month < 1 || month > 12 {
		return "", false
	}
	if len(parts) == 2 {
		return r.yearless(d, month)
	}
	year, err := strconv.Atoi(parts[2])
	if err != nil || (len(parts[2]) != 4 && len(parts[2]) != 2) {
		return "", false
	}
	if len(parts[2]) == 2 {
		year = r.century(year, d, month)
	}
	return dateText8(year, month, d)
}

// century is the year that two digits stand for.
func (r *dateReader) century(year, d int, month time.Month) int {
	if year += 2000; year > r.today.Year()+20 {
		return year - 100
	}
	if text, ok := dateText8(year, month, d); ok && r.within.latest != "" && text > r.within.latest {
		return year - 100
	}
	return year
}

// yearless is the next such day from today on, or the latest one where only the past will do.
func (r *dateReader) yearless(d int, month time.Month) (string, bool) {
	step, year := 1, r.today.Year()
	if t := time.Date(year, month, d, 0, 0, 0, 0, time.UTC); r.past(t) {
		step = -1
		if t.After(r.today) {
			year--
		}
	} else if t.Before(r.today) {
		year++
	}
	for range 9 { // 29 February comes every eighth year at the latest
		if text, ok := dateText8(year, month, d); ok {
			return text, true
		}
		year += step
	}
	return "", false
}

func dateText8(year int, month time.Month, d int) (string, bool) {
	t := time.Date(year, month, d, 0, 0, 0, 0, time.UTC)
	if t.Day() != d || year < 1900 || year > 2200 {
		return "", false
	}
	return t.Format(time.DateOnly), true
}

// ParseTime reads a time of day: "14:30", "14h30", "14h", "1430", "9 da manhã", "2 da tarde", "12 da noite", "9 e meia",
// "2pm", "meio-dia".
func ParseTime(s string) (at string, ok bool) {
	if len(s) > 100 {
		return "", false
	}
	courteous(said(s), func(w string) bool {
		at, ok = timeOfDay(w)
		return ok
	})
	return at, ok
}

// partsOfDay say when in a day a time is, by what stands after it.
var partsOfDay = []struct {
	suffix string
	part   dayPart
}{
	{" da madrugada", atNight}, {" de la madrugada", atNight}, {" da manha", inMorning}, {" de la manana", inMorning}, {" in the morning", inMorning}, {"a.m.", inMorning},
	{"a.m", inMorning}, {"am", inMorning}, {" da tarde", inAfternoon}, {" de la tarde", inAfternoon}, {" in the afternoon", inAfternoon}, {"p.m.", inAfternoon},
	{"p.m", inAfternoon}, {"pm", inAfternoon}, {" da noite", inEvening}, {" de la noche", inEvening}, {" at night", inEvening}, {" in the evening", inEvening},
}

type dayPart int

const (
	anyPart dayPart = iota
	atNight
	inMorning
	inAfternoon
	inEvening
)

func timeOfDay(w string) (string, bool) {
	if len(w) > 40 {
		return "", false
	}
	for _, p := range []string{"as ", "a las ", "a la ", "a ", "at ", "la ", "las ", "ao "} {
		w = strings.TrimPrefix(w, p)
	}
	part := anyPart
	for _, p := range partsOfDay {
		if t, ok := strings.CutSuffix(w, p.suffix); ok && t != "" {
			w, part = strings.TrimSpace(t), p.part
			break
		}
	}
	h, m, ok := hourAndMinute(w)
	if !ok {
		return "", false
	}
	switch {
	case part == inAfternoon && h < 12, part == inEvening && h < 12 && h > 4:
		h += 12
	case (part == inMorning || part == inEvening || part == atNight) && h == 12:
		h = 0
	case part == inMorning && h > 12:
		return "", false
	case h == 24 && m == 0:
		h = 0
	}
	if h < 0 || h > 23 || m < 0 || m > 59 {
		return "", false
	}
	return fmt.Sprintf("%02d:%02d", h, m), true
}

// besideTheHour reads minutes that are written out after an hour ("9 e quinze", "ten past 9") or before the next one
// ("quinze para as três", "quarter to 3"). Two hours with "to" between them are a span, and no time.
func besideTheHour(w string) (h, m int, ok bool) {
	minutes := func(s string) (int, bool) {
		switch s {
		case "quarter", "a quarter", "cuarto", "um quarto":
			return 15, true
		}
		if n, err := strconv.Atoi(strings.TrimSuffix(s, " min")); err == nil {
			return n, n > 0 && n < 60
		}
		n, known := writtenNumber(s)
		return n, known && n > 0 && n < 60
	}
	hour := func(s string) (int, bool) {
		h, m, ok := hourAndMinute(s)
		return h, ok && m == 0
	}
	for _, sep := range []string{" para as ", " para a ", " pras ", " pra "} {
		if before, after, is := strings.Cut(w, sep); is {
			m, ok = minutes(before)
			h, ok2 := hour(after)
			return (h + 23) % 24, 60 - m, ok && ok2
		}
	}
	if after, is := strings.CutPrefix(strings.TrimPrefix(w, "a "), "quarter to "); is {
		h, ok = hour(after)
		return (h + 23) % 24, 45, ok
	}
	if before, after, is := strings.Cut(w, " past "); is {
		m, ok = minutes(before)
		h, ok2 := hour(after)
		return h, m, ok && ok2
	}
	if before, is := strings.CutSuffix(w, " menos cuarto"); is {
		h, ok = hour(before)
		return (h + 23) % 24, 45, ok
	}
	for _, sep := range []string{" e ", " y "} {
		if before, after, is := strings.Cut(w, sep); is && strings.Trim(after, "0123456789") == after {
			m, ok = minutes(after)
			h, ok2 := hour(before)
			return h, m, ok && ok2
		}
	}
	return 0, 0, false
}

func hourAndMinute(w string) (h, m int, ok bool) {
	if rest, half := strings.CutPrefix(w, "half past "); half {
		h, _, ok = hourAndMinute(rest)
		return h, 30, ok
	}
	for _, half := range []string{" e meia", " y media", " e 30"} {
		if rest, is := strings.CutSuffix(w, half); is {
			h, m, ok = hourAndMinute(rest)
			return h, 30, ok && m == 0
		}
	}
	if h, m, ok = besideTheHour(w); ok {
		return h, m, true
	}
	switch w {
	case "meio-dia", "meio dia", "noon", "mediodia":
		return 12, 0, true
	case "meia-noite", "meia noite", "midnight", "medianoche":
		return 0, 0, true
	}
	for _, suffix := range []string{"minutos", "min", "m", "horas", "hora", "hours", "hour", "hrs", "hs", "hr", "h", "em ponto", "o'clock"} {
		if t, cut := strings.CutSuffix(w, suffix); cut && t != "" {
			w = strings.TrimSpace(t)
		}
	}
	if n, known := numberWords[w]; known && n <= 24 {
		return n, 0, true
	}
	if n := len(w); (n == 3 || n == 4) && strings.Trim(w, "0123456789") == "" { // 930, 1430
		w = w[:n-2] + ":" + w[n-2:]
	}
	hour, minute, _ := strings.Cut(strings.NewReplacer("horas e ", ":", "hora e ", ":", "hours and ", ":", "hs", ":", "hrs", ":", " e ", ":", "h", ":", ".", ":", " ", "").Replace(w), ":")
	h, err := strconv.Atoi(hour)
	if err != nil || len(hour) > 2 || strings.HasPrefix(hour, "+") || strings.HasPrefix(hour, "-") {
		return 0, 0, false
	}
	if minute != "" {
		minute, _ = strings.CutSuffix(minute, ":00") // seconds
		if m, err = strconv.Atoi(minute); err != nil || len(minute) != 2 || strings.HasPrefix(minute, "-") {
			return 0, 0, false
		}
	}
	return h, m, true
}
