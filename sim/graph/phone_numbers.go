package graph

import "strings"

// digits keeps the digits of a phone number written for people; ok is false when anything but digits
// and the usual separators is in it or the length cannot be a phone number.
func digits(s string) (string, bool) {
	var b strings.Builder
	for i, r := range s {
		switch {
		case r >= '0' && r <= '9':
			b.WriteRune(r)
		case r == '+' && i == 0, r == ' ', r == '-', r == '(', r == ')':
		default:
			return "", false
		}
	}
	d := b.String()
	return d, len(d) >= 7 && len(d) <= 15
}

// waID returns the number under which WhatsApp knows a phone number. Brazilian mobiles keep the ninth
// digit only in the area codes below 31; Mexico has 521 and Argentina 549 in front.
func waID(d string) string {
	switch {
	case strings.HasPrefix(d, "55") && len(d) == 13 && d[4] == '9' && d[2:4] >= "31":
		return d[:4] + d[5:]
	case strings.HasPrefix(d, "55") && len(d) == 12 && d[2:4] < "31" && d[4] >= '6':
		return d[:4] + "9" + d[4:]
	case strings.HasPrefix(d, "52") && len(d) == 12:
		return "521" + d[2:]
	case strings.HasPrefix(d, "54") && len(d) == 12:
		return "549" + d[2:]
	}
	return d
}

// country returns the ISO country that starts a business-scoped user id.
func country(d string) string {
	for _, c := range [...]struct{ prefix, iso string }{
		{"55", "BR"}, {"351", "PT"}, {"52", "MX"}, {"54", "AR"}, {"57", "CO"}, {"56", "CL"},
		{"34", "ES"}, {"44", "GB"}, {"49", "DE"}, {"1", "US"},
	} {
		if strings.HasPrefix(d, c.prefix) {
			return c.iso
		}
	}
	return "BR"
}
