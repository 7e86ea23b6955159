package models_test

import (
	"testing"

	"github.com/perene/perene/models"
)

// S4: a webhook's address is public, by https, and holds no secret. On one's own machine any is good.
func TestAddressesOfWebhooks(t *testing.T) {
	t.Parallel()
	for address, want := range map[string]struct{ plain, public bool }{
		"https://erp.example.com/hook?x=1":  {true, true},
		"https://erp.example.com:443/hook":  {true, true},
		"https://erp.example.com:8443/hook": {true, false},
		"http://erp.example.com/hook":       {true, false},
		"http://127.0.0.1:9000/hook":        {true, false},
		"https://127.0.0.1/hook":            {true, false},
		"https://[::ffff:10.0.0.1]/hook":    {true, false},
		"https://localhost/hook":            {true, false},
		"https://postgres/hook":             {true, false},
		"https://metadata.internal/hook":    {true, false},
		"https://ana:senha@erp.example.com": {false, false},
		"https://erp.example.com/#a":        {false, false},
		"ftp://erp.example.com":             {false, false},
		"javascript:alert(1)":               {false, false},
		"https://":                          {false, false},
		"erp.example.com":                   {false, false},
	} {
		for plain, allowed := range map[bool]bool{true: want.plain, false: want.public} {
			w := models.Webhook{URL: address, Events: []models.WebhookEventName{models.WebhookMessageCreated}}
			if err := models.CheckWebhook(&w, plain); (err == nil) != allowed {
				t.Errorf("%s, plain %v: %v, want allowed %v", address, plain, err, allowed)
			}
		}
	}
	if err := models.CheckWebhook(&models.Webhook{URL: "https://erp.example.com"}, false); err == nil {
		t.Error("a webhook without events is taken")
	}
}
