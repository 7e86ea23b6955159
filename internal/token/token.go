// Package token makes opaque secrets that are shown once and kept as their SHA-256.
package token

import (
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"io"
	"strings"
)

// Bytes is how much randomness a token carries: 256 bits.
const Bytes = 32

// New makes a token: the prefix and 32 bytes of random, as URL-safe base64.
func New(random io.Reader, prefix string) (string, error) {
	raw := make([]byte, Bytes)
	if _, err := io.ReadFull(random, raw); err != nil {
		return "", fmt.Errorf("make a token: %w", err)
	}
	return prefix + base64.RawURLEncoding.EncodeToString(raw), nil
}

// Shaped tells whether value could be a token that New made with this prefix.
func Shaped(value, prefix string) bool {
	random, ok := strings.CutPrefix(value, prefix)
	if !ok || len(random) != base64.RawURLEncoding.EncodedLen(Bytes) {
		return false
	}
	_, err := base64.RawURLEncoding.DecodeString(random)
	return err == nil && !strings.ContainsAny(random, "\r\n") // which base64 skips
}

// Hash is what is kept of a token.
func Hash(token string) []byte {
	sum := sha256.Sum256([]byte(token))
	return sum[:]
}
