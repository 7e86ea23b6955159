package models_test

import (
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

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

// S12: an address of another origin forgets the secrets that would travel there, and no others.
func TestANewOriginForgetsWhatTravels(t *testing.T) {
	t.Parallel()
	field := func(name string) models.ChannelField {
		f, ok := models.ChannelOf(models.ChannelWhatsAppCloud).Field(name)
		if !ok {
			t.Fatalf("there is no field %s", name)
		}
		return f
	}
	address := field(models.ConfigGraphBaseURL)
	for value, keeps := range map[string]bool{
		"https://graph.facebook.com/": true, "https://GRAPH.facebook.com/proxy": true, "": true,
		"http://graph.facebook.com": false, "https://graph.facebook.com:8443": false, "https://evil.example": false,
	} {
		c := &models.Connection{Channel: models.ChannelWhatsAppCloud}
		for _, name := range []string{models.SecretAccessToken, models.SecretAppSecret, models.SecretVerifyToken} {
			c.SetSecret(field(name), []byte("sealed"))
		}
		c.SetValue(address, value)
		want := []string{models.SecretAccessToken, models.SecretAppSecret, models.SecretVerifyToken}
		if !keeps {
			want = want[1:]
		}
		if diff := cmp.Diff(want, c.SecretsSet()); diff != "" {
			t.Errorf("%q (-want +got):\n%s", value, diff)
		}
		c.SetSecret(field(models.SecretAccessToken), []byte("new"))
		c.SetValue(address, value)
		if !c.Has(field(models.SecretAccessToken)) {
			t.Errorf("%q: the same address forgets the new token", value)
		}
	}
}
