// Package phone writes phone numbers one way. A canonical number is E.164
// digits without "+"; a Brazilian mobile number has its ninth digit, whether
// the channel wrote it or not.
package phone

import (
	"errors"
	"strings"

	"github.com/nyaruka/phonenumbers"
)

// DefaultRegion is the country of a number that people write without one (Z19).
const DefaultRegion = "BR"

// ErrInvalid is the error of what is no phone number.
var ErrInvalid = errors.New("this is no phone number; write it with country and area code, as in +55 81 98800-4422")

// Parse reads what a person typed, in any usual writing, and gives the
// canonical number. region is an ISO country code for numbers without one;
// empty means DefaultRegion.
func Parse(text, region string) (string, error) {
	if region == "" {
		region = DefaultRegion
	}
	n, err := phonenumbers.Parse(text, region)
	if err != nil || !phonenumbers.IsPossibleNumber(n) {
		// Long numbers without "+" may carry the country already.
		n, err = phonenumbers.Parse("+"+strings.TrimLeft(digits(text), "0"), "")
		if err != nil || !phonenumbers.IsPossibleNumber(n) {
			return "", ErrInvalid
		}
	}
	return Canonical(strings.TrimPrefix(phonenumbers.Format(n, phonenumbers.E164), "+")), nil
}

// Canonical gives the one writing of a number in international digits, with or
// without "+": a Brazilian mobile number gets its ninth digit, a Mexican one
// loses the 1 after the country code, an Argentine one gets the 9 after it.
// Others stay as they are. It does not check that the number exists.
func Canonical(number string) string {
	d := digits(number)
	switch {
	case isOldBrazilianMobile(d):
		return d[:4] + "9" + d[4:]
	case len(d) == 13 && strings.HasPrefix(d, "521"):
		return "52" + d[3:]
	case isArgentineWithout9(d):
		return "549" + d[2:]
	}
	return d
}

// Variants lists every writing a channel may use for the number, the canonical
// one first. Two numbers are the same person's if they share a variant.
func Variants(number string) []string {
	d := Canonical(number)
	if d == "" {
		return nil
	}
	variants := []string{d}
	switch {
	case len(d) == 13 && strings.HasPrefix(d, "55") && d[4] == '9' && d[5] >= '6':
		variants = append(variants, d[:4]+d[5:])
	case len(d) == 12 && strings.HasPrefix(d, "52"):
		variants = append(variants, "521"+d[2:])
	case len(d) == 13 && strings.HasPrefix(d, "549"):
		variants = append(variants, "54"+d[3:])
	}
	return variants
}

// Same reports whether two writings mean one number.
func Same(a, b string) bool {
	for _, v := range Variants(a) {
		if v == Canonical(b) {
			return v != ""
		}
	}
	return false
}

// Format writes a number for people: "+55 81 98800-4422". What is no number
// comes back as it is.
func Format(number string) string {
	n, err := phonenumbers.Parse("+"+Canonical(number), "")
	if err != nil {
		return number
	}
	return phonenumbers.Format(n, phonenumbers.INTERNATIONAL)
}

// Country gives the ISO code of the number's country, or "".
func Country(number string) string {
	n, err := phonenumbers.Parse("+"+Canonical(number), "")
	if err != nil {
		return ""
	}
	return phonenumbers.GetRegionCodeForNumber(n)
}

// isOldBrazilianMobile reports whether d is country 55, two digits of area and
// eight digits that begin with 6 to 9: a mobile number without its ninth digit.
// Landlines begin with 2 to 5.
func isOldBrazilianMobile(d string) bool {
	return len(d) == 12 && strings.HasPrefix(d, "55") && d[2] >= '1' && d[3] >= '1' && d[4] >= '6'
}

// isArgentineWithout9 reports whether d is country 54 and a number of ten digits, whose area begins with 1, 2 or 3. Ten digits
// name one line there, so both writings mean the same one.
func isArgentineWithout9(d string) bool {
	return len(d) == 12 && strings.HasPrefix(d, "54") && d[2] >= '1' && d[2] <= '3'
}

// digits drops everything that is no ASCII digit.
func digits(s string) string {
	return strings.Map(func(r rune) rune {
		if r >= '0' && r <= '9' {
			return r
		}
		return -1
	}, s)
}
