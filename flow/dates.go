package flow

import (
	"fmt"
	"strings"
	"time"
)

var monthsPT = [...]string{
	"janeiro", "fevereiro", "março", "abril", "maio", "junho", "julho", "agosto", "setembro", "outubro", "novembro", "dezembro",
}

var monthsES = [...]string{
	"enero", "febrero", "marzo", "abril", "mayo", "junio", "julio", "agosto", "septiembre", "octubre", "noviembre", "diciembre",
}

var weekdaysES = [...]string{"domingo", "lunes", "martes", "miércoles", "jueves", "viernes", "sábado"}

var weekdaysPT = [...]string{
	"domingo", "segunda-feira", "terça-feira", "quarta-feira", "quinta-feira", "sexta-feira", "sábado",
}

// date writes a date or an instant. The format is a name ("short", "long", "time", "datetime", "weekday", "iso") or
// strftime's percent letters; without one it is "short".
func (w writing) date(v any, args filterArgs) (any, error) {
	layout := args.text(0, "short")
	read := toDay
	if showsTime(layout) {
		read = toLocal
	}
	t, ok := read(v, w.zone)
	if !ok {
		return asText(v), nil
	}
	return dateText(t, layout, w.lang), nil
}

// showsTime reports whether a format shows a time of day.
func showsTime(layout string) bool {
	switch layout {
	case "short", "long", "weekday":
		return false
	case "time", "datetime", "iso":
		return true
	}
	for _, letter := range []string{"%H", "%I", "%M", "%S", "%p", "%-H"} {
		if strings.Contains(layout, letter) {
			return true
		}
	}
	return false
}

func dateText(t time.Time, layout, lang string) string {
	switch layout {
	case "short":
		return t.Format("02/01/2006")
	case "long":
		if isLanguage(lang, "en") {
			return t.Format("January 2, 2006")
		}
		return fmt.Sprintf("%d de %s de %d", t.Day(), monthName(t, lang), t.Year())
	case "time":
		return t.Format("15:04")
	case "datetime":
		return t.Format("02/01/2006 15:04")
	case "weekday":
		return weekday(t, lang)
	case "iso":
		return t.Format(time.RFC3339)
	default:
		return strftime(t, layout, lang)
	}
}

func weekday(t time.Time, lang string) string {
	return inLanguage(lang, [3]string{weekdaysPT[t.Weekday()], t.Weekday().String(), weekdaysES[t.Weekday()]})
}

func monthName(t time.Time, lang string) string {
	return inLanguage(lang, [3]string{monthsPT[t.Month()-1], t.Month().String(), monthsES[t.Month()-1]})
}

func strftime(t time.Time, layout, lang string) string {
	var b strings.Builder
	for i := 0; i < len(layout) && b.Len() < maxFilterText; i++ {
		if layout[i] != '%' || i+1 == len(layout) {
			b.WriteByte(layout[i])
			continue
		}
		i++
		if layout[i] == '-' && i+1 < len(layout) { // %-d: without a leading zero
			i++
			switch layout[i] {
			case 'd':
				fmt.Fprint(&b, t.Day())
			case 'm':
				fmt.Fprint(&b, int(t.Month()))
			case 'H':
				fmt.Fprint(&b, t.Hour())
			}
			continue
		}
		month := monthName(t, lang)
		switch layout[i] {
		case 'd':
			b.WriteString(t.Format("02"))
		case 'e':
			fmt.Fprint(&b, t.Day())
		case 'm':
			b.WriteString(t.Format("01"))
		case 'Y':
			b.WriteString(t.Format("2006"))
		case 'y':
			b.WriteString(t.Format("06"))
		case 'H':
			b.WriteString(t.Format("15"))
		case 'I':
			b.WriteString(t.Format("03"))
		case 'M':
			b.WriteString(t.Format("04"))
		case 'S':
			b.WriteString(t.Format("05"))
		case 'p':
			b.WriteString(t.Format("PM"))
		case 'A':
			b.WriteString(weekday(t, lang))
		case 'a':
			b.WriteString(string([]rune(weekday(t, lang))[:3]))
		case 'B':
			b.WriteString(month)
		case 'b':
			b.WriteString(string([]rune(month)[:3]))
		case 'j':
			fmt.Fprintf(&b, "%03d", t.YearDay())
		case '%':
			b.WriteByte('%')
		}
	}
	return b.String()
}

// momentOfDay is the greeting that fits an instant: "Bom dia" until noon, "Boa tarde" until six, "Boa noite" then.
func momentOfDay(t time.Time, lang string) string {
	i := 2
	switch h := t.Hour(); {
	case h >= 5 && h < 12:
		i = 0
	case h >= 12 && h < 18:
		i = 1
	}
	return inLanguage(lang, [...][3]string{
		{"Bom dia", "Good morning", "Buenos días"}, {"Boa tarde", "Good afternoon", "Buenas tardes"}, {"Boa noite", "Good evening", "Buenas noches"},
	}[i])
}
