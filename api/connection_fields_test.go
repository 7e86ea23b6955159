package api

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/perene/perene/models"
)

// An error names the field that the channel's table refuses, and never repeats its value.
func TestWhatAConnectionIsSetUpWithIsCheckedByItsChannel(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		channel, field, value, problem string
	}{
		"right":                {models.ChannelWhatsAppCloud, "waba_id", "77", ""},
		"cleared":              {models.ChannelWhatsAppCloud, "waba_id", "", ""},
		"wrong":                {models.ChannelWhatsAppCloud, "waba_id", "canary", "body.waba_id"},
		"default taken away":   {models.ChannelWhatsAppCloud, "graph_base_url", "", "body.graph_base_url"},
		"secret too long":      {models.ChannelWhatsAppCloud, "app_secret", strings.Repeat("canary", 99), "body.app_secret"},
		"of another channel":   {"another", "app_secret", "canary", "body.app_secret"},
		"of no channel at all": {models.ChannelWhatsAppCloud, "page_id", "canary", "body.page_id"},
	} {
		err := checkChannelFields(c.channel, map[string]string{c.field: c.value}, nil)
		if c.problem == "" && err == nil {
			continue
		}
		details, _ := json.Marshal(err) // it holds the field's path
		said := fmt.Sprintf("%v %s", err, details)
		if c.problem == "" || err == nil || !strings.Contains(said, c.problem) || strings.Contains(said, "canary") {
			t.Errorf("%s: %s", name, said)
		}
	}
}

// What is shown of a connection names its secrets and holds none.
func TestSecretsOfAConnectionAreNamedOnly(t *testing.T) {
	t.Parallel()
	c := models.Connection{Channel: models.ChannelWhatsAppCloud, Credentials: map[string][]byte{
		"access_token": []byte("canary"), models.PreviousSecret("app_secret"): []byte("canary")}}
	shown, err := json.Marshal(Connection{fields: shownFields(&c), Secrets: secretsOf(&c)})
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{`"access_token":true`, `"app_secret":false`, `"app_secret_previous":true`, `"graph_version":"v25.0"`} {
		if !strings.Contains(string(shown), want) {
			t.Errorf("no %s in %s", want, shown)
		}
	}
	if strings.Contains(string(shown), "canary") || strings.Contains(string(shown), "Y2FuYXJ5") {
		t.Errorf("a secret shows: %s", shown)
	}
}
