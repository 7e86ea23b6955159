package hours

import (
	"slices"
	"strings"
	"time"

	"github.com/perene/perene/models"
)

// Easter is the date of Easter Sunday of a year, by the Gregorian computus.
func Easter(year int) time.Time {
	a, b, c := year%19, year/100, year%100
	d, e := b/4, b%4
	g := (8*b + 13) / 25
	h := (19*a + b - d - g + 15) % 30
	i, k := c/4, c%4
	l := (32 + 2*e + 2*i - h - k) % 7
	m := (a + 11*h + 22*l) / 451
	month := (h + l - 7*m + 114) / 31
	day := (h+l-7*m+114)%31 + 1
	return time.Date(year, time.Month(month), day, 0, 0, 0, 0, time.UTC)
}

// Brazil are the national holidays of Brazil in a year, in order: those of the law, and Good Friday. Carnival and Corpus Christi
// are no national holidays, so an import offers them apart: see BrazilOptional.
func Brazil(year int) []Day {
	fixed := []struct {
		month time.Month
		day   int
		name  string
		since int
	}{
		{time.January, 1, "Confraternização Universal", 0},
		{time.April, 21, "Tiradentes", 0},
		{time.May, 1, "Dia do Trabalho", 0},
		{time.September, 7, "Independência do Brasil", 0},
		{time.October, 12, "Nossa Senhora Aparecida", 0},
		{time.November, 2, "Finados", 0},
		{time.November, 15, "Proclamação da República", 0},
		{time.November, 20, "Dia da Consciência Negra", 2024},
		{time.December, 25, "Natal", 0},
	}
	out := []Day{closedOn(Easter(year).AddDate(0, 0, -2), "Sexta-feira Santa")}
	for _, f := range fixed {
		if year >= f.since {
			out = append(out, closedOn(time.Date(year, f.month, f.day, 0, 0, 0, 0, time.UTC), f.name))
		}
	}
	return inOrder(out)
}

// BrazilOptional are the days of a year on which many companies in Brazil are closed, though no law says so: they move with Easter.
func BrazilOptional(year int) []Day {
	easter := Easter(year)
	return []Day{
		closedOn(easter.AddDate(0, 0, -48), "Carnaval (segunda-feira)"),
		closedOn(easter.AddDate(0, 0, -47), "Carnaval (terça-feira)"),
		closedOn(easter.AddDate(0, 0, 60), "Corpus Christi"),
	}
}

func closedOn(t time.Time, name string) Day {
	return Day{Date: t.Format(time.DateOnly), Name: name, Periods: []models.Period{}}
}

func inOrder(days []Day) []Day {
	slices.SortFunc(days, func(a, b Day) int { return strings.Compare(a.Date, b.Date) })
	return days
}
