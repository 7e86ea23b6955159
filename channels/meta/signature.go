package meta

import (
	"crypto/hmac"
	"crypto/sha256"
	"crypto/subtle"
	"net/url"

	"github.com/perene/perene/channels"
)

// SignatureHeader is the header that carries a webhook's signature.
const SignatureHeader = "X-Hub-Signature-256"

const signaturePrefix = "sha256="

// VerifySignature reports whether one of the secrets made the header's HMAC-
// SHA256 over the raw body. The header must be exactly what Meta writes:
// "sha256=" and 64 lower-case hex digits. Every secret is tried whatever the
// earlier ones gave, and MACs are compared in constant time. An empty secret
// never matches.
func VerifySignature(header string, body []byte, secrets ...channels.Secret) bool {
	want, ok := decodeSignature(header)
	if !ok {
		return false
	}
	match := 0
	for _, secret := range secrets {
		if secret.IsZero() {
			continue
		}
		mac := hmac.New(sha256.New, []byte(secret.Reveal()))
		mac.Write(body)
		var sum [sha256.Size]byte
		if hmac.Equal(mac.Sum(sum[:0]), want[:]) {
			match = 1
		}
	}
	return match == 1
}

// decodeSignature reads the header by hand: encoding/hex accepts upper case.
func decodeSignature(header string) (mac [sha256.Size]byte, ok bool) {
	if len(header) != len(signaturePrefix)+2*sha256.Size || header[:len(signaturePrefix)] != signaturePrefix {
		return mac, false
	}
	digits := header[len(signaturePrefix):]
	for i := range mac {
		hi, ok1 := hexDigit(digits[2*i])
		lo, ok2 := hexDigit(digits[2*i+1])
		if !ok1 || !ok2 {
			return mac, false
		}
		mac[i] = hi<<4 | lo
	}
	return mac, true
}

func hexDigit(c byte) (byte, bool) {
	switch {
	case c >= '0' && c <= '9':
		return c - '0', true
	case c >= 'a' && c <= 'f':
		return c - 'a' + 10, true
	}
	return 0, false
}

// VerifyChallenge answers Meta's check of a webhook address: the challenge goes
// back if the verify token is ours. The challenge is digits only, so that
// nothing else can be echoed.
func VerifyChallenge(query url.Values, token channels.Secret) (challenge string, ok bool) {
	given := []byte(query.Get("hub.verify_token"))
	same := subtle.ConstantTimeCompare(given, []byte(token.Reveal())) == 1
	if !same || token.IsZero() || query.Get("hub.mode") != "subscribe" {
		return "", false
	}
	challenge = query.Get("hub.challenge")
	if len(challenge) == 0 || len(challenge) > 64 {
		return "", false
	}
	for i := range len(challenge) {
		if challenge[i] < '0' || challenge[i] > '9' {
			return "", false
		}
	}
	return challenge, true
}
