package models_test

import (
	"testing"

	"github.com/perene/perene/models"
)

// ADR 8: what is sealed names its place for ever, so a place that is written differently opens nothing that was sealed before.
func TestPlacesOfSecretsNeverChange(t *testing.T) {
	for got, want := range map[string]string{
		models.AccountSecretPlace(4, "ERP_TOKEN"):                                               "account/4/secret/ERP_TOKEN",
		models.ConnectionSecretPlace(3, models.SecretAccessToken):                               "connection/3/access_token",
		models.ConnectionSecretPlace(3, models.SecretVerifyToken):                               "connection/3/verify_token",
		models.ConnectionSecretPlace(3, models.SecretAppSecret):                                 "connection/3/app_secret",
		models.ConnectionSecretPlace(3, models.PreviousSecret(models.SecretAppSecret)) + " too": "connection/3/app_secret too",
	} {
		if got != want {
			t.Errorf("sealed for %q, want %q", got, want)
		}
	}
}
