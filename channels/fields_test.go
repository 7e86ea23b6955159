package channels_test

import (
	"strings"
	"testing"

	"github.com/perene/perene/channels"
	"github.com/perene/perene/internal/config"
	"github.com/perene/perene/models"
)

func TestValuesAreHeldAgainstTheChannelsTable(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		field, value, problem string
	}{
		{"graph_base_url", "https://graph.example", ""},
		{"graph_base_url", "", ""},
		{"graph_base_url", "http://127.0.0.1:8090/graph", ""},
		{"graph_base_url", "http://graph.example", "begin with https"},
		{"graph_base_url", "https://user:pass@graph.example", "want a web address"},
		{"graph_base_url", "https://graph.example?a=b", "want a web address"},
		{"graph_base_url", "https://graph.example#a", "want a web address"},
		{"graph_base_url", "graph.example", "want a web address"},
		{"graph_version", "v25.0", ""},
		{"graph_version", "25", "written like v25.0"},
		{"phone_number_id", "741", ""},
		{"phone_number_id", "+55 11", "want the digits"},
		{"waba_id", strings.Repeat("1", 41), "too long"},
		{"access_token", "secret value", ""},
		{"access_token", strings.Repeat("s", 1001), "too long"},
	} {
		f, ok := models.ChannelOf(models.ChannelWhatsAppCloud).Field(c.field)
		got := channels.CheckField(f, c.value, nil)
		if !ok || (got == "") != (c.problem == "") || !strings.Contains(got, c.problem) {
			t.Errorf("%s %q: %q, want %q", c.field, c.value, got, c.problem)
		}
	}
}

// S12: tokens travel to hosts that the operator named, whoever writes the address.
func TestAddressesAreAtHostsOfTheOperator(t *testing.T) {
	t.Parallel()
	f, _ := models.ChannelOf(models.ChannelWhatsAppCloud).Field(models.ConfigGraphBaseURL)
	hosts := config.Hosts{"graph.facebook.com", "graph.example:8443"}
	for address, ok := range map[string]bool{
		"": true, "https://graph.facebook.com": true, "https://Graph.Facebook.com/proxy": true, "https://graph.example:8443": true,
		"https://graph.example": false, "https://graph.facebook.com.evil.example": false, "https://evil.example": false, "http://127.0.0.1:8090": false,
	} {
		if got := channels.CheckField(f, address, hosts); (got == "") != ok {
			t.Errorf("%q: %q, want allowed %v", address, got, ok)
		}
	}
}
