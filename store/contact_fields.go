package store

import (
	"slices"
	"strings"
	"time"

	"github.com/perene/perene/flow"
	"github.com/perene/perene/models"
)

// checkSystemFields reads the system's fields of a contact as people write them, and writes them in one way: digits of a CPF,
// a CNPJ in upper case without signs, a domain in lower case. A CodeInvalid error names each value that is none (rules 185,
// 186). What is nil or empty stays so.
func checkSystemFields(p *ContactPatch, now time.Time) error {
	var refused []models.Field
	read := func(path string, s *string, parse func(string) (string, bool), want string) {
		if s == nil || strings.TrimSpace(*s) == "" {
			return
		}
		value, ok := parse(*s)
		if !ok {
			refused = append(refused, models.Field{Path: path, Message: want})
			return
		}
		*s = value
	}
	read("body.email", p.Email, flow.ParseEmail, "this is no e-mail address")
	for _, f := range systemFieldChecks {
		value, given := p.Fields[f.key]
		if !given || value == nil {
			continue
		}
		written := *value // the caller's map keeps its own texts
		read("body.fields."+f.key, &written, func(s string) (string, bool) { return f.parse(s, now) }, f.want)
		p.Fields[f.key] = &written
	}
	if len(refused) == 0 {
		return nil
	}
	slices.SortFunc(refused, func(a, b models.Field) int { return strings.Compare(a.Path, b.Path) })
	return &models.Error{Code: models.CodeInvalid, Key: "contact.fields", Message: "some of the contact's fields are not valid", Fields: refused}
}

// systemFieldChecks are the system's fields that are more than a text.
var systemFieldChecks = []struct {
	key   string
	parse func(s string, now time.Time) (string, bool)
	want  string
}{
	{"birth_date", parseBirthDate, "want a date of the past such as 1988-04-12"},
	{"cpf", func(s string, _ time.Time) (string, bool) { return flow.ParseCPF(s) }, "this is no CPF: its check digits are wrong"},
	{"cnpj", func(s string, _ time.Time) (string, bool) { return flow.ParseCNPJ(s) }, "this is no CNPJ: its check digits are wrong"},
}

// parseBirthDate reads a date that is not in the future, and not before 1850. Tomorrow here is today somewhere.
func parseBirthDate(s string, now time.Time) (string, bool) {
	d, err := time.Parse(time.DateOnly, strings.TrimSpace(s))
	return d.Format(time.DateOnly), err == nil && d.Year() >= 1850 && d.Before(now.AddDate(0, 0, 1))
}
