package meta_test

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/perene/perene/channels/meta"
)

func TestScrub(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct{ name, in, want string }{
		{"ordinary text stays", `{"a":"ação \u00e7 😀","n":-12.5e3}`, `{"a":"ação \u00e7 😀","n":-12.5e3}`},
		{"NUL goes", `{"a":"x\u0000y"}`, `{"a":"xy"}`},
		{"an escaped backslash before u0000 is text", `{"a":"x\\u0000y"}`, `{"a":"x\\u0000y"}`},
		{"pair of surrogates stays", `"\ud83d\ude00"`, `"\ud83d\ude00"`},
		{"lone high half", `"\ud83dx"`, `"\ufffdx"`},
		{"lone low half", `"x\uDE00"`, `"x\ufffd"`},
		{"high half before another escape", `"\ud83d\n"`, `"\ufffd\n"`},
		{"broken UTF-8", "\"a\xffb\"", "\"a\uFFFDb\""},
		{"huge exponent", `{"n":1e999999}`, `{"n":"1e999999"}`},
		{"small exponent stays", `{"n":1e99}`, `{"n":1e99}`},
		{"endless number", `[` + strings.Repeat("9", 60) + `]`, `["` + strings.Repeat("9", 60) + `"]`},
		{"digits in a string stay", `"` + strings.Repeat("9", 60) + ` 1e999999"`, `"` + strings.Repeat("9", 60) + ` 1e999999"`},
		{"no JSON stays no JSON", `{"a":`, `{"a":`},
	} {
		if got := string(meta.Scrub([]byte(tc.in))); got != tc.want {
			t.Errorf("%s: %s, want %s", tc.name, got, tc.want)
		}
	}
}

// Whatever comes: the result is valid UTF-8; JSON stays JSON, has no NUL, and
// is not changed by a second pass.
func FuzzScrub(f *testing.F) {
	for _, s := range []string{`{"a":"\u0000\ud800\udc00\ud800"}`, "\"\xff\"", `[1e999999,-0.0e-0,123456789012345678901234567890123456789012345678901234567890]`, `"\\\u0000"`, `"\`} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, in []byte) {
		valid := json.Valid(in)
		out := meta.Scrub(bytes.Clone(in))
		if !utf8.Valid(out) {
			t.Fatalf("%q became broken UTF-8: %q", in, out)
		}
		if valid && !json.Valid(out) {
			t.Fatalf("%q was JSON and is no more: %q", in, out)
		}
		if again := meta.Scrub(bytes.Clone(out)); valid && !bytes.Equal(again, out) {
			t.Fatalf("a second pass changes %q to %q", out, again)
		}
		if valid {
			var v any
			decoder := json.NewDecoder(bytes.NewReader(out))
			decoder.UseNumber()
			if err := decoder.Decode(&v); err != nil {
				t.Fatalf("%q cannot be decoded: %v", out, err)
			}
			checkStrings(t, v)
		}
	})
}

func checkStrings(t *testing.T, v any) {
	switch v := v.(type) {
	case string:
		if strings.ContainsRune(v, 0) {
			t.Fatalf("NUL is left in %q", v)
		}
	case []any:
		for _, e := range v {
			checkStrings(t, e)
		}
	case map[string]any:
		for k, e := range v {
			checkStrings(t, k)
			checkStrings(t, e)
		}
	}
}

func TestDepth(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]int{`1`: 0, `[]`: 1, `{"a":[{"b":"[[[["}]}`: 3, `"\"[["`: 0} {
		if got := meta.Depth([]byte(in)); got != want {
			t.Errorf("depth of %s is %d, want %d", in, got, want)
		}
	}
}

func TestLooseTypes(t *testing.T) {
	t.Parallel()
	var v struct {
		S, S2 meta.String
		I, I2 meta.Int
		I3    meta.Int
		T, T2 meta.Time
		T3    meta.Time
		T4    meta.Time
		N, N2 meta.Number
		N3    meta.Number
	}
	const in = `{"S":7,"S2":"x","I":"12","I2":1.9,"I3":"a","T":"1795217000","T2":1795217000123,"T3":"soon","T4":{"a":1},"N":"10.50","N2":2,"N3":"1e5"}`
	if err := json.Unmarshal([]byte(in), &v); err != nil {
		t.Fatal(err)
	}
	at := time.Unix(1795217000, 0).UTC()
	if v.S != "7" || v.S2 != "x" || v.I != 12 || v.I2 != 1 || v.I3 != 0 || !v.T.Equal(at) || !v.T2.Equal(at.Add(123*time.Millisecond)) ||
		!v.T3.IsZero() || !v.T4.IsZero() || v.N.JSON() != "10.50" || v.N2.JSON() != "2" || v.N3.JSON() != "0" {
		t.Errorf("read as %+v", v)
	}
	for _, in := range []string{`{"S":{}}`, `{"S":[1]}`, `{"S":true}`, `{"I":{}}`} {
		if json.Unmarshal([]byte(in), &v) == nil {
			t.Errorf("%s is accepted", in)
		}
	}
	for _, in := range []string{`"-5"`, `99999999999999999999`, `"99999999999999"`, `0`, `null`} {
		var at meta.Time
		if err := json.Unmarshal([]byte(in), &at); err != nil || !at.IsZero() {
			t.Errorf("time %s is read as %s, %v; want the zero time", in, at, err)
		}
	}
}

func TestSafeMasksWhatIsPersonal(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct{ name, in, want string }{
		{"Meta's ordinary text stays", "Message failed to send because more than 24 hours have passed since the customer last replied to this number.",
			"Message failed to send because more than 24 hours have passed since the customer last replied to this number."},
		{"limits stay", "Param text['body'] must be at most 4096 characters long (#100).", "Param text['body'] must be at most 4096 characters long (#100)."},
		{"phone", "Recipient +55 (81) 98800-4422 and 558188004422 fail", "Recipient [number] and [number] fail"},
		{"e-mail", "mail rosa.lima@exemplo.example now", "mail [e-mail] now"},
		{"link", "see https://x.example/?access_token=abc now", "see [link] now"},
		{"token", "token EAAGabcdefghij1234567890abcdefZZZ is bad", "token [token] is bad"},
		{"user id", "user BR.48217730951266 left", "user [user] left"},
		{"words of the message", "body was: Rosa deve", "body was: […]"},
		{"control characters", "a\r\nb\x00c", "a  b c"},
	} {
		if got := meta.Safe(tc.in, "Rosa deve"); got != tc.want {
			t.Errorf("%s: %q, want %q", tc.name, got, tc.want)
		}
	}
	if got := meta.Safe(strings.Repeat("é", 1000)); utf8.RuneCountInString(got) != 301 {
		t.Errorf("a long text keeps %d runes, want 301", utf8.RuneCountInString(got))
	}
}
