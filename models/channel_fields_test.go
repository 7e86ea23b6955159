package models_test

import (
	"slices"
	"testing"

	"github.com/perene/perene/models"
)

// What a connection is set up with comes from its channel's table (rule 001).
func TestAConnectionKeepsWhatItsChannelNames(t *testing.T) {
	t.Parallel()
	c := models.Connection{Channel: models.ChannelWhatsAppCloud}
	field := func(name string) models.ChannelField {
		f, ok := models.ChannelOf(c.Channel).Field(name)
		if !ok {
			t.Fatalf("there is no field %s", name)
		}
		return f
	}
	if got := c.Lacks(models.NeedSending); !slices.Equal(got, []string{"phone_number_id", "access_token"}) {
		t.Errorf("a new connection lacks %v", got)
	}
	number, address, secret := field("phone_number_id"), field("graph_base_url"), field("app_secret")
	if !c.SetValue(number, "741") || c.SetValue(number, "741") || *c.ProviderRef != "741" {
		t.Errorf("the number is %v", c.ProviderRef)
	}
	if c.SetValue(address, "") || c.Value(address) != address.Default || len(c.Config) != 0 {
		t.Errorf("nothing set became %v", c.Config)
	}
	if !c.SetValue(address, "https://graph.example") || c.Value(address) != "https://graph.example" {
		t.Errorf("the address is %q", c.Value(address))
	}
	if !c.SetValue(address, "") || c.Value(address) != address.Default {
		t.Errorf("a cleared address is %q", c.Value(address))
	}
	if !c.SetValue(number, "") || c.ProviderRef != nil {
		t.Errorf("a cleared number is %v", c.ProviderRef)
	}
	c.SetSecret(secret, []byte("first"))
	c.SetSecret(secret, []byte("second"))
	got := string(c.Credentials["app_secret_previous"])
	if got != "first" || !c.Has(secret) || c.SetValue(secret, "plain") {
		t.Errorf("the secret before is %q", got)
	}
	if !c.ForgetPrevious(secret) || c.ForgetPrevious(secret) || string(c.Credentials["app_secret"]) != "second" {
		t.Errorf("after the rotation %v", c.Credentials)
	}
}

// A part that holds one value has one field, and nothing secret has a default.
func TestFieldsOfChannelsAreSound(t *testing.T) {
	t.Parallel()
	for _, c := range models.Channels() {
		seen := map[string]bool{}
		for _, f := range c.Fields {
			first, _ := c.FieldIn(f.Part)
			switch {
			case seen[f.Name]:
				t.Errorf("%s has two fields %s", c.Key, f.Name)
			case (f.Part == models.PartProvider || f.Part == models.PartPortfolio) && first.Name != f.Name:
				t.Errorf("%s: %s and %s are one value", c.Key, first.Name, f.Name)
			case f.Part == models.PartSecret && f.Default != "", f.Part != models.PartSecret && f.Rotates, f.MaxLength <= 0:
				t.Errorf("%s: %+v", c.Key, f)
			}
			seen[f.Name] = true
		}
	}
}
