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
	return m
}()

var weekdayNumbers = map[string]time.Weekday{
	"domingo": 0, "segunda": 1, "segunda-feira": 1, "terca": 2, "terca-feira": 2, "quarta": 3, "quarta-feira": 3, "quinta": 4,
	"quinta-feira": 4, "sexta": 5, "sexta-feira": 5, "sabado": 6,
	"sunday": 0, "monday": 1, "tuesday": 2, "wednesday": 3, "thursday": 4, "friday": 5, "saturday": 6,
}

// ParseDate reads a date the way Brazilians write it: "25/12/2026", "25-12-26", "25.12", "25 de dezembro", "hoje", "amanhã",
// "próxima sexta", and the ISO form. The day comes first. A date without a year is the next such day from today's; a year
// of two digits lies within the last eighty years or the next twenty. today is the contact's present day.
func ParseDate(s string, today time.Time) (string, bool) {
	w := fold(s)
	if w == "" || len(w) > 60 {
		return "", false
	}
	w = strings.TrimPrefix(strings.TrimSuffix(w, "."), "dia ")
	day := time.Date(today.Year(), today.Month(), today.Day(), 0, 0, 0, 0, time.UTC)
	switch w {
	case "hoje", "today":
		return day.Format(time.DateOnly), true
	case "amanha", "tomorrow":
		return day.AddDate(0, 0, 1).Format(time.DateOnly), true
	case "depois de amanha":
		return day.AddDate(0, 0, 2).Format(time.DateOnly), true
	case "ontem", "yesterday":
		return day.AddDate(0, 0, -1).Format(time.DateOnly), true
	case "anteontem":
		return day.AddDate(0, 0, -2).Format(time.DateOnly), true
	}
	name := w
	for _, p := range []string{"proximo ", "proxima ", "next ", "na ", "no ", "on "} {
		name = strings.TrimPrefix(name, p)
	}
	if wd, ok := weekdayNumbers[name]; ok {
		ahead := (int(wd) - int(day.Weekday()) + 7) % 7
		if ahead == 0 {
			ahead = 7
		}
		return day.AddDate(0, 0, ahead).Format(time.DateOnly), true
	}
	parts := strings.FieldsFunc(w, func(r rune) bool { return strings.ContainsRune("/-. ,", r) })
	kept := parts[:0]
	for _, p := range parts {
		if p != "de" && p != "of" && p != "do" {
			kept = append(kept, p)
		}
	}
	return dateOf(kept, day)
}

func dateOf(parts []string, today time.Time) (string, bool) {
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
	d, err := strconv.Atoi(strings.TrimRight(parts[0], "ºo°stndrh"))
	if err != nil {
		return "", false
	}
	month, named := monthNumbers[parts[1]]
	if !named {
		m, err := strconv.Atoi(parts[1])
		if err != nil {
			return "", false
		}
		month = time.Month(m)
	}
	var year int
	if len(parts) == 3 {
		if year, err = strconv.Atoi(parts[2]); err != nil {
			return "", false
		}
		switch len(parts[2]) {
		case 4:
		case 2:
			if year += 2000; year > today.Year()+20 {
				year -= 100
			}
		default:
			return "", false
		}
	} else {
		year = today.Year()
		if time.Date(year, month, d, 0, 0, 0, 0, time.UTC).Before(today) {
			year++
		}
	}
	t := time.Date(year, month, d, 0, 0, 0, 0, time.UTC)
	if month < 1 || month > 12 || t.Day() != d || year < 1900 || year > 2200 {
		return "", false
	}
	return t.Format(time.DateOnly), true
}

// ParseTime reads a time of day: "14:30", "14h30", "14h", "9 da manhã", "2pm", "meio-dia".
func ParseTime(s string) (string, bool) {
	w := fold(s)
	if len(w) > 40 {
		return "", false
	}
	for _, p := range []string{"as ", "a ", "at "} {
		w = strings.TrimPrefix(w, p)
	}
	switch w {
	case "meio-dia", "meio dia", "noon":
		return "12:00", true
	case "meia-noite", "meia noite", "midnight":
		return "00:00", true
	}
	afternoon, morning := false, false
	for _, suffix := range []string{" da tarde", " da noite", "pm", "p.m."} {
		if t, ok := strings.CutSuffix(w, suffix); ok {
			w, afternoon = strings.TrimSpace(t), true
		}
	}
	for _, suffix := range []string{" da manha", "am", "a.m."} {
		if t, ok := strings.CutSuffix(w, suffix); ok {
			w, morning = strings.TrimSpace(t), true
		}
	}
	w = strings.TrimSuffix(strings.TrimSuffix(strings.TrimSuffix(strings.TrimSuffix(w, "min"), "horas"), "hora"), "hs")
	w = strings.TrimSuffix(strings.TrimSpace(w), "h")
	hour, minute, _ := strings.Cut(strings.NewReplacer("h", ":", "e", ":", ".", ":", " ", "").Replace(w), ":")
	h, err := strconv.Atoi(hour)
	if err != nil || len(hour) > 2 {
		return "", false
	}
	m := 0
	if minute != "" {
		if m, err = strconv.Atoi(minute); err != nil || len(minute) != 2 {
			return "", false
		}
	}
	if afternoon && h < 12 {
		h += 12
	}
	if morning && h == 12 {
		h = 0
	}
	if h == 24 && m == 0 {
		h = 0
	}
	if h < 0 || h > 23 || m < 0 || m > 59 {
		return "", false
	}
	return fmt.Sprintf("%02d:%02d", h, m), true
}
