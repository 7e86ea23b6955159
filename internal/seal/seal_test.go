package seal

import (
	"bytes"
	"encoding/base64"
	"strings"
	"testing"
)

func key(t *testing.T, from byte) Key {
	t.Helper()
	raw := make([]byte, MinKeyBytes)
	for i := range raw {
		raw[i] = from + byte(i)
	}
	k, err := ParseKey(base64.StdEncoding.EncodeToString(raw))
	if err != nil {
		t.Fatal(err)
	}
	return k
}

// Start-up refuses a key that is missing, short or no secret, and says how to make one (S23).
func TestWeakKeysAreRefused(t *testing.T) {
	t.Parallel()
	encode := func(b []byte) string { return base64.StdEncoding.EncodeToString(b) }
	for name, c := range map[string]struct{ key, says string }{
		"none":          {"", "is not set"},
		"not base64":    {"a master key that somebody typed", "not base64"},
		"short":         {encode([]byte("0123456789abcdef")), "holds 16 bytes, at least 32"},
		"one character": {encode(bytes.Repeat([]byte{'a'}, 48)), "not random"},
		"a short cycle": {encode(bytes.Repeat([]byte("abcdefg"), 8)), "not random"},
	} {
		_, err := ParseKey(c.key)
		if err == nil || !strings.Contains(err.Error(), c.says) || !strings.Contains(err.Error(), "head -c 32 /dev/urandom | base64") {
			t.Errorf("%s: %v", name, err)
		}
		if err != nil && c.key != "" && strings.Contains(err.Error(), c.key) {
			t.Errorf("%s: the error holds the key", name)
		}
	}
}

// A sealed value opens in its place alone, with its key alone, and undamaged alone (S12).
func TestSealedValuesOpenWhereTheyBelong(t *testing.T) {
	t.Parallel()
	k, place, secret := key(t, 1), "connection/3/access_token", []byte("EAAG-çedilha")
	sealed, err := k.Seal(place, secret)
	if err != nil {
		t.Fatal(err)
	}
	if bytes.Contains(sealed, secret) {
		t.Fatal("the secret can be read")
	}
	if plain, err := k.Open(place, sealed); err != nil || !bytes.Equal(plain, secret) {
		t.Fatalf("opens to %q, %v", plain, err)
	}
	again, err := k.Seal(place, secret)
	if err != nil || bytes.Equal(again, sealed) {
		t.Errorf("the same secret seals to the same bytes twice, %v", err)
	}
	for _, elsewhere := range []string{"connection/4/access_token", "connection/3/app_secret", ""} {
		if plain, err := k.Open(elsewhere, sealed); err == nil {
			t.Errorf("moved to %q it opens to %q", elsewhere, plain)
		}
	}
	if _, err := key(t, 2).Open(place, sealed); err == nil || !strings.Contains(err.Error(), "another master key") {
		t.Errorf("with another key: %v", err)
	}
	for i := range sealed {
		damaged := bytes.Clone(sealed)
		damaged[i] ^= 1
		if plain, err := k.Open(place, damaged); err == nil {
			t.Errorf("with byte %d changed it opens to %q", i, plain)
		}
	}
	for n := 1; n < len(sealed); n++ {
		if plain, err := k.Open(place, sealed[:n]); err == nil {
			t.Errorf("cut to %d bytes it opens to %q", n, plain)
		}
	}
}

func TestNothingSealsToNothingAndNoKeySealsNothing(t *testing.T) {
	t.Parallel()
	k := key(t, 1)
	if sealed, err := k.Seal("p", nil); sealed != nil || err != nil {
		t.Errorf("nothing seals to %v, %v", sealed, err)
	}
	if plain, err := k.Open("p", nil); plain != nil || err != nil {
		t.Errorf("nothing opens to %v, %v", plain, err)
	}
	if _, err := (Key{}).Seal("p", []byte("x")); err == nil {
		t.Error("no key seals")
	}
}

// With two keys one seals and both open, so that a key can take the place of another while everything runs (S12).
func TestTheNewKeyOpensWhatTheOneBeforeSealed(t *testing.T) {
	t.Parallel()
	before, now := key(t, 1), key(t, 2)
	both := now.With(before)
	old, err := before.Seal("p", []byte("word"))
	if err != nil {
		t.Fatal(err)
	}
	if plain, err := both.Open("p", old); err != nil || string(plain) != "word" || both.Sealed(old) {
		t.Errorf("what the key before sealed opens to %q, %v, and is said to be under the new key: %v", plain, err, both.Sealed(old))
	}
	if _, err := both.Open("q", old); err == nil {
		t.Error("it opens in another place")
	}
	sealed, err := both.Seal("p", []byte("word"))
	if err != nil || !both.Sealed(sealed) {
		t.Fatalf("both keys seal with another than the new one: %v", err)
	}
	if plain, err := now.Open("p", sealed); err != nil || string(plain) != "word" {
		t.Errorf("the new key opens %q, %v", plain, err)
	}
	for name, k := range map[string]Key{"the key before": before, "a third key": key(t, 3).With(before)} {
		if _, err := k.Open("p", sealed); err == nil {
			t.Errorf("%s opens what the new one sealed", name)
		}
	}
}
