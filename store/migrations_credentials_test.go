package store_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/perene/perene/internal/seal"
	"github.com/perene/perene/models"
	"github.com/perene/perene/store"
	"github.com/perene/perene/store/storetest"
)

// 0033: what a connection is set up with moves to where its channel's table puts it, and back. Sealed values stay.
func TestOldCredentialsMoveSealed(t *testing.T) {
	t.Parallel()
	key, err := seal.ParseKey("MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=")
	if err != nil {
		t.Fatal(err)
	}
	f := oldShape(t, 33)
	f.Exec(t, `INSERT INTO accounts (id, slug, name) VALUES (1, 'a', 'a')`)
	sealed := func(name, plain string) []byte {
		out, err := key.Seal(models.ConnectionSecretPlace(1, name), []byte(plain))
		if err != nil {
			t.Fatal(err)
		}
		return out
	}
	secrets := map[string]string{ // longer than a line of base64
		models.SecretAccessToken: strings.Repeat("EAAG", 50), models.SecretAppSecret: strings.Repeat("new-", 20),
		models.PreviousSecret(models.SecretAppSecret): "old", models.SecretVerifyToken: "verify",
	}
	f.Exec(t, `INSERT INTO connections (id, account_id, key, name, channel, phone_number_id, waba_id,
			graph_base_url, graph_version, access_token, app_secret, app_secret_previous, verify_token, state) VALUES
		(1, 1, 'k', 'n', 'whatsapp_cloud', '741', '77', 'https://graph.example', 'v24.0', $1, $2, $3, $4, 'active'),
		(2, 1, 'l', 'o', 'whatsapp_cloud', NULL, NULL, DEFAULT, DEFAULT, NULL, NULL, NULL, NULL, 'active'),
		(3, 1, 'm', 'p', 'whatsapp_cloud', '741', '77', DEFAULT, DEFAULT, NULL, NULL, NULL, NULL, 'removed')`,
		sealed(models.SecretAccessToken, secrets[models.SecretAccessToken]),
		sealed(models.SecretAppSecret, secrets[models.SecretAppSecret]),
		sealed(models.PreviousSecret(models.SecretAppSecret), "old"),
		sealed(models.SecretVerifyToken, "verify"))
	old := `SELECT concat_ws(' ', id, phone_number_id, waba_id, graph_base_url, graph_version, md5(access_token), md5(app_secret),
		md5(app_secret_previous), md5(verify_token)) FROM connections ORDER BY id`
	before := texts(t, f, old)
	for range 2 {
		migrate(t, f, 0)
		c, err := f.ConnectionForSending(t.Context(), 1, 1)
		if err != nil {
			t.Fatal(err)
		}
		if got := c.ScopeOf(models.ScopePortfolio); *c.ProviderRef != "741" || got != "portfolio/77" {
			t.Errorf("the number is %s in %s", *c.ProviderRef, got)
		}
		config := map[string]string{"graph_base_url": "https://graph.example", "graph_version": "v24.0"}
		if diff := cmp.Diff(config, c.Config); diff != "" {
			t.Errorf("configuration (-want +got):\n%s", diff)
		}
		opened := map[string]string{}
		for name, value := range c.Credentials {
			plain, err := key.Open(models.ConnectionSecretPlace(1, name), value)
			if err != nil {
				t.Errorf("%s: %v", name, err)
			}
			opened[name] = string(plain)
		}
		if diff := cmp.Diff(secrets, opened); diff != "" {
			t.Errorf("secrets (-want +got):\n%s", diff)
		}
		n := f.Count(t, `SELECT count(*) FROM connections WHERE id = 2 AND credentials = '{}' AND provider_ref IS NULL`)
		if n != 1 {
			t.Error("an empty connection is not empty")
		}
		migrate(t, f, 33)
		if diff := cmp.Diff(before, texts(t, f, old)); diff != "" {
			t.Errorf("back (-want +got):\n%s", diff)
		}
	}
}

// A number, page or bot has one connection of its channel. Another channel may use the same name for something else.
func TestAProviderRefIsUniqueWithinItsChannel(t *testing.T) {
	t.Parallel()
	f := storetest.NewFixture(t, storetest.New(t, store.Options{}), "unique")
	const insert = `INSERT INTO connections (account_id, key, name, channel, provider_ref)
		SELECT account_id, $1, $1, $2, provider_ref FROM connections WHERE id = $3`
	if _, err := f.Pool().Exec(t.Context(), insert, "same", f.Connection.Channel, f.Connection.ID); err == nil {
		t.Error("two connections of a channel have one number")
	}
	if _, err := f.Pool().Exec(t.Context(), insert, "another", "telegram", f.Connection.ID); err != nil {
		t.Error(err)
	}
}
