package channeltest

import (
	"bytes"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/perene/perene/channels"
)

// signatures demands that true signatures pass, by the present and the previous
// secret, and that no forgery does (S1).
func (s Suite) signatures(t *testing.T) {
	adapter, ok := s.New(LocalOnly(t, nil), time.Second).(channels.WebhookAdapter)
	if !ok {
		t.Fatal("the adapter takes no webhooks")
	}
	verify := func(signature string, body []byte, secrets ...channels.Secret) bool {
		header := http.Header{}
		header.Set(s.SignatureHeader, signature)
		return adapter.VerifySignature(header, body, secrets...)
	}
	secret, previous := channels.NewSecret("app-secret"), channels.NewSecret("older-secret")
	if adapter.VerifySignature(http.Header{}, nil, secret) {
		t.Error("a body without a signature passes")
	}
	bodies := map[string][]byte{"plain": []byte(`{"a":1}`), "accents": []byte(`{"a":"ação 😀"}`),
		"escapes": []byte(`{"a":"a\u00e7\u00e3o \ud83d\ude00"}`), "empty": {}}
	for name, body := range bodies {
		good := s.Sign(body, "app-secret")
		if !verify(good, body, secret, previous) || !verify(good, body, previous, secret) {
			t.Errorf("%s: a true signature is refused", name)
		}
		if !verify(s.Sign(body, "older-secret"), body, secret, previous) {
			t.Errorf("%s: the previous secret is refused", name)
		}
		forged := map[string]string{
			"empty": "", "wrong secret": s.Sign(body, "other"), "upper case": strings.ToUpper(good), "cut": good[:len(good)-1],
			"longer": good + "0", "blank before": " " + good, "blank after": good + " ", "no prefix": good[strings.IndexByte(good, '=')+1:],
			"upper-case hex": good[:strings.IndexByte(good, '=')+1] + strings.ToUpper(good[strings.IndexByte(good, '=')+1:]),
			"other body":     s.Sign(append(bytes.Clone(body), ' '), "app-secret"), "zeros": good[:strings.IndexByte(good, '=')+1] + strings.Repeat("0", 64),
		}
		for kind, header := range forged {
			if header != good && verify(header, body, secret, previous) {
				t.Errorf("%s: a forged signature (%s) passes", name, kind)
			}
		}
		for i := range good {
			flipped := []byte(good)
			flipped[i] ^= 1
			if verify(string(flipped), body, secret, previous) {
				t.Errorf("%s: a signature with byte %d changed passes", name, i)
			}
		}
		if verify(s.Sign(body, ""), body) || verify(s.Sign(body, ""), body, channels.Secret{}) {
			t.Errorf("%s: without a secret a signature passes", name)
		}
	}
}
