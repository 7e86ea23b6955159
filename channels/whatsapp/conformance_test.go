package whatsapp_test

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"net/http"
	"testing"
	"time"

	"github.com/perene/perene/channels"
	"github.com/perene/perene/channels/channeltest"
	"github.com/perene/perene/channels/meta"
	"github.com/perene/perene/channels/whatsapp"
)

func TestConformance(t *testing.T) {
	t.Parallel()
	channeltest.Suite{
		New: newAdapter, Dir: "testdata", SendPath: "/v25.0/741200335509921/messages",
		Accepted: `{"messaging_product":"whatsapp","contacts":[{"input":"5581988004422","wa_id":"558188004422","user_id":"BR.48217730951266"}],"messages":[{"id":"wamid.NEW","message_status":"accepted"}]}`,
		Receipt: channels.Receipt{ProviderMessageID: "wamid.NEW", Address: "558188004422", Status: "accepted",
			Person: channels.Person{Phone: "558188004422", UserID: "BR.48217730951266"}},
		ErrorBody: graphErrorBody, SignatureHeader: meta.SignatureHeader, Sign: sign,
	}.Run(t)
}

func newAdapter(transport http.RoundTripper, timeout time.Duration) channels.Adapter {
	return over(transport, timeout)
}

func over(transport http.RoundTripper, timeout time.Duration) *whatsapp.Adapter {
	return whatsapp.New(meta.NewClient(meta.Options{Transport: transport, Timeout: timeout, RetryWait: time.Millisecond}))
}

func graphErrorBody(code int, details string) string {
	return fmt.Sprintf(`{"error":{"message":"(#%d) title","type":"OAuthException","code":%d,"error_data":{"messaging_product":"whatsapp","details":%q},"fbtrace_id":"AzExampleTrace"}}`, code, code, details)
}

func sign(body []byte, secret string) string {
	mac := hmac.New(sha256.New, []byte(secret))
	mac.Write(body)
	return "sha256=" + hex.EncodeToString(mac.Sum(nil))
}
