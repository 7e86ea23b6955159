// Package token makes opaque secrets that are shown once and kept as their SHA-256.
package token

import (
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"io"
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

// Hash is what is kept of a token.
func Hash(token string) []byte {
	sum := sha256.Sum256([]byte(token))
	return sum[:]
}
