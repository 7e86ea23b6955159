package flow

import (
	"fmt"
	"strings"
	"time"
)

var monthsPT = [...]string{
	"janeiro", "fevereiro", "março", "abril", "maio", "junho", "julho", "agosto", "setembro", "outubro", "novembro", "dezembro",
}

var weekdaysPT = [...]string{
	"domingo", "segunda-feira", "terça-feira", "quarta-feira", "quinta-feira", "sexta-feira", "sábado",
}

// date writes a date or an instant. The format is a name ("short", "long", "time", "datetime", "weekday", "iso") or
// strftime's percent letters; without one it is "short".
func (w writing) date(v any, args filterArgs) (any, error) {
	t, ok := toInstant(v, w.zone)
	if !ok {
		return asText(v), nil
	}
	return dateText(t.In(orUTC(w.zone)), args.text(0, "short"), strings.HasPrefix(w.lang, "en")), nil
}

func dateText(t time.Time, layout string, en bool) string {
	switch layout {
	case "short":
		return t.Format("02/01/2006")
	case "long":
		if en {
			return t.Format("January 2, 2006")
		}
		return fmt.Sprintf("%d de %s de %d", t.Day(), monthsPT[t.Month()-1], t.Year())
	case "time":
		return t.Format("15:04")
	case "datetime":
		return t.Format("02/01/2006 15:04")
	case "weekday":
		return weekday(t, en)
	case "iso":
		return t.Format(time.RFC3339)
	default:
		return strftime(t, layout, en)
	}
}

func weekday(t time.Time, en bool) string {
	if en {
		return t.Weekday().String()
	}
	return weekdaysPT[t.Weekday()]
}

func strftime(t time.Time, layout string, en bool) string {
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
		month := t.Month().String()
		if !en {
			month = monthsPT[t.Month()-1]
		}
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
			b.WriteString(weekday(t, en))
		case 'a':
			b.WriteString(string([]rune(weekday(t, en))[:3]))
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
	if strings.HasPrefix(lang, "en") {
		return [...]string{"Good morning", "Good afternoon", "Good evening"}[i]
	}
	return [...]string{"Bom dia", "Boa tarde", "Boa noite"}[i]
}
