package channeltest

import (
	"net/http"
	"testing"
	"time"

	"github.com/perene/perene/channels"
	"github.com/perene/perene/models"
)

// Suite says how to test an adapter that sends by HTTP.
type Suite struct {
	// New makes the adapter over a transport that reaches only the stub, with
	// a limit for one call.
	New func(transport http.RoundTripper, timeout time.Duration) channels.Adapter
	// Dir holds webhooks/*.json with *.want.json beside each, and send/*.json.
	Dir string
	// SendPath is the path of the stub that a send must reach.
	SendPath string
	// Accepted is the body of the provider's answer to a good send, Receipt
	// what the adapter makes of it.
	Accepted string
	Receipt  channels.Receipt
	// ErrorBody writes the provider's error answer for a code.
	ErrorBody func(code int, details string) string
	// SignatureHeader is the header that carries a signature, and Sign makes one
	// of a body. Without Sign the adapter takes no webhooks.
	SignatureHeader string
	Sign            func(body []byte, secret string) string
}

// Run runs the whole suite.
func (s Suite) Run(t *testing.T) {
	t.Run("webhooks", s.webhooks)
	t.Run("mutated webhooks", s.mutations)
	if s.Sign != nil {
		t.Run("signatures", s.signatures)
	}
	t.Run("sends", s.sends)
	t.Run("limits", s.limits)
	t.Run("faults", s.faults)
	t.Run("codes", s.codes)
}

// token is the secret of the suite's credentials; it must never be printed.
const token = "CANARY-token-7f3a"

// credentials point at the stub.
func credentials(base string) channels.Credentials {
	return channels.Credentials{ProviderRef: "741200335509921", PortfolioRef: "330214458896701",
		Config:  map[string]string{models.ConfigGraphBaseURL: base, models.ConfigGraphVersion: "v25.0"},
		Secrets: map[string]channels.Secret{models.SecretAccessToken: channels.NewSecret(token)}}
}
