package channels

import (
	"net/url"
	"regexp"
	"strings"

	"github.com/perene/perene/internal/config"
	"github.com/perene/perene/models"
)

var (
	digits  = regexp.MustCompile(`^[0-9]+$`)
	version = regexp.MustCompile(`^v[0-9]+\.[0-9]+$`)
)

// CheckField tells what is wrong with a value of a channel's field, or nothing. The empty value clears
// a field. An address must be at one of the hosts. The answer never repeats the value, which may be a secret.
func CheckField(f models.ChannelField, value string, hosts config.Hosts) string {
	wrong := false
	switch {
	case value == "":
		return ""
	case len(value) > f.MaxLength:
		return "this is too long"
	case f.Kind == models.FieldDigits:
		wrong = !digits.MatchString(value)
	case f.Kind == models.FieldVersion:
		wrong = !version.MatchString(value)
	case f.Kind == models.FieldAddress:
		u, err := url.Parse(value)
		wrong = err != nil || u.Host == "" || u.User != nil || strings.ContainsAny(value, "?#") ||
			(u.Scheme != "https" && u.Scheme != "http")
		if !wrong && u.Scheme != "https" && !config.IsPrivateHost(u.Hostname()) {
			return "the address must begin with https:// : tokens travel to it"
		}
		if !wrong && !hosts.Allow(u) {
			return "tokens travel to this address, and the operator has not named its host in PERENE_PROVIDER_HOSTS"
		}
	}
	if wrong {
		return f.Hint
	}
	return ""
}
