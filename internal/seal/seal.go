// Package seal encrypts secrets at rest: AES-256-GCM under a data key derived from the master key for each row and field,
// so that a ciphertext moved to another row or field does not open.
package seal

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"strings"
)

// MinKeyBytes is the least length of a master key: AES-256 wants 32 bytes (S12).
const MinKeyBytes = 32

// format is the first byte of every ciphertext; it names the scheme.
const format = 1

// Key is a master key, and a second one that it opens with while the one takes the other's place. The zero Key seals nothing.
type Key struct {
	id    [4]byte
	raw   []byte
	other *Key
}

// ParseKey reads a base64 master key of at least 32 bytes, as PERENE_MASTER_KEY has it. The error says how to make one.
func ParseKey(s string) (Key, error) { return ParseKeyOf("PERENE_MASTER_KEY", s) }

// ParseKeyOf is ParseKey for the setting with a name.
func ParseKeyOf(setting, s string) (Key, error) {
	const how = "make one with: head -c 32 /dev/urandom | base64"
	s = strings.TrimSpace(s)
	if s == "" {
		return Key{}, errors.New(setting + " is not set; " + how)
	}
	raw, err := base64.StdEncoding.DecodeString(s)
	if err != nil {
		return Key{}, errors.New(setting + " is not base64; " + how)
	}
	if len(raw) < MinKeyBytes {
		return Key{}, fmt.Errorf("%s holds %d bytes, at least %d are needed; %s", setting, len(raw), MinKeyBytes, how)
	}
	distinct := map[byte]bool{}
	for _, b := range raw {
		distinct[b] = true
	}
	if len(distinct) < 8 {
		return Key{}, errors.New(setting + " is not random; " + how)
	}
	sum := sha256.Sum256(append([]byte("perene key id"), raw...))
	k := Key{raw: raw}
	copy(k.id[:], sum[:])
	return k, nil
}

// With is the key that seals as k does, and opens what k or the other one sealed.
func (k Key) With(other Key) Key {
	other.other = nil
	k.other = &other
	return k
}

// Sealed tells whether k itself sealed a value, and not the other key or a third one. Nothing counts as sealed by k.
func (k Key) Sealed(value []byte) bool {
	head := 1 + len(k.id)
	return len(value) == 0 || len(value) >= head && value[0] == format && [4]byte(value[1:head]) == k.id
}

// Seal encrypts plaintext for a place, e.g. "connection/3/access_token". An empty plaintext seals to nil.
func (k Key) Seal(place string, plaintext []byte) ([]byte, error) {
	if len(plaintext) == 0 {
		return nil, nil
	}
	aead, err := k.aead(place)
	if err != nil {
		return nil, err
	}
	nonce := make([]byte, aead.NonceSize())
	if _, err := rand.Read(nonce); err != nil {
		return nil, fmt.Errorf("read a nonce: %w", err)
	}
	out := append([]byte{format}, k.id[:]...)
	out = append(out, nonce...)
	return aead.Seal(out, nonce, plaintext, []byte(place)), nil
}

// Open decrypts what Seal of this key or of the one it goes with made for the same place. nil opens to nil.
func (k Key) Open(place string, sealed []byte) ([]byte, error) {
	if len(sealed) == 0 {
		return nil, nil
	}
	if k.other != nil && k.other.Sealed(sealed) {
		return k.other.Open(place, sealed)
	}
	aead, err := k.aead(place)
	if err != nil {
		return nil, err
	}
	head := 1 + len(k.id)
	if len(sealed) < head+aead.NonceSize() || sealed[0] != format {
		return nil, errors.New("open a secret: not a sealed value")
	}
	if [4]byte(sealed[1:head]) != k.id {
		return nil, errors.New("open a secret: sealed with another master key")
	}
	nonce, body := sealed[head:head+aead.NonceSize()], sealed[head+aead.NonceSize():]
	plain, err := aead.Open(nil, nonce, body, []byte(place))
	if err != nil {
		return nil, errors.New("open a secret: damaged, or moved from another place")
	}
	return plain, nil
}

func (k Key) aead(place string) (cipher.AEAD, error) {
	if len(k.raw) == 0 {
		return nil, errors.New("no master key")
	}
	dek, err := hkdf.Key(sha256.New, k.raw, nil, "perene/seal/"+place, 32)
	if err != nil {
		return nil, fmt.Errorf("derive a key: %w", err)
	}
	block, err := aes.NewCipher(dek)
	if err != nil {
		return nil, fmt.Errorf("make a cipher: %w", err)
	}
	return cipher.NewGCM(block)
}
